"""Which texts share most of their word shingles: an exact join over all pairs.

Two texts that share a part r of the shorter one's shingles share one of its rarest
n - ceil(r n) + 1 (prefix filtering: Chaudhuri, Ganti & Kaushik 2006; Bayardo, Ma & Srikant 2007).
News has few shingles that occur in more than one text, so that few texts have a prefix at all; no
pair is missed, and each is compared shingle by shingle.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from math import inf
from typing import TYPE_CHECKING, Any

import numpy as np

from curation.splits.forest import Forest
from curation.splits.shingles import Hashes, Ints, Words, batches, hashed_words, shingles

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Near", "Pairs", "Reading", "Shingled", "join", "near_pairs", "shingled"]

_AT_ONCE = 1 << 21
"""Candidate pairs that are looked at together."""
_THREADS = 2
_COMPARED = 1 << 22
"""Shingles that are compared together."""


@dataclass(frozen=True, slots=True)
class Near:
    """What makes two texts near: Jaccard similarity, or the share of the shorter one's shingles.

    `contained` counts only from `minimum` shingles on. Both lie in (0, 1].
    """

    jaccard: float
    contained: float
    minimum: int = 1

    @property
    def share(self) -> float:
        """The least part of the shorter text's shingles that near texts have in common."""
        return min(2 * self.jaccard / (1 + self.jaccard), self.contained)

    def holds(self, shared: Ints, shorter: Ints, longer: Ints) -> NDArray[np.bool_]:
        """Whether pairs with so many shingles, and so many in common, are near."""
        alike = shared >= self.jaccard * (shorter + longer - shared) - 1e-9
        within = (shared >= self.contained * shorter - 1e-9) & (shorter >= self.minimum)
        return (shared > 0) & (alike | within)


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs of texts by their numbers, with the shingles they share, of the shorter, of the longer.

    The shorter text is the first of a pair, of two alike the one that comes first.
    """

    first: Ints
    second: Ints
    shared: Ints
    shorter: Ints
    longer: Ints

    def chosen(self, which: NDArray[np.bool_]) -> Pairs:
        """Those for which `which` is true."""
        return Pairs(
            self.first[which],
            self.second[which],
            self.shared[which],
            self.shorter[which],
            self.longer[which],
        )


@dataclass(frozen=True)
class Shingled:
    """The distinct shingles of texts: how many each has, and where those of several texts are.

    `terms` and `texts` say which shared shingle stands in which text, ordered by term; `counts`
    in how many texts each term is.
    """

    sizes: Ints
    terms: NDArray[np.int32]
    texts: NDArray[np.int32]
    counts: Ints

    @cached_property
    def _starts(self) -> Ints:
        return np.cumsum(self.counts) - self.counts

    @cached_property
    def matrix(self) -> Any:
        """Texts by shared shingles, a sparse matrix of ones."""
        from scipy.sparse import csr_matrix

        ones = np.ones(len(self.terms), dtype=np.int32)
        shape = (len(self.sizes), len(self.counts))
        return csr_matrix((ones, (self.texts, self.terms)), shape=shape)

    def compared(self, a: Ints, b: Ints) -> Pairs:
        """The pairs of the texts `a` and `b`, each once, with what they share."""
        swap = (self.sizes[a] > self.sizes[b]) | ((self.sizes[a] == self.sizes[b]) & (a > b))
        first, second = np.where(swap, b, a), np.where(swap, a, b)
        shared = np.concatenate(
            [np.zeros(0, dtype=np.int64), *(self._shared(*p) for p in _slices(first, second, self))]
        )
        return Pairs(first, second, shared, self.sizes[first], self.sizes[second])

    def _shared(self, first: Ints, second: Ints) -> Ints:
        both = self.matrix[first].multiply(self.matrix[second])
        return np.asarray(both.sum(axis=1), dtype=np.int64).ravel()

    def prefixes(self, share: float) -> tuple[Ints, Ints]:
        """Texts and places in `terms`: the rarest shared shingles of each, rarest first.

        As many as a text needs to have one in common with any longer text that has `share` of its
        shingles.
        """
        least = np.maximum(np.ceil(share * self.sizes - 1e-9).astype(np.int64), 1)
        alone = self.sizes - np.bincount(self.texts, minlength=len(self.sizes))
        wanted = self.sizes - least + 1 - alone
        places = np.flatnonzero(wanted[self.texts] > 0)
        order = np.lexsort(
            (self.terms[places], self.counts[self.terms[places]], self.texts[places])
        )
        places = places[order]
        texts = self.texts[places].astype(np.int64)
        rank = np.arange(len(places)) - np.searchsorted(texts, texts)
        kept = rank < wanted[texts]
        by_rank = np.argsort(rank[kept], kind="stable")
        return texts[kept][by_rank], places[kept][by_rank]

    def neighbours(self, texts: Ints, places: Ints) -> Iterator[tuple[Ints, Ints]]:
        """Each of `texts` with the longer texts that have the shingle at its place."""
        terms = self.terms[places]
        numbers = self.counts[terms]
        for low, high in _runs(numbers, _AT_ONCE):
            n = numbers[low:high]
            inner = np.arange(n.sum()) - np.repeat(np.cumsum(n) - n, n)
            others = self.texts[np.repeat(self._starts[terms[low:high]], n) + inner]
            mine = np.repeat(texts[low:high], n)
            others = others.astype(np.int64)
            longer = self.sizes[others] > self.sizes[mine]
            kept = longer | ((self.sizes[others] == self.sizes[mine]) & (others > mine))
            yield mine[kept], others[kept]


@dataclass(frozen=True, slots=True)
class Reading:
    """Shingles of `width` words, of texts with at least `low` and fewer than `high` words."""

    width: int
    low: int = 1
    high: float = inf

    def of(self, words: Words) -> tuple[Hashes, Ints]:
        """The shingles of those texts, none of the others."""
        chosen = (words.counts >= self.low) & (words.counts < self.high)
        if not chosen.any():
            return np.zeros(0, dtype=np.uint64), np.zeros_like(words.counts)
        hashes, counts = shingles(words, self.width)
        if chosen.all():
            return hashes, counts
        return hashes[np.repeat(chosen, counts)], np.where(chosen, counts, 0)


def shingled(texts: Sequence[str], *readings: Reading) -> list[Shingled]:
    """The shingles of the texts, by each reading."""
    bits = max(1, (len(texts) - 1).bit_length())

    def read(batch: tuple[int, Sequence[str]]) -> list[tuple[Hashes, Ints]]:
        words = hashed_words(batch[1])
        numbers = np.arange(batch[0], batch[0] + len(batch[1]), dtype=np.uint64)
        made = []
        for reading in readings:
            keys, counts = reading.of(words)
            # Hash and number in one integer: sorting it is several times as fast as sorting both.
            keys <<= np.uint64(bits)
            keys |= np.repeat(numbers, counts)
            made.append((keys, counts))
        return made

    with ThreadPoolExecutor(_THREADS) as pool:  # numpy lets other threads run
        done = list(pool.map(read, batches(texts)))
    found = []
    for i in range(len(readings)):
        parts = [batch[i] for batch in done]
        keys = np.concatenate([np.zeros(0, dtype=np.uint64), *(keys for keys, _ in parts)])
        counts = np.concatenate([np.zeros(0, dtype=np.int64), *(n for _, n in parts)])
        for batch in done:
            batch[i] = (keys[:0], counts[:0])
        del parts
        keys.sort()
        found.append(_shingled(keys, bits, counts))
    return found


def _shingled(keys: Hashes, bits: int, counts: Ints) -> Shingled:
    """From sorted keys and how many each text has, repeats included."""
    low = np.uint64((1 << bits) - 1)
    differs = keys[1:] ^ keys[:-1]
    same = np.flatnonzero(differs <= low)  # the next one is the same shingle, here or elsewhere
    again = same[differs[same] == 0]
    del differs
    repeated = np.bincount((keys[again] & low).astype(np.int64), minlength=len(counts))
    places = np.setdiff1d(np.union1d(same, same + 1), again, assume_unique=True)
    keys = keys[places]
    heads = _new(keys >> np.uint64(bits))
    several = ~heads
    several[:-1] |= several[1:]
    keys, heads = keys[several], heads[several]
    starts = np.flatnonzero(heads)
    return Shingled(
        sizes=counts - repeated,
        terms=np.cumsum(heads, dtype=np.int32) - np.int32(1),
        texts=(keys & low).astype(np.int32),
        counts=np.diff(starts, append=len(keys)),
    )


def _new(values: Hashes) -> NDArray[np.bool_]:
    """Whether each of the sorted values differs from the one before."""
    found = np.ones(len(values), dtype=bool)
    np.not_equal(values[1:], values[:-1], out=found[1:])
    return found


def join(
    found: Shingled,
    near: Near,
    forest: Forest,
    *,
    one_of: NDArray[np.bool_] | None = None,
) -> None:
    """Put near texts into one tree of the forest; pairs that already are in one are passed over.

    With `one_of`, pairs that have no text for which it is true are passed over too.
    """
    texts, places = found.prefixes(near.share)
    # Copies of one text by the thousand become one tree here, before all their pairs are made.
    following = np.minimum(places + 1, max(len(found.texts) - 1, 0))
    linked = (following > places) & (found.terms[following] == found.terms[places])
    beside = found.texts[following[linked]].astype(np.int64)
    for mine, others in chain([(texts[linked], beside)], found.neighbours(texts, places)):
        roots = forest.roots()
        open_ = roots[mine] != roots[others]
        if one_of is not None:
            open_ &= one_of[mine] | one_of[others]
        pairs = found.compared(*_distinct(mine[open_], others[open_], len(found.sizes)))
        pairs = pairs.chosen(near.holds(pairs.shared, pairs.shorter, pairs.longer))
        for a, b in zip(pairs.first.tolist(), pairs.second.tolist(), strict=True):
            forest.join(a, b)


def near_pairs(found: Shingled, near: Near, apart: Ints) -> Iterator[Pairs]:
    """All near pairs whose texts differ in `apart`, some twice."""
    for mine, others in found.neighbours(*found.prefixes(near.share)):
        differ = apart[mine] != apart[others]
        pairs = found.compared(*_distinct(mine[differ], others[differ], len(found.sizes)))
        yield pairs.chosen(near.holds(pairs.shared, pairs.shorter, pairs.longer))


def _distinct(a: Ints, b: Ints, size: int) -> tuple[Ints, Ints]:
    packed = np.unique(np.minimum(a, b) * size + np.maximum(a, b))
    return packed // max(size, 1), packed % max(size, 1)


def _slices(first: Ints, second: Ints, found: Shingled) -> Iterator[tuple[Ints, Ints]]:
    for low, high in _runs(found.sizes[first] + found.sizes[second], _COMPARED):
        yield first[low:high], second[low:high]


def _runs(sizes: Ints, limit: int) -> Iterator[tuple[int, int]]:
    """Borders of runs whose sizes add up to about `limit`, each of one or more."""
    ends = np.cumsum(sizes)
    low = 0
    while low < len(sizes):
        before = ends[low - 1] if low else 0
        high = max(low + 1, int(np.searchsorted(ends, before + limit, side="right")))
        yield low, high
        low = high
