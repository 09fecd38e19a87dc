"""Documents with annotations, made from marked-up text."""

from __future__ import annotations

import re

from curation.model import AnnotationSet, Argument, Document, Entity, Event, TextSpan

_MARK = re.compile(r"\[([^\]/]+)/([A-Z]+)\]")


def pair(uid: str, marked: str, language: str = "en") -> tuple[Document, AnnotationSet]:
    """From "[Anna/PER] went": lower-case ids count from T1; a label that is no entity is a type."""
    text, entities, events, at = "", [], [], 0
    for found in _MARK.finditer(marked):
        text += marked[at : found.start()]
        start, at = len(text), found.end()
        text += found[1]
        if found[2] in {"PER", "ORG", "LOC", "DATE"}:
            name = f"T{len(entities) + 1}"
            entities.append(Entity(id=name, start=start, end=len(text), label=found[2]))
        else:
            trigger = TextSpan(start=start, end=len(text))
            events.append(Event(id=f"E{len(events) + 1}", type=found[2], trigger=trigger))
    text += marked[at:]
    said = AnnotationSet(
        uid=uid, annotator="gold", kind="gold", entities=tuple(entities), events=tuple(events)
    )
    return Document(uid=uid, language=language, text=text), said


def with_arguments(said: AnnotationSet, *arguments: tuple[str, str]) -> AnnotationSet:
    """The first event gets the arguments (role, id of an entity)."""
    first, *rest = said.events
    made = tuple(Argument(role=role, target=target) for role, target in arguments)
    changed = first.model_copy(update={"arguments": made})
    return said.model_copy(update={"events": (changed, *rest)})


NAMES = ("Anna Berg", "Peter Lind", "Sara Holm", "Tom Falk")
PLACES = ("Oslo", "Brno", "Gent", "Malmö")


def corpus(count: int = 40) -> list[tuple[Document, AnnotationSet]]:
    """Documents in which people meet in places; each name comes back in every fourth."""
    return [
        pair(
            f"d{i:02}",
            f"On arrival [{NAMES[i % 4]}/PER] [met/CONSULT] reporters in [{PLACES[i % 4]}/LOC]. "
            f"Later [{NAMES[(i + 1) % 4]}/PER] flew to [{PLACES[(i + 1) % 4]}/LOC].",
        )
        for i in range(count)
    ]


def relabelled(
    pairs: list[tuple[Document, AnnotationSet]], uid: str, item: str, label: str
) -> list[tuple[Document, AnnotationSet]]:
    """The pairs with another label of one entity."""
    return [
        (
            document,
            said.model_copy(
                update={
                    "entities": tuple(
                        e.model_copy(update={"label": label})
                        if (said.uid, e.id) == (uid, item)
                        else e
                        for e in said.entities
                    )
                }
            ),
        )
        for document, said in pairs
    ]
