"""Chance-corrected coefficients on small tables worked out by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.agreement.coefficients import (
    COEFFICIENTS,
    TWO_ANNOTATORS,
    Ratings,
    coefficient,
    from_sums,
    ratings_of,
    sums_by_document,
    sums_of,
)

# 10 items: both yes 4, both no 3, yes/no 1, no/yes 2.
_TEN = {
    "A": ["y"] * 4 + ["n"] * 3 + ["y"] + ["n"] * 2,
    "B": ["y"] * 4 + ["n"] * 3 + ["n"] + ["y"] * 2,
}


def test_two_annotators_by_hand():
    """Observed .7; A says yes 5 of 10, B 6 of 10; pooled 11 of 20."""
    chance_kappa = 0.5 * 0.6 + 0.5 * 0.4
    chance_pi = 0.55**2 + 0.45**2
    chance_alpha = (11 * 10 + 9 * 8) / (20 * 19)
    chance_ac1 = 2 * 0.55 * 0.45
    chances = {"kappa": chance_kappa, "pi": chance_pi, "fleiss": chance_pi}
    chances |= {"alpha": chance_alpha, "ac1": chance_ac1}
    assert coefficient("percent", _TEN) == pytest.approx(0.7)
    for name, chance in chances.items():
        assert coefficient(name, _TEN) == pytest.approx((0.7 - chance) / (1 - chance)), name


def test_missing_ratings_drop_out_of_their_item_only():
    """An item with one rating is not used; one with two of three is."""
    ratings = {"A": ["x", "x", None], "B": ["x", "y", "x"], "C": [None, "y", None]}
    assert coefficient("percent", ratings) == pytest.approx((1 + 1 / 3) / 2)


@pytest.mark.parametrize("name", sorted(set(COEFFICIENTS) - {"percent"}))
def test_no_variation_is_undefined(name):
    """Where all say the same there is nothing to correct for: undefined, neither 0 nor 1."""
    assert coefficient(name, {"A": ["x", "x"], "B": ["x", "x"]}) is None


@pytest.mark.parametrize("name", COEFFICIENTS)
def test_one_annotator_is_undefined(name):
    """Agreement takes two."""
    assert coefficient(name, {"A": ["x", "y"]}) is None


@pytest.mark.parametrize("name", ["kappa", "pi"])
def test_kappa_and_pi_refuse_three(name):
    """Coefficients for two annotators do not invent a value for three."""
    ratings = {"A": ["x", "y"], "B": ["x", "y"], "C": ["x", "y"]}
    assert coefficient(name, ratings) is None


_rows = st.lists(st.sampled_from(["x", "y", "z"]), min_size=6, max_size=6)
_property = settings(derandomize=True, deadline=None, max_examples=80)


@pytest.mark.parametrize("name", COEFFICIENTS)
@_property
@given(a=_rows, b=_rows, order=st.permutations(range(6)))
def test_order_and_names_do_not_matter(name, a, b, order):
    """Swapping annotators, reordering items and renaming categories change nothing."""
    value = coefficient(name, {"A": a, "B": b})
    assert coefficient(name, {"A": b, "B": a}) == pytest.approx(value)
    shuffled = {"A": [a[i] for i in order], "B": [b[i] for i in order]}
    assert coefficient(name, shuffled) == pytest.approx(value)
    renamed = {"A": [c + "!" for c in a], "B": [c + "!" for c in b]}
    assert coefficient(name, renamed) == pytest.approx(value)


@pytest.mark.parametrize("name", COEFFICIENTS)
@_property
@given(a=_rows, b=_rows)
def test_sums_of_documents_add_up(name, a, b):
    """Half the items and the other half, added, are all items."""
    numbers = {"x": 0, "y": 1, "z": 2}
    whole = sums_of(name, ratings_of([a, b], numbers), 3)
    halves = [sums_of(name, ratings_of([a[s], b[s]], numbers), 3) for s in (slice(2), slice(2, 6))]
    np.testing.assert_allclose(halves[0] + halves[1], whole)
    np.testing.assert_allclose(from_sums(name, halves[0] + halves[1]), from_sums(name, whole))


def test_a_weight_counts_like_repetition():
    """A unit of weight 3 is three units."""
    numbers = {"x": 0, "y": 1}
    weighted = ratings_of([["x", "y"], ["x", "x"]], numbers, weights=[3, 1])
    repeated = ratings_of([["x", "x", "x", "y"], ["x", "x", "x", "x"]], numbers)
    for name in COEFFICIENTS:
        np.testing.assert_allclose(sums_of(name, weighted, 2), sums_of(name, repeated, 2))


_units = st.lists(
    st.tuples(st.integers(0, 3), st.tuples(*[st.integers(-1, 2)] * 3), st.integers(1, 5)),
    max_size=12,
)


@pytest.mark.parametrize("name", COEFFICIENTS)
@given(units=_units)
def test_sums_of_all_documents_are_those_of_each(name, units):
    """At one go or document by document, with missing ratings and weights: the same rows."""
    raters = 2 if name in TWO_ANNOTATORS else 3
    document = np.array([d for d, _, _ in units], dtype=np.int64)
    said = np.array([row[:raters] for _, row, _ in units], dtype=np.int64).reshape(-1, raters).T
    weights = np.array([w for _, _, w in units], dtype=np.float64)
    found = sums_by_document(name, Ratings(said, weights), 3, document, 4)
    for place in range(4):
        here = document == place
        alone = sums_of(name, Ratings(said[:, here], weights[here]), 3)
        np.testing.assert_allclose(found[place], alone, rtol=1e-12, atol=1e-12)
