r"""Texts as sets of hashed word shingles, a batch at a time in numpy.

A word is a run of letters, digits and underscores of the casefolded text (`\\w+`). Its hash is a
polynomial over random values of its characters, modulo 2^64, taken from prefix sums; a shingle's
is a combination of those of its words (Karp & Rabin 1987; mixed as in splitmix64, Steele et al.
2014). Two different shingles have the same hash with a probability of about 2^-64.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["Hashes", "Ints", "Words", "batches", "hashed_words", "shingles"]

Hashes: TypeAlias = NDArray[np.uint64]
Ints: TypeAlias = NDArray[np.int64]

_CHARACTERS = 1 << 17
"""About how many characters are hashed at once: their tables stay in the processor's cache."""
_BASE = 0x9E3779B97F4A7C15 | 3
_MASK = (1 << 64) - 1
_CODE_POINTS = 0x110000


class Words:
    """The word hashes of some texts, one after the other; `counts` has each text's number."""

    __slots__ = ("counts", "hashes")

    def __init__(self, hashes: Hashes, counts: Ints) -> None:
        self.hashes = hashes
        self.counts = counts


def shingles(words: Words, width: int) -> tuple[Hashes, Ints]:
    """Hashes of all runs of `width` words, repeats included, and how many each text has.

    A text of fewer words has one shingle, of all of them; one without a word has none.
    """
    counts = np.where(words.counts < width, np.minimum(words.counts, 1), words.counts - width + 1)
    padded, starts = _padded(words, width)
    first = np.repeat(starts - (np.cumsum(counts) - counts), counts) + np.arange(counts.sum())
    total = np.zeros(len(first), dtype=np.uint64)
    for place in range(width):
        total += padded[first + place] * np.uint64(_odd(place))
    return _mixed(total), counts


def _padded(words: Words, width: int) -> tuple[Hashes, Ints]:
    """The words with zeros behind texts that are too short for one shingle, and each one's start.

    The zeros make a short text's shingle one of all its words.
    """
    room = np.where((words.counts > 0) & (words.counts < width), width, words.counts)
    starts = np.cumsum(room) - room
    if room is words.counts or (room == words.counts).all():
        return words.hashes, starts
    padded = np.zeros(int(room.sum()), dtype=np.uint64)
    shift = np.repeat(starts - (np.cumsum(words.counts) - words.counts), words.counts)
    padded[np.arange(len(words.hashes)) + shift] = words.hashes
    return padded, starts


def batches(texts: Sequence[str]) -> Iterator[tuple[int, Sequence[str]]]:
    """The texts in runs to be read at once, each with the number of its first."""
    first = size = 0
    for number, text in enumerate(texts, 1):
        size += len(text)
        if size >= _CHARACTERS or number == len(texts):
            yield first, texts[first:number]
            first, size = number, 0


def hashed_words(texts: Sequence[str]) -> Words:
    """The words of some texts."""
    points, kinds = _read(texts)
    if kinds.max(initial=0) == _UNFOLDED:
        texts = [text.casefold() for text in texts]
        points, kinds = _read(texts)
    inside = kinds != 0
    borders = np.flatnonzero(inside[1:] != inside[:-1])
    starts, ends = borders[::2], borders[1::2]
    sums = np.zeros(len(points) + 1, dtype=np.uint64)
    powers, inverse = _powers(max(_CHARACTERS * 2, len(points)).bit_length())
    values = _ALPHABET.values[points]
    values *= powers[: len(points)]
    np.cumsum(values, out=sums[1:])
    hashes = _mixed((sums[ends] - sums[starts]) * inverse[starts])
    limits = np.cumsum([len(text) + 1 for text in texts])
    return Words(hashes, np.diff(np.searchsorted(starts, limits), prepend=0))


def _read(texts: Sequence[str]) -> tuple[NDArray[np.uint32], NDArray[np.uint8]]:
    """The code points of the texts, a break behind each, and their kinds, one break in front."""
    joined = "\n".join([*texts, ""])
    points = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    kinds = np.zeros(len(points) + 1, dtype=np.uint8)
    np.take(_ALPHABET.kinds, points, out=kinds[1:], mode="clip")
    if kinds.max() == _UNSEEN:
        _ALPHABET.learn(points[kinds[1:] == _UNSEEN])
        np.take(_ALPHABET.kinds, points, out=kinds[1:], mode="clip")
    return points, kinds


_UNFOLDED = 2
"""The kind of a character that casefolds to several, such as ß."""
_UNSEEN = 3


class _Alphabet:
    """Of each character that was seen: its kind, and a random value that both cases share.

    A kind is 0 outside words, 1 in a word, or `_UNFOLDED`. To look at all of Unicode beforehand
    would take longer than most corpora do.
    """

    def __init__(self) -> None:
        self.kinds = np.full(_CODE_POINTS, _UNSEEN, dtype=np.uint8)
        self.values = np.zeros(_CODE_POINTS, dtype=np.uint64)

    def learn(self, points: NDArray[np.uint32]) -> None:
        new = np.unique(points)
        folded = [chr(point).casefold() for point in new.tolist()]
        single = np.array([ord(c) if len(c) == 1 else 0 for c in folded], dtype=np.uint64)
        self.values[new] = _mixed((single + np.uint64(1)) * np.uint64(_BASE))
        self.kinds[new] = [_UNFOLDED if len(c) > 1 else c.isalnum() or c == "_" for c in folded]


_ALPHABET = _Alphabet()


@lru_cache(maxsize=2)
def _powers(bits: int) -> tuple[Hashes, Hashes]:
    """The first 2^bits powers of the base and of its inverse modulo 2^64."""
    made = []
    for base in (_BASE, pow(_BASE, -1, 1 << 64)):
        row = np.full(1 << bits, base, dtype=np.uint64)
        row[0] = 1
        made.append(np.cumprod(row, dtype=np.uint64))
    return made[0], made[1]


def _odd(place: int) -> int:
    return pow(0xD1342543DE82EF95, place + 1, 1 << 64) | 1


def _mixed(values: Hashes) -> Hashes:
    """Every bit of the input moves every bit of the output; the finalizer of splitmix64."""
    values ^= values >> np.uint64(30)
    values *= np.uint64(0xBF58476D1CE4E5B9)
    values ^= values >> np.uint64(27)
    values *= np.uint64(0x94D049BB133111EB)
    values ^= values >> np.uint64(31)
    return values
