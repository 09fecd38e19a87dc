"""Documents side by side: text cut at the boundaries of marks, and what differs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from curation.report.facts import Example, Mark, View

__all__ = [
    "Difference",
    "Layer",
    "Piece",
    "Segment",
    "differences",
    "keys",
    "numbers",
    "segments",
    "unshared",
]

Layer = Literal["entity", "trigger"]
Key = tuple[str, int, int, str]
ArgumentKey = tuple[str, tuple[int, int, str], tuple[int, int, str]]


@dataclass(frozen=True, slots=True)
class Piece:
    """The part of a mark that covers a segment; `first` and `last` tell whether it ends here.

    `number` is that of the mark in its view, see `numbers`.
    """

    layer: Layer
    label: str
    first: bool
    last: bool
    differs: bool
    number: int = 0


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of text that the same marks cover, the longest mark outermost."""

    text: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """One span, and the labels each annotator gave exactly it; empty where nothing was marked."""

    layer: Layer
    start: int
    end: int
    surface: str
    labels: tuple[tuple[str, ...], ...]


def _marks(view: View) -> Iterator[tuple[Layer, Mark]]:
    yield from (("entity", mark) for mark in view.entities)
    yield from (("trigger", mark) for mark in view.triggers)


def keys(view: View) -> frozenset[Key]:
    """What identifies each mark of a view: layer, start, end, label."""
    return frozenset((layer, *mark.key) for layer, mark in _marks(view))


def numbers(view: View) -> dict[Key, int]:
    """The marks of a view, counted from 1 in the order in which they begin."""
    ordered = sorted(keys(view), key=lambda k: (k[1], -k[2], k[0], k[3]))
    return {key: i for i, key in enumerate(ordered, 1)}


def argument_keys(view: View) -> tuple[ArgumentKey, ...]:
    """What identifies each argument of a view: role, trigger, filler."""
    return tuple(
        (a.role, view.triggers[a.trigger].key, view.entities[a.entity].key) for a in view.arguments
    )


def unshared(views: Sequence[View]) -> tuple[frozenset[Key], frozenset[ArgumentKey]]:
    """Marks and arguments that some annotators have and others have not."""
    marks = [keys(view) for view in views]
    arguments = [frozenset(argument_keys(view)) for view in views]
    if not views:
        return frozenset(), frozenset()
    return (
        frozenset.union(*marks) - frozenset.intersection(*marks),
        frozenset.union(*arguments) - frozenset.intersection(*arguments),
    )


def segments(text: str, view: View, differing: frozenset[Key]) -> tuple[Segment, ...]:
    """The text cut wherever a mark of the view starts or ends; marks may nest or cross."""
    inside = {(layer, *m.key) for layer, m in _marks(view) if m.end <= len(text)}
    ordered = sorted(inside, key=lambda k: (k[1], -k[2], k[0], k[3]))
    numbered = numbers(view)
    cuts = sorted({0, len(text)}.union(*((k[1], k[2]) for k in ordered)))
    result: list[Segment] = []
    active: list[Key] = []
    waiting = ordered[::-1]
    for start, end in pairwise(cuts):
        active = [key for key in active if key[2] > start]
        while waiting and waiting[-1][1] == start:
            active.append(waiting.pop())
        pieces = tuple(_piece(key, start, end, differing, numbered[key]) for key in active)
        result.append(Segment(text[start:end], pieces))
    return tuple(result)


def _piece(key: Key, start: int, end: int, differing: frozenset[Key], number: int) -> Piece:
    layer: Layer = "entity" if key[0] == "entity" else "trigger"
    return Piece(layer, key[3], key[1] == start, key[2] == end, key in differing, number)


def differences(example: Example) -> tuple[Difference, ...]:
    """Every span on which the annotators of a document differ, in text order."""
    marks, _ = unshared(example.views)
    per_view = [_labels_by_span(view) for view in example.views]
    spans = sorted({(start, end, layer) for layer, start, end, _ in marks})
    return tuple(
        Difference(
            layer="entity" if layer == "entity" else "trigger",
            start=start,
            end=end,
            surface=example.text[start:end],
            labels=tuple(tuple(sorted(of.get((layer, start, end), ()))) for of in per_view),
        )
        for start, end, layer in spans
    )


def _labels_by_span(view: View) -> dict[tuple[str, int, int], set[str]]:
    result: dict[tuple[str, int, int], set[str]] = {}
    for layer, start, end, label in keys(view):
        result.setdefault((layer, start, end), set()).add(label)
    return result
