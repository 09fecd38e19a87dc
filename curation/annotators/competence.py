"""How sure the competence of annotators is: the model is fitted again on resampled documents.

From 20 documents on, or clusters of near-duplicates, which are drawn together: percentile
bootstrap; from 5 to 19 the jackknife with Student's t; below that no interval, as for agreement.
Where many annotators make so many different patterns of answers that the bootstrap would take
minutes: the jackknife over 20 groups of documents (Kott 2001, the delete-a-group jackknife).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from curation.adjudication.competence import Pattern, fit_patterns
from curation.agreement.intervals import (
    BOOTSTRAP_FROM,
    INTERVAL_FROM,
    TOO_FEW_DOCUMENTS,
    Interval,
    Score,
    jackknife_t,
)

__all__ = ["Fitted", "fit_with_intervals"]

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]

_GROUPS = 20
_MOST = 500_000
"""Patterns times refits, beyond which groups are left out instead: some ten seconds of work."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """An annotator's chance of the right answer, and over how many positions."""

    accuracy: float
    interval: Interval
    positions: int


def fit_with_intervals(
    documents: Sequence[Mapping[Pattern, int]],
    *,
    clusters: Sequence[int] | None = None,
    seed: int = 0,
    refits: int = 200,
) -> dict[str, Fitted] | None:
    """By annotator; None with fewer than three. `documents`: how often each pattern is in each.

    `clusters` has the number of the cluster of each document; without it each is one. The same
    seed gives the same intervals.
    """
    table = _Table(documents, range(len(documents)) if clusters is None else clusters)
    fitted = table.accuracy(np.ones(table.clusters))
    if fitted is None:
        return None
    names = list(fitted)
    intervals = dict(zip(names, _intervals(table, names, seed, refits), strict=True))
    return {
        name: Fitted(value, intervals[name], table.positions(name))
        for name, value in fitted.items()
    }


class _Table:
    """How often each pattern is in each cluster of documents, without the many zeros."""

    def __init__(self, documents: Sequence[Mapping[Pattern, int]], clusters: Sequence[int]) -> None:
        numbers = {cluster: n for n, cluster in enumerate(dict.fromkeys(clusters))}
        self._patterns = list(dict.fromkeys(p for document in documents for p in document))
        place = {pattern: n for n, pattern in enumerate(self._patterns)}
        rows = [
            (numbers[cluster], place[pattern], times)
            for cluster, document in zip(clusters, documents, strict=True)
            for pattern, times in document.items()
        ]
        self.clusters = len(numbers)
        self._rows = np.array(rows, dtype=np.int64).reshape(-1, 3)

    def accuracy(self, drawn: Floats) -> dict[str, float] | None:
        """The fit where each cluster is there as often as it was drawn."""
        cluster, pattern, times = self._rows.T
        counts = np.bincount(pattern, times * drawn[cluster], len(self._patterns)).tolist()
        there = {p: round(n) for p, n in zip(self._patterns, counts, strict=True) if n}
        fitted = fit_patterns(there)
        return None if fitted is None else fitted.accuracy()

    @property
    def patterns(self) -> int:
        """How many different ones there are."""
        return len(self._patterns)

    def positions(self, name: str) -> int:
        """How many positions that annotator answered."""
        answered = np.array([any(who == name for who, _, _ in p) for p in self._patterns])
        return int(self._rows[answered[self._rows[:, 1]], 2].sum())


def _intervals(table: _Table, names: Sequence[str], seed: int, refits: int) -> list[Interval]:
    n = table.clusters
    if n < INTERVAL_FROM:
        return [Interval(None, reason=TOO_FEW_DOCUMENTS)] * len(names)
    if n < BOOTSTRAP_FROM:
        return _jackknife(table, names, np.arange(n))
    generator = np.random.default_rng([seed, n])
    if table.patterns * refits > _MOST:
        return _jackknife(table, names, generator.permutation(n) % _GROUPS)
    draws = (generator.integers(n, size=n) for _ in range(refits))
    rows = [_values(table, names, np.bincount(drawn, minlength=n)) for drawn in draws]
    return [_percentiles(column) for column in np.array(rows).T]


def _values(table: _Table, names: Sequence[str], drawn: Ints) -> list[float]:
    """NaN for those who annotated nothing of what was drawn."""
    found = table.accuracy(drawn.astype(np.float64)) or {}
    return [found.get(name, np.nan) for name in names]


def _percentiles(values: Floats) -> Interval:
    defined = values[~np.isnan(values)]
    if not len(defined):
        return Interval(None, reason="undefined in resamples", dropped=len(values))
    low, high = np.quantile(defined, [0.025, 0.975])
    return Interval((float(low), float(high)), "bootstrap", dropped=len(values) - len(defined))


def _jackknife(table: _Table, names: Sequence[str], groups: Ints) -> list[Interval]:
    """Each group left out once; rows of sums are, for once, how often each cluster counts."""
    known: dict[bytes, list[float]] = {}

    def score_of(place: int) -> Score:
        def score(rows: Floats) -> Floats:
            for row in rows:
                if row.tobytes() not in known:
                    known[row.tobytes()] = _values(table, names, row.astype(np.int64))
            return np.array([known[row.tobytes()][place] for row in rows])

        return score

    each = (groups == np.unique(groups)[:, None]).astype(np.float64)
    return [jackknife_t(each, score_of(i), low=0.0) for i in range(len(names))]
