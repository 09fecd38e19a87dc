"""Deterministic parts for training and testing: grouped, stratified, append-only.

Documents of one group (near-duplicates, translations, revisions) are never in two parts. Groups
are placed by iterative stratification (Sechidis, Tsoumakas & Vlahavas 2011): always the rarest
trait that is still to be placed first, into the part that lacks it most; then groups that were
placed now change parts as long as that brings the parts closer to their shares. What was assigned
before never moves.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from curation.splits.balance import Balance, improved

__all__ = ["Assignment", "Placement", "Unit", "assign", "folds", "place"]

_NONE: Mapping[str, int] = {}


@dataclass(frozen=True, slots=True)
class Unit:
    """A Document to place: its group, and what it should be balanced over, counted.

    `joint` traits are balanced too, after the others, and need not be in every part. One that is
    not `live` counts for nothing: it only keeps its group where it is.
    """

    uid: str
    group: str
    traits: Mapping[str, int]
    joint: Mapping[str, int] = field(default_factory=dict)
    live: bool = True


@dataclass(frozen=True, slots=True)
class Assignment:
    """The part a Document was given."""

    uid: str
    part: str
    group: str


@dataclass(frozen=True, slots=True)
class Placement:
    """What was assigned, by uid; why each other Document has no part; what parts miss.

    `missing`: (trait, part), where a trait that as many groups carry as there are parts could not
    be given to a part.
    """

    assigned: tuple[Assignment, ...] = ()
    withheld: Mapping[str, str] = field(default_factory=dict)
    missing: tuple[tuple[str, str], ...] = ()


def assign(
    units: Iterable[Unit],
    parts: Mapping[str, float],
    *,
    seed: int,
    existing: Mapping[str, str] | None = None,
    frozen: Collection[str] = (),
) -> list[Assignment]:
    """What `place` assigns, in uid order."""
    return list(place(units, parts, seed=seed, existing=existing, frozen=frozen).assigned)


def folds(units: Iterable[Unit], k: int, *, seed: int) -> list[Assignment]:
    """Folds "1" to "k" of equal shares, for cross-validation; what `assign` does with parts."""
    return assign(units, {str(fold): 1 / k for fold in range(1, k + 1)}, seed=seed)


def place(
    units: Iterable[Unit],
    parts: Mapping[str, float],
    *,
    seed: int,
    existing: Mapping[str, str] | None = None,
    frozen: Collection[str] = (),
) -> Placement:
    """Parts for the `units` that have none in `existing`.

    `parts` maps names to shares that add up to 1. The result depends on the units' content, the
    seed and what exists, not on their order. A unit whose group is in a part joins it. It is
    withheld where that part is `frozen`, or where its group is in two parts already.
    """
    known = dict(existing or {})
    members = _members(units)
    held = {g: sorted({known[u.uid] for u in us if u.uid in known}) for g, us in members.items()}
    open_parts = {part: share for part, share in parts.items() if part not in frozen}
    barred = {g: why for g in members if (why := _why_not(held[g], frozen, open_parts))}
    where = {g: found[0] for g, found in held.items() if len(found) == 1 and g not in barred}
    counted = {
        g: us for g, us in members.items() if g not in barred or set(held[g]) & open_parts.keys()
    }
    missing: tuple[tuple[str, str], ...] = ()
    if open_parts:
        made, missing = _placed(counted, held, open_parts, barred.keys(), seed)
        where.update(made)
    new = [(u, g) for g, us in members.items() for u in us if u.uid not in known]
    assigned = (Assignment(u.uid, where[g], g) for u, g in new if g in where)
    return Placement(
        tuple(sorted(assigned, key=lambda a: a.uid)),
        dict(sorted((u.uid, barred[g]) for u, g in new if g not in where)),
        missing,
    )


def _members(units: Iterable[Unit]) -> dict[str, list[Unit]]:
    members: dict[str, list[Unit]] = {}
    for unit in sorted(units, key=lambda u: u.uid):
        members.setdefault(unit.group, []).append(unit)
    return members


def _why_not(held: list[str], frozen: Collection[str], open_parts: Collection[str]) -> str | None:
    """Why a group takes no new Documents, if it does not."""
    if len(held) > 1:
        return f"belongs together with documents of {' and '.join(held)}"
    if held and held[0] in frozen:
        return f"belongs together with a document of {held[0]}, which is frozen"
    return None if held or open_parts else "every part is frozen"


def _placed(
    members: Mapping[str, list[Unit]],
    held: Mapping[str, list[str]],
    parts: Mapping[str, float],
    barred: Collection[str],
    seed: int,
) -> tuple[dict[str, str], tuple[tuple[str, str], ...]]:
    """Parts for the groups that have none, and which traits are missing where."""
    names = sorted(parts)
    shares = [parts[name] / sum(parts.values()) for name in names]
    settled = {g: [names.index(p) for p in held[g] if p in parts] for g in members}
    stratified = _Stratified(members, shares, settled, seed, names)
    open_groups = [g for g in members if not held[g] and g not in barred]
    where = stratified.placed(open_groups)
    balance = Balance.of(members, where | {g: at[0] for g, at in settled.items() if at}, shares)
    better, missing = improved(balance, movable=open_groups, seed=seed)
    return (
        {g: names[better[g]] for g in open_groups},
        tuple(sorted((trait, names[part]) for trait, part in missing)),
    )


_DOCUMENT = ""
"""The trait of being a Document at all: it balances sizes."""


def traits_of(units: Iterable[Unit]) -> Counter[str]:
    """What a group carries; `_DOCUMENT` for each of its Documents."""
    counted: Counter[str] = Counter()
    for unit in units:
        if not unit.live:
            continue
        counted[_DOCUMENT] += 1
        for trait, n in unit.traits.items():
            if n > 0:
                counted[trait] += n
    return counted


class _Stratified:
    """Iterative stratification: what each part still lacks of each trait."""

    def __init__(
        self,
        members: Mapping[str, list[Unit]],
        shares: list[float],
        settled: Mapping[str, list[int]],
        seed: int,
        names: list[str],
    ) -> None:
        self._traits = {group: traits_of(units) for group, units in members.items()}
        self._shares, self._seed, self._names = shares, seed, names
        total: Counter[str] = Counter()
        for counted in self._traits.values():
            total.update(counted)
        self._lacking = [{t: share * n for t, n in total.items()} for share in shares]
        for group, at in settled.items():
            if at:
                self._take(at[0], group)

    def placed(self, open_groups: list[str]) -> dict[str, int]:
        """The number of the part of each."""
        where: dict[str, int] = {}
        draws = {group: _draw(self._seed, group) for group in open_groups}
        for trait, carriers in self._rarest_first(open_groups, where):
            for group in sorted(carriers, key=lambda g: (-self._traits[g][trait], draws[g])):
                where[group] = self._neediest(trait, draws[group])
                self._take(where[group], group)
        for group in open_groups:  # those of which nothing counts
            where.setdefault(group, self._neediest(_DOCUMENT, draws[group]))
        return where

    def _rarest_first(
        self, open_groups: list[str], where: Mapping[str, int]
    ) -> Iterator[tuple[str, list[str]]]:
        """The trait with the fewest groups left that carry it, and these, again and again."""
        carriers: dict[str, list[str]] = {}
        for group in open_groups:
            for trait in self._traits[group]:
                carriers.setdefault(trait, []).append(group)
        left = {trait: len(groups) for trait, groups in carriers.items()}
        while left:
            rarest = min(left, key=lambda t: (left[t], t))
            chosen = [group for group in carriers[rarest] if group not in where]
            yield rarest, chosen
            for group in chosen:
                for trait in self._traits[group]:
                    left[trait] -= 1
            left = {trait: n for trait, n in left.items() if n > 0}

    def _neediest(self, trait: str, lot: str) -> int:
        """The part that lacks most of its share of `trait`; ties by room, then by lot.

        Parts that have all their Documents come last, or a rare trait would overfill a small part.
        """
        needs = []
        for part, share in enumerate(self._shares):
            lacking = self._lacking[part]
            room = round(lacking.get(_DOCUMENT, 0.0) / share, 9)
            needs.append((room > 0, round(lacking.get(trait, 0.0) / share, 9), room))
        most = max(needs)
        first = [part for part, need in enumerate(needs) if need == most]
        return (
            first[0]
            if len(first) == 1
            else max(first, key=lambda p: _draw(0, lot + self._names[p]))
        )

    def _take(self, part: int, group: str) -> None:
        lacking = self._lacking[part]
        for trait, count in self._traits[group].items():
            lacking[trait] -= count


def _draw(seed: int, text: str) -> str:
    return hashlib.sha256(f"{seed}\n{text}".encode()).hexdigest()
