"""What came from Label Studio and what was sent there: a Repository's part about the server."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import func
from sqlmodel import Session, col, select

from curation.store.records import (
    ADJUDICATION,
    AssignmentRecord,
    ProjectRecord,
    QuarantineRecord,
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

__all__ = ["RemoteRepository", "document_id", "remember_document_id"]


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
        remember_document_id(session, uid, revision, found)
    return found


def remember_document_id(session: Session, uid: str, revision: int, row_id: int) -> None:
    """What `document_id` is to answer without asking."""
    session.info.setdefault("documents", {})[uid, revision] = row_id


class RemoteRepository:
    """Projects, tasks and assignments, and counts of what came in."""

    def __init__(self, session: Session) -> None:
        self._session = session

    # Payloads

    def payload_count(self) -> int:
        """How many payloads are kept."""
        return self._session.exec(select(func.count()).select_from(PayloadRow)).one()

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

    def tasks(self, project_id: int | None = None) -> list[TaskRecord]:
        """The tasks of a project, or of all in which people annotate: not of adjudications."""
        query = (
            select(TaskRow, DocumentRow.uid, DocumentRow.revision, ProjectRow.annotator)
            .join(DocumentRow, col(TaskRow.document_id) == col(DocumentRow.id))
            .join(ProjectRow, col(TaskRow.project_id) == col(ProjectRow.id))
            .order_by(ProjectRow.annotator, DocumentRow.uid)
        )
        if project_id is not None:
            query = query.where(TaskRow.project_id == project_id)
        else:
            query = query.where(ProjectRow.annotator != ADJUDICATION)
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

    def remote_counts(self) -> dict[str, int]:
        """How many revisions are kept, by state."""
        row = RemoteAnnotationRow
        query = select(row.state, func.count()).group_by(row.state).order_by(row.state)
        return dict(self._session.exec(query).all())

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
