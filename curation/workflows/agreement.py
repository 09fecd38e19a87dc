"""Measuring agreement: of a workspace, or of canonical files without one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from curation.agreement.measure import measure_agreement
from curation.agreement.report import AgreementReport
from curation.agreement.targets import LAYERS
from curation.errors import InputError, UsageError
from curation.messages import few, shown
from curation.model import AnnotationSet, Document
from curation.settings import Agreement
from curation.workflows.dimensions import DIMENSIONS, dimensions_of
from curation.workflows.team_files import read_any

if TYPE_CHECKING:
    from curation.agreement.facts import Facts
    from curation.ontology import Ontology
    from curation.store import Store

__all__ = [
    "PEOPLE",
    "SLICES",
    "Compared",
    "check_targets",
    "facts",
    "measure",
    "read_files",
    "read_store",
]

PEOPLE = ("person", "sample")
"""The kinds of sets that are compared: people's work, the sample annotators' included."""

SLICES = ("label", *DIMENSIONS)
"""What agreement can be sliced by."""


@dataclass(frozen=True)
class Compared:
    """What agreement is measured over.

    `clusters`: near-duplicates, by uid. `proposals`: what was proposed for a document, and
    `sent`: in a task (uid, task number); none of both where files are compared.
    """

    documents: dict[str, Document]
    sets: tuple[AnnotationSet, ...]
    clusters: Mapping[str, str] = field(default_factory=dict)
    proposals: Mapping[str, AnnotationSet] = field(default_factory=dict)
    sent: Mapping[tuple[str, int], AnnotationSet] = field(default_factory=dict)
    settings: Agreement = field(default_factory=Agreement)

    @property
    def shared(self) -> bool:
        """Whether two people annotated some document: else nothing can be measured."""
        return len({s.uid for s in self.sets}) < len(self.sets)

    @property
    def labels(self) -> set[str]:
        """Labels, event types and roles that somebody used."""
        entities = {e.label for s in self.sets for e in s.entities}
        events = [e for s in self.sets for e in s.events]
        return entities | {e.type for e in events} | {a.role for e in events for a in e.arguments}

    def proposal_of(self, annotations: AnnotationSet) -> AnnotationSet | None:
        """The proposal in the annotator's task, else the document's, if any."""
        task = int(annotations.provenance.get("task") or 0)
        return self.sent.get((annotations.uid, task)) or self.proposals.get(annotations.uid)


def read_store(store: Store, settings: Agreement | None = None) -> Compared:
    """People's annotations in a workspace."""
    with store.transaction() as repo:
        sets = tuple(repo.annotation_sets(*PEOPLE))
        uids = {s.uid for s in sets}
        return Compared(
            {d.uid: d for d in repo.documents(uids)},
            sets,
            repo.clusters(),
            {s.uid: s for s in repo.annotation_sets("model", uids=uids)},
            {(uid, task): made for uid, task, made in repo.sent_proposals()},
            settings or Agreement(),
        )


def read_files(paths: Sequence[Path], columns: Mapping[str, int] | None = None) -> Compared:
    """Annotations in canonical files, folders of brat and CoNLL-style files.

    Annotators are named in the lines, else by their file or folder; `columns` says whose the
    columns of CoNLL-style files are.
    """
    documents: dict[str, Document] = {}
    sets: dict[tuple[str, str], AnnotationSet] = {}
    for record, where in read_any(paths, columns):
        known = documents.setdefault(record.document.uid, record.document)
        if known.text != record.document.text:
            raise InputError(
                f"document {known.uid} has another text than in an earlier file",
                where=where,
                hint="compare annotations of the same text",
            )
        if record.annotations is None:
            continue
        key = (record.annotations.uid, record.annotations.annotator)
        if key in sets:
            raise InputError(
                f"document {key[0]} is annotated twice by {key[1]}",
                where=where,
                hint="give each annotator a name of their own",
            )
        sets[key] = record.annotations
    if not sets:
        raise UsageError("no annotations in these files; a line needs entities and an annotator")
    annotators = {annotator for _, annotator in sets}
    if len(annotators) == 1:
        raise UsageError(
            f"only one annotator ({annotators.pop()}), and agreement needs two: say whose the "
            "columns of a file with tags are with --column NAME=N, or give a second file"
        )
    return Compared(documents, tuple(sets.values()))


def measure(
    compared: Compared,
    *,
    measures: Sequence[str] | None = None,
    seed: int = 0,
    resamples: int = 2000,
    slices: Iterable[str] = ("language", "label"),
    min_documents: int = 1,
    full: bool = False,
) -> AgreementReport:
    """The agreement report over `compared`; UsageError on a slice that does not exist."""
    wanted = tuple(slices)
    if unknown := sorted(set(wanted) - set(SLICES)):
        raise UsageError(f"--by {unknown[0]}: slices are {', '.join(SLICES)}")
    return measure_agreement(
        compared.sets,
        languages={uid: d.language for uid, d in compared.documents.items()},
        texts={uid: d.text for uid, d in compared.documents.items()},
        clusters=compared.clusters,
        dimensions=dimensions_of(compared.documents, compared.sets, compared.settings, wanted),
        measures=measures,
        seed=seed,
        resamples=resamples,
        slices=wanted,
        min_documents=min_documents,
        full=full,
    )


def check_targets(
    compared: Compared, targets: Iterable[str], ontology: Ontology | None = None
) -> None:
    """UsageError where a target is about nothing that there is in the ontology or the data."""
    labels = compared.labels
    if ontology is not None:
        labels |= ontology.entity_names | ontology.event_names | {r.name for r in ontology.roles}
    known = [*LAYERS, *sorted(labels)]
    for name in sorted(set(targets).difference(known)):
        raise UsageError(
            f"target {shown(name)} is neither a layer nor a label of the ontology or the "
            f"annotations; there are {few(known, most=60, between=', ')}"
        )


def facts(
    report: AgreementReport, compared: Compared, targets: Mapping[str, float] | None = None
) -> Facts:
    """What a lead can act on, worked out of a report."""
    from curation.agreement.facts import facts_of

    proposal_of: Callable[[AnnotationSet], AnnotationSet | None] = compared.proposal_of
    return facts_of(
        report,
        sets=compared.sets,
        clusters=compared.clusters,
        proposal_of=proposal_of if compared.proposals or compared.sent else None,
        targets=compared.settings.targets if targets is None else targets,
    )
