"""What intervals cover, and slices and differences."""

import numpy as np
import pytest
from agreement.build import annotated
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.agreement import measure_agreement
from curation.agreement.gamma import best_alignment_disorder
from curation.agreement.intervals import Resampler
from curation.agreement.tables import f1_score
from curation.errors import UsageError

EXACT = "f1(layer=entities,match=exact)"
DOCUMENTS, TRIALS, SPANS = 30, 1000, 20


@pytest.mark.slow
def test_nominal_95_percent_covers_between_92_and_98():
    """30 documents whose difficulty varies: the interval holds the true F1 19 times of 20."""
    generator = np.random.default_rng(11)

    def table(documents):
        # Each side marks what it finds of a document's items, as often as its difficulty lets it.
        skill = generator.beta(8, 2, documents)
        size = generator.poisson(SPANS, documents) + 1
        both = generator.binomial(size, skill**2)
        one = generator.binomial(size - both, skill * (1 - skill) / (1 - skill**2))
        rest = size - both - one
        other = generator.binomial(rest, np.clip(skill * (1 - skill) / (1 - skill), 0, 1) / 2)
        return np.stack([both, both + one, both + other], axis=1).astype(np.float64)

    truth = float(f1_score(table(2_000_000).sum(axis=0)[None, :])[0])
    covered = 0
    for trial in range(TRIALS):
        bounds = Resampler(trial, 1000).interval(table(DOCUMENTS), f1_score, 0.0).bounds
        covered += bounds[0] <= truth <= bounds[1]
    assert 0.92 <= covered / TRIALS <= 0.98, covered / TRIALS


def _sets(n=40):
    """The first half agrees in every second document, the second half always."""
    for i in range(n):
        yield annotated(f"d{i:02}", "a", (0, 4, "PER"))
        yield annotated(f"d{i:02}", "b", (0, 4 + (i < n // 2 and i % 2), "PER"))


def test_near_duplicates_are_drawn_together():
    """Forty documents in eight clusters have the interval of eight."""
    clusters = {f"d{i:02}": str(i % 8) for i in range(40)}
    report = measure_agreement(_sets(), clusters=clusters, measures=[EXACT])
    assert report.estimate(EXACT).ci_method == "jackknife-t"
    assert report.estimate(EXACT).n_documents == 40
    alone = measure_agreement(_sets(), measures=[EXACT]).estimate(EXACT)
    assert alone.ci_method == "bootstrap"
    few = measure_agreement(_sets(), clusters={u: u[:2] for u in clusters}, measures=[EXACT])
    assert few.estimate(EXACT).reason == "too few documents: 4 groups of near-duplicates"


def test_rounds_are_compared_and_small_slices_have_no_value():
    """The second round less the first, with an interval above 0."""
    rounds = {f"d{i:02}": "1" if i < 20 else "2" for i in range(39)} | {"d39": "3"}
    report = measure_agreement(
        _sets(), dimensions={"round": rounds}, slices=["round"], min_documents=5, measures=[EXACT]
    )
    values = {e.slice["round"]: (e.value, e.reason) for e in report.measures if e.slice}
    assert values == {"1": (0.5, None), "2": (1.0, None), "3": (None, "fewer than 5 documents")}
    found = [d for d in report.differences if d.name == EXACT]
    assert [(d.a, d.b, d.value) for d in found] == [("1", "2", 0.5), ("2", "3", None)]
    assert found[0].ci[0] > 0


def test_pairs_of_annotators_are_compared_on_the_same_draws():
    """The difference of two identical pairs is 0 with no width."""
    sets = [
        annotated(f"d{i:02}", n, (0, 4 + (n == "a" and i % 2), "PER"))
        for i in range(30)
        for n in "abc"
    ]
    report = measure_agreement(sets, measures=[EXACT])
    found = {(d.a, d.b): d for d in report.differences if d.name == EXACT}
    assert (found["a - b", "a - c"].value, found["a - b", "a - c"].ci) == (0.0, (0.0, 0.0))


@pytest.mark.parametrize("name", ["alpha_u(layer=entities)", "u_alpha(layer=entities)"])
def test_flat_measures_refuse_nested_spans(name):
    """The reason says what is in the way."""
    nested = [annotated("d", n, (0, 9, "ORG"), (2, 4, "ORG")) for n in "ab"]
    report = measure_agreement(nested, text_lengths={"d": 20}, measures=[name])
    assert report.estimate(name).reason == "spans of one annotator overlap"


@pytest.mark.parametrize(
    "family", ["alpha_u", "u_alpha", "bar_u_alpha", "cu_alpha", "gamma", "gamma_cat"]
)
def test_measures_of_the_continuum_are_one_on_identical_sets(family):
    """Two texts marked alike by three people."""
    spans = {"d1": [(0, 4, "PER"), (10, 15, "LOC")], "d2": [(3, 8, "LOC"), (9, 12, "PER")]}
    sets = [annotated(uid, n, *marked) for uid, marked in spans.items() for n in "abc"]
    name = f"{family}(layer=entities)"
    report = measure_agreement(sets, text_lengths={"d1": 30, "d2": 30}, measures=[name])
    assert report.estimate(name).value == pytest.approx(1.0)


def test_ku_alpha_is_of_one_label():
    """The label is part of the name, and has to be."""
    with pytest.raises(UsageError, match="needs label"):
        measure_agreement([], measures=["ku_alpha(layer=entities)"])


_units = st.lists(
    st.tuples(st.integers(0, 60), st.integers(1, 8), st.sampled_from("AB")).map(
        lambda u: (u[0], u[0] + u[1], u[2])
    ),
    max_size=4,
)


@settings(derandomize=True, deadline=None, max_examples=40)
@given(a=_units, b=_units)
def test_decomposed_alignment_of_three_is_no_worse_than_that_of_two(a, b):
    """A third annotator who repeats the second costs what the pairs cost on average."""
    two = best_alignment_disorder({"a": a, "b": b})
    three = best_alignment_disorder({"a": a, "b": b, "c": b})
    if two is None or three is None:
        assert not a
        assert not b
        return
    size_two, size_three = (len(a) + len(b)) / 2, (len(a) + 2 * len(b)) / 3
    assert three * size_three <= two * size_two * 4 / 3 + 1e-9


def test_average_of_pairs_and_documents_by_hand():
    """Pairs .5, 1 and .5 average to 2/3; documents 1 and 1/3 to 2/3, pooled is 2/3 too."""
    sets = [
        *(annotated("d1", n, (0, 4, "PER")) for n in "abc"),
        *(annotated("d2", n, (0, 4 + (n == "b"), "PER")) for n in "abc"),
    ]
    pairs, documents = (
        f"f1(layer=entities,match=exact,average={a})" for a in ("pairs", "documents")
    )
    report = measure_agreement(sets, measures=[pairs, documents])
    assert report.estimate(pairs).value == pytest.approx(2 / 3)
    assert report.estimate(documents).value == pytest.approx(2 / 3)


def test_semeval_counts_come_with_the_value():
    """One correct, one with another type, one missed, one spurious."""
    sets = [
        annotated("d", "a", (0, 4, "PER"), (6, 9, "ORG"), (12, 14, "LOC")),
        annotated("d", "b", (0, 4, "PER"), (6, 9, "LOC"), (20, 24, "LOC")),
    ]
    name = "semeval(layer=entities,scheme=strict)"
    found = measure_agreement(sets, measures=[name]).estimate(name)
    assert found.value == pytest.approx(1 / 3)
    assert found.counts == {"correct": 1, "incorrect": 1, "partial": 0, "missed": 1, "spurious": 1}
