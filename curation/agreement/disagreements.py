"""Where two annotators differ, item by item, and what is taken for what.

Items are aligned one to one (`matching.align`); each unequal pair and each item left over is one
disagreement. Arguments and attributes are compared on triggers that were aligned with each other:
what hangs on a trigger that one side does not have is a consequence of the missed trigger.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curation.agreement.cascade import fillers_of
from curation.agreement.columns import Ints, Marks, codes
from curation.agreement.listed import (
    CAUSES,
    KINDS,
    NO_ITEM,
    SORTED_LAYERS,
    Disagreement,
    Disagreements,
    ItemColumns,
    Kind,
    RowColumns,
)
from curation.agreement.pairing import Alignment, components_of
from curation.agreement.panel import Group, Panel, panel_of
from curation.agreement.tables import on_shared_triggers
from curation.model import AnnotationSet

__all__ = [
    "NONE",
    "Confusion",
    "compare",
    "confusion_matrix",
    "differences",
]

NONE = "NONE"
"""Row and column, always the last, of items that the other side does not have."""

Confusion = Counter[tuple[str, str | None, str | None]]
"""(layer, label of the first, label of the second) -> how often; None: the side has no item."""


def compare(a: AnnotationSet, b: AnnotationSet, confusion: Confusion) -> list[Disagreement]:
    """Differences between two sets over one document, in text order; counts into `confusion`."""
    return [*differences(panel_of([a, b]), confusion)]


def differences(panel: Panel, confusion: Confusion) -> Disagreements:
    """Differences of every pair of annotators; by document, place in the text, and pair."""
    numbers: dict[str, int] = {}
    found: list[_Block] = []
    for pair in panel.pairs:
        for layer in ("entities", "triggers"):
            a, b, aligned = panel.aligned(layer, pair)
            found.append(_of_layer(panel, pair, layer, (a, b), aligned, confusion, numbers))
        x, y, fillers = fillers_of(panel, pair, typed=False)
        found.append(_of_layer(panel, pair, "arguments", (x, y), fillers, confusion, numbers))
        for name in panel.attribute_names:
            found.append(_of_attribute(panel, pair, name, confusion, numbers))
    if not found:
        return Disagreements.none()
    rows, first, second = (_joined(columns) for columns in zip(*found, strict=True))
    return Disagreements(
        RowColumns(*rows),
        (ItemColumns(*first), ItemColumns(*second)),
        uids=panel.uids,
        pairs=[(panel.annotators[i], panel.annotators[j]) for i, j in panel.pairs],
        names=[*numbers],
    )


Side = tuple[Marks, Marks]
_Block = tuple[RowColumns, ItemColumns, ItemColumns]
"""Disagreements of one layer or attribute of one pair."""


def _joined(columns: Iterable[tuple[Ints, ...]]) -> list[Ints]:
    return [np.concatenate(parts) for parts in zip(*columns, strict=True)]


def _of_layer(
    panel: Panel,
    pair: Group,
    layer: str,
    sides: Side,
    aligned: Alignment,
    confusion: Confusion,
    numbers: dict[str, int],
) -> _Block:
    a, b = sides
    labels = panel.layer(layer).labels
    x, y = a.take(aligned.first), b.take(aligned.second)
    left, right = a.take(aligned.only_first), b.take(aligned.only_second)
    _count(confusion, layer, labels, (x["label"], y["label"]), (left["label"], right["label"]))
    equal = x["label"] == y["label"]
    other = ~((x["start"] == y["start"]) & (x["end"] == y["end"]) & equal)
    x, y, equal = x.take(other), y.take(other), equal[other]
    kind = np.where(equal, KINDS.index("boundary"), KINDS.index(_KINDS[layer]))
    cause = np.where(equal, CAUSES.index("boundary"), CAUSES.index(_KINDS[layer]))
    counted: list[NDArray[np.bool_]] = [
        np.ones(len(side), dtype=np.bool_) for side in (x, left, right)
    ]
    if layer == "arguments":
        cause[_swapped(x, y)] = CAUSES.index("swapped")
        counted = [_same_event(x, y), *on_shared_triggers(panel, pair, [left, right])]
    split = _split(a, b, aligned.only_first), _split(b, a, aligned.only_second)
    alone = np.where(np.concatenate(split), CAUSES.index("split"), CAUSES.index("missed"))
    return _block(
        panel.pairs.index(pair),
        layer,
        np.concatenate([kind, np.full(len(alone), KINDS.index("missed"))]),
        np.concatenate([cause, alone]),
        np.concatenate(counted),
        np.concatenate([side["document"] for side in (x, left, right)]),
        _items(panel, layer, [x, left, len(right)], numbers),
        _items(panel, layer, [y, len(left), right], numbers),
    )


def _block(
    pair: int,
    layer: str,
    kind: Ints,
    cause: Ints,
    counted: NDArray[np.bool_],
    document: Ints,
    first: ItemColumns,
    second: ItemColumns,
) -> _Block:
    n = len(document)
    one = np.where(first.start == NO_ITEM, second.start, first.start)
    other = np.where(second.start == NO_ITEM, first.start, second.start)
    rows = RowColumns(
        document=document,
        pair=np.full(n, pair),
        layer=np.full(n, SORTED_LAYERS.index(layer)),
        kind=kind,
        cause=cause,
        counted=counted.astype(np.int64),
        start=np.minimum(one, other),
        end=np.maximum(first.end, second.end),
    )
    return rows, first, second


def _items(
    panel: Panel, layer: str, parts: Sequence[Marks | int], numbers: dict[str, int]
) -> ItemColumns:
    """Marks end to end; a number stands for so many rows without an item."""
    n = sum(part if isinstance(part, int) else len(part) for part in parts)
    found = {name: np.full(n, NO_ITEM) for name in ItemColumns._fields}
    names = panel.layer(layer)
    known = {"label": _numbered(names.labels, numbers), "type": _numbered(names.types, numbers)}
    done = 0
    for part in parts:
        begin, done = done, done + (part if isinstance(part, int) else len(part))
        if isinstance(part, int):
            continue
        for column, name in _MARKS.items():
            if column in part.columns:
                values = part[column]
                found[name][begin:done] = known[column][values] if column in known else values
    return ItemColumns(**found)


_MARKS = {
    "start": "start",
    "end": "end",
    "label": "label",
    "trigger_start": "trigger_start",
    "trigger_end": "trigger_end",
    "type": "trigger_type",
}
"""Columns of marks -> those of items."""


def _numbered(names: Sequence[str], numbers: dict[str, int]) -> Ints:
    """The number of each name."""
    return np.array([numbers.setdefault(name, len(numbers)) for name in names], dtype=np.int64)


_KINDS: Mapping[str, Kind] = {"entities": "label", "triggers": "type", "arguments": "role"}
"""A pair that differs in label and boundary counts as a matter of the label."""


def _same_event(x: Marks, y: Marks) -> NDArray[np.bool_]:
    """Of aligned arguments: which hang on triggers of the same span and type."""
    same = np.ones(len(x), dtype=np.bool_)
    for name in ("trigger_start", "trigger_end", "type"):
        same &= x[name] == y[name]
    return same


def _count(
    confusion: Confusion,
    layer: str,
    labels: Sequence[str],
    pairs: tuple[Ints, Ints],
    left: tuple[Ints, Ints],
) -> None:
    q = len(labels)
    cells = np.bincount(pairs[0] * q + pairs[1], minlength=q * q) if q else np.zeros(0, int)
    for cell in np.flatnonzero(cells).tolist():
        confusion[layer, labels[cell // q], labels[cell % q]] += int(cells[cell])
    for side, column in enumerate(left):
        counts = np.bincount(column, minlength=q)
        for label in np.flatnonzero(counts).tolist():
            ends = (labels[label], None) if side == 0 else (None, labels[label])
            confusion[layer, ends[0], ends[1]] += int(counts[label])


def _swapped(x: Marks, y: Marks) -> NDArray[np.bool_]:
    """Of unequal pairs of arguments: where another of the event has the reverse."""
    events = [x[name] for name in ("document", "trigger_start", "trigger_end", "type")]
    roles = x["label"], y["label"]
    both = codes(*([e, e] for e in events), [*roles], [*reversed(roles)])
    reverse: NDArray[np.bool_] = np.isin(both[len(x) :], both[: len(x)])
    swapped: NDArray[np.bool_] = reverse & (roles[0] != roles[1])
    return swapped


def _split(mine: Marks, other: Marks, left: Ints) -> NDArray[np.bool_]:
    """Which items that are left over overlap one of the other side's."""
    if not len(left) or not len(other):
        return np.zeros(len(left), dtype=np.bool_)
    here = mine.take(left)
    places = [np.concatenate([here[k], other[k]]) for k in ("document", "start", "end")]
    if "trigger_start" in mine.columns:
        extra = ("trigger_start", "trigger_end")
        places[0] = codes([places[0]], *([np.concatenate([here[k], other[k]])] for k in extra))
    ids = components_of(*places)
    beside: NDArray[np.bool_] = np.isin(ids[: len(here)], ids[len(here) :])
    return beside


def _of_attribute(
    panel: Panel, pair: Group, name: str, confusion: Confusion, names: dict[str, int]
) -> _Block:
    a, b, aligned = panel.aligned("triggers", pair)
    values, numbers = panel.attribute(name)
    both = panel.compared(pair)
    triggers = panel.layer("triggers").by_annotator
    first, second = (numbers[i][both[triggers[i]["document"]]] for i in pair)
    ours, theirs = first[aligned.first], second[aligned.second]
    cells = np.bincount(ours * len(values) + theirs, minlength=len(values) ** 2)
    for cell in np.flatnonzero(cells).tolist():
        said = values[cell // len(values)], values[cell % len(values)]
        if any(said):
            confusion[f"attributes.{name}", said[0] or None, said[1] or None] += int(cells[cell])
    other = ours != theirs
    x, y = a.take(aligned.first[other]), b.take(aligned.second[other])
    same = (x["start"] == y["start"]) & (x["end"] == y["end"]) & (x["label"] == y["label"])
    # Not to have an attribute is "" in the panel.
    known = np.array(
        [names.setdefault(v, len(names)) if v else NO_ITEM for v in values], dtype=np.int64
    )
    sides = [
        _items(panel, "triggers", [marks], names)._replace(
            attribute=np.full(len(marks), names.setdefault(name, len(names))), value=known[said]
        )
        for marks, said in ((x, ours[other]), (y, theirs[other]))
    ]
    kind = np.full(len(x), KINDS.index("attribute"))
    cause = np.full(len(x), CAUSES.index("attribute"))
    place = panel.pairs.index(pair)
    return _block(place, "attributes", kind, cause, same, x["document"], sides[0], sides[1])


def confusion_matrix(confusion: Confusion, layer: str) -> dict[str, Any]:
    """`{"labels": [..., "NONE"], "counts": rows}`: rows the first annotator, columns the second.

    NONE is the last row and column, whatever the labels are called.
    """
    cells = {key[1:]: n for key, n in confusion.items() if key[0] == layer}
    labels = sorted({side for cell in cells for side in cell if side is not None})
    sides = (*labels, None)
    counts = [[cells.get((row, column), 0) for column in sides] for row in sides]
    return {"labels": [*labels, NONE], "counts": counts}
