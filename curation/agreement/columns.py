"""Annotations of a whole panel as columns of integers: measured without Python loops.

`Marks` holds what one annotator marked in one layer, each item once, ordered by document, start,
end and label. Names of labels, documents and annotators are positions in sorted tuples.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from curation.model import AnnotationSet

__all__ = ["Ints", "Layer", "Marks", "attribute_codes", "codes", "layer_of", "spans_by_group"]

Ints: TypeAlias = NDArray[np.int64]
Row: TypeAlias = tuple[AnnotationSet | None, ...]

_LIMIT = 2**62
_IDENTITY: Mapping[str, tuple[str, ...]] = {
    "entities": ("document", "start", "end", "label"),
    "triggers": ("document", "start", "end", "label"),
    "arguments": (
        "document", "start", "end", "label", "trigger_start", "trigger_end", "type",
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Marks:
    """Columns by name: document, start, end, label; arguments have their trigger's as well."""

    columns: Mapping[str, Ints]

    def __len__(self) -> int:
        return len(self.columns["document"])

    def __getitem__(self, name: str) -> Ints:
        return self.columns[name]

    def take(self, rows: NDArray[np.int64] | NDArray[np.bool_]) -> Marks:
        """The items at these positions, or where True."""
        return Marks({name: column[rows] for name, column in self.columns.items()})


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
            column = np.unique(column, return_inverse=True)[1]
            low, high = _range(column)
        coded = coded * (high - low + 1) + (column - low)
    return coded


def _range(column: Ints) -> tuple[int, int]:
    return (int(column.min()), int(column.max())) if len(column) else (0, 0)


def layer_of(rows: Sequence[Row], layer: str, annotators: int) -> Layer:
    """The layer "entities", "triggers" or "arguments" of documents x annotators."""
    raw = [_EXTRACTORS[layer]([row[i] for row in rows]) for i in range(annotators)]
    labels = _names(r["label"] for r in raw)
    types = _names(r["type"] for r in raw) if layer == "arguments" else ()
    fillers = _names(r["filler"] for r in raw) if layer == "arguments" else ()
    names = {"label": labels, "type": types, "filler": fillers}
    marks = (_marks(r, names, _IDENTITY[layer]) for r in raw)
    return Layer(labels, types, tuple(marks))


Raw: TypeAlias = dict[str, list[int] | list[str]]


def _names(columns: Iterable[Iterable[int | str]]) -> tuple[str, ...]:
    found: set[str] = set()
    for column in columns:
        found.update(map(str, column))
    return tuple(sorted(found))


def _marks(raw: Raw, names: Mapping[str, tuple[str, ...]], identity: Sequence[str]) -> Marks:
    number = {key: {name: i for i, name in enumerate(known)} for key, known in names.items()}
    columns = {
        key: np.array(
            [number[key][str(v)] for v in values] if key in number else values, dtype=np.int64
        )
        for key, values in raw.items()
    }
    kept = np.unique(codes(*([columns[key]] for key in identity)), return_index=True)[1]
    return Marks({key: column[kept] for key, column in columns.items()})


def _entities(sets: Sequence[AnnotationSet | None]) -> Raw:
    found = [(d, e) for d, s in enumerate(sets) if s is not None for e in s.entities]
    return {
        "document": [d for d, _ in found],
        "start": [e.start for _, e in found],
        "end": [e.end for _, e in found],
        "label": [e.label for _, e in found],
    }


def _triggers(sets: Sequence[AnnotationSet | None]) -> Raw:
    found = [(d, e.trigger, e.type) for d, s in enumerate(sets) if s is not None for e in s.events]
    return {
        "document": [d for d, _, _ in found],
        "start": [span.start for _, span, _ in found],
        "end": [span.end for _, span, _ in found],
        "label": [kind for _, _, kind in found],
    }


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
