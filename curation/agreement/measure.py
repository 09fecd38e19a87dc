"""AnnotationSets in, AgreementReport out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from curation.agreement.disagreements import Confusion, Disagreement, compare, confusion_matrix
from curation.agreement.intervals import Resampler
from curation.agreement.items import attribute_names
from curation.agreement.registry import Measure, default_measures, parse_measure
from curation.agreement.report import AgreementReport, Estimate, PairEstimate
from curation.agreement.tables import Panel, Table, panel_of, score_of
from curation.model import AnnotationSet

__all__ = ["SLICES", "measure_agreement"]

SLICES = ("language", "label")
NO_DOCUMENTS = "no shared documents"
NO_ITEMS = "no items"
NO_VARIATION = "no variation"

Rows: TypeAlias = NDArray[np.bool_]


def measure_agreement(
    sets: Iterable[AnnotationSet],
    *,
    languages: Mapping[str, str] | None = None,
    text_lengths: Mapping[str, int] | None = None,
    measures: Sequence[Measure | str] | None = None,
    seed: int = 0,
    resamples: int = 2000,
    slices: Sequence[str] = SLICES,
    disagreements: bool = True,
) -> AgreementReport:
    """How far annotators agree.

    `sets` are those to compare: one an annotator and document; the caller leaves out models and
    gold. An annotator without a set for a document has not seen it and drops out there; an empty
    set says that there is nothing. F1 of several annotators pools the counts of all pairs.

    `languages` (uid -> language) is what slices by language go by; `text_lengths` (uid -> number
    of code points) is what measures over characters need; documents without a length are left out
    of these. `measures` are names or parsed measures, by default those of `default_measures`.
    `disagreements=False` leaves out disagreements and confusion, and saves their time.

    Raises InputError where an annotator has two sets for a document, UsageError on a measure that
    does not exist.
    """
    panel = panel_of(sets, text_lengths)
    chosen = _measures(measures, panel)
    sampler = Resampler(seed, resamples)
    found, confusion = _differences(panel) if disagreements else ([], Confusion())
    layers = sorted({layer for layer, _, _ in confusion})
    return AgreementReport(
        annotators=panel.annotators,
        measures=tuple(_all_estimates(panel, chosen, sampler, languages or {}, slices)),
        pairs=tuple(_pair_estimates(panel, chosen, sampler)),
        disagreements=tuple(found),
        confusion={layer: confusion_matrix(confusion, layer) for layer in layers},
        seed=seed,
        resamples=resamples,
    )


def _measures(measures: Sequence[Measure | str] | None, panel: Panel) -> tuple[Measure, ...]:
    if measures is None:
        names = attribute_names(s for row in panel.sets for s in row if s is not None)
        return default_measures(names)
    return tuple(parse_measure(m) if isinstance(m, str) else m for m in measures)


@dataclass(frozen=True)
class _Estimator:
    """What turns a slice of a table into an Estimate."""

    measure: Measure
    table: Table
    sampler: Resampler

    def over(self, rows: Rows, slice_: Mapping[str, str], layer_slice: int = 0) -> Estimate:
        """The measure over the documents in `rows`, for one slice of the table."""
        table = self.table.sums[layer_slice][rows]
        n_items = round(self.table.items[layer_slice][rows].sum())
        blank = Estimate(str(self.measure), None, None, None, len(table), n_items, None, slice_)
        if not len(table):
            return replace(blank, reason=NO_DOCUMENTS)
        score = score_of(self.measure)
        value = float(score(table.sum(axis=0)[None, :])[0])
        if np.isnan(value):
            return replace(blank, reason=NO_VARIATION if n_items else NO_ITEMS)
        interval = self.sampler.interval(table, score, self.measure.lowest)
        return replace(
            blank,
            value=value,
            ci=interval.bounds,
            ci_method=interval.method,
            reason=interval.reason,
            dropped=interval.dropped,
        )


def _all_estimates(
    panel: Panel,
    measures: Sequence[Measure],
    sampler: Resampler,
    languages: Mapping[str, str],
    slices: Sequence[str],
) -> Iterator[Estimate]:
    everyone = tuple(range(len(panel.annotators)))
    masks = _language_masks(panel, languages) if "language" in slices else {}
    for measure in measures:
        refusal = measure.refusal(len(everyone), lengths=bool(panel.lengths) or not panel.uids)
        if refusal:
            yield _refused(measure, refusal, int(panel.compared(everyone).sum()))
            continue
        table = panel.table(measure, everyone)
        estimator = _Estimator(measure, table, sampler)
        yield estimator.over(table.compared, {})
        for language, mask in masks.items():
            yield estimator.over(table.compared & mask, {"language": language})
        if "label" in slices:
            for index, label in enumerate(table.labels, 1):
                yield estimator.over(table.compared, {"label": label}, index)


def _refused(measure: Measure, reason: str, n_documents: int) -> Estimate:
    return Estimate(str(measure), None, None, None, n_documents, 0, reason)


def _language_masks(panel: Panel, languages: Mapping[str, str]) -> dict[str, Rows]:
    spoken = [languages.get(uid) for uid in panel.uids]
    known = sorted({language for language in spoken if language is not None})
    return {language: np.array([s == language for s in spoken]) for language in known}


def _pair_estimates(
    panel: Panel, measures: Sequence[Measure], sampler: Resampler
) -> Iterator[PairEstimate]:
    for pair in panel.pairs:
        first, second = (panel.annotators[i] for i in pair)
        for measure in measures:
            refusal = measure.refusal(2, lengths=bool(panel.lengths) or not panel.uids)
            if refusal:
                estimate = _refused(measure, refusal, int(panel.compared(pair).sum()))
            else:
                table = panel.table(measure, pair)
                estimate = _Estimator(measure, table, sampler).over(table.compared, {})
            yield PairEstimate(first, second, estimate)


def _differences(panel: Panel) -> tuple[list[Disagreement], Confusion]:
    """Disagreements by document, then by place in the text, then by pair of annotators."""
    confusion: Confusion = Confusion()
    found: list[Disagreement] = []
    for row in panel.sets:
        here: list[Disagreement] = []
        for one, other in panel.pairs:
            first, second = row[one], row[other]
            if first is not None and second is not None:
                here.extend(compare(first, second, confusion))
        found.extend(sorted(here, key=lambda d: (d.start, d.end, d.layer, d.annotators)))
    return found, confusion
