"""Agreement over time with the guidelines in force, and how far boundaries lie apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from curation.report import charts
from curation.report.escape import Cell, shorten
from curation.report.facts import Measure, ReportFacts
from curation.report.figures import (
    Limits,
    Table,
    command_of,
    layer_of,
    layer_order,
    table,
    value_text,
)
from curation.report.findings import Offset

__all__ = ["Histogram", "Trend", "changes_table", "histograms", "trends"]

_HEIGHT = 150
"""Pixels between the ends of the vertical axis."""
_FAR = 10
"""Offsets of so many characters and more share the last bar."""


@dataclass(frozen=True, slots=True)
class Point:
    """One month: x in percent, y in pixels from the top; no y where it has no value."""

    x: float
    y: float | None
    low: float | None
    high: float | None
    label: str
    guidelines: str
    minor: bool


@dataclass(frozen=True, slots=True)
class Trend:
    """A measure by month. `lines` join neighbours, `new` are places where the guideline changes."""

    title: str
    name: str
    points: tuple[Point, ...]
    lines: tuple[tuple[Point, Point], ...]
    ticks: tuple[tuple[float, str], ...]
    new: tuple[tuple[float, str], ...]
    n: int
    table: Table


@dataclass(frozen=True, slots=True)
class Column:
    """One bar: its place and width in percent, its top and height in pixels."""

    label: str
    n: int
    x: float
    width: float
    top: float
    height: float
    kind: str


@dataclass(frozen=True, slots=True)
class Histogram:
    """Offsets of the starts or of the ends of one layer."""

    title: str
    layer: str
    side: str
    columns: tuple[Column, ...]
    n: int
    highest: int
    table: Table


def trends(facts: ReportFacts, limits: Limits) -> tuple[Trend, ...]:
    """One for each measure that there is by month."""
    monthly = [m for m in facts.measures if m.slice.keys() == {"month"}]
    groups = groupby(sorted(monthly, key=lambda m: (m.name, m.slice["month"])), lambda m: m.name)
    order = {m.name: i for i, m in enumerate(monthly)}
    made = [_trend(name, list(group), facts.guidelines, limits) for name, group in groups]
    return tuple(sorted(made, key=lambda t: order[t.name]))[: limits.figures]


def _trend(
    name: str, measures: list[Measure], guidelines: Mapping[str, Mapping[str, int]], limits: Limits
) -> Trend:
    shown = measures[-limits.rows :]
    axis = charts.axis_for(shown)
    stride = max(1, -(-len(shown) // 12))
    points = tuple(
        _point(m, (i + 0.5) / len(shown), axis, guidelines, i % stride > 0)
        for i, m in enumerate(shown)
    )
    lines = tuple((a, b) for a, b in pairwise(points) if a.y is not None and b.y is not None)
    rows = [_row(m, guidelines) for m in measures]
    columns = ("month", "value", "low", "high", "documents", "items", "guideline", "reason")
    data = table(f"over time {name}", columns, rows, [command_of(name, ["month"])], limits)
    ticks = tuple((round(_HEIGHT * (1 - x / 100), 1), label) for x, label in axis.ticks)
    new = tuple(
        (round((a.x + b.x) / 2, 2), shorten(b.guidelines, 20))
        for a, b in pairwise(points)
        if a.guidelines != b.guidelines
    )
    n = sum(m.n_documents for m in measures)
    return Trend(layer_of(name), name, points, lines, ticks, new, n, data)


def _point(
    m: Measure,
    x: float,
    axis: charts.Axis,
    guidelines: Mapping[str, Mapping[str, int]],
    minor: bool,
) -> Point:
    def height(value: float | None) -> float | None:
        return None if value is None else round(_HEIGHT * (1 - axis.at(value) / 100), 1)

    low, high = m.ci or (None, None)
    month = m.slice["month"]
    used = guidelines.get(month, {})
    chief = max(used, key=lambda k: (k != "mixed", used[k], k)) if used else ""
    return Point(
        round(100 * x, 2), height(m.value), height(low), height(high), shorten(month, 12), chief,
        minor,
    )  # fmt: skip


def _row(m: Measure, guidelines: Mapping[str, Mapping[str, int]]) -> tuple[Cell, ...]:
    used = guidelines.get(m.slice["month"], {})
    words = ", ".join(f"{name}: {n}" for name, n in used.items()) or None
    low, high = m.ci or (None, None)
    value: Cell = value_text(None, m.reason) if m.value is None else m.value
    return (m.slice["month"], value, low, high, m.n_documents, m.n_items, words, m.reason)


def changes_table(
    facts: ReportFacts, dimensions: Sequence[str], command: str, limits: Limits
) -> Table:
    """Differences of exact agreement between two values of a dimension, with their intervals."""
    columns = (
        "layer", "by", "from", "to", "change", "low", "high", "documents before", "documents after",
        "reason",
    )  # fmt: skip
    rows: list[tuple[Cell, ...]] = [
        (
            layer_of(c.name),
            c.dimension,
            c.a,
            c.b,
            value_text(None, c.reason) if c.value is None else c.value,
            *(c.ci or (None, None)),
            *(c.n_documents if len(c.n_documents) == 2 else (None, None)),
            c.reason,
        )
        for c in facts.changes
        if c.dimension in dimensions
    ]
    return table(f"changes {' '.join(dimensions)}", columns, rows, [command], limits)


def histograms(facts: ReportFacts, command: str, limits: Limits) -> tuple[Histogram, ...]:
    """Of the starts and of the ends, in each layer in which boundaries differ."""
    layers = sorted({o.layer for o in facts.offsets}, key=layer_order)
    return tuple(
        _histogram(layer, side, [o for o in facts.offsets if o.layer == layer], command, limits)
        for layer in layers[: limits.figures]
        for side in ("start", "end")
    )


def _histogram(
    layer: str, side: str, offsets: list[Offset], command: str, limits: Limits
) -> Histogram:
    exact: Counter[int] = Counter()
    for o in offsets:
        exact[o.start if side == "start" else o.end] += o.n
    binned: Counter[int] = Counter()
    for offset, n in exact.items():
        binned[max(-_FAR, min(_FAR, offset))] += n
    highest = max(binned.values(), default=0)
    rows = [(offset, n) for offset, n in sorted(exact.items())]
    columns = (f"{side} differs by", "pairs of items")
    return Histogram(
        title=f"{layer}: {side}s",
        layer=layer,
        side=side,
        columns=tuple(_column(i, binned[i], highest) for i in range(-_FAR, _FAR + 1)),
        n=sum(binned.values()),
        highest=highest,
        table=table(f"boundary offsets {layer} {side}", columns, rows, [command], limits),
    )


def _column(offset: int, n: int, highest: int) -> Column:
    width = 100 / (2 * _FAR + 1)
    height = round(110 * n / highest, 1) if highest else 0.0
    words = {_FAR: f"≥ {_FAR}", -_FAR: f"≤ \u2212{_FAR}"}
    label = words.get(offset) or f"{offset:+d}".replace("-", "\u2212").replace("+0", "0")
    x = round((offset + _FAR) * width, 2)
    return Column(label, n, x, round(width, 2), 110 - height, height, "same" if not offset else "")
