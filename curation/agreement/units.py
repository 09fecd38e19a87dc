"""AnnotationSets of one document -> Ratings of its units, for the chance-corrected measures.

Two kinds of units: triggers that annotators share, rated by an attribute's value; and characters,
rated by the labels that cover them. Characters with the same ratings in a row are one unit whose
weight is their number, so a long text costs no more than its annotations.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np

from curation.agreement.coefficients import Ratings, ratings_of
from curation.agreement.items import Item, attributes
from curation.model import AnnotationSet

__all__ = ["attribute_ratings", "character_ratings"]

_BACKGROUND: tuple[str, ...] = ()


def attribute_ratings(
    sets: Sequence[AnnotationSet | None], name: str, numbers: dict[Hashable, int]
) -> Ratings:
    """The values of attribute `name` on the triggers (span and type) that annotators found.

    An annotator who did not find a trigger does not rate it; one who found it and left the
    attribute out rates it "". Triggers on which nobody has the attribute are no units.
    """
    rated = [{} if s is None else attributes(s, name) for s in sets]
    units = sorted({key for values in rated for key, value in values.items() if value})
    return ratings_of([[values.get(unit) for unit in units] for values in rated], numbers)


def character_ratings(
    spans: Sequence[frozenset[Item] | None],
    length: int,
    numbers: dict[Hashable, int],
    *,
    background: bool = True,
) -> Ratings:
    """The labels over each character of a text of `length`.

    `spans` has one set of (start, end, label) an annotator, None for one who did not see the
    text. A character under several labels has their combination as category. `background=False`
    leaves out the characters that nobody marked. What a span has past the end of the text does
    not count: there are no characters to rate.
    """
    ordered = [None if s is None else _within(s, length) for s in spans]
    offsets = {offset for s in ordered if s for item in s for offset in item[:2]}
    bounds = np.array(sorted({0, length} | offsets), dtype=np.int64)
    starts, weights = bounds[:-1], np.diff(bounds).astype(np.float64)
    uncovered = numbers.setdefault(_BACKGROUND, len(numbers))
    unseen = np.full(len(starts), -1)
    rows = [unseen if s is None else _covering(s, starts, numbers) for s in ordered]
    categories = np.array(rows, dtype=np.int64).reshape(len(spans), len(starts))
    if background:
        return Ratings(categories, weights)
    marked = ((categories >= 0) & (categories != uncovered)).any(axis=0)
    return Ratings(categories[:, marked], weights[marked])


def _within(spans: frozenset[Item], length: int) -> list[Item]:
    """In text order, cut at the end of the text."""
    return sorted((start, min(end, length), label) for start, end, label in spans if start < length)


def _covering(
    spans: Sequence[Any], starts: np.ndarray[Any, Any], numbers: dict[Hashable, int]
) -> np.ndarray[Any, Any]:
    """Category number of every stretch that begins at `starts`."""
    categories = np.full(len(starts), numbers[_BACKGROUND])
    lows = np.searchsorted(starts, [start for start, _, _ in spans]).tolist()
    highs = np.searchsorted(starts, [end for _, end, _ in spans]).tolist()
    if not _overlapping(spans):
        for low, high, (_, _, label) in zip(lows, highs, spans, strict=True):
            categories[low:high] = numbers.setdefault((label,), len(numbers))
        return categories
    labels: list[set[str]] = [set() for _ in starts]
    for low, high, (_, _, label) in zip(lows, highs, spans, strict=True):
        for covered in labels[low:high]:
            covered.add(label)
    for index, covered in enumerate(labels):
        if covered:
            categories[index] = numbers.setdefault(tuple(sorted(covered)), len(numbers))
    return categories


def _overlapping(spans: Sequence[Any]) -> bool:
    """Whether any of the sorted spans overlaps another."""
    ends = [span[1] for span in spans]
    return any(end > following[0] for end, following in zip(ends, spans[1:], strict=False))
