"""Texts in different languages that tell the same, by the names, numbers and dates they share.

Each clue weighs as much as it is rare (its inverse document frequency, Spärck Jones 1972). The
score of a pair is the weight of what both have, divided by that of what the one with less has, of
clues that occur in more than one language.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from curation.splits.shingles import Ints

__all__ = ["SCORE", "Alike", "alike", "translations"]

SCORE = 0.6
"""From this score on, two texts are taken for translations."""
_LEAST = 3
"""Clues that they must share."""
_RARE = 200
"""A clue in more texts than that proposes no pair."""
_AT_ONCE = 2_000
"""Texts that are compared with all others together."""


@dataclass(frozen=True, slots=True)
class Alike:
    """Two texts by their numbers, the score in [0, 1], the clues they share and their weight."""

    first: int
    second: int
    score: float
    weight: float
    shared: tuple[str, ...]


def translations(
    given: Iterable[Collection[str]], languages: Sequence[str], *, score: float = SCORE
) -> list[Alike]:
    """Pairs of texts in two languages, by their clues, with at least this score; by number."""
    if len(set(languages)) < 2:
        return []
    number = {language: i for i, language in enumerate(sorted(set(languages)))}
    spoken = np.array([number[language] for language in languages], dtype=np.int64)
    return alike(given, spoken, score=score, least=_LEAST)


def alike(
    given: Iterable[Collection[str]], apart: Ints, *, score: float, least: int
) -> list[Alike]:
    """Pairs with different values in `apart`, `least` common clues and this score, by number."""
    found = _Clues(given, apart)
    made = (found.pair(i, j) for i, j in found.candidates(least))
    return sorted((p for p in made if p.score >= score), key=lambda p: (p.first, p.second))


class _Clues:
    """Texts by clues that occur with different values of `apart`, and the weight of each clue."""

    def __init__(self, given: Iterable[Collection[str]], apart: Ints) -> None:
        from scipy.sparse import csr_matrix

        column: dict[str, int] = {}
        columns: list[int] = []
        ends = [0]
        for one in given:
            columns += [column.setdefault(clue, len(column)) for clue in sorted(one)]
            ends.append(len(columns))
        ones = np.ones(len(columns))
        matrix = csr_matrix((ones, columns, ends), shape=(len(apart), len(column))).tocsc()
        member = np.eye(int(apart.max(initial=0)) + 1)[apart]
        several = (np.asarray(matrix.T @ member) > 0).sum(axis=1) > 1
        matrix = matrix[:, several]
        self._apart = apart
        self._counts = np.diff(matrix.indptr)
        self._matrix: Any = matrix.tocsr()
        self._matrix.sort_indices()
        self._names = np.array(list(column), dtype=object)[several].tolist()
        self._weights = np.log((1 + len(apart)) / (1 + self._counts))
        self._totals = np.asarray(self._matrix @ self._weights).ravel()

    def candidates(self, least: int) -> Iterator[tuple[int, int]]:
        """Pairs that share so many clues, the first before the second."""
        rare = self._matrix[:, np.flatnonzero(self._counts <= _RARE)]
        others = rare.T.tocsr()
        for first in range(0, rare.shape[0], _AT_ONCE):
            shared = (rare[first : first + _AT_ONCE] @ others).tocoo()
            i, j = shared.row + first, shared.col
            kept = (shared.data >= least) & (i < j) & (self._apart[i] != self._apart[j])
            yield from zip(i[kept].tolist(), j[kept].tolist(), strict=True)

    def pair(self, i: int, j: int) -> Alike:
        """With its score."""
        starts, columns = self._matrix.indptr, self._matrix.indices
        a, b = (columns[starts[k] : starts[k + 1]] for k in (i, j))
        both = np.intersect1d(a, b, assume_unique=True)
        least = min(self._totals[i], self._totals[j])
        weight = float(self._weights[both].sum())
        score = round(weight / least, 4) if least > 0 else 0.0
        shared = tuple(sorted(self._names[k] for k in both))
        return Alike(i, j, score, round(weight, 4), shared)
