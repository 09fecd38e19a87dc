"""Annotations without what the ontology does not allow."""

from __future__ import annotations

from curation.model import AnnotationSet, Argument, Entity, Event, TextSpan
from curation.ontology import Ontology
from curation.workflows.allowed import allowed


def _event(name: str, event_type: str, *arguments: tuple[str, str], **attributes: str) -> Event:
    return Event(
        id=name,
        type=event_type,
        trigger=TextSpan(start=5, end=8),
        arguments=tuple(Argument(role=role, target=target) for role, target in arguments),
        attributes=attributes,
    )


def test_only_what_is_not_allowed_is_left_out(news: Ontology) -> None:
    """By reason, with what falls because its event or its filler does; the set says so itself."""
    said = AnnotationSet(
        uid="a",
        annotator="anna",
        entities=(
            Entity(id="T1", start=0, end=4, label="ORG"),
            Entity(id="T2", start=9, end=12, label="SHIP"),
        ),
        events=(
            _event("E1", "CONSULT", ("Actor", "T1"), ("Location", "T1"), ("Actor", "T2")),
            _event("E2", "CONSULT", ("Captain", "T1"), tense="past", polarity="no", mood="bad"),
            _event("E3", "SAIL", ("Actor", "T1")),
        ),
        provenance={"brat": {}},
    )
    found, left_out = allowed(said, news)
    assert [e.id for e in found.entities] == ["T1"]
    assert [(e.id, [a.role for a in e.arguments], dict(e.attributes)) for e in found.events] == [
        ("E1", ["Actor"], {}),
        ("E2", [], {"tense": "past"}),
    ]
    assert left_out == {
        "label 'SHIP' is not in ontology news": 1,
        "a ORG cannot be Location": 1,
        "arguments of what is left out": 2,
        "role 'Captain' is not in ontology news": 1,
        "polarity 'no' is none of positive, negative": 1,
        "attribute 'mood' is not in ontology news": 1,
        "event type 'SAIL' is not in ontology news": 1,
    }
    assert found.provenance == {"brat": {}, "left_out": dict(left_out)}
    assert list(news.problems(found)) == []


def test_a_sound_set_stays_the_very_same(news: Ontology) -> None:
    """Nothing is written into its provenance either."""
    entity = Entity(id="T1", start=0, end=4, label="ORG")
    said = AnnotationSet(
        uid="a", annotator="anna", entities=(entity,), events=(_event("E1", "CONSULT"),)
    )
    found, left_out = allowed(said, news)
    assert found is said
    assert not left_out
