"""What to do about it: causes of disagreement, by how much agreement would rise without each.

A cause is resolved when its disagreements become agreements: a boundary, label, type or role is
made the same, a missed item marked by both, an item split in two made one. The rise is that of
exact F1 of the layer (of percent agreement, for an attribute), over all pairs of annotators, with
everything else as it is. Arguments only count in events with the same trigger, so for them the rise
is at most so much.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from curation.agreement.disagreements import Disagreement
from curation.agreement.report import AgreementReport

__all__ = ["CauseFacts", "causes_of", "label_costs"]

_EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class CauseFacts:
    """One cause in one layer, or one attribute.

    `detail` is the pair of labels, the label, or the attribute's name. `rise` in points of
    `measure`. `offsets`: (start, end) of the first annotator less those of the second -> how
    often, of boundaries.
    """

    layer: str
    cause: str
    detail: str
    n: int
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
    measure, rise = _rise(report, layer, cause, detail, len(found))
    return CauseFacts(
        layer, cause, detail, len(found), rise, measure, _spread(found), dict(offsets)
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


def _rise(
    report: AgreementReport, layer: str, cause: str, detail: str, n: int
) -> tuple[str, float]:
    if cause == "attribute":
        cells = report.confusion.get(f"attributes.{detail}")
        total = sum(map(sum, cells["counts"])) if cells else 0
        return f"percent(layer=attributes,name={detail})", n / total if total else 0.0
    measure = f"f1(layer={layer},match=exact)"
    matched, marked = _counted(report, layer)
    if not marked:
        return measure, 0.0
    if cause == "split":  # one item fewer
        after = 2 * matched / (marked - n) if marked > n else 1.0
    elif cause == "missed":  # the other side has it too
        after = 2 * (matched + n) / (marked + n)
    else:
        after = 2 * (matched + n) / marked
    return measure, min(1.0, after) - 2 * matched / marked


def _counted(report: AgreementReport, layer: str) -> tuple[float, float]:
    """Equal items of all pairs of annotators, and all items of either side."""
    exact = report.estimate(f"f1(layer={layer},match=exact)")
    if exact is not None and exact.counts:
        return exact.counts["matched"], exact.counts["first"] + exact.counts["second"]
    cells = report.confusion.get(layer)
    if not cells:
        return 0.0, 0.0
    counts = cells["counts"]
    last = len(counts) - 1
    aligned = sum(counts[i][j] for i in range(last) for j in range(last))
    alone = sum(counts[last][i] + counts[i][last] for i in range(last))
    differing = sum(d.layer == layer and None not in d.items for d in report.disagreements)
    return float(aligned - differing), float(2 * aligned + alone)


def label_costs(report: AgreementReport, layer: str) -> list[tuple[str, int, float]]:
    """(label, disagreements that touch it, rise of exact F1 if they were resolved), dearest first.

    A pair of two labels touches both.
    """
    touched: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    for d in report.disagreements:
        if d.layer == layer:
            alone = None in d.items
            for name in {_name(item) for item in d.items if item is not None}:
                touched[name] += 1
                missed[name] += alone
    matched, marked = _counted(report, layer)
    rows = []
    for label, n in touched.items():
        after = 2 * (matched + n) / (marked + missed[label]) if marked else 0.0
        rows.append((label, n, min(1.0, after) - (2 * matched / marked if marked else 0.0)))
    return sorted(rows, key=lambda row: (-row[2], row[0]))
