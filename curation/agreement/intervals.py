"""Confidence intervals by resampling documents, or clusters of documents.

Documents are the units of chance: spans of one document share its topic, author and difficulty;
near-duplicates share them too, so a cluster of these is drawn as one. A score is a function of
column sums over documents, so a bootstrap is one matrix product of multinomial weights with a
table of sums. There is one resampling for all measures and slices, hence differences are paired.

From 20 clusters on: percentile bootstrap. From 5 to 19: delete-one-cluster jackknife with
Student's t (Efron & Tibshirani 1993, chapter 11), which covers better there. Below 5: none.
The intervals speak of other documents by the same annotators, not of other annotators.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "BOOTSTRAP_FROM",
    "INTERVAL_FROM",
    "TOO_FEW_DOCUMENTS",
    "Interval",
    "Job",
    "Resampler",
    "jackknife_t",
]

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
Score: TypeAlias = Callable[[Floats], Floats]
"""Rows of sums (last axis: columns) -> one value a row, NaN where undefined."""

INTERVAL_FROM = 5
BOOTSTRAP_FROM = 20
TOO_FEW_DOCUMENTS = "too few documents"
_UNDEFINED_RESAMPLES = "undefined in resamples"
_CHUNK = 4_000_000
_DRAWS = 50_000
"""How many are counted at once: as many as the processor's cache can hold."""
_EXACT = 2**24


@dataclass(frozen=True, slots=True)
class Interval:
    """A confidence interval, or the reason why there is none.

    `dropped` counts resamples in which the score was undefined; they are left out.
    """

    bounds: tuple[float, float] | None
    method: str | None = None
    reason: str | None = None
    dropped: int = 0


@dataclass(frozen=True, slots=True)
class Job:
    """One interval to make: a score over the rows (documents) of a table that are True.

    `low` is the least value that the score can take; the greatest is 1.
    """

    table: Floats
    rows: NDArray[np.bool_]
    score: Score
    low: float = -1.0


@dataclass(frozen=True)
class Resampler:
    """Draws clusters of documents from one seed: always the same for the same number.

    `clusters` is the number of the cluster of each document, from 0 on; without it each document
    is one.
    """

    seed: int = 0
    resamples: int = 2000
    level: float = 0.95
    clusters: Ints | None = None
    _weights: dict[int, NDArray[np.uint8]] = field(default_factory=dict, repr=False, compare=False)

    def prepare(self, documents: int) -> None:
        """Draws what intervals over so many documents need, ahead of them."""
        n = self._clusters(documents)[1]
        if n >= BOOTSTRAP_FROM:
            self._drawn(n)

    def interval(self, table: Floats, score: Score, low: float = -1.0) -> Interval:
        """Interval of `score` over the rows of `table` (documents x sums)."""
        return self.intervals([Job(table, np.ones(len(table), dtype=np.bool_), score, low)])[0]

    def intervals(self, jobs: Sequence[Job]) -> list[Interval]:
        """An interval each; jobs over the same documents share one matrix product."""
        lots: dict[bytes, list[int]] = {}
        for i, job in enumerate(jobs):
            lots.setdefault(np.packbits(job.rows).tobytes(), []).append(i)
        columns, places = _distinct_columns(jobs)
        cast = _Cast()
        found: list[Interval] = [Interval(None)] * len(jobs)
        for lot in lots.values():
            made = self._lot([jobs[i] for i in lot], columns, [places[i] for i in lot], cast)
            for i, interval in zip(lot, made, strict=True):
                found[i] = interval
        return found

    def _lot(
        self,
        jobs: Sequence[Job],
        columns: Sequence[Floats],
        places: Sequence[list[int]],
        cast: _Cast,
    ) -> list[Interval]:
        """Jobs over the same documents; `places`: which of `columns` are those of each."""
        rows = jobs[0].rows
        clusters, n_clusters = self._clusters(len(rows))
        present = np.unique(clusters[rows])
        if len(present) < INTERVAL_FROM:
            reason = _too_few(int(np.count_nonzero(rows)), len(present))
            return [Interval(None, reason=reason)] * len(jobs)
        order = {number: at for at, number in enumerate(dict.fromkeys(chain(*places)))}
        taken = [[order[number] for number in place] for place in places]
        table = np.stack([columns[number][rows] for number in order], axis=1)
        stacked = _by_cluster(table, clusters[rows], n_clusters)[present]
        if len(present) < BOOTSTRAP_FROM:
            return [
                jackknife_t(stacked[:, place], job.score, level=self.level, low=job.low)
                for job, place in zip(jobs, taken, strict=True)
            ]
        sums = self._resampled(stacked, present, n_clusters, cast)
        return self._percentiles(
            [job.score(sums[:, place]) for job, place in zip(jobs, taken, strict=True)]
        )

    def _clusters(self, documents: int) -> tuple[Ints, int]:
        clusters = np.arange(documents) if self.clusters is None else self.clusters
        return clusters, int(clusters.max(initial=-1)) + 1

    def _percentiles(self, values: Sequence[Floats]) -> list[Interval]:
        defined = [of[~np.isnan(of)] for of in values]
        tail = (1 - self.level) / 2
        bounds: dict[int, Floats] = {}
        for n in {len(of) for of in defined} - {0}:
            alike = [i for i, of in enumerate(defined) if len(of) == n]
            found = np.quantile([defined[i] for i in alike], [tail, 1 - tail], axis=1)
            bounds |= zip(alike, found.T, strict=True)
        return [
            Interval(
                (float(bounds[i][0]), float(bounds[i][1])) if i in bounds else None,
                "bootstrap" if i in bounds else None,
                None if i in bounds else _UNDEFINED_RESAMPLES,
                len(of) - len(defined[i]),
            )
            for i, of in enumerate(values)
        ]

    def _resampled(self, table: Floats, present: Ints, n: int, cast: _Cast) -> Floats:
        """Sums of every resample."""
        weights = self._drawn(n)
        step = max(1, _CHUNK // len(present))
        small = _exact_in_single(table, n)
        sums = np.empty((self.resamples, table.shape[1]))
        for columns, kind in ((small, np.float32), (~small, np.float64)):
            part: NDArray[Any] = table[:, columns].astype(kind)
            found = np.empty((self.resamples, part.shape[1]), dtype=kind)
            for done in range(0, self.resamples if part.shape[1] else 0, step):
                rows = slice(done, done + step)
                drawn = weights[rows] if len(present) == n else weights[rows].take(present, axis=1)
                np.matmul(cast(drawn, kind), part, out=found[rows])
            sums[:, columns] = found
        return sums

    def _drawn(self, n: int) -> NDArray[np.uint8]:
        if n not in self._weights:
            self._weights[n] = _multinomial(n, self.resamples, self.seed)
        return self._weights[n]


class _Cast:
    """Makes arrays of other kinds in memory that is used again for the next one.

    Memory fresh from the system for each would cost as much as the products.
    """

    def __init__(self) -> None:
        self._buffers: dict[type, NDArray[Any]] = {}

    def __call__(self, values: NDArray[Any], kind: type) -> NDArray[Any]:
        buffer = self._buffers.get(kind)
        if buffer is None or buffer.size < values.size:
            buffer = self._buffers[kind] = np.empty(values.size, dtype=kind)
        made: NDArray[Any] = buffer[: values.size].reshape(values.shape)
        made[...] = values
        return made


def _exact_in_single(table: Floats, draws: int) -> NDArray[np.bool_]:
    """Which columns single precision sums exactly: whole numbers whose sums stay below 2**24."""
    whole = (table >= 0).all(axis=0) & (table == np.floor(table)).all(axis=0)
    exact: NDArray[np.bool_] = whole & (table.max(axis=0) * draws < _EXACT)
    return exact


def _distinct_columns(jobs: Sequence[Job]) -> tuple[list[Floats], list[list[int]]]:
    """The different columns of all jobs, and the numbers of each job's own.

    Jobs over several slices of documents share tables, which are looked at once.
    """
    known: dict[bytes, int] = {}
    kept: list[Floats] = []
    of_table: dict[tuple[Any, ...], list[int]] = {}
    places = []
    for job in jobs:
        memory = job.table.__array_interface__["data"], job.table.shape, job.table.strides
        if memory not in of_table:
            of_table[memory] = [
                _number(column, known, kept) for column in np.ascontiguousarray(job.table.T)
            ]
        places.append(of_table[memory])
    return kept, places


def _number(column: Floats, known: dict[bytes, int], kept: list[Floats]) -> int:
    number = known.setdefault(column.tobytes(), len(kept))
    if number == len(kept):
        kept.append(column.copy())
    return number


def _by_cluster(table: Floats, clusters: Ints, n: int) -> Floats:
    if len(table) == n and (clusters == np.arange(n)).all():
        return table
    sums = [np.bincount(clusters, column, n) for column in table.T]
    return np.stack(sums, axis=1)


def _multinomial(n: int, resamples: int, seed: int) -> NDArray[np.uint8]:
    """How often each of `n` clusters is drawn in each resample.

    More than 255 times never happens: with more clusters than that its probability is nil.
    """
    generator = np.random.default_rng([seed, n])
    step = max(1, _DRAWS // n)
    weights = np.empty((resamples, n), dtype=np.uint8)
    for done in range(0, resamples, step):
        rows = min(step, resamples - done)
        drawn = generator.integers(n, size=(rows, n))
        drawn += np.arange(rows)[:, None] * n
        counts = np.bincount(drawn.ravel(), minlength=rows * n).reshape(-1, n)
        weights[done : done + rows] = np.minimum(counts, 255)
    return weights


def _too_few(documents: int, groups: int) -> str:
    """Why there is no interval: documents enough may be too few groups that are drawn together."""
    if documents < INTERVAL_FROM:
        return TOO_FEW_DOCUMENTS
    return f"{TOO_FEW_DOCUMENTS}: {groups} group{'s' * (groups > 1)} of near-duplicates"


def jackknife_t(table: Floats, score: Score, *, level: float = 0.95, low: float = -1.0) -> Interval:
    """Delete-one-row jackknife interval with Student's t, clipped to [low, 1].

    value ± t(n-1) · sqrt((n-1)/n · Σ (value without row i - their mean)²)
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
