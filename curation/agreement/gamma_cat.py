"""γ-cat and γ-k (Mathet 2018): agreement on categories alone, over the best alignment of γ.

Of every two units of a unitary alignment of k units:

    confidence = max(0, 1 - alpha · position)      how surely they are about the same
    weight     = confidence / (k - 1)
    disorder   = Σ weight · category / Σ weight    category: 1 where they differ, else 0
    γ-cat      = 1 - disorder / mean disorder of chance continua

γ-k takes only the pairs in which a unit has the label k. Units that nobody else has are left out:
that they are missing is what γ says. `unaligned` counts them, as pygamma-agreement 0.5 does: each
absence in a unitary alignment as a pair of disorder 1 and weight 1.

The best alignment and the chance continua are those of `gamma` with the same seed. Several
continua are one: their sums are added, of each chance continuum as well. Chance continua in which
no pair counts say nothing and are left out of the mean.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from curation.agreement.gamma import Dissimilarity, Rows, Unit, best_alignment, shuffled

__all__ = ["SAMPLES", "categorial_disorder", "categorial_score", "categorial_sums", "gamma_cat"]

Floats: TypeAlias = NDArray[np.float64]

SAMPLES = 30
"""Chance continua."""


def categorial_disorder(
    annotations: Mapping[str, Sequence[Unit]],
    dissimilarity: Dissimilarity | None = None,
    *,
    label: str | None = None,
    unaligned: bool = False,
) -> float | None:
    """Disorder of categories in the best alignment, of one `label` or all; None without pairs."""
    measure = dissimilarity or Dissimilarity()
    total, weight = _summed(list(annotations.values()), measure, label, unaligned=unaligned)
    return total / weight if weight else None


def gamma_cat(
    annotations: Mapping[str, Sequence[Unit]],
    *,
    label: str | None = None,
    unaligned: bool = False,
    seed: int = 0,
    samples: int = SAMPLES,
) -> float | None:
    """γ-cat, or γ-k of one `label`; None where no pair counts or chance would not disagree."""
    rows = list(annotations.values())
    sums = categorial_sums(rows, seed=[seed], samples=samples, label=label, unaligned=unaligned)
    value = float(categorial_score(sums[None, :])[0])
    return None if np.isnan(value) else value


def categorial_sums(
    rows: Rows,
    *,
    seed: Sequence[int],
    samples: int = SAMPLES,
    label: str | None = None,
    unaligned: bool = False,
) -> Floats:
    """Disorder and weight of one continuum, then of each of its chance continua."""
    measure = Dissimilarity()
    if len(rows) < 2 or not any(rows):
        return np.zeros(2 + 2 * samples)
    generator = np.random.default_rng(seed)
    continua = [rows, *(shuffled(rows, generator) for _ in range(samples))]
    sums = [_summed(continuum, measure, label, unaligned=unaligned) for continuum in continua]
    return np.array(sums, dtype=np.float64).ravel()


def categorial_score(sums: Floats) -> Floats:
    """The value of every row of sums (last axis) as of `categorial_sums`; NaN where undefined."""
    with np.errstate(invalid="ignore", divide="ignore"):
        disorders = np.where(sums[..., 1::2] > 0, sums[..., ::2] / sums[..., 1::2], np.nan)
        chance = disorders[..., 1:]
        drawn = ~np.isnan(chance)
        expected = np.where(drawn, chance, 0).sum(axis=-1) / drawn.sum(axis=-1)
        value: Floats = 1 - disorders[..., 0] / expected
    return np.where(expected > 0, value, np.nan)


def _summed(
    rows: Rows, measure: Dissimilarity, label: str | None, *, unaligned: bool
) -> tuple[float, float]:
    """Weighted disorder of all pairs that count, and their weight."""
    total = weight = 0.0
    if len(rows) < 2:
        return total, weight
    for units in best_alignment(rows, measure):
        for first, second in combinations(units, 2):
            if label is None or label in {first[2], second[2]}:
                one = _confidence(first, second, measure) / (len(units) - 1)
                total += one * (first[2] != second[2])
                weight += one
        if unaligned:
            counted = sum(label is None or label == unit[2] for unit in units)
            total += counted * (len(rows) - len(units))
            weight += counted * (len(rows) - len(units))
    return total, weight


def _confidence(a: Unit, b: Unit, measure: Dissimilarity) -> float:
    moved = abs(a[0] - b[0]) + abs(a[1] - b[1])
    return max(0.0, 1 - measure.alpha * (moved / (a[1] - a[0] + b[1] - b[0])) ** 2)
