"""What became of suggestions in people's hands, and how long the work took.

Label Studio marks each region of what was handed in by its origin: "prediction" (suggested, and
left alone), "prediction-changed" (suggested, then relabelled or moved) or "manual" (drawn by hand).
It does not mark an answer that was changed (1.23.2), it gives relations no origin, and what was
deleted is only seen by its absence: for these the suggestions are needed too.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from statistics import quantiles
from typing import Any, Literal

from curation.agreement.matching import align
from curation.model import AnnotationSet, Entity, Event

__all__ = ["PROPOSED", "Fate", "Minutes", "Survival", "minutes", "survival", "was_corrected"]

Fate = Literal["kept", "changed", "removed", "added"]
PROPOSED = "proposed"
"""The key in an AnnotationSet's provenance for {id: id of the suggestion that it was}."""

_BY_ORIGIN: Mapping[str | None, Fate] = {"prediction": "kept", "prediction-changed": "changed"}
_Links = Counter[tuple[str, str, str]]


@dataclass(frozen=True, slots=True)
class Survival:
    """What became of the suggestions of a layer, or of one label (type, role) of it.

    kept + changed + removed are the suggestions, by the label that was suggested; `added` is what
    people drew beside them, by its own label.
    """

    layer: str
    label: str | None
    kept: int
    changed: int
    removed: int
    added: int


@dataclass(frozen=True, slots=True)
class Minutes:
    """Minutes of work a task, over `n` tasks: median and quartiles; None where n is 0."""

    n: int
    median: float | None
    q1: float | None
    q3: float | None


def was_corrected(said: AnnotationSet) -> bool:
    """Whether a set was made from suggestions, not beside them or without any."""
    if said.provenance.get("parent_prediction") is not None:
        return True
    origins = {item.origin for item in said.items}
    unmarked = None in origins and bool(said.provenance.get("assisted"))
    return unmarked or not origins.isdisjoint(_BY_ORIGIN)


def survival(pairs: Iterable[tuple[AnnotationSet, AnnotationSet]]) -> tuple[Survival, ...]:
    """Over (what was suggested, what was handed in): each layer, and below it each of its labels.

    An item is kept where nobody changed it, the answers of an event included. One without an
    origin is compared with the suggestion that it overlaps.
    """
    counts: Counter[tuple[str, str, Fate]] = Counter()
    for proposal, said in pairs:
        counts.update(_fates(proposal, said))
    return tuple(
        row for layer in ("entities", "triggers", "arguments") for row in _rows(layer, counts)
    )


def _rows(layer: str, counts: Counter[tuple[str, str, Fate]]) -> Iterator[Survival]:
    found = {label for of, label, _ in counts if of == layer}
    per_label = [_row(layer, label, counts) for label in sorted(found)]
    names = ("kept", "changed", "removed", "added")
    yield Survival(layer, None, *(sum(getattr(row, n) for row in per_label) for n in names))
    yield from per_label


def _row(layer: str, label: str, counts: Counter[tuple[str, str, Fate]]) -> Survival:
    fates: tuple[Fate, ...] = ("kept", "changed", "removed", "added")
    return Survival(layer, label, *(counts[layer, label, fate] for fate in fates))


def _fates(proposal: AnnotationSet, said: AnnotationSet) -> Iterator[tuple[str, str, Fate]]:
    entities = _sources(said, said.entities, proposal.entities)
    events = _sources(said, said.events, proposal.events)
    for layer, items, proposed, source in (
        ("entities", said.entities, proposal.entities, entities),
        ("triggers", said.events, proposal.events, events),
    ):
        yield from ((layer, *fate) for fate in _item_fates(items, proposed, source))
    yield from (("arguments", *fate) for fate in _link_fates(proposal, said, entities | events))


def _sources(
    said: AnnotationSet, items: Sequence[Entity | Event], proposed: Sequence[Entity | Event]
) -> dict[str, str]:
    """Id of an item -> id of the suggestion that it was: as recorded, else by overlap."""
    names = said.provenance.get(PROPOSED)
    recorded = names if isinstance(names, Mapping) else {}
    there = {item.id for item in proposed}
    found: dict[str, str] = {}
    for item in items:
        source = recorded.get(item.id)
        if source in there and source not in found.values():
            found[item.id] = source
    mine = {i.key: i.id for i in items if i.id not in found and i.origin != "manual"}
    theirs = {p.key: p.id for p in proposed if p.id not in found.values()}
    pairs, _, _ = align(frozenset(mine), frozenset(theirs))
    return found | {mine[_key(a)]: theirs[_key(b)] for a, b in pairs}


def _key(item: Sequence[Any]) -> tuple[int, int, str]:
    return (int(item[0]), int(item[1]), str(item[2]))


def _item_fates(
    items: Sequence[Entity | Event], proposed: Sequence[Entity | Event], source: Mapping[str, str]
) -> Iterator[tuple[str, Fate]]:
    by_id = {item.id: item for item in proposed}
    for item in items:
        suggested = by_id.get(source.get(item.id, ""))
        yield (suggested or item).key[2], _fate(item, suggested)
    gone = by_id.keys() - set(source.values())
    yield from ((by_id[name].key[2], "removed") for name in sorted(gone))


def _fate(item: Entity | Event, suggested: Entity | Event | None) -> Fate:
    if suggested is None:
        return _BY_ORIGIN.get(item.origin, "added")
    same = item.key == suggested.key and _answers(suggested) <= _answers(item)
    return "kept" if same and item.origin != "prediction-changed" else "changed"


def _answers(item: Entity | Event) -> Set[tuple[str, str]]:
    return item.attributes.items() if isinstance(item, Event) else frozenset()


def _link_fates(
    proposal: AnnotationSet, said: AnnotationSet, source: Mapping[str, str]
) -> Iterator[tuple[str, Fate]]:
    """Kept: same role between the same items; changed: another role between them."""
    given = _links(proposal, {item.id: item.id for item in proposal.items})
    mine = _links(said, source)
    for role, _, _ in (given & mine).elements():
        yield role, "kept"
    given, mine = given - mine, mine - given
    for role, event, target in sorted(given.elements()):
        other = min((link for link in mine if link[1:] == (event, target)), default=None)
        if other is not None:
            mine -= Counter([other])
        yield role, "removed" if other is None else "changed"
    for role, _, _ in mine.elements():
        yield role, "added"


def _links(annotations: AnnotationSet, source: Mapping[str, str]) -> _Links:
    """(role, event, filler) of every argument, in the ids of suggestions where there are any."""
    return Counter(
        (a.role, source.get(event.id, f"own {event.id}"), source.get(a.target, f"own {a.target}"))
        for event in annotations.events
        for a in event.arguments
    )


def minutes(sets: Iterable[AnnotationSet]) -> Minutes:
    """Minutes of work a task, from the `lead_time` (seconds) of each set that has one.

    Quartiles are those of the tasks there are (linear interpolation between them).
    """
    found = sorted(m for s in sets if (m := _minutes(s.provenance.get("lead_time"))) is not None)
    if not found:
        return Minutes(0, None, None, None)
    q1, median, q3 = quantiles(found, n=4, method="inclusive") if found[1:] else found * 3
    return Minutes(len(found), median, q1, q3)


def _minutes(lead_time: object) -> float | None:
    if isinstance(lead_time, bool) or not isinstance(lead_time, int | float):
        return None
    return lead_time / 60 if 0 < lead_time < math.inf else None
