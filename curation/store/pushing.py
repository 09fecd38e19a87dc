"""What a push asks of the store: a Repository's part about what is to be sent."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

from pydantic_core import from_json
from sqlalchemy import func, select
from sqlmodel import col

from curation.model import AnnotationSet, text_sha256
from curation.store import mapping
from curation.store.counting import CountRepository
from curation.store.pulling import ADD_TASK, CHANGE_TASK, task_fields
from curation.store.records import DocumentSize, TaskRecord
from curation.store.tables import AnnotationSetRow, DocumentRow, TaskRow

__all__ = ["CHUNK", "PushRepository", "parted"]

CHUNK = 500
"""How many values stand in one SQL IN, and how many rows are fetched at once."""


def chunked(values: Iterable[str]) -> Iterator[list[str]]:
    """The distinct values in order, in parts that an SQL IN takes."""
    ordered = sorted(set(values))
    for first in range(0, len(ordered), CHUNK):
        yield ordered[first : first + CHUNK]


def parted(query: Any, uids: Iterable[str] | None) -> Iterator[Any]:
    """The query for some of `uids` at a time, so that one answer is not the whole table.

    None: the query as it is.
    """
    if uids is None:
        yield query
        return
    for chunk in chunked(uids):
        yield query.where(col(DocumentRow.uid).in_(chunk))


class PushRepository(CountRepository):
    """Sizes, proposals and tasks of many Documents at once, without their texts."""

    def sizes(self) -> list[DocumentSize]:
        """The current revisions, by uid; words are counted by the spaces between them."""
        text = col(DocumentRow.text)
        spaces = func.length(text) - func.length(func.replace(text, " ", ""))
        query = (
            select(
                col(DocumentRow.uid),
                col(DocumentRow.language),
                col(DocumentRow.revision),
                func.length(text),
                spaces,
            )
            .where(col(DocumentRow.current))
            .order_by(col(DocumentRow.uid))
        )
        return [
            DocumentSize(uid, language, revision, length, gaps + 1 if length else 0)
            for uid, language, revision, length, gaps in self._session.execute(query)
        ]

    def proposals(self) -> dict[str, str]:
        """By uid, the hash of what the model proposes now; another hash is another proposal."""
        row = AnnotationSetRow
        query = (
            select(col(DocumentRow.uid), col(row.annotator), col(row.sha256))
            .join(DocumentRow, col(row.document_id) == col(DocumentRow.id))
            .where(col(row.kind) == "model", col(row.current), col(DocumentRow.current))
            .order_by(col(row.annotator))
        )
        return {
            uid: _proposal_hash(annotator, digest)
            for uid, annotator, digest in self._session.execute(query)
        }

    def sent_proposals(
        self, uids: Iterable[str] | None = None
    ) -> Iterator[tuple[str, int, AnnotationSet]]:
        """(uid, the server's id of a task, what was proposed in it), of current revisions.

        All, or those of `uids`. It may be older than what the model proposes now. Tasks without
        proposals are left out.
        """
        row, task = AnnotationSetRow, TaskRow
        query = (
            select(
                col(DocumentRow.uid),
                col(task.remote_id),
                col(task.proposal),
                col(row.sha256),
                col(row.annotator),
                col(row.body),
                col(row.provenance),
            )
            .join(DocumentRow, col(row.document_id) == col(DocumentRow.id))
            .join(task, col(task.document_id) == col(DocumentRow.id))
            .where(col(row.kind) == "model", col(DocumentRow.current))
            .where(col(task.proposal).is_not(None))
            .order_by(col(DocumentRow.uid), col(task.remote_id), col(row.id))
        )
        made: dict[tuple[str, str, str], AnnotationSet] = {}
        for part in parted(query, uids):
            for found in self._session.execute(part.execution_options(yield_per=CHUNK)):
                if found.proposal != _proposal_hash(found.annotator, found.sha256):
                    continue
                key = (found.uid, found.annotator, found.sha256)
                if key not in made:  # the tasks of a Document stand together, and get the same
                    made = {key: _proposal(found)}
                yield found.uid, found.remote_id, made[key]

    def proposal_scores(self, uids: Iterable[str]) -> Iterator[tuple[str, list[float]]]:
        """(uid, the scores of all that the model proposes) of those that have a proposal."""
        row = AnnotationSetRow
        for chunk in chunked(uids):
            query = (
                select(col(DocumentRow.uid), col(row.body))
                .join(DocumentRow, col(row.document_id) == col(DocumentRow.id))
                .where(col(row.kind) == "model", col(row.current), col(DocumentRow.current))
                .where(col(DocumentRow.uid).in_(chunk))
                .order_by(col(row.annotator))
            )
            for uid, body in self._session.execute(query):
                said = from_json(body)
                items = [*said["entities"], *said["events"]]
                yield uid, [i["score"] for i in items if i.get("score") is not None]

    def save_tasks(self, tasks: Sequence[TaskRecord], *, at: str) -> None:
        """Remember tasks of one project; those of Documents that are not here are left out."""
        if not tasks:
            return
        project = tasks[0].project_id
        wanted = {(task.uid, task.revision): task for task in tasks}
        new, changed = [], []
        for uid, revision, document, row_id in self._task_rows(project, wanted):
            fields = task_fields(wanted[uid, revision])
            if row_id is None:
                key = {"project_id": project, "document_id": document, "pushed_at": at}
                new.append(key | fields)
            else:
                changed.append({"row_id": row_id} | fields)
        if new:
            self._connection.execute(ADD_TASK, new)
        if changed:
            self._connection.execute(CHANGE_TASK, changed)

    def _task_rows(
        self, project: int, keys: Collection[tuple[str, int]]
    ) -> Iterator[tuple[str, int, int, int | None]]:
        """(uid, revision, row of the Document, row of its task) of the Documents that are here."""
        query = select(
            col(DocumentRow.uid), col(DocumentRow.revision), col(DocumentRow.id), col(TaskRow.id)
        ).outerjoin(
            TaskRow,
            (col(TaskRow.document_id) == col(DocumentRow.id))
            & (col(TaskRow.project_id) == project),
        )
        for chunk in chunked(uid for uid, _revision in keys):
            found = self._connection.execute(query.where(col(DocumentRow.uid).in_(chunk))).all()
            for uid, revision, document, row_id in found:
                if (uid, revision) in keys:
                    yield uid, revision, document or 0, row_id


def _proposal_hash(annotator: str, sha256: str) -> str:
    return text_sha256(f"{annotator}\n{sha256}")


def _proposal(found: Any) -> AnnotationSet:
    return mapping.row_to_annotations(
        found.uid, found.annotator, "model", found.body, found.provenance
    )
