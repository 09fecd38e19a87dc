r"""Words of a text without a tokenizer: a rule that needs no language and no model.

A word is a run of letters, digits and marks (`\\w` of Unicode), runs joined by single apostrophes,
hyphens, full stops or commas being one (“l'homme”, “co-op”, “3.5”). Every other character that is
no white space is a word of its own. The rule is the same for everybody's annotations, so agreement
over words does not depend on a pipeline.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from curation.agreement.columns import Ints, Marks

__all__ = ["Words", "word_spans", "words_of"]

_JOINTS = "'’.,-"
_WORD = re.compile(rf"\w+(?:[{re.escape(_JOINTS)}]\w+)*|[^\w\s]")
_LETTERS = re.compile(r"\w")
_AT_ONCE = 1_000_000
_NONE = np.zeros(0, dtype=np.int64)


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
    """The words of every text: as `word_spans`, for all texts at once."""
    lengths = np.array([len(text) for text in texts], dtype=np.int64)
    # One character between texts, so that a mark at the very end reaches into no other text.
    begins = np.cumsum(lengths + 1) - (lengths + 1)
    lots = [_bounds(texts[cut], begins[cut]) for cut in _lots(lengths + 1)]
    starts, ends = (np.concatenate([_NONE, *side]) for side in zip(*lots, strict=True))
    counts = np.diff(np.searchsorted(starts, np.append(begins, int(lengths.sum()) + len(texts))))
    return Words(counts, starts, ends, begins)


def _lots(sizes: Ints) -> Iterator[slice]:
    """Of neighbouring texts, none much longer than others: all at once would need much memory."""
    lot = np.cumsum(sizes) // _AT_ONCE
    cuts = [0, *(np.flatnonzero(np.diff(lot)) + 1).tolist(), len(sizes)]
    return (slice(begin, end) for begin, end in pairwise(cuts))


def _bounds(texts: Sequence[str], begins: Ints) -> tuple[Ints, Ints]:
    """Starts and ends of words, the first text beginning at `begins[0]`."""
    # White space before the first and after the last: every character has neighbours.
    joined = " " + " ".join(texts) + " "
    found = _classes(np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype=np.uint32))
    letter, alone = found == _LETTER, (found == _SYMBOL) | (found == _JOINT)
    inside = letter[1:-1] | ((found[1:-1] == _JOINT) & letter[:-2] & letter[2:])
    alone = alone[1:-1] & ~inside
    edge = np.diff(inside.astype(np.int8), prepend=0, append=0)
    shift = begins[0] if len(begins) else 0
    starts = np.flatnonzero((edge[:-1] == 1) | alone)
    ends = np.flatnonzero((edge[1:] == -1) | alone) + 1
    return starts + shift, ends + shift


_SPACE, _LETTER, _JOINT, _SYMBOL, _UNKNOWN = range(5)
_CLASSES = np.full(sys.maxunicode + 1, _UNKNOWN, dtype=np.uint8)
"""Of every character, as far as it was met: what it is to `_WORD`."""


def _classes(characters: NDArray[np.uint32]) -> NDArray[np.uint8]:
    found = _CLASSES[characters]
    if (new := found == _UNKNOWN).any():
        for code in np.unique(characters[new]).tolist():
            _CLASSES[code] = _class(chr(code))
        found = _CLASSES[characters]
    return found


def _class(character: str) -> int:
    if character.isspace():
        return _SPACE
    if _LETTERS.match(character):
        return _LETTER
    return _JOINT if character in _JOINTS else _SYMBOL
