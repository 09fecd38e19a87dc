"""How much each annotator's word weighs: Dawid & Skene (1979) over positions, with boundaries.

The true value of a position is one of its candidates. An annotator answers with the right kind
(label, type, role, answer), another or nothing by their confusions, and, where the kind is right,
with the right words by their boundary accuracy. Both are estimated by expectation-maximization
from all positions of a layer, with weak priors that pull towards a careful annotator; so a
systematic error of one annotator weighs little against two others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import exp, log
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from curation.adjudication.positions import Ballot
from curation.adjudication.rules import Value

__all__ = [
    "LEAST_ANNOTATORS",
    "Competence",
    "Pattern",
    "fit_competence",
    "fit_patterns",
    "pattern_of",
]

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
Pattern: TypeAlias = tuple[tuple[str, str, int], ...]
"""Annotator, kind of the answer, and number of the candidate, of each vote on a position."""

LEAST_ANNOTATORS = 3
"""With two, nothing tells who of them is right."""
_MASS = 4.0
"""How many answers of each true kind the prior stands for."""
_RIGHT = 0.8
"""The share of right ones among them."""
_ROUNDS = 100
_TOLERANCE = 1e-7


@dataclass(frozen=True, slots=True)
class Competence:
    """The fitted model of one layer.

    `prior`: share of each of `kinds` ("" is nothing). `confusion`: annotator -> rows true kind,
    columns answer. `boundary`: annotator -> share of right words among right kinds.
    """

    kinds: tuple[str, ...]
    prior: tuple[float, ...]
    confusion: Mapping[str, tuple[tuple[float, ...], ...]]
    boundary: Mapping[str, float]
    _known: dict[Pattern, tuple[float, ...]] = field(
        default_factory=dict, init=False, compare=False, repr=False
    )

    def accuracy(self) -> dict[str, float]:
        """Annotator -> probability of the right answer, "nothing here" among them."""
        right = {
            name: sum(
                share * row[i] * (self.boundary[name] if kind else 1.0)
                for i, (kind, share, row) in enumerate(
                    zip(self.kinds, self.prior, matrix, strict=True)
                )
            )
            for name, matrix in self.confusion.items()
        }
        return {name: round(value, 4) for name, value in right.items()}

    def weigh(self, ballot: Ballot) -> dict[Value, float]:
        """The probability of each candidate of a position; who was not fitted has no weight.

        An adjudicator's set can bring somebody to a position who has none else in the layer.
        """
        found = pattern_of(ballot)
        chances = self._known.get(found)
        if chances is None:
            chances = self._known[found] = self._weighed(found)
        return dict(zip(dict.fromkeys(ballot.votes.values()), chances, strict=True))

    def _weighed(self, pattern: Pattern) -> tuple[float, ...]:
        """The probabilities of the candidates, in their order: even where a kind was not fitted.

        Somebody may hand in a new label while all are being adjudicated.
        """
        if not {kind for _, kind, _ in pattern} <= set(self.kinds):
            numbers = {number for _, _, number in pattern}
            return (1 / len(numbers),) * len(numbers)
        answers = [(who, self.kinds.index(kind), number) for who, kind, number in pattern]
        logs = {
            number: log(self.prior[true])
            + sum(
                self._log(who, true, kind, said == number)
                for who, kind, said in answers
                if who in self.confusion
            )
            for number, true in {number: kind for _, kind, number in answers}.items()
        }
        highest = max(logs.values())
        chances = [exp(found - highest) for found in logs.values()]
        total = sum(chances)
        return tuple(chance / total for chance in chances)

    def _log(self, who: str, true: int, answer: int, same: bool) -> float:
        chance = self.confusion[who][true][answer]
        if true != answer or not self.kinds[true]:
            return log(chance)
        return log(chance * (self.boundary[who] if same else 1 - self.boundary[who]))


def pattern_of(ballot: Ballot) -> Pattern:
    """All that competence sees of a position: who answers what kind, and who the same as whom."""
    values = set(ballot.votes.values())
    if len(values) == 1:
        kind = ballot.kind(values.pop())
        return tuple((who, kind, 0) for who in ballot.votes)
    numbers: dict[Value, int] = {}
    return tuple(
        (who, ballot.kind(value), numbers.setdefault(value, len(numbers)))
        for who, value in ballot.votes.items()
    )


def fit_competence(ballots: Iterable[Ballot]) -> Competence | None:
    """The competence of the annotators of one layer; None with fewer than three of them."""
    return fit_patterns(Counter(map(pattern_of, ballots)))


def fit_patterns(patterns: Mapping[Pattern, int]) -> Competence | None:
    """The same from how often each pattern of answers occurs: there are few of them."""
    counted = sorted(patterns.items())
    answers = [answer for pattern, _ in counted for answer in pattern]
    names = tuple(sorted({who for who, _, _ in answers}))
    if len(names) < LEAST_ANNOTATORS:
        return None
    kinds = sorted({kind for _, kind, _ in answers} | {""})
    columns = _Columns(counted, kinds, names)
    chances = columns.shares()
    for _ in range(_ROUNDS):
        model = columns.maximized(chances)
        previous, chances = chances, columns.expected(*model)
        if np.abs(chances - previous).max() < _TOLERANCE:
            break
    prior, confusion, boundary = columns.maximized(chances)
    return Competence(
        tuple(kinds),
        tuple(prior.tolist()),
        {
            name: tuple(map(tuple, matrix.tolist()))
            for name, matrix in zip(names, confusion, strict=True)
        },
        dict(zip(names, boundary.tolist(), strict=True)),
    )


class _Columns:
    """Patterns as arrays: a row a candidate, and a row for each vote on each candidate."""

    def __init__(
        self,
        patterns: Sequence[tuple[Pattern, int]],
        kinds: Sequence[str],
        names: Sequence[str],
    ) -> None:
        kind_of = {kind: i for i, kind in enumerate(kinds)}
        number_of = {name: i for i, name in enumerate(names)}
        position: list[int] = []
        true_kind: list[int] = []
        rows: list[tuple[int, int, int, bool]] = []
        for place, (pattern, _) in enumerate(patterns):
            answers = [(number_of[who], kind_of[kind], said) for who, kind, said in pattern]
            for candidate, kind in {said: kind for _, kind, said in answers}.items():
                rows += [
                    (len(position), who, answer, said == candidate) for who, answer, said in answers
                ]
                position.append(place)
                true_kind.append(kind)
        table = np.array(rows, dtype=np.int64)
        self.position: Ints = np.array(position)
        self.times: Floats = np.array([count for _, count in patterns], np.float64)[self.position]
        self.kind: Ints = np.array(true_kind)
        self.candidate, self.who, self.answer, same = table.T
        self.same = same.astype(bool)
        self.true: Ints = self.kind[self.candidate]
        self.worded = (self.true == self.answer) & (self.true != kind_of[""])
        self.shape = (len(names), len(kinds), len(kinds))

    def shares(self) -> Floats:
        """The share of votes of each candidate."""
        votes = np.bincount(self.candidate, weights=self.same, minlength=len(self.kind))
        return self._per_position(votes.astype(np.float64))

    def maximized(self, chances: Floats) -> tuple[Floats, Floats, Floats]:
        """Shares of kinds, confusions and boundary accuracies, from the candidates' chances."""
        people, kinds, _ = self.shape
        weights = (chances * self.times)[self.candidate]
        cell = (self.who * kinds + self.true) * kinds + self.answer
        counts = np.bincount(cell, weights=weights, minlength=people * kinds * kinds)
        confusion = counts.reshape(self.shape) + _prior_counts(kinds)
        confusion /= confusion.sum(axis=2, keepdims=True)
        spoken = np.bincount(self.who, weights=weights * self.worded, minlength=people)
        exact = np.bincount(self.who, weights=weights * (self.worded & self.same), minlength=people)
        boundary = (exact + _MASS * _RIGHT) / (spoken + _MASS)
        share = np.bincount(self.kind, weights=chances * self.times, minlength=kinds) + 1.0 / kinds
        return share / share.sum(), confusion, boundary

    def expected(self, prior: Floats, confusion: Floats, boundary: Floats) -> Floats:
        """The candidates' chances under the model."""
        worded = np.where(self.same, np.log(boundary)[self.who], np.log1p(-boundary)[self.who])
        logs = np.log(confusion)[self.who, self.true, self.answer]
        logs = logs + np.where(self.worded, worded, 0.0)
        total = np.log(prior)[self.kind]
        total = total + np.bincount(self.candidate, weights=logs, minlength=len(total))
        highest = np.full(int(self.position[-1]) + 1, -np.inf)
        np.maximum.at(highest, self.position, total)
        return self._per_position(np.exp(total - highest[self.position]))

    def _per_position(self, values: Floats) -> Floats:
        sums = np.bincount(self.position, weights=values)
        found: Floats = values / sums[self.position]
        return found


def _prior_counts(kinds: int) -> Floats:
    others = _MASS * (1 - _RIGHT) / max(kinds - 1, 1)
    return np.full((kinds, kinds), others) + np.eye(kinds) * (_MASS * _RIGHT - others)
