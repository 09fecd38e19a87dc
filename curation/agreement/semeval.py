"""Counts of the SemEval-2013 task 9.1 evaluation (MUC categories), with a one-to-one alignment."""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import NamedTuple

from curation.agreement.items import Item, spans_of, types_of
from curation.agreement.matching import align

__all__ = ["SemEvalCounts", "semeval_counts"]


class SemEvalCounts(NamedTuple):
    """What became of the items: of the first side (all but `spurious`) and of the second."""

    correct: int
    incorrect: int
    partial: int
    missed: int
    spurious: int


def semeval_counts(first: Set[Item], second: Set[Item]) -> Mapping[str, SemEvalCounts]:
    """Scheme -> counts, `first` being the reference.

    strict: spans and types must be the same; exact: spans; ent_type: types, of overlapping items;
    partial: overlapping items with unequal spans are neither correct nor incorrect but partial.
    """
    pairs, missed, spurious = align(first, second)
    same_span = [spans_of(a) == spans_of(b) for a, b in pairs]
    same_type = [types_of(a) == types_of(b) for a, b in pairs]
    strict = [span and kind for span, kind in zip(same_span, same_type, strict=True)]
    left = (len(missed), len(spurious))
    return {
        "strict": _counts(strict, left),
        "exact": _counts(same_span, left),
        "partial": SemEvalCounts(sum(same_span), 0, len(pairs) - sum(same_span), *left),
        "ent_type": _counts(same_type, left),
    }


def _counts(right: list[bool], left: tuple[int, int]) -> SemEvalCounts:
    return SemEvalCounts(sum(right), len(right) - sum(right), 0, *left)
