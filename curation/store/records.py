"""What crosses the border of the store besides the nouns of `model`: frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

__all__ = [
    "DecisionRecord",
    "ProjectRecord",
    "QuarantineRecord",
    "ReleaseRecord",
    "SplitRecord",
    "TaskRecord",
    "TaskState",
]

TaskState = Literal["open", "done", "skipped", "gone"]


@dataclass(frozen=True, slots=True)
class ProjectRecord:
    """A Label Studio project of one annotator."""

    id: int
    server: str
    marker: str
    remote_id: int
    annotator: str


@dataclass(frozen=True, slots=True)
class TaskRecord:
    """A Document before an annotator; `remote_id` is the task's id on the server."""

    uid: str
    revision: int
    annotator: str
    project_id: int
    remote_id: int
    state: TaskState
    assisted: bool


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

    `body` holds value, voters for and against, and candidates, as adjudication wrote them.
    """

    uid: str
    layer: str
    status: str
    item_id: str | None
    rule: str
    body: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SplitRecord:
    """The part of a Document."""

    uid: str
    part: str
    group: str
    seed: int


@dataclass(frozen=True, slots=True)
class ReleaseRecord:
    """A release: where it is and the hash of its SHA256SUMS."""

    version: str
    path: str
    sha256: str
    documents: int
    created_at: str
