"""What can stand in a Document's metadata: JSON that every reader can read again."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

__all__ = ["meta_problem"]

_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False)
_DEEPEST = 100
"""Levels of nesting in metadata; readers and writers of JSON give up at a few hundred."""


def meta_problem(meta: Any) -> str | None:
    """What in metadata could not be written as JSON again, or None."""
    level, depth = [meta], 0
    while level := [child for value in level for child in _children(value)]:
        depth += 1
        if depth > _DEEPEST:
            return f"more than {_DEEPEST} levels of nesting"
    try:
        _ENCODER.encode(meta).encode()
    except UnicodeEncodeError:
        return "half of a surrogate pair"
    except ValueError:
        return "a number too large"
    return None


def _children(value: Any) -> Iterable[Any]:
    if isinstance(value, Mapping):
        return value.values()
    return value if isinstance(value, list | tuple) else ()
