"""From counts to figures with intervals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from curation.adjudication.competence import LEAST_ANNOTATORS
from curation.agreement.intervals import Interval, Job, Resampler, Score
from curation.agreement.tables import f1_score
from curation.annotators.competence import Fitted, fit_with_intervals
from curation.annotators.counts import FATES, LEAVE_OUT_FROM, Counts, Row
from curation.annotators.figures import LAYERS, LEAST, TOO_FEW, Figure, Suggestions

__all__ = ["Estimator"]

Floats: TypeAlias = NDArray[np.float64]
_DECIDED = ("entities", "events")
"""The layers with positions that everybody votes on."""
_MEASURED = {"entities": "entities", "events": "triggers", "arguments": "arguments"}


class Estimator:
    """Figures of annotators over the counted Documents; near-duplicates are drawn together.

    `clusters` has the number of the cluster of each Document. The same seed, the same figures.
    """

    def __init__(
        self,
        counts: Counts,
        *,
        clusters: Sequence[int],
        seed: int = 0,
        resamples: int = 2000,
        refits: int = 200,
    ) -> None:
        self._counts, self._seed, self._refits = counts, seed, refits
        self._clusters = np.array(clusters, dtype=np.int64)
        self._sampler = Resampler(seed, resamples, clusters=self._clusters)

    def others(self, name: str) -> tuple[Figure, ...]:
        """Mean exact F1 with each of the others; pairs with too few Documents are left out."""
        return tuple(self._others(name, layer) for layer in LAYERS)

    def gold(self, name: str) -> tuple[Figure, ...]:
        """Exact F1 with gold, over what it has decided."""
        none = "no gold" if not self._any("gold") else "no document with gold"
        return tuple(
            self._f1(layer, self._counts.rows.get(("gold", layer, name), {}), none)
            for layer in LAYERS
        )

    def gold_without(self, name: str) -> tuple[Figure, ...]:
        """The same with what the rules decide from the votes of the others alone."""
        few = f"no document that {LEAVE_OUT_FROM} have done"
        none = few if len(self._counts.people) >= LEAVE_OUT_FROM else _FEWER_THAN_THREE
        return tuple(
            self._f1(layer, self._counts.rows.get(("without", layer, name), {}), none)
            for layer in _DECIDED
        )

    def suggestions(self, name: str) -> tuple[Suggestions, ...]:
        """What became of what was suggested; nothing for who never began from suggestions."""
        found = ((k, self._counts.rows.get(("fate", k, name), {})) for k in LAYERS)
        return tuple(self._suggestions(layer, rows) for layer, rows in found if rows)

    def competence(self, name: str) -> tuple[Figure, ...]:
        """The chance of a right answer by Dawid & Skene."""
        return tuple(self._competence(name, layer) for layer in _DECIDED)

    def _any(self, what: str) -> bool:
        return any(key[0] == what and rows for key, rows in self._counts.rows.items())

    def _others(self, name: str, layer: str) -> Figure:
        measure = _f1_name(layer)
        pairs = [
            (rows, key.index(name, 2) - 2)
            for key, rows in self._counts.rows.items()
            if key[:2] == ("pair", layer) and name in key[2:]
        ]
        numbers = sorted({n for rows, _ in pairs for n in rows})
        none = "no other annotator" if len(self._counts.people) < 2 else "no shared documents"
        kept = [pair for pair in pairs if len(pair[0]) >= LEAST]
        if not kept:
            return _none(layer, measure, len(numbers), TOO_FEW if numbers else none)
        tables = [self._table(rows, 3) for rows, _ in kept]
        mine = sum(int(t[:, 1 + side].sum()) for t, (_, side) in zip(tables, kept, strict=True))
        rows = self._mask(n for pair, _ in kept for n in pair)
        job = Job(np.concatenate(tables, axis=1), rows, _mean_f1, 0.0)
        return self._figure(layer, measure, job, mine)

    def _f1(self, layer: str, rows: Mapping[int, Row], none: str) -> Figure:
        measure = _f1_name(layer)
        if len(rows) < LEAST:
            return _none(layer, measure, len(rows), TOO_FEW if rows else none)
        table = self._table(rows, 3)
        job = Job(table, self._mask(rows), f1_score, 0.0)
        found = self._figure(layer, measure, job, int(table[:, 1].sum()))
        return replace(found, left_out=sum(row[3] for row in rows.values()))

    def _suggestions(self, layer: str, rows: Mapping[int, Row]) -> Suggestions:
        table = self._table(rows, 4)
        totals = dict(zip(FATES, table.sum(axis=0).astype(int).tolist(), strict=True))
        shares = {
            fate: self._share(layer, fate, table, self._mask(rows), len(rows)) for fate in FATES
        }
        return Suggestions(layer, **totals, n_documents=len(rows), shares=shares)

    def _share(
        self, layer: str, fate: str, table: Floats, rows: NDArray[np.bool_], n: int
    ) -> Figure:
        if n < LEAST:
            return _none(layer, fate, n, TOO_FEW)
        of = (0, 1, 3) if fate == "added" else (0, 1, 2)
        job = Job(table, rows, _share_of(FATES.index(fate), of), 0.0)
        return self._figure(layer, fate, job, int(table[:, of].sum()), "nothing suggested")

    def _figure(
        self, layer: str, measure: str, job: Job, n: int, nothing: str = "no items"
    ) -> Figure:
        documents = int(job.rows.sum())
        value = float(job.score(job.table[job.rows].sum(axis=0)[None, :])[0])
        if np.isnan(value):
            return _none(layer, measure, documents, nothing)
        (interval,) = self._sampler.intervals([job])
        return _with(layer, measure, value, interval, documents, n)

    def _table(self, rows: Mapping[int, Row], columns: int) -> Floats:
        found = np.zeros((self._counts.documents, columns))
        for number, row in rows.items():
            found[number] = row[:columns]
        return found

    def _mask(self, numbers: Iterable[int]) -> NDArray[np.bool_]:
        found = np.zeros(self._counts.documents, dtype=np.bool_)
        found[list(numbers)] = True
        return found

    def _competence(self, name: str, layer: str) -> Figure:
        documents = sum(
            any(who == name for pattern in found for who, _, _ in pattern)
            for found in self._counts.patterns[layer].values()
        )
        fitted = self._fitted[layer]
        if fitted is None:
            return _none(layer, _COMPETENCE, documents, _FEWER_THAN_THREE)
        if name not in fitted or documents < LEAST:
            none = "no shared documents" if name not in fitted else TOO_FEW
            return _none(layer, _COMPETENCE, documents, none)
        one = fitted[name]
        return _with(layer, _COMPETENCE, one.accuracy, one.interval, documents, one.positions)

    @cached_property
    def _fitted(self) -> Mapping[str, Mapping[str, Fitted] | None]:
        found = {}
        for layer in _DECIDED:
            patterns = self._counts.patterns[layer]
            found[layer] = fit_with_intervals(
                list(patterns.values()),
                clusters=self._clusters[list(patterns)].tolist(),
                seed=self._seed,
                refits=self._refits,
            )
        return found


_FEWER_THAN_THREE = (
    f"fewer than {'three' if LEAST_ANNOTATORS == 3 else LEAST_ANNOTATORS} annotators"
)
_COMPETENCE = "dawid-skene accuracy"


def _f1_name(layer: str) -> str:
    return f"f1(layer={_MEASURED[layer]},match=exact)"


def _none(layer: str, measure: str, documents: int, reason: str) -> Figure:
    return Figure(layer, measure, None, None, None, reason, documents, 0)


def _with(
    layer: str, measure: str, value: float, interval: Interval, documents: int, n: int
) -> Figure:
    return Figure(
        layer, measure, value, interval.bounds, interval.method, interval.reason, documents, n
    )


def _mean_f1(sums: Floats) -> Floats:
    """The mean over pairs, three columns each, in which F1 is defined."""
    pairs = np.split(sums, sums.shape[-1] // 3, axis=-1)
    values = np.stack([f1_score(pair) for pair in pairs])
    defined = ~np.isnan(values)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean: Floats = np.where(defined, values, 0).sum(axis=0) / defined.sum(axis=0)
    return mean


def _share_of(column: int, of: tuple[int, ...]) -> Score:
    def score(sums: Floats) -> Floats:
        total = sums[..., list(of)].sum(axis=-1)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(total > 0, sums[..., column] / total, np.nan)

    return score
