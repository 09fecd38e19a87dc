"""How far scores are from what they promise: expected calibration error."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

__all__ = ["BINS", "expected_calibration_error"]

BINS = 10
"""Bins of equal width over [0, 1]."""


def expected_calibration_error(outcomes: Iterable[tuple[float, bool]]) -> dict[str, Any]:
    """`{"ece": x, "n": n, "bins": […]}` over (score, whether it was right).

    The mean over all outcomes of |share right - mean score| of the bin they are in (Naeini et al.
    2015, Guo et al. 2017). None where there is no outcome.
    """
    bins: dict[int, list[tuple[float, bool]]] = {}
    for score, right in outcomes:
        bins.setdefault(min(int(score * BINS), BINS - 1), []).append((score, right))
    rows = [_row(index, found) for index, found in sorted(bins.items())]
    n = sum(row["n"] for row in rows)
    gaps = sum(row["n"] * abs(row["right"] / row["n"] - row["mean_score"]) for row in rows)
    return {"ece": gaps / n if n else None, "n": n, "bins": rows}


def _row(index: int, found: list[tuple[float, bool]]) -> dict[str, Any]:
    n = len(found)
    return {
        "low": index / BINS,
        "high": (index + 1) / BINS,
        "n": n,
        "right": sum(right for _, right in found),
        "mean_score": sum(score for score, _ in found) / n,
    }
