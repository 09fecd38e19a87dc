"""Disagreements as columns: one is made an object when it is looked at.

A large project has hundreds of thousands of them. Most are counted, sorted and written out, which
columns of integers do without an object each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, TypeAlias, get_args, overload

import numpy as np

from curation.agreement.columns import Ints

__all__ = [
    "CAUSES",
    "KINDS",
    "NO_ITEM",
    "SORTED_LAYERS",
    "Cause",
    "Disagreement",
    "Disagreements",
    "ItemColumns",
    "Kind",
    "RowColumns",
]

Kind = Literal["boundary", "label", "missed", "type", "role", "attribute"]

Cause = Literal["boundary", "label", "missed", "split", "type", "role", "swapped", "attribute"]
"""`Kind` in more detail: "split" is an item left over beside one that was aligned, because one
side made two of what is one to the other; "swapped" are two roles of an event exchanged."""

KINDS: tuple[Kind, ...] = tuple(sorted(get_args(Kind)))
CAUSES: tuple[Cause, ...] = tuple(sorted(get_args(Cause)))
SORTED_LAYERS = ("arguments", "attributes", "entities", "triggers")
_ARGUMENTS, _ATTRIBUTES, _ENTITIES, _TRIGGERS = range(4)
NO_ITEM = -1
"""In every column of a side that has no item; of an item, where it has no such thing."""
_AT_ONCE = 2000


@dataclass(slots=True)
class Disagreement:
    """One difference between two annotators.

    `items` holds each side's item in the order of `annotators`, None where that side has none.
    `start` and `end` cover both items. `counted`: whether the measure of the layer looks at it;
    of arguments and attributes it takes those on triggers, span and type, that both have.
    """

    uid: str
    layer: str
    kind: Kind
    annotators: tuple[str, str]
    items: tuple[Mapping[str, Any] | None, Mapping[str, Any] | None]
    start: int
    end: int
    cause: Cause
    counted: bool = True

    def said(self, text: str, longest: int) -> tuple[tuple[str, str], ...]:
        """Each annotator with what they said, in words; of `text` at most `longest` characters."""
        return tuple(
            (name, _words(item, text, longest))
            for name, item in zip(self.annotators, self.items, strict=True)
        )

    def to_json(self) -> dict[str, Any]:
        """What is said of it, by name; items as a list of two."""
        return {
            "uid": self.uid,
            "layer": self.layer,
            "kind": self.kind,
            "annotators": list(self.annotators),
            "items": list(self.items),
            "start": self.start,
            "end": self.end,
            "cause": self.cause,
        }


def _words(item: Mapping[str, Any] | None, text: str, longest: int) -> str:
    if item is None:
        return "nothing"
    if "name" in item:
        return f"{item['name']} {item['value'] or 'not set'}"
    named = item.get("label") or item.get("role") or item.get("type")
    return f"{named} “{text[item['start'] : item['end']][:longest]}”"


class ItemColumns(NamedTuple):
    """One side's items; `label` is that, the event type or the role, and names are numbers."""

    start: Ints
    end: Ints
    label: Ints
    trigger_start: Ints
    trigger_end: Ints
    trigger_type: Ints
    attribute: Ints
    value: Ints


class RowColumns(NamedTuple):
    """What is not one side's: positions in `Disagreements` and in the tuples above."""

    document: Ints
    pair: Ints
    layer: Ints
    kind: Ints
    cause: Ints
    counted: Ints
    start: Ints
    end: Ints


Sides: TypeAlias = tuple[ItemColumns, ItemColumns]
_Item: TypeAlias = tuple[int, ...]


class Disagreements(Sequence[Disagreement]):
    """By document, place in the text, layer, pair of annotators and kind."""

    def __init__(
        self,
        rows: RowColumns,
        sides: Sides,
        *,
        uids: Sequence[str],
        pairs: Sequence[tuple[str, str]],
        names: Sequence[str],
    ) -> None:
        """Puts the rows in order; those that are alike in all of it stay in theirs."""
        order = np.lexsort((rows.kind, rows.pair, rows.layer, rows.end, rows.start, rows.document))
        self.rows = RowColumns(*(column[order] for column in rows))
        first, second = (ItemColumns(*(column[order] for column in side)) for side in sides)
        self.sides: Sides = first, second
        self.uids, self.pairs, self.names = uids, pairs, names

    @classmethod
    def none(cls) -> Disagreements:
        """Not one."""
        empty = np.zeros(0, dtype=np.int64)
        rows = RowColumns(*[empty] * len(RowColumns._fields))
        side = ItemColumns(*[empty] * len(ItemColumns._fields))
        return cls(rows, (side, side), uids=(), pairs=(), names=())

    def __len__(self) -> int:
        return len(self.rows.document)

    @overload
    def __getitem__(self, at: int) -> Disagreement: ...
    @overload
    def __getitem__(self, at: slice) -> list[Disagreement]: ...
    def __getitem__(self, at: int | slice) -> Disagreement | list[Disagreement]:
        """One or several of them, made anew each time."""
        if isinstance(at, slice):
            return [self[i] for i in range(*at.indices(len(self)))]
        place = range(len(self))[at]
        return next(self._made(place, place + 1))

    def __iter__(self) -> Iterator[Disagreement]:
        for begin in range(0, len(self), _AT_ONCE):
            yield from self._made(begin, begin + _AT_ONCE)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and [*self] == [*other]

    __hash__ = None  # type: ignore[assignment]  # equal to a tuple of the same, whose hash differs

    def by_document(self) -> dict[str, int]:
        """How many a document has, of those that have any."""
        counts = np.bincount(self.rows.document, minlength=len(self.uids))
        return {self.uids[i]: int(counts[i]) for i in np.flatnonzero(counts).tolist()}

    def json(self, encoded: Callable[[Any], str]) -> Iterator[str]:
        """`to_json` of all as JSON, some thousands a piece with a comma and a space between.

        `encoded` gives the JSON of a name or an identifier.
        """
        names = [*map(encoded, self.names), "null"]  # at NO_ITEM
        uids, pairs = [*map(encoded, self.uids)], [encoded(list(pair)) for pair in self.pairs]
        for begin in range(0, len(self), _AT_ONCE):
            yield ", ".join(
                f'{{"uid": {uids[document]}, "layer": "{SORTED_LAYERS[layer]}", '
                f'"kind": "{KINDS[kind]}", "annotators": {pairs[pair]}, '
                f'"items": [{_item_json(layer, one, names)}, {_item_json(layer, two, names)}], '
                f'"start": {start}, "end": {end}, "cause": "{CAUSES[cause]}"}}'
                for (document, pair, layer, kind, cause, _, start, end), one, two in (
                    self._listed(begin, begin + _AT_ONCE)
                )
            )

    def _made(self, begin: int, end: int) -> Iterator[Disagreement]:
        for (document, pair, layer, kind, cause, counted, *span), first, second in self._listed(
            begin, end
        ):
            yield Disagreement(
                uid=self.uids[document],
                layer=SORTED_LAYERS[layer],
                kind=KINDS[kind],
                annotators=self.pairs[pair],
                items=(self._item(layer, first), self._item(layer, second)),
                start=span[0],
                end=span[1],
                cause=CAUSES[cause],
                counted=bool(counted),
            )

    def _listed(self, begin: int, end: int) -> Iterator[tuple[_Item, _Item, _Item]]:
        """Numbers of each row, and of its two items."""
        rows, first, second = (
            zip(*(column[begin:end].tolist() for column in columns), strict=True)
            for columns in (self.rows, *self.sides)
        )
        return zip(rows, first, second, strict=True)

    def _item(self, layer: int, item: _Item) -> dict[str, Any] | None:
        start, end, label, trigger_start, trigger_end, trigger_type, attribute, value = item
        if start == NO_ITEM:
            return None
        names, span = self.names, {"start": start, "end": end}
        if layer == _ENTITIES:
            return {**span, "label": names[label]}
        if layer == _ARGUMENTS:
            trigger = {"start": trigger_start, "end": trigger_end, "type": names[trigger_type]}
            return {**span, "role": names[label], "trigger": trigger}
        found = {**span, "type": names[label]}
        if layer == _ATTRIBUTES:
            found["name"] = names[attribute]
            found["value"] = None if value == NO_ITEM else names[value]
        return found


def _item_json(layer: int, item: _Item, names: Sequence[str]) -> str:
    """As `Disagreements._item`, written out."""
    start, end, label, trigger_start, trigger_end, trigger_type, attribute, value = item
    if start == NO_ITEM:
        return "null"
    if layer == _ENTITIES:
        return f'{{"start": {start}, "end": {end}, "label": {names[label]}}}'
    if layer == _TRIGGERS:
        return f'{{"start": {start}, "end": {end}, "type": {names[label]}}}'
    if layer == _ARGUMENTS:
        return (
            f'{{"start": {start}, "end": {end}, "role": {names[label]}, "trigger": {{"start": '
            f'{trigger_start}, "end": {trigger_end}, "type": {names[trigger_type]}}}}}'
        )
    return (
        f'{{"start": {start}, "end": {end}, "type": {names[label]}, '
        f'"name": {names[attribute]}, "value": {names[value]}}}'
    )
