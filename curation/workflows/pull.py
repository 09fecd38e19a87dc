"""People's work back into the store: every payload kept verbatim first, then interpreted."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from curation.errors import UsageError
from curation.labelstudio.convert import result_to_annotations
from curation.labelstudio.port import LabelStudioPort
from curation.model import AnnotationSet, Document
from curation.ontology import Ontology
from curation.settings import Settings
from curation.store import ProjectRecord, QuarantineRecord, Repository, Store, TaskRecord
from curation.store.records import TaskState

__all__ = ["Pulled", "pull"]


@dataclass(frozen=True)
class Pulled:
    """What a pull read: tasks = done + open + skipped + gone + foreign.

    `foreign` tasks are not of this workspace. Of the annotations read, `payloads` were new;
    new + unchanged + revised + quarantined of them became AnnotationSets or were put aside.
    """

    tasks: Mapping[str, int]
    annotations: int
    payloads: int
    new: int
    unchanged: int
    revised: int
    quarantined: int
    repairs: Mapping[str, int]
    problems: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """The fields by name."""
        return asdict(self)


def pull(
    store: Store,
    client: LabelStudioPort,
    *,
    settings: Settings,
    ontology: Ontology,
    at: str,
    advance: Callable[[int], None] = lambda _count: None,
) -> Pulled:
    """Read every project of this workspace on the server; each task is one transaction."""
    with store.transaction() as repo:
        projects = [p for p in repo.projects() if p.server == client.url]
    if not projects:
        raise UsageError(f"nothing was pushed to {client.url} yet; run: curation push")
    users = {int(u["id"]): str(u.get("email") or "") for u in client.users()}
    puller = _Puller(store, client, settings, ontology, users, at)
    for project in projects:
        seen: set[int] = set()
        for task in client.tasks(project.remote_id):
            seen.add(int(task["id"]))
            puller.task(project, task)
            advance(1)
        puller.gone(project, seen)
    return puller.summary()


class _Puller:
    """Counts what one pull reads."""

    def __init__(
        self,
        store: Store,
        client: LabelStudioPort,
        settings: Settings,
        ontology: Ontology,
        users: Mapping[int, str],
        at: str,
    ) -> None:
        self._store = store
        self._client = client
        self._settings = settings
        self._ontology = ontology
        self._emails = {a.email.casefold(): a.name for a in settings.annotators}
        self._users = users
        self._at = at
        self._tasks: Counter[str] = Counter()
        self._tally: Counter[str] = Counter()
        self._repairs: Counter[str] = Counter()
        self._problems: list[str] = []

    def task(self, project: ProjectRecord, task: Mapping[str, Any]) -> None:
        """Keep and interpret one task's annotations."""
        data = task.get("data") or {}
        uid, revision = str(data.get("uid") or ""), int(data.get("revision") or 1)
        with self._store.transaction() as repo:
            document = repo.document(uid, revision) if uid else None
            if document is None:
                self._tasks["foreign"] += 1
                return
            state = self._annotations(repo, project, task, document)
            self._tasks[state] += 1
            repo.save_task(
                TaskRecord(
                    uid,
                    revision,
                    project.annotator,
                    project.id,
                    int(task["id"]),
                    state,
                    assisted=bool(task.get("predictions")),
                ),
                at=self._at,
            )

    def gone(self, project: ProjectRecord, seen: set[int]) -> None:
        """Tasks that the server no longer has are recorded as such; their data stays."""
        with self._store.transaction() as repo:
            for task in repo.tasks(project.id):
                if task.remote_id not in seen:
                    self._tasks["gone"] += 1
                    repo.save_task(_with_state(task, "gone"), at=self._at)

    def summary(self) -> Pulled:
        """The counts."""
        return Pulled(
            tasks=dict(sorted(self._tasks.items())),
            annotations=self._tally["annotations"],
            payloads=self._tally["payloads"],
            new=self._tally["new"],
            unchanged=self._tally["unchanged"],
            revised=self._tally["revised"],
            quarantined=self._tally["quarantined"],
            repairs=dict(sorted(self._repairs.items())),
            problems=tuple(self._problems),
        )

    def _annotations(
        self,
        repo: Repository,
        project: ProjectRecord,
        task: Mapping[str, Any],
        document: Document,
    ) -> TaskState:
        """Keep all annotations of a task; interpret the newest of each annotator."""
        newest: dict[str, tuple[Mapping[str, Any], int]] = {}
        found = sorted(task.get("annotations") or [], key=lambda a: (a["updated_at"], a["id"]))
        for annotation in found:
            self._tally["annotations"] += 1
            payload_id = self._keep(repo, project, task, annotation)
            newest[self._annotator(project, annotation)] = (annotation, payload_id)
        state: TaskState = "open"
        for annotator, (annotation, payload_id) in sorted(newest.items()):
            if annotation.get("was_cancelled"):
                state = "skipped" if state == "open" else state
                continue
            self._interpret(repo, project, task, document, annotator, annotation, payload_id)
            state = "done"
        return state

    def _keep(
        self,
        repo: Repository,
        project: ProjectRecord,
        task: Mapping[str, Any],
        annotation: Mapping[str, Any],
    ) -> int:
        origin = f"{project.server}/projects/{project.remote_id}/tasks/{task['id']}"
        body = json.dumps(annotation, ensure_ascii=False, sort_keys=True)
        kept, new = repo.save_payload(origin=origin, kind="annotation", body=body, at=self._at)
        self._tally["payloads"] += new
        return kept

    def _annotator(self, project: ProjectRecord, annotation: Mapping[str, Any]) -> str:
        """Whose it is: the configured annotator with that e-mail, else the project's."""
        by = annotation.get("completed_by")
        user = by.get("id") if isinstance(by, Mapping) else by
        email = self._users.get(int(user), "") if user is not None else ""
        return self._emails.get(email.casefold(), project.annotator)

    def _interpret(
        self,
        repo: Repository,
        project: ProjectRecord,
        task: Mapping[str, Any],
        document: Document,
        annotator: str,
        annotation: Mapping[str, Any],
        payload_id: int,
    ) -> None:
        url = self._client.task_url(project.remote_id, int(task["id"]))
        made = result_to_annotations(
            annotation.get("result") or [],
            uid=document.uid,
            annotator=annotator,
            text=document.text,
            ontology=self._ontology,
            provenance=_provenance(annotation, task, url),
        )
        self._repairs.update(r.kind for r in made.repairs)
        if made.annotations is None or made.problems:
            self._tally["quarantined"] += 1
            reason = "; ".join(made.problems)
            self._problems.append(f"{document.uid} by {annotator}: {reason} ({url})")
            record = QuarantineRecord(document.uid, annotator, reason, url)
            repo.quarantine(payload_id, record, at=self._at)
            return
        change = repo.save_annotations(
            self._of_kind(made.annotations, annotator),
            at=self._at,
            revision=document.revision,
            payload_id=payload_id,
        )
        repo.release_from_quarantine(document.uid, annotator)
        self._tally[change] += 1

    def _of_kind(self, annotations: AnnotationSet, annotator: str) -> AnnotationSet:
        configured = self._settings.annotator(annotator)
        sample = configured is not None and configured.sample
        return annotations.model_copy(update={"kind": "sample" if sample else "person"})


def _provenance(annotation: Mapping[str, Any], task: Mapping[str, Any], url: str) -> dict[str, Any]:
    return {
        "url": url,
        "task": task["id"],
        "annotation": annotation["id"],
        "lead_time": annotation.get("lead_time"),
        "updated_at": annotation.get("updated_at"),
        "parent_prediction": annotation.get("parent_prediction"),
        "assisted": bool(task.get("predictions")),
    }


def _with_state(task: TaskRecord, state: TaskState) -> TaskRecord:
    return TaskRecord(
        task.uid,
        task.revision,
        task.annotator,
        task.project_id,
        task.remote_id,
        state,
        task.assisted,
    )
