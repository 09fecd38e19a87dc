"""What a Label Studio result says, read apart from the converter, against what came of it.

The invariant of a Conversion:
- annotations is None exactly where there are problems;
- every annotation stands, trimmed, on the surface that came along with one of its regions;
- every (region, label) of the result is an entity or event, or a repair names its region;
- a span is the one that came, or a repair names its region;
- every answer is the attribute of its event, or a repair names its region; others are defaults;
- every role of a relation is an argument between the very things it names;
- every item of a kind that has no place in the ontology is a repair.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from curation.labelstudio.payload import Conversion
from curation.model import Entity, Event
from curation.ontology import Ontology

__all__ = ["unaccounted"]

_KNOWN = ("labels", "hypertextlabels", "choices", "relation")
_MOVED = {"utf-16 offsets", "relocated", "trimmed"}
_GONE = {"merged duplicate", "overlap"}


def unaccounted(result: Any, text: str, made: Conversion, ontology: Ontology) -> list[str]:
    """What is different in silence; nothing where the invariant holds."""
    if made.annotations is None:
        return [] if made.problems else ["no annotations and no problem"]
    if made.problems:
        return ["annotations and problems"]
    if not isinstance(result, list):
        return ["annotations of no result"]
    return list(_Account(result, text, made, ontology).differences())


class _Account:
    def __init__(self, result: list[Any], text: str, made: Conversion, ontology: Ontology) -> None:
        assert made.annotations is not None
        self.items = [item for item in result if isinstance(item, Mapping)]
        self.text = text
        self.ontology = ontology
        self.said = made.annotations
        self.repairs = {(repair.kind, repair.region) for repair in made.repairs}
        self.counts = [repair.kind for repair in made.repairs]

    def differences(self) -> Iterator[str]:
        yield from self.said.problems(self.text)
        for item in (*self.said.entities, *self.said.events):
            if not any(self.stands(item, region) for region in self.regions()):
                yield f"{item.id} stands on no surface that came"
        for region in self.regions():
            yield from self.labels(region)
        yield from self.answers()
        yield from self.relations()
        strangers = sum(item.get("type") not in _KNOWN for item in self.items)
        if strangers != self.counts.count("ignored"):
            yield f"{strangers} items of no known type, {self.counts.count('ignored')} told"

    def regions(self) -> Iterator[Mapping[str, Any]]:
        return (i for i in self.items if i.get("type") in ("labels", "hypertextlabels"))

    def told(self, kinds: set[str], region: str) -> bool:
        names = {region, unquote(region), f"{unquote(region)}-event"}
        return any((kind, name) in self.repairs for kind in kinds for name in names)

    def stands(self, item: Entity | Event, region: Mapping[str, Any]) -> bool:
        surface = region["value"].get("text")
        if not isinstance(surface, str):
            return True
        unescaped = surface.replace("\\n", "\n")
        forms = {surface, unescaped, unescaped.replace("\r\n", "\n")}
        return self.text[item.start : item.end] in {form.strip() for form in forms}

    def labels(self, region: Mapping[str, Any]) -> Iterator[str]:
        value, name = region["value"], str(region.get("id"))
        labels = value.get("labels") or value.get("hypertextlabels") or []
        if isinstance(labels, str):
            labels = [labels]
        for label in labels:
            alike = [i for i in self.named(label) if self.stands(i, region)]
            exact = [i for i in alike if (i.start, i.end) == (value["start"], value["end"])]
            if not exact and not (alike and self.told(_MOVED, name)) and not self.told(_GONE, name):
                yield f"{name}: {label} is lost or moved in silence"

    def named(self, label: Any) -> Iterator[Entity | Event]:
        yield from (e for e in self.said.entities if e.label == label)
        yield from (e for e in self.said.events if e.type == label)

    def answers(self) -> Iterator[str]:
        given: dict[str, dict[str, Any]] = {}
        for item in self.items:
            if item.get("type") == "choices" and (found := item["value"].get("choices")):
                answer = found if isinstance(found, str) else found[0]
                given.setdefault(item["id"], {})[str(item.get("from_name"))] = answer
        events = {event.id: event for event in self.said.events}
        defaults = {a.name: a.default for a in self.ontology.attributes}
        for region, answers in given.items():
            event = events.get(f"{unquote(region)}-event") or events.get(unquote(region))
            told = self.told({"attributes on an entity", *_GONE}, region)
            if event is None and not told:
                yield f"{region}: answers are lost"
            elif event is not None and dict(event.attributes) != defaults | answers:
                yield f"{region}: {dict(event.attributes)} instead of {answers}"

    def relations(self) -> Iterator[str]:
        stated = [
            (relation, role)
            for relation in self.items
            if relation.get("type") == "relation"
            for role in self.roles(relation)
        ]
        arguments = sum(len(event.arguments) for event in self.said.events)
        merged = self.counts.count("merged duplicate")
        if not arguments <= len(stated) <= arguments + merged:
            yield f"{len(stated)} roles, {arguments} arguments and {merged} merged"
        for relation, role in stated:
            ends = {unquote(str(relation.get("from_id"))), unquote(str(relation.get("to_id")))}
            if not any(self.joins(ends, role, event) for event in self.said.events):
                gone = any(self.told(_GONE, end) for end in ends)
                if not gone:
                    yield f"{role} between {ends} is lost"

    def roles(self, relation: Mapping[str, Any]) -> list[Any]:
        labels = relation.get("labels")
        return [labels] if isinstance(labels, str) else list(labels or [])

    def joins(self, ends: set[str], role: str, event: Event) -> bool:
        fillers = {a.target for a in event.arguments if a.role == role}
        return event.id.removesuffix("-event") in ends and bool(fillers & ends)
