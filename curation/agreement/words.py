r"""Words of a text without a tokenizer: a rule that needs no language and no model.

A word is a run of letters, digits and marks (`\\w` of Unicode), runs joined by single apostrophes,
hyphens, full stops or commas being one (“l'homme”, “co-op”, “3.5”). Every other character that is
no white space is a word of its own. The rule is the same for everybody's annotations, so agreement
over words does not depend on a pipeline.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from curation.agreement.columns import Ints, Marks

__all__ = ["Words", "word_spans", "words_of"]

_WORD = re.compile(r"(\w+(?:['’.,\-]\w+)*|[^\w\s])")


def word_spans(text: str) -> list[tuple[int, int]]:
    """(start, end) of every word, in order."""
    return [found.span() for found in _WORD.finditer(text)]


@dataclass(frozen=True)
class Words:
    """Words of all texts, end to end: `counts` a text, offsets from the start of the first."""

    counts: Ints
    starts: Ints
    ends: Ints
    texts: Ints

    def snapped(self, marks: Marks) -> Marks:
        """Marks in words: from the first to the last word that a mark shares a character with.

        Offsets are within the document; marks on white space alone are left out.
        """
        shift = self.texts[marks["document"]]
        first = np.cumsum(self.counts) - self.counts
        low = np.searchsorted(self.ends, shift + marks["start"], side="right")
        high = np.searchsorted(self.starts, shift + marks["end"], side="left")
        begin = first[marks["document"]]
        stop = begin + self.counts[marks["document"]]
        start, end = np.maximum(low, begin) - begin, np.minimum(high, stop) - begin
        moved = Marks({**marks.columns, "start": start, "end": end})
        return moved.take(end > start)


def words_of(texts: Sequence[str]) -> Words:
    """The words of every text."""
    counts: list[int] = []
    sizes: list[int] = []
    for text in texts:
        parts = _WORD.split(text)[:-1]  # what is between words, and words, in turns
        counts.append(len(parts) // 2)
        sizes += map(len, parts)
    between, within = np.fromiter(sizes, np.int64, len(sizes)).reshape(-1, 2).T
    lengths = np.array([len(text) for text in texts], dtype=np.int64)
    # One character between texts, so that a mark at the very end reaches into no other text.
    begins = np.cumsum(lengths + 1) - (lengths + 1)
    many = np.array(counts, dtype=np.int64)
    reached = np.concatenate([[0], np.cumsum(between + within)])
    shift = np.repeat(begins - reached[np.cumsum(many) - many], many)
    ends = reached[1:] + shift
    return Words(many, ends - within, ends, begins)
