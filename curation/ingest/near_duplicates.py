"""Near-duplicate clusters: texts that share most of their word shingles.

Every pair that is there is found; `curation.splits.similar` says how. MinHash with
locality-sensitive hashing (Broder 1997) is slower, and misses some.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from curation.splits.forest import Forest
from curation.splits.shingles import folded
from curation.splits.similar import Near, Reading, join, shingled

__all__ = ["clusters", "similarity"]

Shingles = frozenset[tuple[str, ...]]

_WORD = re.compile(r"\w+")

SHORT_SHINGLE = 2
"""Words in a shingle of a short text, where one changed word would spoil most longer shingles."""
SHORT_TEXT = 30
"""Pairs with a text under so many words are compared by short shingles, others by long ones."""

CONTAINED = 0.8
"""Share of the shorter text's shingles in the longer one that makes the two near-duplicates."""
CONTAINED_MINIMUM = 30
"""Shingles that the shorter text must have for that."""


def similarity(a: str, b: str, *, shingle: int = 5) -> float:
    """Jaccard similarity of the word shingles: shared / all, in [0, 1], case ignored.

    Of texts with fewer than 30 words, shingles have two words. Two texts without a word have
    similarity 1 if they are the same, else 0.
    """
    if a == b:
        return 1.0
    words = [_WORD.findall(folded(text)) for text in (a, b)]
    brief = min(map(len, words)) < SHORT_TEXT
    first, second = (_shingles(w, min(shingle, SHORT_SHINGLE) if brief else shingle) for w in words)
    return len(first & second) / len(first | second) if first and second else 0.0


def clusters(
    texts: Mapping[str, str] | Iterable[tuple[str, str]],
    *,
    threshold: float = 0.5,
    shingle: int = 5,
) -> dict[str, str]:
    """Map each uid to its cluster: the smallest uid among its near-duplicates, itself included.

    Two texts are joined if their similarity is at least `threshold` (in (0, 1]), or if one of
    thirty shingles or more lies almost wholly in the other; clusters are the transitive closure.
    The order of `texts` does not matter.
    """
    items = sorted(dict(texts).items())
    forest = Forest(len(items))
    for i, j in _same_text(items):
        forest.join(i, j)
    near = Near(threshold, CONTAINED, CONTAINED_MINIMUM)
    long, short = shingled(
        [text for _, text in items],
        Reading(shingle, low=SHORT_TEXT),
        # No longer text can be so similar to a brief one.
        Reading(min(shingle, SHORT_SHINGLE), high=SHORT_TEXT / threshold),
    )
    join(long, near, forest)
    join(short, near, forest, one_of=long.sizes == 0)
    roots = forest.roots().tolist()
    return {uid: items[root][0] for root, (uid, _) in zip(roots, items, strict=True)}


def _same_text(items: Sequence[tuple[str, str]]) -> Iterator[tuple[int, int]]:
    first: dict[str, int] = {}
    for index, (_, text) in enumerate(items):
        yield first.setdefault(text, index), index


def _shingles(words: Sequence[str], width: int) -> Shingles:
    """Runs of `width` words; of fewer words, all of them as one."""
    last = max(1, len(words) - width + 1) if words else 0
    return frozenset(tuple(words[i : i + width]) for i in range(last))
