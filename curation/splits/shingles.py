r"""Texts as sets of hashed word shingles, a batch at a time in numpy.

A word is a run of letters, digits and underscores of the folded text (`\\w+`). Its hash is a
polynomial over random values of its characters, modulo 2^64, taken from prefix sums; a shingle's
is a combination of those of its words (Karp & Rabin 1987; mixed as in splitmix64, Steele et al.
2014). Two different shingles have the same hash with a probability of about 2^-64.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TypeAlias
from unicodedata import category, normalize

import numpy as np
from numpy.typing import NDArray

__all__ = ["Hashes", "Ints", "Words", "batches", "folded", "hashed_words", "shingles"]

Hashes: TypeAlias = NDArray[np.uint64]
Ints: TypeAlias = NDArray[np.int64]

_CHARACTERS = 1 << 19
"""About how many characters are hashed at once: with fewer, two threads wait for each other."""
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
    values, kinds = _read(texts)
    if kinds.max(initial=0) == _UNFOLDED:
        texts = [folded(text) for text in texts]
        values, kinds = _read(texts)
    inside = np.zeros(len(kinds) + 1, dtype=bool)
    np.not_equal(kinds, 0, out=inside[1:])
    borders = np.flatnonzero(inside[1:] != inside[:-1])
    powers, inverse = _powers(max(_CHARACTERS * 2, len(values)).bit_length())
    values *= powers[: len(values)]
    starts = borders[::2]
    sums = np.add.reduceat(values, borders)[::2] if len(borders) else values[:0]
    limits = np.cumsum([len(text) + 1 for text in texts])
    counts = np.diff(np.searchsorted(starts, limits), prepend=0)
    return Words(_mixed(sums * inverse[starts]), counts)


def folded(text: str) -> str:
    """The text as it is compared: composed, without invisible characters, in lower case."""
    plain = normalize("NFC", text)
    return "".join(c for c in plain if category(c) != "Cf").casefold()


def _read(texts: Sequence[str]) -> tuple[Hashes, NDArray[np.uint8]]:
    """Value and kind of each character of the texts, and of a break behind each."""
    joined = "\n".join([*texts, ""]).encode("utf-32-le", "surrogatepass")
    points = np.frombuffer(joined, dtype=np.uint32).astype(np.intp)
    values = _ALPHABET.values.take(points, mode="clip")
    kinds = _kinds(values)
    if kinds.max() == _UNSEEN:
        _ALPHABET.learn(points[kinds == _UNSEEN])
        values = _ALPHABET.values.take(points, mode="clip")
        kinds = _kinds(values)
    return values, kinds


def _kinds(values: Hashes) -> NDArray[np.uint8]:
    """The lowest byte of each value."""
    return np.ascontiguousarray(values.astype("<u8", copy=False).view(np.uint8)[::8])


_UNFOLDED = 2
"""The kind of a character that needs `folded`: one that casefolds to several, such as ß, an accent
that stands for itself, one that is not seen, such as a soft hyphen."""
_UNSEEN = 3


class _Alphabet:
    """Of each character that was seen: a random value that both cases share, its kind as last byte.

    A kind is 0 outside words, 1 in a word, or `_UNFOLDED`. To look at all of Unicode beforehand
    would take longer than most corpora do.
    """

    def __init__(self) -> None:
        self.values = np.full(_CODE_POINTS, _UNSEEN, dtype=np.uint64)

    def learn(self, points: NDArray[np.intp]) -> None:
        new = np.unique(points)
        cases = [chr(point).casefold() for point in new.tolist()]
        single = np.array([ord(c) if len(c) == 1 else 0 for c in cases], dtype=np.uint64)
        kinds = [_UNFOLDED if _special(c) else c.isalnum() or c == "_" for c in cases]
        values = _mixed((single + np.uint64(1)) * np.uint64(_BASE))
        self.values[new] = (values & ~np.uint64(255)) | np.array(kinds, dtype=np.uint64)


def _special(case: str) -> bool:
    return len(case) > 1 or category(case) in {"Cf", "Mn"}


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
