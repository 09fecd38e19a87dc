"""Exact F1 as one figure, for loops that want nothing else, such as the training of a pipeline."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations
from operator import itemgetter

from curation.agreement.columns import FIELDS
from curation.agreement.panel import panel_of
from curation.model import AnnotationSet

__all__ = ["exact_f1"]

_MARK = itemgetter("start", "end", "label")


def exact_f1(sets: Iterable[AnnotationSet]) -> float | None:
    """F1 of entities with equal offsets and label, counts pooled over pairs of annotators.

    The value of `f1(layer=entities,match=exact)`, in [0, 1], without the counts by document and
    label that intervals and slices are made of, and sooner for it. Documents that only one
    has seen do not count. None where nobody marked anything. Raises InputError where an annotator
    has two sets for one Document.
    """
    matched = marked = 0
    for row in panel_of(sets).sets:
        said = [{*map(_MARK, map(FIELDS, one.entities))} for one in row if one is not None]
        for first, second in combinations(said, 2):
            matched += len(first & second)
            marked += len(first) + len(second)
    return 2 * matched / marked if marked else None
