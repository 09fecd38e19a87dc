"""Krippendorff's coefficients for units marked on a continuum.

`alpha_u` is αU of 1995/2004: squared distances between boundaries, category by category.
`u_alpha`, `bar_u_alpha`, `cu_alpha`, `ku_alpha` are the family of 2016 (Krippendorff, Mathet,
Bouvry & Widlöcher, Quality & Quantity 50): lengths of intersections. The two differ; neither is
ever named like the other. All take annotator -> spans over one continuum of [begin, begin +
length), in which spans of one annotator do not overlap (αU: of one annotator and category), and
give None where they are undefined.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, permutations
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "UnitizedAlpha",
    "alpha_u",
    "alpha_u_sums",
    "unitized_alpha",
    "unitized_score",
    "unitized_sums",
]

Floats: TypeAlias = NDArray[np.float64]

Unit: TypeAlias = tuple[float, float, str]
Units: TypeAlias = Mapping[str, Sequence[Unit]]
Section: TypeAlias = tuple[float, float, bool]
"""(start, end, whether it is a unit or a gap)."""


def alpha_u(
    annotations: Units, length: float, *, begin: float = 0, category: str | None = None
) -> float | None:
    """αU = 1 - D_o / D_e, summed over categories, or of one `category`.

    Formulas of Krippendorff 2004, Quality & Quantity 38: 787-800.
    """
    if len(annotations) < 2:
        return None
    found = {label for units in annotations.values() for _, _, label in units}
    labels = sorted(found) if category is None else [category]
    observed = expected = 0.0
    for label in labels:
        rows = [_sections(units, label, begin, begin + length) for units in annotations.values()]
        observed += _observed(rows, length)
        expected += _expected(rows, length)
    return 1 - observed / expected if expected else None


def alpha_u_sums(
    rows: Sequence[Sequence[Unit]], length: float, labels: Iterable[str]
) -> tuple[float, float]:
    """Observed and expected disagreement of one continuum; αU of several is 1 - ΣD_o / ΣD_e.

    Expected disagreement pairs units within their own continuum only.
    """
    observed = expected = 0.0
    for label in labels if length else ():
        sections = [_sections(units, label, 0, length) for units in rows]
        observed += _observed(sections, length)
        expected += _expected(sections, length)
    return observed, expected


def _sections(units: Iterable[Unit], label: str, begin: float, end: float) -> list[Section]:
    """The continuum as units of `label` and the gaps around them."""
    sections: list[Section] = []
    reached = begin
    for start, stop, _ in sorted(unit for unit in units if unit[2] == label):
        if start > reached:
            sections.append((reached, start, False))
        sections.append((start, stop, True))
        reached = stop
    if reached < end:
        sections.append((reached, end, False))
    return sections


def _observed(rows: Sequence[Sequence[Section]], length: float) -> float:
    m = len(rows)
    total = sum(
        _squared(first, second) for a, b in combinations(rows, 2) for first in a for second in b
    )
    return 2 * total / (m * (m - 1) * length**2)


def _squared(a: Section, b: Section) -> float:
    """Squared distance: of boundaries where units overlap, else a unit's length within a gap."""
    if a[2] and b[2]:
        overlap = a[0] < b[1] and b[0] < a[1]
        return (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2 if overlap else 0.0
    if a[2] == b[2]:
        return 0.0
    unit, gap = (a, b) if a[2] else (b, a)
    within = gap[0] <= unit[0] and unit[1] <= gap[1]
    return (unit[1] - unit[0]) ** 2 if within else 0.0


def _expected(rows: Sequence[Sequence[Section]], length: float) -> float:
    """Disagreement of all ways of laying the units over one another and into the gaps."""
    sizes = [end - start for row in rows for start, end, is_unit in row if is_unit]
    gaps = [end - start for row in rows for start, end, is_unit in row if not is_unit]
    total = 0.0
    for size in sizes:
        total += (len(sizes) - 1) * (2 * size**3 - 3 * size**2 + size) / 3
        total += size**2 * sum(gap - size + 1 for gap in gaps if gap >= size)
    whole = len(rows) * length
    pairs = whole * (whole - 1) - sum(size * (size - 1) for size in sizes)
    return 2 / length * total / pairs if pairs else 0.0


def unitized_sums(rows: Sequence[Sequence[Unit]], length: float, labels: Sequence[str]) -> Floats:
    """What one continuum adds to the family of 2016, as `unitized_score` takes it apart.

    Coincidences of gap and labels, own sums of each (equation 4), own sums of the labels in
    intersections of units (equation 10). They are the sums of continua laid end to end.
    """
    filled = [_filled(units, 0, length) for units in rows]
    places: dict[str | None, int] = {None: 0} | {label: i for i, label in enumerate(labels, 1)}
    q = len(places)
    matrix, own, valued = np.zeros((q, q)), np.zeros(q), np.zeros(q)
    if len(filled) >= 2:
        for (row, column), n in _coincidences(filled).items():
            matrix[places[row], places[column]] += n
        for label, n in _own(filled).items():
            own[places[label]] += n
        for label, n in _own_valued(filled).items():
            valued[places[label]] += n
    return np.concatenate([matrix.ravel(), own, valued])


def unitized_score(family: str, rows: Floats, label: int = 0) -> Floats:
    """One of the family by its name, ku_alpha of the `label`-th label from 1 on.

    `rows` are sums as of `unitized_sums` (last axis); NaN where undefined.
    """
    q = round((-2 + np.sqrt(4 + 4 * rows.shape[-1])) / 2)
    matrix = rows[..., : q * q].reshape(*rows.shape[:-1], q, q)
    own, valued = rows[..., q * q : q * q + q], rows[..., q * q + q :]
    if family in {"cu_alpha", "ku_alpha"}:
        matrix, own = matrix[..., 1:, 1:], valued[..., 1:]
    margins = matrix.sum(axis=-1)
    whole = margins.sum(axis=-1)
    pairs = whole**2 - own.sum(axis=-1)
    same = np.diagonal(matrix, axis1=-2, axis2=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        scale = whole / pairs
        if family == "ku_alpha":
            n, mine = margins[..., label - 1], same[..., label - 1]
            chance = scale * (n * whole - own[..., label - 1])
            observed, expected = chance * (n - mine), n * scale * n * (whole - n)
        elif family == "bar_u_alpha":
            observed = margins[..., 0] - same[..., 0]
            expected = scale * margins[..., 0] * (whole - margins[..., 0])
        else:
            observed = whole - same.sum(axis=-1)
            expected = scale * (whole**2 - (margins**2).sum(axis=-1))
        value: Floats = 1 - observed / expected
    return np.where((pairs > 0) & (expected > 0), value, np.nan)


@dataclass(frozen=True, slots=True)
class UnitizedAlpha:
    """The family of 2016; None where a member is undefined.

    u: units and gaps, with categories. bar_u: unit against gap. cu: categories where units of two
    annotators intersect. ku: the same, for each category.
    """

    u: float | None
    bar_u: float | None
    cu: float | None
    ku: Mapping[str, float | None]


Matrix: TypeAlias = defaultdict[tuple[str | None, str | None], float]


def unitized_alpha(annotations: Units, length: float, *, begin: float = 0) -> UnitizedAlpha:
    """u-alpha and its relatives over one continuum; the category None is the gap."""
    rows = [_filled(units, begin, begin + length) for units in annotations.values()]
    if len(rows) < 2:
        return UnitizedAlpha(None, None, None, {})
    observed = _coincidences(rows)
    margins = _margins(observed)
    expected = _expected_coincidences(rows, margins)
    relevant: Matrix = defaultdict(float)
    relevant.update({cell: n for cell, n in observed.items() if None not in cell})
    valued, chance = _valued(rows, relevant)
    return UnitizedAlpha(
        u=_alpha(observed, expected),
        bar_u=_alpha(_binary(observed), _binary(expected)),
        cu=_alpha(relevant, chance),
        ku={k: _alpha_of(str(k), relevant, chance) for k in sorted(filter(None, valued))},
    )


Filled: TypeAlias = tuple[float, float, str | None]


def _filled(units: Iterable[Unit], begin: float, end: float) -> list[Filled]:
    """Units with the gaps between them."""
    row: list[Filled] = []
    reached = begin
    for start, stop, label in sorted(units):
        if start > reached:
            row.append((reached, start, None))
        row.append((start, stop, label))
        reached = stop
    if reached < end:
        row.append((reached, end, None))
    return row


def _intersection(a: Filled, b: Filled) -> float:
    return max(0.0, min(a[1], b[1]) - max(a[0], b[0]))


def _coincidences(rows: Sequence[Sequence[Filled]]) -> Matrix:
    """Equation 1: summed lengths of intersections between sections of different annotators."""
    matrix: Matrix = defaultdict(float)
    for a, b in permutations(rows, 2):
        for first in a:
            for second in b:
                matrix[first[2], second[2]] += _intersection(first, second) / (len(rows) - 1)
    return matrix


def _margins(matrix: Matrix) -> dict[str | None, float]:
    margins: dict[str | None, float] = {}
    for (row, _), n in matrix.items():
        margins[row] = margins.get(row, 0.0) + n
    return margins


def _expected_coincidences(
    rows: Sequence[Sequence[Filled]], margins: Mapping[str | None, float]
) -> Matrix:
    """Equation 4: a unit cannot be paired with itself; a gap is so many separate characters."""
    own = _own(rows)
    whole = sum(margins.values())
    return _chance(margins, own, whole, whole**2 - sum(own.values()))


def _own(rows: Sequence[Sequence[Filled]]) -> defaultdict[str | None, float]:
    own: defaultdict[str | None, float] = defaultdict(float)
    for row in rows:
        for start, end, label in row:
            own[label] += end - start if label is None else (end - start) ** 2
    return own


def _own_valued(rows: Sequence[Sequence[Filled]]) -> defaultdict[str | None, float]:
    own: defaultdict[str | None, float] = defaultdict(float)
    for a, b in permutations(rows, 2):
        for unit in a:
            if unit[2] is not None:
                shared = sum(_intersection(unit, other) for other in b if other[2] is not None)
                own[unit[2]] += shared**2 / (len(rows) - 1)
    return own


def _valued(
    rows: Sequence[Sequence[Filled]], relevant: Matrix
) -> tuple[dict[str | None, float], Matrix]:
    """Equation 10: margins and chance over intersections of units only."""
    own = _own_valued(rows)
    margins = _margins(relevant)
    whole = sum(margins.values())
    return margins, _chance(margins, own, whole, whole**2 - sum(own.values()))


def _chance(
    margins: Mapping[str | None, float],
    own: Mapping[str | None, float],
    whole: float,
    pairs: float,
) -> Matrix:
    matrix: Matrix = defaultdict(float)
    if pairs <= 0:
        return matrix
    for row, n in margins.items():
        for column, k in margins.items():
            same = own.get(row, 0.0) if row == column else 0.0
            matrix[row, column] = whole * (n * k - same) / pairs
    return matrix


def _binary(matrix: Matrix) -> Matrix:
    """Units of all categories taken together."""
    merged: Matrix = defaultdict(float)
    for (row, column), n in matrix.items():
        merged[row and "unit", column and "unit"] += n
    return merged


def _alpha(observed: Matrix, expected: Matrix) -> float | None:
    by_chance = sum(n for (row, column), n in expected.items() if row != column)
    if not by_chance:
        return None
    return 1 - sum(n for (row, column), n in observed.items() if row != column) / by_chance


def _alpha_of(label: str, observed: Matrix, expected: Matrix) -> float | None:
    """Equation 13b."""
    n, chance = _margins(observed)[label], _margins(expected).get(label, 0.0)
    differing = chance - expected[label, label]
    if not n or not differing:
        return None
    return 1 - chance / n * (n - observed[label, label]) / differing
