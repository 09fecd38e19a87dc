"""By how much agreement would rise without a cause of disagreement."""

import pytest
from agreement.build import annotated, event
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.agreement import measure_agreement
from curation.agreement.causes import causes_of, label_costs

PERCENT = "percent(layer=attributes,name=tense)"


def test_attributes_of_triggers_of_other_types_promise_nothing():
    """Of four triggers two are of one type to both: one differs there, one on another type."""
    tenses = {"anna": ("PAST", "PAST", "PAST", "PAST"), "ben": ("PAST", "NOW", "NOW", "PAST")}
    types = {"anna": "MEET", "ben": "AID"}
    sets = [
        annotated(
            "d",
            name,
            events=[
                event(10 * i, "MEET" if i < 2 else types[name], attributes={"tense": tense})
                for i, tense in enumerate(said)
            ],
        )
        for name, said in tenses.items()
    ]
    report = measure_agreement(sets)
    (cause,) = (c for c in causes_of(report) if c.cause == "attribute")
    assert (cause.n, cause.n_counted, cause.rise) == (2, 1, pytest.approx(0.5))
    assert cause.measure == PERCENT
    assert report.estimate(PERCENT).value == pytest.approx(0.5)


def test_a_cause_that_the_measure_never_looks_at_has_no_rise():
    """Roles that differ on triggers of different types cannot be made to agree by their role."""
    sets = [
        annotated("d", name, (0, 4, "PER"), events=[event(10, kind, (role, "T0"))])
        for name, kind, role in (("anna", "MEET", "Actor"), ("ben", "AID", "Recipient"))
    ]
    report = measure_agreement(sets)
    (cause,) = (c for c in causes_of(report) if c.layer == "arguments")
    assert (cause.cause, cause.n, cause.n_counted, cause.rise) == ("role", 1, 0, 0.0)
    assert label_costs(report, "arguments") == []


_SPANS = st.tuples(st.integers(0, 8), st.integers(1, 4), st.sampled_from(["PER", "ORG"]))
_EVENTS = st.tuples(
    st.sampled_from([20, 22, 30, 40]),
    st.sampled_from(["MEET", "AID"]),
    st.sampled_from([None, "PAST", "NOW"]),
    st.sampled_from(["Actor", "Recipient"]),
)


@st.composite
def _annotations(draw):
    """Up to three annotators with spans and events that overlap, differ and agree."""
    sets = []
    for uid in ("d1", "d2"):
        for name in ("anna", "ben", "cara")[: draw(st.integers(2, 3))]:
            spans = draw(st.lists(_SPANS, min_size=1, max_size=4))
            places = {(start, start + n, label) for start, n, label in spans}
            events = {start: rest for start, *rest in draw(st.lists(_EVENTS, max_size=3))}
            made = [
                event(start, kind, (role, "T0"), attributes={"tense": tense} if tense else {})
                for start, (kind, tense, role) in sorted(events.items())
            ]
            sets.append(annotated(uid, name, *sorted(places), events=made))
    return sets


@settings(max_examples=150, derandomize=True, deadline=None)
@given(_annotations())
def test_no_cause_promises_more_than_perfect_agreement(sets):
    """Value and rise are at most 1 of every cause; of all of an attribute exactly 1."""
    report = measure_agreement(sets, resamples=1)
    for cause in causes_of(report):
        value = report.estimate(cause.measure).value
        assert cause.rise >= 0
        if value is None:
            assert cause.rise == 0
            continue
        assert value + cause.rise <= 1 + 1e-12
        if cause.cause == "attribute":
            assert value + cause.rise == pytest.approx(1 if cause.n_counted else value)
    for layer in ("entities", "triggers", "arguments"):
        value = report.estimate(f"f1(layer={layer},match=exact)").value
        for _, _, rise in label_costs(report, layer):
            assert 0 <= value + rise <= 1 + 1e-12
