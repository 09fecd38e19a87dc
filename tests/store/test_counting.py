"""Counting without reading: what the store tells of sets, tasks and decisions."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from curation.model import AnnotationSet, Argument, Document, Entity, Event, TextSpan
from curation.store import Store, open_store

AT = "2024-05-01T12:00:00+00:00"
HARD = ['","events":[]}', '{"entities":[],', "%", "_", '"', "\\", "]}", "é", "[]"]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """One document."""
    made = open_store(f"sqlite:///{tmp_path / 'curation.db'}")
    with made.transaction() as repo:
        for uid in ("a", "b"):
            document = Document(uid=uid, language="en", text="Oslo is here.")
            repo.add_document(document, offset_map=[], at=AT)
    return made


@st.composite
def said(draw: st.DrawFn) -> AnnotationSet:
    """At most one entity and one event, named like the ends of an empty set."""
    words = st.lists(st.sampled_from(HARD), min_size=1, max_size=3).map("".join)
    entities = [Entity(id="T1", start=0, end=4, label=draw(words))] if draw(st.booleans()) else []
    arguments = (Argument(role=draw(words), target="T1"),) if entities else ()
    event = Event(
        id="E1",
        type=draw(words),
        trigger=TextSpan(start=5, end=7),
        arguments=arguments if draw(st.booleans()) else (),
        attributes={"tense": draw(words)} if draw(st.booleans()) else {},
    )
    events = (event,) if draw(st.booleans()) else ()
    return AnnotationSet(uid="a", annotator="anna", entities=tuple(entities), events=events)


@settings(
    derandomize=True,
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(one=said())
def test_what_is_in_a_set_is_seen_from_its_ends(store: Store, one: AnnotationSet) -> None:
    """Whatever labels, types and answers look like."""
    with store.transaction() as repo:
        repo.save_annotations(one, at=AT)
        (found,) = repo.set_states("person")
    assert (found.entities, found.events) == (bool(one.entities), bool(one.events))
    assert (found.uid, found.annotator, found.kind) == ("a", "anna", "person")


def test_only_what_is_current_counts(store: Store) -> None:
    """An older saying and an older revision are not there; later ones have higher numbers."""
    entity = Entity(id="T1", start=0, end=4, label="LOC")
    empty = AnnotationSet(uid="a", annotator="anna")
    full = empty.model_copy(update={"entities": (entity,)})
    with store.transaction() as repo:
        repo.save_annotations(full, at=AT)
        repo.save_annotations(empty, at=AT)
        repo.save_annotations(full.model_copy(update={"uid": "b"}), at=AT)
        numbers = {s.uid: s.number for s in repo.set_states("person")}
        assert [s.entities for s in repo.set_states("person")] == [False, True]
        assert numbers["a"] < numbers["b"]
        changed = Document(uid="b", language="en", text="Oslo was here.")
        repo.add_document(changed, offset_map=[], at=AT)
        assert [s.uid for s in repo.set_states("person")] == ["a"]
        assert [uid for uid, _who, _how in repo.provenances_of("person")] == ["a"]
