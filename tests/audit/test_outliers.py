"""Outliers in time and in what was kept of suggestions."""

from __future__ import annotations

from audit.making import pair

from curation.audit import Reading
from curation.audit.outliers import acceptance, kept_of, times

TEXT = "[Anna Berg/PER] met [Peter Lind/PER] in [Oslo/LOC] and in [Brno/LOC] on Monday."


def _reading(
    i: int, *, seconds: float | None = 60, kept: int = 2, annotator: str = "anna"
) -> Reading:
    """`kept` of four suggestions were left as they were."""
    document, said = pair(f"d{i:02}", TEXT)
    entities = tuple(
        e.model_copy(update={"origin": "prediction" if n < kept else "prediction-changed"})
        for n, e in enumerate(said.entities)
    )
    fields = {
        "annotator": annotator,
        "kind": "person",
        "entities": entities,
        "provenance": {"lead_time": seconds},
    }
    return Reading(document, said.model_copy(update=fields))


def test_a_document_done_in_no_time_is_found() -> None:
    """Two seconds where a minute is usual: a finding about the document, by its annotator."""
    usual = [_reading(i, seconds=55 + i) for i in range(10)]
    (found,) = times([*usual, _reading(10, seconds=2)])
    assert (found.uid, found.kind, found.now, found.part) == ("d10", "time", "2 s", "anna")
    assert found.reasons[0].startswith("2 s of work, where 59 s are usual")


def test_hasty_work_stands_before_slow_work() -> None:
    """Both are found; what took too little is more suspicious than what took too long."""
    usual = [_reading(i, seconds=60) for i in range(10)]
    slow, hasty = sorted(
        times([*usual, _reading(10, seconds=2), _reading(11, seconds=1800)]),
        key=lambda f: f.score,
    )
    assert (slow.uid, hasty.uid) == ("d11", "d10")


def test_times_are_compared_within_one_annotator() -> None:
    """A quick annotator is no outlier beside slow ones; few documents say nothing."""
    slow = [_reading(i, seconds=600) for i in range(10)]
    quick = [_reading(i, seconds=20, annotator="ben") for i in range(10)]
    assert [*times([*slow, *quick])] == []
    assert [*times([_reading(0), _reading(1, seconds=1)])] == []


def test_times_that_are_none_are_left_out() -> None:
    """No time, nought and what is no number are not measured."""
    odd = [_reading(i, seconds=s) for i, s in enumerate((None, 0, float("inf"), True))]
    assert [*times([*odd, *(_reading(i) for i in range(4, 14))])] == []


def test_everything_kept_where_half_is_usual() -> None:
    """Binomial: 4 of 4 at a usual share of 0.05 has a chance of 6e-6, 1 of 4 is nothing special."""
    usual = [_reading(i, kept=i % 2) for i in range(20)]
    (found,) = acceptance([*usual, _reading(20, kept=4)])
    assert (found.uid, found.kind, found.now) == ("d20", "acceptance", "4 of 4")


def test_without_suggestions_there_is_nothing_to_keep() -> None:
    """Sets drawn by hand have no share; what was shown and removed counts as not kept."""
    document, said = pair("a", TEXT)
    assert kept_of(Reading(document, said)) is None
    read = _reading(1, kept=2)
    more = read.annotations.model_copy(
        update={"entities": (*said.entities, said.entities[0].model_copy(update={"id": "T9"}))}
    )
    assert kept_of(Reading(document, read.annotations, shown=more)) == (2, 5)
