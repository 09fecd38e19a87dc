"""Coefficients over a continuum, beyond the published cases."""

import pytest

from curation.agreement.gamma import Dissimilarity, best_alignment_disorder, gamma
from curation.agreement.unitizing import alpha_u, unitized_alpha

_A = [(0.0, 4.0, "x"), (6.0, 9.0, "y")]
_B = [(0.0, 5.0, "x"), (6.0, 9.0, "x")]


def test_identical_annotators_agree_wholly():
    """One's own copy: 1 in every coefficient, disorder 0."""
    same = {"a": _A, "b": list(_A)}
    found = unitized_alpha(same, 20)
    assert (found.u, found.bar_u, found.cu, found.ku) == (1, 1, 1, {"x": 1, "y": 1})
    assert alpha_u(same, 20) == 1
    assert best_alignment_disorder(same) == 0
    assert gamma(same) == 1


@pytest.mark.parametrize("annotations", [{"a": _A}, {"a": [], "b": []}, {}])
def test_without_two_sides_or_units_all_are_undefined(annotations):
    """One annotator, or nothing marked: undefined."""
    found = unitized_alpha(annotations, 20)
    assert (found.u, found.bar_u, found.cu, dict(found.ku)) == (None, None, None, {})
    assert alpha_u(annotations, 20) is None
    assert best_alignment_disorder(annotations) is None
    assert gamma(annotations) is None


def test_disorder_by_hand():
    """(1/9)² for a moved end and 1 for another category: both align at most at 2; mean of 2."""
    expected = ((1 / 9) ** 2 + 1) / 2
    assert best_alignment_disorder({"a": _A, "b": _B}) == pytest.approx(expected)
    # With a heavy category weight the two last units are better left alone: 1 + 1 instead of 3.
    heavy = Dissimilarity(alpha=1, beta=3)
    assert best_alignment_disorder({"a": _A, "b": _B}, heavy) == pytest.approx(
        ((1 / 9) ** 2 + 2) / 2
    )


def test_two_and_many_annotators_are_solved_alike():
    """A third annotator with the first one's units: the pairs' dissimilarities are averaged."""
    # Both unitary alignments: pairs ab, bc with (1/9)² or 1, ac with 0; over 3 pairs.
    expected = (2 * (1 / 9) ** 2 / 3 + 2 / 3) / 2
    assert best_alignment_disorder({"a": _A, "b": _B, "c": _A}) == pytest.approx(expected)


def test_gamma_is_decided_by_its_seed():
    """Same seed, same chance continua."""
    both = {"a": _A, "b": _B}
    assert gamma(both, seed=1) == gamma(both, seed=1) != gamma(both, seed=2)


def test_alpha_u_and_u_alpha_are_different_measures():
    """The two families give different values on the same units."""
    both = {"a": _A, "b": _B}
    assert alpha_u(both, 20) != pytest.approx(unitized_alpha(both, 20).u, abs=1e-3)
