"""Values in the tasks of a Label Studio of any version, of any type: read, or known as unusable."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import Any

__all__ = [
    "encodable",
    "number",
    "objects",
    "only_named",
    "seconds",
    "sound",
    "untold",
    "whole",
]

_FIELDS = (("annotation", "annotations"), ("draft", "drafts"))
_LARGEST = 2**63


def objects(found: Any) -> list[Mapping[str, Any]]:
    """The annotations or drafts of a task; where the server sends only their ids, none."""
    return [item for item in found if isinstance(item, Mapping)] if isinstance(found, list) else []


def only_named(task: Mapping[str, Any]) -> set[tuple[str, int]]:
    """What a task names by its id alone: it is there, and nothing else is known of it."""
    return {
        (kind, found)
        for kind, field in _FIELDS
        if isinstance(task.get(field), list)
        for item in task[field]
        if (found := number(item)) is not None
    }


def untold(task: Mapping[str, Any], kind: str) -> bool:
    """Whether a task says nothing about its annotations or drafts: then none of them is gone."""
    return not isinstance(task.get(dict(_FIELDS)[kind]), list)


def whole(value: Any, otherwise: int) -> int:
    """A whole number that a database takes, else `otherwise`."""
    try:
        found = int(value)
    except (TypeError, ValueError, OverflowError):
        return otherwise
    return found if abs(found) < _LARGEST else otherwise


def number(value: Any) -> int | None:
    """An id that a database takes, else None."""
    return value if type(value) is int and abs(value) < _LARGEST else None


def seconds(value: Any) -> float | None:
    """A time that is a number, else None."""
    known = isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
    return value if known else None


def encodable(text: str) -> bool:
    """Whether it has no half characters, which no database takes."""
    return text == text.encode("utf-8", "replace").decode()


def sound(text: Any) -> bool:
    """Whether it is text that a database takes, and not empty."""
    return isinstance(text, str) and bool(text) and encodable(text)
