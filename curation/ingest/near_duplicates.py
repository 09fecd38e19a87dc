"""Near-duplicate clusters: texts that share most of their word shingles.

Candidates come from MinHash with locality-sensitive hashing (Broder 1997; Leskovec, Rajaraman and
Ullman, Mining of Massive Datasets, ch. 3; the `rensa` library); every candidate pair is verified on
the shingles themselves, so the hashing can miss a pair but never invents one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

__all__ = ["clusters", "similarity"]

Shingles = frozenset[tuple[str, ...]]

_WORD = re.compile(r"\w+")
_PERMUTATIONS = 192
_ROWS = (8, 6, 4, 3, 2, 1)
_RECALL = 0.99
_BATCH = 1000

SHORT_SHINGLE = 2
"""Words in a shingle of a short text, where one changed word would spoil most longer shingles."""
SHORT_TEXT = 30
LONG_TEXT = 60
"""Pairs with a text under SHORT_TEXT words are compared by short shingles, others by long ones.
Texts up to LONG_TEXT words are looked up both ways: no pair of similarity 0.5 falls between."""

CONTAINED = 0.8
"""Share of the shorter text's shingles in the longer one that makes the two near-duplicates."""
CONTAINED_MINIMUM = 30
"""Shingles that the shorter text must have for that."""


def similarity(a: str, b: str, *, shingle: int = 5) -> float:
    """Jaccard similarity of the word shingles: shared / all, in [0, 1], case ignored.

    Of texts with fewer than 30 words, shingles have two words. Two texts without a word have
    similarity 1 if they are the same, else 0.
    """
    return _jaccard(*_comparable(_words(a), _words(b), shingle)) if a != b else 1.0


def clusters(
    texts: Mapping[str, str] | Iterable[tuple[str, str]],
    *,
    threshold: float = 0.5,
    shingle: int = 5,
    seed: int = 1,
) -> dict[str, str]:
    """Map each uid to its cluster: the smallest uid among its near-duplicates, itself included.

    Two texts are joined if their similarity is at least `threshold` (in (0, 1]), or if one of
    thirty shingles or more lies almost wholly in the other; clusters are the transitive closure.
    Pairs at the threshold are found with probability 0.99 or more; containment is found as far as
    the hashing proposes the pair. The order of `texts` does not matter.
    """
    items = sorted(dict(texts).items())
    forest = _Forest(len(items))

    @lru_cache(maxsize=4096)
    def words(index: int) -> tuple[str, ...]:
        return _words(items[index][1])

    for i, j in _same_text(items):
        forest.join(i, j)
    for i, j in _candidates(len(items), words, threshold, shingle, seed):
        if forest.root(i) != forest.root(j) and _near(words(i), words(j), threshold, shingle):
            forest.join(i, j)
    return {uid: items[forest.root(i)][0] for i, (uid, _) in enumerate(items)}


class _Forest:
    """Union-find whose roots are the smallest members."""

    def __init__(self, size: int) -> None:
        self._parent = list(range(size))

    def root(self, index: int) -> int:
        while self._parent[index] != index:
            self._parent[index] = self._parent[self._parent[index]]
            index = self._parent[index]
        return index

    def join(self, a: int, b: int) -> None:
        low, high = sorted((self.root(a), self.root(b)))
        self._parent[high] = low


def _same_text(items: Sequence[tuple[str, str]]) -> Iterator[tuple[int, int]]:
    first: dict[str, int] = {}
    for index, (_, text) in enumerate(items):
        yield first.setdefault(text, index), index


def _candidates(
    size: int,
    words: Callable[[int], tuple[str, ...]],
    threshold: float,
    shingle: int,
    seed: int,
) -> Iterator[tuple[int, int]]:
    lengths = [len(words(index)) for index in range(size)]
    short = [i for i, n in enumerate(lengths) if 0 < n < LONG_TEXT]
    long = [i for i, n in enumerate(lengths) if n >= SHORT_TEXT]
    yield from _proposed(short, words, threshold, min(shingle, SHORT_SHINGLE), seed)
    yield from _proposed(long, words, threshold, shingle, seed)


def _proposed(
    members: Sequence[int],
    words: Callable[[int], tuple[str, ...]],
    threshold: float,
    width: int,
    seed: int,
) -> Iterator[tuple[int, int]]:
    from rensa import RMinHash, RMinHashLSH  # only a command that clusters needs it

    index = RMinHashLSH(threshold, _PERMUTATIONS, _bands(threshold))
    for start in range(0, len(members), _BATCH):
        batch = members[start : start + _BATCH]
        tokens = [[" ".join(s) for s in _shingles(words(i), width)] for i in batch]
        hashes = RMinHash.from_token_sets(tokens, _PERMUTATIONS, seed)
        index.insert_many(hashes, start)
        for member, found in zip(batch, index.query_all(hashes), strict=True):
            yield from ((members[key], member) for key in sorted(found) if members[key] != member)


def _bands(threshold: float) -> int:
    """The fewest bands that find a pair at the threshold t: 1 - (1 - t^rows)^bands >= 0.99."""
    found = (
        _PERMUTATIONS // rows
        for rows in _ROWS
        if 1 - (1 - threshold**rows) ** (_PERMUTATIONS // rows) >= _RECALL
    )
    return next(found, _PERMUTATIONS)


def _words(text: str) -> tuple[str, ...]:
    return tuple(_WORD.findall(text.casefold()))


def _shingles(words: Sequence[str], width: int) -> Shingles:
    """Runs of `width` words; of fewer words, all of them as one."""
    last = max(1, len(words) - width + 1) if words else 0
    return frozenset(tuple(words[i : i + width]) for i in range(last))


def _comparable(a: Sequence[str], b: Sequence[str], shingle: int) -> tuple[Shingles, Shingles]:
    width = shingle if min(len(a), len(b)) >= SHORT_TEXT else min(shingle, SHORT_SHINGLE)
    return _shingles(a, width), _shingles(b, width)


def _jaccard(a: Shingles, b: Shingles) -> float:
    return len(a & b) / len(a | b) if a and b else 0.0


def _near(a: Sequence[str], b: Sequence[str], threshold: float, shingle: int) -> bool:
    first, second = _comparable(a, b, shingle)
    if _jaccard(first, second) >= threshold:
        return True
    shorter = min(len(first), len(second))
    return shorter >= CONTAINED_MINIMUM and len(first & second) >= CONTAINED * shorter
