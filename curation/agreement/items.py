"""AnnotationSet -> the items of one layer, as hashable keys.

A key is one or two blocks of (start, end, type):

    entities    (start, end, label)
    triggers    (start, end, event type)
    arguments   (filler start, filler end, role, trigger start, trigger end, event type)

Identical items of one annotator are one item (set semantics): a doubled span is an accident.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from operator import itemgetter
from typing import Any, Literal, TypeAlias, get_args

from curation.model import AnnotationSet

__all__ = [
    "LAYERS",
    "Item",
    "Layer",
    "SpanLayer",
    "arguments",
    "attributes",
    "by_label",
    "entities",
    "item_label",
    "items",
    "spans_of",
    "triggers",
    "types_of",
]

SpanLayer = Literal["entities", "triggers", "arguments"]
Layer = Literal["entities", "triggers", "arguments", "attributes"]
LAYERS: tuple[str, ...] = get_args(Layer)

Item: TypeAlias = tuple[Any, ...]
"""A key as described above; `spans_of` and `types_of` take it apart."""


def entities(annotations: AnnotationSet) -> frozenset[Item]:
    """(start, end, label) of every entity."""
    return frozenset([(e.start, e.end, e.label) for e in annotations.entities])


def triggers(annotations: AnnotationSet) -> frozenset[Item]:
    """(start, end, type) of every event's trigger."""
    return frozenset([(e.trigger.start, e.trigger.end, e.type) for e in annotations.events])


def arguments(annotations: AnnotationSet) -> frozenset[Item]:
    """(filler start, end, role, trigger start, end, type) of every argument of every event.

    An argument whose target is no entity of the set has no span and is left out;
    `AnnotationSet.problems` reports it.
    """
    if not annotations.events:
        return frozenset()
    spans = {e.id: (e.start, e.end) for e in annotations.entities}
    return frozenset(
        (*spans[argument.target], argument.role, *event.key)
        for event in annotations.events
        for argument in event.arguments
        if argument.target in spans
    )


_EXTRACTORS = {"entities": entities, "triggers": triggers, "arguments": arguments}


def items(annotations: AnnotationSet, layer: str) -> frozenset[Item]:
    """The items of `layer`, one of "entities", "triggers", "arguments"."""
    return _EXTRACTORS[layer](annotations)


def attributes(annotations: AnnotationSet, name: str) -> dict[Item, str]:
    """Trigger key -> value of the attribute `name`; "" where the event does not have it.

    Events that share trigger and type are one key; their values are joined in sorted order.
    """
    values: dict[Item, set[str]] = {}
    for event in annotations.events:
        values.setdefault(event.key, set()).add(event.attributes.get(name, ""))
    return {key: "|".join(sorted(found - {""})) for key, found in values.items()}


def spans_of(item: Item) -> Item:
    """The item without its types: (start, end) or (start, end, trigger start, trigger end)."""
    return item[0:2] + item[3:5]


def types_of(item: Item) -> Item:
    """The item without its spans: (label,) or (role, event type)."""
    return item[2::3]


def by_label(items: Iterable[Item]) -> Counter[str]:
    """Label -> number of items."""
    return Counter(map(itemgetter(2), items))


def item_label(item: Item) -> str:
    """What slices by label go by: the label, the event type, or the role."""
    return str(item[2])
