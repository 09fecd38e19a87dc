"""What a pull reads and writes, a page of tasks at a time: a Repository's part about annotations.

A pull handles every task of a project. Objects of the ORM, and a query for each of them, would be
most of its work: what a page needs is read at once and remembered for the unit of work, and rows
are written by statements that are made once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, Insert, bindparam, delete, insert, select, update
from sqlmodel import Session, SQLModel

from curation.model import AnnotationSet, Document, text_sha256
from curation.store import mapping
from curation.store.records import (
    QuarantineRecord,
    RemoteRecord,
    RepairRecord,
    TaskRecord,
)
from curation.store.remote import RemoteRepository, document_id, remember_document_id

__all__ = ["ADD_TASK", "CHANGE_TASK", "CurrentSet", "PullRepository", "task_fields"]

_TABLES = SQLModel.metadata.tables
_DOCUMENT, _PAYLOAD, _TASK = _TABLES["document"], _TABLES["payload"], _TABLES["task"]
_REMOTE, _REPAIR = _TABLES["remote_annotation"], _TABLES["repair"]
_SET, _QUARANTINE = _TABLES["annotation_set"], _TABLES["quarantine"]

_HUMAN = ("person", "sample", "adjudicator")
_ADD_PAYLOAD, ADD_TASK, _ADD_REMOTE = insert(_PAYLOAD), insert(_TASK), insert(_REMOTE)
_ADD_REPAIR, _ADD_SET = insert(_REPAIR), insert(_SET)
CHANGE_TASK = update(_TASK).where(_TASK.c.id == bindparam("row_id"))
_RETIRE_SET = update(_SET).where(_SET.c.id == bindparam("row_id")).values(current=False)
_DROP_REPAIRS = delete(_REPAIR).where(_REPAIR.c.payload_id == bindparam("payload"))
_ADD_QUARANTINE = insert(_QUARANTINE)
_PUT_ASIDE = select(_QUARANTINE.c.id).where(
    _QUARANTINE.c.payload_id == bindparam("payload"), _QUARANTINE.c.reason == bindparam("why")
)
_REOPEN = update(_QUARANTINE).where(_QUARANTINE.c.id == bindparam("row_id")).values(open=True)
_RELEASE = (
    update(_QUARANTINE)
    .where(_QUARANTINE.c.uid == bindparam("of"), _QUARANTINE.c.annotator == bindparam("by"))
    .values(open=False)
)
_PAYLOADS = select(_PAYLOAD.c.origin, _PAYLOAD.c.kind, _PAYLOAD.c.sha256, _PAYLOAD.c.id)
_BODY = select(_PAYLOAD.c.body).where(_PAYLOAD.c.id == bindparam("payload"))
_SAME_PAYLOAD = select(_PAYLOAD.c.id).where(
    _PAYLOAD.c.origin == bindparam("of"),
    _PAYLOAD.c.kind == bindparam("sort"),
    _PAYLOAD.c.sha256 == bindparam("digest"),
)
_TASK_FIELDS = ("remote_id", "state", "assisted", "proposal", "updated_at")
_TASKS = select(
    _TASK.c.project_id, _TASK.c.document_id, _TASK.c.id, *(_TASK.c[name] for name in _TASK_FIELDS)
)
_ONE_TASK = _TASKS.where(
    _TASK.c.project_id == bindparam("project"), _TASK.c.document_id == bindparam("document")
)
_REMOTE_FIELDS = (
    "kind", "remote_id", "remote_task_id", "state", "annotator", "updated_at", "payload_id",
)  # fmt: skip
_REMOTES = select(_REMOTE.c.task_id, *(_REMOTE.c[n] for n in _REMOTE_FIELDS)).order_by(_REMOTE.c.id)
_REMOTES_OF_ONE = _REMOTES.where(_REMOTE.c.task_id == bindparam("task"))
_SETS = select(
    _SET.c.document_id, _SET.c.annotator, _SET.c.kind, _SET.c.id, _SET.c.body, _SET.c.provenance
).where(_SET.c.current)
_ONE_SET = _SETS.where(
    _SET.c.document_id == bindparam("document"),
    _SET.c.annotator == bindparam("by"),
    _SET.c.kind == bindparam("sort"),
)


def task_fields(task: TaskRecord) -> dict[str, Any]:
    """What a task's row says of it that may change."""
    return {name: getattr(task, name) for name in _TASK_FIELDS}


@dataclass(frozen=True, slots=True)
class CurrentSet:
    """The current AnnotationSet of an annotator on a Document, as it is stored."""

    id: int
    body: str
    provenance: Mapping[str, Any]


class PullRepository(RemoteRepository):
    """Documents, tasks, annotations and sets by key, remembered for the unit of work.

    Only this unit of work writes to what it remembers.
    """

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._documents: dict[tuple[str, int], Document] = {}
        self._tasks: dict[tuple[int, int], tuple[int, tuple[Any, ...]]] = {}
        self._remotes: dict[int, dict[tuple[str, int], RemoteRecord]] = {}
        self._human_sets: dict[int, dict[tuple[str, str], CurrentSet]] = {}
        self._payloads: dict[str, dict[tuple[str, str], int]] = {}
        self._fresh: set[int] = set()
        self._held: dict[str, set[str]] = {}

    @cached_property
    def _connection(self) -> Connection:
        return self._session.connection()

    def expect(
        self, project_id: int, keys: Collection[tuple[str, int]], origins: Collection[str] = ()
    ) -> None:
        """Read at once what is here of Documents, by (uid, revision), and payloads, by origin.

        Of the Documents: their tasks in the project with all annotations, and what people say.
        What was not expected is read when it is asked for.
        """
        rows = self._expect_documents(keys)
        tasks = _TASKS.where(_TASK.c.project_id == project_id, _TASK.c.document_id.in_(rows))
        found = self._connection.execute(tasks).all()
        self._tasks.update({(row[0], row[1]): (row[2], tuple(row[3:])) for row in found})
        self._remotes.update({row[2]: {} for row in found})
        for row in self._connection.execute(_REMOTES.where(_REMOTE.c.task_id.in_(self._remotes))):
            self._remotes[row[0]][row[1], row[2]] = RemoteRecord(*row[1:])
        self._expect_sets(rows)
        self._expect_held({uid for uid, _revision in keys})
        self._payloads.update({origin: {} for origin in origins})
        for row in self._connection.execute(_PAYLOADS.where(_PAYLOAD.c.origin.in_(origins))):
            self._payloads[row[0]][row[1], row[2]] = row[3]

    def _expect_documents(self, keys: Collection[tuple[str, int]]) -> list[int]:
        uids = {uid for uid, _revision in keys}
        query = select(_DOCUMENT).where(_DOCUMENT.c.uid.in_(uids))
        rows = []
        for row in self._connection.execute(query):
            if (row.uid, row.revision) in keys:
                remember_document_id(self._session, row.uid, row.revision, row.id)
                self._documents[row.uid, row.revision] = mapping.row_to_document(row)
                rows.append(row.id)
        return rows

    def _expect_sets(self, documents: Collection[int]) -> None:
        self._human_sets.update({document: {} for document in documents})
        query = _SETS.where(_SET.c.document_id.in_(documents), _SET.c.kind.in_(_HUMAN))
        for row in self._connection.execute(query):
            self._human_sets[row[0]][row[1], row[2]] = CurrentSet(*row[3:])

    def _expect_held(self, uids: Collection[str]) -> None:
        self._held.update({uid: set() for uid in uids})
        query = select(_QUARANTINE.c.uid, _QUARANTINE.c.annotator)
        for row in self._connection.execute(
            query.where(_QUARANTINE.c.open, _QUARANTINE.c.uid.in_(uids))
        ):
            self._held[row[0]].add(row[1])

    # Payloads

    def save_payload(self, *, origin: str, kind: str, body: str, at: str) -> tuple[int, bool]:
        """Keep `body` verbatim; (its id, whether it is new). The same one is kept once."""
        digest = text_sha256(body)
        found = self._payload_id(origin, kind, digest)
        if found is not None:
            return found, False
        key = {"origin": origin, "kind": kind, "sha256": digest}
        made = self._added(_ADD_PAYLOAD, **key, body=body, received_at=at)
        if origin in self._payloads:
            self._payloads[origin][kind, digest] = made
        self._fresh.add(made)
        return made, True

    def _payload_id(self, origin: str, kind: str, digest: str) -> int | None:
        if origin in self._payloads:
            return self._payloads[origin].get((kind, digest))
        key = {"of": origin, "sort": kind, "digest": digest}
        found: int | None = self._connection.execute(_SAME_PAYLOAD, key).scalar()
        return found

    def payload(self, payload_id: int) -> str:
        """What came in, verbatim."""
        body: str = self._connection.execute(_BODY, {"payload": payload_id}).scalar_one()
        return body

    def save_repairs(self, payload_id: int, repairs: Iterable[RepairRecord]) -> None:
        """Replace what is known to have been put right in a payload."""
        if payload_id not in self._fresh:
            self._connection.execute(_DROP_REPAIRS, {"payload": payload_id})
        made = [
            {"payload_id": payload_id, "kind": r.kind, "region": r.region, "detail": r.detail}
            for r in repairs
        ]
        if made:
            self._connection.execute(_ADD_REPAIR, made)
            self._fresh.discard(payload_id)

    def quarantine(self, payload_id: int, record: QuarantineRecord, *, at: str) -> None:
        """Put something aside, once for each payload and reason."""
        key = {"payload": payload_id, "why": record.reason}
        known = self._connection.execute(_PUT_ASIDE, key).scalar()
        if known is not None:
            self._connection.execute(_REOPEN, {"row_id": known})
        else:
            fields = asdict(record)
            self._connection.execute(
                _ADD_QUARANTINE,
                {"payload_id": payload_id, "open": True, "created_at": at, **fields},
            )
        if record.uid in self._held:
            self._held[record.uid].add(record.annotator)

    def release_from_quarantine(self, uid: str, annotator: str) -> None:
        """Close what was put aside, because a later version of it could be interpreted."""
        if uid in self._held and annotator not in self._held[uid]:
            return
        self._connection.execute(_RELEASE, {"of": uid, "by": annotator})

    # Tasks and what was annotated in them

    def save_task(self, task: TaskRecord, *, at: str) -> None:
        """Remember a task, or what has become of it."""
        document = document_id(self._session, task.uid, task.revision)
        fields = task_fields(task)
        values = tuple(fields.values())
        known = self._known_task(task.project_id, document)
        if known is None:
            key = {"project_id": task.project_id, "document_id": document}
            number = self._added(ADD_TASK, **key, **fields, pushed_at=at)
        else:
            number, before = known
            if before != values:
                self._connection.execute(CHANGE_TASK, {"row_id": number, **fields})
        self._tasks[task.project_id, document] = (number, values)

    def _known_task(self, project: int, document: int) -> tuple[int, tuple[Any, ...]] | None:
        key = (project, document)
        if key not in self._tasks:
            ids = {"project": project, "document": document}
            found = self._connection.execute(_ONE_TASK, ids).first()
            if found is None:
                return None
            self._tasks[key] = (found[2], tuple(found[3:]))
        return self._tasks[key]

    def save_remote(self, task: TaskRecord, record: RemoteRecord, *, at: str) -> bool:
        """Append a revision of an annotation or draft; False where it is the newest one already."""
        task_id = self._task_id(task)
        known, key = self._known_remotes(task_id), (record.kind, record.remote_id)
        if known.get(key) == record:
            return False
        known[key] = record
        fields = {name: getattr(record, name) for name in _REMOTE_FIELDS}
        self._connection.execute(_ADD_REMOTE, {"task_id": task_id, "seen_at": at, **fields})
        return True

    def remotes(self, task: TaskRecord) -> list[RemoteRecord]:
        """The newest revision of each annotation and draft of a task, oldest annotation first."""
        return list(self._known_remotes(self._task_id(task)).values())

    def _known_remotes(self, task_id: int) -> dict[tuple[str, int], RemoteRecord]:
        if task_id not in self._remotes:
            rows = self._connection.execute(_REMOTES_OF_ONE, {"task": task_id})
            self._remotes[task_id] = {(row[1], row[2]): RemoteRecord(*row[1:]) for row in rows}
        return self._remotes[task_id]

    def _task_id(self, task: TaskRecord) -> int:
        document = document_id(self._session, task.uid, task.revision)
        found = self._known_task(task.project_id, document)
        if found is None:
            raise KeyError(task.uid)
        return found[0]

    def strays(self, project_id: int) -> list[tuple[TaskRecord, int]]:
        """(task, another one's id on the server) where that one's annotations still count.

        So it is where a task was deleted there and sent again, or stands twice.
        """
        query = (
            select(_REMOTE.c.task_id, _REMOTE.c.remote_task_id)
            .join(_TASK, _REMOTE.c.task_id == _TASK.c.id)
            .where(_TASK.c.project_id == project_id, _REMOTE.c.remote_task_id != _TASK.c.remote_id)
            .distinct()
        )
        found = self._connection.execute(query).all()
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

    # AnnotationSets

    def provenances(self, uid: str, revision: int, annotator: str) -> list[Mapping[str, Any]]:
        """How what a person says now about a revision came here; nothing where they say nothing."""
        document = document_id(self._session, uid, revision)
        found = (self._current_set(document, annotator, kind) for kind in _HUMAN)
        return [known.provenance for known in found if known is not None]

    def _current_set(self, document: int, annotator: str, kind: str) -> CurrentSet | None:
        if kind in _HUMAN and document in self._human_sets:
            return self._human_sets[document].get((annotator, kind))
        key = {"document": document, "by": annotator, "sort": kind}
        found = self._connection.execute(_ONE_SET, key).first()
        return CurrentSet(*found[3:]) if found else None

    def _append_set(
        self,
        annotations: AnnotationSet,
        older: CurrentSet | None,
        *,
        document: int,
        body: str,
        payload_id: int | None,
        at: str,
    ) -> int:
        """A new current set in the place of `older`, which stays; its id."""
        if older is not None:
            self._connection.execute(_RETIRE_SET, {"row_id": older.id})
        number = self._added(
            _ADD_SET,
            document_id=document,
            current=True,
            payload_id=payload_id,
            created_at=at,
            **mapping.set_columns(annotations, body),
        )
        if annotations.kind in _HUMAN and document in self._human_sets:
            made = CurrentSet(number, body, dict(annotations.provenance))
            self._human_sets[document][annotations.annotator, annotations.kind] = made
        return number

    def _added(self, statement: Insert, **columns: Any) -> int:
        made = self._connection.execute(statement, columns).inserted_primary_key
        if made is None:
            raise RuntimeError("a stored row has no id")
        number: int = made[0]
        return number
