"""A canonical line parsed and validated in one step, for the many that are in order.

Files of whole projects are read line by line; to parse first, look at every object for keys that
stand twice, and validate item after item costs about twice as much. What is out of the ordinary in
any way is not judged here: `parsed` gives None, and the line is read in the thorough way, which has
the messages.
"""

from __future__ import annotations

import re
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from curation.model import Entity, Event

__all__ = ["Line", "parsed"]

_UNUSUAL = ('" ', "\t", "\r", "\n", "NaN", "Infinity")
"""White space after a quote could be that before a colon, which is not counted; of the other kinds
there is none within a string, and hardly any elsewhere. And constants that are no JSON."""
_HALVES = re.compile(r"\\u[dD][89a-fA-F]")
"""Halves of characters."""


class Line(BaseModel):
    """Keys of one line; the others are in `model_extra`."""

    model_config = ConfigDict(extra="allow")

    entities: tuple[Entity, ...] | None = None
    events: tuple[Event, ...] | None = None


def parsed(line: str) -> Line | None:
    """The line, if it is sound as it stands."""
    bare = line.rstrip("\r\n")
    if "\\" in bare:
        if _HALVES.search(bare):
            return None
        bare = bare.replace("\\\\", "").replace('\\"', "")
    if any(mark in bare for mark in _UNUSUAL):
        return None
    try:
        found = Line.model_validate_json(line, strict=True)
    except ValidationError:
        return None
    # Without escaped quotes `":` ends a key or begins a string: as many of them as there are
    # different keys means that no key stands twice.
    return found if bare.count('":') == _keys(found) else None


def _keys(line: Line) -> int:
    """Different keys of all objects; at most so many, where an event does not say them all."""
    found = len(line.__pydantic_fields_set__) + _inner(line.model_extra or {})
    found += sum([len(e.__pydantic_fields_set__) for e in line.entities or ()])
    for event in line.events or ():
        said = event.__dict__
        found += len(event.__pydantic_fields_set__) - 1 + len(said["attributes"])
        found += len(said["trigger"].__pydantic_fields_set__)
        found += sum([len(a.__pydantic_fields_set__) for a in said["arguments"]])
    return found


def _inner(value: dict[str, Any] | list[Any]) -> int:
    """Keys of the objects in a value, but its own."""
    values = value.values() if isinstance(value, dict) else value
    nested = [v for v in values if isinstance(v, dict | list)]
    return sum([_inner(v) + (len(v) if isinstance(v, dict) else 0) for v in nested])
