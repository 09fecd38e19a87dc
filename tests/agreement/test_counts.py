"""Counts and the scores made of them."""

from curation.agreement.counts import Counts


def test_scores_follow_from_counts():
    """Precision, recall and F1 of 3 shared, 1 extra and 2 missed items."""
    counts = Counts(tp=3, fp=1, fn=2)
    assert (counts.p, counts.r, counts.f1) == (3 / 4, 3 / 5, 6 / 9)


def test_no_items_leave_every_score_undefined():
    """Without items nothing is zero: scores are None."""
    assert Counts().to_json() == {"p": None, "r": None, "f1": None, "tp": 0, "fp": 0, "fn": 0}


def test_one_empty_side_leaves_only_its_score_undefined():
    """Nothing predicted: precision is undefined, recall and F1 are 0."""
    counts = Counts(fn=2)
    assert (counts.p, counts.r, counts.f1) == (None, 0.0, 0.0)


def test_counts_add_up():
    """The sum of two documents' counts is the counts of both."""
    assert Counts(1, 2, 3) + Counts.of(2, first=3, second=2) == Counts(3, 2, 4)
