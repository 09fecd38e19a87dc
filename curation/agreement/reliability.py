"""Dawid & Skene (1979): true classes and each annotator's confusions, by expectation-maximization.

Useful from three annotators on; below that compare each with the adjudicated gold instead.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["DawidSkene", "Reliability", "dawid_skene", "fit_patterns"]

Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class DawidSkene:
    """Maximum-likelihood estimates.

    `prior`: share of each class. `classes`: item -> probability of each class, in the order of
    `labels`. `confusion`: annotator -> rows true class, columns response.
    """

    labels: tuple[Hashable, ...]
    prior: tuple[float, ...]
    classes: Mapping[str, tuple[float, ...]]
    confusion: Mapping[str, tuple[tuple[float, ...], ...]]


def dawid_skene(
    responses: Mapping[str, Mapping[str, Sequence[Hashable]]],
    *,
    iterations: int = 200,
    tolerance: float = 1e-8,
) -> DawidSkene:
    """Fits item -> annotator -> responses (several of one annotator are allowed).

    Starts from each item's share of responses; stops when no probability moves by `tolerance`.
    """
    labels = tuple(
        sorted({r for by in responses.values() for rs in by.values() for r in rs}, key=str)
    )
    annotators = sorted({name for by in responses.values() for name in by})
    counts = _counts(responses, annotators, labels)
    classes = counts.sum(axis=1)
    classes /= classes.sum(axis=1, keepdims=True)
    ones = np.ones(len(classes))
    prior, confusion, classes = _fitted(classes, counts, ones, iterations, tolerance)
    return DawidSkene(
        labels=labels,
        prior=tuple(prior.tolist()),
        classes={item: tuple(row.tolist()) for item, row in zip(responses, classes, strict=True)},
        confusion={
            name: tuple(map(tuple, matrix.tolist()))
            for name, matrix in zip(annotators, confusion, strict=True)
        },
    )


def _fitted(
    classes: Floats, counts: Floats, weights: Floats, iterations: int, tolerance: float
) -> tuple[Floats, Floats, Floats]:
    """Class shares, confusions and the items' classes; an item counts with its weight."""
    for _ in range(iterations):
        prior, confusion = _maximized(classes, counts, weights)
        previous, classes = classes, _expected(prior, confusion, counts)
        if np.abs(previous - classes).max() < tolerance:
            break
    return *_maximized(classes, counts, weights), classes


@dataclass(frozen=True, slots=True)
class Reliability:
    """What the model says of one annotator, over candidates that someone marked.

    `accuracy`: probability of the right answer, "nothing here" among them. `found`: of marking
    with the right label what is there, `mislabelled`: with another, `missed`: of leaving it out;
    the three add up to 1. `invented`: of marking what is not there; None where the model takes
    every candidate for real.
    """

    accuracy: float
    found: float | None
    mislabelled: float | None
    missed: float | None
    invented: float | None
    n_candidates: int

    def to_json(self) -> dict[str, Any]:
        """The fields by name."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


def fit_patterns(
    said: NDArray[np.int64],
    labels: Sequence[str],
    *,
    iterations: int = 200,
    tolerance: float = 1e-8,
) -> list[Reliability]:
    """Fits annotators x candidates of label numbers (0 for nothing, -1 unrated).

    Candidates with the same answers count as one with a weight, so size costs little.
    """
    patterns, weights = np.unique(said, axis=1, return_counts=True)
    counts = (patterns.T[:, :, None] == np.arange(len(labels))).astype(np.float64)
    classes = counts.sum(axis=1)
    classes /= classes.sum(axis=1, keepdims=True)
    sizes = weights.astype(np.float64)
    prior, confusion, _ = _fitted(classes, counts, sizes, iterations, tolerance)
    return [
        _reliability(prior, matrix, int(weights[patterns[i] >= 0].sum()))
        for i, matrix in enumerate(confusion)
    ]


def _reliability(prior: Floats, matrix: Floats, n: int) -> Reliability:
    # Of a class that they never had before them, an annotator has no answers to be judged by.
    known = np.where(matrix.sum(axis=1) > 0, prior, 0.0)
    there = float(known[1:].sum())
    right = known * np.diagonal(matrix)
    marked = known[1:] @ matrix[1:, 1:].sum(axis=1)
    real = there > 1e-9
    return Reliability(
        accuracy=float(right.sum() / known.sum()),
        found=float(right[1:].sum() / there) if real else None,
        mislabelled=float((marked - right[1:].sum()) / there) if real else None,
        missed=float((known[1:] @ matrix[1:, 0]) / there) if real else None,
        invented=float(1 - matrix[0, 0]) if known[0] > 1e-9 else None,
        n_candidates=n,
    )


def _counts(
    responses: Mapping[str, Mapping[str, Sequence[Hashable]]],
    annotators: Sequence[str],
    labels: Sequence[Hashable],
) -> Floats:
    """Items x annotators x labels: how often each response was given."""
    counts = np.zeros((len(responses), len(annotators), len(labels)))
    row, column = {a: i for i, a in enumerate(annotators)}, {c: i for i, c in enumerate(labels)}
    for item, by in enumerate(responses.values()):
        for name, given in by.items():
            for response in given:
                counts[item, row[name], column[response]] += 1
    return counts


def _maximized(classes: Floats, counts: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Class shares, and annotators x true class x response, from the items' classes."""
    joint = np.einsum("ij,ikl->kjl", classes * weights[:, None], counts)
    total = joint.sum(axis=2, keepdims=True)
    confusion = np.divide(joint, total, out=np.zeros_like(joint), where=total > 0)
    return weights @ classes / weights.sum(), confusion


def _expected(prior: Floats, confusion: Floats, counts: Floats) -> Floats:
    """The items' classes from class shares and confusions; in logarithms, lest products vanish."""
    tiny = np.finfo(np.float64).tiny
    logs = np.log(np.maximum(prior, tiny)) + np.einsum(
        "ikl,kjl->ij", counts, np.log(np.maximum(confusion, tiny))
    )
    likelihood = np.exp(logs - logs.max(axis=1, keepdims=True))
    classes: Floats = likelihood / likelihood.sum(axis=1, keepdims=True)
    return classes
