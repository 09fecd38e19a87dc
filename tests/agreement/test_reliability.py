"""Dawid and Skene's model, and set distances."""

import pytest

from curation.agreement.distances import alpha_with_distance, jaccard_distance, masi_distance
from curation.agreement.reliability import dawid_skene


def test_a_contrary_annotator_is_found_out():
    """Two who agree outweigh one who says the opposite; that one's confusions show it."""
    truth = "xyxyxyxyxx"
    swap = {"x": "y", "y": "x"}
    responses = {f"i{n}": {"a": [t], "b": [t], "contrary": [swap[t]]} for n, t in enumerate(truth)}
    fitted = dawid_skene(responses)
    assert fitted.labels == ("x", "y")
    assert fitted.prior == pytest.approx((0.6, 0.4))
    assert fitted.confusion["contrary"][0] == pytest.approx((0, 1))
    assert fitted.classes["i1"] == pytest.approx((0, 1))


def test_set_distances_by_hand():
    """Equal sets 0, disjoint 1, contained and crossing in between; empty sets are equal."""
    assert masi_distance({1}, {1}) == masi_distance(set(), set()) == 0
    assert masi_distance({1}, {2}) == jaccard_distance({1}, {2}) == 1
    assert masi_distance({1}, {1, 2}) == pytest.approx(1 - 1 / 2 * 2 / 3)
    assert masi_distance({1, 2}, {2, 3}) == pytest.approx(1 - 1 / 3 * 1 / 3)


def test_alpha_with_a_distance_by_hand():
    """Squared differences: values 1,2 and 3,3: D_o = 2/4, D_e = 2·(1+4+4+1+1+0)/12."""
    ratings = {"A": [1, 3, None], "B": [2, 3, 7]}
    observed, expected = 2 / 4, 2 * (1 + 4 + 4 + 1 + 1 + 0) / 12
    value = alpha_with_distance(ratings, lambda a, b: (a - b) ** 2)
    assert value == pytest.approx(1 - observed / expected)
    assert alpha_with_distance({"A": [1], "B": [1]}, lambda a, b: (a - b) ** 2) is None
