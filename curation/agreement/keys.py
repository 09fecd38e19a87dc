"""Entities and triggers of a whole panel as sorted integers: exact counts without Python loops.

    key = (document · n_spans + span) · n_labels + label

so that a key is an identity, integer division gives its document, and the remainder its label.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from curation.model import AnnotationSet

__all__ = ["Keys", "keys_of"]

Ints: TypeAlias = NDArray[np.int64]
Floats: TypeAlias = NDArray[np.float64]

_LIMIT = 2**62


@dataclass(frozen=True)
class Keys:
    """Sorted keys of each annotator, each once."""

    labels: tuple[str, ...]
    n_documents: int
    n_spans: int
    by_annotator: tuple[Ints, ...]

    @property
    def n_labels(self) -> int:
        """At least 1, so that keys can be divided."""
        return max(1, len(self.labels))

    def documents(self, keys: Ints) -> Ints:
        """Position of each key's document."""
        return keys // (self.n_spans * self.n_labels)

    def within(self, annotator: int, documents: NDArray[np.bool_]) -> Ints:
        """The annotator's keys in the documents that are True."""
        keys = self.by_annotator[annotator]
        return keys if documents.all() else keys[documents[self.documents(keys)]]

    def tally(self, keys: Ints) -> Floats:
        """How many keys: (all, then each label) x documents."""
        shape = (self.n_labels, self.n_documents)
        cells = (keys % self.n_labels) * self.n_documents + self.documents(keys)
        counts: Floats = np.zeros((1 + self.n_labels, self.n_documents))
        counts[1:] = np.bincount(cells, minlength=shape[0] * shape[1]).reshape(shape)
        counts[0] = counts[1:].sum(axis=0)
        return counts

    def same_spans(self, first: Ints, second: Ints) -> Floats:
        """Spans that both have, as often as both have them, by document."""
        ours, mine = np.unique(first // self.n_labels, return_counts=True)
        theirs, other = np.unique(second // self.n_labels, return_counts=True)
        spans, i, j = np.intersect1d(ours, theirs, assume_unique=True, return_indices=True)
        weights = np.minimum(mine[i], other[j])
        documents = spans // self.n_spans
        return np.bincount(documents, weights, self.n_documents).astype(np.float64)


def keys_of(sets: Sequence[Sequence[AnnotationSet | None]], layer: str, annotators: int) -> Keys:
    """Keys of a layer ("entities" or "triggers") of documents x annotators."""
    columns = [_columns([row[i] for row in sets], layer) for i in range(annotators)]
    labels = tuple(sorted(set().union(*(c.labels for c in columns))))
    number = {label: i for i, label in enumerate(labels)}
    n_spans, spans = _spans(columns, len(sets) * max(1, len(labels)))
    keys = [
        np.unique(
            (c.documents * n_spans + span) * max(1, len(labels))
            + np.fromiter(map(number.__getitem__, c.labels), np.int64, len(c.labels))
        )
        for c, span in zip(columns, spans, strict=True)
    ]
    return Keys(labels, len(sets), n_spans, tuple(keys))


@dataclass(frozen=True, slots=True)
class _Columns:
    documents: Ints
    starts: list[int]
    ends: list[int]
    labels: list[str]


def _columns(sets: Sequence[AnnotationSet | None], layer: str) -> _Columns:
    found = [() if s is None else _MARKED[layer](s) for s in sets]
    documents = np.repeat(np.arange(len(sets)), [len(items) for items in found])
    marked = [item for items in found for item in items]
    if layer == "entities":
        labels = [item.label for item in marked]
        return _Columns(documents, [e.start for e in marked], [e.end for e in marked], labels)
    spans = [event.trigger for event in marked]
    labels = [event.type for event in marked]
    return _Columns(documents, [s.start for s in spans], [s.end for s in spans], labels)


_MARKED: dict[str, Callable[[AnnotationSet], tuple[Any, ...]]] = {
    "entities": lambda s: s.entities,
    "triggers": lambda s: s.events,
}


def _spans(columns: Iterable[_Columns], others: int) -> tuple[int, list[Ints]]:
    """Number of possible spans, and each item's span as a number below it.

    start · width + end; where that leaves too little room for `others`, the rank of the span.
    """
    columns = list(columns)
    width = 1 + max((max(c.ends, default=0) for c in columns), default=0)
    if width * width * others < _LIMIT:
        starts = [np.array(c.starts, dtype=np.int64) for c in columns]
        ends = [np.array(c.ends, dtype=np.int64) for c in columns]
        return width * width, [s * width + e for s, e in zip(starts, ends, strict=True)]
    pairs = [list(zip(c.starts, c.ends, strict=True)) for c in columns]
    rank = {span: i for i, span in enumerate(sorted({span for found in pairs for span in found}))}
    ranked = [np.array([rank[span] for span in found], dtype=np.int64) for found in pairs]
    return len(rank), ranked
