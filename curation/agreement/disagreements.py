"""Where two annotators differ, item by item, and what is taken for what.

Items are aligned one to one (`matching.align`); each unequal pair and each item left over is one
disagreement. Arguments and attributes are compared on triggers that were aligned with each other:
what hangs on a trigger that one side does not have is a consequence of the missed trigger.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from curation.agreement.cascade import fillers_of
from curation.agreement.columns import Ints, Marks, codes
from curation.agreement.pairing import Alignment, components_of
from curation.agreement.panel import Group, Panel, panel_of
from curation.agreement.tables import on_shared_triggers
from curation.model import AnnotationSet

__all__ = [
    "NONE",
    "Cause",
    "Confusion",
    "Disagreement",
    "Kind",
    "compare",
    "confusion_matrix",
    "differences",
]

NONE = "NONE"
"""Row and column, always the last, of items that the other side does not have."""

Kind = Literal["boundary", "label", "missed", "type", "role", "attribute"]

Cause = Literal["boundary", "label", "missed", "split", "type", "role", "swapped", "attribute"]
"""`Kind` in more detail: "split" is an item left over beside one that was aligned, because one
side made two of what is one to the other; "swapped" are two roles of an event exchanged."""

Confusion = Counter[tuple[str, str | None, str | None]]
"""(layer, label of the first, label of the second) -> how often; None: the side has no item."""


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


def compare(a: AnnotationSet, b: AnnotationSet, confusion: Confusion) -> list[Disagreement]:
    """Differences between two sets over one document, in text order; counts into `confusion`."""
    return differences(panel_of([a, b]), confusion)


def differences(panel: Panel, confusion: Confusion) -> list[Disagreement]:
    """Differences of every pair of annotators; by document, place in the text, and pair."""
    found: list[tuple[int, Disagreement]] = []
    names = sorted(
        {k for row in panel.sets for s in row if s for e in s.events for k in e.attributes}
    )
    for pair in panel.pairs:
        for layer in ("entities", "triggers"):
            a, b, aligned = panel.aligned(layer, pair)
            found.extend(_of_layer(panel, pair, layer, (a, b), aligned, confusion))
        x, y, fillers = fillers_of(panel, pair, typed=False)
        found.extend(_of_layer(panel, pair, "arguments", (x, y), fillers, confusion))
        for name in names:
            found.extend(_of_attribute(panel, pair, name, confusion))
    found.sort(key=lambda d: (d[0], d[1].start, d[1].end, d[1].layer, d[1].annotators, d[1].kind))
    for document, disagreement in found:
        disagreement.uid = panel.uids[document]
    return [disagreement for _, disagreement in found]


Side = tuple[Marks, Marks]


def _of_layer(
    panel: Panel, pair: Group, layer: str, sides: Side, aligned: Alignment, confusion: Confusion
) -> Iterator[tuple[int, Disagreement]]:
    a, b = sides
    labels = panel.layer(layer).labels
    x, y = a.take(aligned.first), b.take(aligned.second)
    left, right = a.take(aligned.only_first), b.take(aligned.only_second)
    _count(confusion, layer, labels, (x["label"], y["label"]), (left["label"], right["label"]))
    same = (x["start"] == y["start"]) & (x["end"] == y["end"]) & (x["label"] == y["label"])
    x, y = x.take(~same), y.take(~same)
    kind = _KINDS[layer]
    causes = _swapped(x, y) if layer == "arguments" else [kind] * len(x)
    described = zip(_described(panel, layer, x), _described(panel, layer, y), strict=True)
    counted = _same_event(x, y) if layer == "arguments" else [True] * len(x)
    for i, items in enumerate(described):
        equal = x["label"][i] == y["label"][i]
        named: tuple[Any, Any] = ("boundary", "boundary") if equal else (kind, causes[i])
        yield int(x["document"][i]), _difference(panel, pair, layer, items, named, counted[i])
    on_left, on_right = [True] * len(left), [True] * len(right)
    if layer == "arguments":
        on_left, on_right = (k.tolist() for k in on_shared_triggers(panel, pair, [left, right]))
    split_a, split_b = _split(a, b, aligned.only_first), _split(b, a, aligned.only_second)
    for item, document, split, on in zip(
        _described(panel, layer, left), left["document"].tolist(), split_a, on_left, strict=True
    ):
        named = ("missed", "split" if split else "missed")
        yield document, _difference(panel, pair, layer, (item, None), named, on)
    for item, document, split, on in zip(
        _described(panel, layer, right), right["document"].tolist(), split_b, on_right, strict=True
    ):
        named = ("missed", "split" if split else "missed")
        yield document, _difference(panel, pair, layer, (None, item), named, on)


_KINDS: Mapping[str, Kind] = {"entities": "label", "triggers": "type", "arguments": "role"}
"""A pair that differs in label and boundary counts as a matter of the label."""


def _same_event(x: Marks, y: Marks) -> list[bool]:
    """Of aligned arguments: which hang on triggers of the same span and type."""
    same = np.ones(len(x), dtype=np.bool_)
    for name in ("trigger_start", "trigger_end", "type"):
        same &= x[name] == y[name]
    found: list[bool] = same.tolist()
    return found


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


def _swapped(x: Marks, y: Marks) -> list[str]:
    """Of unequal pairs of arguments: "swapped" where another of the event has the reverse."""
    events = codes(*([x[name]] for name in ("document", "trigger_start", "trigger_end", "type")))
    rows = list(zip(events.tolist(), x["label"].tolist(), y["label"].tolist(), strict=True))
    known = set(rows)
    return ["swapped" if a != b and (e, b, a) in known else "role" for e, a, b in rows]


def _split(mine: Marks, other: Marks, left: Ints) -> list[bool]:
    """Which items that are left over overlap one of the other side's."""
    if not len(left) or not len(other):
        return [False] * len(left)
    here = mine.take(left)
    places = [np.concatenate([here[k], other[k]]) for k in ("document", "start", "end")]
    if "trigger_start" in mine.columns:
        extra = ("trigger_start", "trigger_end")
        places[0] = codes([places[0]], *([np.concatenate([here[k], other[k]])] for k in extra))
    ids = components_of(*places)
    beside: list[bool] = np.isin(ids[: len(here)], ids[len(here) :]).tolist()
    return beside


def _described(panel: Panel, layer: str, marks: Marks) -> list[dict[str, Any]]:
    found = panel.layer(layer)
    name = {"entities": "label", "triggers": "type", "arguments": "role"}[layer]
    labels = [found.labels[i] for i in marks["label"].tolist()]
    starts, ends = marks["start"].tolist(), marks["end"].tolist()
    rows = [{"start": s, "end": e, name: k} for s, e, k in zip(starts, ends, labels, strict=True)]
    if layer == "arguments":
        columns = (marks[k].tolist() for k in ("trigger_start", "trigger_end", "type"))
        for row, start, end, kind in zip(rows, *columns, strict=True):
            row["trigger"] = {"start": start, "end": end, "type": found.types[kind]}
    return rows


def _difference(
    panel: Panel,
    pair: Group,
    layer: str,
    items: tuple[Any, Any],
    named: tuple[Any, Any],
    counted: bool,
) -> Disagreement:
    first, second = items[0] or items[1], items[1] or items[0]
    return Disagreement(
        uid="",
        layer=layer,
        kind=named[0],
        annotators=(panel.annotators[pair[0]], panel.annotators[pair[1]]),
        items=items,
        start=min(first["start"], second["start"]),
        end=max(first["end"], second["end"]),
        cause=named[1],
        counted=counted,
    )


def _of_attribute(
    panel: Panel, pair: Group, name: str, confusion: Confusion
) -> Iterator[tuple[int, Disagreement]]:
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
    mine_values, its_values = ours[other].tolist(), theirs[other].tolist()
    same = (x["start"] == y["start"]) & (x["end"] == y["end"]) & (x["label"] == y["label"])
    counted: list[bool] = same.tolist()
    rows = zip(_described(panel, "triggers", x), _described(panel, "triggers", y), strict=True)
    for i, (mine, its) in enumerate(rows):
        mine |= {"name": name, "value": values[mine_values[i]] or None}
        its |= {"name": name, "value": values[its_values[i]] or None}
        named = ("attribute", "attribute")
        yield (
            int(x["document"][i]),
            _difference(panel, pair, "attributes", (mine, its), named, counted[i]),
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
