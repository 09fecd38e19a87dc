"""Gold from people's annotations, with its decisions, kept append-only.

Where an adjudicator has decided a Document, that stands: new annotations and other rules do not
move it, and where they come to something else they are listed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from curation.adjudication import ADJUDICATOR, NOTHING, Competence, Decision, Result, adjudicate
from curation.model import AnnotationSet
from curation.store import DecisionRecord, GoldRecord, Store, gold_record
from curation.workflows.evidence import Evidence, Said
from curation.workflows.workspace import Workspace

__all__ = ["Adjudicated", "Contradiction", "adjudicate_store", "adjudicate_workspace"]


@dataclass(frozen=True)
class Contradiction:
    """Newer annotations speak against what an adjudicator decided.

    `decided` is what gold says, `overruled` what the rules would decide now, `by` those of its
    supporters who are newer.
    """

    uid: str
    layer: str
    item: str | None
    decided: str
    overruled: str
    adjudicator: str
    by: tuple[str, ...]


@dataclass(frozen=True)
class Adjudicated:
    """What adjudication came to. Counts of decisions are over all Documents that it decided.

    `competence`: layer -> annotator -> probability of the right answer, of the layers whose rules
    weigh; None where there are fewer than three annotators. `adjudicated` Documents were decided
    by a person; `contradictions` are what has come up against that since.
    """

    documents: int
    complete: int
    disputed_documents: int
    single: int
    decisions: Mapping[str, int]
    by_rule: Mapping[str, int]
    competence: Mapping[str, Mapping[str, float] | None]
    changed: int = 0
    adjudicated: int = 0
    contradictions: tuple[Contradiction, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The fields by name."""
        return asdict(self)


def adjudicate_workspace(
    workspace: Workspace,
    *,
    at: str,
    rules: Mapping[str, Sequence[str]] | None = None,
    processes: int = 1,
    advance: Callable[[], None] = lambda: None,
) -> Adjudicated:
    """Adjudicate with the workspace's settings, or with other `rules`."""
    return adjudicate_store(
        workspace.store,
        rules=rules or workspace.rules,
        min_annotators=workspace.settings.adjudication.min_annotators,
        nested=workspace.ontology.nested_entities,
        ontology=workspace.ontology.version,
        at=at,
        processes=processes,
        advance=advance,
    )


def adjudicate_store(
    store: Store,
    *,
    rules: Mapping[str, Sequence[str]],
    min_annotators: int,
    nested: bool = False,
    ontology: str = "",
    at: str,
    processes: int = 1,
    advance: Callable[[], None] = lambda: None,
) -> Adjudicated:
    """Adjudicate every Document that enough annotators have seen; the same input changes nothing.

    Documents with open disputes get a gold set too, without what is disputed; only those without
    any are ready for a release. `nested`: whether the ontology lets entities overlap. `ontology`
    is its version, for the provenance. `processes` share thousands of Documents; with more than
    one, a script needs the usual `if __name__ == "__main__":`.
    """
    with Evidence(store, min_annotators, processes=processes) as evidence:
        competence = evidence.competence(rules)
        policy = _Policy(rules, competence, nested, ontology)
        total = _Lot()
        changed = 0
        for lot in evidence.each(_decide, policy):
            with store.transaction(alone=True) as repo:
                changes = repo.save_gold(lot.gold, at=at)
            changed += sum(change != "unchanged" for change in changes)
            total.add(lot)
            for _ in lot.gold:
                advance()
    return Adjudicated(
        documents=len(evidence.uids),
        complete=len(evidence.uids) - total.disputed,
        disputed_documents=total.disputed,
        single=evidence.waiting,
        decisions=dict(sorted(total.by_status.items())),
        by_rule=dict(sorted(total.by_rule.items())),
        competence={
            layer: None if fitted is None else fitted.accuracy()
            for layer, fitted in competence.items()
        },
        changed=changed,
        adjudicated=len(evidence.decided),
        contradictions=tuple(total.contradictions),
    )


@dataclass(frozen=True)
class _Policy:
    """What decides, besides what people say."""

    rules: Mapping[str, Sequence[str]]
    competence: Mapping[str, Competence | None]
    nested: bool
    ontology: str


@dataclass
class _Lot:
    """Gold for some Documents, and counts over them."""

    gold: list[GoldRecord] = field(default_factory=list)
    disputed: int = 0
    by_status: Counter[str] = field(default_factory=Counter)
    by_rule: Counter[str] = field(default_factory=Counter)
    contradictions: list[Contradiction] = field(default_factory=list)

    def count(self, said: Said, result: Result) -> None:
        self.disputed += result.disputed > 0
        self.by_status.update(d.status for d in result.decisions)
        self.by_rule.update(d.rule for d in result.decisions if d.rule)
        if said.final is not None and said.since:
            self.contradictions += _contradictions(said, said.final.annotator, result)

    def add(self, other: _Lot) -> None:
        """The counts of another lot; its gold was stored."""
        self.disputed += other.disputed
        self.by_status.update(other.by_status)
        self.by_rule.update(other.by_rule)
        self.contradictions += other.contradictions


def _decide(some: Sequence[Said], policy: _Policy) -> _Lot:
    lot = _Lot()
    for said in some:
        result = adjudicate(
            said.sets,
            policy.rules,
            competence=policy.competence,
            nested=policy.nested,
            final=said.final,
        )
        lot.count(said, result)
        gold = _with_sources(result, said, policy.ontology)
        lot.gold.append(gold_record(gold, (_record(said.uid, d) for d in result.decisions)))
    return lot


def _contradictions(said: Said, adjudicator: str, result: Result) -> Iterator[Contradiction]:
    for decision in result.decisions:
        if decision.overruled is None:
            continue
        said_by = {name: value or NOTHING for name, value in decision.votes}
        newer = tuple(n for n in said_by if said_by[n] == decision.overruled and n in said.since)
        if newer:
            yield Contradiction(
                said.uid,
                decision.layer,
                decision.item_id,
                said_by[f"{ADJUDICATOR}:{adjudicator}"],
                decision.overruled,
                adjudicator,
                newer,
            )


def _with_sources(result: Result, said: Said, ontology: str) -> AnnotationSet:
    """The gold set, with where each annotator's part of it came from, and by which guideline."""
    named = {s.annotator: s for s in said.sets}
    if said.final is not None:
        named[f"{ADJUDICATOR}:{said.final.annotator}"] = said.final
    about = {name: s.provenance for name, s in named.items()}
    provenance: dict[str, Any] = {
        **result.gold.provenance,
        "sources": {name: known["url"] for name, known in about.items() if known.get("url")},
    }
    guidelines = {str(k["guideline"]) for k in about.values() if "guideline" in k}
    if guidelines:
        provenance["guideline"] = sorted(guidelines)
    if ontology:
        provenance["ontology"] = ontology
    if any(s.kind == "sample" for s in said.sets):
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
