"""Texts in different languages that tell the same, by the names, numbers and dates they share.

Each clue weighs as much as it is rare (its inverse document frequency, Spärck Jones 1972). The
score of a pair is the weight of what both have, divided by that of what the one with less has, of
clues that occur in more than one language.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from curation.splits.names import clues
from curation.splits.shingles import Ints

__all__ = ["LEAST", "SCORE", "Translation", "translations"]

SCORE = 0.6
"""From this score on, two texts are taken for translations."""
LEAST = 3
"""Clues that they must share."""
_RARE = 60
"""A clue in more texts than that proposes no pair."""
_AT_ONCE = 2_000
"""Texts that are compared with all others together."""


@dataclass(frozen=True, slots=True)
class Translation:
    """Two texts by their numbers, the score in [0, 1], and the clues they share."""

    first: int
    second: int
    score: float
    shared: tuple[str, ...]


@dataclass(frozen=True)
class _Clues:
    """Texts by clues that occur in two languages or more, with the weight of each clue."""

    names: Sequence[str]
    matrix: Any
    weights: Any


def translations(
    texts: Sequence[str], languages: Sequence[str], *, score: float = SCORE
) -> list[Translation]:
    """Pairs in different languages with at least this score, by number."""
    if len(set(languages)) < 2:
        return []
    number = {language: i for i, language in enumerate(sorted(set(languages)))}
    spoken = np.array([number[language] for language in languages], dtype=np.int64)
    found = _clues(texts, spoken)
    totals = np.asarray(found.matrix @ found.weights).ravel()
    return sorted(
        (
            Translation(i, j, round(value, 4), _shared(found, i, j))
            for i, j in _candidates(found.matrix, spoken)
            if (value := _score(found, totals, i, j)) >= score
        ),
        key=lambda t: (t.first, t.second),
    )


def _clues(texts: Sequence[str], spoken: Ints) -> _Clues:
    from scipy.sparse import csr_matrix

    column: dict[str, int] = {}
    columns: list[int] = []
    ends = [0]
    for text in texts:
        columns += [column.setdefault(clue, len(column)) for clue in sorted(clues(text))]
        ends.append(len(columns))
    ones = np.ones(len(columns))
    matrix = csr_matrix((ones, columns, ends), shape=(len(texts), len(column))).tocsc()
    member = np.eye(int(spoken.max()) + 1)[spoken]
    several = (np.asarray(matrix.T @ member) > 0).sum(axis=1) > 1
    names = np.array(list(column), dtype=object)[several]
    matrix = matrix[:, several]
    counts = np.diff(matrix.indptr)
    return _Clues(names.tolist(), matrix.tocsr(), np.log((1 + len(texts)) / (1 + counts)))


def _candidates(matrix: Any, spoken: Ints) -> Iterator[tuple[int, int]]:
    """Pairs that share `LEAST` clues, the first before the second."""
    rare = matrix.tocsc()[:, np.flatnonzero(np.diff(matrix.tocsc().indptr) <= _RARE)].tocsr()
    others = rare.T.tocsr()
    for first in range(0, rare.shape[0], _AT_ONCE):
        shared = (rare[first : first + _AT_ONCE] @ others).tocoo()
        i, j = shared.row + first, shared.col
        kept = (shared.data >= LEAST) & (i < j) & (spoken[i] != spoken[j])
        yield from zip(i[kept].tolist(), j[kept].tolist(), strict=True)


def _both(found: _Clues, i: int, j: int) -> Ints:
    starts = found.matrix.indptr
    a = found.matrix.indices[starts[i] : starts[i + 1]]
    b = found.matrix.indices[starts[j] : starts[j + 1]]
    return np.asarray(np.intersect1d(a, b, assume_unique=True))


def _score(found: _Clues, totals: Any, i: int, j: int) -> float:
    least = min(totals[i], totals[j])
    return float(found.weights[_both(found, i, j)].sum() / least) if least > 0 else 0.0


def _shared(found: _Clues, i: int, j: int) -> tuple[str, ...]:
    return tuple(sorted(found.names[k] for k in _both(found, i, j)))
