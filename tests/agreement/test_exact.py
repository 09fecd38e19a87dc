"""The one figure is the figure of the measure."""

from __future__ import annotations

import pytest
from agreement.build import annotated
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.agreement import exact_f1, measure_agreement
from curation.errors import InputError

MARKS = st.lists(
    st.tuples(st.integers(0, 4), st.integers(1, 2), st.sampled_from(["PER", "ORG"])), max_size=6
)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.dictionaries(st.tuples(st.sampled_from("uvw"), st.sampled_from("abc")), MARKS))
def test_it_is_the_value_of_the_measure(marks: dict[tuple[str, str], list]) -> None:
    """For two or three annotators, documents of one, nested, doubled and empty marks."""
    sets = [
        annotated(uid, who, *((start, start + length, label) for start, length, label in found))
        for (uid, who), found in marks.items()
    ]
    if len({s.annotator for s in sets}) < 2:
        assert exact_f1(sets) is None
        return
    estimate = measure_agreement(sets).estimate("f1(layer=entities,match=exact)")
    assert exact_f1(sets) == pytest.approx(estimate.value, abs=1e-12)


def test_nothing_marked_has_no_value() -> None:
    """Nor has nothing at all."""
    assert exact_f1([annotated("u", "a"), annotated("u", "b")]) is None
    assert exact_f1([]) is None


def test_two_sets_for_one_document_are_refused() -> None:
    """Which of them counts is not guessed."""
    with pytest.raises(InputError, match="a has two annotation sets"):
        exact_f1([annotated("u", "a"), annotated("u", "a")])
