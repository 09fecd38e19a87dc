"""Gold from people's annotations, with its decisions, kept append-only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import Any

from curation.adjudication import (
    Ballot,
    Competence,
    Decision,
    Result,
    adjudicate,
    ballots_of,
    fit_competence,
    weighs,
)
from curation.model import AnnotationSet
from curation.store import DecisionRecord, Store
from curation.workflows.agreement import PEOPLE

__all__ = ["Adjudicated", "adjudicate_store"]


@dataclass(frozen=True)
class Adjudicated:
    """What adjudication came to. Counts of decisions are over all Documents that it decided.

    `competence`: layer -> annotator -> probability of the right answer, of the layers whose rules
    weigh; None where there are fewer than three annotators.
    """

    documents: int
    complete: int
    disputed_documents: int
    single: int
    decisions: Mapping[str, int]
    by_rule: Mapping[str, int]
    competence: Mapping[str, Mapping[str, float] | None]
    changed: int = 0

    def to_json(self) -> dict[str, Any]:
        """The fields by name."""
        return asdict(self)


def adjudicate_store(
    store: Store,
    *,
    rules: Mapping[str, Sequence[str]],
    min_annotators: int,
    nested: bool = False,
    at: str,
    advance: Callable[[], None] = lambda: None,
) -> Adjudicated:
    """Adjudicate every Document that enough annotators have seen; the same input changes nothing.

    Documents with open disputes get a gold set too, without what is disputed; only those without
    any are ready for a release. `nested`: whether the ontology lets entities overlap.
    """
    with store.transaction() as repo:
        sets = list(repo.annotation_sets(*PEOPLE))
    documents = [list(group) for _, group in groupby(sets, key=lambda s: s.uid)]
    competence = _competence(documents, rules, min_annotators)
    by_status: Counter[str] = Counter()
    by_rule: Counter[str] = Counter()
    tally: Counter[str] = Counter()
    with store.transaction() as repo:
        for said in documents:
            if len(said) < min_annotators:
                tally["single"] += 1
                continue
            result = adjudicate(said, rules, competence=competence, nested=nested)
            decisions = [_record(result.gold.uid, d) for d in result.decisions]
            change = repo.save_gold(_with_models(result, said), decisions, at=at)
            tally["changed"] += change != "unchanged"
            tally["documents"] += 1
            tally["disputed" if result.disputed else "complete"] += 1
            by_status.update(d.status for d in result.decisions)
            by_rule.update(d.rule for d in result.decisions if d.rule)
            advance()
    return Adjudicated(
        documents=tally["documents"],
        complete=tally["complete"],
        disputed_documents=tally["disputed"],
        single=tally["single"],
        decisions=dict(sorted(by_status.items())),
        by_rule=dict(sorted(by_rule.items())),
        competence={
            layer: None if fitted is None else fitted.accuracy()
            for layer, fitted in competence.items()
        },
        changed=tally["changed"],
    )


def _competence(
    documents: Sequence[Sequence[AnnotationSet]],
    rules: Mapping[str, Sequence[str]],
    min_annotators: int,
) -> dict[str, Competence | None]:
    """Of the layers whose rules weigh, fitted on all Documents that will be adjudicated."""
    ballots: dict[str, list[Ballot]] = {layer: [] for layer, some in rules.items() if weighs(some)}
    if not ballots:
        return {}
    for said in documents:
        for ballot in ballots_of(said).all() if len(said) >= min_annotators else ():
            if ballot.layer in ballots:
                ballots[ballot.layer].append(ballot)
    return {layer: fit_competence(some) for layer, some in ballots.items()}


def _with_models(result: Result, said: Sequence[AnnotationSet]) -> AnnotationSet:
    """The gold set, with where each annotator's part of it came from."""
    sources = {s.annotator: s.provenance.get("url") for s in said if s.provenance.get("url")}
    provenance: dict[str, Any] = {**result.gold.provenance, "sources": sources}
    if any(s.kind == "sample" for s in said):
        provenance["sample"] = True
    return result.gold.model_copy(update={"provenance": provenance})


def _record(uid: str, decision: Decision) -> DecisionRecord:
    return DecisionRecord(
        uid=uid,
        layer=decision.layer,
        status=decision.status,
        item_id=decision.item_id,
        rule=decision.rule,
        body=decision.to_json(),
    )
