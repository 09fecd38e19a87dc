"""What facts refuse, and what they never keep."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from curation.report.facts import (
    Argument,
    Confusion,
    Example,
    Mark,
    Measure,
    Origin,
    Pair,
    ReportFacts,
    View,
)


def test_undefined_needs_a_reason() -> None:
    """A measure without a value and without a reason is refused."""
    with pytest.raises(ValidationError, match="needs its reason"):
        Measure(name="f1()", value=None, n_documents=0, n_items=0)


def test_blank_reason_is_none() -> None:
    """Spaces are not a reason."""
    with pytest.raises(ValidationError, match="needs its reason"):
        Pair(annotator_a="a", annotator_b="b", measure="m", value=None, reason=" ", n_documents=0)


def test_nan_is_not_a_value() -> None:
    """A NaN cannot pass for a number."""
    with pytest.raises(ValidationError, match="finite"):
        Measure(name="f1()", value=float("nan"), n_documents=1, n_items=1)


def test_confusion_is_square() -> None:
    """Counts that do not fit the labels are refused, with the layer named."""
    with pytest.raises(ValidationError, match="confusion of entities"):
        Confusion(layer="entities", labels=("A", "B"), counts=((1, 2),))


def test_marks_lie_in_the_text() -> None:
    """A mark past the end of the text is refused, with document and annotator named."""
    view = View(annotator="anna", entities=(Mark(start=0, end=4, label="PER"),))
    with pytest.raises(ValidationError, match="d1: anna"):
        Example(uid="d1", language="en", text="abc", views=(view,))


def test_mark_is_not_empty() -> None:
    """A span without characters is refused."""
    with pytest.raises(ValidationError, match="empty span"):
        Mark(start=3, end=3, label="PER")


def test_arguments_point_at_marks() -> None:
    """An argument whose index is past the marks is refused."""
    with pytest.raises(ValidationError, match="points at no mark"):
        View(annotator="anna", arguments=(Argument(role="Actor", trigger=0, entity=0),))


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("postgresql://anna:geheim@db.example/x", "postgresql://db.example/x"),
        ("postgresql://anna:ge@heim@db.example/x", "postgresql://db.example/x"),
        ("sqlite:///curation.db", "sqlite:///curation.db"),
    ],
)
def test_password_is_cut_out(url: str, kept: str) -> None:
    """User and password of a database address are not kept."""
    assert Origin(database=url, time="t").database == kept


def test_facts_are_frozen(facts: ReportFacts) -> None:
    """Facts cannot be changed once they are gathered."""
    with pytest.raises(ValidationError, match="frozen"):
        facts.title = "other"  # type: ignore[misc]
