"""Where Documents stand, without reading what was annotated: a Repository's part about counts.

A status is asked for often, of everything there is: what people said in a Document is not needed
for it, only that they said something.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlmodel import col

from curation.store.pulling import PullRepository
from curation.store.records import ADJUDICATION
from curation.store.tables import (
    AnnotationSetRow,
    DocumentRow,
    ProjectRow,
    RemoteAnnotationRow,
    TaskRow,
)

__all__ = [
    "CountRepository",
    "RemoteMark",
    "SetRecord",
    "TaskLink",
    "current_sets",
    "set_query",
]

_NO_ENTITIES = '{"entities":[],%'
_NO_EVENTS = '%,"events":[]}'
"""How canonical JSON begins and ends where a list is empty; nothing else looks like that."""


@dataclass(frozen=True, slots=True)
class SetRecord:
    """A current AnnotationSet: whether it has entities and events, and in what order it came."""

    uid: str
    annotator: str
    kind: str
    number: int
    entities: bool
    events: bool


@dataclass(frozen=True, slots=True)
class TaskLink:
    """A task of an annotator, "" where its project is nobody's; `adjudicates`: one of disputes.

    `number` is the store's, `project` and `remote_id` are the server's.
    """

    number: int
    uid: str
    annotator: str
    state: str
    server: str
    project: int
    remote_id: int

    @property
    def adjudicates(self) -> bool:
        """Whether disputes are decided in it: nobody annotates there."""
        return self.annotator == ADJUDICATION


@dataclass(frozen=True, slots=True)
class RemoteMark:
    """The newest revision of an annotation or a draft in the task of that `number`."""

    number: int
    uid: str
    annotator: str
    kind: str
    state: str


class CountRepository(PullRepository):
    """What stands where, a query for each kind of thing."""

    def set_states(self, *kinds: str) -> Iterator[SetRecord]:
        """The current sets of those kinds on current revisions, by uid, then annotator."""
        row = AnnotationSetRow
        filled = (col(row.body).not_like(pattern) for pattern in (_NO_ENTITIES, _NO_EVENTS))
        query = current_sets(kinds, row.annotator, row.kind, row.id, *filled)
        for uid, annotator, kind, number, entities, events in self._session.execute(query):
            yield SetRecord(uid, annotator, kind, number or 0, bool(entities), bool(events))

    def provenances_of(self, *kinds: str) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
        """(uid, annotator, provenance) of the current sets of those kinds, by uid, annotator."""
        row = AnnotationSetRow
        query = current_sets(kinds, row.annotator, row.provenance)
        for found in self._session.execute(query):
            yield found[0], found[1], found[2]

    def task_states(self) -> Iterator[TaskLink]:
        """All tasks that are still there, adjudications too, by annotator, then uid."""
        query = (
            select(
                col(TaskRow.id),
                col(DocumentRow.uid),
                col(ProjectRow.annotator),
                col(TaskRow.state),
                col(ProjectRow.server),
                col(ProjectRow.remote_id),
                col(TaskRow.remote_id),
            )
            .join(DocumentRow, col(TaskRow.document_id) == col(DocumentRow.id))
            .join(ProjectRow, col(TaskRow.project_id) == col(ProjectRow.id))
            .where(col(TaskRow.state) != "gone")
            .order_by(col(ProjectRow.annotator), col(DocumentRow.uid))
        )
        for found in self._session.execute(query):
            yield TaskLink(*found)

    def remote_states(self, *states: str) -> Iterator[RemoteMark]:
        """What is in one of `states` now, of the annotations and drafts in tasks still there."""
        row = RemoteAnnotationRow
        newest = select(func.max(row.id)).group_by(
            col(row.task_id), col(row.kind), col(row.remote_id)
        )
        query = (
            select(
                col(row.task_id),
                col(DocumentRow.uid),
                col(row.annotator),
                col(row.kind),
                col(row.state),
            )
            .join(TaskRow, col(row.task_id) == col(TaskRow.id))
            .join(DocumentRow, col(TaskRow.document_id) == col(DocumentRow.id))
            .where(col(row.state).in_(states), col(row.id).in_(newest))
            .where(col(TaskRow.state) != "gone")
        )
        for found in self._session.execute(query):
            yield RemoteMark(*found)


def set_query(*columns: Any) -> Any:
    """The uid and `columns` of sets, by uid, then annotator."""
    row = AnnotationSetRow
    return (
        select(col(DocumentRow.uid), *columns)
        .join(row, col(row.document_id) == col(DocumentRow.id))
        .order_by(col(DocumentRow.uid), col(row.annotator))
    )


def current_sets(kinds: Sequence[str], *columns: Any) -> Any:
    """The same of the current sets of those kinds on current revisions."""
    row = AnnotationSetRow
    return set_query(*columns).where(
        col(row.current), col(DocumentRow.current), col(row.kind).in_(kinds)
    )
