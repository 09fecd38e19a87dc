"""Confidence intervals by resampling documents.

Documents are the units of chance: spans of one document share its topic, author and difficulty.
A score is a function of column sums over documents, so a bootstrap is one matrix product of
multinomial weights with the table of sums. Measures over the same documents share the same
resamples, hence their differences are paired.

From 20 documents on: percentile bootstrap. From 5 to 19: delete-one-document jackknife with
Student's t (Efron & Tibshirani 1993, chapter 11), which covers better there. Below 5: none.
The intervals speak of other documents by the same annotators, not of other annotators.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "BOOTSTRAP_FROM",
    "INTERVAL_FROM",
    "TOO_FEW_DOCUMENTS",
    "Interval",
    "Resampler",
    "jackknife_t",
]

Floats: TypeAlias = NDArray[np.float64]
Score: TypeAlias = Callable[[Floats], Floats]
"""Rows of sums (last axis: columns) -> one value a row, NaN where undefined."""

INTERVAL_FROM = 5
BOOTSTRAP_FROM = 20
TOO_FEW_DOCUMENTS = "too few documents"
_UNDEFINED_RESAMPLES = "undefined in resamples"
_CHUNK = 10_000_000


@dataclass(frozen=True, slots=True)
class Interval:
    """A confidence interval, or the reason why there is none.

    `dropped` counts resamples in which the score was undefined; they are left out.
    """

    bounds: tuple[float, float] | None
    method: str | None = None
    reason: str | None = None
    dropped: int = 0


@dataclass(frozen=True)
class Resampler:
    """Draws the same resamples for the same number of documents, from one seed."""

    seed: int = 0
    resamples: int = 2000
    level: float = 0.95
    _weights: dict[int, Floats] = field(default_factory=dict, repr=False, compare=False)

    def interval(self, table: Floats, score: Score, low: float = -1.0) -> Interval:
        """Interval of `score` over the rows of `table` (documents x sums).

        `low` is the least value that the score can take; the greatest is 1.
        """
        n = len(table)
        if n < INTERVAL_FROM:
            return Interval(None, reason=TOO_FEW_DOCUMENTS)
        if n < BOOTSTRAP_FROM:
            return jackknife_t(table, score, level=self.level, low=low)
        return self._bootstrap(table, score)

    def _bootstrap(self, table: Floats, score: Score) -> Interval:
        values = self.replicates(table, score)
        defined = values[~np.isnan(values)]
        dropped = len(values) - len(defined)
        if not len(defined):
            return Interval(None, reason=_UNDEFINED_RESAMPLES, dropped=dropped)
        tail = (1 - self.level) / 2
        low, high = np.quantile(defined, [tail, 1 - tail])
        return Interval((float(low), float(high)), "bootstrap", dropped=dropped)

    def replicates(self, table: Floats, score: Score) -> Floats:
        """The score in every resample; NaN where it is undefined."""
        return score(self._drawn(len(table)) @ table)

    def _drawn(self, n: int) -> Floats:
        if n not in self._weights:
            self._weights[n] = _multinomial(n, self.resamples, self.seed)
        return self._weights[n]


def _multinomial(n: int, resamples: int, seed: int) -> Floats:
    """How often each of `n` documents is drawn in each resample."""
    generator = np.random.default_rng([seed, n])
    step = max(1, _CHUNK // n)
    weights = np.empty((resamples, n))
    for done in range(0, resamples, step):
        rows = min(step, resamples - done)
        drawn = generator.integers(n, size=(rows, n)) + np.arange(rows)[:, None] * n
        weights[done : done + rows] = np.bincount(drawn.ravel(), minlength=rows * n).reshape(-1, n)
    return weights


def jackknife_t(table: Floats, score: Score, *, level: float = 0.95, low: float = -1.0) -> Interval:
    """Delete-one jackknife interval with Student's t, clipped to [low, 1].

    value ± t(n-1) · sqrt((n-1)/n · Σ (value without document i - their mean)²)
    """
    from scipy.special import stdtrit  # slow to import, and needed for few documents only

    total = table.sum(axis=0)
    left_out = score(total - table)
    defined = left_out[~np.isnan(left_out)]
    n, dropped = len(defined), len(left_out) - len(defined)
    if n < INTERVAL_FROM:
        return Interval(None, reason=_UNDEFINED_RESAMPLES, dropped=dropped)
    value = float(score(total[None, :])[0])
    error = np.sqrt((n - 1) / n * ((defined - defined.mean()) ** 2).sum())
    reach = float(stdtrit(n - 1, (1 + level) / 2) * error)
    bounds = (max(low, value - reach), min(1.0, value + reach))
    return Interval(bounds, "jackknife-t", dropped=dropped)
