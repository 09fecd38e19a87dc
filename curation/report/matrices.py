"""Annotators against annotators, and labels against labels, as shaded tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby

from curation.report import charts
from curation.report.escape import Cell, shorten
from curation.report.facts import NONE, Confusion, Pair, ReportFacts
from curation.report.figures import (
    Limits,
    Table,
    command_of,
    counted,
    layer_of,
    layer_order,
    number,
    table,
    value_text,
)

__all__ = ["Matrix", "MatrixCell", "confusion_matrix", "heatmaps"]


@dataclass(frozen=True, slots=True)
class MatrixCell:
    """One cell: what it says, the shade behind it, and a second line in small type."""

    text: str
    shade: int = 0
    note: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Matrix:
    """A shaded table with the same or other names on both sides.

    `keys` are these names before they were cut to size, `kind` what the filters know them as.
    """

    title: str
    name: str | None
    rows_are: str
    columns_are: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[MatrixCell, ...]], ...]
    n: str
    table: Table
    keys: tuple[str, ...] = ()
    kind: str = ""


def heatmaps(facts: ReportFacts, limits: Limits) -> tuple[Matrix, ...]:
    """One matrix of annotators per measure: value and number of shared documents."""
    ordered = sorted(facts.pairs, key=lambda p: (layer_order(layer_of(p.measure)), p.measure))
    groups = [(name, list(group)) for name, group in groupby(ordered, key=lambda p: p.measure)]
    return tuple(_heatmap(name, group, limits) for name, group in groups[: limits.figures])


def _heatmap(name: str, pairs: list[Pair], limits: Limits) -> Matrix:
    names = charts.order_annotators(pairs)[: limits.matrix]
    found = {(p.annotator_a, p.annotator_b): p for p in pairs}
    found |= {(p.annotator_b, p.annotator_a): p for p in pairs}
    rows = tuple(
        (shorten(a, limits.name), tuple(_pair_cell(a, b, found) for b in names)) for a in names
    )
    columns = ("annotator", "annotator", "measure", "value", "documents", "reason")
    cells = [
        (p.annotator_a, p.annotator_b, p.measure, _pair_value(p), p.n_documents, p.reason)
        for p in pairs
    ]
    by = {0: "annotator", 1: "annotator"}
    data = table(f"pairs {name}", columns, cells, [command_of(name)], limits, by)
    n = counted(len(pairs), "pair", "pairs") + ", documents that both have done"
    heads = tuple(shorten(a, limits.name) for a in names)
    return Matrix(
        f"{layer_of(name)}, pairs of annotators", name, "annotator", "annotator", heads, rows, n,
        data, names, "annotator",
    )  # fmt: skip


def _pair_value(pair: Pair) -> Cell:
    return value_text(None, pair.reason) if pair.value is None else float(pair.value)


def _pair_cell(a: str, b: str, found: Mapping[tuple[str, str], Pair]) -> MatrixCell:
    if a == b:
        return MatrixCell("", kind="self")
    pair = found.get((a, b))
    if pair is None:
        return MatrixCell("undefined: not compared", kind="undefined")
    note = counted(pair.n_documents, "doc", "docs")
    if pair.value is None:
        return MatrixCell(shorten(f"undefined: {pair.reason}", 120), note=note, kind="undefined")
    return MatrixCell(number(float(pair.value)), charts.shade(pair.value, 1.0), note)


def confusion_matrix(confusion: Confusion, command: str, limits: Limits) -> Matrix:
    """Counts of label against label; the shade is the count's share of the largest one."""
    size = min(len(confusion.labels), limits.matrix)
    labels = confusion.labels[:size]
    highest = max((n for row in confusion.counts for n in row), default=0)
    rows = tuple(
        (
            shorten(a, limits.name),
            tuple(_count_cell(a, b, confusion.counts[i][j], highest) for j, b in enumerate(labels)),
        )
        for i, a in enumerate(labels)
    )
    total = sum(map(sum, confusion.counts))
    cells: list[tuple[Cell, ...]] = [(a, *confusion.counts[i][:size]) for i, a in enumerate(labels)]
    columns = (f"{confusion.rows} \\ {confusion.columns}", *labels)
    commands = [command_of(confusion.measure)] if confusion.measure else [command]
    data = table(f"confusion {confusion.layer}", columns, cells, commands, limits)
    n = (
        f"n = {counted(total, 'pair of items', 'pairs of items')} in "
        f"{counted(confusion.n_documents, 'document', 'documents')}; "
        f"rows: {shorten(confusion.rows, limits.name)}, "
        f"columns: {shorten(confusion.columns, limits.name)}"
    )
    if size < len(confusion.labels):
        n += f"; {counted(len(confusion.labels) - size, 'label', 'labels')} left out here"
    heads = tuple(shorten(b, limits.name) for b in labels)
    kind = "" if confusion.layer.startswith("attributes") else "label"
    return Matrix(
        confusion.layer, confusion.measure, confusion.rows, confusion.columns, heads, rows, n,
        data, labels, kind,
    )  # fmt: skip


def _count_cell(a: str, b: str, n: int, highest: int) -> MatrixCell:
    if a == b == NONE:
        return MatrixCell("", kind="self")
    return MatrixCell(number(n), charts.shade(n, highest), kind="agree" if a == b else "")
