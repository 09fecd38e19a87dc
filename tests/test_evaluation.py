"""Predictions against gold."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.errors import InputError
from curation.evaluation import evaluate, evaluate_files
from curation.model import AnnotationSet, Document, Record


def _set(uid, spans=(), events=(), annotator="gold"):
    entities = [
        {"id": f"T{i}", "start": start, "end": end, "label": label}
        for i, (start, end, label) in enumerate(spans)
    ]
    data = {"uid": uid, "annotator": annotator, "entities": entities, "events": list(events)}
    return AnnotationSet.model_validate(data)


def _gold(uid, spans=(), events=None, language="sk"):
    document = Document(uid=uid, language=language, text="x" * 100)
    return Record(
        document=document,
        annotations=_set(uid, spans, events or ()),
        has_events=events is not None,
    )


def _guess(uid, spans=(), events=()):
    return _set(uid, spans, events, annotator="model")


def _event(start, kind, *arguments, **attributes):
    roles = [{"role": role, "target": target} for role, target in arguments]
    trigger = {"start": start, "end": start + 3}
    return {"id": f"E{start}", "type": kind, "trigger": trigger, "arguments": roles, **attributes}


def _run(gold, guess):
    return evaluate([gold], {guess.uid: guess})


def _tally(scores):
    return scores["tp"], scores["fp"], scores["fn"]


def test_entities_exact_and_overlapping_by_hand():
    """One exact, one moved, one relabelled, one missed."""
    report = _run(
        _gold("d", [(0, 4, "PER"), (6, 9, "ORG"), (12, 15, "LOC"), (20, 24, "PER")]),
        _guess("d", [(0, 4, "PER"), (5, 9, "ORG"), (12, 15, "ORG")]),
    )
    entities = report["layers"]["entities"]
    assert _tally(entities["exact"]) == (1, 2, 3)
    assert _tally(entities["overlap"]) == (2, 1, 2)
    assert entities["exact"]["f1"] == pytest.approx(2 / 7)
    by_label = {label: _tally(scores) for label, scores in entities["by_label"].items()}
    assert by_label == {"LOC": (0, 0, 1), "ORG": (0, 2, 1), "PER": (1, 0, 1)}
    assert report["edits"] == {
        "add": 1,
        "delete": 0,
        "relabel": 1,
        "move_boundary": 1,
        "relink": 0,
        "from_nothing": 4,
        "kept_share": pytest.approx(1 / 3),
    }


def test_scores_by_language_are_over_their_documents():
    """Each language has the counts of its own documents."""
    gold = [_gold("d1", [(0, 4, "PER")]), _gold("d2", [(0, 4, "PER")], language="en")]
    report = evaluate(gold, {"d1": _guess("d1", [(0, 4, "PER")]), "d2": _guess("d2")})
    by_language = report["layers"]["entities"]["by_language"]
    assert {k: _tally(v) for k, v in by_language.items()} == {"en": (0, 0, 1), "sk": (1, 0, 0)}
    assert report["n_documents"] == 2


def test_labels_that_a_file_never_uses_are_unscored_in_it():
    """A gold file without dates says nothing about dates; another file's dates do not help."""
    spans = [(0, 4, "PER"), (6, 9, "DATE")]
    report = _run(_gold("d", [(0, 4, "PER")]), _guess("d", spans))
    assert _tally(report["layers"]["entities"]["exact"]) == (1, 0, 0)
    assert report["unscored"]["entities"] == {"DATE": 1}
    assert report["edits"]["delete"] == 0
    files = [[_gold("d", [(0, 4, "PER")])], [_gold("e", [(6, 9, "DATE")])]]
    report = evaluate_files(files, {"d": _guess("d", spans), "e": _guess("e", spans)})
    assert report["unscored"]["entities"] == {"DATE": 1, "PER": 1}
    assert _tally(report["layers"]["entities"]["exact"]) == (2, 0, 0)


def test_gold_without_events_is_scored_on_entities_only():
    """No "events" key is no statement; an empty list is one."""
    guess = _guess("d", events=[_event(10, "AID")])
    silent = _run(_gold("d"), guess)
    assert silent["layers"]["triggers"]["span"]["f1"] is None
    assert silent["unscored"]["events"] == {"AID": 1}
    empty = _run(_gold("d", events=[]), guess)
    assert _tally(empty["layers"]["triggers"]["span_type"]) == (0, 1, 0)
    assert empty["unscored"]["events"] == {}


_PEOPLE = [(0, 4, "PER"), (6, 9, "ORG")]


def test_events_by_hand():
    """One right event, one of another type: triggers, arguments and attributes follow."""
    gold = [
        _event(20, "AID", ("Actor", "T0"), ("Recipient", "T1"), tense="past"),
        _event(30, "CONSULT", ("Actor", "T0"), tense="past"),
    ]
    guess = [
        _event(20, "AID", ("Actor", "T0"), ("Target", "T1"), tense="future"),
        _event(30, "AGREE", ("Actor", "T0"), tense="past"),
    ]
    report = _run(_gold("d", _PEOPLE, gold), _guess("d", _PEOPLE, guess))
    layers = report["layers"]
    assert _tally(layers["triggers"]["span"]) == (2, 0, 0)
    assert _tally(layers["triggers"]["span_type"]) == (1, 1, 1)
    assert {k: _tally(v) for k, v in layers["triggers"]["by_type"].items()} == {
        "AGREE": (0, 1, 0),
        "AID": (1, 0, 0),
        "CONSULT": (0, 0, 1),
    }
    assert _tally(layers["triggers"]["by_language"]["sk"]) == (1, 1, 1)
    assert _tally(layers["arguments"]["end_to_end"]) == (1, 2, 2)
    assert _tally(layers["arguments"]["given_trigger"]) == (1, 1, 1)
    assert layers["attributes"] == {"tense": {"accuracy": 0.0, "n": 1}}
    edits = report["edits"]
    assert (edits["relabel"], edits["relink"], edits["from_nothing"]) == (1, 1, 7)


def test_attributes_without_a_shared_trigger_are_undefined():
    """Gold has the attribute, nothing can be compared: no accuracy, not zero."""
    report = _run(_gold("d", events=[_event(20, "AID", tense="past")]), _guess("d"))
    assert report["layers"]["attributes"] == {"tense": {"accuracy": None, "n": 0}}


def test_links_of_deleted_items_need_no_act_of_their_own():
    """Deleting an entity deletes its links; a link to an item that was moved stays."""
    gold = [_event(20, "AID", ("Actor", "T0"))]
    guess = [_event(20, "AID", ("Actor", "T0"), ("Recipient", "T1"))]
    report = _run(
        _gold("d", [(0, 4, "PER"), (90, 95, "ORG")], gold),
        _guess("d", [(0, 5, "PER"), (6, 9, "ORG")], guess),
    )
    assert report["edits"] == {
        "add": 1,
        "delete": 1,
        "relabel": 0,
        "move_boundary": 1,
        "relink": 0,
        "from_nothing": 4,
        "kept_share": pytest.approx(1 / 3),
    }


def test_everything_is_undefined_where_nothing_is_annotated():
    """Two empty sides: no score is 0 or 1."""
    report = _run(_gold("d", events=[]), _guess("d"))
    scores = report["layers"]["entities"]["exact"]
    assert (scores["p"], scores["r"], scores["f1"]) == (None, None, None)
    assert report["edits"]["kept_share"] is None


def test_missing_sides_are_refused_together():
    """A gold document without annotations or prediction is named, and how many more there are."""
    bare = Record(document=Document(uid="e", language="sk", text="x"))
    with pytest.raises(InputError, match=r"d: no prediction, and 2 more"):
        evaluate([_gold("d"), bare], {})


_span = st.tuples(st.integers(0, 20), st.integers(1, 6), st.sampled_from(["PER", "ORG"]))
_spans = st.lists(_span.map(lambda s: (s[0], s[0] + s[1], s[2])), max_size=6)
_property = settings(derandomize=True, deadline=None, max_examples=60)


@_property
@given(gold=_spans, guess=_spans)
def test_counts_and_edits_add_up(gold, guess):
    """Tp + fn is gold, tp + fp what was scored; labels sum to the whole; JSON survives."""
    report = _run(_gold("d", gold, []), _guess("d", guess))
    entities, edits = report["layers"]["entities"], report["edits"]
    unscored = sum(report["unscored"]["entities"].values())
    tp, fp, fn = _tally(entities["exact"])
    assert (tp + fn, tp + fp) == (len(set(gold)), len(set(guess)) - unscored)
    by_label = [_tally(scores) for scores in entities["by_label"].values()]
    assert tuple(map(sum, zip(*by_label, strict=True)) if by_label else (0, 0, 0)) == (tp, fp, fn)
    assert entities["exact"]["tp"] <= entities["overlap"]["tp"]
    assert edits["from_nothing"] - edits["add"] == len(set(guess)) - unscored - edits["delete"]
    assert json.loads(json.dumps(report)) == report


@_property
@given(gold=_spans)
def test_gold_as_prediction_needs_no_edit(gold):
    """What is already right has F1 1 and no edits."""
    events = [_event(40, "AID", *([("Actor", "T0")] if gold else []), tense="past")]
    report = _run(_gold("d", gold, events), _guess("d", gold, events))
    edits = report["edits"]
    assert {edits[k] for k in ("add", "delete", "relabel", "move_boundary", "relink")} == {0}
    assert edits["kept_share"] == 1.0
    assert report["layers"]["triggers"]["span_type"]["f1"] == 1.0
    assert report["layers"]["attributes"]["tense"] == {"accuracy": 1.0, "n": 1}


def test_scores_are_held_against_what_is_right():
    """Each layer's scores: one entity of two, no trigger and no argument is exactly right."""
    gold = _gold("d", [(0, 4, "PER"), (6, 9, "ORG")], [_event(20, "AID", ("Actor", "T0"))])
    guess = _guess(
        "d",
        [(0, 4, "PER"), (5, 9, "ORG"), (30, 34, "DATE")],
        [_event(20, "YIELD", ("Actor", "T0"), score=0.75)],
    )
    scored = tuple(e.model_copy(update={"score": 0.5}) for e in guess.entities)
    (event,) = guess.events
    (argument,) = event.arguments
    sure = event.model_copy(update={"arguments": (argument.model_copy(update={"score": 0.25}),)})
    report = _run(gold, guess.model_copy(update={"entities": scored, "events": (sure,)}))
    assert {k: (v["ece"], v["n"]) for k, v in report["calibration"].items()} == {
        "entities": (0.0, 2),
        "triggers": (0.75, 1),
        "arguments": (0.25, 1),
    }


def test_predictions_without_scores_have_no_calibration():
    """What has no score is not counted as certain."""
    report = _run(_gold("d", [(0, 4, "PER")]), _guess("d", [(0, 4, "PER")]))
    assert report["calibration"]["entities"] == {"ece": None, "n": 0, "bins": []}
