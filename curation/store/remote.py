"""What came from Label Studio and what was sent there: a Repository's part about the server."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import delete, func, update
from sqlmodel import Session, col, select

from curation.model import text_sha256
from curation.store.records import (
    AssignmentRecord,
    ProjectRecord,
    QuarantineRecord,
    RemoteKind,
    RemoteRecord,
    RemoteState,
    RepairRecord,
    TaskRecord,
    TaskState,
)
from curation.store.tables import (
    AssignmentRow,
    DocumentRow,
    PayloadRow,
    ProjectRow,
    QuarantineRow,
    RemoteAnnotationRow,
    RepairRow,
    TaskRow,
)

__all__ = ["RemoteRepository", "document_id"]


def document_id(session: Session, uid: str, revision: int | None) -> int:
    """The row of the current or the given revision; KeyError where there is none.

    A revision's row never changes: within one session it is asked for once.
    """
    known: dict[tuple[str, int | None], int] = session.info.setdefault("documents", {})
    if (uid, revision) in known:
        return known[uid, revision]
    query = select(DocumentRow.id).where(DocumentRow.uid == uid)
    if revision is None:
        query = query.where(col(DocumentRow.current))
    else:
        query = query.where(DocumentRow.revision == revision)
    found = session.exec(query).first()
    if found is None:
        raise KeyError(uid)
    if revision is not None:
        known[uid, revision] = found
    return found


class RemoteRepository:
    """Payloads, quarantine, projects, assignments, tasks and what was annotated in them."""

    def __init__(self, session: Session) -> None:
        self._session = session
        # What this unit of work has asked for or written; only it writes to these tables meanwhile.
        self._tasks: dict[tuple[int, int], TaskRow] = {}
        self._remotes: dict[int, dict[tuple[str, int], RemoteRecord]] = {}

    # Payloads

    def save_payload(self, *, origin: str, kind: str, body: str, at: str) -> tuple[int, bool]:
        """Keep `body` verbatim; (its id, whether it is new). The same one is kept once."""
        digest = text_sha256(body)
        query = select(PayloadRow.id).where(
            PayloadRow.origin == origin, PayloadRow.kind == kind, PayloadRow.sha256 == digest
        )
        found = self._session.exec(query).first()
        if found is not None:
            return found, False
        row = PayloadRow(origin=origin, kind=kind, sha256=digest, body=body, received_at=at)
        self._session.add(row)
        self._session.flush()
        return row.id or 0, True

    def payload_count(self) -> int:
        """How many payloads are kept."""
        return self._session.exec(select(func.count()).select_from(PayloadRow)).one()

    def quarantine(self, payload_id: int, record: QuarantineRecord, *, at: str) -> None:
        """Put something aside, once for each payload and reason."""
        query = select(QuarantineRow).where(
            QuarantineRow.payload_id == payload_id, QuarantineRow.reason == record.reason
        )
        row = self._session.exec(query).first() or QuarantineRow(
            payload_id=payload_id,
            uid=record.uid,
            annotator=record.annotator,
            reason=record.reason,
            link=record.link,
            created_at=at,
        )
        row.open = True
        self._session.add(row)
        self._session.flush()

    def release_from_quarantine(self, uid: str, annotator: str) -> None:
        """Close what was put aside, because a later version of it could be interpreted."""
        statement = (
            update(QuarantineRow)
            .where(col(QuarantineRow.uid) == uid, col(QuarantineRow.annotator) == annotator)
            .values(open=False)
        )
        self._session.execute(statement)

    def quarantined(self) -> list[QuarantineRecord]:
        """What is still put aside."""
        query = select(QuarantineRow).where(col(QuarantineRow.open)).order_by(col(QuarantineRow.id))
        return [
            QuarantineRecord(row.uid, row.annotator, row.reason, row.link)
            for row in self._session.exec(query)
        ]

    # Projects and tasks

    def project(self, server: str, marker: str) -> ProjectRecord | None:
        """The project of that marker on that server."""
        query = select(ProjectRow).where(ProjectRow.server == server, ProjectRow.marker == marker)
        row = self._session.exec(query).first()
        return _project(row) if row else None

    def projects(self) -> list[ProjectRecord]:
        """All projects, in the order they were made."""
        rows = self._session.exec(select(ProjectRow).order_by(col(ProjectRow.id)))
        return [_project(row) for row in rows]

    def save_project(
        self,
        *,
        server: str,
        marker: str,
        remote_id: int,
        annotator: str,
        at: str,
        adopted: bool = False,
    ) -> ProjectRecord:
        """Remember a project; one that was remembered under another id is replaced."""
        query = select(ProjectRow).where(ProjectRow.server == server, ProjectRow.marker == marker)
        row = self._session.exec(query).first()
        if row is None:
            row = ProjectRow(
                server=server,
                marker=marker,
                remote_id=remote_id,
                annotator=annotator,
                created_at=at,
                adopted=adopted,
            )
        if row.remote_id != remote_id:
            row.pulled_to = None
        row.remote_id = remote_id
        self._session.add(row)
        self._session.flush()
        return _project(row)

    def save_task(self, task: TaskRecord, *, at: str) -> None:
        """Remember a task, or what has become of it."""
        row_id = document_id(self._session, task.uid, task.revision)
        row = self._task_row(task.project_id, row_id)
        if row is None:
            row = TaskRow(
                project_id=task.project_id,
                document_id=row_id,
                remote_id=task.remote_id,
                state=task.state,
                assisted=task.assisted,
                pushed_at=at,
            )
        row.remote_id, row.state = task.remote_id, task.state
        row.assisted, row.proposal = task.assisted, task.proposal
        row.updated_at = task.updated_at
        self._session.add(row)
        self._session.flush()

    def tasks(self, project_id: int | None = None) -> list[TaskRecord]:
        """The tasks of a project, or all."""
        query = (
            select(TaskRow, DocumentRow.uid, DocumentRow.revision, ProjectRow.annotator)
            .join(DocumentRow, col(TaskRow.document_id) == col(DocumentRow.id))
            .join(ProjectRow, col(TaskRow.project_id) == col(ProjectRow.id))
            .order_by(ProjectRow.annotator, DocumentRow.uid)
        )
        if project_id is not None:
            query = query.where(TaskRow.project_id == project_id)
        return [
            TaskRecord(
                uid,
                revision,
                name,
                row.project_id,
                row.remote_id,
                _state(row.state),
                row.assisted,
                row.proposal,
                row.updated_at,
            )
            for row, uid, revision, name in self._session.exec(query)
        ]

    def set_pulled_to(self, project_id: int, pulled_to: str | None) -> None:
        """Remember up to which change of a project's tasks everything was pulled."""
        row = self._session.get_one(ProjectRow, project_id)
        row.pulled_to = pulled_to
        self._session.add(row)

    def assignments(self) -> list[AssignmentRecord]:
        """Who is to label what, by uid, then annotator."""
        row = AssignmentRow
        rows = self._session.exec(select(row).order_by(row.uid, row.annotator))
        return [AssignmentRecord(r.uid, r.annotator, r.assisted) for r in rows]

    def add_assignments(self, assignments: Iterable[AssignmentRecord], *, at: str) -> None:
        """Append assignments; one that is there already raises an integrity error."""
        self._session.add_all(
            AssignmentRow(uid=a.uid, annotator=a.annotator, assisted=a.assisted, assigned_at=at)
            for a in assignments
        )
        self._session.flush()

    # Annotations on the server

    def save_remote(self, task: TaskRecord, record: RemoteRecord, *, at: str) -> bool:
        """Append a revision of an annotation or draft; False where it is the newest one already."""
        task_id = self._task_id(task)
        known, key = self._known_remotes(task_id), (record.kind, record.remote_id)
        if known.get(key) == record:
            return False
        known[key] = record
        self._session.add(
            RemoteAnnotationRow(
                task_id=task_id,
                kind=record.kind,
                remote_id=record.remote_id,
                remote_task_id=record.remote_task_id,
                state=record.state,
                annotator=record.annotator,
                updated_at=record.updated_at,
                payload_id=record.payload_id,
                seen_at=at,
            )
        )
        return True

    def remotes(self, task: TaskRecord) -> list[RemoteRecord]:
        """The newest revision of each annotation and draft of a task, oldest annotation first."""
        return list(self._known_remotes(self._task_id(task)).values())

    def _known_remotes(self, task_id: int) -> dict[tuple[str, int], RemoteRecord]:
        if task_id not in self._remotes:
            row = RemoteAnnotationRow
            query = select(row).where(row.task_id == task_id).order_by(col(row.id))
            found = {(r.kind, r.remote_id): _remote(r) for r in self._session.exec(query)}
            self._remotes[task_id] = found
        return self._remotes[task_id]

    def strays(self, project_id: int) -> list[tuple[TaskRecord, int]]:
        """(task, another one's id on the server) where that one's annotations still count.

        So it is where a task was deleted there and sent again, or stands twice.
        """
        row, task = RemoteAnnotationRow, TaskRow
        query = (
            select(row.task_id, row.remote_task_id)
            .join(task, col(row.task_id) == col(task.id))
            .where(task.project_id == project_id, col(row.remote_task_id) != col(task.remote_id))
            .distinct()
        )
        found = self._session.exec(query).all()
        if not found:
            return []
        records = {self._task_id(record): record for record in self.tasks(project_id)}
        return [
            (records[task_id], number)
            for task_id, number in found
            if any(
                r.remote_task_id == number and r.state != "deleted"
                for r in self.remotes(records[task_id])
            )
        ]

    def remote_counts(self) -> dict[str, int]:
        """How many revisions are kept, by state."""
        row = RemoteAnnotationRow
        query = select(row.state, func.count()).group_by(row.state).order_by(row.state)
        return dict(self._session.exec(query).all())

    def _task_id(self, task: TaskRecord) -> int:
        row_id = document_id(self._session, task.uid, task.revision)
        found = self._task_row(task.project_id, row_id)
        if found is None or found.id is None:
            raise KeyError(task.uid)
        return found.id

    def _task_row(self, project_id: int, document_id: int) -> TaskRow | None:
        key = (project_id, document_id)
        if key not in self._tasks:
            query = select(TaskRow).where(
                TaskRow.project_id == project_id, TaskRow.document_id == document_id
            )
            found = self._session.exec(query).first()
            if found is None:
                return None
            self._tasks[key] = found
        return self._tasks[key]

    def payload(self, payload_id: int) -> str:
        """What came in, verbatim."""
        return self._session.get_one(PayloadRow, payload_id).body

    def save_repairs(self, payload_id: int, repairs: Iterable[RepairRecord]) -> None:
        """Replace what is known to have been put right in a payload."""
        self._session.execute(delete(RepairRow).where(col(RepairRow.payload_id) == payload_id))
        self._session.add_all(
            RepairRow(payload_id=payload_id, kind=r.kind, region=r.region, detail=r.detail)
            for r in repairs
        )
        self._session.flush()

    def repair_counts(self) -> dict[str, int]:
        """How many repairs were made in all payloads, by kind."""
        query = select(RepairRow.kind, func.count()).group_by(RepairRow.kind)
        return dict(sorted(self._session.exec(query).all()))


def _project(row: ProjectRow) -> ProjectRecord:
    return ProjectRecord(
        row.id or 0,
        row.server,
        row.marker,
        row.remote_id,
        row.annotator,
        row.adopted,
        row.pulled_to,
    )


def _state(value: str) -> TaskState:
    states: tuple[TaskState, ...] = ("open", "done", "skipped", "gone")
    return next(state for state in states if state == value)


def _remote(row: RemoteAnnotationRow) -> RemoteRecord:
    kinds: tuple[RemoteKind, ...] = ("annotation", "draft")
    states: tuple[RemoteState, ...] = ("submitted", "skipped", "draft", "deleted")
    return RemoteRecord(
        next(kind for kind in kinds if kind == row.kind),
        row.remote_id,
        row.remote_task_id,
        next(state for state in states if state == row.state),
        row.annotator,
        row.updated_at,
        row.payload_id,
    )
