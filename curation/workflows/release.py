"""An immutable, versioned release folder, built beside its place and renamed when it is whole."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from curation.agreement.report import AgreementReport
from curation.errors import UsageError
from curation.formats.alignment import AlignmentPolicy
from curation.formats.card import AgreementLine, CardFacts, SourceFacts, count_for_card, render_card
from curation.formats.checksums import write_checksums
from curation.formats.files import write_bytes
from curation.formats.registry import exporter
from curation.model import AnnotationSet, Document, Record, text_sha256
from curation.store import ReleaseRecord, Repository
from curation.workflows import agreement
from curation.workflows.split import ready_gold
from curation.workflows.workspace import Workspace

__all__ = ["FORMATS", "Released", "release"]

FORMATS = ("jsonl", "spacy", "iob2", "parquet")
_VERSION = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+(-[0-9a-z]{1,20}(\.[0-9a-z]{1,20})?)?")


@dataclass(frozen=True)
class Released:
    """Where a release is and what is in it. `new` is False where it was there already.

    `left_out`: how many Documents have gold with open disputes, and are therefore not in it.
    """

    version: str
    path: str
    sha256: str
    documents: int
    parts: Mapping[str, int]
    new: bool
    losses: Mapping[str, Mapping[str, int]]
    left_out: int = 0

    def to_json(self) -> dict[str, Any]:
        """The fields by name."""
        return asdict(self)


def release(
    workspace: Workspace,
    version: str,
    *,
    at: str,
    formats: Sequence[str] = FORMATS,
    policy: AlignmentPolicy = "expand",
    license_name: str = "other",
) -> Released:
    """Write `exports/VERSION/` from the gold Documents that have a part.

    The same store gives the same bytes. A version that exists is never written again.

    Raises UsageError on a version that is not MAJOR.MINOR.PATCH, one that exists with other
    content, or where nothing has a part.
    """
    if not _VERSION.fullmatch(version):
        raise UsageError(f"version {version!r}: write MAJOR.MINOR.PATCH, such as 1.0.0")
    target = workspace.settings.exports / version
    parts, left_out = _records_by_part(workspace)
    target.parent.mkdir(parents=True, exist_ok=True)
    building = Path(tempfile.mkdtemp(prefix=f".{version}-", dir=target.parent))
    try:
        losses = _build(building, workspace, version, parts, formats, policy, license_name)
        digest = text_sha256(write_checksums(building))
        new = _place(building, target, digest)
    finally:
        shutil.rmtree(building, ignore_errors=True)
    documents = sum(len(records) for records in parts.values())
    with workspace.store.transaction() as repo:
        if version not in {r.version for r in repo.releases()}:
            path = str(target.relative_to(workspace.settings.folder))
            repo.add_release(ReleaseRecord(version, path, digest, documents, at))
    return Released(
        version=version,
        path=str(target),
        sha256=digest,
        documents=documents,
        parts={part: len(records) for part, records in parts.items()},
        new=new,
        losses=losses,
        left_out=left_out,
    )


def _place(building: Path, target: Path, digest: str) -> bool:
    """Rename to the final place; False where the same release is there already."""
    if not target.exists():
        building.chmod(0o755)
        building.rename(target)
        return True
    there = target / "SHA256SUMS"
    if there.is_file() and text_sha256(there.read_text(encoding="utf-8")) == digest:
        return False
    raise UsageError(
        f"{target}: exists with other content; a release is never changed, choose a new version"
    )


def _records_by_part(workspace: Workspace) -> tuple[dict[str, list[Record]], int]:
    """What is released, by part, and how many Documents are not, for their disputes."""
    with workspace.store.transaction() as repo:
        part_of = {s.uid: s.part for s in repo.splits()}
        gold = {g.uid: g for g in ready_gold(repo) if g.uid in part_of}
        disputed = repo.disputed()
        if not gold:
            raise UsageError(f"nothing to release: {_why_nothing(disputed & part_of.keys())}")
        parts: dict[str, list[Record]] = {p: [] for p in _order(workspace, set(part_of.values()))}
        for document in repo.documents(gold):
            parts[part_of[document.uid]].append(
                Record(document=document, annotations=_public(gold[document.uid]))
            )
    return {part: records for part, records in parts.items() if records}, len(disputed)


def _why_nothing(waiting: Collection[str]) -> str:
    if waiting:
        return (
            f"all {len(waiting)} gold documents that have a part have open disputes; curation "
            "adjudicate says what helps"
        )
    return "no gold document has a part; run: curation adjudicate, then curation split"


def _order(workspace: Workspace, found: set[str]) -> list[str]:
    configured = [part for part in workspace.settings.splits.parts if part in found]
    return configured + sorted(found.difference(configured))


def _public(gold: AnnotationSet) -> AnnotationSet:
    """Gold without addresses of the team's own server."""
    kept = {k: v for k, v in gold.provenance.items() if k != "sources"}
    return gold.model_copy(update={"provenance": kept})


def _build(
    folder: Path,
    workspace: Workspace,
    version: str,
    parts: Mapping[str, list[Record]],
    formats: Sequence[str],
    policy: AlignmentPolicy,
    license_name: str,
) -> dict[str, dict[str, int]]:
    losses = _write_data(folder, parts, formats, policy)
    compared = agreement.read_store(workspace.store)
    report = agreement.measure(compared)
    with workspace.store.transaction() as repo:
        _write_json(folder / "splits.json", _split_manifest(repo, parts))
        _write_json(folder / "decisions.json", _decisions(repo, parts))
    _write_json(folder / "agreement.json", report.to_json())
    _write_json(folder / "losses.json", losses)
    source = workspace.settings.ontology_path
    write_bytes(folder / "ontology.toml", source.read_bytes())
    facts = _card_facts(workspace, version, parts, report, compared, losses, license_name)
    write_bytes(folder / "README.md", render_card(facts).encode())
    return losses


def _write_data(
    folder: Path, parts: Mapping[str, list[Record]], formats: Sequence[str], policy: AlignmentPolicy
) -> dict[str, dict[str, int]]:
    losses: dict[str, dict[str, int]] = {}
    for name in formats:
        chosen = exporter(name)
        counted: Counter[str] = Counter()
        for part, records in parts.items():
            if name == "parquet":
                from curation.formats.parquet import write_tables

                certificate = write_tables(folder, part, records)
            else:
                destination = folder / name / f"{part}{chosen.suffix}"
                certificate = chosen.export(records, destination, policy)
            where = folder / "losses" / f"{name}-{part}.json"
            _write_json(where, certificate.to_json())
            counted.update(certificate.by_reason)
        losses[name] = dict(sorted(counted.items()))
    return losses


def _write_json(path: Path, data: Any) -> None:
    text = json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    write_bytes(path, text.encode())


def _split_manifest(repo: Repository, parts: Mapping[str, list[Record]]) -> dict[str, Any]:
    groups = {s.uid: s for s in repo.splits()}
    return {
        part: [
            {
                "uid": r.document.uid,
                "sha256": r.document.sha256,
                "group": groups[r.document.uid].group,
                "seed": groups[r.document.uid].seed,
            }
            for r in records
        ]
        for part, records in parts.items()
    }


def _decisions(repo: Repository, parts: Mapping[str, list[Record]]) -> list[dict[str, Any]]:
    uids = {r.document.uid for records in parts.values() for r in records}
    return [asdict(d) for d in repo.decisions() if d.uid in uids]


def _card_facts(
    workspace: Workspace,
    version: str,
    parts: Mapping[str, list[Record]],
    report: AgreementReport,
    compared: agreement.Compared,
    losses: Mapping[str, Mapping[str, int]],
    license_name: str,
) -> CardFacts:
    documents = [r.document for records in parts.values() for r in records]
    ontology = workspace.ontology
    with workspace.store.transaction() as repo:
        seeds = {s.seed for s in repo.splits()}
    sample = any(s.kind == "sample" for s in compared.sets)
    return CardFacts(
        name=workspace.settings.name,
        version=version,
        description="Entities and events in news, adjudicated from several annotators.",
        license=license_name,
        counts=count_for_card(parts),
        ontology=ontology.name,
        ontology_version=ontology.version,
        guideline=ontology.guideline,
        annotators=len(report.annotators),
        sample=sample,
        annotations_creators=("other",) if sample else ("expert-generated",),
        language_creators=("other",) if sample else ("found",),
        agreement=tuple(
            AgreementLine(e.name, e.value, e.ci, e.n_documents, e.n_items, e.reason)
            for e in report.measures
            if not e.slice
        ),
        sources=_sources(documents),
        losses=losses,
        split_seed=seeds.pop() if len(seeds) == 1 else None,
    )


def _sources(documents: Sequence[Document]) -> tuple[SourceFacts, ...]:
    found = Counter(
        (
            d.source or "not named",
            str(d.meta.get("license") or d.meta.get("licence") or "not stated"),
        )
        for d in documents
    )
    return tuple(SourceFacts(name, lic, "", n) for (name, lic), n in sorted(found.items()))
