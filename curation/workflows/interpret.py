"""Tasks of Label Studio into the store: everything kept verbatim first, then interpreted.

A pull, a file made by an export and a replay of what is stored all go through `Interpreter`.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from curation.labelstudio.adjudication import undecided
from curation.labelstudio.convert import result_to_annotations
from curation.labelstudio.payload import task_url
from curation.messages import few
from curation.model import AnnotationSet, Document
from curation.ontology import Ontology
from curation.ontology_xml import TEXT
from curation.settings import Settings
from curation.store import (
    ProjectRecord,
    QuarantineRecord,
    RemoteRecord,
    RepairRecord,
    Repository,
    TaskRecord,
)
from curation.workflows.revisions import (
    last_deleted,
    newest,
    provenance_of,
    remote_of,
    state_of,
)
from curation.workflows.task_values import (
    encodable,
    number,
    objects,
    only_named,
    sound,
    untold,
    whole,
)

__all__ = ["Interpreter", "Tally", "named", "task_data"]

_PASSING = frozenset({"created_ago"})
"""Fields that tell the time of asking, not what was annotated."""


@dataclass
class Tally:
    """Counts of what was read.

    Of the annotations, `payloads` were new; new + unchanged + revised + quarantined of them were
    the newest of their annotators, and became AnnotationSets or were put aside. Of the new and
    revised ones, `adjudications` are an adjudicator's decisions.
    """

    read: int = 0
    foreign: int = 0
    duplicates: int = 0
    annotations: int = 0
    drafts: int = 0
    payloads: int = 0
    new: int = 0
    unchanged: int = 0
    revised: int = 0
    quarantined: int = 0
    deleted: int = 0
    adjudications: int = 0


class Interpreter:
    """Reads tasks, and counts. `users` is e-mail by the server's user id."""

    def __init__(
        self, settings: Settings, ontology: Ontology, users: Mapping[int, str], *, at: str
    ) -> None:
        self.tally = Tally()
        self.repairs: Counter[str] = Counter()
        self.problems: list[str] = []
        self._settings = settings
        self._ontology = ontology
        self._names = {email.casefold(): name for name, email in settings.people}
        self._users = users
        self._at = at

    def expect(
        self, repo: Repository, project: ProjectRecord, page: Iterable[Mapping[str, Any]]
    ) -> None:
        """Have read at once what the tasks of a page will need; each task still tells by itself."""
        keys: set[tuple[str, int]] = set()
        origins = []
        for task in page:
            data = task_data(task)
            uid = data.get("uid")
            if isinstance(uid, str) and sound(uid):
                keys.add((uid, whole(data.get("revision"), 1)))
            if number(task.get("id")) is not None:
                origins.append(_origin(project, task))
        repo.expect(project.id, keys, origins)

    def task(
        self,
        repo: Repository,
        project: ProjectRecord,
        task: Mapping[str, Any],
        known: Mapping[tuple[str, int], TaskRecord],
        uid: str | None = None,
    ) -> TaskRecord | None:
        """Keep and interpret one task; its record, or None where its document is not here.

        `known` are the project's tasks by uid and revision. `uid` is the document's where the
        task's data do not name it.
        """
        self.tally.read += 1
        if number(task.get("id")) is None:
            self._keep(repo, f"{project.server}/projects/{project.remote_id}", "task", task)
            what = f"a task came without a usable id ({ascii(task.get('id'))[:60]})"
            self.problems.append(f"project {project.remote_id}: {what}")
            self.tally.foreign += 1
            return None
        data = task_data(task)
        document = repo.document(uid) if uid else named(repo, data)
        if document is None:
            self.tally.foreign += 1
            return None
        before = known.get((document.uid, document.revision))
        record = self._record(repo, project, task, before, document)
        fresh = dict(self._keep_all(repo, project, record, task))
        record = replace(record, state=state_of(repo.remotes(record)))
        repo.save_task(record, at=self._at)
        shown = data.get(TEXT)
        other_text = isinstance(shown, str) and shown != document.text
        self._interpret(repo, project, record, document, fresh, other_text=other_text)
        return record

    def replay(
        self, repo: Repository, project: ProjectRecord, record: TaskRecord, document: Document
    ) -> None:
        """Interpret once more what is stored of a task."""
        self.tally.read += 1
        self._interpret(repo, project, record, document, {}, other_text=False, also_deleted=True)

    def gone(self, repo: Repository, record: TaskRecord, remote_task_id: int) -> None:
        """A task for this record's document is no longer there: nor is what was in it.

        If it was the record's own, the record is said to be gone; another one may have followed.
        """
        self._record_deleted(repo, record, remote_task_id, set())
        if record.remote_id == remote_task_id:
            left = replace(record, state="gone", updated_at=None)
        else:
            left = replace(record, state=state_of(repo.remotes(record)))
        repo.save_task(left, at=self._at)

    def _record(
        self,
        repo: Repository,
        project: ProjectRecord,
        task: Mapping[str, Any],
        known: TaskRecord | None,
        document: Document,
    ) -> TaskRecord:
        """The task's record, in the store; of two tasks for one document the older one counts."""
        remote_id = int(task["id"])
        updated_at = task["updated_at"] if sound(task.get("updated_at")) else None
        if known is not None and known.state != "gone" and known.remote_id < remote_id:
            self.tally.duplicates += 1
            return known
        record = TaskRecord(
            document.uid,
            document.revision,
            project.annotator,
            project.id,
            remote_id,
            known.state if known else "open",
            assisted=bool(task.get("total_predictions")),
            proposal=known.proposal if known else None,
            updated_at=updated_at,
        )
        if known is None:
            repo.save_task(record, at=self._at)
        return record

    def _keep_all(
        self, repo: Repository, project: ProjectRecord, record: TaskRecord, task: Mapping[str, Any]
    ) -> Iterator[tuple[int, Mapping[str, Any]]]:
        """Keep annotations and drafts, and that some are gone; the annotations by payload id."""
        origin = _origin(project, task)
        there: set[tuple[str, int]] = set()
        for annotation in objects(task.get("annotations")):
            self.tally.annotations += 1
            if number(annotation.get("id")) is None:
                self._keep_nameless(repo, project, record, task, annotation)
                continue
            state = "skipped" if annotation.get("was_cancelled") else "submitted"
            found = self._keep(repo, origin, "annotation", annotation)
            annotator = self._annotator(project, annotation.get("completed_by"))
            made = remote_of("annotation", state, annotation, task, annotator, found)
            there.add((made.kind, made.remote_id))
            repo.save_remote(record, made, at=self._at)
            yield found, annotation
        for draft in objects(task.get("drafts")):
            self.tally.drafts += 1
            if number(draft.get("id")) is None:
                self._keep(repo, origin, "draft", draft)
                continue
            found = self._keep(repo, origin, "draft", draft)
            annotator = self._annotator(project, draft.get("user"))
            made = remote_of("draft", "draft", draft, task, annotator, found)
            there.add((made.kind, made.remote_id))
            repo.save_remote(record, made, at=self._at)
        there.update(only_named(task))
        here = {(r.kind, r.remote_id) for r in repo.remotes(record) if untold(task, r.kind)}
        self._record_deleted(repo, record, int(task["id"]), there | here)

    def _keep_nameless(
        self,
        repo: Repository,
        project: ProjectRecord,
        record: TaskRecord,
        task: Mapping[str, Any],
        annotation: Mapping[str, Any],
    ) -> None:
        """An annotation without a usable id: whether it is a new one cannot be known."""
        origin = _origin(project, task)
        found = self._keep(repo, origin, "annotation", annotation)
        annotator = self._annotator(project, annotation.get("completed_by"))
        url = task_url(project.server, project.remote_id, int(task["id"]))
        reason = "an annotation came without an id"
        self.tally.quarantined += 1
        self.problems.append(f"{record.uid} by {annotator}: {reason} ({url})")
        repo.quarantine(found, QuarantineRecord(record.uid, annotator, reason, url), at=self._at)

    def _record_deleted(
        self, repo: Repository, record: TaskRecord, remote_task_id: int, there: set[Any]
    ) -> None:
        here = (r for r in repo.remotes(record) if r.remote_task_id == remote_task_id)
        for remote in here:
            if remote.state == "deleted" or (remote.kind, remote.remote_id) in there:
                continue
            self.tally.deleted += remote.kind == "annotation"
            repo.save_remote(record, replace(remote, state="deleted"), at=self._at)

    def _keep(self, repo: Repository, origin: str, kind: str, payload: Mapping[str, Any]) -> int:
        lasting = {name: value for name, value in payload.items() if name not in _PASSING}
        body = json.dumps(lasting, ensure_ascii=False, sort_keys=True)
        if not encodable(body):
            body = json.dumps(lasting, sort_keys=True)
        kept, new = repo.save_payload(origin=origin, kind=kind, body=body, at=self._at)
        self.tally.payloads += new
        return kept

    def _annotator(self, project: ProjectRecord, by: Any) -> str:
        """Whose it is: the configured annotator with that e-mail, else the project's, else it."""
        if isinstance(by, Mapping):
            by = by.get("email") or by.get("id")
        mail = isinstance(by, str) and "@" in by and by.isprintable()
        email = by if mail else self._users.get(whole(by, -1), "")
        named = self._names.get(email.casefold()) or self._owner(project)
        return named or email or f"user {ascii(by)[:60]}"

    def _owner(self, project: ProjectRecord) -> str:
        if not project.adjudicates:
            return project.annotator
        chosen = self._settings.adjudication.adjudicator
        return chosen.name if chosen is not None else ""

    def _interpret(
        self,
        repo: Repository,
        project: ProjectRecord,
        record: TaskRecord,
        document: Document,
        fresh: Mapping[int, Mapping[str, Any]],
        *,
        other_text: bool,
        also_deleted: bool = False,
    ) -> None:
        """The newest submitted annotation of each annotator becomes an AnnotationSet.

        `also_deleted`: or the last one, where the annotator has none on the server any more.
        """
        remotes = repo.remotes(record)
        read = (last_deleted(remotes) if also_deleted else {}) | newest(remotes)
        for annotator, remote in sorted(read.items()):
            annotation = fresh.get(remote.payload_id)
            if annotation is None:
                annotation = json.loads(repo.payload(remote.payload_id))
            if annotation.get("was_cancelled"):
                continue
            url = task_url(project.server, project.remote_id, remote.remote_task_id)
            made = result_to_annotations(
                annotation.get("result"),
                uid=document.uid,
                annotator=annotator,
                text=document.text,
                ontology=self._ontology,
                provenance=provenance_of(annotation, remote, record, url)
                | self._guideline(repo, document, annotator, remote),
            )
            repairs = [RepairRecord(r.kind, r.region, r.detail) for r in made.repairs]
            repo.save_repairs(remote.payload_id, repairs)
            self.repairs.update(r.kind for r in made.repairs)
            problems = [*made.problems]
            if project.adjudicates:
                result = annotation.get("result")
                problems = list(undecided(result, made, document.text, self._ontology))
            if other_text:
                problems.insert(0, "the task shows another text than the document has")
            held_as = f"{annotator} (adjudicator)" if project.adjudicates else annotator
            if made.annotations is None or problems:
                aside = QuarantineRecord(document.uid, held_as, few(problems), url)
                self._put_aside(repo, remote, aside)
                continue
            change = repo.save_annotations(
                self._of_kind(made.annotations, annotator, project),
                at=self._at,
                revision=document.revision,
                payload_id=remote.payload_id,
            )
            repo.release_from_quarantine(document.uid, held_as)
            setattr(self.tally, change, getattr(self.tally, change) + 1)
            self.tally.adjudications += project.adjudicates and change != "unchanged"

    def _guideline(
        self, repo: Repository, document: Document, annotator: str, remote: RemoteRecord
    ) -> dict[str, str]:
        """The guideline's version when this was first read: it stays, though it moves on."""
        for known in repo.provenances(document.uid, document.revision, annotator):
            same = known.get("annotation"), known.get("updated_at")
            if same == (remote.remote_id, remote.updated_at):
                return {"guideline": known["guideline"]} if "guideline" in known else {}
        return {"guideline": self._ontology.guideline}

    def _put_aside(self, repo: Repository, remote: RemoteRecord, record: QuarantineRecord) -> None:
        self.tally.quarantined += 1
        self.problems.append(f"{record.uid} by {record.annotator}: {record.reason} ({record.link})")
        repo.release_from_quarantine(record.uid or "", record.annotator)
        repo.quarantine(remote.payload_id, record, at=self._at)

    def _of_kind(
        self, annotations: AnnotationSet, annotator: str, project: ProjectRecord
    ) -> AnnotationSet:
        if project.adjudicates:
            return annotations.model_copy(update={"kind": "adjudicator"})
        configured = self._settings.annotator(annotator)
        sample = configured is not None and configured.sample
        return annotations.model_copy(update={"kind": "sample" if sample else "person"})


def _origin(project: ProjectRecord, task: Mapping[str, Any]) -> str:
    return f"{project.server}/projects/{project.remote_id}/tasks/{task['id']}"


def task_data(task: Mapping[str, Any]) -> Mapping[str, Any]:
    """The data of a task; nothing where they are no object."""
    data = task.get("data")
    return data if isinstance(data, Mapping) else {}


def named(repo: Repository, data: Mapping[str, Any]) -> Document | None:
    """The Document that the data of a task name, or None."""
    uid = str(data.get("uid") or "")
    if not encodable(uid):
        return None
    return repo.document(uid, whole(data.get("revision"), 1)) if uid else None
