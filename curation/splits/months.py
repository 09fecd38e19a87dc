"""Parts in the order of time: earlier months to the first part, the latest to the last.

A month is in one part. What belongs together with a Document of an earlier part is withheld.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import inf

from curation.splits.assignment import Assignment, Placement, Unit

__all__ = ["place_by_month"]

_EMPTY = 1e9
"""What a part without a month costs: more than any distance from the shares."""


@dataclass(frozen=True, slots=True)
class _Month:
    """Its Documents, and the first and the last part, by number, that it can be in."""

    size: int
    low: int
    high: int


def place_by_month(
    units: Iterable[Unit],
    months: Mapping[str, str],
    parts: Mapping[str, float],
    *,
    existing: Mapping[str, str] | None = None,
    frozen: Collection[str] = (),
) -> Placement:
    """Parts for the `units` that have none in `existing`, by the `months` of their uids.

    The order of `parts` is that of time; months are cut where sizes come nearest to the shares.
    Withheld are units without a month, those whose months lie in a `frozen` part or between
    Documents that are in another order, and those whose group has a Document of another part.
    """
    ordered, known, names = sorted(units, key=lambda u: u.uid), dict(existing or {}), list(parts)
    part_of = _months(ordered, months, parts, known)
    withheld: dict[str, str] = {}
    meant: dict[str, str] = {}
    for unit in (u for u in ordered if u.uid not in known):
        part = part_of.get(months.get(unit.uid, ""))
        if unit.uid not in months:
            withheld[unit.uid] = "has no month of publication"
        elif part is None:
            withheld[unit.uid] = "its month lies between parts that are not in the order of time"
        elif part in frozen:
            withheld[unit.uid] = f"its month falls to {part}, which is frozen"
        else:
            meant[unit.uid] = part
    held: dict[str, set[str]] = defaultdict(set)
    for unit in ordered:
        if unit.uid in known:
            held[unit.group].add(known[unit.uid])
    for unit in sorted(ordered, key=lambda u: names.index(meant[u.uid]) if u.uid in meant else 0):
        if unit.uid not in meant:
            continue
        there = held[unit.group] - {meant[unit.uid]}
        if there:
            withheld[unit.uid] = f"belongs together with documents of {' and '.join(sorted(there))}"
            del meant[unit.uid]
        else:
            held[unit.group].add(meant[unit.uid])
    assigned = tuple(Assignment(u.uid, meant[u.uid], u.group) for u in ordered if u.uid in meant)
    return Placement(assigned, dict(sorted(withheld.items())))


def _months(
    units: Sequence[Unit],
    months: Mapping[str, str],
    parts: Mapping[str, float],
    known: Mapping[str, str],
) -> dict[str, str]:
    """The part of each month, where it can have one."""
    number = {part: i for i, part in enumerate(parts)}
    sizes = Counter(months[u.uid] for u in units if u.live and u.uid in months)
    placed = sorted(
        (months[u.uid], number[known[u.uid]])
        for u in units
        if u.uid in months and known.get(u.uid) in number
    )
    when = [month for month, _ in placed]
    found: dict[str, _Month] = {}
    for month in sorted({months[u.uid] for u in units if u.uid in months}):
        before = placed[: bisect_right(when, month)]
        after = placed[bisect_left(when, month) :]
        low = max((part for _, part in before), default=0)
        high = min((part for _, part in after), default=len(number) - 1)
        if low <= high:
            found[month] = _Month(sizes[month], low, high)
    cut = _cut(list(found.values()), list(parts.values()))
    names = list(parts)
    return {month: names[part] for month, part in zip(found, cut, strict=True)}


def _cut(months: Sequence[_Month], shares: Sequence[float]) -> list[int]:
    """The part of each month, never an earlier one than the month before, nearest to the shares.

    By dynamic programming over the months at which parts end.
    """
    total = sum(month.size for month in months)
    ends = [0]
    for month in months:
        ends.append(ends[-1] + month.size)
    nothing: list[int] = []
    best = [(0.0, nothing)] + [(inf, nothing)] * len(months)
    for part, share in enumerate(shares):
        wanted = max(share * total, 1e-9)
        new: list[tuple[float, list[int]]] = []
        for end in range(len(months) + 1):
            options = []
            for start in range(end, -1, -1):
                if start < end and not months[start].low <= part <= months[start].high:
                    break
                cost = (ends[end] - ends[start] - wanted) ** 2 / wanted
                cost += _EMPTY if start == end else 0.0
                options.append((best[start][0] + cost, start))
            cost, start = min(options)
            new.append((cost, best[start][1] + [part] * (end - start)))
        best = new
    return best[-1][1]
