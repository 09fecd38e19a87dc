"""What each annotator does to agreement: who marks more, who less, and who is how reliable.

Precision and recall of an annotator are against each of the others in turn, pooled: the share of
their items that the others have, the share of the others' items that they have. Who has the
higher recall marks more than the others. From three annotators on there is agreement without
each, and the model of Dawid & Skene over aligned candidates that three or more of them read: what
only two read does not tell which of them is right.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from curation.agreement.columns import Ints, codes
from curation.agreement.families import table_of
from curation.agreement.intervals import Job, Resampler, Score
from curation.agreement.pairing import components_of
from curation.agreement.panel import Group, Panel
from curation.agreement.registry import Measure
from curation.agreement.reliability import Reliability, fit_patterns

__all__ = [
    "LEAST_CANDIDATES",
    "AnnotatorFacts",
    "annotator_facts",
    "candidates_of",
    "reliability_of",
]

LEAST_CANDIDATES = 30
"""Candidates, read by two others too, from which on an annotator's reliability is told: a
convention. Below it, shares hang on single candidates (one of 30 is 0.03)."""

Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class AnnotatorFacts:
    """One annotator in one layer; (value, interval), each None where undefined.

    `more` is recall less precision: above 0 they mark more than the others. `without` is the
    agreement of the others, `change` that less the agreement of all. `dawid_skene` is the
    reason where there is no value.
    """

    annotator: str
    layer: str
    n_documents: int
    n_items: int
    precision: tuple[float | None, tuple[float, float] | None]
    recall: tuple[float | None, tuple[float, float] | None]
    more: tuple[float | None, tuple[float, float] | None]
    without: tuple[float | None, tuple[float, float] | None]
    change: tuple[float | None, tuple[float, float] | None]
    dawid_skene: Reliability | str

    def to_json(self) -> dict[str, Any]:
        """The fields by name, values as `{"value", "ci"}`."""
        rows = {
            name: {"value": value, "ci": None if ci is None else list(ci)}
            for name in ("precision", "recall", "more", "without", "change")
            for value, ci in [getattr(self, name)]
        }
        fitted = self.dawid_skene
        model = {
            "dawid_skene": None if isinstance(fitted, str) else fitted.to_json(),
            "dawid_skene_reason": fitted if isinstance(fitted, str) else None,
        }
        counts = {"n_documents": self.n_documents, "n_items": self.n_items}
        names = {"annotator": self.annotator, "layer": self.layer}
        return names | counts | rows | model


def annotator_facts(panel: Panel, sampler: Resampler) -> list[AnnotatorFacts]:
    """Every annotator in entities and triggers, by exact F1; nothing with fewer than two."""
    jobs: list[Job] = []
    rows = []
    for layer in ("entities", "triggers") if len(panel.annotators) > 1 else ():
        for annotator in range(len(panel.annotators)):
            made = _jobs(panel, layer, annotator)
            rows.append((layer, annotator, len(made)))
            jobs.extend(made)
    intervals = sampler.intervals(jobs)
    found, place = [], 0
    fitted = {layer: reliability_of(panel, layer) for layer in ("entities", "triggers")}
    for layer, annotator, n in rows:
        values = [
            (_value(job), interval.bounds)
            for job, interval in zip(
                jobs[place : place + n], intervals[place : place + n], strict=True
            )
        ]
        place += n
        values += [(None, None)] * (5 - n)
        marks = panel.layer(layer).by_annotator[annotator]
        compared = jobs[place - n].rows
        found.append(
            AnnotatorFacts(
                panel.annotators[annotator],
                layer,
                int(compared.sum()),
                int(compared[marks["document"]].sum()),
                values[0],
                values[1],
                values[2],
                values[3],
                values[4],
                fitted[layer][annotator],
            )
        )
    return found


def _value(job: Job) -> float | None:
    value = float(job.score(job.table[job.rows].sum(axis=0)[None, :])[0])
    return None if np.isnan(value) else value


def _jobs(panel: Panel, layer: str, annotator: int) -> list[Job]:
    measure = Measure("f1", {"layer": layer, "match": "exact"})
    others = [i for i in range(len(panel.annotators)) if i != annotator]
    sums = np.zeros((len(panel.uids), 3))
    rows: NDArray[np.bool_] = np.zeros(len(panel.uids), dtype=np.bool_)
    for other in others:
        pair = (min(annotator, other), max(annotator, other))
        table = table_of(measure, panel, pair)
        order = [0, 1, 2] if pair[0] == annotator else [0, 2, 1]
        sums += table.sums[0][:, order]
        rows = rows | table.compared
    jobs = [Job(sums, rows, _share(1), 0.0), Job(sums, rows, _share(2), 0.0)]
    jobs.append(Job(sums, rows, lambda s: _share(2)(s) - _share(1)(s)))
    if len(others) < 2:
        return jobs
    everyone = table_of(measure, panel, tuple(range(len(panel.annotators))))
    rest = table_of(measure, panel, tuple(others))
    both = np.concatenate([everyone.sums[0], rest.sums[0]], axis=1)
    score = everyone.score
    jobs.append(Job(rest.sums[0], rest.compared, score, 0.0))
    jobs.append(Job(both, everyone.compared, lambda s: score(s[..., 3:]) - score(s[..., :3])))
    return jobs


def _share(column: int) -> Score:
    def score(sums: Floats) -> Floats:
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(sums[..., column] > 0, sums[..., 0] / sums[..., column], np.nan)

    return score


def reliability_of(panel: Panel, layer: str) -> list[Reliability | str]:
    """Dawid & Skene over candidates that three or more read: of each annotator, or why not."""
    n = len(panel.annotators)
    if n < 3:
        return ["fewer than three annotators"] * n
    said = candidates_of(panel, layer, tuple(range(n)))
    said = said[:, (said >= 0).sum(axis=0) >= 3]
    enough = ((said >= 0).sum(axis=1) >= LEAST_CANDIDATES).tolist()
    few = f"fewer than {LEAST_CANDIDATES} candidates that two others read too"
    if not any(enough):
        return [few] * n
    fitted = fit_patterns(said, ("NONE", *panel.layer(layer).labels))
    return [found if known else few for found, known in zip(fitted, enough, strict=True)]


def candidates_of(panel: Panel, layer: str, group: Group) -> Ints:
    """Annotators x candidates: 1 + label, 0 for “nothing here”, -1 for a text that was not seen.

    Items that hang together by overlap are one candidate where nobody has two of them; else each
    different span is one.
    """
    compared = panel.compared(group)
    marks = [panel.marks(layer, i, compared) for i in group]
    column = {
        k: np.concatenate([m[k] for m in marks]) for k in ("document", "start", "end", "label")
    }
    who = np.repeat(np.arange(len(group)), [len(m) for m in marks])
    ids = components_of(column["document"], column["start"], column["end"])
    crowded = _crowded(ids, who, len(group))
    spans = codes([column["start"]], [column["end"]])
    keys = codes([ids], [np.where(crowded[ids], spans, -1) if len(ids) else spans])
    _, first, place = np.unique(keys, return_index=True, return_inverse=True)
    said = np.zeros((len(group), len(first)), dtype=np.int64)
    said[who, place] = 1 + column["label"]
    said[~panel.seen[column["document"][first]][:, list(group)].T] = -1
    return said


def _crowded(ids: Ints, who: Ints, annotators: int) -> NDArray[np.bool_]:
    """Components in which someone has two items."""
    n = int(ids.max(initial=-1)) + 1
    counts = np.bincount(ids * annotators + who, minlength=n * annotators).reshape(n, annotators)
    crowded: NDArray[np.bool_] = counts.max(axis=1, initial=0) > 1
    return crowded
