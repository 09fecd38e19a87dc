"""The result of measuring agreement: values with their intervals, pairs, disagreements."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from curation.agreement.listed import Disagreements
from curation.agreement.panel import Panel

__all__ = ["AgreementReport", "Difference", "Estimate", "PairEstimate"]


@dataclass(frozen=True, slots=True)
class Estimate:
    """One measure over all annotators, or over a slice of the documents or labels.

    `value` is None where it is undefined, `ci` where there is no interval; `reason` says why.
    `n_documents`: documents that two or more annotators have seen. `n_items`: different items
    that any of them marked there (coefficients: units with two or more ratings).
    `dropped`: resamples in which the measure was undefined. `counts`: what the value is made of,
    of measures that count items.
    """

    name: str
    value: float | None
    ci: tuple[float, float] | None
    ci_method: str | None
    n_documents: int
    n_items: int
    reason: str | None
    slice: Mapping[str, str] = field(default_factory=dict)
    dropped: int = 0
    counts: Mapping[str, float] | None = None

    def to_json(self) -> dict[str, Any]:
        """The fields by name."""
        return {
            "name": self.name,
            "value": self.value,
            "ci": None if self.ci is None else list(self.ci),
            "ci_method": self.ci_method,
            "n_documents": self.n_documents,
            "n_items": self.n_items,
            "reason": self.reason,
            "slice": dict(self.slice),
            "dropped": self.dropped,
            "counts": None if self.counts is None else dict(self.counts),
        }


@dataclass(frozen=True, slots=True)
class Difference:
    """A measure in `b` less the same in `a`, two values of a dimension, resampled together.

    `n_documents`: of a and of b.
    """

    name: str
    dimension: str
    a: str
    b: str
    value: float | None
    ci: tuple[float, float] | None
    ci_method: str | None
    n_documents: tuple[int, ...]
    reason: str | None
    dropped: int = 0

    def to_json(self) -> dict[str, Any]:
        """The fields by name; the value is called `difference`."""
        return {
            "measure": self.name,
            "dimension": self.dimension,
            "a": self.a,
            "b": self.b,
            "difference": self.value,
            "ci": None if self.ci is None else list(self.ci),
            "ci_method": self.ci_method,
            "n_documents": list(self.n_documents),
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class PairEstimate:
    """One measure between two annotators."""

    annotator_a: str
    annotator_b: str
    estimate: Estimate

    def to_json(self) -> dict[str, Any]:
        """The estimate's fields beside both names; its name is called `measure`."""
        rest = self.estimate.to_json()
        names = {"annotator_a": self.annotator_a, "annotator_b": self.annotator_b}
        del rest["slice"]
        return names | {"measure": rest.pop("name")} | rest


@dataclass(frozen=True)
class AgreementReport:
    """Every measure, every pair of annotators, every disagreement.

    `confusion`: layer -> `{"labels": [...], "counts": rows}` summed over pairs of annotators,
    rows the one whose name sorts first.
    """

    annotators: tuple[str, ...]
    measures: tuple[Estimate, ...]
    pairs: tuple[PairEstimate, ...]
    disagreements: Disagreements
    confusion: Mapping[str, Mapping[str, Any]]
    seed: int = 0
    resamples: int = 2000
    differences: tuple[Difference, ...] = ()
    panel: Panel | None = field(default=None, repr=False, compare=False)

    def estimate(self, name: str, **where: str) -> Estimate | None:
        """The estimate of that measure in that slice (`language="sk"`, `label="ORG"`), or None."""
        return next((e for e in self.measures if e.name == name and e.slice == where), None)

    def mean_of_pairs(self, name: str) -> float | None:
        """Mean over the pairs of annotators in which the measure is defined; None without any."""
        values = [p.estimate.value for p in self.pairs if p.estimate.name == name]
        defined = [value for value in values if value is not None]
        return sum(defined) / len(defined) if defined else None

    def to_json(self) -> dict[str, Any]:
        """`{"measures": [...], "pairs": [...], "disagreements": [...], "differences": [...]}`."""
        return {
            "measures": [e.to_json() for e in self.measures],
            "pairs": [p.to_json() for p in self.pairs],
            "disagreements": [d.to_json() for d in self.disagreements],
            "differences": [d.to_json() for d in self.differences],
        }
