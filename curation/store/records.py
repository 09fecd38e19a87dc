"""What crosses the border of the store besides the nouns of `model`: frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from curation.names import RESERVED

__all__ = [
    "ADJUDICATION",
    "AssignmentRecord",
    "DecisionRecord",
    "DocumentSize",
    "GoldRecord",
    "ProjectRecord",
    "QuarantineRecord",
    "ReleaseRecord",
    "RemoteKind",
    "RemoteRecord",
    "RemoteState",
    "RepairRecord",
    "SplitRecord",
    "StoredDecision",
    "TaskRecord",
    "TaskState",
    "Tombstone",
]

TaskState = Literal["open", "done", "skipped", "gone"]
RemoteKind = Literal["annotation", "draft"]
RemoteState = Literal["submitted", "skipped", "draft", "deleted"]

ADJUDICATION = RESERVED
"""Whose project it is in which disputes are decided."""


@dataclass(frozen=True, slots=True)
class ProjectRecord:
    """A Label Studio project of one annotator, or of `ADJUDICATION`.

    `adopted`: made by hand there. `pulled_to`: the server's newest change of a task when
    the last whole pull began, as the server wrote it.
    """

    id: int
    server: str
    marker: str
    remote_id: int
    annotator: str
    adopted: bool = False
    pulled_to: str | None = None

    @property
    def adjudicates(self) -> bool:
        """Whether disputes are decided in it: nobody annotates there."""
        return self.annotator == ADJUDICATION


@dataclass(frozen=True, slots=True)
class DocumentSize:
    """A Document without its text: `length` is in characters."""

    uid: str
    language: str
    revision: int
    length: int
    words: int


@dataclass(frozen=True, slots=True)
class AssignmentRecord:
    """Who is to label a Document; `assisted` where the model's proposals go along."""

    uid: str
    annotator: str
    assisted: bool


@dataclass(frozen=True, slots=True)
class TaskRecord:
    """A Document before an annotator; `remote_id` is the task's id on the server.

    `proposal` is the hash of the prediction that was sent along, None where none was.
    `updated_at` is the server's time of the last change that was pulled.
    """

    uid: str
    revision: int
    annotator: str
    project_id: int
    remote_id: int
    state: TaskState
    assisted: bool
    proposal: str | None = None
    updated_at: str | None = None


@dataclass(frozen=True, slots=True)
class RemoteRecord:
    """A revision of an annotation or a draft on the server, kept as payload `payload_id`.

    `remote_id` is the server's id of the annotation or draft, `remote_task_id` that of its task,
    `updated_at` its time there.
    """

    kind: RemoteKind
    remote_id: int
    remote_task_id: int
    state: RemoteState
    annotator: str
    updated_at: str | None
    payload_id: int


@dataclass(frozen=True, slots=True)
class RepairRecord:
    """Something in a payload that had one reading and was put right; `region` is its id there."""

    kind: str
    region: str
    detail: str


@dataclass(frozen=True, slots=True)
class QuarantineRecord:
    """Something that came in and could not be interpreted."""

    uid: str | None
    annotator: str
    reason: str
    link: str


@dataclass(frozen=True, slots=True)
class DecisionRecord:
    """Why an item is in gold (agreed), is not (rejected), or is open (disputed).

    `body` holds the candidates with their voters, as adjudication wrote them; `since` is when it
    was decided so, where it is stored.
    """

    uid: str
    layer: str
    status: str
    item_id: str | None
    rule: str
    body: Mapping[str, Any] = field(default_factory=dict)
    since: str | None = None


StoredDecision: TypeAlias = tuple[str, str, str | None, str, str]
"""Layer, status, item, rule, and the body as JSON, of a decision: all but when it was made."""


@dataclass(frozen=True, slots=True)
class GoldRecord:
    """A gold set with its decisions as they are stored; `body` is canonical JSON."""

    uid: str
    annotator: str
    body: str
    provenance: Mapping[str, Any]
    decisions: tuple[StoredDecision, ...]


@dataclass(frozen=True, slots=True)
class SplitRecord:
    """The part of a Document."""

    uid: str
    part: str
    group: str
    seed: int


@dataclass(frozen=True, slots=True)
class Tombstone:
    """A Document that was taken out of its part, when and why; it comes back to no other.

    `automatic`: for having no gold any more. In force where `restored_at` is None.
    """

    uid: str
    part: str
    reason: str
    automatic: bool
    at: str
    restored_at: str | None = None


@dataclass(frozen=True, slots=True)
class ReleaseRecord:
    """A release: where it is and the hash of its SHA256SUMS."""

    version: str
    path: str
    sha256: str
    documents: int
    created_at: str
