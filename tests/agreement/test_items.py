"""AnnotationSets as items."""

from curation.agreement.items import arguments, attributes, entities, triggers
from curation.agreement.panel import panel_of
from curation.model import AnnotationSet


def _set() -> AnnotationSet:
    return AnnotationSet.model_validate(
        {
            "uid": "d1",
            "annotator": "anna",
            "entities": [
                {"id": "T1", "start": 0, "end": 4, "label": "PER"},
                {"id": "T2", "start": 0, "end": 4, "label": "PER"},
                {"id": "T3", "start": 9, "end": 12, "label": "LOC"},
            ],
            "events": [
                {
                    "id": "E1",
                    "type": "CONSULT",
                    "trigger": {"start": 5, "end": 8},
                    "arguments": [
                        {"role": "Actor", "target": "T1"},
                        {"role": "Actor", "target": "T2"},
                        {"role": "Location", "target": "T9"},
                    ],
                    "tense": "past",
                },
                {"id": "E2", "type": "CONSULT", "trigger": {"start": 5, "end": 8}, "arguments": []},
                {"id": "E3", "type": "AID", "trigger": {"start": 13, "end": 15}, "arguments": []},
            ],
        }
    )


def test_identical_items_of_one_annotator_are_one():
    """A doubled entity, trigger or argument counts once."""
    s = _set()
    assert entities(s) == {(0, 4, "PER"), (9, 12, "LOC")}
    assert triggers(s) == {(5, 8, "CONSULT"), (13, 15, "AID")}
    assert arguments(s) == {(0, 4, "Actor", 5, 8, "CONSULT")}


def test_attributes_are_keyed_by_trigger_and_absent_ones_are_empty():
    """Events that share a trigger share a key; an event without the attribute has ""."""
    assert attributes(_set(), "tense") == {(5, 8, "CONSULT"): "past", (13, 15, "AID"): ""}
    assert panel_of([_set()]).attribute_names == ("tense",)
