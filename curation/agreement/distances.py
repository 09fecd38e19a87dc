"""Krippendorff's alpha with any distance between categories, and distances between label sets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence, Set
from itertools import combinations
from typing import Any

__all__ = [
    "alpha_ordinal",
    "alpha_with_distance",
    "interval_distance",
    "jaccard_distance",
    "masi_distance",
    "ratio_distance",
]


def jaccard_distance(a: Set[Hashable], b: Set[Hashable]) -> float:
    """1 - |a ∩ b| / |a ∪ b|; two empty sets are identical."""
    union = a | b
    return 1 - len(a & b) / len(union) if union else 0.0


def masi_distance(a: Set[Hashable], b: Set[Hashable]) -> float:
    """1 - J·M (Passonneau 2006): J the Jaccard similarity; M is 1 for equal sets, 2/3 where one
    contains the other, 1/3 where they overlap, 0 where they are disjoint.

    Two empty sets are identical.
    """
    return 1 - (1 - jaccard_distance(a, b)) * _monotonicity(a, b)


def _monotonicity(a: Set[Hashable], b: Set[Hashable]) -> float:
    if a == b:
        return 1.0
    if a <= b or b <= a:
        return 2 / 3
    return 1 / 3 if a & b else 0.0


def interval_distance(a: float, b: float) -> float:
    """Squared difference."""
    return (a - b) ** 2


def ratio_distance(a: float, b: float) -> float:
    """Squared difference relative to the sum."""
    return ((a - b) / (a + b)) ** 2 if a != b else 0.0


def alpha_with_distance(
    ratings: Mapping[str, Sequence[Any]], distance: Callable[[Any, Any], float]
) -> float | None:
    """1 - D_o / D_e over annotator -> one value (or None) an item; None where undefined.

    D_o is the mean distance within items, D_e over all pairs of values of items that two or more
    annotators rated (Krippendorff 2011). `distance` is symmetric, and 0 for equal values.
    """
    units = _pairable(ratings)
    pooled = sum(units, Counter[Any]())
    n = pooled.total()
    expected = _total(pooled, distance) / (n * (n - 1)) if n else 0.0
    if not expected:
        return None
    observed = sum(_total(unit, distance) / (unit.total() - 1) for unit in units) / n
    return 1 - observed / expected


def alpha_ordinal(ratings: Mapping[str, Sequence[Any]]) -> float | None:
    """Alpha for ranked values: their squared distance is in ratings that lie between them.

    δ²(c, k) = (ratings from c to k - half of those of c and k)² (Krippendorff 2011).
    """
    pooled = sum(_pairable(ratings), Counter[Any]())
    below: dict[Any, float] = {}
    seen = 0.0
    for value in sorted(pooled):
        below[value] = seen + pooled[value] / 2
        seen += pooled[value]
    return alpha_with_distance(ratings, lambda a, b: (below[a] - below[b]) ** 2)


def _pairable(ratings: Mapping[str, Sequence[Any]]) -> list[Counter[Any]]:
    """How often each value occurs in each item that has two or more."""
    items = zip(*ratings.values(), strict=True)
    units = [Counter(value for value in item if value is not None) for item in items]
    return [unit for unit in units if unit.total() >= 2]


def _total(values: Counter[Any], distance: Callable[[Any, Any], float]) -> float:
    """Sum of distances over ordered pairs."""
    pairs = combinations(values.items(), 2)
    return 2 * sum(n * m * distance(a, b) for (a, n), (b, m) in pairs)
