"""Krippendorff's alpha with any distance between categories, and distances between label sets."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence, Set
from typing import Any

__all__ = ["alpha_with_distance", "jaccard_distance", "masi_distance"]


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


def alpha_with_distance(
    ratings: Mapping[str, Sequence[Any]], distance: Callable[[Any, Any], float]
) -> float | None:
    """1 - D_o / D_e over annotator -> one value (or None) an item; None where undefined.

    D_o is the mean distance within items, D_e over all pairs of values of items that two or more
    annotators rated (Krippendorff 2011). `distance` is symmetric, and 0 for equal values.
    """
    items = zip(*ratings.values(), strict=True)
    rated = [[value for value in item if value is not None] for item in items]
    units = [values for values in rated if len(values) >= 2]
    pooled = [value for values in units for value in values]
    n = len(pooled)
    expected = _total(pooled, distance) / (n * (n - 1)) if n else 0.0
    if not expected:
        return None
    observed = sum(_total(values, distance) / (len(values) - 1) for values in units) / n
    return 1 - observed / expected


def _total(values: Sequence[Any], distance: Callable[[Any, Any], float]) -> float:
    """Sum of distances over ordered pairs."""
    return 2 * sum(distance(a, b) for i, a in enumerate(values) for b in values[i + 1 :])
