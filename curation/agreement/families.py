"""Which table a measure has: every family of `registry`, and the averages over pairs, documents."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from curation.agreement.cascade import cascade_table
from curation.agreement.columns import Ints, Marks, codes, spans_by_group
from curation.agreement.gamma import TooDense, gamma_sums
from curation.agreement.gamma_cat import SAMPLES, categorial_score, categorial_sums
from curation.agreement.panel import Group, Panel
from curation.agreement.registry import UNITIZING, Measure
from curation.agreement.tables import (
    Score,
    Table,
    attribute_table,
    marked_by_label,
    span_table,
    union_of,
    unit_table,
)
from curation.agreement.unitizing import alpha_u_sums, unitized_score, unitized_sums

__all__ = ["Refused", "table_of"]

Floats: TypeAlias = NDArray[np.float64]
Bools: TypeAlias = NDArray[np.bool_]


class Refused(Exception):
    """These annotations are nothing that the measure is defined for; the text says why."""


def table_of(measure: Measure, panel: Panel, group: Group) -> Table:
    """The table of a measure for the annotators in `group`, made once; Refused without."""
    return panel.once((str(measure), group), lambda: _table(measure, panel, group))


def _table(measure: Measure, panel: Panel, group: Group) -> Table:
    if measure.average == "pairs":
        return _mean_of_pairs(measure.pooled, panel, group)
    if measure.average == "documents":
        return _mean_of_documents(table_of(measure.pooled, panel, group))
    return _maker(measure)(measure, panel, group)


def _maker(measure: Measure) -> Callable[[Measure, Panel, Group], Table]:
    if measure.layer == "events":
        return cascade_table
    if measure.family in UNITIZING:
        return _continuum_table
    if measure.family == "semeval":
        return _semeval_table
    if measure.family == "f1":
        return span_table
    return unit_table if "unit" in measure.parameters else attribute_table


def _mean_of_pairs(measure: Measure, panel: Panel, group: Group) -> Table:
    """Columns of every pair side by side; the mean of the pairs in which it is defined."""
    tables = [table_of(measure, panel, pair) for pair in combinations(group, 2)]
    if not tables:
        return table_of(measure, panel, group)
    slices = min(t.sums.shape[0] for t in tables)
    sums = np.concatenate([t.sums[:slices] for t in tables], axis=2)
    cuts = np.cumsum([t.sums.shape[2] for t in tables])[:-1]

    def values(rows: Floats) -> list[Floats]:
        parts = np.split(rows, cuts, axis=-1)
        return [t.score(part) for t, part in zip(tables, parts, strict=True)]

    def score(rows: Floats) -> Floats:
        return _mean(values(rows))

    def spread(rows: Floats) -> Floats:
        found = values(rows)
        return np.sqrt(_mean([(value - _mean(found)) ** 2 for value in found]))

    # Every pair's items, of which those that several pairs share count more than once.
    items = np.max([t.items[:slices] for t in tables], axis=0)
    compared = panel.compared(group)
    return Table(sums, items, compared, score, tables[0].labels, spread=spread)


def _mean(values: list[Floats]) -> Floats:
    stacked = np.stack(values)
    defined = ~np.isnan(stacked)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean: Floats = np.where(defined, stacked, 0).sum(axis=0) / defined.sum(axis=0)
    return mean


def _mean_of_documents(table: Table) -> Table:
    """Sums [value, 1] of every document in which the measure is defined."""
    values = table.score(table.sums)
    defined = ~np.isnan(values) & table.compared
    sums = np.stack([np.where(defined, values, 0.0), defined.astype(np.float64)], axis=2)
    return Table(sums, table.items, table.compared, _ratio, table.labels)


def _ratio(rows: Floats) -> Floats:
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio: Floats = rows[..., 0] / rows[..., 1]
    return np.where(rows[..., 1] > 0, ratio, np.nan)


@dataclass(frozen=True)
class _Aligned:
    """A pair's aligned items: the document of each, and in what they are the same.

    `missed` and `spurious`: items of a document that only the first or the second has.
    """

    document: Ints
    same_span: Bools
    same_type: Bools
    missed: Ints
    spurious: Ints


def _semeval_table(measure: Measure, panel: Panel, group: Group) -> Table:
    """Sums [correct, incorrect, partial, missed, spurious] over pairs; the first is reference."""
    n, scheme = len(panel.uids), measure.parameters["scheme"]
    key = ("semeval", measure.layer, group)  # the schemes differ only in what they make of it
    pairs, items = panel.once(key, lambda: _semeval_pairs(panel, measure.layer, group))
    sums = np.zeros((n, 5))
    wrong = 2 if scheme == "partial" else 1
    for pair in pairs:
        right = {
            "strict": pair.same_span & pair.same_type,
            "exact": pair.same_span,
            "partial": pair.same_span,
            "ent_type": pair.same_type,
        }[scheme]
        sums[:, 0] += np.bincount(pair.document[right], minlength=n)
        sums[:, wrong] += np.bincount(pair.document[~right], minlength=n)
        sums[:, 3] += pair.missed
        sums[:, 4] += pair.spurious
    names = ("correct", "incorrect", "partial", "missed", "spurious")
    return Table(sums[None], items, panel.compared(group), _semeval_f1, names=names)


def _semeval_pairs(panel: Panel, layer: str, group: Group) -> tuple[list[_Aligned], Floats]:
    """Every pair of the group, and how many different items a document has."""
    n = len(panel.uids)
    pairs: list[_Aligned] = []
    marked: list[Marks] = []
    for pair in combinations(group, 2):
        a, b, found = panel.aligned(layer, pair)
        marked += [a, b]
        x, y = a.take(found.first), b.take(found.second)
        pairs.append(
            _Aligned(
                document=x["document"],
                same_span=(x["start"] == y["start"]) & (x["end"] == y["end"]),
                same_type=x["label"] == y["label"],
                missed=np.bincount(a["document"][found.only_first], minlength=n),
                spurious=np.bincount(b["document"][found.only_second], minlength=n),
            )
        )
    return pairs, marked_by_label(union_of(marked), 1, n) if marked else np.zeros((1, n))


def _semeval_f1(sums: Floats) -> Floats:
    """(correct + half of partial) over the mean number of items of both sides."""
    right = sums[..., 0] + sums[..., 2] / 2
    shared = sums[..., 0] + sums[..., 1] + sums[..., 2]
    return _ratio(np.stack([2 * right, 2 * shared + sums[..., 3] + sums[..., 4]], axis=-1))


def _continuum_table(measure: Measure, panel: Panel, group: Group) -> Table:
    """Each document is a continuum of its own; its sums of observed and expected add up."""
    layer = panel.layer(measure.layer)
    compared = panel.compared(group)
    if measure.needs_lengths:
        compared = compared & panel.measurable("character")
    marks = [panel.marks(measure.layer, i, compared) for i in group]
    if measure.flat and any(_overlaps(m, measure.family == "alpha_u") for m in marks):
        raise Refused("spans of one annotator overlap")
    n, names = len(panel.uids), layer.labels
    sums = np.zeros((1, n, _width(measure, len(names))))
    for document in np.flatnonzero(compared).tolist():
        rows = [
            spans_by_group(m.take(m["document"] == document), names)
            for i, m in zip(group, marks, strict=True)
            if panel.seen[document, i]
        ]
        length = panel.lengths.get(panel.uids[document], 0)
        sums[0, document] = _document_sums(measure, rows, length, names, document)
    items = marked_by_label(union_of(marks), 1, n) if marks else np.zeros((1, n))
    return Table(sums, items, compared, _continuum_score(measure, names))


def _width(measure: Measure, labels: int) -> int:
    if measure.family in {"alpha_u", "gamma"}:
        return 2
    if measure.family in {"gamma_cat", "gamma_k"}:
        return 2 + 2 * SAMPLES
    return (labels + 1) ** 2 + 2 * (labels + 1)


def _document_sums(
    measure: Measure,
    rows: list[list[tuple[int, int, str]]],
    length: int,
    names: tuple[str, ...],
    document: int,
) -> Sequence[float] | Floats:
    label = measure.parameters.get("label")
    seed = [0, document]
    try:
        if measure.family == "gamma":
            return gamma_sums(rows, seed=seed)
        if measure.family in {"gamma_cat", "gamma_k"}:
            counted = "unaligned" in measure.parameters
            return categorial_sums(rows, seed=seed, label=label, unaligned=counted)
    except TooDense as error:
        raise Refused(str(error)) from error
    if measure.family == "alpha_u":
        return alpha_u_sums(rows, length, names if label is None else [label])
    return unitized_sums(rows, length, names)


def _continuum_score(measure: Measure, names: tuple[str, ...]) -> Score:
    if measure.family in {"alpha_u", "gamma"}:
        return _one_minus_ratio
    label = measure.parameters.get("label", "")
    if measure.family in {"ku_alpha", "gamma_k"} and label not in names:
        raise Refused(f"nobody marked {label}")
    if measure.family in {"gamma_cat", "gamma_k"}:
        return categorial_score
    number = names.index(label) + 1 if label in names else 0
    return lambda rows: unitized_score(measure.family, rows, number)


def _overlaps(marks: Marks, within_labels: bool) -> bool:
    """Whether spans overlap (of one label, where `within_labels`)."""
    group = codes([marks["document"]], [marks["label"]]) if within_labels else marks["document"]
    order = np.lexsort((marks["start"], group))
    same = group[order][1:] == group[order][:-1]
    return bool((same & (marks["start"][order][1:] < marks["end"][order][:-1])).any())


def _one_minus_ratio(rows: Floats) -> Floats:
    return 1 - _ratio(rows)
