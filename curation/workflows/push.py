"""Documents with their proposals before annotators: one blind project each, never a task twice.

A push is a comparison: what is on the server is listed first, and only what is missing is sent.
A push that was cut off, even after the server had taken a batch, is completed by the next one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from curation.errors import UsageError
from curation.labelstudio.convert import document_to_task
from curation.labelstudio.port import LabelStudioPort
from curation.model import AnnotationSet, Document
from curation.ontology import Ontology
from curation.ontology_xml import ontology_to_xml
from curation.preannotate.certainty import task_score
from curation.settings import Annotator, Settings
from curation.store import ProjectRecord, Repository, Store, TaskRecord

__all__ = ["Pushed", "plan", "push"]

_BATCH_BYTES = 2_000_000
_BATCH_TASKS = 250


@dataclass(frozen=True)
class PushedTo:
    """One annotator's project: `created` tasks were sent now, `existing` were there."""

    annotator: str
    url: str
    created: int
    existing: int


@dataclass(frozen=True)
class Pushed:
    """What a push did."""

    projects: tuple[PushedTo, ...]

    @property
    def created(self) -> int:
        """Tasks that were sent now."""
        return sum(p.created for p in self.projects)

    @property
    def existing(self) -> int:
        """Tasks that were on the server already."""
        return sum(p.existing for p in self.projects)

    def to_json(self) -> dict[str, Any]:
        """Sums and projects."""
        return {
            "created": self.created,
            "existing": self.existing,
            "projects": [asdict(p) for p in self.projects],
        }


def plan(settings: Settings, languages: Mapping[str, str]) -> dict[str, list[str]]:
    """Annotator -> uids of the Documents they are to label; `languages` is language by uid.

    Raises UsageError where there is nobody, or a Document that nobody reads.
    """
    if not settings.annotators:
        raise UsageError(
            f"{settings.folder / 'curation.toml'}: no annotators; add an [[annotators]] table with "
            "name and email"
        )
    return {
        a.name: [uid for uid, code in sorted(languages.items()) if a.reads(uid=uid, language=code)]
        for a in settings.annotators
    }


def push(
    store: Store,
    client: LabelStudioPort,
    *,
    settings: Settings,
    ontology: Ontology,
    at: str,
    advance: Callable[[int], None] = lambda _count: None,
) -> Pushed:
    """Send every annotator the tasks that they do not have yet, least certain first."""
    with store.transaction() as repo:
        planned = plan(settings, repo.languages())
    pushed = []
    for annotator in settings.annotators:
        project = _ensure_project(store, client, annotator, settings, ontology, at=at)
        there = _tasks_on_server(client, project)
        with store.transaction() as repo:
            missing = list(_missing(repo, planned[annotator.name], there))
            _remember(repo, project, there, at=at)
        tasks = [
            (document, _task(document, proposal, annotator, ontology))
            for document, proposal in missing
        ]
        for batch in _batches(tasks):
            ids = client.import_tasks(project.remote_id, [task for _, task in batch])
            sent = {
                (document.uid, document.revision): (remote_id, bool(task.get("predictions")))
                for (document, task), remote_id in zip(batch, ids, strict=True)
            }
            with store.transaction() as repo:
                _remember(repo, project, sent, at=at)
            advance(len(batch))
        url = client.project_url(project.remote_id)
        pushed.append(PushedTo(annotator.name, url, len(tasks), len(there)))
    return Pushed(tuple(pushed))


def _ensure_project(
    store: Store,
    client: LabelStudioPort,
    annotator: Annotator,
    settings: Settings,
    ontology: Ontology,
    *,
    at: str,
) -> ProjectRecord:
    """The annotator's project: found by its marker on the server, else made."""
    marker = f"curation:{settings.id}:{annotator.name}"
    xml = ontology_to_xml(ontology)
    found = client.find_project(marker)
    if found is None:
        title = f"{settings.name[: 46 - len(annotator.name)]} · {annotator.name}"[:50]
        remote_id = client.create_project(title, xml, _description(marker, annotator))
    else:
        remote_id = int(found["id"])
        if found.get("label_config") != xml:
            client.update_project(remote_id, label_config=xml)
    with store.transaction() as repo:
        return repo.save_project(
            server=client.url,
            marker=marker,
            remote_id=remote_id,
            annotator=annotator.name,
            at=at,
        )


def _description(marker: str, annotator: Annotator) -> str:
    notice = "Sample annotations: an invented annotator.\n" if annotator.sample else ""
    return f"{notice}Only {annotator.name} labels here.\n{marker}"


Tasks = Mapping[tuple[str, int], tuple[int, bool]]
"""(uid, revision) -> (task id on the server, whether it has proposals)."""


def _tasks_on_server(client: LabelStudioPort, project: ProjectRecord) -> Tasks:
    found = {}
    for task in client.tasks(project.remote_id):
        data = task.get("data") or {}
        if "uid" in data:
            key = (str(data["uid"]), int(data.get("revision") or 1))
            found[key] = (int(task["id"]), bool(task.get("predictions")))
    return found


def _missing(
    repo: Repository, uids: Sequence[str], there: Tasks
) -> Iterator[tuple[Document, AnnotationSet | None]]:
    """Documents without a task, and what was proposed for them; least certain first."""
    proposals = {s.uid: s for s in repo.annotation_sets("model", uids=uids)}
    documents = [d for d in repo.documents(uids) if (d.uid, d.revision) not in there]
    scores = {d.uid: task_score(proposals[d.uid]) if d.uid in proposals else 0.0 for d in documents}
    for document in sorted(documents, key=lambda d: (scores[d.uid], d.uid)):
        yield document, proposals.get(document.uid)


def _task(
    document: Document, proposal: AnnotationSet | None, annotator: Annotator, ontology: Ontology
) -> dict[str, Any]:
    return document_to_task(
        document,
        prediction=proposal,
        ontology=ontology,
        annotator=annotator.name,
        model_version=proposal.annotator if proposal else "",
        score=task_score(proposal) if proposal else None,
    )


def _batches(
    tasks: Sequence[tuple[Document, dict[str, Any]]],
) -> Iterator[list[tuple[Document, dict[str, Any]]]]:
    """Batches of bounded size in bytes and count."""
    batch: list[tuple[Document, dict[str, Any]]] = []
    size = 0
    for document, task in tasks:
        length = len(json.dumps(task, ensure_ascii=False).encode())
        if batch and (size + length > _BATCH_BYTES or len(batch) >= _BATCH_TASKS):
            yield batch
            batch, size = [], 0
        batch.append((document, task))
        size += length
    if batch:
        yield batch


def _remember(repo: Repository, project: ProjectRecord, tasks: Tasks, *, at: str) -> None:
    """Record tasks that are new to the store; what became of known ones is `pull`'s to say."""
    known = {(t.uid, t.revision): t for t in repo.tasks(project.id)}
    for (uid, revision), (remote_id, assisted) in tasks.items():
        task = known.get((uid, revision))
        if task is not None and task.remote_id == remote_id:
            continue
        if repo.document(uid, revision) is None:
            continue
        repo.save_task(
            TaskRecord(uid, revision, project.annotator, project.id, remote_id, "open", assisted),
            at=at,
        )
