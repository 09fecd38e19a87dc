"""Annotations of a whole panel as columns of integers: measured without Python loops.

`Marks` holds what one annotator marked in one layer, each item once, ordered by document, start,
end and label. Names of labels, documents and annotators are positions in sorted tuples.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, count
from operator import attrgetter, itemgetter
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from curation.model import AnnotationSet

__all__ = ["Ints", "Layer", "Marks", "attribute_codes", "codes", "layer_of", "spans_by_group"]

Ints: TypeAlias = NDArray[np.int64]
Row: TypeAlias = tuple[AnnotationSet | None, ...]

_LIMIT = 2**62
_VARS = attrgetter("__dict__")
_IDENTITY: Mapping[str, tuple[str, ...]] = {
    "entities": ("document", "start", "end", "label"),
    "triggers": ("document", "start", "end", "label"),
    "arguments": (
        "document", "start", "end", "label", "trigger_start", "trigger_end", "type",
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Marks:
    """Columns by name: document, start, end, label; arguments have their trigger's as well.

    `key`: one integer an item, the same for the same item of any annotator, ascending; None once
    the columns are not those of the layer.
    """

    columns: Mapping[str, Ints]
    key: Ints | None = None

    def __len__(self) -> int:
        return len(self.columns["document"])

    def __getitem__(self, name: str) -> Ints:
        return self.columns[name]

    def take(self, rows: NDArray[np.int64] | NDArray[np.bool_]) -> Marks:
        """The items at these positions, or where True."""
        in_order = rows.dtype == np.bool_
        key = self.key[rows] if in_order and self.key is not None else None
        return Marks({name: column[rows] for name, column in self.columns.items()}, key)


@dataclass(frozen=True)
class Layer:
    """A layer of a panel: the marks of each annotator, and the names of labels and types."""

    labels: tuple[str, ...]
    types: tuple[str, ...]
    by_annotator: tuple[Marks, ...]


def codes(*columns: Sequence[Ints]) -> Ints:
    """One integer a row, the same for equal rows and in the order of rows.

    Each column is given in parts that are laid end to end, so that two sides share their codes.
    """
    joined = [np.concatenate(parts) for parts in columns]
    coded = joined[0]
    for column in joined[1:]:
        low, high = _range(column)
        if _range(coded)[1] >= _LIMIT // (high - low + 1):
            coded = np.unique(coded, return_inverse=True)[1]
        if int(coded.max(initial=0)) >= _LIMIT // (high - low + 1):
            coded = coded * len(column) + np.unique(column, return_inverse=True)[1]
            continue
        coded = coded * (high - low + 1) + (column - low)
    return coded


def _range(column: Ints) -> tuple[int, int]:
    return (int(column.min()), int(column.max())) if len(column) else (0, 0)


def layer_of(rows: Sequence[Row], layer: str, annotators: int) -> Layer:
    """The layer "entities", "triggers" or "arguments" of documents x annotators."""
    raw = [_EXTRACTORS[layer]([row[i] for row in rows]) for i in range(annotators)]
    names = {}
    for key in ("label", "type", "filler") if layer == "arguments" else ("label",):
        sizes = [len(r["document"]) for r in raw]
        names[key], numbers = _numbered([r[key] for r in raw], sizes)
        for r, column in zip(raw, numbers, strict=True):
            r[key] = column
    return Layer(names["label"], names.get("type", ()), tuple(_marks(raw, _IDENTITY[layer])))


Raw: TypeAlias = dict[str, Any]
"""Columns: names one by one, lists of integers or arrays."""


def _numbered(
    columns: Sequence[Iterable[str]], sizes: Sequence[int]
) -> tuple[tuple[str, ...], list[Ints]]:
    """The different names, sorted, and the position of each name among them."""
    seen: defaultdict[str, int] = defaultdict(count().__next__)
    found = [
        np.fromiter(map(seen.__getitem__, column), np.int64, size)
        for column, size in zip(columns, sizes, strict=True)
    ]
    names = tuple(sorted(seen))
    position = np.empty(len(names), dtype=np.int64)
    position[[seen[name] for name in names]] = np.arange(len(names))
    return names, [position[numbers] for numbers in found]


def _marks(raw: Sequence[Raw], identity: Sequence[str]) -> Iterator[Marks]:
    """Everybody's items in order, each once."""
    columns = [{k: np.asarray(v, dtype=np.int64) for k, v in r.items()} for r in raw]
    if not columns:
        return
    coded = codes(*([c[name] for c in columns] for name in identity))
    cuts = np.cumsum([len(c["document"]) for c in columns])[:-1]
    for found, keys in zip(columns, np.split(coded, cuts), strict=True):
        if (np.diff(keys) > 0).all():
            yield Marks(found, keys)
            continue
        once, kept = np.unique(keys, return_index=True)
        yield Marks({name: column[kept] for name, column in found.items()}, once)


def _entities(sets: Sequence[AnnotationSet | None]) -> Raw:
    document, fields = _fields([() if s is None else s.entities for s in sets])
    return {
        "document": document,
        "start": _integers(fields, "start"),
        "end": _integers(fields, "end"),
        "label": map(itemgetter("label"), fields),
    }


def _triggers(sets: Sequence[AnnotationSet | None]) -> Raw:
    document, fields = _fields([() if s is None else s.events for s in sets])
    spans = list(map(_VARS, map(itemgetter("trigger"), fields)))
    return {
        "document": document,
        "start": _integers(spans, "start"),
        "end": _integers(spans, "end"),
        "label": map(itemgetter("type"), fields),
    }


def _fields(items: Sequence[Sequence[Any]]) -> tuple[Ints, list[dict[str, Any]]]:
    """The document of every item, and its fields.

    By their `__dict__`: each attribute of a pydantic model is looked for with a hook of its own,
    which would cost more than everything else here.
    """
    document = np.repeat(np.arange(len(items)), [len(found) for found in items])
    return document, list(map(_VARS, chain.from_iterable(items)))


def _integers(fields: Sequence[Mapping[str, Any]], name: str) -> Ints:
    return np.fromiter(map(itemgetter(name), fields), np.int64, len(fields))


def _arguments(sets: Sequence[AnnotationSet | None]) -> Raw:
    """Arguments whose target is no entity of the set have no span and are left out."""
    found = [row for d, s in enumerate(sets) if s is not None and s.events for row in _of(d, s)]
    names = (*_IDENTITY["arguments"], "filler")
    columns = zip(*found, strict=True) if found else ((),) * len(names)
    return {name: list(column) for name, column in zip(names, columns, strict=True)}


def _of(document: int, annotations: AnnotationSet) -> Iterable[tuple[int | str, ...]]:
    fillers = {e.id: e for e in annotations.entities}
    for event in annotations.events:
        trigger, kind = event.trigger, event.type
        for argument in event.arguments:
            filler = fillers.get(argument.target)
            if filler is not None:
                place = (document, filler.start, filler.end, argument.role)
                yield (*place, trigger.start, trigger.end, kind, filler.label)


_EXTRACTORS: Mapping[str, Callable[[Sequence[AnnotationSet | None]], Raw]] = {
    "entities": _entities,
    "triggers": _triggers,
    "arguments": _arguments,
}


def attribute_codes(
    rows: Sequence[Row], annotator: int, name: str, layer: Layer, numbers: dict[str, int]
) -> Ints:
    """Number of the value of attribute `name` of every trigger of an annotator, "" without one.

    Events that share trigger and type are one; their values are joined in sorted order.
    """
    place = {label: i for i, label in enumerate(layer.labels)}
    values: dict[tuple[int, int, int, int], set[str]] = {}
    for document, row in enumerate(rows):
        annotations = row[annotator]
        for event in annotations.events if annotations is not None else ():
            span = event.trigger
            key = (document, span.start, span.end, place[event.type])
            values.setdefault(key, set()).add(event.attributes.get(name, ""))
    joined = ("|".join(sorted(values[key] - {""})) for key in sorted(values))
    return np.array([numbers.setdefault(v, len(numbers)) for v in joined], dtype=np.int64)


def spans_by_group(marks: Marks, names: Sequence[str]) -> list[tuple[int, int, str]]:
    """(start, end, label) of every item, in order."""
    starts, ends = marks["start"].tolist(), marks["end"].tolist()
    labels = [names[i] for i in marks["label"].tolist()]
    return list(zip(starts, ends, labels, strict=True))
