"""Where annotators' items stand for the same thing: positions, and what each says there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from curation.adjudication.rules import Value, Votes
from curation.model import AnnotationSet, Entity, Event

__all__ = ["LAYERS", "Ballot", "Ballots", "EventBallots", "align", "ballots_of"]

LAYERS = ("entities", "events", "arguments", "attributes")


@dataclass(frozen=True, slots=True)
class Ballot:
    """What annotators say at one position of one layer.

    `place` is "T3", "E1", for an argument "E1:Actor:T3", for an attribute "E1:tense". Values are
    (start, end, label) or (start, end, type); the role; the attribute's value.
    """

    layer: str
    place: str
    votes: Votes

    def kind(self, value: Value) -> str:
        """What competence tells apart: label, type, role, or "tense=past"; "" for nothing."""
        if value is None:
            return ""
        if isinstance(value, tuple):
            return str(value[2])
        if self.layer == "attributes":
            return f"{self.place.rpartition(':')[2]}={value}"
        return str(value)


@dataclass(frozen=True, slots=True)
class EventBallots:
    """One place of an event: itself, its arguments by (role, entity place), its attributes."""

    trigger: Ballot
    arguments: Mapping[tuple[str, str], Ballot]
    attributes: Mapping[str, Ballot]


@dataclass(frozen=True, slots=True)
class Ballots:
    """All positions of one Document, in text order."""

    uid: str
    annotators: tuple[str, ...]
    entities: tuple[Ballot, ...]
    events: tuple[EventBallots, ...]

    def all(self) -> Iterator[Ballot]:
        """Those of all layers."""
        yield from self.entities
        for event in self.events:
            yield event.trigger
            yield from event.arguments.values()
            yield from event.attributes.values()


def ballots_of(sets: Sequence[AnnotationSet]) -> Ballots:
    """The positions of one Document, from the sets of all annotators who saw it.

    Arguments and attributes are asked of those who marked the event.
    """
    by_name = {s.annotator: s for s in sorted(sets, key=lambda s: s.annotator)}
    uids = {s.uid for s in sets}
    if len(uids) != 1 or len(by_name) != len(sets):
        raise ValueError("one set of each annotator, all of one Document")
    entities = []
    places: dict[tuple[str, str], str] = {}
    for number, position in enumerate(align({n: s.entities for n, s in by_name.items()}), 1):
        place = f"T{number}"
        places |= {(name, entity.id): place for name, entity in position.items()}
        entities.append(Ballot("entities", place, _votes(by_name, position)))
    events = tuple(
        EventBallots(
            Ballot("events", f"E{number}", _votes(by_name, position)),
            _arguments(f"E{number}", position, places),
            _attributes(f"E{number}", position),
        )
        for number, position in enumerate(align({n: s.events for n, s in by_name.items()}), 1)
    )
    return Ballots(uids.pop(), tuple(by_name), tuple(entities), events)


T = TypeVar("T", Entity, Event)


def _votes(names: Iterable[str], position: Mapping[str, T]) -> Votes:
    return {name: position[name].key if name in position else None for name in names}


def _arguments(
    place: str, position: Mapping[str, Event], places: Mapping[tuple[str, str], str]
) -> dict[tuple[str, str], Ballot]:
    said = {
        name: {(a.role, places[name, a.target]) for a in event.arguments}
        for name, event in position.items()
    }
    return {
        (role, target): Ballot(
            "arguments",
            f"{place}:{role}:{target}",
            {name: role if (role, target) in pairs else None for name, pairs in said.items()},
        )
        for role, target in sorted(set().union(*said.values()))
    }


def _attributes(place: str, position: Mapping[str, Event]) -> dict[str, Ballot]:
    return {
        name: Ballot(
            "attributes",
            f"{place}:{name}",
            {who: event.attributes.get(name) for who, event in position.items()},
        )
        for name in sorted({a for event in position.values() for a in event.attributes})
    }


_Flat: TypeAlias = tuple[int, int, str, str, str]
"""Start, end, label, annotator, id."""


def align(items: Mapping[str, Sequence[T]]) -> list[dict[str, T]]:
    """Positions: items of different annotators that overlap, best overlap first, one to one.

    The order of annotators plays no part. Positions come in text order.
    """
    of: dict[_Flat, T] = {
        (item.start, item.end, item.key[2], name, item.id): item
        for name, some in items.items()
        for item in some
    }
    flat: list[_Flat] = sorted(of)
    home = list(range(len(flat)))
    members = [{index} for index in home]
    annotators: list[set[str]] = [{name} for _, _, _, name, _ in flat]
    for _, i, j in sorted(_candidate_pairs(flat)):
        a, b = home[i], home[j]
        if a == b or not annotators[a].isdisjoint(annotators[b]):
            continue
        members[a] |= members[b]
        annotators[a] |= annotators[b]
        for index in members[b]:
            home[index] = a
    return [{flat[i][3]: of[flat[i]] for i in sorted(members[a])} for a in _in_order(home)]


def _in_order(home: Sequence[int]) -> list[int]:
    """Each home once, by its first member: items are sorted, so that is the order of the text."""
    return list(dict.fromkeys(home))


def _candidate_pairs(
    flat: Sequence[_Flat],
) -> Iterator[tuple[tuple[float, bool, int, int], int, int]]:
    for i, (start, end, label, name, _) in enumerate(flat):
        for j in range(i + 1, len(flat)):
            other_start, other_end, other_label, other_name, _ = flat[j]
            if other_start >= end:
                break
            if other_name != name:
                common = min(end, other_end) - other_start
                union = max(end, other_end) - start
                yield (-common / union, label != other_label, start, max(end, other_end)), i, j
