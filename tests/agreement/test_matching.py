"""One-to-one matching of items."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.agreement.matching import MATCHES, align, matched, matched_by_label, overlapping_items


def _spans(most: int = 7) -> st.SearchStrategy[frozenset]:
    span = st.tuples(st.integers(0, 12), st.integers(1, 6), st.sampled_from(["PER", "ORG"]))
    return st.frozensets(span.map(lambda s: (s[0], s[0] + s[1], s[2])), max_size=most)


_property = settings(derandomize=True, deadline=None, max_examples=150)


def _best(a: list, b: list, credit) -> float:
    """The best total credit of a one-to-one matching, by trying all of them."""
    if not a:
        return 0.0
    without_first = _best(a[1:], b, credit)
    with_first = [
        credit(a[0], y) + _best(a[1:], b[:i] + b[i + 1 :], credit) for i, y in enumerate(b)
    ]
    return max([without_first, *with_first])


_CREDITS = {
    "exact": lambda x, y: float(x == y),
    "boundary": lambda x, y: float(x[:2] == y[:2]),
    "overlap": lambda x, y: float(x[2] == y[2] and overlapping_items(x, y)),
    "overlap_any": lambda x, y: float(overlapping_items(x, y)),
    "partial": lambda x, y: 1.0 if x[:2] == y[:2] else 0.5 * overlapping_items(x, y),
}


@pytest.mark.parametrize("match", MATCHES)
@_property
@given(a=_spans(5), b=_spans(5))
def test_matching_is_the_best_of_all(match, a, b):
    """Every mode finds as much as trying all one-to-one matchings does."""
    assert matched(a, b, match) == _best(sorted(a), sorted(b), _CREDITS[match])


@pytest.mark.parametrize("match", MATCHES)
@_property
@given(a=_spans(), b=_spans())
def test_matching_is_symmetric_and_whole_on_identical_sides(match, a, b):
    """It does not matter who is first, and everyone agrees with themselves."""
    assert matched(a, b, match) == matched(b, a, match)
    assert matched(a, a, match) == len(a)


@_property
@given(a=_spans(), b=_spans())
def test_lenient_modes_never_find_less(a, b):
    """Exact <= overlap <= overlap_any, and exact <= boundary <= partial <= overlap_any."""
    found = {match: matched(a, b, match) for match in MATCHES}
    assert found["exact"] <= found["overlap"] <= found["overlap_any"]
    assert found["exact"] <= found["boundary"] <= found["partial"] <= found["overlap_any"]


@pytest.mark.parametrize("match", ["exact", "overlap"])
@_property
@given(a=_spans(), b=_spans())
def test_labels_add_up(match, a, b):
    """The matches of all labels are the matches."""
    assert matched_by_label(a, b, match).total() == matched(a, b, match)


def test_one_long_span_matches_one_of_two_fragments():
    """A span over two fragments is one match, not two."""
    assert matched({(0, 9, "PER")}, {(0, 4, "PER"), (5, 9, "PER")}, "overlap") == 1


def test_touching_spans_do_not_match():
    """[0, 4) and [4, 8) share no character."""
    for match in MATCHES:
        assert matched({(0, 4, "PER")}, {(4, 8, "PER")}, match) == 0


def test_the_best_matching_is_not_the_greedy_one():
    """Taking equal spans first would leave the outer two without partners."""
    a = {(2, 5, "PER"), (0, 3, "PER")}
    b = {(2, 5, "PER"), (4, 9, "PER")}
    assert matched(a, b, "overlap") == 1 + 1
    a, b = {(2, 5, "PER"), (0, 2, "PER")}, {(2, 5, "PER"), (1, 8, "PER")}
    assert matched(a, b, "overlap") == 2


def test_equal_spans_are_not_kept_when_that_costs_a_match():
    """Equal long spans are split up where only they reach two short ones."""
    a = {(0, 10, "PER"), (8, 9, "PER")}
    b = {(0, 10, "PER"), (1, 2, "PER")}
    assert matched(a, b, "overlap") == 2


def test_arguments_overlap_in_filler_and_trigger():
    """An argument matches leniently only where the triggers overlap too."""
    a = {(0, 4, "Actor", 10, 14, "AID")}
    near = {(1, 4, "Actor", 12, 16, "AID")}
    far = {(1, 4, "Actor", 20, 24, "AID")}
    assert [matched(a, b, "overlap") for b in (near, far)] == [1, 0]
    assert matched(a, {(1, 4, "Recipient", 12, 16, "AID")}, "overlap") == 0
    assert matched(a, {(0, 4, "Recipient", 10, 14, "HELP")}, "boundary") == 1


def test_alignment_takes_identical_items_first_then_same_spans():
    """A nested exact match is not shadowed; a same span beats a same label."""
    pairs, left, right = align(
        frozenset({(0, 10, "A"), (2, 5, "A"), (20, 25, "A")}),
        frozenset({(2, 5, "A"), (20, 25, "B"), (20, 24, "A")}),
    )
    assert pairs == [((2, 5, "A"), (2, 5, "A")), ((20, 25, "A"), (20, 25, "B"))]
    assert (left, right) == ([(0, 10, "A")], [(20, 24, "A")])


@_property
@given(a=_spans(), b=_spans())
def test_alignment_covers_every_item_once(a, b):
    """Pairs and leftovers together are both sides, each item once."""
    pairs, left, right = align(a, b)
    assert sorted([x for x, _ in pairs] + left) == sorted(a)
    assert sorted([y for _, y in pairs] + right) == sorted(b)
    assert all(overlapping_items(x, y) for x, y in pairs)
    assert not any(x == y for x, y in product(left, right))
