"""Likely errors in gold, in what one annotator said, or in files; and what was decided of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from curation.audit import (
    KINDS,
    STEPS,
    Finding,
    Place,
    Reading,
    audit,
    in_dispute,
    is_fingerprint,
    open_places,
    readings,
)
from curation.corrections import was_corrected
from curation.errors import InputError, UsageError
from curation.messages import few, shown
from curation.model import AnnotationSet, Document
from curation.ontology import Ontology
from curation.store import Store
from curation.store.findings import VERDICTS, FindingRecord
from curation.store.records import DecisionRecord
from curation.workflows.agreement import PEOPLE

__all__ = [
    "NO_PIPELINE",
    "STEPS",
    "Audited",
    "Listed",
    "Material",
    "decide",
    "decisions_of",
    "find",
    "listed",
    "read_files",
    "read_store",
    "remember",
    "verdicts",
    "with_proposals",
]

NO_PIPELINE = "none"
Pairs = Sequence[tuple[Document, AnnotationSet]]


@dataclass(frozen=True)
class Material:
    """What is audited, and what is known about it.

    `work` has people's sets, by which times and kept suggestions are judged, `others` those of
    other people than the audited, by uid: of gold all of them. `proposals` are by
    uid and were not seen by annotators; `shown` are by (uid, annotator). `urls` are by uid.
    `disputed` is where gold waits for a decision.
    """

    pairs: Pairs
    work: Pairs = ()
    others: Mapping[str, Sequence[AnnotationSet]] = field(default_factory=dict)
    proposals: Mapping[str, AnnotationSet] = field(default_factory=dict)
    shown: Mapping[tuple[str, str], AnnotationSet] = field(default_factory=dict)
    clusters: Mapping[str, str] = field(default_factory=dict)
    urls: Mapping[str, str] = field(default_factory=dict)
    ontology: Ontology | None = None
    disputed: Sequence[Place] = ()

    @property
    def assisted(self) -> frozenset[str]:
        """Documents that somebody annotated from suggestions: a pipeline is no second opinion."""
        every = (*self.pairs, *self.work)
        return frozenset(said.uid for _, said in every if was_corrected(said))


@dataclass(frozen=True, slots=True)
class Listed:
    """A Finding, where its document can be opened, and what was decided about it, if anything."""

    finding: Finding
    url: str | None = None
    verdict: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The finding's fields, `url` and `verdict`."""
        return self.finding.to_json() | {"url": self.url, "verdict": self.verdict}


@dataclass(frozen=True, slots=True)
class Audited:
    """The findings that are shown, how many there are, and how many were decided before.

    `in_dispute` are neither shown nor counted otherwise: gold waits for a decision there.
    """

    n_documents: int
    n_items: int
    shown: tuple[Listed, ...]
    open: int
    decided: Mapping[str, int]
    in_dispute: int = 0

    def to_json(self) -> dict[str, Any]:
        """Counts, and the findings that are shown."""
        return {
            "n_documents": self.n_documents,
            "n_items": self.n_items,
            "open": self.open,
            "decided": dict(self.decided),
            "left_out": {"in_dispute": self.in_dispute},
            "findings": [one.to_json() for one in self.shown],
        }


def read_store(
    store: Store, *, annotator: str | None = None, ontology: Ontology | None = None
) -> Material:
    """Gold of a workspace, or what one annotator said.

    Raises UsageError where there is none.
    """
    with store.transaction() as repo:
        people = list(repo.annotation_sets(*PEOPLE))
        if annotator is None:
            sets = list(repo.annotation_sets("gold"))
            work = people
        else:
            sets = work = [said for said in people if said.annotator == annotator]
        if not sets:
            raise UsageError(_nothing(annotator, {said.annotator for said in people}))
        uids = {said.uid for said in (*sets, *work)}
        documents = {d.uid: d for d in repo.documents(uids)}
        return Material(
            pairs=[(documents[said.uid], said) for said in sets],
            work=[(documents[said.uid], said) for said in work],
            others=_others(said for said in people if said.annotator != annotator),
            proposals={s.uid: s for s in repo.annotation_sets("model", uids=uids)},
            shown=_shown(work, {(uid, task): s for uid, task, s in repo.sent_proposals()}),
            clusters=repo.clusters(),
            urls=_urls((*sets, *work)),
            ontology=ontology,
            disputed=[] if annotator else [*_disputed(repo.open_decisions())],
        )


def _disputed(decisions: Iterable[DecisionRecord]) -> Iterator[Place]:
    for one in decisions:
        yield from open_places(one.uid, one.layer, one.body["candidates"], one.body.get("event"))


def _nothing(annotator: str | None, known: Collection[str]) -> str:
    if annotator is None:
        return "there is no gold yet; run `curation adjudicate`, or name an --annotator"
    names = few(sorted(known), most=30, between=", ") or "nobody"
    return f"--annotator {shown(annotator)} has annotated nothing; annotators are {names}"


def _others(sets: Iterable[AnnotationSet]) -> dict[str, list[AnnotationSet]]:
    found: dict[str, list[AnnotationSet]] = {}
    for said in sets:
        found.setdefault(said.uid, []).append(said)
    return found


def _shown(
    work: Iterable[AnnotationSet], sent: Mapping[tuple[str, int], AnnotationSet]
) -> dict[tuple[str, str], AnnotationSet]:
    tasks = {(s.uid, s.annotator): int(s.provenance.get("task") or 0) for s in work}
    return {key: sent[key[0], task] for key, task in tasks.items() if (key[0], task) in sent}


def _urls(sets: Iterable[AnnotationSet]) -> dict[str, str]:
    """Where each Document can be opened: before the first annotator by name."""
    found: dict[str, str] = {}
    for said in sorted(sets, key=lambda s: (s.uid, s.annotator)):
        if url := _url_of(said):
            found.setdefault(said.uid, url)
    return found


def _url_of(said: AnnotationSet) -> str | None:
    """Of an annotator's task; of gold the first one's that it was made from."""
    sources = said.provenance.get("sources")
    several = [sources[name] for name in sorted(sources)] if isinstance(sources, Mapping) else []
    return next((str(url) for url in (said.provenance.get("url"), *several) if url), None)


def read_files(
    paths: Sequence[Path], *, annotator: str | None = None, ontology: Ontology | None = None
) -> Material:
    """Annotations of one annotator in canonical files, folders of brat or CoNLL-style files.

    The `ontology` is used where it has all labels, types and roles that occur. Raises InputError
    where a document stands twice, UsageError where there is nothing.
    """
    from curation.workflows.team_files import read_any

    pairs: dict[str, tuple[Document, AnnotationSet]] = {}
    for record, where in read_any(paths):
        said = record.annotations
        if said is None or annotator not in (None, said.annotator):
            continue
        if said.uid in pairs:
            other = pairs[said.uid][1].annotator
            raise InputError(
                f"document {said.uid} is annotated twice, by {other} and {said.annotator}",
                where=where,
                hint="audit one annotator at a time, with --annotator NAME",
            )
        pairs[said.uid] = (record.document, said)
    if not pairs:
        by = f" by {shown(annotator)}" if annotator else ""
        raise UsageError(f"no annotations{by} in these files; a line needs entities")
    found = list(pairs.values())
    fits = ontology is not None and _knows(ontology, found)
    return Material(
        found, found, urls=_urls(said for _, said in found), ontology=ontology if fits else None
    )


def _knows(ontology: Ontology, pairs: Pairs) -> bool:
    """Whether the files are of this ontology."""
    entities = {e.label for _, said in pairs for e in said.entities}
    events = [e for _, said in pairs for e in said.events]
    roles = {a.role for e in events for a in e.arguments}
    types = {e.type for e in events}
    known_roles = {r.name for r in ontology.roles}
    return (
        entities <= ontology.entity_names
        and types <= ontology.event_names
        and (roles <= known_roles)
    )


def with_proposals(
    material: Material, pipeline: str, *, advance: Callable[[], None] = lambda: None
) -> Material:
    """With a second opinion by `pipeline` about each Document that has none and was not assisted.

    A Document on which the pipeline fails goes without. Raises UsageError where there is no such
    pipeline.
    """
    from dataclasses import replace

    assisted = material.assisted
    known = {u: s for u, s in material.proposals.items() if u not in assisted}
    if pipeline == NO_PIPELINE:
        return replace(material, proposals=known)
    lacking = [d for d, _ in material.pairs if d.uid not in known and d.uid not in assisted]
    if lacking:
        from curation.preannotate.documents import annotate

        for found in annotate(sorted(lacking, key=lambda d: d.language), default=pipeline):
            if isinstance(found, AnnotationSet):
                known[found.uid] = found
            advance()
    return replace(material, proposals=known)


def find(
    material: Material,
    *,
    kinds: Collection[str] = (),
    seed: int = 0,
    advance: Callable[[], object] = lambda: None,
) -> tuple[Finding, ...]:
    """All findings, likeliest first; of some `kinds` where they are given.

    Raises UsageError where there is no such kind.
    """
    if unknown := sorted(set(kinds) - KINDS.keys()):
        raise UsageError(f"--kind {shown(unknown[0])}: kinds are {', '.join(KINDS)}")
    corpus = readings(
        material.pairs,
        proposals=material.proposals,
        others=material.others,
        clusters=material.clusters,
    )
    return audit(
        corpus,
        _work(material),
        ontology=material.ontology,
        kinds=kinds or tuple(KINDS),
        seed=seed,
        advance=advance,
    )


def _work(material: Material) -> tuple[Reading, ...]:
    return tuple(
        Reading(document, said, shown=material.shown.get((said.uid, said.annotator)))
        for document, said in sorted(material.work, key=lambda p: (p[1].annotator, p[0].uid))
    )


def listed(
    material: Material,
    findings: Sequence[Finding],
    decided: Mapping[str, str],
    *,
    limit: int | None = None,
    everything: bool = False,
) -> Audited:
    """The first `limit` findings that nobody has decided; with `everything` all of them.

    Those about what gold leaves open are left out: they are to be adjudicated.
    """
    waiting = in_dispute(findings, material.disputed) - decided.keys()
    findings = [one for one in findings if one.fingerprint not in waiting]
    fresh = [one for one in findings if everything or one.fingerprint not in decided]
    verdicts = [decided[one.fingerprint] for one in findings if one.fingerprint in decided]
    return Audited(
        n_documents=len(material.pairs),
        n_items=sum(len(said.items) for _, said in material.pairs),
        shown=tuple(
            Listed(one, _url(material, one), decided.get(one.fingerprint)) for one in fresh[:limit]
        ),
        open=len(findings) - len(verdicts),
        decided={verdict: verdicts.count(verdict) for verdict in VERDICTS},
        in_dispute=len(waiting),
    )


def _url(material: Material, one: Finding) -> str | None:
    """Of what the finding's own annotator did, else of anybody's work on the Document."""
    its = (s for _, s in material.work if (s.uid, s.annotator) == (one.uid, one.annotator))
    return next((url for url in map(_url_of, its) if url), material.urls.get(one.uid))


def decisions_of(given: Iterable[str]) -> dict[str, str]:
    """From FINDING=VERDICT; UsageError on anything else."""
    found: dict[str, str] = {}
    for text in given:
        name, _, verdict = (part.strip() for part in text.partition("="))
        if not is_fingerprint(name) or verdict not in VERDICTS:
            raise UsageError(
                f"--decide {shown(text)}: write FINDING={'|'.join(VERDICTS)}; a FINDING is named "
                "by 12 digits and letters, see `curation audit`"
            )
        if found.setdefault(name, verdict) != verdict:
            raise UsageError(f"--decide {name} twice, as {found[name]} and {verdict}")
    return found


def decide(store: Store, decisions: Mapping[str, str], *, by: str, at: str, note: str = "") -> None:
    """Keep what was decided about findings that were shown.

    Raises UsageError, and keeps nothing, where one of them never was.
    """
    with store.transaction(alone=True) as repo:
        known = repo.findings()
        if unknown := [name for name in decisions if name not in known]:
            raise UsageError(
                f"no finding {few(unknown, between=', ')} was ever shown; see `curation audit`"
            )
        for name, verdict in decisions.items():
            repo.decide_finding(name, verdict, by=by, at=at, note=note)


def verdicts(store: Store) -> dict[str, str]:
    """What was decided, by fingerprint."""
    with store.transaction() as repo:
        return {name: f.verdict for name, f in repo.findings().items() if f.verdict}


def remember(store: Store, audited: Audited, *, at: str) -> None:
    """Keep what is shown, so that it can be decided by its fingerprint."""
    with store.transaction(alone=True) as repo:
        repo.add_findings((_record(one.finding) for one in audited.shown), at=at)


def _record(one: Finding) -> FindingRecord:
    suggested = f" -> {one.suggested}" if one.suggested else ""
    summary = f"{one.kind}: {shown(one.surface)} {one.now or 'not marked'}{suggested}"
    return FindingRecord(one.fingerprint, one.uid, one.kind, summary)
