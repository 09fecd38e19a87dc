"""What to do about it: causes of disagreement, by how much agreement would rise without each.

A cause is resolved when its disagreements become agreements: a boundary, label, type or role is
made the same, a missed item marked by both, an item split in two made one. The rise is that of
exact F1 of the layer (of percent agreement, for an attribute), over all pairs of annotators, with
everything else as it is. Only disagreements that the measure counts can raise it: of arguments and
attributes those on triggers, span and type, that both have (`Disagreement.counted`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from curation.agreement.disagreements import Disagreement
from curation.agreement.families import table_of
from curation.agreement.registry import Measure, parse_measure
from curation.agreement.report import AgreementReport

__all__ = ["CauseFacts", "causes_of", "label_costs"]

_EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class CauseFacts:
    """One cause in one layer, or one attribute.

    `detail` is the pair of labels, the label, or the attribute's name. `rise` in points of
    `measure`, which counts `n_counted` of the `n` disagreements. `offsets`: (start, end) of the
    first annotator less those of the second -> how often, of boundaries.
    """

    layer: str
    cause: str
    detail: str
    n: int
    n_counted: int
    rise: float
    measure: str
    examples: tuple[Disagreement, ...]
    offsets: Mapping[tuple[int, int], int] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """The fields by name; offsets as `[start, end, n]`, the most frequent first."""
        ordered = sorted(self.offsets.items(), key=lambda kv: (-kv[1], kv[0]))
        return {
            "layer": self.layer,
            "cause": self.cause,
            "detail": self.detail,
            "n": self.n,
            "n_counted": self.n_counted,
            "rise": self.rise,
            "measure": self.measure,
            "offsets": [[*offset, n] for offset, n in ordered],
            "examples": [d.to_json() for d in self.examples],
        }


def causes_of(report: AgreementReport) -> list[CauseFacts]:
    """Every cause, the one with the largest rise first."""
    groups: dict[tuple[str, str, str], list[Disagreement]] = {}
    details: dict[tuple[str | None, ...], str] = {}
    for disagreement in report.disagreements:
        names = _names(disagreement)
        if names not in details:
            details[names] = _detail(names)
        detail = details[names]
        groups.setdefault((disagreement.layer, disagreement.cause, detail), []).append(disagreement)
    found = [_facts(report, *key, found) for key, found in groups.items()]
    return sorted(found, key=lambda c: (-c.rise, -c.n, c.layer, c.cause, c.detail))


def _names(disagreement: Disagreement) -> tuple[str | None, ...]:
    """What each side's item is called, None where there is none; of an attribute its name."""
    first, second = disagreement.items
    if disagreement.cause == "attribute":
        return (str((first or {}).get("name")),)
    return (None if first is None else _name(first)), (None if second is None else _name(second))


def _detail(names: tuple[str | None, ...]) -> str:
    return " / ".join(sorted({name for name in names if name is not None}))


def _name(item: Mapping[str, Any]) -> str:
    return str(item.get("label") or item.get("role") or item.get("type"))


def _facts(
    report: AgreementReport, layer: str, cause: str, detail: str, found: Sequence[Disagreement]
) -> CauseFacts:
    offsets = Counter(_offset(d) for d in found) if cause == "boundary" else Counter()
    counted = sum(d.counted for d in found)
    measure = _measure(layer, cause, detail)
    rise = _rise(report, measure, cause, counted) if counted else 0.0
    return CauseFacts(
        layer, cause, detail, len(found), counted, rise, measure, _spread(found), dict(offsets)
    )


def _offset(disagreement: Disagreement) -> tuple[int, int]:
    first, second = disagreement.items
    if first is None or second is None:
        raise ValueError("a boundary has two sides")
    return first["start"] - second["start"], first["end"] - second["end"]


def _spread(found: Sequence[Disagreement]) -> tuple[Disagreement, ...]:
    """Examples from different documents, as far as there are."""
    first: dict[str, Disagreement] = {}
    for disagreement in found:
        first.setdefault(disagreement.uid, disagreement)
    chosen = list(first.values())[:_EXAMPLES]
    others = (d for d in found if all(d is not c for c in chosen))
    return (*chosen, *islice(others, _EXAMPLES - len(chosen)))


def _measure(layer: str, cause: str, detail: str) -> str:
    if cause == "attribute":
        return str(Measure("percent", {"layer": "attributes", "name": detail}))
    return f"f1(layer={layer},match=exact)"


def _rise(report: AgreementReport, measure: str, cause: str, n: int) -> float:
    if cause == "attribute":  # all that keeps it below 1
        agreed, total = _sums(report, measure)[:2]
        return 1 - agreed / total if total else 0.0
    matched, marked = _counted(report, measure)
    if not marked:
        return 0.0
    if cause == "split":  # one item fewer
        after = 2 * matched / (marked - n) if marked > n else 1.0
    elif cause == "missed":  # the other side has it too
        after = 2 * (matched + n) / (marked + n)
    else:
        after = 2 * (matched + n) / marked
    return min(1.0, after) - 2 * matched / marked


def _counted(report: AgreementReport, measure: str) -> tuple[float, float]:
    """Equal items of all pairs of annotators, and all items of either side."""
    matched, first, second = _sums(report, measure)
    return matched, first + second


def _sums(report: AgreementReport, measure: str) -> list[float]:
    """What the measure is made of, over everything."""
    if report.panel is None:
        return [0.0, 0.0, 0.0]
    everyone = tuple(range(len(report.panel.annotators)))
    sums: list[float] = (
        table_of(parse_measure(measure), report.panel, everyone).sums[0].sum(axis=0).tolist()
    )
    return sums


def label_costs(report: AgreementReport, layer: str) -> list[tuple[str, int, float]]:
    """(label, disagreements that touch it, rise of exact F1 if they were resolved), dearest first.

    A pair of two labels touches both. Only disagreements that exact F1 counts are taken.
    """
    touched: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    for d in report.disagreements:
        if d.layer == layer and d.counted:
            alone = None in d.items
            for name in {_name(item) for item in d.items if item is not None}:
                touched[name] += 1
                missed[name] += alone
    matched, marked = _counted(report, f"f1(layer={layer},match=exact)")
    rows = []
    for label, n in touched.items():
        after = 2 * (matched + n) / (marked + missed[label]) if marked else 0.0
        rows.append((label, n, min(1.0, after) - (2 * matched / marked if marked else 0.0)))
    return sorted(rows, key=lambda row: (-row[2], row[0]))
