"""How probable is it that a choice is wrong, given all the others?

Three kinds of evidence meet. A classifier over words and their neighbours says how probable each
value is; it never learnt from the document that it is asked about. Choices that share a key with
this one (the same name, the same name in the same document, the same proposal of a pipeline) say
how they turned out, this one left out. Where two choices contradict each other one of them is
wrong, not both: all is weighed twice, the second time each votes with the probability that it is
right. And how common each value is. They are pooled as
probabilities are: p(v) ~ prior(v) * prod (p_i(v) / prior(v)) ** w_i, with weights w that make the
choices most likely, allowing that a share e of them is a slip, made to value v with probability
s(v): L = sum log((1 - e) p(value) + e s(value) (1 - p(value))). By Bayes a choice is wrong with the
probability that its value is one of these slips. Ranking by it is ranking by self-confidence
(Northcutt, Jiang & Chuang 2021, Confident Learning, JAIR 70), the probabilities being pooled ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from curation.audit.choices import Choice, Doubt, Evidence
from curation.audit.opinions import PROPOSAL, proposed

__all__ = ["CONTEXT", "FOLDS", "doubts", "fold_of_groups"]

FOLDS = 5
CONTEXT = "context"
"""The classifier's name among the sources of evidence."""

_ROUNDS = 2
"""Votes count fully at first, then as probably as they were found right."""
_LEAST = 20
"""Fewer choices teach a classifier nothing."""
_STRENGTH = 0.5
"""How many choices the prior counts for beside those that share a key."""
_WORD = 1.0
"""How many choices the word of a pipeline counts for, before it is known what it is worth."""
_FLOOR = 0.02
"""Nobody is surer than this; the prior has the rest."""
_FIRST_WEIGHT = 0.6
_PULL = 20.0
"""How strongly weights are held near the first one, in choices: little data changes little."""
_SLIPS = 0.03
_RARE = 2
"""A feature that fewer choices have is left out."""

Slips = Literal["anywhere", "to the usual"]
Floats = npt.NDArray[np.floating[Any]]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class _Source:
    """Log p_i(v) - log prior(v) by choice and value; counts by key where there are any."""

    name: str
    logs: Floats
    counts: Floats | None = None


def doubts(
    choices: Sequence[Choice], *, least: float = 0.0, slips: Slips = "anywhere", seed: int = 0
) -> list[Doubt]:
    """Doubts with a probability of `least` or more, in the order of the choices.

    There are none where all choices have the same value.
    Slips go to any other value alike, or `to the usual` ones: who overlooks that something is
    negated leaves the default, and nobody writes a rare value without a thought.
    """
    values = sorted({c.value for c in choices})
    if len(values) < 2:
        return []
    given = np.array([values.index(c.value) for c in choices])
    prior = (np.bincount(given, minlength=len(values)) + 0.5) / (len(given) + len(values) / 2)
    usual = slips == "to the usual"
    spread = (prior if usual else np.full(len(values), 1 / (len(values) - 1)))[given]
    context = _Source(CONTEXT, np.log(_classified(choices, given, prior, seed)) - np.log(prior))
    votes = np.eye(len(values))[given]
    for _ in range(_ROUNDS):
        sources = [context, *_hinted(choices, values, votes, prior)]
        weights, rate = _fitted(sources, given, prior, spread)
        pooled = _pooled(sources, weights, prior)
        wrong = _wrong(pooled, given, rate, spread)
        votes = np.eye(len(values))[given] * (1 - wrong)[:, None]
    suspicious = np.flatnonzero(wrong >= least)
    return list(_doubts(choices, values, given, pooled, wrong, suspicious, sources, weights))


def fold_of_groups(groups: Sequence[str], seed: int) -> dict[str, int]:
    """A fold for each group, the same whatever their order; folds have as many groups."""
    ordered = sorted(set(groups), key=lambda g: sha256(f"{seed}\0{g}".encode()).digest())
    return {group: i % FOLDS for i, group in enumerate(ordered)}


def _classified(choices: Sequence[Choice], given: Ints, prior: Floats, seed: int) -> Floats:
    """p(value) of each choice by a classifier that has not seen its group."""
    found = np.tile(prior, (len(choices), 1))
    fold_of = fold_of_groups([c.group for c in choices], seed)
    folds = np.array([fold_of[c.group] for c in choices])
    if len(choices) < _LEAST or len(fold_of) < 2:
        return found
    matrix = _matrix(choices)
    for fold in range(FOLDS):
        held, rest = folds == fold, folds != fold
        known = np.unique(given[rest])
        if held.any() and len(known) > 1:
            found[np.ix_(held, known)] = _predicted(matrix, given, rest, held, seed)
    shares: Floats = found / found.sum(axis=1, keepdims=True)
    return (1 - _FLOOR) * shares + _FLOOR * prior


def _predicted(
    matrix: Any, given: Ints, rest: npt.NDArray[Any], held: npt.NDArray[Any], seed: int
) -> Floats:
    from sklearn.linear_model import LogisticRegression
    from sklearn.multiclass import OneVsRestClassifier

    # The dual form takes a second for thousands of choices, where the others take a minute.
    one = LogisticRegression(solver="liblinear", dual=True, C=0.5, tol=1e-2, random_state=seed)
    model = OneVsRestClassifier(one).fit(matrix[rest], given[rest])
    found: Floats = model.predict_proba(matrix[held])
    return found


def _matrix(choices: Sequence[Choice]) -> Any:
    """Choices by features, 1 where a choice has one; features of one choice alone are left out."""
    from scipy.sparse import csr_matrix

    number: dict[str, int] = {}
    rows = [np.array([number.setdefault(f, len(number)) for f in set(c.features)]) for c in choices]
    every = np.concatenate(rows).astype(np.int64)
    often = np.bincount(every, minlength=len(number)) >= _RARE
    # Columns in the order of their names: sets have none, and the bytes must be the same.
    names = sorted(number)
    place = np.empty(len(number), dtype=np.int64)
    place[[number[name] for name in names]] = np.arange(len(names))
    kept = [np.sort(place[row[often[row]]]) for row in (r.astype(np.int64) for r in rows)]
    ends = np.concatenate([[0], np.cumsum([len(row) for row in kept])])
    columns = np.concatenate(kept)
    return csr_matrix((np.ones(len(columns)), columns, ends), shape=(len(rows), len(number)))


def _hinted(
    choices: Sequence[Choice], values: Sequence[str], votes: Floats, prior: Floats
) -> Iterator[_Source]:
    """Of each kind of hint: how the others with the same key turned out.

    Before there are any, a proposal is taken at its word where it names one of the values.
    """
    place = {value: i for i, value in enumerate(values)}
    for name in sorted({name for c in choices for name in c.hints}):
        number: dict[str, int] = {}
        rows = [i for i, c in enumerate(choices) if name in c.hints]
        keys = np.array([number.setdefault(choices[i].hints[name], len(number)) for i in rows])
        table = np.zeros((len(number), len(prior)))
        np.add.at(table, keys, votes[rows])
        counts = np.zeros((len(choices), len(prior)))
        counts[rows] = np.maximum(table[keys] - votes[rows], 0.0)
        before = np.tile(_STRENGTH * prior, (len(choices), 1))
        named = [i for i in rows if name == PROPOSAL and proposed(choices[i].hints[name]) in place]
        before[named, [place[proposed(choices[i].hints[name])] for i in named]] += _WORD
        shares = (counts + before) / (counts + before).sum(axis=1, keepdims=True)
        yield _Source(name, np.log(shares) - np.log(prior), counts)


def _fitted(
    sources: Sequence[_Source], given: Ints, prior: Floats, spread: Floats
) -> tuple[Floats, float]:
    """The weights and the share of slips that make the choices most likely."""
    from scipy.optimize import minimize

    logs = np.stack([s.logs for s in sources])
    rows = np.arange(len(given))

    def loss(parameters: Floats) -> tuple[float, Floats]:
        weights, slips = parameters[:-1], parameters[-1]
        p = _softmax(np.log(prior) + np.tensordot(weights, logs, axes=1))
        mine = p[rows, given]
        mixed = (1 - slips) * mine + slips * spread * (1 - mine)
        off = weights - _FIRST_WEIGHT
        value = -np.log(mixed).sum() + _PULL / 2 * (off**2).sum()
        by_mine = ((1 - slips) - slips * spread) / mixed
        expected = np.einsum("nk,snk->sn", p, logs)
        slope = (by_mine * mine * (logs[:, rows, given] - expected)).sum(axis=1)
        by_slips = ((spread * (1 - mine) - mine) / mixed).sum()
        return float(value), np.append(-slope + _PULL * off, -by_slips)

    start = np.append(np.full(len(sources), _FIRST_WEIGHT), _SLIPS)
    bounds = [(0.0, 1.5)] * len(sources) + [(0.002, 0.2)]
    best = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds)
    return best.x[:-1], float(best.x[-1])


def _softmax(logs: Floats) -> Floats:
    raised = np.exp(logs - logs.max(axis=1, keepdims=True))
    found: Floats = raised / raised.sum(axis=1, keepdims=True)
    return found


def _pooled(sources: Sequence[_Source], weights: Floats, prior: Floats) -> Floats:
    logs = np.stack([s.logs for s in sources])
    return _softmax(np.log(prior) + np.tensordot(weights, logs, axes=1))


def _wrong(pooled: Floats, given: Ints, rate: float, spread: Floats) -> Floats:
    """Bayes: p(slip) / (p(slip) + p(no slip)) for the value that was given."""
    mine = pooled[np.arange(len(given)), given]
    slipped = rate * spread * (1 - mine)
    found: Floats = slipped / (slipped + (1 - rate) * mine)
    return found


def _doubts(
    choices: Sequence[Choice],
    values: Sequence[str],
    given: Ints,
    pooled: Floats,
    wrong: Floats,
    suspicious: Ints,
    sources: Sequence[_Source],
    weights: Floats,
) -> Iterator[Doubt]:
    others = pooled.copy()
    others[np.arange(len(given)), given] = -1.0
    for i in suspicious:
        choice, other = choices[i], others[i].argmax()
        said = (
            _evidence(source, float(weight), choice, i, (int(given[i]), int(other)))
            for source, weight in zip(sources, weights, strict=True)
        )
        ranked = sorted((e for e in said if e.weight > 0), key=lambda e: (-e.weight, e.source))
        yield Doubt(choice, float(wrong[i]), values[other], tuple(ranked))


def _evidence(
    source: _Source, weight: float, choice: Choice, row: int, pair: tuple[int, int]
) -> Evidence:
    now, other = pair
    counts = source.counts[row] if source.counts is not None else np.zeros_like(source.logs[row])
    return Evidence(
        source=source.name,
        key=choice.hints.get(source.name, ""),
        weight=weight * float(source.logs[row, other] - source.logs[row, now]),
        n=round(float(counts.sum())),
        for_now=round(float(counts[now])),
        for_other=round(float(counts[other])),
    )
