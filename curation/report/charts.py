"""Geometry of the charts, in percent of the plot's width; the templates draw it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from curation.report.facts import Measure, Pair

__all__ = [
    "Axis",
    "Bar",
    "Dot",
    "against_target",
    "axis_for",
    "axis_up_to",
    "bars",
    "dot",
    "order_annotators",
    "shade",
]

SHADES = 10
"""Steps of the sequential scale of tables; step 0 is the page itself."""


@dataclass(frozen=True, slots=True)
class Axis:
    """A linear axis. `ticks` are (percent, label)."""

    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]

    def at(self, value: float) -> float:
        """Where a value stands, in percent of the width, never outside the plot."""
        share = (value - self.low) / (self.high - self.low)
        return round(100 * min(max(share, 0.0), 1.0), 2)


@dataclass(frozen=True, slots=True)
class Dot:
    """A value with its interval and target, in percent; None where there is none."""

    x: float | None
    low: float | None
    high: float | None
    target: float | None
    verdict: str | None


@dataclass(frozen=True, slots=True)
class Bar:
    """One part of a stacked bar: where it starts and how wide it is, in percent."""

    kind: str
    n: int
    x: float
    width: float


def axis_for(measures: Iterable[Measure]) -> Axis:
    """0 to 1, made longer by quarters where a coefficient or its interval leaves that range."""
    seen = [v for m in measures for v in (m.value, m.target, *(m.ci or ())) if v is not None]
    low = min(0.0, math.floor(min(seen, default=0.0) * 4) / 4)
    high = max(1.0, math.ceil(max(seen, default=1.0) * 4) / 4)
    step = 0.2 if (low, high) == (0.0, 1.0) else 0.25 if high - low <= 1.5 else 0.5
    return _axis(low, high, step * max(1, math.ceil((high - low) / (8 * step))))


def axis_up_to(highest: float, *, least: float = 1.0) -> Axis:
    """From 0 to a round number not below `highest`, with four to six round ticks."""
    top = max(highest, least)
    power = 10.0 ** math.floor(math.log10(top))
    step = next(s * power for s in (0.2, 0.25, 0.5, 1.0, 2.0) if top / (s * power) <= 6)
    return _axis(0.0, step * math.ceil(round(top / step, 9)), step)


def _axis(low: float, high: float, step: float) -> Axis:
    """Ticks at the multiples of `step`."""
    first, last = math.ceil(round(low / step, 9)), math.floor(round(high / step, 9))
    values = [round(i * step, 9) for i in range(first, last + 1)]
    ticks = tuple(
        (round(100 * (v - low) / (high - low), 2), f"{v:.4g}".replace("-", "\u2212"))
        for v in values
    )
    return Axis(low, high, ticks)


def dot(measure: Measure, axis: Axis) -> Dot:
    """The drawing of one measure; an undefined one has no position."""
    low, high = measure.ci if measure.ci and measure.value is not None else (None, None)
    return Dot(
        x=None if measure.value is None else axis.at(measure.value),
        low=None if low is None else axis.at(low),
        high=None if high is None else axis.at(high),
        target=None if measure.target is None else axis.at(measure.target),
        verdict=against_target(measure),
    )


def against_target(measure: Measure) -> str | None:
    """Whether the interval lies above, around or below the lead's target (after Gwet 2014)."""
    if measure.target is None or measure.ci is None or measure.value is None:
        return None
    low, high = measure.ci
    if low > measure.target:
        return "above"
    return "below" if high < measure.target else "straddles"


def shade(value: float, highest: float) -> int:
    """Step of the sequential scale: 0 for nothing, then 1 to `SHADES`."""
    if value <= 0 or highest <= 0:
        return 0
    return max(1, min(SHADES, math.ceil(SHADES * value / highest)))


def bars(parts: Sequence[tuple[str, int]]) -> tuple[Bar, ...]:
    """Kinds with their counts as shares of all of them; empty where there is nothing."""
    total = sum(n for _, n in parts)
    result, x = [], 0.0
    for kind, n in parts if total else ():
        width = 100 * n / total
        result.append(Bar(kind, n, round(x, 2), round(width, 2)))
        x += width
    return tuple(result)


def order_annotators(pairs: Sequence[Pair]) -> tuple[str, ...]:
    """Annotators so that those who agree stand together: a chain of nearest neighbours.

    It starts from the one with the highest mean, and breaks ties by name.
    """
    value: dict[tuple[str, str], float] = {}
    for pair in pairs:
        known = -math.inf if pair.value is None else pair.value
        value[pair.annotator_a, pair.annotator_b] = value[pair.annotator_b, pair.annotator_a] = (
            known
        )
    left = sorted({name for names in value for name in names})
    if not left:
        return ()
    chain = [max(left, key=lambda a: _mean(value, a))]
    left.remove(chain[0])
    while left:
        chain.append(max(left, key=lambda a: value.get((chain[-1], a), -math.inf)))
        left.remove(chain[-1])
    return tuple(chain)


def _mean(value: dict[tuple[str, str], float], annotator: str) -> float:
    known = [v for (a, _), v in value.items() if a == annotator and v > -math.inf]
    return sum(known) / len(known) if known else -math.inf
