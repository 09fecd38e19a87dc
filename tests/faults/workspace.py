"""A workspace of short documents, and what people and models say about them, from a seed."""

from __future__ import annotations

import random
from pathlib import Path

from curation.labelstudio.client import LabelStudio
from curation.labelstudio.convert import annotations_to_result
from curation.model import AnnotationSet, Document
from curation.settings import Annotator, Push, Settings
from curation.store import Store
from curation.testing import annotation_set
from curation.workflows import pull, push

__all__ = ["AT", "Said", "add_documents", "answer", "propose", "said", "settings_of"]

AT = "2024-05-01T12:00:00+00:00"
Said = tuple[frozenset[tuple[int, int, str]], frozenset[tuple[object, ...]]]

_PEOPLE = ("Anna Berg", "Jož😀 Král", "Åse Nygård", "Jan de Vries", "Eva Novákova\u0301", "Bo 𝒜by")
_PLACES = ("Oslo", "Žilina", "Umeå", "Gent", "New\u00a0York")
_EVENTS = (("met", "CONSULT"), ("accused", "ACCUSE"), ("supported", "SUPPORT"))
# Imported so that children find them loaded.
_LOADED = (LabelStudio, annotations_to_result, pull, push)


def settings_of(folder: Path, workspace: str, annotators: tuple[str, ...]) -> Settings:
    """Half of the documents read by two, a fifth without proposals."""
    return Settings(
        folder=folder,
        id=workspace,
        name="Faults",
        database_url=f"sqlite:///{folder / 'curation.db'}",
        annotators=tuple(Annotator(name=n, email=f"{n}@example.org") for n in annotators),
        push=Push(overlap=2, overlap_share=0.5, unassisted_share=0.2),
    )


def add_documents(store: Store, rng: random.Random, first: int, count: int) -> list[Document]:
    """New documents, most of them with a proposal."""
    made = [_document(rng, f"d{number:03}") for number in range(first, first + count)]
    with store.transaction() as repo:
        for document in made:
            repo.add_document(document, offset_map=[], at=AT)
    for document in made:
        if rng.random() < 0.8:
            propose(store, rng, document, "m-1")
    return made


def propose(store: Store, rng: random.Random, document: Document, model: str) -> None:
    """What this model says about a document, instead of what others said."""
    with store.transaction() as repo:
        repo.save_annotations(answer(rng, document, model, kind="model"), at=AT)
        repo.retire_predictions(document.uid, keep=model)


def answer(
    rng: random.Random, document: Document, annotator: str, kind: str = "person"
) -> AnnotationSet:
    """Some of what is in the text, with labels and attributes by chance."""
    people = [p for p in _PEOPLE if p in document.text and rng.random() < 0.8]
    places = [p for p in _PLACES if p in document.text and rng.random() < 0.8]
    entities = [(p, rng.choice(("PER", "ORG"))) for p in people] + [(p, "LOC") for p in places]
    events = []
    for trigger, name in _EVENTS:
        if trigger in document.text and rng.random() < 0.7:
            roles = {"Actor": people[:1], "Recipient": people[1:2], "Location": places[:1]}
            events.append((trigger, name, {role: p[0] for role, p in roles.items() if p}))
    made = annotation_set(
        document.text, entities, events, uid=document.uid, annotator=annotator, kind=kind
    )
    attributes = {
        "polarity": rng.choice(("positive", "negative")),
        "tense": rng.choice(("past", "present", "future")),
        "modality": rng.choice(("asserted", "other")),
        "genericity": rng.choice(("specific", "generic")),
    }
    changed = [e.model_copy(update={"attributes": attributes}) for e in made.events]
    return made.model_copy(update={"events": tuple(changed)})


def said(found: AnnotationSet) -> Said:
    """What makes two sets the same: spans, labels, arguments and attributes, not ids."""
    keys = {e.id: e.key for e in found.entities}
    events = {
        (
            *event.key,
            frozenset((a.role, keys[a.target]) for a in event.arguments),
            frozenset(event.attributes.items()),
        )
        for event in found.events
    }
    return frozenset(keys.values()), frozenset(events)


def _document(rng: random.Random, uid: str) -> Document:
    people, places = rng.sample(_PEOPLE, 4), rng.sample(_PLACES, 2)
    verbs = rng.sample([trigger for trigger, _ in _EVENTS], 2)
    text = (
        f"{uid} {'😀' * rng.randrange(3)}\r\n{people[0]} {verbs[0]} {people[1]} in {places[0]}.\t"
        f"{people[2]} {verbs[1]} {people[3]} in {places[1]}."
    )
    return Document(uid=uid, language="en", text=text)
