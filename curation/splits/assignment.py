"""Deterministic parts for training and testing: grouped, stratified, append-only.

Documents of one group (near-duplicates, revisions) are never in two parts. Groups are placed by
iterative stratification (Sechidis, Tsoumakas & Vlahavas 2011): always the rarest trait that is
still to be placed first, into the part that lacks it most. What was assigned before never moves.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

__all__ = ["Assignment", "Unit", "assign"]


@dataclass(frozen=True, slots=True)
class Unit:
    """A Document to place: its group, and what it should be balanced over, counted."""

    uid: str
    group: str
    traits: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Assignment:
    """The part a Document was given."""

    uid: str
    part: str
    group: str


def assign(
    units: Iterable[Unit],
    parts: Mapping[str, float],
    *,
    seed: int,
    existing: Mapping[str, str] | None = None,
) -> list[Assignment]:
    """Parts for the `units` that have none in `existing`, in uid order.

    `parts` maps names to shares that add up to 1. The result depends on the units' content, the
    seed and what exists, not on their order. A unit whose group is already in a part joins it.
    """
    known = dict(existing or {})
    members: dict[str, list[Unit]] = {}
    for unit in sorted(units, key=lambda u: u.uid):
        members.setdefault(unit.group, []).append(unit)
    traits = {group: _traits(units) for group, units in members.items()}
    total: Counter[str] = sum(traits.values(), Counter())
    lacking = {part: {t: share * n for t, n in total.items()} for part, share in parts.items()}
    where: dict[str, str] = {}
    for group, group_units in members.items():
        settled = [known[u.uid] for u in group_units if u.uid in known]
        if settled:
            where[group] = Counter(sorted(settled)).most_common(1)[0][0]
            _take(lacking, where[group], traits[group])
    open_groups = {group for group in members if group not in where}
    while open_groups:
        rarest = _rarest(open_groups, traits)
        carriers = [group for group in open_groups if rarest in traits[group]]
        for group in sorted(carriers, key=lambda g: (-traits[g][rarest], _draw(seed, g))):
            where[group] = _neediest(lacking, parts, rarest, _draw(seed, group))
            _take(lacking, where[group], traits[group])
        open_groups.difference_update(carriers)
    return sorted(
        (
            Assignment(unit.uid, where[group], group)
            for group, group_units in members.items()
            for unit in group_units
            if unit.uid not in known
        ),
        key=lambda a: a.uid,
    )


_DOCUMENT = ""
"""The trait of being a Document at all: it balances sizes."""


def _traits(units: Iterable[Unit]) -> Counter[str]:
    counted: Counter[str] = Counter()
    for unit in units:
        counted.update({_DOCUMENT: 1})
        counted.update({t: n for t, n in unit.traits.items() if n > 0})
    return counted


def _rarest(groups: set[str], traits: Mapping[str, Counter[str]]) -> str:
    """The trait with the fewest groups left that carry it."""
    carriers: Counter[str] = Counter(t for group in groups for t in traits[group])
    return min(carriers, key=lambda t: (carriers[t], t))


def _neediest(
    lacking: Mapping[str, Mapping[str, float]], parts: Mapping[str, float], trait: str, lot: str
) -> str:
    """The part that lacks most of its share of `trait`; ties by room, then by lot.

    Parts that have all their Documents come last, or a rare trait would overfill a small part.
    """

    def need(part: str) -> tuple[bool, float, float, str]:
        share = parts[part]
        room = round(lacking[part][_DOCUMENT] / share, 9)
        return (room > 0, round(lacking[part][trait] / share, 9), room, _draw(0, lot + part))

    return max(sorted(parts), key=need)


def _take(lacking: dict[str, dict[str, float]], part: str, traits: Counter[str]) -> None:
    for trait, count in traits.items():
        if part in lacking:
            lacking[part][trait] = lacking[part].get(trait, 0.0) - count


def _draw(seed: int, text: str) -> str:
    return hashlib.sha256(f"{seed}\n{text}".encode()).hexdigest()
