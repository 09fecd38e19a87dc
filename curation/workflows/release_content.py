"""What goes into a release: read from the store at one moment, with other names for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from curation.agreement.report import AgreementReport
from curation.changes import Placed, Snapshot
from curation.errors import InputError, UsageError, WorkspaceError
from curation.formats.alignment import AlignmentPolicy
from curation.formats.licences import is_stated
from curation.formats.release_facts import SourceFacts
from curation.model import AnnotationSet, Document, Record
from curation.settings_release import Release
from curation.store import Repository, SplitRecord
from curation.workflows import agreement
from curation.workflows.pseudonyms import Pseudonyms, pseudonyms
from curation.workflows.split import ready_gold
from curation.workflows.workspace import Workspace

__all__ = [
    "Content",
    "Options",
    "every_record",
    "measure_said",
    "measured",
    "read_content",
    "shared_records",
    "snapshot",
]


@dataclass(frozen=True)
class Options:
    """How a release is made, besides what stands in `[release]`."""

    formats: tuple[str, ...] = ()
    policy: AlignmentPolicy = "expand"
    license_name: str = ""
    released: str = ""
    stand_off: bool = False
    with_annotators: bool = False
    force: bool = False


@dataclass(frozen=True)
class Content:
    """All that is released. `said`: people's own sets, of the released Documents.

    `tombstones`: Documents that were taken out of their part. `blind`: as in CardFacts. `waiting`
    gold Documents have open disputes, `unplaced` ones no part; `disputes` counts open positions.
    `guideline` is empty where it is to be made from the ontology.
    """

    parts: Mapping[str, Sequence[Record]]
    said: tuple[AnnotationSet, ...]
    decisions: tuple[Mapping[str, Any], ...]
    splits: Mapping[str, SplitRecord]
    clusters: Mapping[str, str]
    machines: tuple[str, ...]
    sources: tuple[SourceFacts, ...]
    ontology: bytes
    tombstones: tuple[Mapping[str, str], ...] = ()
    blind: bool = False
    guideline: bytes = b""
    waiting: int = 0
    unplaced: int = 0
    disputes: int = 0
    settings: Release = field(default_factory=Release)

    @property
    def documents(self) -> dict[str, Document]:
        """The released Documents by uid."""
        return {r.document.uid: r.document for records in self.parts.values() for r in records}

    @property
    def sample(self) -> bool:
        """Whether any of it is by the sample annotators."""
        return any(s.kind == "sample" for s in self.said)


def every_record(parts: Mapping[str, Sequence[Record]]) -> list[Record]:
    """The records of all parts, in the order of the parts."""
    return list(chain.from_iterable(parts.values()))


def read_content(workspace: Workspace) -> Content:
    """What would be released now. Raises UsageError where there is nothing."""
    settings = workspace.settings.release
    with workspace.store.transaction() as repo:
        placed = {s.uid: s for s in repo.splits()}
        stones = repo.tombstones()
        gone = {stone.uid for stone in stones}
        disputed = repo.disputed()
        ready = list(ready_gold(repo))
        gold = {g.uid: g for g in ready if g.uid in placed}
        if not gold:
            raise UsageError(f"nothing to release: {_why_nothing(disputed & placed.keys())}")
        documents = {d.uid: d for d in repo.documents(gold)}
        said = tuple(repo.annotation_sets(*agreement.PEOPLE, uids=gold))
        decided = [d for d in repo.decisions(gold) if d.uid in gold]
        names = pseudonyms({s.annotator for s in said}, gold.values(), decided)
        return Content(
            parts=_parts(workspace, gold, documents, placed, names),
            said=tuple(sorted(map(names.person, said), key=lambda s: (s.uid, s.annotator))),
            blind=bool(said) and all("annotation" in s.provenance for s in said),
            decisions=tuple(names.decision(d) for d in decided),
            splits={uid: placed[uid] for uid in gold},
            clusters={uid: c for uid, c in repo.clusters().items() if uid in gold},
            machines=_machines(repo, gold),
            sources=_sources(documents.values(), settings),
            ontology=_bytes_of(workspace, workspace.settings.ontology),
            # What a person gave as the reason is the team's own.
            tombstones=tuple(
                {"uid": s.uid, "part": s.part, "reason": s.reason if s.automatic else "withdrawn"}
                for s in stones
            ),
            guideline=_bytes_of(workspace, settings.guideline) if settings.guideline else b"",
            waiting=len(disputed),
            unplaced=sum(g.uid not in placed and g.uid not in gone for g in ready),
            disputes=sum(1 for _ in repo.open_decisions()),
            settings=settings,
        )


def _parts(
    workspace: Workspace,
    gold: Mapping[str, AnnotationSet],
    documents: Mapping[str, Document],
    placed: Mapping[str, SplitRecord],
    names: Pseudonyms,
) -> dict[str, list[Record]]:
    parts: dict[str, list[Record]] = {
        part: [] for part in _order(workspace, {placed[uid].part for uid in gold})
    }
    for uid in sorted(gold):
        record = Record(document=documents[uid], annotations=names.gold(gold[uid]).sorted())
        parts[placed[uid].part].append(record)
    return parts


def _order(workspace: Workspace, found: set[str]) -> list[str]:
    configured = [part for part in workspace.settings.splits.parts if part in found]
    return configured + sorted(found.difference(configured))


def _machines(repo: Repository, uids: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({s.annotator for s in repo.annotation_sets("model", uids=uids)}))


def _bytes_of(workspace: Workspace, path: str) -> bytes:
    file = workspace.settings.folder / path
    try:
        return file.read_bytes()
    except OSError as error:
        raise WorkspaceError(f"{file}: cannot be read: {error.strerror}") from error


def _why_nothing(waiting: Collection[str]) -> str:
    if waiting:
        return (
            f"all {len(waiting)} gold documents that have a part have open disputes; curation "
            "adjudicate says what helps"
        )
    return "no gold document has a part; run: curation adjudicate, then curation split"


def _sources(documents: Iterable[Document], settings: Release) -> tuple[SourceFacts, ...]:
    """Each source with its terms: as set, else as the Documents themselves say."""
    found: Counter[tuple[str, str]] = Counter()
    for document in documents:
        name = document.source or "not named"
        stated = document.meta.get("license") or document.meta.get("licence")
        found[name, str(stated or "not stated")] += 1
    return tuple(_source(name, lic, n, settings) for (name, lic), n in sorted(found.items()))


def _source(name: str, licence: str, documents: int, settings: Release) -> SourceFacts:
    terms = settings.sources.get(name)
    if terms is None:
        return SourceFacts(name, licence, "", documents)
    stated = terms.license if is_stated(terms.license) else licence
    return SourceFacts(name, stated, terms.url, documents, terms.redistributable)


def shared_records(content: Content) -> dict[str, list[Record]]:
    """What people said of the released Documents, by part."""
    documents = content.documents
    return {
        part: [
            Record(document=documents[s.uid], annotations=s)
            for s in content.said
            if content.splits[s.uid].part == part
        ]
        for part in content.parts
    }


def measured(content: Content) -> AgreementReport:
    """Agreement over the released Documents, with what the gate asks for beside the defaults."""
    return measure_said(
        content.documents,
        content.said,
        content.clusters,
        [name for name in content.settings.min_agreement if "(" in name],
    )


def measure_said(
    documents: Mapping[str, Document],
    said: Sequence[AnnotationSet],
    clusters: Mapping[str, str],
    asked: Iterable[str] = (),
) -> AgreementReport:
    """Agreement as a release has it: the default measures, and those `asked` for by name."""
    from dataclasses import replace

    compared = agreement.Compared(dict(documents), tuple(said), clusters)
    report = agreement.measure(compared)
    known = {e.name for e in report.measures}
    more = sorted(set(asked) - known)
    if not more:
        return report
    added = agreement.measure(compared, measures=more, slices=("language",))
    return replace(report, measures=report.measures + added.measures)


def snapshot(content: Content) -> Snapshot:
    """What is released, to be compared with another release."""
    from curation.ontology import parse_ontology

    try:
        text = content.ontology.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"the ontology is not UTF-8 at byte {error.start}") from error
    records = every_record(content.parts)
    return Snapshot(
        {
            r.document.uid: Placed(content.splits[r.document.uid].part, r.document.sha256)
            for r in records
        },
        {r.document.uid: r.annotations for r in records if r.annotations is not None},
        parse_ontology(text, where="ontology"),
    )
