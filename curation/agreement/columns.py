"""Annotations of a whole panel as columns of integers: measured without Python loops.

`Marks` holds what one annotator marked in one layer, each item once, ordered by document, start,
end and label. Names of labels, documents and annotators are positions in sorted tuples.
"""

from __future__ import annotations

import struct
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, count, islice
from operator import attrgetter, itemgetter
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from curation.model import AnnotationSet

__all__ = [
    "FIELDS",
    "Ints",
    "Layer",
    "Marks",
    "attribute_codes",
    "attributes_of",
    "codes",
    "layer_of",
    "spans_by_group",
]

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
    places: tuple[Ints | None, ...] = ()
    """Of each annotator's items as they were read, the place among the marks; None: the same."""


def codes(*columns: Sequence[Ints]) -> Ints:
    """One integer a row, the same for equal rows and in the order of rows.

    Each column is given in parts that are laid end to end, so that two sides share their codes.
    """
    joined = [np.concatenate(parts) for parts in columns]
    coded = joined[0]
    most = _range(coded)[1]
    for column in joined[1:]:
        low, high = _range(column)
        size = high - low + 1
        if most >= _LIMIT // size:
            coded = np.unique(coded, return_inverse=True)[1]
            most = int(coded.max(initial=0))
        if most >= _LIMIT // size:
            coded = coded * len(column) + np.unique(column, return_inverse=True)[1]
            most = most * len(column) + len(column) - 1
            continue
        # In place: the parts were copied when they were joined.
        coded *= size
        coded += column
        coded -= low
        most = most * size + high - low
    return coded


def _range(column: Ints) -> tuple[int, int]:
    return (int(column.min()), int(column.max())) if len(column) else (0, 0)


def layer_of(rows: Sequence[Row], layer: str, annotators: int) -> Layer:
    """The layer "entities", "triggers" or "arguments" of documents x annotators."""
    names: dict[str, Numbers] = {
        key: defaultdict(count().__next__) for key in ("label", "type", "filler")
    }
    read = _EXTRACTORS[layer]
    raw = [read([row[i] for row in rows], names) for i in range(annotators)]
    labels = {key: _sorted(raw, key, numbers) for key, numbers in names.items()}
    marks, places = _marks(raw, _IDENTITY[layer])
    return Layer(labels["label"], labels["type"], tuple(marks), tuple(places))


Raw: TypeAlias = dict[str, Ints]
Numbers: TypeAlias = defaultdict[str, int]
"""Names by the order in which they were found."""


def _sorted(raw: Sequence[Raw], key: str, numbers: Numbers) -> tuple[str, ...]:
    """The different names, sorted; in `raw` each becomes its position among them."""
    names = tuple(sorted(numbers))
    position = np.empty(len(names), dtype=np.int64)
    position[[numbers[name] for name in names]] = np.arange(len(names))
    for columns in raw:
        if key in columns:
            columns[key] = position[columns[key]]
    return names


def _marks(raw: Sequence[Raw], identity: Sequence[str]) -> tuple[list[Marks], list[Ints | None]]:
    """Everybody's items in order, each once; and the place of every item that was read."""
    if not raw:
        return [], []
    coded = codes(*([columns[name] for columns in raw] for name in identity))
    cuts = np.cumsum([len(columns["document"]) for columns in raw])[:-1]
    marks: list[Marks] = []
    places: list[Ints | None] = []
    for columns, keys in zip(raw, np.split(coded, cuts), strict=True):
        if (keys[1:] > keys[:-1]).all():
            marks.append(Marks(columns, keys))
            places.append(None)
            continue
        once, kept, place = np.unique(keys, return_index=True, return_inverse=True)
        marks.append(Marks({name: column[kept] for name, column in columns.items()}, once))
        places.append(place)
    return marks, places


# Fields are read from `__dict__`, all of an item at a time: each attribute of a pydantic model is
# looked for with a hook of its own, which would cost more than everything else here. Getters are
# mapped, lest a line of Python runs for each item; in lots that the processor's cache can hold.
FIELDS = attrgetter("__dict__")
_START, _END = itemgetter("start"), itemgetter("end")
_AT_ONCE = 1000


def _entities(sets: Sequence[AnnotationSet | None], names: Mapping[str, Numbers]) -> Raw:
    items = [() if s is None else s.entities for s in sets]
    return _columns(items, list, "label", names["label"])


def _triggers(sets: Sequence[AnnotationSet | None], names: Mapping[str, Numbers]) -> Raw:
    items = [() if s is None else s.events for s in sets]
    trigger = itemgetter("trigger")
    return _columns(items, lambda lot: [*map(FIELDS, map(trigger, lot))], "type", names["label"])


def _columns(
    items: Sequence[Sequence[Any]],
    spans: Callable[[list[Any]], list[Any]],
    name: str,
    numbers: Numbers,
) -> Raw:
    """`spans`: from the fields of items to those with start and end; `name`: what they are."""
    found: dict[str, list[bytes]] = {"start": [], "end": [], "label": []}
    fields, label = map(FIELDS, chain.from_iterable(items)), itemgetter(name)
    while lot := [*islice(fields, _AT_ONCE)]:
        packed, placed = struct.Struct(f"={len(lot)}q").pack, spans(lot)
        found["start"].append(packed(*map(_START, placed)))
        found["end"].append(packed(*map(_END, placed)))
        found["label"].append(packed(*map(numbers.__getitem__, map(label, lot))))
    document = np.repeat(np.arange(len(items)), [len(of) for of in items])
    columns = {key: np.frombuffer(b"".join(lots), np.int64) for key, lots in found.items()}
    return {"document": document} | columns


def _arguments(sets: Sequence[AnnotationSet | None], names: Mapping[str, Numbers]) -> Raw:
    """Arguments whose target is no entity of the set have no span and are left out."""
    found: list[int] = []
    for document, one in enumerate(sets):
        if one is not None and one.events:
            _of_one(document, one, names, found)
    keys = (*_IDENTITY["arguments"], "filler")
    table = np.fromiter(found, np.int64, len(found)).reshape(-1, len(keys))
    return {key: np.ascontiguousarray(column) for key, column in zip(keys, table.T, strict=True)}


def _of_one(
    document: int, annotations: AnnotationSet, names: Mapping[str, Numbers], into: list[int]
) -> None:
    """Appends the columns of argument after argument."""
    roles, types, labels = names["label"], names["type"], names["filler"]
    fields = [*map(FIELDS, annotations.entities)]
    filler_of = dict(zip(map(itemgetter("id"), fields), fields, strict=True)).get
    for of in map(FIELDS, annotations.events):
        # Of events without arguments too: a type has the number that it has among the triggers.
        span, kind = of["trigger"].__dict__, types[of["type"]]
        for said in map(FIELDS, of["arguments"]):
            filler = filler_of(said["target"])
            if filler is not None:
                into += (
                    document, filler["start"], filler["end"], roles[said["role"]],
                    span["start"], span["end"], kind, labels[filler["label"]],
                )  # fmt: skip


_EXTRACTORS: Mapping[
    str, Callable[[Sequence[AnnotationSet | None], Mapping[str, Numbers]], Raw]
] = {"entities": _entities, "triggers": _triggers, "arguments": _arguments}


def attributes_of(sets: Iterable[AnnotationSet | None]) -> list[Mapping[str, str]]:
    """The attributes of every event of one annotator, in the order in which events are read."""
    events = chain.from_iterable([s.events for s in sets if s is not None])
    return [*map(itemgetter("attributes"), map(FIELDS, events))]


def attribute_codes(
    events: Sequence[Mapping[str, str]],
    name: str,
    size: int,
    place: Ints | None,
    numbers: dict[str, int],
) -> Ints:
    """Number of the value of attribute `name` of every one of `size` triggers, "" without one.

    `events` as of `attributes_of`, `place` as in `Layer`. Events that share trigger and type are
    one; their values are joined in sorted order.
    """
    said = [of.get(name, "") for of in events]
    if place is not None:
        values: list[set[str]] = [set() for _ in range(size)]
        for at, value in zip(place.tolist(), said, strict=True):
            values[at].add(value)
        said = ["|".join(sorted(found - {""})) for found in values]
    for value in dict.fromkeys(said):
        numbers.setdefault(value, len(numbers))
    return np.fromiter(map(numbers.__getitem__, said), np.int64, len(said))


def spans_by_group(marks: Marks, names: Sequence[str]) -> list[tuple[int, int, str]]:
    """(start, end, label) of every item, in order."""
    starts, ends = marks["start"].tolist(), marks["end"].tolist()
    labels = [names[i] for i in marks["label"].tolist()]
    return list(zip(starts, ends, labels, strict=True))
