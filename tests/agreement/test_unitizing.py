"""Coefficients over a continuum, beyond the published cases."""

from itertools import combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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


_unit = st.tuples(st.integers(0, 12), st.integers(1, 6), st.sampled_from("xy")).map(
    lambda u: (float(u[0]), float(u[0] + u[1]), u[2])
)
_row = st.lists(_unit, max_size=2)


def _least(rows, unlike):
    """The least total disorder, by trying every way to put the units together."""
    first = next((i for i, row in enumerate(rows) if row), None)
    if first is None:
        return 0.0
    options = [[rows[i][0]] if i == first else [None, *rows[i]] for i in range(len(rows))]
    totals = []
    for chosen in product(*options):
        pairs = [unlike(a, b) for a, b in combinations(chosen, 2)]
        rest = [[u for u in row if u is not c] for row, c in zip(rows, chosen, strict=True)]
        totals.append(sum(pairs) / len(pairs) + _least(rest, unlike))
    return min(totals)


@settings(derandomize=True, deadline=None, max_examples=60)
@given(rows=st.tuples(_row, _row, _row), beta=st.sampled_from([0.5, 1.0, 3.0]))
def test_best_alignment_of_three_is_the_best_of_all(rows, beta):
    """The solver finds what trying everything finds."""
    measure = Dissimilarity(alpha=1, beta=beta, delta_empty=1)

    def unlike(a, b):
        return 1.0 if a is None or b is None else float(measure.between([a], [b])[0, 0])

    disorder = best_alignment_disorder(dict(zip("abc", rows, strict=True)), measure)
    units = sum(map(len, rows))
    expected = _least(rows, unlike) / (units / 3) if units else None
    assert disorder == (None if expected is None else pytest.approx(expected, abs=1e-6))


def test_gamma_is_decided_by_its_seed():
    """Same seed, same chance continua."""
    both = {"a": _A, "b": _B}
    assert gamma(both, seed=1) == gamma(both, seed=1) != gamma(both, seed=2)


def test_alpha_u_and_u_alpha_are_different_measures():
    """The two families give different values on the same units."""
    both = {"a": _A, "b": _B}
    assert alpha_u(both, 20) != pytest.approx(unitized_alpha(both, 20).u, abs=1e-3)
