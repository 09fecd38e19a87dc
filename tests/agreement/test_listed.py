"""Disagreements as columns say what the objects say."""

import json
from collections import Counter

import pytest

from curation.agreement.disagreements import compare, differences
from curation.agreement.listed import Disagreements
from curation.agreement.panel import panel_of
from curation.model import AnnotationSet

HOSTILE = 'a "quoted" \\ name\x1b\u2028, null'


def _set(uid, annotator, shift):
    """Entities, events, roles and attributes that differ with `shift`."""
    entities = [
        {"id": "T0", "start": 0, "end": 4 + shift, "label": HOSTILE},
        {"id": "T1", "start": 10, "end": 14, "label": f"L{shift}"},
    ]
    if shift:
        entities.append({"id": "T2", "start": 40, "end": 44, "label": "PER"})
    event = {
        "id": "E0",
        "type": f"{HOSTILE}{shift // 2}",
        "trigger": {"start": 20, "end": 24},
        "arguments": [{"role": f"R{shift % 2}", "target": "T1"}],
        "polarity": f"p{shift}",
    }
    if shift < 2:
        event["tense"] = HOSTILE
    data = {"uid": uid, "annotator": annotator, "entities": entities, "events": [event]}
    return AnnotationSet.model_validate(data)


@pytest.fixture
def listed():
    """Three annotators over two documents, every kind of disagreement but a split."""
    sets = [
        _set(uid, name, shift)
        for uid in (HOSTILE, "d")
        for shift, name in enumerate(("anna", HOSTILE, "cleo"))
    ]
    return differences(panel_of(sets), Counter())


def test_written_json_is_that_of_the_objects(listed):
    """Piece by piece the same text as from the objects, names of any kind escaped alike."""
    written = ", ".join(listed.json(lambda value: json.dumps(value, ensure_ascii=False)))
    assert f"[{written}]" == json.dumps([d.to_json() for d in listed], ensure_ascii=False)
    assert {d.layer for d in listed} == {"entities", "triggers", "arguments", "attributes"}
    assert {None, HOSTILE} <= {(i or {}).get("value") for d in listed for i in d.items}


def test_they_are_a_sequence(listed):
    """One by number from either end, several by slice, none past the end."""
    every = [*listed]
    assert [listed[i] for i in range(len(listed))] == every
    assert (listed[-1], listed[1:4]) == (every[-1], every[1:4])
    assert listed == every
    assert listed != every[1:]
    with pytest.raises(IndexError):
        listed[len(listed)]


def test_they_stand_by_document_place_layer_and_pair(listed):
    """The order is that of the fields that a reader sorts by."""
    keys = [(d.uid, d.start, d.end, d.layer, d.annotators, d.kind) for d in listed]
    assert keys == sorted(keys)


def test_each_document_is_counted(listed):
    """A document without any is not among them."""
    assert listed.by_document() == Counter(d.uid for d in listed)
    assert Disagreements.none().by_document() == {}
    assert [*Disagreements.none().json(str)] == []


def test_alike_sets_have_none():
    """Nothing to list between equals."""
    assert compare(_set("d", "anna", 1), _set("d", "boris", 1), Counter()) == []
