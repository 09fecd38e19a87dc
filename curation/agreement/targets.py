"""Targets, bands, and how much more annotation would tell.

A target is held where the whole interval lies at or above it, missed where the whole interval
lies below, open where the interval straddles it or is not there: a point estimate decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import sqrt
from typing import Any, Literal

from curation.agreement.intervals import BOOTSTRAP_FROM, INTERVAL_FROM
from curation.agreement.report import AgreementReport, Estimate

__all__ = ["BANDS", "BAND_WARNING", "LAYERS", "Target", "band_of", "judged", "widths"]

Verdict = Literal["held", "open", "missed"]
LAYERS = ("entities", "triggers", "arguments")
"""Layers whose exact F1 can be a target, by their name."""


@dataclass(frozen=True, slots=True)
class Target:
    """What the lead wants of a label (or a whole layer), and where its interval lies."""

    name: str
    target: float
    verdict: Verdict
    estimate: Estimate | None

    def to_json(self) -> dict[str, Any]:
        """The fields by name; `reason` says why a target is open without an interval."""
        found = self.estimate
        return {
            "name": self.name,
            "target": self.target,
            "verdict": self.verdict,
            "measure": found.name if found else None,
            "slice": dict(found.slice) if found else {},
            "value": found.value if found else None,
            "ci": list(found.ci) if found and found.ci else None,
            "reason": found.reason if found else "nobody marked it",
        }


def judged(report: AgreementReport, targets: Mapping[str, float]) -> list[Target]:
    """Each target against exact F1 of its label, event type or role, or of a layer by its name."""
    return [_judged(report, name, target) for name, target in sorted(targets.items())]


def _judged(report: AgreementReport, name: str, target: float) -> Target:
    found = _estimate(report, name)
    if found is None or found.ci is None:
        return Target(name, target, "open", found)
    low, high = found.ci
    verdict: Verdict = "held" if low >= target else "missed" if high < target else "open"
    return Target(name, target, verdict, found)


def _estimate(report: AgreementReport, name: str) -> Estimate | None:
    if name in LAYERS:
        return report.estimate(f"f1(layer={name},match=exact)")
    slices = (report.estimate(f"f1(layer={layer},match=exact)", label=name) for layer in LAYERS)
    return next((e for e in slices if e is not None), None)


BANDS: Mapping[str, tuple[tuple[float, str], ...]] = {
    "Landis & Koch 1977": (
        (0.81, "almost perfect"),
        (0.61, "substantial"),
        (0.41, "moderate"),
        (0.21, "fair"),
        (0.0, "slight"),
        (-1.0, "poor"),
    ),
    "Krippendorff 2004": ((0.8, "reliable"), (0.667, "tentative"), (-1.0, "discard")),
}
BAND_WARNING = (
    "bands are conventions: their authors call them arbitrary, and values depend on the number of "
    "categories, their prevalence and what counts as an item; F1 has no chance baseline and no band"
)
_BANDABLE = frozenset({"kappa", "pi", "fleiss", "alpha", "ac1", "u_alpha", "cu_alpha", "ku_alpha"})


def band_of(estimate: Estimate) -> dict[str, str]:
    """Scale -> band, for coefficients that correct for chance; empty for the others."""
    if estimate.value is None or estimate.name.partition("(")[0] not in _BANDABLE:
        return {}
    value = estimate.value
    return {
        scale: next(name for least, name in bands if value >= least or least == -1.0)
        for scale, bands in BANDS.items()
    }


def widths(
    estimate: Estimate, factors: tuple[int, ...] = (2, 4)
) -> Iterator[tuple[int, int, float]]:
    """(factor, documents, expected width of the interval) with so many times the documents.

    The error falls with the square root of their number; few documents pay for Student's t too.
    """
    from scipy.special import stdtrit

    n = estimate.n_documents
    if estimate.ci is None or n < INTERVAL_FROM:
        return
    width = estimate.ci[1] - estimate.ci[0]

    def reach(documents: int) -> float:
        few = documents < BOOTSTRAP_FROM
        return float(stdtrit(documents - 1 if few else 10**6, 0.975))

    for factor in factors:
        yield factor, n * factor, width / sqrt(factor) * reach(n * factor) / reach(n)
