"""Characters or words of a whole panel as rated units: `units` without Python loops.

Units in a row with the same ratings are one unit whose weight is their number. A unit's category
is the set of labels over it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from curation.agreement.coefficients import Ratings
from curation.agreement.columns import Ints, Marks, codes

__all__ = ["Rated", "rated_units"]

Bools: TypeAlias = NDArray[np.bool_]
_BITS = 60


@dataclass(frozen=True)
class Rated:
    """Rated units, the document of each, and the labels that each category stands for."""

    ratings: Ratings
    document: Ints
    categories: tuple[frozenset[int], ...]

    def marked(self) -> Rated:
        """Without the units that nobody marked."""
        kept = (self.ratings.categories > 0).any(axis=0)
        ratings = Ratings(self.ratings.categories[:, kept], self.ratings.weights[kept])
        return Rated(ratings, self.document[kept], self.categories)


def rated_units(
    marks: Sequence[Marks], seen: Bools, lengths: Ints, counted: Bools, labels: int
) -> Rated:
    """Ratings of the units of the `counted` documents, whose `lengths` are in units.

    `seen`: documents x annotators. What a mark has past the end of its text does not count.
    Category 0 is "no label".
    """
    size = np.where(counted, lengths, 0)
    begin = np.cumsum(size) - size
    placed = [_placed(m, begin, size) for m in marks]
    bounds = np.unique(np.concatenate([begin[size > 0], *(b for p in placed for b in p[:2])]))
    bounds = bounds[bounds < size.sum()]
    weights = np.diff(np.append(bounds, size.sum())).astype(np.float64)
    with_text = np.flatnonzero(size > 0)
    document = with_text[np.searchsorted(begin[with_text], bounds, side="right") - 1]
    covers = [_cover(p, bounds, labels) for p in placed]
    rows = np.concatenate(covers, axis=1) if covers else np.zeros((1, 0), dtype=np.int64)
    known, numbers = np.unique(codes(*([row] for row in rows)), return_inverse=True)
    first = np.zeros(len(known), dtype=np.int64)
    first[numbers] = np.arange(len(numbers))
    sets = [_labels(rows[:, i]) for i in first]
    if frozenset() not in sets:  # everything is marked
        sets, numbers = [frozenset[int](), *sets], numbers + 1
    elif sets[0]:
        raise RuntimeError("the empty set sorts first")
    categories = numbers.reshape(len(marks), len(bounds)).astype(np.int64)
    categories[~seen[document].T] = -1
    return Rated(Ratings(categories, weights), document, tuple(sets))


def _placed(marks: Marks, begin: Ints, size: Ints) -> tuple[Ints, Ints, Ints]:
    """Starts and ends on the texts laid end to end, and labels."""
    marks = marks.take(marks["start"] < size[marks["document"]])
    shift = begin[marks["document"]]
    end = np.minimum(marks["end"], size[marks["document"]])
    return shift + marks["start"], shift + end, marks["label"]


def _cover(placed: tuple[Ints, Ints, Ints], bounds: Ints, labels: int) -> Ints:
    """Labels over each stretch, as bits: one row for every sixty labels."""
    start, end, label = placed
    low, high = np.searchsorted(bounds, start), np.searchsorted(bounds, end)
    width = len(bounds) + 1
    rows = np.zeros((1 + max(0, labels - 1) // _BITS, len(bounds)), dtype=np.int64)
    for one in np.unique(label).tolist():
        mine = label == one
        steps = np.bincount(low[mine], minlength=width) - np.bincount(high[mine], minlength=width)
        covered = np.cumsum(steps)[:-1] > 0
        rows[one // _BITS] |= covered.astype(np.int64) << (one % _BITS)
    return rows


def _labels(bits: Ints) -> frozenset[int]:
    return frozenset(
        row * _BITS + i for row, b in enumerate(bits.tolist()) for i in range(_BITS) if b >> i & 1
    )
