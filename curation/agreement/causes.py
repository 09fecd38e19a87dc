"""What to do about it: causes of disagreement, by how much agreement would rise without each.

A cause is resolved when its disagreements become agreements: a boundary, label, type or role is
made the same, a missed item marked by both, an item split in two made one. The rise is that of
exact F1 of the layer (of percent agreement, for an attribute), over all pairs of annotators, with
everything else as it is. Only disagreements that the measure counts can raise it: of arguments and
attributes those on triggers, span and type, that both have (`Disagreement.counted`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from curation.agreement.columns import Ints, codes
from curation.agreement.families import table_of
from curation.agreement.listed import (
    CAUSES,
    NO_ITEM,
    SORTED_LAYERS,
    Disagreement,
    Disagreements,
)
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
    groups: dict[tuple[str, str, str], list[Ints]] = {}
    for key, places in _alike(report.disagreements):
        groups.setdefault(key, []).append(places)
    found = [_facts(report, *key, np.sort(np.concatenate(of))) for key, of in groups.items()]
    return sorted(found, key=lambda c: (-c.rise, -c.n, c.layer, c.cause, c.detail))


def _alike(listed: Disagreements) -> Iterator[tuple[tuple[str, str, str], Ints]]:
    """(layer, cause, detail) and the places of disagreements; a key may come more than once."""
    first, second = listed.sides
    of_attribute = listed.rows.cause == CAUSES.index("attribute")
    one = np.where(of_attribute, first.attribute, first.label)
    other = np.where(of_attribute, NO_ITEM, second.label)
    keys = codes([listed.rows.layer], [listed.rows.cause], [one], [other])
    order = np.argsort(keys, kind="stable")
    cuts = np.flatnonzero(np.diff(keys[order])) + 1
    for places in np.split(order, cuts) if len(order) else ():
        at = places[0]
        names = {listed.names[i] for i in (one[at], other[at]) if i != NO_ITEM}
        layer, cause = SORTED_LAYERS[listed.rows.layer[at]], CAUSES[listed.rows.cause[at]]
        yield (layer, cause, " / ".join(sorted(names))), places


def _facts(
    report: AgreementReport, layer: str, cause: str, detail: str, places: Ints
) -> CauseFacts:
    listed = report.disagreements
    offsets = _offsets(listed, places) if cause == "boundary" else {}
    counted = int(listed.rows.counted[places].sum())
    measure = _measure(layer, cause, detail)
    rise = _rise(report, measure, cause, counted) if counted else 0.0
    examples = tuple(listed[at] for at in _spread(listed.rows.document[places], places))
    return CauseFacts(layer, cause, detail, len(places), counted, rise, measure, examples, offsets)


def _offsets(listed: Disagreements, places: Ints) -> dict[tuple[int, int], int]:
    first, second = listed.sides
    starts = (first.start[places] - second.start[places]).tolist()
    ends = (first.end[places] - second.end[places]).tolist()
    return dict(Counter(zip(starts, ends, strict=True)))


def _spread(documents: Ints, places: Ints) -> list[int]:
    """Places of examples from different documents, as far as there are."""
    new = np.sort(np.unique(documents, return_index=True)[1])[:_EXAMPLES]
    others = np.setdiff1d(np.arange(min(len(places), 2 * _EXAMPLES)), new)
    found: list[int] = places[np.concatenate([new, others])[:_EXAMPLES]].tolist()
    return found


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
    listed = report.disagreements
    taken = (listed.rows.layer == SORTED_LAYERS.index(layer)) & (listed.rows.counted > 0)
    one, other = (side.label[taken] for side in listed.sides)
    alone = (one == NO_ITEM) | (other == NO_ITEM)
    touching = [one[one != NO_ITEM], other[(other != NO_ITEM) & (other != one)]]
    touched = _by_name(listed, np.concatenate(touching))
    missed = _by_name(listed, np.maximum(one, other)[alone])
    matched, marked = _counted(report, f"f1(layer={layer},match=exact)")
    rows = []
    for label, n in touched.items():
        after = 2 * (matched + n) / (marked + missed.get(label, 0)) if marked else 0.0
        rows.append((label, n, min(1.0, after) - (2 * matched / marked if marked else 0.0)))
    return sorted(rows, key=lambda row: (-row[2], row[0]))


def _by_name(listed: Disagreements, numbers: Ints) -> dict[str, int]:
    counts = np.bincount(numbers, minlength=len(listed.names))
    return {listed.names[i]: int(counts[i]) for i in np.flatnonzero(counts).tolist()}
