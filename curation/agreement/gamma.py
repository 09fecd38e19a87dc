"""γ (Mathet, Widlöcher & Métivier 2015): agreement on units by their best alignment.

A unitary alignment takes at most one unit of each annotator; its disorder is the mean, over all
pairs of annotators, of how unlike their units are, an absent unit costing `delta_empty`. The best
alignment puts every unit into exactly one unitary alignment at the least total disorder.

    position      = ((|Δstart| + |Δend|) / (length + length))²
    category      = 1 where they differ, else 0
    dissimilarity = delta_empty · (alpha · position + beta · category)
    disorder      = total of unitary disorders / mean number of units an annotator
    γ             = 1 - disorder / mean disorder of chance continua

Chance: the "shuffle" model: annotators are drawn with replacement and each is rotated around the
continuum by its own random offset. The value depends on this model, so it is part of the name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, islice
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "MAX_CANDIDATES",
    "Dissimilarity",
    "Rows",
    "TooDense",
    "Unit",
    "best_alignment",
    "best_alignment_disorder",
    "gamma",
    "gamma_sums",
    "shuffled",
]

MAX_CANDIDATES = 50_000
"""The limit for three and more annotators: ways to align units of one component."""

Floats: TypeAlias = NDArray[np.float64]
Unit: TypeAlias = tuple[float, float, str]
Places: TypeAlias = NDArray[np.intp]
Rows: TypeAlias = Sequence[Sequence[Unit]]


class TooDense(ValueError):
    """Units of three or more annotators overlap too densely for an exact alignment."""


@dataclass(frozen=True, slots=True)
class Dissimilarity:
    """Weights of position (`alpha`) and category (`beta`), and the cost of an absent unit."""

    alpha: float = 1.0
    beta: float = 1.0
    delta_empty: float = 1.0

    def between(self, a: Sequence[Unit], b: Sequence[Unit]) -> Floats:
        """Dissimilarities, units of `a` x units of `b`."""
        starts, ends, labels = _columns(a)
        other_starts, other_ends, other_labels = _columns(b)
        moved = np.abs(starts[:, None] - other_starts) + np.abs(ends[:, None] - other_ends)
        lengths = (ends - starts)[:, None] + (other_ends - other_starts)
        differ = labels[:, None] != other_labels
        unlike: Floats = self.alpha * (moved / lengths) ** 2 + self.beta * differ
        return unlike * self.delta_empty


def _columns(units: Sequence[Unit]) -> tuple[Floats, Floats, NDArray[np.str_]]:
    starts = np.array([unit[0] for unit in units], dtype=np.float64)
    ends = np.array([unit[1] for unit in units], dtype=np.float64)
    return starts, ends, np.array([unit[2] for unit in units], dtype=np.str_)


def best_alignment_disorder(
    annotations: Mapping[str, Sequence[Unit]], dissimilarity: Dissimilarity | None = None
) -> float | None:
    """Disorder of the best alignment; None where there is no unit or only one annotator.

    Two annotators: an assignment problem. More: a set partition over the unitary alignments that
    can pay, solved exactly for each component of units that hang together; TooDense where one of
    these has more than MAX_CANDIDATES alignments.
    """
    return _disorder(list(annotations.values()), dissimilarity or Dissimilarity())


def _disorder(rows: Rows, dissimilarity: Dissimilarity) -> float | None:
    n_units = sum(map(len, rows))
    if len(rows) < 2 or not n_units:
        return None
    solve = _of_two if len(rows) == 2 else _of_many
    return solve(rows, dissimilarity) / (n_units / len(rows))


def _of_two(rows: Rows, dissimilarity: Dissimilarity) -> float:
    """Least total: leaving two units unaligned costs 2 · delta_empty."""
    return dissimilarity.delta_empty * sum(map(len, rows)) + float(
        _pairs_of_two(rows, dissimilarity)[2].sum()
    )


def _pairs_of_two(rows: Rows, dissimilarity: Dissimilarity) -> tuple[Places, Places, Floats]:
    """Units that are put together, and what each pair gains over being left alone, at most 0."""
    from scipy.optimize import linear_sum_assignment  # slow to import, and only for this

    first, second = rows
    if not first or not second:
        return np.zeros(0, dtype=np.intp), np.zeros(0, dtype=np.intp), np.zeros(0)
    gain = np.minimum(dissimilarity.between(first, second) - 2 * dissimilarity.delta_empty, 0)
    row, column = linear_sum_assignment(gain)
    return row, column, gain[row, column]


def _of_many(rows: Rows, dissimilarity: Dissimilarity) -> float:
    """Solved component by component: units that are too unlike to pay together never meet."""
    return sum(_of_component(part, dissimilarity)[0] for part in _parts(rows, dissimilarity))


def best_alignment(rows: Rows, dissimilarity: Dissimilarity) -> list[tuple[Unit, ...]]:
    """The unitary alignments of the best alignment: units of different annotators.

    TooDense as for the disorder.
    """
    if not any(rows):
        return []
    if len(rows) > 2:
        solved = (_of_component(part, dissimilarity)[1] for part in _parts(rows, dissimilarity))
        return [aligned for part in solved for aligned in part]
    row, column, gain = _pairs_of_two(rows, dissimilarity)
    together = [*zip(row[gain < 0].tolist(), column[gain < 0].tolist(), strict=True)]
    taken = {(0, i) for i, _ in together} | {(1, j) for _, j in together}
    alone = [(u,) for k, side in enumerate(rows) for i, u in enumerate(side) if (k, i) not in taken]
    return [*((rows[0][i], rows[1][j]) for i, j in together), *alone]


def _parts(rows: Rows, dissimilarity: Dissimilarity) -> Iterator[list[list[Unit]]]:
    """Units that hang together by likeness, as rows of all annotators."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    units = [(i, unit) for i, row in enumerate(rows) for unit in row]
    between = dissimilarity.between([u for _, u in units], [u for _, u in units])
    owner = np.array([i for i, _ in units])
    near = between < _pairs_plus(rows) * dissimilarity.delta_empty
    near &= owner[:, None] != owner
    part = connected_components(csr_array(near), directed=False)[1]
    for number in range(int(part.max()) + 1):
        members = np.flatnonzero(part == number).tolist()
        yield [[units[m][1] for m in members if units[m][0] == i] for i in range(len(rows))]


def _pairs_plus(rows: Rows) -> float:
    """Beyond this many times delta_empty two units never pay together, see `_candidates`."""
    return len(rows) * (len(rows) - 1) / 2 + len(rows) - 1


def _of_component(rows: Rows, dissimilarity: Dissimilarity) -> tuple[float, list[tuple[Unit, ...]]]:
    """Least total, and the unitary alignments that have it."""
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import csr_array

    empty = dissimilarity.delta_empty
    first_unit = np.cumsum([0, *map(len, rows)])
    if first_unit[-1] == 1:
        return empty, [tuple(unit for row in rows for unit in row)]
    between = {
        (i, j): dissimilarity.between(rows[i], rows[j])
        for i, j in combinations(range(len(rows)), 2)
    }
    found = _candidates([len(row) for row in rows], between, empty)
    candidates = list(islice(found, MAX_CANDIDATES + 1))
    if len(candidates) > MAX_CANDIDATES:
        raise TooDense(f"more than {MAX_CANDIDATES} ways to align units that hang together")
    costs = np.array([cost for _, cost in candidates])
    units = [first_unit[i] + unit for members, _ in candidates for i, unit in members]
    owner = np.repeat(np.arange(len(candidates)), [len(members) for members, _ in candidates])
    cover = csr_array(
        (np.ones(len(units)), (units, owner)), shape=(int(first_unit[-1]), len(candidates))
    )
    solved = milp(
        costs,
        constraints=LinearConstraint(cover, 1, 1),
        integrality=np.ones(len(candidates)),
        bounds=Bounds(0, 1),
    )
    chosen = [candidates[i][0] for i in np.flatnonzero(solved.x > 0.5).tolist()]
    return float(solved.fun), [tuple(rows[i][unit] for i, unit in members) for members in chosen]


Members: TypeAlias = tuple[tuple[int, int], ...]
Candidate: TypeAlias = tuple[Members, float]


def _candidates(
    sizes: Sequence[int], between: Mapping[tuple[int, int], Floats], empty: float
) -> Iterator[Candidate]:
    """Unitary alignments (annotator, unit) with their disorder, but those that never pay.

    A unit pays its place among k only if its unlikeness to the others sums to less than
    (number of pairs of annotators + k - 1) · delta_empty; beyond that it is cheaper alone.
    """
    n_pairs = len(sizes) * (len(sizes) - 1) / 2
    near = {pair: unlike < (n_pairs + len(sizes) - 1) * empty for pair, unlike in between.items()}

    def extended(members: Members, unlike: float, annotator: int) -> Iterator[Candidate]:
        if annotator == len(sizes):
            aligned = len(members) * (len(members) - 1) / 2
            cost = (unlike + (n_pairs - aligned) * empty) / n_pairs
            if len(members) == 1 or (members and cost < len(members) * empty):
                yield members, cost
            return
        yield from extended(members, unlike, annotator + 1)
        fitting = np.ones(sizes[annotator], dtype=np.bool_)
        more = np.zeros(sizes[annotator])
        for i, unit in members:
            fitting &= near[i, annotator][unit]
            more += between[i, annotator][unit]
        for found in np.flatnonzero(fitting).tolist():
            joined = (*members, (annotator, found))
            yield from extended(joined, unlike + float(more[found]), annotator + 1)

    return extended((), 0.0, 0)


def gamma(
    annotations: Mapping[str, Sequence[Unit]],
    dissimilarity: Dissimilarity | None = None,
    *,
    seed: int = 0,
    samples: int = 30,
) -> float | None:
    """γ against `samples` shuffled continua; None where there is no unit or only one annotator."""
    measure = dissimilarity or Dissimilarity()
    rows = list(annotations.values())
    observed = _disorder(rows, measure)
    if observed is None:
        return None
    generator = np.random.default_rng(seed)
    drawn = (_disorder(shuffled(rows, generator), measure) for _ in range(samples))
    chance = [disorder for disorder in drawn if disorder is not None]
    return 1 - observed / float(np.mean(chance)) if chance else None


def gamma_sums(rows: Rows, *, seed: Sequence[int], samples: int = 30) -> tuple[float, float]:
    """Observed and expected disorder of one continuum, before it is divided by units.

    γ of several continua is 1 - Σ observed / Σ expected.
    """
    measure = Dissimilarity()
    observed = _disorder(rows, measure)
    if observed is None:
        return 0.0, 0.0
    generator = np.random.default_rng(seed)
    drawn = (_disorder(shuffled(rows, generator), measure) for _ in range(samples))
    chance = [disorder for disorder in drawn if disorder is not None]
    size = sum(map(len, rows)) / len(rows)
    return observed * size, float(np.mean(chance)) * size if chance else 0.0


def shuffled(rows: Rows, generator: np.random.Generator) -> list[list[Unit]]:
    """Annotators drawn with replacement, each rotated by an offset of its own.

    Offsets keep half a mean unit's length from each other while there is room.
    """
    units = [unit for row in rows for unit in row]
    low, high = min(0.0, *(u[0] for u in units)), max(u[1] for u in units)
    apart = sum(u[1] - u[0] for u in units) / len(units) / 2
    free = np.arange(np.floor(low), np.ceil(high))
    shuffled = []
    for _ in rows:
        offset = generator.choice(free) if len(free) else generator.uniform(low, high)
        free = free[np.abs(free - offset) > apart]
        row = rows[int(generator.integers(len(rows)))]
        shuffled.append([_rotated(unit, float(offset), low, high) for unit in row])
    return shuffled


def _rotated(unit: Unit, offset: float, low: float, high: float) -> Unit:
    moved = offset - (high - low) if unit[0] + offset > high else offset
    return unit[0] + moved, unit[1] + moved, unit[2]
