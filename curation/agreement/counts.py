"""True positives, false positives and false negatives, and the scores made of them."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Counts"]


@dataclass(frozen=True, slots=True)
class Counts:
    """How many items two sides share (`tp`), and how many only one has (`fp` second, `fn` first).

    Partial credit makes `tp` a multiple of one half. Scores are None where they are undefined.
    """

    tp: float = 0
    fp: float = 0
    fn: float = 0

    @classmethod
    def of(cls, matched: float, first: int, second: int) -> Counts:
        """From the matched credit and the sizes of both sides."""
        return cls(matched, second - matched, first - matched)

    def __add__(self, other: Counts) -> Counts:
        return Counts(self.tp + other.tp, self.fp + other.fp, self.fn + other.fn)

    @property
    def p(self) -> float | None:
        """Precision: the share of the second side's items that the first side has."""
        return _ratio(self.tp, self.tp + self.fp)

    @property
    def r(self) -> float | None:
        """Recall: the share of the first side's items that the second side has."""
        return _ratio(self.tp, self.tp + self.fn)

    @property
    def f1(self) -> float | None:
        """Harmonic mean of both, 2·tp / (2·tp + fp + fn): the same whichever side is first."""
        return _ratio(2 * self.tp, 2 * self.tp + self.fp + self.fn)

    def to_json(self) -> dict[str, float | None]:
        """`{"p", "r", "f1", "tp", "fp", "fn"}`; undefined scores are null."""
        scores = {"p": self.p, "r": self.r, "f1": self.f1}
        return scores | {"tp": self.tp, "fp": self.fp, "fn": self.fn}


def _ratio(part: float, whole: float) -> float | None:
    return part / whole if whole else None
