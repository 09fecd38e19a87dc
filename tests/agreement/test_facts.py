"""What a lead can act on."""

import pytest
from agreement.build import annotated, event

from curation.agreement import measure_agreement
from curation.agreement.annotators import reliability_of
from curation.agreement.facts import facts_of
from curation.agreement.targets import judged, widths

EXACT = "f1(layer=entities,match=exact)"


def _report(documents=10, **options):
    """Anna and Ben agree on PER, never on ORG, whose boundary is one too far."""
    sets = [
        annotated(
            f"d{i:02}", name, (0, 4, "PER"), (10, 15 + (name == "ben"), "ORG"), url=f"u/{name}"
        )
        for i in range(documents)
        for name in ("anna", "ben")
    ]
    return measure_agreement(sets, **options), sets


def test_resolving_a_cause_gives_the_rise_it_promises():
    """One of two items differs by its boundary: without that F1 is 1, so the rise is a half."""
    report, sets = _report()
    facts = facts_of(report, sets=sets)
    (cause,) = facts.causes
    assert (cause.cause, cause.detail, cause.n) == ("boundary", "ORG", 10)
    assert report.estimate(EXACT).value + cause.rise == pytest.approx(1.0)
    assert dict(cause.offsets) == {(0, -1): 10}
    assert len({d.uid for d in cause.examples}) == 3
    assert facts.labels["entities"] == [("ORG", 10, pytest.approx(0.5))]


def test_swapped_roles_and_split_items_are_told_from_others():
    """Two exchanged roles are swapped, one long span beside two is split."""
    spans = ((0, 4, "PER"), (20, 24, "PER"))
    anna = event(10, "AID", ("Actor", "T0"), ("Recipient", "T1"))
    ben = event(10, "AID", ("Actor", "T1"), ("Recipient", "T0"))
    sets = [
        annotated("d", "anna", *spans, (30, 40, "LOC"), events=[anna]),
        annotated("d", "ben", *spans, (30, 34, "LOC"), (36, 40, "LOC"), events=[ben]),
    ]
    found = [(d.layer, d.cause) for d in measure_agreement(sets).disagreements]
    assert found == [
        ("arguments", "swapped"),
        ("arguments", "swapped"),
        ("entities", "boundary"),
        ("entities", "split"),
    ]


def test_documents_to_discuss_have_their_links():
    """The ten with most disagreements, with the link of each annotator."""
    report, sets = _report(12)
    documents = facts_of(report, sets=sets).documents
    assert [d.uid for d in documents] == [f"d{i:02}" for i in range(10)]
    assert documents[0].urls == {"anna": "u/anna", "ben": "u/ben"}
    assert documents[0].values[EXACT] == 0.5


def test_a_target_is_held_missed_or_open_by_its_interval():
    """The interval decides: above, below, or on both sides; without one it is open."""
    sets = [
        annotated(
            f"d{i:02}",
            name,
            (0, 4, "PER"),
            (6, 8 + (name == "b" and i % 2), "ORG"),
            (9, 12 + (name == "b"), "LOC"),
        )
        for i in range(30)
        for name in "ab"
    ]
    report = measure_agreement(sets)
    wanted = {"PER": 0.9, "ORG": 0.5, "LOC": 0.5, "MISC": 0.5, "entities": 0.99}
    verdicts = {t.name: t.verdict for t in judged(report, wanted)}
    assert verdicts == {
        "PER": "held",
        "ORG": "open",
        "LOC": "missed",
        "MISC": "open",
        "entities": "missed",
    }
    few = measure_agreement(s for s in sets if s.uid < "d03")
    assert [t.verdict for t in judged(few, {"PER": 0.9})] == ["open"]


def test_four_times_the_documents_halve_the_interval():
    """The error falls with the square root; below 20 documents Student's t adds to it."""
    sets = [
        annotated(f"d{i:02}", name, (0, 4 + (name == "b" and i % 3 == 0), "PER"))
        for i in range(40)
        for name in "ab"
    ]
    estimate = measure_agreement(sets).estimate(EXACT)
    width = estimate.ci[1] - estimate.ci[0]
    assert [(k, n, pytest.approx(w)) for k, n, w in widths(estimate)] == [
        (2, 80, width / 2**0.5),
        (4, 160, width / 2),
    ]
    few = measure_agreement(s for s in sets if s.uid < "d10").estimate(EXACT)
    assert next(widths(few))[2] < (few.ci[1] - few.ci[0]) / 2**0.5


def test_who_marks_more_is_said_with_an_interval():
    """Anna marks two of which Ben has one: precision 1/2, recall 1, more by 1/2."""
    sets = [
        annotated(f"d{i:02}", name, (0, 4, "PER"), *([(6, 8, "PER")] if name == "anna" else []))
        for i in range(20)
        for name in ("anna", "ben")
    ]
    anna, ben = (f for f in facts_of(measure_agreement(sets)).annotators if f.layer == "entities")
    assert (anna.precision[0], anna.recall[0], anna.more) == (0.5, 1.0, (0.5, (0.5, 0.5)))
    assert ben.more[0] == -0.5
    assert anna.without == (None, None)
    assert anna.to_json()["dawid_skene"] is None
    assert anna.to_json()["dawid_skene_reason"] == "fewer than three annotators"


def test_leaving_one_out_and_dawid_skene_find_the_odd_one():
    """Two who agree and a third who misses every second: without the third F1 is 1."""
    sets = [
        annotated(f"d{i:02}", name, *([] if name == "odd" and i % 2 else [(0, 4, "PER")]))
        for i in range(30)
        for name in ("a", "b", "odd")
    ]
    facts = {
        f.annotator: f
        for f in facts_of(measure_agreement(sets)).annotators
        if f.layer == "entities"
    }
    assert facts["odd"].without[0] == 1.0
    assert facts["odd"].change[0] > 0 > facts["a"].change[0]
    assert facts["a"].dawid_skene.found == pytest.approx(1.0)
    assert facts["odd"].dawid_skene.missed > 0.3 > facts["a"].dawid_skene.missed


def _read(n, *readers):
    """Reliability over `n` documents of one item, by those whom `readers` name in turn.

    Every second is a PER, the others are ORG; C has every third the wrong way round.
    """
    sets = [
        annotated(
            f"d{i:02}", name, (0, 4, "ORG" if i % 2 == (name == "c" and i % 3 == 0) else "PER")
        )
        for i in range(n)
        for name in readers[i % len(readers)]
    ]
    return reliability_of(measure_agreement(sets).panel, "entities")


def test_dawid_skene_needs_thirty_candidates_that_three_people_read():
    """Pairs of three annotators tell nothing; 29 documents by all three neither, 30 do."""
    few = "fewer than 30 candidates that two others read too"
    assert _read(90, "ab", "bc", "ac") == [few] * 3
    assert _read(29, "abc") == [few] * 3
    assert all(found.n_candidates == 30 for found in _read(30, "abc"))


def test_dawid_skene_has_no_value_of_who_read_too_little_with_others():
    """Four annotators, the fourth in ten documents only: the other three have values."""
    *three, fourth = _read(40, "abcd", "abc", "abc", "abc")
    assert [found.n_candidates for found in three] == [40] * 3
    assert fourth.startswith("fewer than 30")


def test_what_is_found_mislabelled_and_missed_adds_up_to_one():
    """A third of C's labels are wrong, and C misses nothing."""
    a, _, c = _read(60, "abc")
    assert (c.found, c.mislabelled, c.missed) == (pytest.approx(2 / 3), pytest.approx(1 / 3), 0.0)
    assert (a.found, a.mislabelled, a.missed) == (pytest.approx(1.0), pytest.approx(0.0), 0.0)


def test_shares_add_up_for_who_never_had_a_label_before_them():
    """D read documents with PER only: what others say of ORG is no part of D's shares."""
    sets = [
        annotated(f"d{i:02}", name, (0, 4, "PER" if i < 30 else "ORG"))
        for i in range(60)
        for name in ("abcd" if i < 30 else "abc")
    ]
    d = reliability_of(measure_agreement(sets).panel, "entities")[3]
    assert (d.accuracy, d.found, d.missed) == (pytest.approx(1.0), pytest.approx(1.0), 0.0)


def test_overlap_with_the_proposal_is_higher_where_it_was_seen():
    """Assisted sets copy the proposal, unassisted ones share half of it."""
    sets = [
        annotated(f"d{i:02}", name, (0, 4, "PER"), (6, 8 + (i % 2), "ORG"), assisted=i % 2 == 0)
        for i in range(40)
        for name in ("a", "b")
    ]
    proposal = annotated("d", "model", (0, 4, "PER"), (6, 8, "ORG"))
    row = facts_of(measure_agreement(sets), sets=sets, proposal_of=lambda _: proposal).steering[0]
    assert row.n_sets == (40, 40)
    assert (row.assisted[0], row.unassisted[0], row.difference[0]) == (1.0, 0.5, 0.5)
    assert row.difference[1] == (0.5, 0.5)


@pytest.mark.parametrize("many", [True, False])
def test_a_difference_has_no_interval_where_one_side_has_none(many):
    """Two unassisted documents have no interval, so neither has what is made of them."""
    sets = [
        annotated(f"d{i:02}", name, (0, 4 + (not seen), "PER"), assisted=seen)
        for i in range(40)
        for name in ("a", "b")
        for seen in [(i < 38) == many]
    ]
    proposal = annotated("d", "model", (0, 4, "PER"))
    row = facts_of(measure_agreement(sets), sets=sets, proposal_of=lambda _: proposal).steering[0]
    sides = (row.assisted, row.unassisted) if many else (row.unassisted, row.assisted)
    assert sides[0][1] is not None
    assert sides[1][1] is None
    assert row.difference == (1.0, None)
