"""From facts to what the templates draw: figures with their rows, table, CSV and command."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from curation.report import charts
from curation.report.escape import Cell, csv_href, shorten
from curation.report.facts import NONE, Confusion, Measure, Pair, ReportFacts

__all__ = [
    "Advice",
    "DotFigure",
    "DotRow",
    "Limits",
    "Matrix",
    "MatrixCell",
    "Table",
    "advice",
    "command_of",
    "confusion_matrix",
    "counted",
    "dot_figures",
    "dots",
    "headlines",
    "heatmaps",
    "interval",
    "number",
    "table",
    "value_text",
]


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of each thing one report shows; whatever is left out is said in the report."""

    rows: int
    name: int
    examples: int
    text: int
    marks: int
    matrix: int
    figures: int


@dataclass(frozen=True, slots=True)
class Table:
    """The data of a figure: shown, offered as CSV, and tied to the command that gives it."""

    file: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    left_out: int
    commands: tuple[str, ...]

    @property
    def csv(self) -> str:
        """A data: address with the same rows as CSV, numbers unrounded."""
        return csv_href(self.columns, self.rows)


@dataclass(frozen=True, slots=True)
class DotRow:
    """A measure as a dot with its interval."""

    title: str
    measure: Measure
    dot: charts.Dot


@dataclass(frozen=True, slots=True)
class DotFigure:
    """Measures on a common axis. `name` is set where all rows are slices of one measure."""

    title: str
    name: str | None
    rows: tuple[DotRow, ...]
    axis: charts.Axis
    table: Table


@dataclass(frozen=True, slots=True)
class MatrixCell:
    """One cell: what it says, the shade behind it, and a second line in small type."""

    text: str
    shade: int = 0
    note: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Matrix:
    """A shaded table with the same or other names on both sides."""

    title: str
    name: str | None
    rows_are: str
    columns_are: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[MatrixCell, ...]], ...]
    n: str
    table: Table


@dataclass(frozen=True, slots=True)
class Advice:
    """A gap between two rungs of the ladder and what it speaks of."""

    gap: float
    formula: str
    means: str


def number(value: Cell) -> str:
    """Three decimals for a float, thin groups for a count, an en dash for nothing."""
    if value is None:
        return "–"
    if isinstance(value, str):
        return value
    if isinstance(value, int):
        return f"{value:,}".replace(",", "\u202f")
    return f"{value:.3f}".replace("-", "\u2212") if abs(value) < 1e6 else f"{value:.4g}"


def counted(n: int, one: str, many: str) -> str:
    """A count with its noun."""
    return f"{number(n)} {one if n == 1 else many}"


def value_text(value: float | None, reason: str | None) -> str:
    """The number, or “undefined: reason”; never a zero that nobody measured."""
    return number(float(value)) if value is not None else f"undefined: {reason}"


def interval(measure: Measure) -> str:
    """The 95 % interval in brackets, or why there is none."""
    if measure.value is None:
        return ""
    if measure.ci is None:
        return f"no interval: {measure.reason}" if measure.reason else "no interval"
    low, high = measure.ci
    return f"[{number(float(low))}, {number(float(high))}]"


def command_of(measure: str) -> str:
    """The command line that gives a measure again."""
    return f"curation agreement --measure {shlex.quote(measure)}"


def table(
    file: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[Cell]],
    commands: Iterable[str],
    limits: Limits,
) -> Table:
    """A Table cut to the limits, with the number of rows left out."""
    every = list(rows)
    kept = tuple(tuple(_short(cell, limits) for cell in row) for row in every[: limits.rows])
    named = tuple(shorten(c, limits.name * 3) for c in dict.fromkeys(commands))
    headers = tuple(shorten(c, limits.name) for c in columns)
    left_out = len(every) - len(kept)
    return Table(_slug(file), headers, kept, left_out, named[: limits.figures])


def _short(cell: Cell, limits: Limits) -> Cell:
    return shorten(cell, limits.name * 2) if isinstance(cell, str) else cell


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:80] or "data"


def _parameter(name: str, key: str) -> str | None:
    found = re.search(rf"[(,]\s*{key}\s*=\s*([^,)]+)", name)
    return found[1].strip() if found else None


def _is_headline(measure: Measure) -> bool:
    whole = not measure.slice and _parameter(measure.name, "given") is None
    return whole and _parameter(measure.name, "match") == "exact"


def headlines(measures: Iterable[Measure]) -> tuple[tuple[str, Measure], ...]:
    """(layer, exact agreement) for each layer that has it over all data."""
    found = (m for m in measures if _is_headline(m))
    return tuple((_parameter(m.name, "layer") or m.name, m) for m in found)[:4]


def dot_figures(facts: ReportFacts, limits: Limits) -> tuple[tuple[DotFigure, ...], int]:
    """The ladders of measures over all data, then one figure per measure and kind of slice.

    Slices are sorted by their number of items. Also returns how many figures are left out.
    """
    whole = [m for m in facts.measures if not m.slice]
    sliced = [m for m in facts.measures if m.slice]
    ladders = _grouped(whole, lambda m: (_layer(m.name),))
    parts = _grouped(sliced, lambda m: (m.name, " and ".join(m.slice)))
    figures = [_ladder(key[0], group, limits) for key, group in ladders]
    figures += [_slices(key[0], key[1], group, limits) for key, group in parts]
    return tuple(figures[: limits.figures]), max(0, len(figures) - limits.figures)


def _grouped(
    measures: Iterable[Measure], key: object
) -> Iterator[tuple[tuple[str, ...], list[Measure]]]:
    assert callable(key)
    groups: dict[tuple[str, ...], list[Measure]] = {}
    for measure in measures:
        groups.setdefault(key(measure), []).append(measure)
    yield from groups.items()


def _ladder(layer: str, measures: list[Measure], limits: Limits) -> DotFigure:
    return dots(
        f"{layer}, all data", None, [_rung_title(m.name) for m in measures], measures, limits
    )


def _layer(name: str) -> str:
    """The layer in a name; measures over characters are about entities and leave it out."""
    usual = "entities" if _parameter(name, "unit") else "all layers"
    return _parameter(name, "layer") or usual


def _rung_title(name: str) -> str:
    parts = [name.partition("(")[0]] if not name.startswith("f1(") else []
    for key, word in (("match", ""), ("name", ""), ("unit", "per "), ("given", "given ")):
        value = _parameter(name, key)
        parts += [word + value.replace("_", " ")] if value else []
    if _parameter(name, "background") == "excluded":
        parts.append("without background")
    return ", ".join(parts) or name


def _slices(name: str, kind: str, measures: list[Measure], limits: Limits) -> DotFigure:
    ordered = sorted(measures, key=lambda m: (-m.n_items, tuple(m.slice.values())))
    titles = [", ".join(m.slice.values()) for m in ordered]
    return dots(f"{_layer(name)} by {kind}", name, titles, ordered, limits)


_COLUMNS = (
    "measure", "slice", "value", "low", "high", "interval", "documents", "items", "target",
    "reason",
)  # fmt: skip


def dots(
    title: str, name: str | None, titles: list[str], measures: list[Measure], limits: Limits
) -> DotFigure:
    """Measures with their titles on a common axis; `name` where all are of one measure."""
    axis = charts.axis_for(measures)
    commands = (m.command or command_of(m.name) for m in measures)
    data = table(title, _COLUMNS, map(_measure_row, measures), commands, limits)
    rows = tuple(
        DotRow(shorten(t, limits.name), m, charts.dot(m, axis))
        for t, m in zip(titles, measures, strict=True)
    )
    return DotFigure(title, name, rows[: limits.rows], axis, data)


def _measure_row(m: Measure) -> tuple[Cell, ...]:
    low, high = m.ci or (None, None)
    part = ", ".join(f"{k}={v}" for k, v in m.slice.items()) or "all"
    value: Cell = value_text(None, m.reason) if m.value is None else float(m.value)
    method = m.ci_method if m.ci else None
    return (m.name, part, value, low, high, method, m.n_documents, m.n_items, m.target, m.reason)


_GAPS = (
    ("boundary", "exact", "same boundaries, other label: sharpen the definitions of labels"),
    ("overlap", "exact", "same label, other boundaries: sharpen where a span starts and ends"),
    (None, "overlap_any", "marked by one annotator only: sharpen what is worth marking"),
)


def advice(measures: Iterable[Measure], layer: str) -> tuple[Advice, ...]:
    """What the gaps between the rungs of the F1 ladder of a layer say, largest first."""
    rungs = {
        _parameter(m.name, "match") or "": m
        for m in measures
        if not m.slice and m.name.startswith("f1(") and _parameter(m.name, "layer") == layer
    }
    found = [
        gap
        for upper, lower, means in _GAPS
        if (gap := _gap(rungs, upper, lower, means)) is not None
    ]
    return tuple(sorted(found, key=lambda a: -a.gap))


def _gap(rungs: Mapping[str, Measure], upper: str | None, lower: str, means: str) -> Advice | None:
    below, above = rungs.get(lower), rungs.get(upper or "")
    if below is None or below.value is None:
        return None
    if upper is None:
        return Advice(1 - below.value, f"1 − {below.name}", means)
    if above is None or above.value is None:
        return None
    return Advice(above.value - below.value, f"{above.name} − {below.name}", means)


def heatmaps(facts: ReportFacts, limits: Limits) -> tuple[Matrix, ...]:
    """One matrix of annotators per measure: value and number of shared documents."""
    ordered = sorted(facts.pairs, key=lambda p: p.measure)
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
    data = table(f"pairs {name}", columns, cells, [command_of(name)], limits)
    n = counted(len(pairs), "pair", "pairs") + ", documents that both have done"
    heads = tuple(shorten(a, limits.name) for a in names)
    return Matrix("agreement of pairs", name, "annotator", "annotator", heads, rows, n, data)


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
        f"{counted(total, 'aligned span', 'aligned spans')} in "
        f"{counted(confusion.n_documents, 'document', 'documents')}; "
        f"rows: {shorten(confusion.rows, limits.name)}, "
        f"columns: {shorten(confusion.columns, limits.name)}"
    )
    if size < len(confusion.labels):
        n += f"; {counted(len(confusion.labels) - size, 'label', 'labels')} left out here"
    heads = tuple(shorten(b, limits.name) for b in labels)
    return Matrix(
        confusion.layer, confusion.measure, confusion.rows, confusion.columns, heads, rows, n, data
    )


def _count_cell(a: str, b: str, n: int, highest: int) -> MatrixCell:
    if a == b == NONE:
        return MatrixCell("", kind="self")
    return MatrixCell(number(n), charts.shade(n, highest), kind="agree" if a == b else "")
