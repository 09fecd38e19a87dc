"""What a project lead can act on, worked out of an AgreementReport."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from curation.agreement.annotators import AnnotatorFacts, annotator_facts
from curation.agreement.causes import CauseFacts, causes_of, label_costs
from curation.agreement.intervals import Resampler
from curation.agreement.measure import HEADLINES, per_document, sampler_of
from curation.agreement.registry import parse_measure
from curation.agreement.report import AgreementReport, Estimate
from curation.agreement.steering import Steering, steering
from curation.agreement.targets import Target, judged, widths
from curation.model import AnnotationSet

__all__ = ["Discussed", "Facts", "facts_of"]

_DISCUSSED = 10
_LAYERS = ("entities", "triggers", "arguments")


@dataclass(frozen=True, slots=True)
class Discussed:
    """A document to discuss: its disagreements, exact F1 by layer, and annotator -> link."""

    uid: str
    n: int
    values: Mapping[str, float | None]
    urls: Mapping[str, str]

    def to_json(self) -> dict[str, Any]:
        """The fields by name."""
        return {
            "uid": self.uid,
            "disagreements": self.n,
            "values": dict(self.values),
            "urls": dict(self.urls),
        }


@dataclass(frozen=True)
class Facts:
    """Causes, costs of labels, documents, annotators, targets, widths, steering."""

    causes: tuple[CauseFacts, ...]
    labels: Mapping[str, list[tuple[str, int, float]]]
    documents: tuple[Discussed, ...]
    annotators: tuple[AnnotatorFacts, ...]
    targets: tuple[Target, ...]
    widths: Mapping[str, list[tuple[int, int, float]]]
    steering: tuple[Steering, ...]
    comparisons: int

    @property
    def missed(self) -> list[Target]:
        """Targets whose whole interval lies below."""
        return [t for t in self.targets if t.verdict == "missed"]

    def to_json(self) -> dict[str, Any]:
        """Everything by name."""
        return {
            "causes": [c.to_json() for c in self.causes],
            "labels": [
                {"layer": layer, "label": label, "n": n, "rise": rise}
                for layer, rows in self.labels.items()
                for label, n, rise in rows
            ],
            "documents": [d.to_json() for d in self.documents],
            "annotators": [a.to_json() for a in self.annotators],
            "targets": [t.to_json() for t in self.targets],
            "how_much_more": [
                {"measure": name, "factor": k, "n_documents": n, "width": width}
                for name, rows in self.widths.items()
                for k, n, width in rows
            ],
            "steering": [s.to_json() for s in self.steering],
            "comparisons": self.comparisons,
        }


def facts_of(
    report: AgreementReport,
    *,
    sets: Sequence[AnnotationSet] = (),
    clusters: Mapping[str, str] | None = None,
    proposal_of: Callable[[AnnotationSet], AnnotationSet | None] | None = None,
    targets: Mapping[str, float] | None = None,
) -> Facts:
    """`sets` are those of the report; their provenance has the links into Label Studio."""
    panel = report.panel
    estimates = [e for e in report.measures if not e.slice]
    sampler = Resampler(report.seed, report.resamples)
    if panel is not None:
        sampler = sampler_of(panel, clusters or {}, report.seed, report.resamples)
    steered = (
        steering(sets, proposal_of, seed=report.seed, resamples=report.resamples)
        if proposal_of
        else []
    )
    return Facts(
        causes=tuple(causes_of(report)),
        labels={layer: label_costs(report, layer) for layer in _LAYERS},
        documents=tuple(_discussed(report, sets)),
        annotators=tuple(annotator_facts(panel, sampler)) if panel is not None else (),
        targets=tuple(judged(report, targets or {})),
        widths={e.name: list(widths(e)) for e in estimates if _headline(e)},
        steering=tuple(steered),
        comparisons=sum(e.ci is not None for e in report.measures)
        + sum(p.estimate.ci is not None for p in report.pairs)
        + sum(d.ci is not None for d in report.differences),
    )


def _headline(estimate: Estimate) -> bool:
    return estimate.name in HEADLINES


def _discussed(report: AgreementReport, sets: Sequence[AnnotationSet]) -> list[Discussed]:
    """The documents with most disagreements: short ones would lead by their F1."""
    counts = report.disagreements.by_document()
    chosen = sorted(counts, key=lambda uid: (-counts[uid], uid))[:_DISCUSSED]
    values = _values(report)
    urls: dict[str, dict[str, str]] = {uid: {} for uid in chosen}
    for s in sets:
        if s.uid in urls and s.provenance.get("url"):
            urls[s.uid][s.annotator] = str(s.provenance["url"])
    return [
        Discussed(uid, counts[uid], {k: v.get(uid) for k, v in values.items()}, urls[uid])
        for uid in chosen
    ]


def _values(report: AgreementReport) -> dict[str, dict[str, float | None]]:
    found: dict[str, dict[str, float | None]] = {}
    if report.panel is not None:
        for name in HEADLINES:
            found[name] = dict(per_document(report.panel, parse_measure(name)))
    return found
