"""Minutes a task: medians and the middle half of the tasks, on a common axis."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from curation.report import charts
from curation.report.escape import shorten
from curation.report.facts import ReportFacts, WorkTime
from curation.report.figures import Limits
from curation.report.tables import time_title

__all__ = ["TimeRow", "Times", "times"]


@dataclass(frozen=True, slots=True)
class TimeRow:
    """One median with its quartiles, in percent of the axis and in words."""

    title: str
    n: int
    x: float
    low: float
    high: float
    words: tuple[str, str, str]
    found: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Times:
    """All rows and the axis, in minutes."""

    rows: tuple[TimeRow, ...]
    axis: charts.Axis


def times(facts: ReportFacts, limits: Limits) -> Times:
    """Of the times that are known."""
    known = [t for t in facts.work_time if t.median is not None][: limits.rows]
    axis = charts.axis_up_to(max((t.q3 or t.median or 0.0 for t in known), default=0.0))
    return Times(tuple(row for t in known for row in _row(t, axis, limits)), axis)


def _row(of: WorkTime, axis: charts.Axis, limits: Limits) -> list[TimeRow]:
    if of.median is None or of.q1 is None or of.q3 is None:
        return []
    found = {k: v for k, v in of.slice.items() if k in ("language", "annotator")}
    title = "all tasks" if not of.slice else time_title(of)
    words = (f"{of.median:.1f}", f"{of.q1:.1f}", f"{of.q3:.1f}")
    places = (axis.at(of.median), axis.at(of.q1), axis.at(of.q3))
    return [TimeRow(shorten(title, limits.name), of.n, *places, words, found)]
