"""The rules: each looks at the votes of one position and answers Agreed, or nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from curation.errors import UsageError
from curation.messages import shown

__all__ = ["Agreed", "Disputed", "Value", "Votes", "check_rules", "decide", "weighs"]

Value: TypeAlias = Hashable
Votes: TypeAlias = Mapping[str, Value]
"""Annotator -> what they say at a position; None: they saw the Document and say nothing here."""
Weigh: TypeAlias = Callable[[], Mapping[Value, float]]
"""The probability of each candidate, from the competence of those who voted; asked when needed."""


@dataclass(frozen=True, slots=True)
class Agreed:
    """A value that `rule` decided on; None means: nothing belongs here.

    `probability` is that of the value, where annotators were weighed; `overruled` what the rules
    would have decided, where a person decided otherwise.
    """

    value: Value
    rule: str
    probability: float | None = None
    overruled: Agreed | None = None


@dataclass(frozen=True, slots=True)
class Disputed:
    """No rule decided."""

    candidates: tuple[Value, ...]


def _unanimous(votes: Votes, _of: str, _weigh: Weigh | None) -> Agreed | None:
    values = set(votes.values())
    return Agreed(values.pop(), "unanimous") if len(values) == 1 else None


def _majority(votes: Votes, least: str, _weigh: Weigh | None) -> Agreed | None:
    """The value with the most votes: more than half of them, or `least` and more than any other."""
    (value, most), *others = Counter(votes.values()).most_common(2)
    if others and others[0][1] == most:
        return None
    if most < int(least) if least else 2 * most <= len(votes):
        return None
    return Agreed(value, f"majority:{least}" if least else "majority")


def _weighted(_votes: Votes, least: str, weigh: Weigh | None) -> Agreed | None:
    """The most probable value, where it is more probable than `least` (one half)."""
    if weigh is None:
        return None
    chances = weigh()
    value = max(chances, key=lambda v: (chances[v], repr(v)))
    if chances[value] <= float(least or 0.5) + _EQUAL:
        return None
    return Agreed(value, f"weighted:{least}" if least else "weighted", round(chances[value], 4))


def _prefer(votes: Votes, name: str, _weigh: Weigh | None) -> Agreed | None:
    return Agreed(votes[name], f"prefer:{name}") if name in votes else None


def _union(votes: Votes, _of: str, _weigh: Weigh | None) -> Agreed | None:
    """What anybody marked, where nobody marked something else."""
    values = {value for value in votes.values() if value is not None}
    return Agreed(values.pop(), "union") if len(values) == 1 else None


def _intersection(votes: Votes, _of: str, _weigh: Weigh | None) -> Agreed | None:
    """Nothing, where not all mark the same."""
    return Agreed(None, "intersection") if len(set(votes.values())) > 1 else None


_EQUAL = 1e-9
"""Probabilities that differ by less are a tie."""
_RULES: Mapping[str, Callable[[Votes, str, Weigh | None], Agreed | None]] = {
    "unanimous": _unanimous,
    "majority": _majority,
    "weighted": _weighted,
    "prefer": _prefer,
    "union": _union,
    "intersection": _intersection,
}
_DIGITS = 10
"""So many votes nobody counts, and a number may be too long to be read."""
_KNOWN = (
    "unanimous, majority, majority:K (K votes at least), weighted, weighted:P (more probable than "
    "P), prefer:NAME, union, intersection"
)


def check_rules(rules: Iterable[str]) -> None:
    """Raise UsageError for a rule that does not exist."""
    for rule in rules:
        kind, colon, of = rule.partition(":")
        if kind not in _RULES or not _fits(kind, of, bool(colon)):
            raise UsageError(f"adjudication: no rule {shown(rule)}; the rules are {_KNOWN}")


def _fits(kind: str, of: str, given: bool) -> bool:
    """Whether what stands after the colon is what the rule takes."""
    if kind == "prefer":
        return bool(of)
    if not given:
        return True
    if kind == "majority":
        return of.isascii() and of.isdigit() and len(of) < _DIGITS and int(of) > 0
    return kind == "weighted" and _is_share(of)


def _is_share(given: str) -> bool:
    try:
        return 0.5 <= float(given) < 1
    except ValueError:
        return False


def weighs(rules: Iterable[str]) -> bool:
    """Whether one of the rules needs the competence of annotators."""
    return any(rule.partition(":")[0] == "weighted" for rule in rules)


def decide(votes: Votes, rules: Sequence[str], weigh: Weigh | None = None) -> Agreed | Disputed:
    """What the first rule that can decide says about these votes."""
    agreed = _unanimous(votes, "", weigh)
    if agreed is not None:
        return agreed
    for rule in rules:
        kind, _, of = rule.partition(":")
        agreed = _RULES[kind](votes, of, weigh)
        if agreed is not None:
            return agreed
    return Disputed(tuple(sorted(set(votes.values()), key=repr)))
