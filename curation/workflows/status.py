"""Where the work stands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from curation.settings import Settings
from curation.store import Repository, Store, TaskRecord
from curation.workflows.agreement import PEOPLE

__all__ = ["AnnotatorStatus", "Status", "Work", "document_status", "read_status", "read_work"]

STATES = ("unseen", "open", "single", "double", "disputed", "gold")
"""Of a Document: not given to anyone; given; one or several annotators done; adjudicated."""


@dataclass(frozen=True)
class AnnotatorStatus:
    """One annotator's work, in Documents; see `Work`."""

    name: str
    assigned: int
    done: int
    skipped: int


@dataclass(frozen=True)
class Work:
    """Pairs of an annotator and a uid.

    All that is done was somebody's to do: work that was imported, or done in a project that was
    made by hand and is nobody's, counts as `assigned` too.
    """

    assigned: frozenset[tuple[str, str]]
    done: frozenset[tuple[str, str]]
    skipped: frozenset[tuple[str, str]]


@dataclass(frozen=True)
class Status:
    """Counts of everything in the workspace.

    `revisions` are those of annotations and drafts on the server by state, `repairs` what was put
    right in them, by kind.
    """

    documents: int
    by_status: Mapping[str, int]
    by_language: Mapping[str, int]
    predictions: int
    annotators: tuple[AnnotatorStatus, ...]
    quarantine: int
    payloads: int
    revisions: Mapping[str, int]
    repairs: Mapping[str, int]
    splits: Mapping[str, int]
    releases: tuple[Mapping[str, Any], ...]

    def to_json(self) -> dict[str, Any]:
        """The fields by name."""
        return asdict(self)


def read_status(store: Store, settings: Settings) -> Status:
    """The counts, all from the database."""
    with store.transaction() as repo:
        languages = repo.languages()
        return Status(
            documents=len(languages),
            by_status={s: n for s, n in _by_status(repo).items() if n},
            by_language=dict(sorted(Counter(languages.values()).items())),
            predictions=len(repo.annotated("model")),
            annotators=_annotators(repo, settings),
            quarantine=len(repo.quarantined()),
            payloads=repo.payload_count(),
            revisions=repo.remote_counts(),
            repairs=repo.repair_counts(),
            splits=dict(sorted(Counter(s.part for s in repo.splits()).items())),
            releases=tuple(asdict(r) for r in repo.releases()),
        )


def document_status(repo: Repository) -> dict[str, str]:
    """One of `STATES` for each Document."""
    seen = Counter(s.uid for s in repo.annotation_sets(*PEOPLE))
    given = {t.uid for t in repo.tasks() if t.state != "gone"}
    gold = repo.annotated("gold")
    disputed = {d.uid for d in repo.decisions() if d.status == "disputed"}

    def state(uid: str) -> str:
        if uid in gold:
            return "disputed" if uid in disputed else "gold"
        if seen[uid]:
            return "double" if seen[uid] > 1 else "single"
        return "open" if uid in given else "unseen"

    return {uid: state(uid) for uid in repo.uids()}


def read_work(repo: Repository) -> Work:
    """Who was given, has done and has skipped what."""
    tasks = [t for t in repo.tasks() if t.state != "gone"]
    given = {(t.annotator, t.uid) for t in tasks if t.annotator}
    done = frozenset((s.annotator, s.uid) for s in repo.annotation_sets(*PEOPLE))
    skipped = frozenset(
        (name, t.uid) for t in tasks if t.state == "skipped" for name in _skippers(repo, t)
    )
    return Work(frozenset(given) | done | skipped, done, skipped)


def _skippers(repo: Repository, task: TaskRecord) -> set[str]:
    """The task's annotator; in a project that is nobody's, all who have skipped it."""
    if task.annotator:
        return {task.annotator}
    return {r.annotator for r in repo.remotes(task) if r.state == "skipped"}


def _by_status(repo: Repository) -> dict[str, int]:
    counted = Counter(document_status(repo).values())
    return {state: counted[state] for state in STATES}


def _annotators(repo: Repository, settings: Settings) -> tuple[AnnotatorStatus, ...]:
    work = read_work(repo)
    assigned, done, skipped = (
        Counter(name for name, _uid in pairs) for pairs in (work.assigned, work.done, work.skipped)
    )
    named = [a.name for a in settings.annotators]
    others = sorted((assigned | skipped).keys() - set(named))
    return tuple(AnnotatorStatus(n, assigned[n], done[n], skipped[n]) for n in [*named, *others])
