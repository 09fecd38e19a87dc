"""The SQLModel tables. Rows never leave `store/`: mapping.py turns them into model values.

SQLModel does not validate `table=True` classes, so rows are built only from validated models.
Times are UTC in ISO 8601, passed in by the caller.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, Column, Index, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel

__all__ = [
    "AnnotationSetRow",
    "AssignmentRow",
    "DecisionRow",
    "DocumentRow",
    "FindingRow",
    "FrozenPartRow",
    "PayloadRow",
    "ProjectRow",
    "QuarantineRow",
    "ReleaseRow",
    "RemoteAnnotationRow",
    "RepairRow",
    "SplitRow",
    "TaskRow",
    "TombstoneRow",
]


class DocumentRow(SQLModel, table=True):
    """One revision of a Document; `current` marks the newest one of its uid."""

    __tablename__ = "document"
    __table_args__ = (
        UniqueConstraint("uid", "revision"),
        Index(
            "document_current",
            "uid",
            unique=True,
            sqlite_where=text("current"),
            postgresql_where=text("current"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    uid: str
    revision: int
    current: bool
    language: str = Field(index=True)
    text: str = Field(sa_column=Column(Text, nullable=False))
    sha256: str = Field(index=True)
    source: str | None
    published: str | None
    meta: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    offset_map: list[Any] = Field(sa_column=Column(JSON, nullable=False))
    cluster: str | None = Field(default=None, index=True)
    ingested_at: str


class PayloadRow(SQLModel, table=True):
    """What came from outside, verbatim, before it was interpreted. Append-only."""

    __tablename__ = "payload"
    __table_args__ = (UniqueConstraint("origin", "kind", "sha256"),)

    id: int | None = Field(default=None, primary_key=True)
    origin: str
    kind: str
    sha256: str
    body: str = Field(sa_column=Column(Text, nullable=False))
    received_at: str


class AnnotationSetRow(SQLModel, table=True):
    """An AnnotationSet, canonical JSON in `body`. A newer one by the same annotator takes
    `current` from the older one, which stays.
    """

    __tablename__ = "annotation_set"
    __table_args__ = (
        Index("annotation_set_current", "kind", "current", "annotator"),
        Index("annotation_set_document", "document_id", "kind", "current", "annotator"),
    )

    id: int | None = Field(default=None, primary_key=True)
    document_id: int = Field(foreign_key="document.id")
    annotator: str
    kind: str
    current: bool
    sha256: str
    body: str = Field(sa_column=Column(Text, nullable=False))
    provenance: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    payload_id: int | None = Field(default=None, foreign_key="payload.id")
    created_at: str


class DecisionRow(SQLModel, table=True):
    """Why something is in a gold set, is not, or is still open.

    `since`: when it was decided so; null where that is when the set was stored.
    """

    __tablename__ = "decision"

    id: int | None = Field(default=None, primary_key=True)
    set_id: int = Field(foreign_key="annotation_set.id", index=True)
    layer: str
    status: str
    item_id: str | None
    rule: str
    body: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    since: str | None = None


class ProjectRow(SQLModel, table=True):
    """A Label Studio project that belongs to this workspace: one for each annotator.

    `adopted` ones were made by hand there. `pulled_to` is the server's newest change of a task
    when the last whole pull began, in its own words.
    """

    __tablename__ = "project"
    __table_args__ = (UniqueConstraint("server", "marker"), UniqueConstraint("server", "remote_id"))

    id: int | None = Field(default=None, primary_key=True)
    server: str
    marker: str
    remote_id: int
    annotator: str
    created_at: str
    adopted: bool = False
    pulled_to: str | None = None


class AssignmentRow(SQLModel, table=True):
    """Who is to label a Document, decided once; `assisted` where proposals go along."""

    __tablename__ = "assignment"

    uid: str = Field(primary_key=True)
    annotator: str = Field(primary_key=True)
    assisted: bool
    assigned_at: str


class TaskRow(SQLModel, table=True):
    """A Document put before an annotator. `state`: open, done, skipped or gone.

    `proposal` is the hash of the prediction that was sent along, `updated_at` the server's time of
    the last change that was pulled.
    """

    __tablename__ = "task"
    __table_args__ = (UniqueConstraint("project_id", "document_id"),)

    id: int | None = Field(default=None, primary_key=True)
    project_id: int = Field(foreign_key="project.id")
    document_id: int = Field(foreign_key="document.id")
    remote_id: int
    state: str
    assisted: bool
    pushed_at: str
    proposal: str | None = None
    updated_at: str | None = None


class RemoteAnnotationRow(SQLModel, table=True):
    """One revision of an annotation or a draft on the server. Append-only.

    `state`: submitted, skipped, draft or deleted. `remote_id` and `remote_task_id` are the server's
    ids; a task that was imported there twice has two of the latter.
    """

    __tablename__ = "remote_annotation"
    __table_args__ = (Index("remote_annotation_task", "task_id", "kind", "remote_id"),)

    id: int | None = Field(default=None, primary_key=True)
    task_id: int = Field(foreign_key="task.id")
    kind: str
    remote_id: int
    remote_task_id: int
    state: str
    annotator: str
    updated_at: str | None
    payload_id: int = Field(foreign_key="payload.id", index=True)
    seen_at: str


class RepairRow(SQLModel, table=True):
    """What was put right when a payload was interpreted last."""

    __tablename__ = "repair"

    id: int | None = Field(default=None, primary_key=True)
    payload_id: int = Field(foreign_key="payload.id", index=True)
    kind: str
    region: str
    detail: str


class QuarantineRow(SQLModel, table=True):
    """Something from outside that could not be interpreted, with the reason and a link."""

    __tablename__ = "quarantine"
    __table_args__ = (UniqueConstraint("payload_id", "reason"),)

    id: int | None = Field(default=None, primary_key=True)
    payload_id: int = Field(foreign_key="payload.id")
    uid: str | None
    annotator: str
    reason: str
    link: str
    open: bool = True
    created_at: str


class FindingRow(SQLModel, table=True):
    """A finding of an audit that was shown; `verdict` is what was decided about it, if anything."""

    __tablename__ = "finding"

    fingerprint: str = Field(primary_key=True)
    uid: str
    kind: str
    summary: str
    shown_at: str
    verdict: str | None = None
    decided_by: str | None = None
    decided_at: str | None = None
    note: str = ""


class SplitRow(SQLModel, table=True):
    """The part a Document belongs to, for good."""

    __tablename__ = "split"

    uid: str = Field(primary_key=True)
    part: str
    group_id: str
    seed: int
    assigned_at: str


class FrozenPartRow(SQLModel, table=True):
    """A part that takes no Documents any more."""

    __tablename__ = "frozen_part"

    part: str = Field(primary_key=True)
    frozen_at: str


class TombstoneRow(SQLModel, table=True):
    """A Document that was taken out of its part; its row in `split` stays.

    `automatic`: for having no gold any more. In force until `restored_at`.
    """

    __tablename__ = "tombstone"

    id: int | None = Field(default=None, primary_key=True)
    uid: str = Field(index=True)
    part: str
    reason: str
    automatic: bool
    withdrawn_at: str
    restored_at: str | None = None


class ReleaseRow(SQLModel, table=True):
    """A release that was written; `sha256` is that of its SHA256SUMS."""

    __tablename__ = "release"

    version: str = Field(primary_key=True)
    path: str
    sha256: str
    documents: int
    created_at: str
