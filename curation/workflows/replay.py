"""What is stored, interpreted again: after a fix of the converter, or a change of the ontology."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any

from curation.migration import migrate
from curation.model import AnnotationSet
from curation.ontology import Ontology
from curation.settings import Settings
from curation.store import ProjectRecord, Store, TaskRecord
from curation.workflows.interpret import Interpreter

__all__ = ["Replayed", "replay"]

_TASKS = 100
_MIGRATED_KINDS = ("model", "person", "sample", "adjudicator")


@dataclass(frozen=True)
class Replayed:
    """What a replay did: new + unchanged + revised + quarantined annotations of `tasks` tasks.

    `migrated` sets that came otherwise (predictions, imports) are in the present ontology's words.
    """

    tasks: int
    new: int
    unchanged: int
    revised: int
    quarantined: int
    migrated: int
    repairs: Mapping[str, int]
    problems: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """The fields by name."""
        return asdict(self)


def replay(
    store: Store,
    *,
    settings: Settings,
    ontology: Ontology,
    at: str,
    advance: Callable[[int], None] = lambda _count: None,
) -> Replayed:
    """Interpret the stored payloads of every task again; they are not touched, nor is any server.

    What comes out otherwise than before is stored beside what it was.
    """
    interpreter = Interpreter(settings, ontology, {}, at=at)
    with store.transaction() as repo:
        projects = {p.id: p for p in repo.projects()}
        tasks = iter([task for number in projects for task in repo.tasks(number)])
    while some := list(islice(tasks, _TASKS)):
        _some(store, interpreter, projects, some)
        advance(len(some))
    migrated = _migrated(store, ontology, at=at)
    tally = interpreter.tally
    return Replayed(
        tasks=tally.read,
        new=tally.new,
        unchanged=tally.unchanged,
        revised=tally.revised,
        quarantined=tally.quarantined,
        migrated=migrated,
        repairs=dict(sorted(interpreter.repairs.items())),
        problems=tuple(interpreter.problems),
    )


def _some(
    store: Store,
    interpreter: Interpreter,
    projects: Mapping[int, ProjectRecord],
    tasks: Sequence[TaskRecord],
) -> None:
    with store.transaction(alone=True) as repo:
        for task in tasks:
            document = repo.document(task.uid, task.revision)
            if document is not None:
                interpreter.replay(repo, projects[task.project_id], task, document)


def _migrated(store: Store, ontology: Ontology, *, at: str) -> int:
    if not ontology.migrations:
        return 0
    with store.transaction(alone=True) as repo:
        found: list[AnnotationSet] = []
        for annotations in repo.annotation_sets(*_MIGRATED_KINDS):
            made = migrate(annotations, ontology.migrations)
            if made is not annotations:
                found.append(made)
        for made in found:
            repo.save_annotations(made, at=at)
    return len(found)
