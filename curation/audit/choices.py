"""Something that an annotator decided, with all that speaks for one value or another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

__all__ = ["Choice", "Doubt", "Evidence", "Place"]


class Place(NamedTuple):
    """What a choice is about: an item, or a stretch of text where there is none.

    `part` tells the choices about one item apart: the name of an attribute, the role and filler
    of an argument.
    """

    uid: str
    layer: str
    start: int
    end: int
    item: str | None = None
    part: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """One decision: `value` is what was chosen.

    `group` is never on both sides of a fold. `features` are for the classifier. `hints` are keys
    by name: how other choices with the same key turned out is evidence.
    """

    place: Place
    group: str
    value: str
    features: tuple[str, ...]
    hints: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one source says: `for_other` of `n` choices like this one have the other value.

    `weight` is by how much it raises the log odds of the other value against the present one.
    Of the classifier (source "context") all counts are 0. `key` is what the choices have in common.
    """

    source: str
    key: str
    weight: float
    n: int
    for_now: int
    for_other: int


@dataclass(frozen=True, slots=True)
class Doubt:
    """The probability that a choice is wrong, the likeliest other value and what speaks for it."""

    choice: Choice
    probability: float
    other: str
    evidence: tuple[Evidence, ...]
