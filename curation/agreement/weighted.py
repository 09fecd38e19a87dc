"""Coefficients that give partial credit to near categories: weighted kappa and pi, AC2, S.

A weight of 1 is full agreement, 0 none. With identity weights AC2 is AC1, and kappa and pi are the
plain ones. Sources: Cohen 1968; Bennett, Alpert & Goldstein 1954; Gwet 2014, chapter 5 and 6.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from curation.agreement.coefficients import ratings_of

__all__ = ["WEIGHTINGS", "weighted_coefficient", "weights_between"]

Floats: TypeAlias = NDArray[np.float64]

WEIGHTINGS = ("identity", "linear", "quadratic", "radical", "ordinal")
"""How near two categories are: by their values, or ("ordinal") by their ranks."""

_ALIASES = {"unweighted": "identity", "nominal": "identity"}


def weights_between(categories: Sequence[Any], weighting: str = "identity") -> Floats:
    """Weights between sorted categories, numbers except for "identity" and "ordinal"."""
    weighting = _ALIASES.get(weighting, weighting)
    if weighting == "identity" or len(categories) < 2:
        return np.eye(len(categories))
    ranks = np.arange(len(categories), dtype=np.float64)
    if weighting == "ordinal":
        apart = np.abs(ranks[:, None] - ranks)
        return _falling((apart + 1) * apart / 2)
    values = np.array(categories, dtype=np.float64)
    return _falling(_DISTANCES[weighting](np.abs(values[:, None] - values)))


_DISTANCES: Mapping[str, Callable[[Floats], Floats]] = {
    "linear": lambda apart: apart,
    "quadratic": np.square,
    "radical": np.sqrt,
}


def _falling(distances: Floats) -> Floats:
    weights: Floats = 1 - distances / distances.max()
    return weights


def weighted_coefficient(
    name: str, ratings: Mapping[str, Sequence[Hashable | None]], weighting: str = "identity"
) -> float | None:
    """One of "kappa" (two annotators), "pi", "ac2", "s" over annotator -> category an item.

    Items with fewer than two ratings count for the marginals of pi and AC2 only. None where the
    coefficient is undefined.
    """
    found: set[Any] = {c for row in ratings.values() for c in row if c is not None}
    categories = sorted(found)
    if len(ratings) < 2 or len(categories) < 2 or (name == "kappa" and len(ratings) != 2):
        return None
    weights = weights_between(categories, weighting)
    coded = ratings_of(ratings.values(), {c: i for i, c in enumerate(categories)}).categories
    tally = np.stack([(coded == c).sum(axis=0) for c in range(len(categories))], axis=1)
    raters = tally.sum(axis=1)
    if not (raters >= 2).any():
        return None
    observed = _observed(tally[raters >= 2].astype(np.float64), weights)
    expected = _expected(name, coded, tally[raters >= 1].astype(np.float64), weights)
    return float((observed - expected) / (1 - expected)) if expected != 1 else None


def _observed(tally: Floats, weights: Floats) -> float:
    """Mean weighted agreement of the items' pairs of ratings."""
    raters = tally.sum(axis=1)
    agreeing = (tally * (tally @ weights - 1)).sum(axis=1)
    return float((agreeing / (raters * (raters - 1))).mean())


def _expected(name: str, coded: NDArray[np.int64], tally: Floats, weights: Floats) -> float:
    """Weighted agreement by chance."""
    q = len(weights)
    if name == "s":
        return float(weights.sum() / q**2)
    if name == "kappa":
        first, second = coded[:, (coded >= 0).all(axis=0)]
        rows, columns = (np.bincount(side, minlength=q) / len(side) for side in (first, second))
        return float(rows @ weights @ columns)
    shares = (tally / tally.sum(axis=1, keepdims=True)).mean(axis=0)
    if name == "ac2":
        return float(weights.sum() / (q * (q - 1)) * (shares * (1 - shares)).sum())
    return float(shares @ weights @ shares)
