"""An immutable, versioned release folder, built beside its place and renamed when it is whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from curation.agreement.report import AgreementReport
from curation.changes import VERSION, Changes, compare, next_version, version_key
from curation.errors import CheckFailed, UsageError
from curation.formats.held import held_folder
from curation.formats.registry import exporter
from curation.formats.release_facts import CardFacts, GateLine, Leakage, count_for_card
from curation.formats.tables import table_path
from curation.messages import few
from curation.model import text_sha256
from curation.ontology import Ontology
from curation.store import ReleaseRecord
from curation.workflows.release_build import Extras, agreement_lines, write_data, write_release
from curation.workflows.release_content import (
    Content,
    Options,
    measured,
    read_content,
    shared_records,
    snapshot,
)
from curation.workflows.release_folder import COMPLETE, STAND_OFF, snapshot_or_none
from curation.workflows.release_gate import check_gate
from curation.workflows.release_leakage import leakage_facts, leakage_json
from curation.workflows.workspace import Workspace

__all__ = ["Options", "Plan", "Released", "prepare", "publish", "release"]

_BUILDING = ".building-"


@dataclass(frozen=True)
class Released:
    """Where a release is and what is in it. `new` is False where it was there already.

    Of the gold Documents, `left_out` have open disputes and `unplaced` have no part: they are not
    in it. `failed` are conditions of its gate that do not hold: it was forced.
    """

    version: str
    path: str
    sha256: str
    documents: int
    parts: Mapping[str, int]
    new: bool
    losses: Mapping[str, Mapping[str, int]]
    left_out: int = 0
    unplaced: int = 0
    failed: tuple[str, ...] = ()
    advised: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The fields by name."""
        return asdict(self)


@dataclass(frozen=True)
class Plan:
    """What would be released, whether its gate holds, and which version its changes call for.

    `previous` is the release before, "" where there is none; `changes` is None where there is none
    or its folder is gone.
    """

    version: str
    content: Content
    options: Options
    facts: CardFacts
    extras: Extras
    advised: str | None

    @property
    def failed(self) -> tuple[GateLine, ...]:
        """Conditions that do not hold."""
        return self.facts.failed

    @property
    def changes(self) -> Changes | None:
        """What changed since the release before."""
        return self.extras.changes

    @property
    def too_small(self) -> bool:
        """Whether the changes call for a higher version than this one."""
        if self.advised is None:
            return False
        return version_key(self.version)[:3] < version_key(self.advised)[:3]

    def to_json(self) -> dict[str, Any]:
        """What would be released; a released one has the same keys and more."""
        return {
            "version": self.version,
            "documents": self.facts.counts.documents,
            "parts": {p.name: p.rows["documents"] for p in self.facts.counts.parts},
            "formats": list(self.facts.formats),
            "gate": [asdict(line) for line in self.facts.gate],
            "left_out": self.facts.waiting,
            "unplaced": self.facts.unplaced,
            "previous": self.facts.previous,
            "advised": self.advised,
            "changes": None if self.changes is None else self.changes.to_json(),
        }


def release(
    workspace: Workspace, version: str, *, at: str, options: Options | None = None
) -> Released:
    """Write `exports/VERSION/` from the gold Documents that have a part.

    The same store gives the same bytes. A version that exists is never written again.

    Raises CheckFailed, and writes nothing, where the gate does not hold; UsageError on a version
    that is not MAJOR.MINOR.PATCH, one that exists with other content, or where nothing has a part.
    """
    plan = prepare(workspace, version, options or Options())
    if plan.failed and not plan.options.force:
        found = few(f"{line.condition}: {line.found}" for line in plan.failed)
        raise CheckFailed(f"release {version} does not meet its gate: {found}")
    return publish(workspace, plan, at=at)


def prepare(workspace: Workspace, version: str, options: Options) -> Plan:
    """Reads, measures, checks and compares all that a release is made of; writes nothing."""
    version_key(version)
    settings = workspace.settings.release
    formats = _formats(options, settings.formats)
    content = read_content(workspace)
    for part in content.parts if "parquet" in formats else ():
        table_path("documents", part)  # refuses names that no loader takes
    report = measured(content)
    leaked = leakage_json(
        content.parts,
        content.clusters,
        threshold=content.settings.max_leakage,
        stand_off=options.stand_off,
    )
    leakage = leakage_facts(leaked)
    facts = _facts(workspace, version, content, report, options, formats, leakage)
    gate = check_gate(
        workspace,
        content,
        facts.counts,
        report,
        leakage,
        license_name=facts.license,
        stand_off=options.stand_off,
    )
    failed = any(not line.held for line in gate)
    previous = _previous(workspace, version)
    changes, earlier = _since(workspace, content, previous)
    facts = replace(facts, gate=gate, forced=failed and options.force, previous=previous)
    advised = None if changes is None else next_version(previous, changes.advice)
    return Plan(version, content, options, facts, Extras(report, leaked, changes, earlier), advised)


def _formats(options: Options, configured: tuple[str, ...]) -> tuple[str, ...]:
    """Those asked for, each once, in the order of the registry's own use."""
    if options.stand_off:
        return _stand_off_formats(options)
    chosen = tuple(dict.fromkeys(options.formats or configured))
    for name in chosen:
        exporter(name)
    if not set(chosen) & set(COMPLETE):
        raise UsageError(
            f"a release needs {' or '.join(COMPLETE)} beside {', '.join(chosen)}: no other format "
            "carries everything, and without one nothing can be verified"
        )
    return chosen


def _stand_off_formats(options: Options) -> tuple[str, ...]:
    if others := sorted(set(options.formats) - {STAND_OFF}):
        raise UsageError(f"--stand-off has no texts; the format {others[0]} has them")
    return (STAND_OFF,)


def _previous(workspace: Workspace, version: str) -> str:
    """The highest version that was released below this one; "" where there is none."""
    with workspace.store.transaction() as repo:
        versions = [r.version for r in repo.releases() if VERSION.fullmatch(r.version)]
    below = [v for v in versions if version_key(v) < version_key(version)]
    return max(below, key=version_key, default="")


def _since(workspace: Workspace, content: Content, previous: str) -> tuple[Changes | None, str]:
    """What changed since that release, and its CHANGELOG; None where its folder is gone."""
    folder = workspace.settings.exports / previous
    before = snapshot_or_none(folder) if previous else None
    if before is None:
        return None, ""
    log = folder / "CHANGELOG.md"
    earlier = log.read_text(encoding="utf-8") if log.is_file() else ""
    return compare(before, snapshot(content)), earlier


def _facts(
    workspace: Workspace,
    version: str,
    content: Content,
    report: AgreementReport,
    options: Options,
    formats: tuple[str, ...],
    leakage: Leakage,
) -> CardFacts:
    settings = content.settings
    ontology: Ontology = workspace.ontology
    seeds = {s.seed for s in content.splits.values()}
    released = options.released or (settings.released.isoformat() if settings.released else "")
    return CardFacts(
        name=workspace.settings.name,
        version=version,
        description=settings.description,
        license=options.license_name or settings.license,
        counts=count_for_card(
            content.parts, shared_records(content) if options.with_annotators else None
        ),
        ontology=ontology.name,
        ontology_version=ontology.version,
        guideline=ontology.guideline,
        annotators=len({s.annotator for s in content.said}),
        sample=content.sample,
        annotations_creators=("other",) if content.sample else ("expert-generated",),
        language_creators=("other",) if content.sample else ("found",),
        agreement=agreement_lines(report.to_json()["measures"]),
        sources=content.sources,
        split_seed=seeds.pop() if len(seeds) == 1 else None,
        formats=formats,
        policy=options.policy,
        blind=content.blind,
        stand_off=options.stand_off,
        shared_sets=options.with_annotators,
        waiting=content.waiting,
        unplaced=content.unplaced,
        leakage=leakage,
        machines=content.machines,
        authors=settings.authors,
        contact=settings.contact,
        url=settings.url,
        doi=settings.doi,
        released=released,
        sheet={k: v for k, v in settings.datasheet.model_dump().items() if v},
    )


def publish(workspace: Workspace, plan: Plan, *, at: str) -> Released:
    """Write a plan to its folder, and remember it; `at` is now."""
    target = workspace.settings.exports / plan.version
    prefix = f"{_BUILDING}{target.name}-"
    with held_folder(target.parent, prefix, sweep=_BUILDING) as folder:
        losses = write_data(folder, plan.content, plan.facts, plan.options.policy)
        facts = replace(plan.facts, losses=losses)
        sums = write_release(folder, plan.content, facts, plan.extras)
        digest = text_sha256(sums)
        _hold_same(workspace, plan.version, digest)
        new = _place(folder, target, digest)
    documents = facts.counts.documents
    with workspace.store.transaction(alone=True) as repo:
        if plan.version not in {r.version for r in repo.releases()}:
            path = str(target.relative_to(workspace.settings.folder))
            repo.add_release(ReleaseRecord(plan.version, path, digest, documents, at))
    return Released(
        version=plan.version,
        path=str(target),
        sha256=digest,
        documents=documents,
        parts={p.name: p.rows["documents"] for p in facts.counts.parts},
        new=new,
        losses=losses,
        left_out=facts.waiting,
        unplaced=facts.unplaced,
        failed=tuple(f"{line.condition}: {line.found}" for line in facts.failed),
        advised=plan.advised,
    )


def _hold_same(workspace: Workspace, version: str, digest: str) -> None:
    """Raises UsageError where that version was released as something else, wherever it is now."""
    with workspace.store.transaction() as repo:
        known = {r.version: r.sha256 for r in repo.releases()}
    target = workspace.settings.exports / version
    if not target.exists() and known.get(version, digest) != digest:
        raise UsageError(
            f"{version} was released with other content, and is not in {target.parent} any more; "
            "a release is never changed, choose a new version"
        )


def _place(made: Path, target: Path, digest: str) -> bool:
    """Rename to the final place; False where the same release is there already."""
    if not target.exists():
        made.chmod(0o755)
        try:
            made.rename(target)
        except OSError as error:  # another process may have placed its own in the meantime
            if not target.exists():
                raise UsageError(f"{target}: cannot be written: {error.strerror}") from error
        else:
            return True
    there = target / "SHA256SUMS"
    if there.is_file() and text_sha256(there.read_text(encoding="utf-8")) == digest:
        return False
    raise UsageError(
        f"{target}: exists with other content; a release is never changed, choose a new version"
    )
