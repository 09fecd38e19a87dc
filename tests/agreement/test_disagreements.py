"""What two annotators disagree about."""

from collections import Counter

from curation.agreement.disagreements import compare, confusion_matrix
from curation.model import AnnotationSet


def _set(annotator, *spans, events=()):
    entities = [
        {"id": f"T{i}", "start": start, "end": end, "label": label}
        for i, (start, end, label) in enumerate(spans)
    ]
    data = {"uid": "d", "annotator": annotator, "entities": entities, "events": list(events)}
    return AnnotationSet.model_validate(data)


def _event(start, end, kind, *arguments, **attributes):
    roles = [{"role": role, "target": target} for role, target in arguments]
    trigger = {"start": start, "end": end}
    return {"id": f"E{start}", "type": kind, "trigger": trigger, "arguments": roles, **attributes}


def _kinds(a, b):
    return [(d.layer, d.kind, d.start, d.end) for d in compare(a, b, Counter())]


def test_entities_differ_in_boundary_label_or_are_missed():
    """Each unequal pair has one kind; the span covers both sides; agreement is silent."""
    anna = _set("anna", (0, 4, "PER"), (6, 9, "ORG"), (12, 15, "LOC"), (20, 24, "PER"))
    boris = _set("boris", (0, 4, "PER"), (5, 9, "ORG"), (12, 15, "ORG"), (30, 34, "PER"))
    assert _kinds(anna, boris) == [
        ("entities", "boundary", 5, 9),
        ("entities", "label", 12, 15),
        ("entities", "missed", 20, 24),
        ("entities", "missed", 30, 34),
    ]


def test_each_side_is_shown_in_the_order_of_the_annotators():
    """A missed item is None on the side that does not have it."""
    (found,) = compare(_set("anna", (0, 4, "PER")), _set("boris"), Counter())
    assert found.annotators == ("anna", "boris")
    assert found.items == ({"start": 0, "end": 4, "label": "PER"}, None)


def test_events_differ_in_type_role_and_attribute():
    """A trigger of another type is compared further: its roles and attributes count too."""
    spans = ((0, 4, "PER"), (30, 33, "LOC"))
    anna = _event(10, 13, "AID", ("Actor", "T0"), ("Location", "T1"), tense="past")
    boris = _event(10, 13, "CONSULT", ("Recipient", "T0"), ("Location", "T1"), tense="future")
    assert _kinds(_set("anna", *spans, events=[anna]), _set("boris", *spans, events=[boris])) == [
        ("arguments", "role", 0, 4),
        ("attributes", "attribute", 10, 13),
        ("triggers", "type", 10, 13),
    ]


def test_arguments_of_a_missed_trigger_are_not_missed_again():
    """What follows from a missed trigger is said once."""
    spans = ((0, 4, "PER"),)
    anna = _set("anna", *spans, events=[_event(10, 13, "AID", ("Actor", "T0"), tense="past")])
    assert _kinds(anna, _set("boris", *spans)) == [("triggers", "missed", 10, 13)]


def test_confusion_counts_every_pair_and_what_has_none():
    """Rows are the first annotator; NONE stays last, even beside a label of that name."""
    confusion = Counter()
    anna = _set("anna", (0, 4, "PER"), (6, 9, "ORG"), (12, 15, "NONE"))
    boris = _set("boris", (0, 4, "PER"), (6, 9, "PER"), (20, 22, "PER"))
    compare(anna, boris, confusion)
    assert confusion_matrix(confusion, "entities") == {
        "labels": ["NONE", "ORG", "PER", "NONE"],
        "counts": [[0, 0, 0, 1], [0, 0, 1, 0], [0, 0, 1, 0], [0, 0, 1, 0]],
    }


def test_attribute_values_are_confused_too():
    """An attribute that one side left out is NONE there."""
    confusion = Counter()
    anna = _set("anna", events=[_event(0, 3, "AID", tense="past"), _event(5, 8, "AID")])
    boris = _set("boris", events=[_event(0, 3, "AID"), _event(5, 8, "AID")])
    compare(anna, boris, confusion)
    matrix = confusion_matrix(confusion, "attributes.tense")
    assert matrix == {"labels": ["past", "NONE"], "counts": [[0, 1], [0, 0]]}
