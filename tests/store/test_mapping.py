"""Rows from values: the canonical JSON of an AnnotationSet."""

import json

from hypothesis import given, settings

from curation.model import AnnotationSet, Argument, Entity, Event, TextSpan
from curation.ontology import load_ontology
from curation.store.mapping import annotations_body
from curation.testing import annotation_sets, documents
from curation.workflows.workspace import default_ontology_file

NEWS = load_ontology(default_ontology_file())


def dumped(annotations: AnnotationSet) -> str:
    """The same by pydantic."""
    fields = annotations.sorted().model_dump(mode="json", include={"entities", "events"})
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":"))


@settings(derandomize=True, max_examples=100, deadline=None)
@given(documents().flatmap(lambda document: annotation_sets(document.text, NEWS)))
def test_the_body_of_any_set_is_what_the_model_dumps(annotations: AnnotationSet) -> None:
    """Written by hand for speed, the canonical JSON is byte for byte the model's own."""
    assert annotations_body(annotations) == dumped(annotations)


def test_provenance_and_attributes_stand_where_the_model_puts_them() -> None:
    """Scores, components and origins of all kinds of items, and attributes in order of name."""
    source = {"score": 0.25, "component": "ner", "origin": "prediction-changed"}
    event = Event(
        id="x",
        type="CONSULT",
        trigger=TextSpan(start=4, end=9),
        arguments=(Argument(role="Actor", target="b", origin="manual"),),
        attributes={"tense": "past", "modality": "asserted"},
        **source,
    )
    entities = (
        Entity(id="a", start=5, end=6, label="LOC", score=1.0),
        Entity(id="b", start=0, end=3, label="PER", **source),
    )
    made = AnnotationSet(uid="d", annotator="anna", entities=entities, events=(event,))
    assert annotations_body(made) == dumped(made)
    assert annotations_body(made).startswith(
        '{"entities":[{"score":0.25,"component":"ner","origin":"prediction-changed","id":"T1",'
    )
