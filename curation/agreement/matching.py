"""How many items of two annotators match, one to one.

Modes, from strict to lenient:

    exact         same spans, same types
    boundary      same spans, whatever the types
    overlap       same types, spans that share at least one character
    overlap_any   spans that share at least one character
    partial       as overlap_any, but a pair of unequal spans earns one half

The relaxed modes take the best one-to-one matching (one long span against two fragments is one
match, not two), found within each connected component of overlapping spans; so every mode is
symmetric. Touching spans do not overlap. An argument overlaps another when their fillers overlap
and their triggers overlap.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Set
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from curation.agreement.items import Item, by_label, spans_of, types_of

__all__ = [
    "MATCHES",
    "TYPED_MATCHES",
    "Match",
    "align",
    "assigned",
    "components",
    "largest",
    "matched",
    "matched_by_label",
    "overlapping_items",
]

Match = Literal["exact", "boundary", "overlap", "overlap_any", "partial"]
MATCHES: tuple[str, ...] = get_args(Match)

TYPED_MATCHES = frozenset({"exact", "overlap"})
"""The modes in which only items of the same type match: those that can be sliced by label."""


def overlapping_items(a: Any, b: Any) -> bool:
    """Whether every span of `a` shares a character with the same span of `b`."""
    if not (a[0] < b[1] and b[0] < a[1]):
        return False
    return len(a) == 3 or bool(a[3] < b[4] and b[3] < a[4])


def components(a: Collection[Item], b: Collection[Item]) -> Iterator[tuple[list[Item], list[Item]]]:
    """Groups of items that hang together by overlap, as (items of a, items of b).

    Groups with items of one side only are left out: nothing in them can match.
    """
    first: list[Item] = []
    second: list[Item] = []
    reach: Any = -1
    for start, end, side, item in sorted(
        [(i[0], i[1], 0, i) for i in a] + [(i[0], i[1], 1, i) for i in b]
    ):
        if start >= reach:
            if first and second:
                yield first, second
            first, second = [], []
            reach = end
        elif end > reach:
            reach = end
        (second if side else first).append(item)
    if first and second:
        yield first, second


def largest(first: list[Item], second: list[Item]) -> int:
    """Size of the largest one-to-one matching between overlapping items of one component."""
    if len(first) == 1 or len(second) == 1:
        return int(any(overlapping_items(a, b) for a in first for b in second))
    edges = np.array([[overlapping_items(a, b) for b in second] for a in first], dtype=np.float64)
    rows, columns = _best_assignment(edges)
    return int(edges[rows, columns].sum())


def _best_assignment(gain: NDArray[np.float64]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Rows and columns paired one to one for the largest total."""
    # scipy.optimize costs more to import than most documents cost to compare without it.
    from scipy.optimize import linear_sum_assignment

    rows, columns = linear_sum_assignment(gain, maximize=True)
    return rows, columns


def _overlap_any(a: Set[Item], b: Set[Item]) -> int:
    if a == b:
        return len(a)
    return sum(largest(first, second) for first, second in components(a, b))


def _by_types(items: Set[Item]) -> Mapping[Item, set[Item]]:
    groups: dict[Item, set[Item]] = defaultdict(set)
    for item in items:
        groups[types_of(item)].add(item)
    return groups


def _exact_by_label(a: Set[Item], b: Set[Item]) -> Counter[str]:
    return by_label(a & b)


def _overlap_by_label(a: Set[Item], b: Set[Item]) -> Counter[str]:
    if a == b:
        return by_label(a)
    found: Counter[str] = Counter()
    others = _by_types(b)
    for types, group in _by_types(a).items():
        if types in others:
            found[str(types[0])] += _overlap_any(group, others[types])
    return found


def _boundary(a: Set[Item], b: Set[Item]) -> int:
    """Spans carrying several types match as often as both sides mark them."""
    ours, theirs = Counter(map(spans_of, a)), Counter(map(spans_of, b))
    return (ours & theirs).total()


def _partial(a: Set[Item], b: Set[Item]) -> float:
    """Half of the best total of 2 for same spans and 1 for overlapping ones.

    Pairing equal spans first never loses: undoing the at most two half-credit pairs that it
    breaks costs no more than the full credit that it earns.
    """
    ours, theirs = Counter(map(spans_of, a)), Counter(map(spans_of, b))
    same = ours & theirs
    rest_a, rest_b = _without(a, same), _without(b, same)
    return same.total() + _overlap_any(rest_a, rest_b) / 2


def _without(items: Set[Item], same: Mapping[Item, int]) -> set[Item]:
    """`items` less as many of each span as `same` says."""
    left = dict(same)
    rest = set()
    for item in items:
        spans = spans_of(item)
        if left.get(spans, 0):
            left[spans] -= 1
        else:
            rest.add(item)
    return rest


_TYPED: Mapping[str, Callable[[Set[Item], Set[Item]], Counter[str]]] = {
    "exact": _exact_by_label,
    "overlap": _overlap_by_label,
}
_UNTYPED: Mapping[str, Callable[[Set[Item], Set[Item]], float]] = {
    "boundary": _boundary,
    "overlap_any": _overlap_any,
    "partial": _partial,
}


def matched(a: Set[Item], b: Set[Item], match: str) -> float:
    """Credit of the best one-to-one matching of two sets of items of one layer.

    A whole number in every mode but "partial".
    """
    if match == "exact":
        return len(a & b)
    if match in _TYPED:
        return _TYPED[match](a, b).total()
    return _UNTYPED[match](a, b)


def matched_by_label(a: Set[Item], b: Set[Item], match: str) -> Counter[str]:
    """Label (event type, role) -> matched items; for the modes in TYPED_MATCHES only."""
    return _TYPED[match](a, b)


def align(a: Set[Item], b: Set[Item]) -> tuple[list[tuple[Item, Item]], list[Item], list[Item]]:
    """Pairs that mean the same mention, and what is left of each side, all in text order.

    Identical items first; then, among overlapping ones, the assignment with the largest total of
    1 + intersection over union + 2 for same spans + 1 for same types.
    """
    same = a & b
    pairs = [(item, item) for item in same]
    for first, second in components(a - same, b - same):
        pairs.extend(assigned(first, second))
    left, right = a - {x for x, _ in pairs}, b - {y for _, y in pairs}
    return sorted(pairs), sorted(left), sorted(right)


def assigned(first: list[Item], second: list[Item]) -> Iterator[tuple[Item, Item]]:
    """Pairs of the items of one component, by the rule of `align`."""
    if len(first) == len(second) == 1:
        if overlapping_items(first[0], second[0]):
            yield first[0], second[0]
        return
    likeness = np.array([[_likeness(a, b) for b in second] for a in first])
    rows, columns = _best_assignment(likeness)
    for row, column in zip(rows, columns, strict=True):
        if likeness[row, column] > 0:
            yield first[row], second[column]


def _likeness(a: Any, b: Any) -> float:
    if not overlapping_items(a, b):
        return 0.0
    shared = min(a[1], b[1]) - max(a[0], b[0])
    together = max(a[1], b[1]) - min(a[0], b[0])
    same_spans, same_types = spans_of(a) == spans_of(b), types_of(a) == types_of(b)
    return 1.0 + float(shared / together) + 2.0 * same_spans + 1.0 * same_types
