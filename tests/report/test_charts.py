"""Where things stand on an axis, and how dark a cell is."""

from __future__ import annotations

import pytest

from curation.report.charts import (
    against_target,
    axis_for,
    bars,
    dot,
    order_annotators,
    shade,
)
from curation.report.facts import Measure, Pair


def _measure(
    value: float | None, ci: tuple[float, float] | None = None, target: float | None = None
) -> Measure:
    reason = "no data" if value is None else None
    return Measure(
        name="f1()", value=value, ci=ci, n_documents=1, n_items=1, target=target, reason=reason
    )


def test_axis_is_zero_to_one() -> None:
    """Values inside 0 to 1 give that axis, with ticks every fifth."""
    axis = axis_for([_measure(0.5)])
    assert axis.ticks == (
        (0.0, "0"), (20.0, "0.2"), (40.0, "0.4"), (60.0, "0.6"), (80.0, "0.8"), (100.0, "1"),
    )  # fmt: skip
    assert axis.at(0.25) == 25


def test_axis_goes_below_zero() -> None:
    """A negative coefficient makes the axis longer by quarters, and 0 is no longer at its start."""
    axis = axis_for([_measure(-0.3, (-0.6, 0.1))])
    assert (axis.low, axis.high) == (-0.75, 1.0)
    assert axis.at(-0.75) == 0
    assert axis.at(0.125) == 50


def test_undefined_has_no_position() -> None:
    """An undefined measure is drawn nowhere, least of all at 0."""
    measure = _measure(None, (0.1, 0.2))
    drawn = dot(measure, axis_for([measure]))
    assert (drawn.x, drawn.low, drawn.high) == (None, None, None)


@pytest.mark.parametrize(
    ("ci", "verdict"),
    [((0.81, 0.9), "above"), ((0.7, 0.9), "straddles"), ((0.6, 0.79), "below"), (None, None)],
)
def test_target_is_compared_with_the_interval(
    ci: tuple[float, float] | None, verdict: str | None
) -> None:
    """The interval decides, not the value: it lies above, straddles or lies below the target."""
    assert against_target(_measure(0.8, ci, target=0.8)) == verdict


@pytest.mark.parametrize(("value", "step"), [(0, 0), (0.01, 1), (0.55, 6), (1, 10), (2, 10)])
def test_shade(value: float, step: int) -> None:
    """Nothing is unshaded, anything at all has at least the first step."""
    assert shade(value, 1.0) == step


def test_bars_fill_the_width() -> None:
    """The parts stand side by side and fill the bar; no suggestions, no bar."""
    drawn = bars([("kept", 2), ("changed", 1), ("removed", 1), ("added", 0)])
    assert [(b.kind, b.x, b.width) for b in drawn] == [
        ("kept", 0, 50), ("changed", 50, 25), ("removed", 75, 25), ("added", 100, 0),
    ]  # fmt: skip
    assert bars([("kept", 0), ("added", 0)]) == ()


def test_annotators_who_agree_stand_together() -> None:
    """The chain starts from b, whose mean is highest; next to b stands c, then d, then a."""
    values = {"ab": 0.2, "ac": 0.1, "ad": 0.3, "bc": 0.9, "bd": 0.8, "cd": 0.6}
    pairs = [
        Pair(annotator_a=p[0], annotator_b=p[1], measure="f1", value=v, n_documents=3)
        for p, v in values.items()
    ]
    assert order_annotators(pairs) == ("b", "c", "d", "a")


def test_order_without_any_value() -> None:
    """Annotators who share nothing are still all there, by name."""
    pair = Pair(
        annotator_a="z", annotator_b="a", measure="f1", value=None, reason="r", n_documents=0
    )
    assert order_annotators([pair]) == ("a", "z")
