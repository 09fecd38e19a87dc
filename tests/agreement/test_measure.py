"""Measuring agreement over AnnotationSets."""

import json
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.agreement import measure_agreement
from curation.agreement.matching import MATCHES
from curation.errors import InputError, UsageError
from curation.model import AnnotationSet

EXACT = "f1(layer=entities,match=exact)"


def _set(uid, annotator, *spans, events=()):
    entities = [
        {"id": f"T{i}", "start": start, "end": end, "label": label}
        for i, (start, end, label) in enumerate(spans)
    ]
    data = {"uid": uid, "annotator": annotator, "entities": entities, "events": list(events)}
    return AnnotationSet.model_validate(data)


def _event(start, kind, *arguments, **attributes):
    trigger = {"start": start, "end": start + 3}
    roles = [{"role": role, "target": target} for role, target in arguments]
    return {"id": f"E{start}", "type": kind, "trigger": trigger, "arguments": roles, **attributes}


def _value(sets, name=EXACT, **where):
    return measure_agreement(sets, measures=[name]).estimate(name, **where).value


def test_exact_f1_of_two_documents_by_hand():
    """2 shared of 3 and 3 items: F1 4/6, over 4 different items."""
    report = measure_agreement(
        [
            _set("d1", "anna", (0, 4, "PER"), (6, 9, "ORG")),
            _set("d1", "boris", (0, 4, "PER"), (6, 9, "LOC")),
            _set("d2", "anna", (0, 2, "LOC")),
            _set("d2", "boris", (0, 2, "LOC")),
        ]
    )
    estimate = report.estimate(EXACT)
    assert estimate.value == pytest.approx(4 / 6)
    assert (estimate.n_documents, estimate.n_items) == (2, 4)
    assert (estimate.ci, estimate.reason) == (None, "too few documents")
    labels = {label: report.estimate(EXACT, label=label).value for label in ("LOC", "ORG", "PER")}
    assert labels == {"LOC": pytest.approx(2 / 3), "ORG": 0.0, "PER": 1.0}


def test_slices_by_language_are_over_their_documents():
    """Each language is measured on its own documents; a document without one is in none."""
    sets = [
        _set(uid, name, (0, 4, label))
        for uid, labels in (("d1", "AA"), ("d2", "AB"), ("d3", "AB"))
        for name, label in zip(("anna", "boris"), labels, strict=True)
    ]
    report = measure_agreement(sets, languages={"d1": "sk", "d2": "en"}, measures=[EXACT])
    values = {e.slice.get("language"): e.value for e in report.measures if "label" not in e.slice}
    assert values == {None: pytest.approx(1 / 3), "sk": 1.0, "en": 0.0}


def test_unseen_is_not_empty():
    """A missing set drops the pair from the document; an empty one says there is nothing."""
    anna = _set("d1", "anna", (0, 4, "PER"))
    assert _value([anna, _set("d1", "boris")]) == 0.0
    report = measure_agreement([anna, _set("d2", "boris", (0, 4, "PER"))])
    assert report.estimate(EXACT).reason == "no shared documents"
    (pair,) = [p.estimate for p in report.pairs if p.estimate.name == EXACT]
    assert (pair.value, pair.reason, pair.n_documents) == (None, "no shared documents", 0)


def test_nothing_marked_is_undefined():
    """Two empty sets: undefined with its reason, not 0 and not 1."""
    report = measure_agreement([_set("d", "anna"), _set("d", "boris")], text_lengths={"d": 9})
    assert {(e.value, e.reason) for e in report.measures if e.name.startswith("f1")} == {
        (None, "no items")
    }
    assert report.estimate("alpha(unit=character)").reason == "no variation"


def test_no_sets_at_all_is_undefined_everywhere():
    """Without annotations every measure says that no documents are shared."""
    report = measure_agreement([])
    assert {e.reason for e in report.measures} >= {"no shared documents"}
    assert all(e.value is None for e in report.measures)
    assert (report.pairs, report.disagreements) == ((), ())


def test_several_annotators_are_pooled_over_pairs():
    """A|B share 1 of 1 and 1, A|C and B|C 0 of 1 and 2: pooled 2/8, mean of pairs 1/3."""
    sets = [
        _set("d", "A", (0, 2, "X")),
        _set("d", "B", (0, 2, "X")),
        _set("d", "C", (4, 6, "X"), (8, 9, "X")),
    ]
    report = measure_agreement(sets)
    assert report.estimate(EXACT).value == pytest.approx(2 / 8)
    assert report.mean_of_pairs(EXACT) == pytest.approx(1 / 3)
    assert report.estimate(EXACT).n_items == 3
    by_pair = {
        (p.annotator_a, p.annotator_b): p.estimate.value
        for p in report.pairs
        if p.estimate.name == EXACT
    }
    assert by_pair == {("A", "B"): 1.0, ("A", "C"): 0.0, ("B", "C"): 0.0}


def _consult(*arguments, kind="CONSULT", tense="past", entities=((0, 4, "PER"), (20, 24, "LOC"))):
    def build(annotator):
        event = _event(10, kind, *arguments, tense=tense)
        return _set("d", annotator, *entities, events=[event])

    return build


def test_arguments_are_measured_end_to_end_and_given_the_trigger():
    """A wrong trigger type makes its arguments wrong end to end, and no matter of arguments."""
    anna = _consult(("Actor", "T0"), ("Location", "T1"))("anna")
    boris = _consult(("Actor", "T0"), ("Target", "T1"))("boris")
    other = _consult(("Actor", "T0"), kind="AID")("boris")
    end_to_end = "f1(layer=arguments,match=exact)"
    given_trigger = "f1(layer=arguments,match=exact,given=trigger)"
    assert _value([anna, boris], end_to_end) == 0.5
    assert _value([anna, boris], end_to_end, label="Actor") == 1.0
    assert _value([anna, other], end_to_end) == 0.0
    assert _value([anna, other], given_trigger) is None
    assert _value([anna, boris], given_trigger) == 0.5
    counted = [
        measure_agreement([anna, boris]).estimate(end_to_end).n_items,
        measure_agreement([anna, other]).estimate(end_to_end).n_items,
        measure_agreement([anna, other]).estimate(given_trigger).n_items,
    ]
    assert counted == [3, 3, 0]


def test_attributes_are_measured_on_shared_triggers():
    """Two of three shared triggers with the same tense; the unshared one does not count."""
    anna = [_event(0, "AID", tense="past"), _event(5, "AID", tense="past")]
    anna += [_event(10, "AID", tense="future"), _event(15, "AID", tense="past")]
    boris = [_event(0, "AID", tense="past"), _event(5, "AID", tense="future")]
    boris += [_event(10, "AID", tense="future"), _event(20, "AID", tense="past")]
    report = measure_agreement([_set("d", "anna", events=anna), _set("d", "boris", events=boris)])
    estimate = report.estimate("percent(layer=attributes,name=tense)")
    assert (estimate.value, estimate.n_items) == (pytest.approx(2 / 3), 3)
    # Anna: past 2, future 1; Boris: past 1, future 2.
    chance = (2 * 1 + 1 * 2) / 9
    kappa = report.estimate("kappa(layer=attributes,name=tense)").value
    assert kappa == pytest.approx((2 / 3 - chance) / (1 - chance))


def test_kappa_over_three_is_refused_and_given_for_pairs():
    """The headline says why there is no value; the pairs have theirs."""
    sets = [
        _set("d", name, events=[_event(0, "AID", tense=tense), _event(5, "AID", tense="past")])
        for name, tense in (("A", "past"), ("B", "past"), ("C", "future"))
    ]
    name = "kappa(layer=attributes,name=tense)"
    report = measure_agreement(sets)
    assert report.estimate(name).reason == "only for two annotators"
    values = {p.annotator_b: p.estimate.value for p in report.pairs if p.estimate.name == name}
    assert values["C"] == 0.0
    assert report.estimate("alpha(layer=attributes,name=tense)").value is not None


def test_characters_need_the_length_of_the_text():
    """Alpha over characters: by hand on 10 characters; without lengths it says so."""
    sets = [_set("d", "anna", (0, 4, "PER")), _set("d", "boris", (0, 2, "PER"))]
    name = "alpha(unit=character)"
    assert measure_agreement(sets).estimate(name).reason == "text lengths not given"
    # Observed .8; 6 of 20 ratings are PER.
    chance = (6 * 5 + 14 * 13) / (20 * 19)
    estimate = measure_agreement(sets, text_lengths={"d": 10}).estimate(name)
    assert estimate.value == pytest.approx((0.8 - chance) / (1 - chance))
    assert estimate.n_items == 10
    assert measure_agreement(sets, text_lengths={"x": 1}).estimate(name).n_documents == 0


def test_two_sets_of_one_annotator_for_a_document_are_refused():
    """Which one is meant cannot be guessed."""
    with pytest.raises(InputError, match="anna has two annotation sets"):
        measure_agreement([_set("d", "anna"), _set("d", "anna")])


def test_unknown_measures_are_refused():
    """A measure that does not exist is an error of use."""
    with pytest.raises(UsageError, match="no measure is called"):
        measure_agreement([], measures=["rho()"])


def _many(documents):
    """Annotators who disagree in every third document, and more in the others."""
    for i in range(documents):
        yield _set(f"d{i:02}", "anna", (0, 4, "PER"), (6, 9, "ORG"), (12, 15, "LOC"))
        second = (6, 9, "ORG") if i % 3 else (6, 8, "ORG")
        yield _set(f"d{i:02}", "boris", (0, 4, "PER"), second, (12, 15 + i % 2, "LOC"))


@pytest.mark.parametrize(("documents", "method"), [(8, "jackknife-t"), (24, "bootstrap")])
def test_intervals_hold_the_value_and_depend_on_the_seed_alone(documents, method):
    """The interval surrounds the value; the same seed gives the same report, byte by byte."""
    report, again = (measure_agreement(_many(documents), seed=5, resamples=500) for _ in "12")
    assert json.dumps(report.to_json()) == json.dumps(again.to_json())
    estimate = report.estimate(EXACT)
    assert estimate.ci_method == method
    assert estimate.ci[0] < estimate.value < estimate.ci[1]


def test_the_json_has_the_promised_shape():
    """Measures, pairs and disagreements with their fields."""
    shape = measure_agreement(_many(6), languages={"d00": "sk"}).to_json()
    assert list(shape)[:3] == ["measures", "pairs", "disagreements"]
    first = shape["measures"][0]
    assert first["name"] == EXACT
    fields = {"name", "value", "ci", "ci_method", "n_documents", "n_items", "reason", "slice"}
    assert fields <= first.keys()
    assert {"language": "sk"} in [m["slice"] for m in shape["measures"]]
    pair = {"annotator_a", "annotator_b", "measure", "value", "ci", "n_documents", "reason"}
    assert pair <= shape["pairs"][0].keys()
    assert shape["disagreements"][0] == {
        "uid": "d00",
        "layer": "entities",
        "kind": "boundary",
        "annotators": ["anna", "boris"],
        "items": [
            {"start": 6, "end": 9, "label": "ORG"},
            {"start": 6, "end": 8, "label": "ORG"},
        ],
        "start": 6,
        "end": 9,
        "cause": "boundary",
    }
    assert json.loads(json.dumps(shape)) == shape


_span = st.tuples(st.integers(0, 20), st.integers(1, 6), st.sampled_from(["PER", "ORG", "LOC"]))
_spans = st.lists(_span.map(lambda s: (s[0], s[0] + s[1], s[2])), max_size=5)
_documents = st.lists(
    st.fixed_dictionaries({name: st.none() | _spans for name in ("A", "B", "C")}),
    min_size=1,
    max_size=4,
)
_property = settings(derandomize=True, deadline=None, max_examples=40)
LENGTH = 30


def _sets(documents, rename=lambda name: name):
    return [
        _set(f"d{i}", rename(name), *spans)
        for i, document in enumerate(documents)
        for name, spans in document.items()
        if spans is not None
    ]


def _values(sets, **options):
    lengths = {s.uid: LENGTH for s in sets}
    report = measure_agreement(sets, text_lengths=lengths, **options)
    return [(e.name, tuple(e.slice.items()), e.value) for e in report.measures]


def _same(found, expected):
    assert [row[:2] for row in found] == [row[:2] for row in expected]
    assert [row[2] for row in found] == pytest.approx([row[2] for row in expected])


@_property
@given(documents=_documents, seed=st.randoms())
def test_order_of_sets_and_names_of_annotators_do_not_matter(documents, seed):
    """Shuffled sets and renamed annotators give the same values."""
    sets = _sets(documents)
    shuffled = sets.copy()
    seed.shuffle(shuffled)
    _same(_values(shuffled), _values(sets))
    _same(_values(_sets(documents, {"A": "zoe", "B": "max", "C": "eva"}.get)), _values(sets))


@_property
@given(documents=_documents)
def test_a_document_that_all_left_empty_changes_no_f1(documents):
    """Agreeing that there is nothing is neither rewarded nor punished."""
    sets = _sets(documents)
    empty = [_set("empty", name) for name in ("A", "B", "C")]
    before = [v for v in _values(sets) if v[0].startswith("f1")]
    after = [v for v in _values([*sets, *empty]) if v[0].startswith("f1")]
    _same(after, before)


@_property
@given(documents=_documents)
def test_identical_annotators_agree_wholly(documents):
    """Everyone agrees with their own copy, in every mode."""
    sets = [_set(f"d{i}", name, *(d["A"] or ())) for i, d in enumerate(documents) for name in "AB"]
    values = [value for _, _, value in _values(sets) if value is not None]
    assert values == pytest.approx([1.0] * len(values))


@_property
@given(documents=_documents)
def test_the_ladder_rises(documents):
    """F1 exact <= overlap <= overlap_any for all and for each pair."""
    report = measure_agreement(_sets(documents))
    names = {match: f"f1(layer=entities,match={match})" for match in MATCHES}
    rows = [[report.estimate(names[m]).value for m in ("exact", "overlap", "overlap_any")]]
    values = {
        (p.annotator_a, p.annotator_b, p.estimate.name): p.estimate.value for p in report.pairs
    }
    for a, b in combinations(report.annotators, 2):
        rows.append([values[a, b, names[m]] for m in ("exact", "overlap", "overlap_any")])
    for row in rows:
        assert row == [None] * 3 or row == sorted(row)
