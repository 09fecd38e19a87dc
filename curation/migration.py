"""Annotations made with an earlier version of the ontology, in the words of the present one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from curation.model import AnnotationSet, Argument, Entity, Event
from curation.ontology import Migrations

__all__ = ["migrate", "names_in_use"]


def migrate(annotations: AnnotationSet, migrations: Migrations) -> AnnotationSet:
    """The same set with names as `migrations` says; what was given up is left out.

    Arguments whose entity or role was given up go with it; an attribute value that was given up
    leaves its event without an answer. Returns the very set where nothing is concerned.
    """
    entities = tuple(_entities(annotations.entities, migrations.entities))
    kept = {entity.id for entity in entities}
    events = tuple(
        event
        for event in (_event(e, migrations, kept) for e in annotations.events)
        if event is not None
    )
    if entities == annotations.entities and events == annotations.events:
        return annotations
    return annotations.model_copy(update={"entities": entities, "events": events})


def _entities(entities: tuple[Entity, ...], names: Mapping[str, str]) -> Iterator[Entity]:
    for entity in entities:
        if label := names.get(entity.label, entity.label):
            yield entity.model_copy(update={"label": label})


def _event(event: Event, migrations: Migrations, kept: set[str]) -> Event | None:
    event_type = migrations.events.get(event.type, event.type)
    if not event_type:
        return None
    answers = {
        name: migrations.attributes.get(name, {}).get(value, value)
        for name, value in event.attributes.items()
    }
    return event.model_copy(
        update={
            "type": event_type,
            "arguments": tuple(_arguments(event.arguments, migrations.roles, kept)),
            "attributes": {name: value for name, value in answers.items() if value},
        }
    )


def _arguments(
    arguments: tuple[Argument, ...], names: Mapping[str, str], kept: set[str]
) -> Iterator[Argument]:
    for argument in arguments:
        role = names.get(argument.role, argument.role)
        if role and argument.target in kept:
            yield argument.model_copy(update={"role": role})


def names_in_use(annotations: AnnotationSet) -> Iterator[tuple[str, str]]:
    """(table of the ontology, name) of every item: ("entities", "PER"), ("roles", "Actor"), …"""
    yield from (("entities", entity.label) for entity in annotations.entities)
    for event in annotations.events:
        yield "events", event.type
        yield from (("roles", argument.role) for argument in event.arguments)
        yield from (("attributes", name) for name in event.attributes)
