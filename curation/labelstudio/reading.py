"""A Label Studio result -> AnnotationSet: repaired where there is one way, refused where not.

Four steps, each a class or function below: sort the items of the result into regions, answers and
relations; put each region where its surface stands; make entities and events, merging what says
the same twice; hang arguments on events.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from curation.corrections import PROPOSED
from curation.labelstudio.merging import merge_entities, merge_events
from curation.labelstudio.migrating import migrated
from curation.labelstudio.offsets import Place, settle
from curation.labelstudio.payload import Conversion, Payload, Repair, item_id
from curation.model import AnnotationSet, AnnotatorKind, Argument, Entity, Event, TextSpan
from curation.ontology import Ontology
from curation.spans import Span

__all__ = ["result_to_annotations"]


@dataclass
class _Findings:
    """What has been repaired and what could not be decided so far."""

    repairs: list[Repair] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def repair(self, kind: str, region: str, detail: str) -> None:
        self.repairs.append(Repair(kind, _whole(region), _whole(detail)))

    def problem(self, region: str, what: str) -> None:
        self.problems.append(_whole(f"region {region}: {what}"))


@dataclass(slots=True)
class _Region:
    """All the items of a result that share one id."""

    place: Place
    labels: list[str] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    provenance: dict[str, Any] = field(default_factory=dict)


def result_to_annotations(
    result: Sequence[Payload] | None,
    *,
    uid: str,
    annotator: str,
    text: str,
    ontology: Ontology,
    provenance: Mapping[str, Any],
    kind: AnnotatorKind = "person",
) -> Conversion:
    """What `annotator` says about the document `uid` in `result`.

    Names of earlier versions of the ontology are read as its `migrations` say. An event without an
    answer for an attribute gets the ontology's default. An empty result is
    an AnnotationSet with empty lists: seen, and nothing found.
    """
    findings = _Findings()
    if not isinstance(result, list | tuple):
        return Conversion(None, (), ("the result is no list",))
    if ontology.migrations:
        result = migrated(result, ontology.migrations, findings.repair)
    regions, relations = _gather(result, findings)
    spans, moved, lost = settle([r.place for r in regions.values()], text)
    findings.repairs += moved
    findings.problems += lost
    entities, events = _items(regions, spans, ontology, findings)
    events = _with_arguments(relations, entities, events, ontology, findings)
    entity_list, moved_ids = merge_entities(
        list(entities.values()), ontology.nested_entities, findings.repair, findings.problem
    )
    event_list = merge_events(list(events.values()), moved_ids, findings.repair, findings.problem)
    repairs, problems = tuple(findings.repairs), tuple(findings.problems)
    if problems:
        return Conversion(None, repairs, problems)
    annotations = AnnotationSet(
        uid=uid,
        annotator=annotator,
        kind=kind,
        entities=tuple(entity_list),
        events=tuple(event_list),
        provenance=dict(provenance),
    )
    return Conversion(_with_sources(annotations), repairs)


def _with_sources(annotations: AnnotationSet) -> AnnotationSet:
    """With the ids of the suggestions that its items were, by the ids that they get when sorted.

    Label Studio keeps a region's id when a person takes over a suggestion.
    """
    names = annotations.canonical_ids()
    sources = {
        names[item.id]: item.id
        for item in annotations.items
        if item.origin in ("prediction", "prediction-changed")
    }
    provenance = dict(annotations.provenance) | ({PROPOSED: sources} if sources else {})
    return annotations.model_copy(update={"provenance": provenance})


def _gather(
    result: Sequence[Payload], findings: _Findings
) -> tuple[dict[str, _Region], list[Payload]]:
    regions: dict[str, _Region] = {}
    relations: list[Payload] = []
    for number, item in enumerate(result, 1):
        kind = item.get("type") if isinstance(item, dict) else None
        if not isinstance(item, dict):
            findings.problems.append(f"item {number} of the result is no object")
        elif kind == "relation":
            relations.append(item)
        elif kind in ("labels", "hypertextlabels", "choices"):
            _add(regions, item, number, findings)
        else:
            name = str(item.get("id") or f"number {number}")
            what = f"{str(item.get('type'))[:60]!r} has no place in the ontology"
            findings.repair("ignored", name, what)
    counts = Counter(map(item_id, regions))
    for name, count in counts.items():
        if count > 1:
            findings.problem(name, f"{count} regions have this id")
    return {name: r for name, r in regions.items() if counts[item_id(name)] == 1}, relations


def _add(
    regions: dict[str, _Region], item: Mapping[str, Any], number: int, findings: _Findings
) -> None:
    place = _place(item)
    if place is None:
        findings.problem(str(item.get("id") or f"number {number}"), "no id, or no whole offsets")
        return
    region = regions.get(place.region)
    if region is None:
        region = regions[place.region] = _Region(place)
    elif region.place != place:
        if region.place.span != place.span:
            findings.problem(place.region, f"stands at {region.place.span} and at {place.span}")
        if region.place.surface != place.surface:
            findings.problem(place.region, "comes with more than one surface")
    value = item["value"]
    if item["type"] == "choices":
        name, answers = str(item.get("from_name")), value.get("choices")
        _add_answer(region, name, _names(answers, place.region, findings), findings)
        return
    labels = _names(value.get("labels") or value.get("hypertextlabels"), place.region, findings)
    region.labels += [label for label in labels if label not in region.labels]
    region.provenance.update(_provenance(item))


def _names(found: Any, region: str, findings: _Findings) -> list[str]:
    """Labels, answers or roles, each once; one alone may come without a list."""
    if found is None:
        return []
    if isinstance(found, str):
        found = [found]
    if not isinstance(found, list) or not all(map(_is_text, found)):
        findings.problem(region, f"has {str(found)[:60]!r} where names are expected")
        return []
    return list(dict.fromkeys(found)) if len(found) > 1 else found


def _is_text(name: Any) -> bool:
    return isinstance(name, str)


def _whole(text: str) -> str:
    """Without halves of characters, which no file and no database takes."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def _place(item: Mapping[str, Any]) -> Place | None:
    value, region = item.get("value"), item.get("id")
    if not isinstance(value, dict) or not isinstance(region, str) or not region:
        return None
    if region != _whole(region):
        return None
    start, end, surface = value.get("start"), value.get("end"), value.get("text")
    if type(start) is not int or type(end) is not int:
        return None
    return Place(region, start, end, surface if isinstance(surface, str) else None)


def _add_answer(region: _Region, name: str, answers: list[str], findings: _Findings) -> None:
    if len(answers) > 1 or (answers and region.answers.get(name, answers[0]) != answers[0]):
        findings.problem(region.place.region, f"more than one answer for {name}")
    elif answers:
        region.answers[name] = answers[0]


def _provenance(item: Mapping[str, Any]) -> dict[str, Any]:
    score, meta, origin = item.get("score"), item.get("meta"), item.get("origin")
    component = meta.get("component") if isinstance(meta, dict) else None
    sound = isinstance(score, int | float) and not isinstance(score, bool) and 0 <= score <= 1
    return {
        "score": float(score) if sound and score is not None else None,
        "component": _whole(component) if isinstance(component, str) else None,
        "origin": _whole(origin) if isinstance(origin, str) else None,
    }


def _items(
    regions: Mapping[str, _Region],
    spans: Mapping[str, Span],
    ontology: Ontology,
    findings: _Findings,
) -> tuple[dict[str, Entity], dict[str, Event]]:
    entities: dict[str, Entity] = {}
    events: dict[str, Event] = {}
    labels = (ontology.entity_names, ontology.event_names)
    for name, region in regions.items():
        label, event_type = _reading(region, labels, ontology, findings)
        span = spans.get(name)
        if span is None:
            continue
        if label:
            entities[name] = Entity(
                id=item_id(name), start=span.start, end=span.end, label=label, **region.provenance
            )
        if event_type:
            own_id = item_id(name) if not label else _free_id(item_id(name), regions)
            events[name] = _event(region, own_id, event_type, span, ontology, findings)
    return entities, events


def _reading(
    region: _Region,
    known: tuple[frozenset[str], frozenset[str]],
    ontology: Ontology,
    findings: _Findings,
) -> tuple[str | None, str | None]:
    """The entity label and the event type of a region; the names of the two never coincide.

    `known` are the names of the ontology's entity labels, and of its event types.
    """
    name, labels = region.place.region, region.labels
    entity_labels = [label for label in labels if label in known[0]]
    event_types = [label for label in labels if label in known[1]]
    unknown = [label for label in labels if label not in entity_labels + event_types]
    for label in unknown:
        findings.problem(name, f"label {label[:60]!r} is not in ontology {ontology.name}")
    if not labels:
        findings.problem(name, "has no label")
    if len(entity_labels) > 1 or len(event_types) > 1:
        findings.problem(name, f"has several labels: {', '.join(labels)}")
    if entity_labels and event_types:
        findings.repair("split", name, f"both {entity_labels[0]} and {event_types[0]}")
    if entity_labels and not event_types and region.answers:
        answers = ", ".join(f"{k}={v}" for k, v in sorted(region.answers.items()))
        findings.repair("attributes on an entity", name, f"left out {answers}")
    return next(iter(entity_labels), None), next(iter(event_types), None)


def _free_id(base: str, regions: Mapping[str, _Region]) -> str:
    taken = {item_id(name) for name in regions}
    candidate = f"{base}-event"
    while candidate in taken:
        candidate += "-event"
    return candidate


def _event(
    region: _Region,
    own_id: str,
    event_type: str,
    span: Span,
    ontology: Ontology,
    findings: _Findings,
) -> Event:
    known = {a.name: a for a in ontology.attributes}
    for name, value in region.answers.items():
        if name not in known:
            findings.problem(
                region.place.region, f"attribute {name!r} is not in ontology {ontology.name}"
            )
        elif value not in known[name].values:
            findings.problem(
                region.place.region,
                f"{name} {value[:60]!r} is none of {', '.join(known[name].values)}",
            )
    answers = {name: region.answers.get(name, a.default) for name, a in known.items()}
    trigger = TextSpan(start=span.start, end=span.end)
    return Event(
        id=own_id, type=event_type, trigger=trigger, attributes=answers, **region.provenance
    )


def _with_arguments(
    relations: Iterable[Payload],
    entities: Mapping[str, Entity],
    events: Mapping[str, Event],
    ontology: Ontology,
    findings: _Findings,
) -> dict[str, Event]:
    found: dict[str, list[Argument]] = {name: [] for name in events}
    known = {role.name for role in ontology.roles}
    for relation in relations:
        ends = _ends(relation, entities, events, findings)
        if ends is None:
            continue
        event, target = ends
        for role in _roles(relation, event, known, ontology, findings):
            found[event].append(
                Argument(role=role, target=entities[target].id, **_provenance(relation))
            )
    return {
        name: event.model_copy(update={"arguments": tuple(found[name])}) if found[name] else event
        for name, event in events.items()
    }


def _ends(
    relation: Payload,
    entities: Mapping[str, Entity],
    events: Mapping[str, Event],
    findings: _Findings,
) -> tuple[str, str] | None:
    source, target = str(relation.get("from_id")), str(relation.get("to_id"))
    missing = [name for name in (source, target) if name not in entities and name not in events]
    if missing:
        findings.problem(missing[0], "a relation names it, but it is not there")
        return None
    if source in events and target in entities:
        if relation.get("direction") in (None, "right"):
            return source, target
        findings.repair("turned relation", source, "an arrow from an entity to its event")
        return source, target
    if source in entities and target in events:
        # With direction "left" the arrow already points from the event to the entity.
        if relation.get("direction") != "left":
            findings.repair("turned relation", target, "an arrow from an entity to its event")
        return target, source
    layer = "entities" if source in entities else "events"
    findings.problem(source, f"a relation joins two {layer}, it and {target}")
    return None


def _roles(
    relation: Payload, event: str, known: set[str], ontology: Ontology, findings: _Findings
) -> list[str]:
    labels = _names(relation.get("labels"), event, findings)
    if not labels:
        findings.problem(event, f"a relation to {relation.get('to_id')} has no role")
    for label in labels:
        if label not in known:
            findings.problem(event, f"role {label[:60]!r} is not in ontology {ontology.name}")
    return [label for label in labels if label in known]
