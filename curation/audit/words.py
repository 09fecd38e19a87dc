"""A text as words, and what a word looks like."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from functools import cached_property, lru_cache

from curation.spans import HasSpan, Span

__all__ = ["BREAK", "Words", "shape", "stem"]

_WORD = re.compile(r"\w+|[^\w\s]|\n+")
BREAK = "\n"
"""Stands for the ends of a text and of its lines: what is beyond says little."""

_RUN = re.compile(r"(.)\1+")


class Words:
    """The words, signs and line breaks of a text, in lower case, with their places."""

    def __init__(self, text: str) -> None:
        self.text = text
        found = [m.span() for m in _WORD.finditer(text)] or [(0, len(text))]
        self.starts = [start for start, _ in found]
        self.ends = [end for _, end in found]
        self.written = [text[start:end] for start, end in found]

    def __len__(self) -> int:
        return len(self.starts)

    @cached_property
    def lower(self) -> list[str]:
        """The words in lower case; a line break is BREAK."""
        return [BREAK if word[0] == "\n" else word.lower() for word in self.written]

    def at(self, index: int) -> str:
        """The word in lower case; BREAK beyond the ends."""
        return self.lower[index] if 0 <= index < len(self.starts) else BREAK

    def range_of(self, span: HasSpan) -> range:
        """The indices of the words that have a character in the span; one at least."""
        first = min(bisect_right(self.ends, span.start), len(self) - 1)
        last = bisect_left(self.starts, span.end)
        return range(first, max(last, first + 1))

    def span_of(self, found: range) -> Span:
        """From the first character of the first word to the last one of the last."""
        return Span(self.starts[found.start], self.ends[found.stop - 1])

    def opens(self, index: int) -> bool:
        """Whether a sentence or a line begins at the word, as far as signs tell."""
        return self.at(index - 1) in {BREAK, ".", "!", "?", ":", "“", "„", '"'}


@lru_cache(maxsize=1 << 16)
def shape(word: str) -> str:
    """Capitals as X, small letters as x, digits as 9; runs of one sign count as two."""
    signs = (
        "9" if c.isdigit() else "X" if c.isupper() else "x" if c.isalpha() else c for c in word
    )
    return _RUN.sub(r"\1\1", "".join(signs))


def stem(words: list[str]) -> str:
    """Words without what inflection may change: up to two letters, four are left at least."""
    return " ".join(word[: max(4, len(word) - 2)] for word in words)
