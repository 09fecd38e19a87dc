"""Entities and events as JSON objects, both ways; part of the canonical format."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from curation.errors import InputError, OffsetMismatch
from curation.messages import few, shown
from curation.model import Argument, Entity, Event, TextSpan
from curation.spans import HasSpan

__all__ = [
    "entity_to_json",
    "event_to_json",
    "json_to_entity",
    "json_to_event",
    "list_of",
    "provenance_of",
    "reserved",
    "validated",
]

_PROVENANCE = ("score", "component", "origin")
reserved = frozenset({"id", "type", "trigger", "arguments", "attributes", *_PROVENANCE})
"""Keys of an event that no attribute can have."""
_NAMES = {"uid": "id"}

M = TypeVar("M", bound=BaseModel)


def provenance_of(item: Entity | Event | Argument) -> dict[str, Any]:
    """The score, component and origin that an item has."""
    return {k: v for k in _PROVENANCE if (v := getattr(item, k)) is not None}


def entity_to_json(entity: Entity) -> dict[str, Any]:
    """{"id", "start", "end", "label"} and the provenance there is."""
    return {
        "id": entity.id,
        "start": entity.start,
        "end": entity.end,
        "label": entity.label,
        **provenance_of(entity),
    }


def event_to_json(event: Event) -> dict[str, Any]:
    """{"id", "type", "trigger", "arguments"}, the attributes, and the provenance there is.

    Raises InputError for an attribute whose name is one of the other keys.
    """
    if taken := sorted(reserved & event.attributes.keys()):
        raise InputError(f"{event.id}: an attribute cannot be named {', '.join(taken)}")
    return {
        "id": event.id,
        "type": event.type,
        "trigger": {"start": event.trigger.start, "end": event.trigger.end},
        "arguments": [
            {"role": a.role, "target": a.target, **provenance_of(a)} for a in event.arguments
        ],
        **dict(sorted(event.attributes.items())),
        **provenance_of(event),
    }


def json_to_entity(data: Any, *, text: str, where: str) -> Entity:
    """The entity in one element of "entities".

    A surface that came along ("text") is compared with the document; OffsetMismatch where it
    is not what the offsets point at.
    """
    fields = dict(object_of(data, "an entity", where))
    surface = fields.pop("text", None)
    entity = validated(Entity, fields, where, of=f"entity {fields.get('id')}")
    _check_surface(entity, surface, text, f"entity {entity.id}", where)
    return entity


def json_to_event(data: Any, *, text: str, where: str) -> Event:
    """The event in one element of "events"; keys beside the known ones are attributes.

    A surface in the trigger ("text") is compared as that of an entity is.
    """
    fields = dict(object_of(data, "an event", where))
    name = f"event {fields.get('id')}"
    trigger = dict(object_of(fields.get("trigger"), f"the trigger of {name}", where))
    surface = trigger.pop("text", None)
    fields["trigger"] = validated(TextSpan, trigger, where, of=f"{name} trigger")
    fields["arguments"] = tuple(
        validated(Argument, object_of(a, f"an argument of {name}", where), where, of=name)
        for a in list_of(fields, "arguments", where)
    )
    event = validated(Event, fields, where, of=name)
    _check_surface(event.trigger, surface, text, f"the trigger of {name}", where)
    return event


def _check_surface(span: HasSpan, surface: Any, text: str, what: str, where: str) -> None:
    found = text[span.start : span.end]
    if surface is not None and surface != found:
        raise OffsetMismatch(
            f"{what}: [{span.start}, {span.end}) is {shown(found)}, not {shown(str(surface))}",
            where=where,
            hint="offsets are code points from 0, the end is one past the last",
        )


def object_of(value: Any, what: str, where: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise InputError(f"{what} is not a JSON object", where=where)
    return value


def validated(model: type[M], fields: Mapping[str, Any], where: str, *, of: str = "") -> M:
    """`fields` as a `model`, without conversions; InputError names all that does not fit."""
    try:
        return model.model_validate(fields, strict=True)
    except ValidationError as error:
        raise InputError(few(_said(error, of)), where=where) from error


def _said(error: ValidationError, of: str) -> Iterator[str]:
    for detail in error.errors(include_url=False, include_context=False):
        path = ".".join(_NAMES.get(str(p), str(p)) for p in detail["loc"])
        message = detail["msg"].removeprefix("Value error, ")
        yield ": ".join(part for part in (of, path, message) if part)


def list_of(data: Mapping[str, Any], key: str, where: str) -> list[Any]:
    """The list under `key`, empty where there is none."""
    value = data.get(key)
    if value is not None and not isinstance(value, list):
        raise InputError(f'"{key}" is not a list', where=where)
    return value or []
