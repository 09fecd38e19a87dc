"""When the work is done, from hand-computed paces."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from curation.forecast import WINDOW, Queue, forecast

TODAY = date(2026, 5, 20)


def days(*ages: int) -> tuple[date, ...]:
    """Days that lie so far back."""
    return tuple(TODAY - timedelta(days=age) for age in ages)


def test_even_pace_has_no_spread() -> None:
    """One task every day of 28 and ten left: done in ten days, whichever days are drawn."""
    of, _ = forecast({"anna": Queue(10, days(*range(WINDOW)))}, TODAY)
    found = of["anna"]
    assert (found.done, found.days, found.per_week) == (28, 28, 7)
    assert found.likely == found.earliest == found.latest == date(2026, 5, 30)


def test_days_without_work_count() -> None:
    """Fourteen tasks in four weeks are half a task a day: seven more take fourteen days."""
    of, _ = forecast({"anna": Queue(7, days(*range(1, 28, 2)))}, TODAY)
    assert of["anna"].per_week == 3.5
    assert of["anna"].likely == date(2026, 6, 3)
    earliest, latest = of["anna"].earliest, of["anna"].latest
    assert earliest is not None
    assert latest is not None
    assert earliest < date(2026, 6, 3) < latest


def test_old_work_is_not_the_pace() -> None:
    """What was done more than four weeks ago, or in the future, says nothing about now."""
    of, everything = forecast({"anna": Queue(1, days(28, 29, 30, 31, 32, 33, -3))}, TODAY)
    assert of["anna"].done == 0
    assert of["anna"].reason == "fewer than 5 tasks in 28 days"
    assert everything.reason == "no pace of anna"


def test_young_project_is_measured_since_its_first_day() -> None:
    """Six tasks on each of two days are six a day, not twelve in four weeks."""
    of, _ = forecast({"anna": Queue(12, days(0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1))}, TODAY)
    assert (of["anna"].days, of["anna"].per_week) == (2, 42)
    assert of["anna"].likely == date(2026, 5, 22)


def test_all_is_done_when_the_last_is() -> None:
    """Anna needs five days and Ben twenty; who has nothing left holds nobody up."""
    _, everything = forecast(
        {
            "anna": Queue(5, days(*range(WINDOW))),
            "ben": Queue(20, days(*range(WINDOW))),
            "cyril": Queue(0),
        },
        TODAY,
    )
    assert (everything.left, everything.likely) == (25, date(2026, 6, 9))


def test_nothing_left_needs_no_date() -> None:
    """Where nothing is left there is no date, and the reason is said; nor where nobody is."""
    of, everything = forecast({"anna": Queue(0, days(*range(9)))}, TODAY)
    assert of["anna"].likely is None
    assert of["anna"].reason == everything.reason == "nothing is left"
    assert forecast({}, TODAY)[1].reason == "nothing is left"


def test_rare_work_has_no_latest_day() -> None:
    """Five tasks on one day of 28: too many draws miss that day, and the end is not bounded."""
    of, _ = forecast({"anna": Queue(3, days(5, 5, 5, 5, 5)), "ben": Queue(0, days(27))}, TODAY)
    assert of["anna"].likely == date(2026, 6, 6)  # 3 * 28 / 5 = 16.8 days
    assert of["anna"].latest is None


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 300), st.lists(st.integers(0, 27), min_size=5, max_size=80))
def test_interval_holds_the_date_and_is_the_same_again(left: int, ages: list[int]) -> None:
    """The likely day lies between the bounds, and the same work gives the same forecast."""
    queues = {"anna": Queue(left, days(*ages))}
    of, _ = forecast(queues, TODAY, resamples=200)
    found = of["anna"]
    assert found == forecast(queues, TODAY, resamples=200)[0]["anna"]
    assert found.likely is not None
    assert found.earliest is None or found.earliest <= found.likely
    assert found.latest is None or found.latest >= found.likely
