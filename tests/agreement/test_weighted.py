"""Coefficients with partial credit, against published values and their plain counterparts."""

import pytest

from curation.agreement.coefficients import coefficient
from curation.agreement.distances import (
    alpha_ordinal,
    alpha_with_distance,
    interval_distance,
    ratio_distance,
)
from curation.agreement.weighted import WEIGHTINGS, weighted_coefficient, weights_between

_ = None
# Krippendorff 2011, example of four observers with missing data.
_FOUR = {
    "A": [1, 2, 3, 3, 2, 1, 4, 1, 2, _, _, _],
    "B": [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, _, 3],
    "C": [_, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, _],
    "D": [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, _],
}


def test_alpha_by_level_of_measurement():
    """Ordinal, interval and ratio alpha as published: .815, .849, .797."""
    assert alpha_ordinal(_FOUR) == pytest.approx(0.815, abs=5e-4)
    assert alpha_with_distance(_FOUR, interval_distance) == pytest.approx(0.849, abs=5e-4)
    assert alpha_with_distance(_FOUR, ratio_distance) == pytest.approx(0.797, abs=5e-4)


def test_alpha_with_the_nominal_distance_is_alpha():
    """Counting and distances agree on nominal data."""
    value = alpha_with_distance(_FOUR, lambda a, b: float(a != b))
    assert value == pytest.approx(coefficient("alpha", _FOUR))


def test_weights_by_hand():
    """Three steps: linear falls by thirds, quadratic by ninths, ordinal by pairs of ranks."""
    categories = [1, 2, 3, 4]
    first_rows = {w: weights_between(categories, w)[0].tolist() for w in WEIGHTINGS}
    assert first_rows["identity"] == [1, 0, 0, 0]
    assert first_rows["linear"] == pytest.approx([1, 2 / 3, 1 / 3, 0])
    assert first_rows["quadratic"] == pytest.approx([1, 8 / 9, 5 / 9, 0])
    assert first_rows["ordinal"] == pytest.approx([1, 5 / 6, 3 / 6, 0])


def test_without_partial_credit_they_are_the_plain_ones():
    """Identity weights: AC2 is AC1, weighted pi is Fleiss', weighted kappa is kappa."""
    assert weighted_coefficient("ac2", _FOUR) == pytest.approx(coefficient("ac1", _FOUR))
    assert weighted_coefficient("pi", _FOUR) == pytest.approx(coefficient("fleiss", _FOUR))
    two = {name: _FOUR[name] for name in "BD"}
    assert weighted_coefficient("kappa", two) == pytest.approx(coefficient("kappa", two))


def test_s_and_weighted_kappa_by_hand():
    """Observed .5 of two categories: S 0. Quadratic kappa of three: both marginals uniform."""
    assert weighted_coefficient("s", {"A": ["x", "y"], "B": ["x", "x"]}) == 0
    ratings = {"A": [1, 2, 3], "B": [1, 3, 2]}
    observed, expected = (1 + 0.75 + 0.75) / 3, (3 * 1 + 4 * 0.75 + 2 * 0) / 9
    value = weighted_coefficient("kappa", ratings, "quadratic")
    assert value == pytest.approx((observed - expected) / (1 - expected))


def test_undefined_without_variation_or_a_second_annotator():
    """One category, one annotator, or no shared item: undefined."""
    for ratings in ({"A": ["x"], "B": ["x"]}, {"A": ["x", "y"]}, {"A": ["x", _], "B": [_, "y"]}):
        assert weighted_coefficient("ac2", ratings) is None
    assert weighted_coefficient("kappa", _FOUR) is None
