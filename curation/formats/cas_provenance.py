"""Scores, components and origins beside a CAS, whose types have no place for them.

They are told by what makes an item the same; for items that are the same, in their order.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from curation.model import AnnotationSet, Argument, Entity, Event

__all__ = ["Provenance", "told_of"]

_FIELDS = ("score", "component", "origin")
Key: TypeAlias = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class _Item:
    kind: str
    key: Key
    item: Entity | Event | Argument


def _items(said: AnnotationSet) -> Iterator[_Item]:
    keys = {e.id: e.key for e in said.entities}
    for entity in said.entities:
        yield _Item("entities", entity.key, entity)
    for event in said.events:
        yield _Item("events", event.key, event)
        for a in event.arguments:
            yield _Item("arguments", (*event.key, a.role, *keys[a.target]), a)


def told_of(said: AnnotationSet) -> dict[str, list[Any]]:
    """By kind: [key…, provenance] for all items of every key of which one has any."""
    groups: dict[tuple[str, Key], list[dict[str, Any]]] = defaultdict(list)
    for found in _items(said):
        values = {name: getattr(found.item, name) for name in _FIELDS}
        groups[found.kind, found.key].append({k: v for k, v in values.items() if v is not None})
    told: dict[str, list[Any]] = {}
    for (kind, key), group in groups.items():
        if any(group):
            told.setdefault(kind, []).extend([*key, value] for value in group)
    return told


class Provenance:
    """What was told of items, to be taken once for each."""

    def __init__(self, told: Mapping[str, Sequence[Sequence[Any]]]) -> None:
        self._left: dict[tuple[str, Key], list[Any]] = defaultdict(list)
        for kind, entries in told.items():
            for *key, value in entries:
                self._left[kind, tuple(key)].append(value)

    def take(self, kind: str, key: Key) -> dict[str, Any]:
        """What was told of the next item of that kind and key; nothing for one that was added."""
        left = self._left.get((kind, key))
        found = left.pop(0) if left else {}
        return {name: found[name] for name in _FIELDS if name in found}
