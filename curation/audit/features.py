"""What a classifier is told about a span: its words, their shape and endings, and what is around.

Features are strings; those that name a word of the context name the language too, for "in" and
"de" mean other things elsewhere, while names and their shapes are shared by all languages.
"""

from __future__ import annotations

from collections.abc import Iterator

from curation.audit.words import Words, shape

__all__ = ["around", "inside", "span_features"]

_FAR = 3
_LONGEST = 30


def span_features(words: Words, found: range, language: str) -> tuple[str, ...]:
    """The words of a span and what is around it."""
    return (*inside(words, found), *around(words, found, language), f"lang={language}")


def inside(words: Words, found: range) -> Iterator[str]:
    """Surface, words, beginnings and endings, shape, length."""
    lower = [words.at(i) for i in found]
    written = words.written[found.start : found.stop]
    yield "s=" + " ".join(lower)
    yield "f=" + lower[0]
    yield "l=" + lower[-1]
    yield f"n={min(len(lower), 5)}"
    yield "sh=" + " ".join(map(shape, written))[:_LONGEST]
    for word in lower:
        yield "w=" + word
        for length in (2, 3, 4):
            yield f"x{length}=" + word[-length:]
            yield f"p{length + 1}=" + word[: length + 1]


def around(words: Words, found: range, language: str) -> Iterator[str]:
    """Up to three words on either side, each with and without its distance."""
    before = [words.at(found.start - d) for d in range(1, _FAR + 1)]
    after = [words.at(found.stop - 1 + d) for d in range(1, _FAR + 1)]
    for side, near in (("-", before), ("+", after)):
        yield f"{side}x={near[0][-3:]} {language}"
        yield f"{side}sh={shape(near[0])}"
        for distance, word in enumerate(near, 1):
            yield f"{side}{distance}={word} {language}"
            yield f"{side}w={word} {language}"
    yield f"-+={before[0]}|{after[0]}"
    if words.opens(found.start):
        yield "opens"
