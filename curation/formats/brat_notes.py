"""What brat has no line for, in notes `#1<TAB>Curation T1<TAB>{…}` of our own files.

{"start": 3, "end": 9}                      the exact span, where that of the pieces is smaller
{"score": 0.9, "component": …, "origin": …}
{"arguments": [{"role": …, "target": …, "score": …}]}      all of an event's
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from curation.errors import InputError
from curation.formats.brat_names import pieces
from curation.formats.json_items import provenance_of, validated
from curation.model import AnnotationSet, Argument, Entity, Event, TextSpan

__all__ = ["NOTE", "completed", "note_of"]

NOTE = "Curation"
"""The type of our notes; brat's own are of AnnotatorNotes."""

_PROVENANCE = ("score", "component", "origin")


def note_of(item: Entity | Event, text: str) -> dict[str, Any]:
    """What there is to note of an item; empty where its lines say everything."""
    found = pieces(text, item.start, item.end)
    exact = (item.start, item.end) == (found[0][0], found[-1][1])
    borders = {} if exact else {"start": item.start, "end": item.end}
    arguments = _arguments(item) if isinstance(item, Event) else []
    return {**borders, **provenance_of(item), **({"arguments": arguments} if arguments else {})}


def _arguments(event: Event) -> list[dict[str, Any]]:
    """All of them, in order, where one has something to note."""
    found = [{"role": a.role, "target": a.target, **provenance_of(a)} for a in event.arguments]
    return found if any(len(note) > 2 for note in found) else []


def completed(
    said: AnnotationSet, notes: Sequence[tuple[str, str, str]], where: str
) -> AnnotationSet:
    """The set with what our notes say of its items; `notes` are (type, target, text).

    Raises InputError for a note that is not one of ours.
    """
    found = {target: _parsed(text, where) for kind, target, text in notes if kind == NOTE}
    if not found:
        return said
    entities = tuple(_entity(e, found[e.id], where) if e.id in found else e for e in said.entities)
    events = tuple(_event(e, found[e.id], where) if e.id in found else e for e in said.events)
    return said.model_copy(update={"entities": entities, "events": events})


def _parsed(text: str, where: str) -> dict[str, Any]:
    try:
        note = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"a note {NOTE} is not JSON", where=where) from error
    arguments = note.get("arguments", []) if isinstance(note, dict) else None
    if not isinstance(arguments, list) or not all(isinstance(a, dict) for a in arguments):
        raise InputError(f"a note {NOTE} is not as exports write it", where=where)
    return dict(note)


def _known(note: Mapping[str, Any], keys: Sequence[str] = _PROVENANCE) -> dict[str, Any]:
    return {key: note[key] for key in keys if key in note}


def _entity(entity: Entity, note: Mapping[str, Any], where: str) -> Entity:
    fields = {"id": entity.id, "start": entity.start, "end": entity.end, "label": entity.label}
    return validated(Entity, fields | _known(note, ("start", "end", *_PROVENANCE)), where)


def _event(event: Event, note: Mapping[str, Any], where: str) -> Event:
    span = {"start": event.start, "end": event.end} | _known(note, ("start", "end"))
    rest = list(note.get("arguments", []))
    arguments = [_argument(argument, rest, where) for argument in event.arguments]
    fields = {
        "id": event.id,
        "type": event.type,
        "trigger": validated(TextSpan, span, where),
        "arguments": tuple(arguments),
        "attributes": event.attributes,
        **_known(note),
    }
    return validated(Event, fields, where)


def _argument(argument: Argument, rest: list[dict[str, Any]], where: str) -> Argument:
    """The argument with the first note in `rest` that is about it, which is taken from there."""
    key = {"role": argument.role, "target": argument.target}
    for index, note in enumerate(rest):
        if key.items() <= note.items():
            del rest[index]
            return validated(Argument, key | _known(note), where)
    return argument
