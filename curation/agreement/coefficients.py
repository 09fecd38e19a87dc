"""Chance-corrected agreement on nominal categories: percent, kappa, pi, Fleiss, alpha, AC1.

Every coefficient is a function of sums over units, so that each document contributes one row of
sums, rows add up, and a resample of documents is a weighted sum of rows. With q categories a row is

    [A, U, a_1 … a_q, b_1 … b_q]

where A is the summed agreement of the units, U the summed weight of the units that can be paired
(two or more ratings), and a, b are what the coefficient needs to know about the marginals. A unit
may carry a weight (a stretch of characters with the same ratings is one unit).

Sources: Cohen 1960; Scott 1955; Fleiss 1971; Krippendorff 2011 (Computing Krippendorff's
Alpha-Reliability); Gwet 2008 and 2014 (missing ratings). An undefined value is NaN.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "COEFFICIENTS",
    "TWO_ANNOTATORS",
    "Ratings",
    "coefficient",
    "from_sums",
    "per_category_fleiss",
    "ratings_of",
    "sums_by_document",
    "sums_of",
]

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]

COEFFICIENTS = ("percent", "kappa", "pi", "fleiss", "alpha", "ac1")
"""Names of the coefficients."""

TWO_ANNOTATORS = frozenset({"kappa", "pi"})
"""Coefficients defined for two annotators: kappa keeps their marginals apart, pi pools them."""

_EPSILON = 1e-12
_MANY_KINDS = 100_000


@dataclass(frozen=True, slots=True)
class Ratings:
    """What each annotator (row) says about each unit (column): a category number, -1 for nothing.

    `weights` says how often each unit counts.
    """

    categories: Ints
    weights: Floats

    @property
    def n_units(self) -> float:
        """Summed weight of the units that two or more annotators rated."""
        pairable = (self.categories >= 0).sum(axis=0) >= 2
        return float(self.weights[pairable].sum())


def ratings_of(
    rows: Iterable[Sequence[Hashable | None]],
    numbers: dict[Hashable, int] | None = None,
    weights: Sequence[float] | None = None,
) -> Ratings:
    """Ratings from one sequence of categories an annotator; None where there is no rating.

    `numbers` maps category -> number and is filled with the new ones found here.
    """
    known: dict[Hashable, int] = {} if numbers is None else numbers
    coded = [[-1 if c is None else known.setdefault(c, len(known)) for c in row] for row in rows]
    categories = np.array(coded, dtype=np.int64).reshape(len(coded), -1)
    ones = np.ones(categories.shape[1])
    return Ratings(categories, ones if weights is None else np.asarray(weights, dtype=np.float64))


def _tally(ratings: Ratings, q: int) -> Floats:
    """Units x categories: how many annotators chose each."""
    annotators, units = ratings.categories.shape
    column = np.broadcast_to(np.arange(units), (annotators, units))
    rated = ratings.categories >= 0
    cell = column[rated] * q + ratings.categories[rated]
    return np.bincount(cell, minlength=units * q).reshape(units, q).astype(np.float64)


def sums_of(name: str, ratings: Ratings, q: int) -> Floats:
    """One document's row of sums for the coefficient `name`, over `q` categories."""
    total: Floats = _unit_rows(name, _kinds(ratings, q), q).sum(axis=0)
    return total


def _kinds(ratings: Ratings, q: int) -> Ratings:
    """Units with the same ratings as one, where there are few ways to be rated."""
    annotators, units = ratings.categories.shape
    ways = (q + 1) ** annotators
    if ways > min(units, _MANY_KINDS):
        return ratings
    coded = np.zeros(units, dtype=np.int64)
    for row in ratings.categories:
        coded *= q + 1
        coded += row
        coded += 1
    weights = np.bincount(coded, ratings.weights, ways)
    found = np.flatnonzero(weights)
    powers = (q + 1) ** np.arange(annotators)[::-1, None]
    return Ratings(found // powers % (q + 1) - 1, weights[found].astype(np.float64))


def sums_by_document(name: str, ratings: Ratings, q: int, document: Ints, documents: int) -> Floats:
    """A row of sums for each of so many documents; `document` is that of each unit."""
    if name in {"alpha", "kappa"}:
        return _sums_of_ratings(name, ratings, q, document, documents)
    rows = _unit_rows(name, ratings, q)
    sums = [np.bincount(document, column, documents) for column in rows.T]
    return np.stack(sums, axis=1).astype(np.float64)


def _sums_of_ratings(name: str, ratings: Ratings, q: int, document: Ints, documents: int) -> Floats:
    """As from `_unit_rows`, where margins are whole ratings: without a cell a unit and category."""
    rated = ratings.categories >= 0
    raters = rated.sum(axis=0).astype(np.float64)
    weight = np.where(raters >= 2, ratings.weights, 0.0)
    agreement = weight * _agreeing(ratings.categories)
    total, margins = weight, [0, 1]
    if name == "alpha":  # a unit counts with its number of ratings, and all share their margins
        agreement = 2 * agreement / (np.maximum(raters, 2) - 1)
        total, margins = weight * raters, [0] * len(rated)
    sums = np.zeros((documents, 2 + 2 * q))
    sums[:, 0] = np.bincount(document, agreement, documents)
    sums[:, 1] = np.bincount(document, total, documents)
    for margin, row, said in zip(margins, ratings.categories, rated, strict=True):
        cells = np.bincount(document[said] * q + row[said], weight[said], documents * q)
        begin = 2 + margin * q
        sums[:, begin : begin + q] += cells.reshape(documents, q)
    return sums


def _agreeing(categories: Ints) -> Ints:
    """How many pairs of annotators gave a unit the same category."""
    found = np.zeros(categories.shape[1], dtype=np.int64)
    for one, other in combinations(categories, 2):
        found += (one == other) & (one >= 0)
    return found


def _unit_rows(name: str, ratings: Ratings, q: int) -> Floats:
    """What each unit adds to the sums."""
    if name == "kappa":
        return _rows_of_two(ratings, q)
    tally = _tally(ratings, q)
    raters = tally.sum(axis=1)
    weight = np.where(raters >= 2, ratings.weights, 0.0)
    counted = np.maximum(raters, 2)
    agreement = weight * (tally * (tally - 1)).sum(axis=1) / (counted - 1)
    if name == "alpha":  # a unit counts with its number of ratings
        return np.column_stack([agreement, weight * raters, weight[:, None] * tally, _none(tally)])
    shares = tally / np.maximum(raters, 1)[:, None]
    rated = np.where(raters > 0, ratings.weights, 0.0) if name in {"ac1", "fleiss"} else weight
    margins = rated[:, None] * shares
    return np.column_stack([agreement / counted, weight, margins, _none(tally)])


def _none(tally: Floats) -> Floats:
    return np.zeros_like(tally)


def _rows_of_two(ratings: Ratings, q: int) -> Floats:
    first, second = ratings.categories
    weight = np.where((first >= 0) & (second >= 0), ratings.weights, 0.0)
    classes = np.arange(q)
    rows = weight[:, None] * (first[:, None] == classes)
    columns = weight[:, None] * (second[:, None] == classes)
    return np.column_stack([weight * (first == second), weight, rows, columns])


def from_sums(name: str, sums: Floats) -> Floats:
    """Value of the coefficient for every row of sums (last axis); NaN where it is undefined."""
    q = (sums.shape[-1] - 2) // 2
    agreement, total = sums[..., 0], sums[..., 1]
    first, second = sums[..., 2 : 2 + q], sums[..., 2 + q :]
    with np.errstate(invalid="ignore", divide="ignore"):
        observed = agreement / total
        if name == "percent":
            return observed
        expected = _expected(name, total, first, second)
        value = (observed - expected) / (1 - expected)
    undefined = (total <= 0) | (np.abs(1 - expected) < _EPSILON)
    return np.where(undefined, np.nan, value)


def _expected(name: str, total: Floats, first: Floats, second: Floats) -> Floats:
    """Agreement by chance."""
    if name == "kappa":
        return _row_sums(first * second) / total**2
    if name == "alpha":
        return _row_sums(first * (first - 1)) / (total * (total - 1))
    shares = first / first.sum(axis=-1)[..., None]
    if name == "ac1":
        # With one category there is nothing to agree on by chance or otherwise: undefined.
        others = first.shape[-1] - 1
        return _row_sums(shares * (1 - shares)) / others if others else np.ones_like(total)
    return _row_sums(shares**2)


def _row_sums(values: Floats) -> Floats:
    sums: Floats = values.sum(axis=-1)
    return sums


def coefficient(name: str, ratings: Mapping[str, Sequence[Hashable | None]]) -> float | None:
    """The coefficient `name` over annotator -> one category (or None) an item; None if undefined.

    "kappa" and "pi" take exactly two annotators.
    """
    if len(ratings) < 2 or (name in TWO_ANNOTATORS and len(ratings) != 2):
        return None
    numbers: dict[Hashable, int] = {}
    coded = ratings_of(ratings.values(), numbers)
    value = float(from_sums(name, sums_of(name, coded, len(numbers))))
    return None if np.isnan(value) else value


def per_category_fleiss(
    ratings: Mapping[str, Sequence[Hashable | None]],
) -> dict[str, float | None]:
    """Fleiss' kappa of each category against all others (Fleiss 1971, equation 23).

    Categories by their text; items with fewer than two ratings are left out.
    """
    numbers: dict[Hashable, int] = {}
    coded = ratings_of(ratings.values(), numbers)
    found = {}
    for category, number in numbers.items():
        binary = np.where(coded.categories < 0, -1, coded.categories == number)
        one = Ratings(binary.astype(np.int64), coded.weights)
        value = float(from_sums("fleiss", sums_of("fleiss", one, 2)))
        found[str(category)] = None if np.isnan(value) else value
    return found
