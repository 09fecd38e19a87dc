"""From several AnnotationSets of one Document to gold, with a reason for every decision.

Items of all annotators are aligned into positions, one item an annotator at most; at each
position the rules are tried in order. A rule answers Agreed or nothing; what no rule agrees on
is Disputed, ties included, and is never in gold.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeVar

from curation.errors import UsageError
from curation.model import AnnotationSet, Argument, Entity, Event, TextSpan
from curation.spans import overlap

__all__ = [
    "LAYERS",
    "Agreed",
    "Decision",
    "Disputed",
    "Position",
    "Result",
    "adjudicate",
    "align",
    "check_rules",
    "decide",
]

LAYERS = ("entities", "events", "arguments", "attributes")
Status = Literal["agreed", "rejected", "disputed"]
Value = Hashable
Votes = Mapping[str, Value]
"""Annotator -> what they say at a position; None: they saw the Document and say nothing here."""


@dataclass(frozen=True, slots=True)
class Agreed:
    """A value that `rule` decided on; None means: nothing belongs here."""

    value: Value
    rule: str


@dataclass(frozen=True, slots=True)
class Disputed:
    """No rule decided."""

    candidates: tuple[Value, ...]


def _unanimous(votes: Votes, _name: str) -> Agreed | None:
    values = set(votes.values())
    return Agreed(values.pop(), "unanimous") if len(values) == 1 else None


def _majority(votes: Votes, _name: str) -> Agreed | None:
    for value in set(votes.values()):
        if 2 * sum(v == value for v in votes.values()) > len(votes):
            return Agreed(value, "majority")
    return None


def _prefer(votes: Votes, name: str) -> Agreed | None:
    return Agreed(votes[name], f"prefer:{name}") if name in votes else None


RULES: Mapping[str, Callable[[Votes, str], Agreed | None]] = {
    "unanimous": _unanimous,
    "majority": _majority,
    "prefer": _prefer,
}


def check_rules(rules: Iterable[str]) -> None:
    """Raise UsageError for a rule that does not exist."""
    for rule in rules:
        kind, _, name = rule.partition(":")
        if kind not in RULES or (kind == "prefer") != bool(name):
            known = "unanimous, majority, prefer:NAME"
            raise UsageError(f"adjudication: no rule {rule!r}; the rules are {known}")


def decide(votes: Votes, rules: Sequence[str]) -> Agreed | Disputed:
    """What the first rule that can decide says about these votes."""
    for rule in ("unanimous", *rules):
        kind, _, name = rule.partition(":")
        agreed = RULES[kind](votes, name)
        if agreed is not None:
            return agreed
    return Disputed(tuple(sorted(set(votes.values()), key=repr)))


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided about one position of one layer, by which rule, and who said what.

    `item_id` is the gold item it is about: "T3", "E1", for an argument "E1:Actor:T3", for an
    attribute "E1:tense". It is None where gold has no such item; `votes` say what it was.
    """

    layer: str
    status: Status
    item_id: str | None
    rule: str
    votes: tuple[tuple[str, str | None], ...]

    def to_json(self) -> dict[str, Any]:
        """Voters for and against the outcome, and every candidate with its voters."""
        candidates: dict[str, list[str]] = {}
        for annotator, value in self.votes:
            candidates.setdefault("nothing" if value is None else value, []).append(annotator)
        return {"candidates": candidates}


T = TypeVar("T", Entity, Event)
Position = Mapping[str, T]
"""Annotator -> their item at one place of the text; who is absent marked nothing there."""


def align(items: Mapping[str, Sequence[T]]) -> list[dict[str, T]]:
    """Positions: items of different annotators that overlap, best overlap first, one to one.

    The order of annotators plays no part. Positions come in text order.
    """
    flat = [(name, item) for name in sorted(items) for item in items[name]]
    flat.sort(key=lambda pair: (pair[1].start, pair[1].end, pair[1].key[2], pair[0], pair[1].id))
    home = list(range(len(flat)))
    members = [{index} for index in range(len(flat))]
    for _, i, j in sorted(_candidate_pairs(flat)):
        a, b = home[i], home[j]
        if a == b or _share_annotator(flat, members[a], members[b]):
            continue
        members[a] |= members[b]
        for index in members[b]:
            home[index] = a
    positions = [{flat[i][0]: flat[i][1] for i in members[a]} for a in sorted(set(home))]
    return sorted(positions, key=lambda p: min(item.key for item in p.values()))


def _candidate_pairs(flat: Sequence[tuple[str, T]]) -> Iterable[tuple[tuple[Any, ...], int, int]]:
    for i, (name, item) in enumerate(flat):
        for j in range(i + 1, len(flat)):
            other_name, other = flat[j]
            if other.start >= item.end:
                break
            if other_name != name:
                yield _distance(item, other), i, j


def _distance(a: Entity | Event, b: Entity | Event) -> tuple[float, bool, int, int]:
    common = overlap(a, b)
    union = (a.end - a.start) + (b.end - b.start) - common
    return (-common / union, a.key[2] != b.key[2], min(a.start, b.start), max(a.end, b.end))


def _share_annotator(flat: Sequence[tuple[str, T]], a: set[int], b: set[int]) -> bool:
    return not {flat[i][0] for i in a}.isdisjoint(flat[i][0] for i in b)


@dataclass(frozen=True, slots=True)
class Result:
    """Gold for one Document, all decisions behind it, and how many are open."""

    gold: AnnotationSet
    decisions: tuple[Decision, ...]

    @property
    def disputed(self) -> int:
        """Positions that no rule decided."""
        return sum(d.status == "disputed" for d in self.decisions)


def adjudicate(
    sets: Sequence[AnnotationSet], rules: Mapping[str, Sequence[str]], *, name: str = "gold"
) -> Result:
    """Gold from the sets of all annotators who saw one Document.

    `rules` gives the rules of each of `LAYERS`. Arguments and attributes are decided among those
    who marked the event; they fall with it.
    """
    by_name = {s.annotator: s for s in sorted(sets, key=lambda s: s.annotator)}
    uids = {s.uid for s in sets}
    if len(uids) != 1 or len(by_name) != len(sets):
        raise ValueError("one set of each annotator, all of one Document")
    entities, places, entity_decisions = _decide_entities(by_name, rules["entities"])
    events, event_decisions = _decide_events(by_name, rules, entities, places)
    gold = AnnotationSet(
        uid=uids.pop(),
        annotator=name,
        kind="gold",
        entities=tuple(entities.values()),
        events=tuple(events),
        provenance={"annotators": sorted(by_name)},
    )
    names = gold.canonical_ids()
    decisions = (_about_gold(d, names) for d in (*entity_decisions, *event_decisions))
    return Result(gold.sorted(), tuple(decisions))


def _about_gold(decision: Decision, names: Mapping[str, str]) -> Decision:
    """The decision with the ids that gold has in the end, or none where gold lacks the item."""
    first, *rest = (decision.item_id or "").split(":")
    kept = first in names and (decision.layer == "attributes" or decision.status == "agreed")
    final = ":".join(names.get(part, part) for part in (first, *rest)) if kept else None
    return replace(decision, item_id=final)


@dataclass(frozen=True, slots=True)
class _Places:
    """Where annotators' entities were aligned to, and which of these places were decided empty.

    `of` leads from (annotator, their entity id) to a place, `spans` from a place to its words.
    """

    of: Mapping[tuple[str, str], str]
    spans: Mapping[str, str]
    empty: frozenset[str]


def _decide_entities(
    sets: Mapping[str, AnnotationSet], rules: Sequence[str]
) -> tuple[dict[str, Entity], _Places, list[Decision]]:
    gold: dict[str, Entity] = {}
    decisions: list[Decision] = []
    of: dict[tuple[str, str], str] = {}
    spans: dict[str, str] = {}
    for number, position in enumerate(align({n: s.entities for n, s in sets.items()}), 1):
        place = f"T{number}"
        of |= {(name, entity.id): place for name, entity in position.items()}
        spans[place] = _span(min(entity.key for entity in position.values()))
        votes = {name: position[name].key if name in position else None for name in sets}
        outcome = decide(votes, rules)
        if isinstance(outcome, Agreed) and outcome.value is not None:
            start, end, label = _key(outcome.value)
            entity = Entity(id=place, start=start, end=end, label=label)
            if any(overlap(entity, other) for other in gold.values()):
                outcome = Disputed((outcome.value,))
            else:
                gold[place] = entity
                spans[place] = _span(entity.key)
        decisions.append(_decision("entities", outcome, place, votes))
    empty = frozenset(d.item_id for d in decisions if d.status == "rejected" and d.item_id)
    return gold, _Places(of, spans, empty), decisions


def _decide_events(
    sets: Mapping[str, AnnotationSet],
    rules: Mapping[str, Sequence[str]],
    entities: Mapping[str, Entity],
    places: _Places,
) -> tuple[list[Event], list[Decision]]:
    events: list[Event] = []
    decisions: list[Decision] = []
    for number, position in enumerate(align({n: s.events for n, s in sets.items()}), 1):
        place = f"E{number}"
        votes = {name: position[name].key if name in position else None for name in sets}
        outcome = decide(votes, rules["events"])
        decisions.append(_decision("events", outcome, place, votes))
        if not isinstance(outcome, Agreed) or outcome.value is None:
            continue
        start, end, event_type = _key(outcome.value)
        arguments, argument_decisions = _decide_arguments(
            place, position, rules["arguments"], entities, places
        )
        attributes, attribute_decisions = _decide_attributes(place, position, rules["attributes"])
        decisions += [*argument_decisions, *attribute_decisions]
        events.append(
            Event(
                id=place,
                type=event_type,
                trigger=TextSpan(start=start, end=end),
                arguments=arguments,
                attributes=attributes,
            )
        )
    return events, decisions


def _decide_arguments(
    place: str,
    position: Mapping[str, Event],
    rules: Sequence[str],
    entities: Mapping[str, Entity],
    places: _Places,
) -> tuple[tuple[Argument, ...], list[Decision]]:
    said = {
        name: {(a.role, places.of[name, a.target]) for a in event.arguments}
        for name, event in position.items()
    }
    arguments: list[Argument] = []
    decisions: list[Decision] = []
    for role, target in sorted(set().union(*said.values())):
        value = f"{role} {places.spans[target]}"
        votes = {name: value if (role, target) in pairs else None for name, pairs in said.items()}
        outcome = decide(votes, rules)
        if isinstance(outcome, Agreed) and outcome.value is not None:
            if target in entities:
                arguments.append(Argument(role=role, target=target))
            elif target in places.empty:
                outcome = Agreed(None, "no entity")
            else:
                outcome = Disputed((value,))
        decisions.append(_decision("arguments", outcome, f"{place}:{role}:{target}", votes))
    return tuple(arguments), decisions


def _decide_attributes(
    place: str, position: Mapping[str, Event], rules: Sequence[str]
) -> tuple[dict[str, str], list[Decision]]:
    values: dict[str, str] = {}
    decisions: list[Decision] = []
    for name in sorted({a for event in position.values() for a in event.attributes}):
        votes = {who: event.attributes.get(name) for who, event in position.items()}
        outcome = decide(votes, rules)
        if isinstance(outcome, Agreed) and outcome.value is not None:
            values[name] = str(outcome.value)
        decisions.append(_decision("attributes", outcome, f"{place}:{name}", votes))
    return values, decisions


def _decision(layer: str, outcome: Agreed | Disputed, item: str, votes: Votes) -> Decision:
    said = tuple(sorted((name, None if v is None else _words(v)) for name, v in votes.items()))
    if isinstance(outcome, Disputed):
        return Decision(layer, "disputed", item, "", said)
    status: Status = "rejected" if outcome.value is None else "agreed"
    return Decision(layer, status, item, outcome.rule, said)


def _words(value: Value) -> str:
    if isinstance(value, tuple):
        return f"{value[2]} {_span(value)}"
    return str(value)


def _span(key: tuple[Any, ...]) -> str:
    return f"[{key[0]}, {key[1]})"


def _key(value: Value) -> tuple[int, int, str]:
    if not isinstance(value, tuple):
        raise TypeError(f"not a span key: {value!r}")
    return value
