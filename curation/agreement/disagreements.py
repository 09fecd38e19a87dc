"""Where two annotators differ, item by item, and what is taken for what.

Items are aligned one to one (`matching.align`); each unequal pair and each item left over is one
disagreement. Arguments and attributes are compared on triggers that were aligned with each other:
what hangs on a trigger that one side does not have is a consequence of the missed trigger.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from curation.agreement.items import (
    Item,
    arguments,
    attributes,
    entities,
    triggers,
)
from curation.agreement.matching import align
from curation.model import AnnotationSet

__all__ = ["NONE", "Confusion", "Disagreement", "Kind", "compare", "confusion_matrix"]

NONE = "NONE"
"""Row and column, always the last, of items that the other side does not have."""

Kind = Literal["boundary", "label", "missed", "type", "role", "attribute"]

Confusion = Counter[tuple[str, str | None, str | None]]
"""(layer, label of the first, label of the second) -> how often; None: the side has no item."""


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One difference between two annotators.

    `items` holds each side's item in the order of `annotators`, None where that side has none.
    `start` and `end` cover both items.
    """

    uid: str
    layer: str
    kind: Kind
    annotators: tuple[str, str]
    items: tuple[Mapping[str, Any] | None, Mapping[str, Any] | None]
    start: int
    end: int

    def to_json(self) -> dict[str, Any]:
        """The fields by name; items as a list of two."""
        return {
            "uid": self.uid,
            "layer": self.layer,
            "kind": self.kind,
            "annotators": list(self.annotators),
            "items": [None if item is None else dict(item) for item in self.items],
            "start": self.start,
            "end": self.end,
        }


Pair = tuple[Item | None, Item | None]


def compare(a: AnnotationSet, b: AnnotationSet, confusion: Confusion) -> list[Disagreement]:
    """Differences between two sets over one document, in text order; counts into `confusion`."""
    found = []
    for layer, pairs in (
        ("entities", _aligned(entities(a), entities(b))),
        ("triggers", _aligned(triggers(a), triggers(b))),
        ("arguments", _aligned_arguments(a, b)),
    ):
        for x, y in pairs:
            confusion[layer, x[2] if x else None, y[2] if y else None] += 1
            if x is not y and not _same(x, y):
                found.append(_difference(a, b, layer, (x, y)))
    found.extend(_attribute_differences(a, b, confusion))
    return sorted(found, key=lambda d: (d.start, d.end, d.layer, d.kind))


def _aligned(a: frozenset[Item], b: frozenset[Item]) -> Iterator[Pair]:
    pairs, left, right = align(a, b)
    yield from pairs
    yield from ((item, None) for item in left)
    yield from ((None, item) for item in right)


def _same(x: Item | None, y: Item | None) -> bool:
    """Equal but for the trigger: how triggers differ is said once, of the triggers."""
    return x is not None and y is not None and x[:3] == y[:3]


def _aligned_arguments(a: AnnotationSet, b: AnnotationSet) -> Iterator[Pair]:
    """Aligned arguments of aligned triggers."""
    ours, theirs = _by_trigger(a), _by_trigger(b)
    for mine, other in align(triggers(a), triggers(b))[0]:
        # With the trigger made the same, only roles and fillers can differ.
        first = {argument[:3] for argument in ours.get(mine, ())}
        second = {argument[:3] for argument in theirs.get(other, ())}
        for x, y in _aligned(frozenset(first), frozenset(second)):
            yield (None if x is None else x + mine), (None if y is None else y + other)


def _by_trigger(annotations: AnnotationSet) -> dict[Item, list[Item]]:
    grouped: dict[Item, list[Item]] = {}
    for argument in arguments(annotations):
        grouped.setdefault(argument[3:], []).append(argument)
    return grouped


_LABEL_KINDS: Mapping[str, Kind] = {"entities": "label", "triggers": "type", "arguments": "role"}


def _difference(a: AnnotationSet, b: AnnotationSet, layer: str, pair: Pair) -> Disagreement:
    x, y = pair
    present = [item for item in pair if item is not None]
    return Disagreement(
        uid=a.uid,
        layer=layer,
        kind=_kind(layer, x, y),
        annotators=(a.annotator, b.annotator),
        items=(_described(layer, x), _described(layer, y)),
        start=min(int(item[0]) for item in present),
        end=max(int(item[1]) for item in present),
    )


def _kind(layer: str, x: Item | None, y: Item | None) -> Kind:
    """A pair that differs in label and boundary counts as a matter of the label."""
    if x is None or y is None:
        return "missed"
    return "boundary" if x[2] == y[2] else _LABEL_KINDS[layer]


def _described(layer: str, item: Item | None) -> dict[str, Any] | None:
    if item is None:
        return None
    name = {"entities": "label", "triggers": "type", "arguments": "role"}[layer]
    described: dict[str, Any] = {"start": item[0], "end": item[1], name: item[2]}
    if layer == "arguments":
        described["trigger"] = {"start": item[3], "end": item[4], "type": item[5]}
    return described


def _attribute_differences(
    a: AnnotationSet, b: AnnotationSet, confusion: Confusion
) -> Iterator[Disagreement]:
    names = sorted({name for s in (a, b) for event in s.events for name in event.attributes})
    pairs = align(triggers(a), triggers(b))[0] if names else []
    for name in names:
        ours, theirs = attributes(a, name), attributes(b, name)
        for x, y in pairs:
            values = ours[x], theirs[y]
            if any(values):
                confusion[f"attributes.{name}", values[0] or None, values[1] or None] += 1
            if values[0] != values[1]:
                yield _attribute_difference(a, b, name, (x, y), values)


def _attribute_difference(
    a: AnnotationSet, b: AnnotationSet, name: str, pair: tuple[Item, Item], values: tuple[str, str]
) -> Disagreement:
    first, second = (
        {"start": item[0], "end": item[1], "type": item[2], "name": name, "value": value or None}
        for item, value in zip(pair, values, strict=True)
    )
    return Disagreement(
        uid=a.uid,
        layer="attributes",
        kind="attribute",
        annotators=(a.annotator, b.annotator),
        items=(first, second),
        start=min(int(item[0]) for item in pair),
        end=max(int(item[1]) for item in pair),
    )


def confusion_matrix(confusion: Confusion, layer: str) -> dict[str, Any]:
    """`{"labels": [..., "NONE"], "counts": rows}`: rows the first annotator, columns the second.

    NONE is the last row and column, whatever the labels are called.
    """
    cells = {key[1:]: n for key, n in confusion.items() if key[0] == layer}
    labels = sorted({side for cell in cells for side in cell if side is not None})
    sides = (*labels, None)
    counts = [[cells.get((row, column), 0) for column in sides] for row in sides]
    return {"labels": [*labels, NONE], "counts": counts}
