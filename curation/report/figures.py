"""From facts to what the templates draw: figures with their rows, table, CSV and command."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from curation.report import charts
from curation.report.escape import Cell, csv_href, shorten
from curation.report.facts import Measure, ReportFacts

__all__ = [
    "Advice",
    "DotFigure",
    "DotRow",
    "Limits",
    "Rough",
    "Table",
    "advice",
    "command_of",
    "counted",
    "dot_figures",
    "dots",
    "headlines",
    "interval",
    "is_headline",
    "layer_of",
    "layer_order",
    "number",
    "slice_figures",
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
    """The data of a figure: shown, offered as CSV, and tied to the command that gives it.

    `by`: columns by which the filters of the page choose rows, see `curation.report.filters`;
    `raw` are the values in them as they were before they were cut to size.
    """

    file: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    left_out: int
    commands: tuple[str, ...]
    by: Mapping[int, str] = field(default_factory=dict)
    raw: tuple[tuple[Cell, ...], ...] = ()

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
    """Measures on a common axis. `name` is set where all rows are slices of one measure.

    `undefined` are the titles of what has no value beside others that have, by the reason.
    """

    title: str
    name: str | None
    rows: tuple[DotRow, ...]
    axis: charts.Axis
    table: Table
    undefined: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def is_main(self) -> bool:
        """Whether it is shown at once: ladders, and slices of exact agreement."""
        return self.name is None or is_headline(self.name)


@dataclass(frozen=True, slots=True)
class Advice:
    """A gap between two rungs of the ladder and what it speaks of."""

    gap: float
    formula: str
    means: str


class Rough(float):
    """A number of which only the first decimal says something: hours, tasks a week."""


def number(value: Cell) -> str:
    """Three decimals for a float, thin groups for a count, an en dash for nothing."""
    if isinstance(value, Rough):
        return f"{value:.1f}"
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


def command_of(measure: str, by: Iterable[str] = ()) -> str:
    """The command line that gives a measure again, of a slice with `by`."""
    return " ".join(
        [f"curation agreement --measure {shlex.quote(measure)}", *(f"--by {name}" for name in by)]
    )


def table(
    file: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[Cell]],
    commands: Iterable[str],
    limits: Limits,
    by: Mapping[int, str] | None = None,
) -> Table:
    """A Table cut to the limits, with the number of rows left out."""
    every = list(rows)
    kept = tuple(tuple(_short(cell, limits) for cell in row) for row in every[: limits.rows])
    named = tuple(shorten(c, limits.name * 3) for c in dict.fromkeys(commands))
    headers = tuple(shorten(c, limits.name) for c in columns)
    left_out = len(every) - len(kept)
    raw = tuple(tuple(row[i] for i in by) for row in every[: limits.rows]) if by else ()
    return Table(_slug(file), headers, kept, left_out, named[: limits.figures], by or {}, raw)


def _short(cell: Cell, limits: Limits) -> Cell:
    return shorten(cell, limits.name * 2) if isinstance(cell, str) else cell


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:80] or "data"


def _parameter(name: str, key: str) -> str | None:
    found = re.search(rf"[(,]\s*{key}\s*=\s*([^,)]+)", name)
    return found[1].strip() if found else None


def is_headline(name: str) -> bool:
    """Whether a measure is exact agreement, end to end."""
    return _parameter(name, "match") == "exact" and _parameter(name, "given") is None


def headlines(measures: Iterable[Measure]) -> tuple[tuple[str, Measure], ...]:
    """(layer, exact agreement) for each layer that has it over all data."""
    found = (m for m in measures if not m.slice and is_headline(m.name))
    return tuple((_parameter(m.name, "layer") or m.name, m) for m in found)[:4]


def dot_figures(facts: ReportFacts, limits: Limits) -> tuple[tuple[DotFigure, ...], int]:
    """The ladders of measures over all data, then one figure per measure and kind of slice.

    Slices are sorted by their number of items. Also returns how many figures are left out.
    """
    whole = [m for m in facts.measures if not m.slice]
    sliced = [m for m in facts.measures if m.slice and not _ELSEWHERE & m.slice.keys()]
    ladders = _grouped(whole, lambda m: (layer_of(m.name),))
    figures = [_ladder(key[0], group, limits) for key, group in ladders]
    figures += _sliced(sliced, limits)
    return tuple(figures[: limits.figures]), max(0, len(figures) - limits.figures)


_ELSEWHERE = frozenset({"month", "guideline", "assisted"})
"""Slices that have a place of their own in the page."""


def slice_figures(facts: ReportFacts, dimension: str, limits: Limits) -> tuple[DotFigure, ...]:
    """Measures by one of the other dimensions, in the order of its values."""
    chosen = [m for m in facts.measures if m.slice.keys() == {dimension}]
    return tuple(_sliced(chosen, limits, ordered=False))[: limits.figures]


def _sliced(measures: list[Measure], limits: Limits, *, ordered: bool = True) -> list[DotFigure]:
    parts = _grouped(measures, lambda m: (m.name, " and ".join(m.slice)))
    return [_slices(key[0], key[1], group, limits, ordered=ordered) for key, group in parts]


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


def layer_of(name: str) -> str:
    """The layer in a name; measures over characters are about entities and leave it out."""
    usual = "entities" if _parameter(name, "unit") else "all layers"
    return _parameter(name, "layer") or usual


def layer_order(layer: str) -> tuple[int, str]:
    """Entities come first, then triggers, arguments, and the rest by name."""
    known = ("entities", "triggers", "arguments")
    return (known.index(layer) if layer in known else len(known), layer)


def _rung_title(name: str) -> str:
    parts = [name.partition("(")[0]] if not name.startswith("f1(") else []
    for key, word in (("match", ""), ("name", ""), ("unit", "per "), ("given", "given ")):
        value = _parameter(name, key)
        parts += [word + value.replace("_", " ")] if value else []
    if _parameter(name, "background") == "excluded":
        parts.append("without background")
    return ", ".join(parts) or name


_SLICED = {"assisted": "by whether annotators saw suggestions", "guideline": "by guideline"}


def _slices(
    name: str, kind: str, measures: list[Measure], limits: Limits, *, ordered: bool
) -> DotFigure:
    rows = sorted(measures, key=lambda m: (-m.n_items if ordered else 0, tuple(m.slice.values())))
    titles = [", ".join(m.slice.values()) for m in rows]
    how = _SLICED.get(kind, f"by {kind}")
    return dots(f"{layer_of(name)} {how}", name, titles, rows, limits)


_COLUMNS = (
    "measure", "slice", "value", "low", "high", "interval", "documents", "items", "target",
    "reason",
)  # fmt: skip


def dots(
    title: str, name: str | None, titles: list[str], measures: list[Measure], limits: Limits
) -> DotFigure:
    """Measures with their titles on a common axis; `name` where all are of one measure."""
    axis = charts.axis_for(measures)
    commands = (m.command or command_of(m.name, m.slice) for m in measures)
    data = table(title, _COLUMNS, map(_measure_row, measures), commands, limits)
    pairs = list(zip(titles, measures, strict=True))
    apart = name is None and any(m.value is not None for m in measures)
    rows = tuple(
        DotRow(shorten(t, limits.name), m, charts.dot(m, axis))
        for t, m in pairs
        if m.value is not None or not apart
    )
    undefined: dict[str, list[str]] = {}
    for t, m in pairs if apart else ():
        if m.value is None:
            undefined.setdefault(m.reason or "", []).append(shorten(t, limits.name))
    named = tuple((reason, tuple(of)) for reason, of in undefined.items())
    return DotFigure(title, name, rows[: limits.rows], axis, data, named)


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
