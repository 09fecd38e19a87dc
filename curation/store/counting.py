"""Where Documents stand, without reading what was annotated: a Repository's part about counts.

A status is asked for often, of everything there is: what people said in a Document is not needed
for it, only that they said something.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, or_, select
from sqlmodel import col

from curation.store.pulling import PullRepository
from curation.store.records import ADJUDICATION
from curation.store.tables import (
    AnnotationSetRow,
    DecisionRow,
    DocumentRow,
    ProjectRow,
    RemoteAnnotationRow,
    TaskRow,
)

__all__ = ["CountRepository", "RemoteMark", "SetRecord", "TaskLink"]

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
        query = (
            select(
                col(DocumentRow.uid),
                col(row.annotator),
                col(row.kind),
                col(row.id),
                col(row.body).not_like(_NO_ENTITIES),
                col(row.body).not_like(_NO_EVENTS),
            )
            .join(DocumentRow, col(row.document_id) == col(DocumentRow.id))
            .where(col(row.current), col(DocumentRow.current), col(row.kind).in_(kinds))
            .order_by(col(DocumentRow.uid), col(row.annotator))
        )
        for uid, annotator, kind, number, entities, events in self._session.execute(query):
            yield SetRecord(uid, annotator, kind, number or 0, bool(entities), bool(events))

    def provenances_of(self, *kinds: str) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
        """(uid, annotator, provenance) of the current sets of those kinds, by uid, annotator."""
        row = AnnotationSetRow
        query = (
            select(col(DocumentRow.uid), col(row.annotator), col(row.provenance))
            .join(DocumentRow, col(row.document_id) == col(DocumentRow.id))
            .where(col(row.current), col(DocumentRow.current), col(row.kind).in_(kinds))
            .order_by(col(DocumentRow.uid), col(row.annotator))
        )
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

    def open_candidates(
        self, uids: Iterable[str]
    ) -> Iterator[tuple[str, str, Mapping[str, list[str]]]]:
        """(uid, layer, who said what) of every open decision about those Documents."""
        query = (
            select(col(DocumentRow.uid), col(DecisionRow.layer), col(DecisionRow.body))
            .join(AnnotationSetRow, col(DecisionRow.set_id) == col(AnnotationSetRow.id))
            .join(DocumentRow, col(AnnotationSetRow.document_id) == col(DocumentRow.id))
            .where(col(AnnotationSetRow.current), col(DocumentRow.current))
            .where(col(DecisionRow.status) == "disputed")
        )
        wanted = set(uids)
        for uid, layer, body in self._session.execute(query):
            if uid in wanted:
                yield uid, layer, body["candidates"]

    def layers_of_note(self, rule: str) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
        """(uid, layer) of every open decision behind current gold, and of those by `rule`.

        Also by RULE:NAME.
        """
        is_open = col(DecisionRow.status) == "disputed"
        is_by = or_(col(DecisionRow.rule) == rule, col(DecisionRow.rule).startswith(f"{rule}:"))
        query = (
            select(col(DocumentRow.uid), col(DecisionRow.layer), is_open)
            .join(AnnotationSetRow, col(DecisionRow.set_id) == col(AnnotationSetRow.id))
            .join(DocumentRow, col(AnnotationSetRow.document_id) == col(DocumentRow.id))
            .where(or_(is_open, is_by), col(AnnotationSetRow.current), col(DocumentRow.current))
            .distinct()
        )
        found = [(uid, layer, bool(still)) for uid, layer, still in self._session.execute(query)]
        still_open = {(uid, layer) for uid, layer, still in found if still}
        return still_open, {(uid, layer) for uid, layer, still in found if not still}
