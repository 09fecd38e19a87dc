"""Who labels which Document: shares of work, overlap, a control arm; what was assigned stays.

Which Documents are read twice, and which come without proposals, is decided by error diffusion
(Floyd & Steinberg 1976, in one dimension) over an order drawn from the seed: the count is never
more than half a Document away from its share, what was assigned before counted in. Readers are
balanced by the longest-first rule (Graham 1969) and then by moving Documents as long as that
brings the loads, each divided by its reader's share, closer together.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from curation.errors import UsageError

__all__ = ["Assignment", "Item", "Plan", "Rules", "assign"]

_PASSES = 100
_NAMED = 3


@dataclass(frozen=True, slots=True)
class Item:
    """A Document to assign: `length` in characters, `readers` by name, in any order."""

    uid: str
    language: str
    length: int
    readers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rules:
    """`overlap` people read the `overlap_share` of the Documents of each language, one the others.

    With `overlap` None everybody gets all that they read. `unassisted_share` of all Documents come
    without proposals, to all who read them.
    """

    overlap: int | None = None
    overlap_share: float = 1.0
    unassisted_share: float = 0.0
    seed: int = 13


@dataclass(frozen=True, slots=True)
class Assignment:
    """A Document for an annotator; `assisted` where proposals go along."""

    uid: str
    annotator: str
    assisted: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """New assignments by uid, then annotator.

    `short`, by language: how many Documents should be read by more people than read them.
    """

    new: tuple[Assignment, ...]
    short: Mapping[str, int]


_Readers = dict[str, set[str]]


def assign(
    items: Iterable[Item],
    shares: Mapping[str, float],
    rules: Rules,
    *,
    existing: Iterable[Assignment] = (),
) -> Plan:
    """The assignments that `items` lack.

    `shares` of work, by name, need not add up to anything; they are above 0. The result depends on
    the content, the seed and what exists, not on the order. What exists is never taken back; it
    grows where the overlap was raised and new Documents are too few for it. Raises UsageError for
    Documents that nobody reads.
    """
    given: _Readers = defaultdict(set)
    controls: set[str] = set()
    for assignment in existing:
        given[assignment.uid].add(assignment.annotator)
        if not assignment.assisted:
            controls.add(assignment.uid)
    drawn = sorted(items, key=lambda i: (_draw(rules.seed, "overlap", i.uid), i.uid))
    _refuse_unread(drawn, given)
    wanted, short = _wanted(drawn, given, rules)
    chosen = _balanced(drawn, wanted, given, shares, rules.seed)
    unassisted = _control_arm(drawn, chosen, given, controls, rules)
    new = [
        Assignment(uid, name, uid not in unassisted)
        for uid, names in chosen.items()
        for name in names
    ]
    return Plan(tuple(sorted(new, key=lambda a: (a.uid, a.annotator))), short)


def _refuse_unread(items: Iterable[Item], given: _Readers) -> None:
    unread = defaultdict(list)
    for item in items:
        if not item.readers and item.uid not in given:
            unread[item.language].append(item.uid)
    if unread:
        said = "; ".join(f"{language}: {_some(uids)}" for language, uids in sorted(unread.items()))
        raise UsageError(
            f"documents that no annotator reads: {said}; give an annotator the language or the "
            "uids in curation.toml"
        )


def _some(uids: Sequence[str]) -> str:
    named = ", ".join(sorted(uids)[:_NAMED])
    more = len(uids) - _NAMED
    return named + (f" and {more} more" if more > 0 else "")


def _wanted(
    items: Sequence[Item], given: _Readers, rules: Rules
) -> tuple[dict[str, int], dict[str, int]]:
    """By uid, how many readers are to be added; by language, how many Documents have too few."""
    free = {item.uid: len(set(item.readers) - given[item.uid]) for item in items}
    if rules.overlap is None:
        return free, {}
    wanted: dict[str, int] = {}
    short: Counter[str] = Counter()
    languages = defaultdict(list)
    for item in items:
        languages[item.language].append(item)
    for language, members in sorted(languages.items()):
        share = rules.overlap_share if rules.overlap > 1 else 0.0
        shared, lacking = _shared(members, given, free, share)
        for item in members:
            has = len(given[item.uid])
            target = rules.overlap if item.uid in shared else max(1, has)
            wanted[item.uid] = min(target - has, free[item.uid])
            short[language] += has + wanted[item.uid] < target
        short[language] += lacking
    return wanted, {language: n for language, n in short.items() if n}


def _shared(
    items: Sequence[Item], given: _Readers, free: Mapping[str, int], share: float
) -> tuple[set[str], int]:
    """The Documents of a language that get overlap now, and how many could not.

    New ones first; among them those that only one person reads, so that others stand in for them.
    """
    new = [i.uid for i in items if not given[i.uid]]
    new.sort(key=lambda uid: free[uid] > 1)
    old = [i.uid for i in items if given[i.uid]]
    debt = share * len(old) - sum(len(given[uid]) > 1 for uid in old)
    marked, debt = _diffuse([(uid, free[uid] > 1) for uid in new], share, debt)
    reserve = [(uid, free[uid] > 0) for uid in old if len(given[uid]) == 1]
    more, debt = _diffuse(reserve, 0.0, debt)
    return marked | more, max(0, int(debt + 0.5 + 1e-9))


def _diffuse(
    candidates: Iterable[tuple[str, bool]], share: float, debt: float
) -> tuple[set[str], float]:
    """Marks a candidate where at least half of one is owed and it may be marked; the rest owed."""
    marked = set()
    for uid, possible in candidates:
        debt += share
        if possible and debt > 0.5 - 1e-9:
            marked.add(uid)
            debt -= 1
    return marked, debt


def _balanced(
    items: Sequence[Item],
    wanted: Mapping[str, int],
    given: _Readers,
    shares: Mapping[str, float],
    seed: int,
) -> _Readers:
    """Readers to add, by uid."""
    loads = dict.fromkeys(shares, 0)
    for item in items:
        for name in given[item.uid] & shares.keys():
            loads[name] += _size(item)
    chosen: _Readers = {}
    for item in sorted(items, key=_size, reverse=True):
        free = set(item.readers) - given[item.uid]
        ranked = sorted(
            free,
            key=lambda name: (
                (loads[name] + _size(item)) / shares[name],
                _draw(seed, name, item.uid),
            ),
        )
        chosen[item.uid] = set(ranked[: wanted[item.uid]])
        for name in chosen[item.uid]:
            loads[name] += _size(item)
    for _ in range(_PASSES):
        if not sum(_move(item, chosen, given, loads, shares) for item in items):
            break
    return chosen


def _move(
    item: Item,
    chosen: _Readers,
    given: _Readers,
    loads: dict[str, int],
    shares: Mapping[str, float],
) -> bool:
    """Gives the Document to somebody else where that lowers the sum of load² / share."""
    size = _size(item)
    others = sorted(set(item.readers) - given[item.uid] - chosen[item.uid])
    best = (-1e-6, "", "")
    for old in sorted(chosen[item.uid]):
        for new in others:
            freed = (2 * loads[old] - size) / shares[old]
            best = min(best, ((2 * loads[new] + size) / shares[new] - freed, old, new))
    _, old, new = best
    if not new:
        return False
    chosen[item.uid] = (chosen[item.uid] - {old}) | {new}
    loads[old] -= size
    loads[new] += size
    return True


def _size(item: Item) -> int:
    """An empty text is work too: it must be opened."""
    return max(item.length, 1)


def _control_arm(
    items: Sequence[Item],
    chosen: _Readers,
    given: _Readers,
    controls: set[str],
    rules: Rules,
) -> set[str]:
    """The uids without proposals; in both arms a like share is read by more than one person."""
    old = [item for item in items if given[item.uid]]
    debt = rules.unassisted_share * len(old) - sum(item.uid in controls for item in old)
    new = sorted(
        (item for item in items if not given[item.uid]),
        key=lambda i: (i.language, len(chosen[i.uid]) > 1, _draw(rules.seed, "control", i.uid)),
    )
    marked, _ = _diffuse([(i.uid, True) for i in new], rules.unassisted_share, debt)
    return marked | controls


def _draw(seed: int, purpose: str, text: str) -> str:
    return hashlib.sha256(f"{seed}\n{purpose}\n{text}".encode()).hexdigest()
