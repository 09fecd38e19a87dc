"""When what is left will be done, if the work goes on as it did in the last four weeks.

Each queue of tasks is somebody's own and is worked off at the pace of the days behind it: the
tasks done on each day of the last `WINDOW` days, or since the first day of work where that is
later. Days without work count as such. The pace is tasks a day over the window, what is left
divided by it are the days to go. The interval draws the days of the window anew, with
replacement, and takes the middle 95 % of the outcomes (percentile bootstrap, Efron 1979). All is
done when the last queue is, and so the forecast of everything is the latest of the queues, drawn
together. It knows nothing of holidays, of tasks still to be given out, nor of adjudication.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from curation.messages import counted

__all__ = ["LEAST", "WINDOW", "Forecast", "Queue", "forecast"]

WINDOW = 28
"""Days that the pace is taken from: four whole weeks."""
LEAST = 5
"""Tasks within the window below which there is no pace."""
_FURTHEST = 36_500
"""Days ahead beyond which a date says nothing."""


@dataclass(frozen=True, slots=True)
class Queue:
    """Tasks that are left, and the day on which each of the others was done."""

    left: int
    done: Sequence[date] = ()


@dataclass(frozen=True, slots=True)
class Forecast:
    """`done` tasks within `days` days make `per_week`; the day on which nothing is left.

    `earliest` and `latest` bound the middle 95 %; `latest` is None where too many of the outcomes
    never end. Where there is no `likely`, `reason` says why.
    """

    left: int
    done: int
    days: int
    per_week: float | None = None
    likely: date | None = None
    earliest: date | None = None
    latest: date | None = None
    reason: str | None = None


def forecast(
    queues: Mapping[str, Queue], today: date, *, seed: int = 0, resamples: int = 2000
) -> tuple[dict[str, Forecast], Forecast]:
    """Of each queue, and of all of them together."""
    days = _window(queues, today)
    counts = {name: _per_day(queue.done, today, days) for name, queue in queues.items()}
    drawn = np.random.default_rng(seed).integers(0, days, size=(resamples, days))
    togo = {
        name: _to_go(queue.left, counts[name][drawn].sum(axis=1), days)
        for name, queue in queues.items()
    }
    found = {
        name: _of_queue(queue, counts[name], days, togo[name], today)
        for name, queue in queues.items()
    }
    return found, _of_all(found, togo, days, today)


def _window(queues: Mapping[str, Queue], today: date) -> int:
    """Days from the first one with work, at most `WINDOW`."""
    ages = [(today - day).days + 1 for queue in queues.values() for day in queue.done]
    return min(WINDOW, max([a for a in ages if a > 0], default=WINDOW))


def _per_day(done: Sequence[date], today: date, days: int) -> NDArray[np.int64]:
    ages = np.array([(today - day).days for day in done], dtype=np.int64)
    return np.bincount(ages[(ages >= 0) & (ages < days)], minlength=days)


def _to_go(left: int, done: NDArray[np.int64], days: int) -> NDArray[np.float64]:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(left > 0, left * days / done.astype(np.float64), 0.0)


def _of_queue(
    queue: Queue,
    counts: NDArray[np.int64],
    days: int,
    togo: NDArray[np.float64],
    today: date,
) -> Forecast:
    done = int(counts.sum())
    blank = Forecast(queue.left, done, days, per_week=7 * done / days if done else None)
    if not queue.left:
        return _without(blank, "nothing is left")
    if done < LEAST:
        return _without(blank, f"fewer than {LEAST} tasks in {counted(days, 'day')}")
    return _dated(blank, queue.left * days / done, togo, today)


def _of_all(
    found: Mapping[str, Forecast],
    togo: Mapping[str, NDArray[np.float64]],
    days: int,
    today: date,
) -> Forecast:
    left, done = sum(f.left for f in found.values()), sum(f.done for f in found.values())
    blank = Forecast(left, done, days, per_week=7 * done / days if done else None)
    if not left:
        return _without(blank, "nothing is left")
    if stuck := sorted(name for name, f in found.items() if f.left and f.likely is None):
        return _without(blank, f"no pace of {', '.join(stuck)}")
    open_ = {name: f for name, f in found.items() if f.left}
    last = max(f.left * days / f.done for f in open_.values())
    return _dated(blank, last, np.max([togo[name] for name in open_], axis=0), today)


def _without(blank: Forecast, reason: str) -> Forecast:
    return Forecast(blank.left, blank.done, blank.days, blank.per_week, reason=reason)


def _dated(blank: Forecast, value: float, togo: NDArray[np.float64], today: date) -> Forecast:
    low, high = np.quantile(togo, [0.025, 0.975], method="inverted_cdf")
    return Forecast(
        blank.left,
        blank.done,
        blank.days,
        blank.per_week,
        likely=_day(value, today),
        earliest=_day(float(low), today),
        latest=_day(float(high), today),
        reason=None if value < _FURTHEST else "more than a century away at this pace",
    )


def _day(togo: float, today: date) -> date | None:
    return today + timedelta(days=math.ceil(togo)) if togo < _FURTHEST else None
