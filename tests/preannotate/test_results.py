"""What stands on a Doc, said as an AnnotationSet."""

from __future__ import annotations

import pytest
import spacy
from pydantic import ValidationError
from spacy.tokens import Doc, Span

from curation.preannotate.documents import doc_to_annotations
from curation.preannotate.extensions import Filler, Mention, span_values, store_mentions
from curation.preannotate.scores import argument_score, entity_score, trigger_score

TEXT = "😀 Anna Berg \n met  Bo in Oslo."
COMPONENT = "curation_fast_recogniser"


def doc_of(*entities: tuple[int, int, str, float | None]) -> Doc:
    """Entities by token offsets, with their scores."""
    doc = spacy.blank("en")(TEXT)
    doc.ents = [Span(doc, start, end, label) for start, end, label, _ in entities]
    for span, (*_, score) in zip(doc.ents, entities, strict=True):
        if score is not None:
            span._.score, span._.component = score, COMPONENT
    return doc


def test_what_is_kept_on_a_span_is_what_spacy_gives() -> None:
    """Read from where spaCy keeps it: what was set, else the default."""
    doc = doc_of((1, 3, "PER", 0.9), (6, 7, "PER", None))
    for name in ("score", "component", "date"):
        assert span_values(doc, name, doc.ents) == [getattr(e._, name) for e in doc.ents]


def test_offsets_scores_and_ids() -> None:
    """In code points; a name of white space is none, and whoever fills a role with it is left out.

    Arguments stand by role and by entity.
    """
    doc = doc_of((1, 3, "PER", 0.9), (3, 4, "PER", 0.5), (6, 7, "PER", None), (8, 9, "LOC", 0.7))
    assert doc[3].is_space
    fillers = [
        Filler("Recipient", 6, 7, 0.65),
        Filler("Actor", 8, 9, 0.7),
        Filler("Actor", 1, 3, 0.7),
        Filler("Actor", 3, 4, 0.7),
    ]
    mention = Mention(4, 5, "CONSULT", 0.85, "verb", fillers=tuple(fillers), attributes={"a": "b"})
    found = doc_to_annotations(store_mentions(doc, [mention]), uid="d", annotator="m")
    assert list(found.problems(TEXT)) == []
    assert [(e.id, TEXT[e.start : e.end], e.label, e.component) for e in found.entities] == [
        ("T1", "Anna Berg", "PER", COMPONENT),
        ("T2", "Bo", "PER", None),
        ("T3", "Oslo", "LOC", COMPONENT),
    ]
    anna, bo, oslo = (e.score for e in found.entities)
    assert (anna, bo) == (entity_score(0.9, COMPONENT, "PER"), None)
    (event,) = found.events
    assert (event.id, TEXT[event.start : event.end]) == ("E1", "met")
    assert (event.score, event.attributes) == (trigger_score(mention, "en"), {"a": "b"})
    assert [(a.role, a.target, a.score) for a in event.arguments] == [
        ("Actor", "T1", argument_score(fillers[2], mention, anna, "en")),
        ("Actor", "T3", argument_score(fillers[1], mention, oslo, "en")),
        ("Recipient", "T2", argument_score(fillers[0], mention, None, "en")),
    ]


def test_what_a_component_of_ones_own_puts_there_is_checked() -> None:
    """A score that is no probability, where nothing calibrates it, does not get through."""
    doc = doc_of((1, 3, "PER", 7.0))
    doc.ents[0]._.component = "mine"
    with pytest.raises(ValidationError, match="score"):
        doc_to_annotations(doc, uid="d", annotator="m")
