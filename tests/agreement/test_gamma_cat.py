"""γ-cat and γ-k, by hand and against pygamma-agreement 0.5.9."""

import numpy as np
import pytest
from agreement.build import annotated

from curation.agreement import measure_agreement
from curation.agreement.gamma import Dissimilarity, best_alignment, best_alignment_disorder
from curation.agreement.gamma_cat import (
    categorial_disorder,
    categorial_score,
    categorial_sums,
    gamma_cat,
)
from curation.agreement.registry import parse_measure
from curation.errors import UsageError

_A = [(0, 4, "x"), (6, 9, "y")]
_B = [(0, 5, "x"), (6, 9, "x")]

TWO = {
    "a": [(0, 9, "PER"), (12, 20, "ORG"), (25, 31, "LOC"), (40, 44, "PER")],
    "b": [(0, 7, "PER"), (13, 20, "PER"), (24, 33, "LOC"), (60, 66, "ORG")],
}
THREE = {**TWO, "c": [(1, 9, "ORG"), (12, 19, "ORG"), (26, 31, "PER")]}


def test_disorder_by_hand():
    """Confidence 80/81 in two x, 1 in y against x: 1 of 161/81 disagrees; of y everything."""
    both = {"a": _A, "b": _B}
    assert categorial_disorder(both) == pytest.approx(81 / 161)
    assert categorial_disorder(both, label="x") == pytest.approx(81 / 161)
    assert categorial_disorder(both, label="y") == 1
    assert categorial_disorder(both, label="z") is None


def test_units_that_nobody_else_has_are_left_out_or_counted():
    """Alone at 20: nothing for the paper; with `unaligned` one more of weight and of disorder."""
    both = {"a": [*_A, (20, 24, "y")], "b": _B}
    assert categorial_disorder(both) == pytest.approx(81 / 161)
    assert categorial_disorder(both, unaligned=True) == pytest.approx((1 + 1) / (161 / 81 + 1))
    assert categorial_disorder({"a": [(0, 4, "x")], "b": [(20, 24, "x")]}) is None


@pytest.mark.parametrize(
    ("annotations", "expected"),
    [
        (TWO, {None: 0.6063962578773499, "PER": 0.6696651577949524, "ORG": 1.0, "LOC": 0.0}),
        (
            THREE,
            {
                None: 0.8248136043548584,
                "PER": 0.9090744256973267,
                "ORG": 0.8884812593460083,
                "LOC": 0.6655172109603882,
            },
        ),
    ],
)
def test_disorders_are_those_of_pygamma(annotations, expected):
    """`Alignment.gamma_k_disorder` of two and three annotators, to single precision."""
    for label, disorder in expected.items():
        found = categorial_disorder(annotations, label=label, unaligned=True)
        assert found == pytest.approx(disorder, abs=1e-6)


@pytest.mark.parametrize("annotations", [TWO, THREE])
def test_the_alignment_has_every_unit_once_and_the_least_disorder(annotations):
    """What is summed over its unitary alignments is the disorder of the best alignment."""
    measure = Dissimilarity()
    rows = list(annotations.values())
    found = best_alignment(rows, measure)
    units = [unit for aligned in found for unit in aligned]
    assert sorted(units) == sorted(unit for row in rows for unit in row)
    n_pairs = len(rows) * (len(rows) - 1) / 2
    total = 0.0
    for aligned in found:
        pairs = [(a, b) for i, a in enumerate(aligned) for b in aligned[i + 1 :]]
        unlike = sum(float(measure.between([a], [b])[0, 0]) for a, b in pairs)
        total += (unlike + n_pairs - len(pairs)) / n_pairs
    size = len(units) / len(rows)
    assert total / size == pytest.approx(best_alignment_disorder(annotations))


def test_identical_annotators_agree_wholly_and_one_label_is_undefined():
    """One's own copy: 1. With one label chance agrees too: no value. Nothing marked: none."""
    assert gamma_cat({"a": _A, "b": list(_A)}) == 1
    assert gamma_cat({"a": _A, "b": list(_A)}, label="y") == 1
    same = [(0, 4, "x"), (6, 9, "x")]
    assert gamma_cat({"a": same, "b": same}) is None
    assert gamma_cat({"a": [], "b": []}) is None
    assert gamma_cat({"a": _A}) is None


def test_boundaries_hardly_matter_and_categories_do():
    """Moved ends leave γ-cat at 1, another label lowers it; the seed decides."""
    moved = [(start + 1, end, label) for start, end, label in TWO["a"]]
    assert gamma_cat({"a": TWO["a"], "b": moved}) == 1
    first = gamma_cat(TWO, seed=1)
    assert first == gamma_cat(TWO, seed=1)
    assert first != gamma_cat(TWO, seed=2)
    assert first < 1


def test_continua_add_up_and_empty_samples_do_not_count():
    """The score of summed sums is that of one continuum; a sample without weight is left out."""
    sums = categorial_sums(list(TWO.values()), seed=[3])
    assert categorial_score(2 * sums) == pytest.approx(categorial_score(sums))
    #        observed    chance
    row = np.array([1.0, 4.0, 1.0, 2.0, 0.0, 0.0])
    assert categorial_score(row) == pytest.approx(1 - 0.25 / 0.5)
    assert np.isnan(categorial_score(np.array([0.0, 4.0, 0.0, 2.0])))


def _value(name, sets):
    return measure_agreement(sets, measures=[name]).estimate(name)


def test_measures_by_name():
    """In one document the measure is the function's value; γ-k is of a label that someone used."""
    sets = [annotated("d", name, *spans) for name, spans in TWO.items()]
    every = _value("gamma_cat(layer=entities)", sets)
    assert every.value is not None
    counted = _value("gamma_cat(layer=entities,unaligned=counted)", sets)
    assert counted.value != every.value
    one = _value("gamma_k(layer=entities,label=PER)", sets)
    rows = list(TWO.values())
    expected = categorial_score(categorial_sums(rows, seed=[0, 0], label="PER"))
    assert one.value == pytest.approx(float(expected))
    assert _value("gamma_k(layer=entities,label=GPE)", sets).reason == "nobody marked GPE"


def test_names_say_what_is_not_usual():
    """The default is left out of the name; gamma_k needs its label."""
    assert str(parse_measure("gamma_cat(layer=entities,unaligned=ignored)")) == (
        "gamma_cat(layer=entities)"
    )
    with pytest.raises(UsageError, match="needs label"):
        parse_measure("gamma_k(layer=entities)")
    with pytest.raises(UsageError, match="unknown parameter 'unaligned'"):
        parse_measure("gamma(layer=entities,unaligned=counted)")
