"""Python looks for garbage seldom while documents are annotated, and as before afterwards."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from curation.garbage import ALLOCATIONS, seldom_collected
from curation.preannotate.documents import annotate
from curation.testing import document

TEXT = "The rebels, whose leader met Anna Berg in Oslo, attacked Goma and fled on Monday."


@pytest.fixture(autouse=True)
def usual() -> Iterator[tuple[int, int, int]]:
    """A setting of the test's own; the one before it comes back."""
    before = gc.get_threshold()
    gc.set_threshold(701, 11, 12)
    yield 701, 11, 12
    gc.set_threshold(*before)


def test_blocks_in_each_other_change_the_setting_once(usual: tuple[int, int, int]) -> None:
    """It is restored after the last block, whatever ends it."""

    def fails() -> None:
        with seldom_collected():
            with seldom_collected():
                pass
            assert gc.get_threshold() == (ALLOCATIONS, 11, 12)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fails()
    assert gc.get_threshold() == usual


@pytest.mark.parametrize("own", [0, 90_000])
def test_a_rarer_search_is_left_as_it_is(own: int) -> None:
    """A program that looks more seldom, or never (0), goes on doing so."""
    gc.set_threshold(own, 11, 12)
    with seldom_collected():
        assert gc.get_threshold()[0] == own
    assert gc.get_threshold()[0] == own


def test_whoever_takes_the_results_has_the_usual_setting(usual: tuple[int, int, int]) -> None:
    """Between two results it is as before, also where nobody takes the rest."""
    results = annotate((document(TEXT, uid=str(i)) for i in range(9)), default="fast", batch_size=2)
    for _ in range(2):
        next(results)
        assert gc.get_threshold() == usual
    del results
    assert gc.get_threshold() == usual


def test_the_rules_leave_no_garbage_to_look_for() -> None:
    """What they make for a document refers to nothing in a circle, so it goes by itself."""
    given = [document(TEXT, uid=str(i)) for i in range(20)]
    first, *_ = annotate(given, default="fast")
    assert getattr(first, "events", ())
    gc.collect()
    gc.disable()
    try:
        for _ in annotate(given, default="fast"):
            pass
        assert gc.collect() < len(given)
    finally:
        gc.enable()
