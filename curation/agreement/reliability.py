"""Dawid & Skene (1979): true classes and each annotator's confusions, by expectation-maximization.

Useful from three annotators on; below that compare each with the adjudicated gold instead.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["DawidSkene", "dawid_skene"]

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
    for _ in range(iterations):
        prior, confusion = _maximized(classes, counts)
        previous, classes = classes, _expected(prior, confusion, counts)
        if np.abs(previous - classes).max() < tolerance:
            break
    prior, confusion = _maximized(classes, counts)
    return DawidSkene(
        labels=labels,
        prior=tuple(prior.tolist()),
        classes={item: tuple(row.tolist()) for item, row in zip(responses, classes, strict=True)},
        confusion={
            name: tuple(map(tuple, matrix.tolist()))
            for name, matrix in zip(annotators, confusion, strict=True)
        },
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


def _maximized(classes: Floats, counts: Floats) -> tuple[Floats, Floats]:
    """Class shares, and annotators x true class x response, from the items' classes."""
    joint = np.einsum("ij,ikl->kjl", classes, counts)
    total = joint.sum(axis=2, keepdims=True)
    confusion = np.divide(joint, total, out=np.zeros_like(joint), where=total > 0)
    return classes.mean(axis=0), confusion


def _expected(prior: Floats, confusion: Floats, counts: Floats) -> Floats:
    """The items' classes from class shares and confusions; in logarithms, lest products vanish."""
    tiny = np.finfo(np.float64).tiny
    logs = np.log(np.maximum(prior, tiny)) + np.einsum(
        "ikl,kjl->ij", counts, np.log(np.maximum(confusion, tiny))
    )
    likelihood = np.exp(logs - logs.max(axis=1, keepdims=True))
    classes: Floats = likelihood / likelihood.sum(axis=1, keepdims=True)
    return classes
