"""Annotations and drafts of a task: which of their revisions count, and what they make of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from curation.store import RemoteRecord, TaskRecord
from curation.store.records import TaskState
from curation.workflows.task_values import number, seconds, sound

__all__ = ["last_deleted", "newest", "provenance_of", "remote_of", "state_of"]


def remote_of(
    kind: Any,
    state: Any,
    payload: Mapping[str, Any],
    task: Mapping[str, Any],
    annotator: str,
    payload_id: int,
) -> RemoteRecord:
    """The present revision of an annotation or draft, as the server sent it."""
    updated_at = payload.get("updated_at")
    return RemoteRecord(
        kind,
        int(payload["id"]),
        int(task["id"]),
        state,
        annotator,
        updated_at if sound(updated_at) else None,
        payload_id,
    )


def newest(remotes: list[RemoteRecord]) -> dict[str, RemoteRecord]:
    """Of each annotator the annotation that was changed last, of those that still exist."""
    return _last([r for r in remotes if r.state != "deleted"])


def last_deleted(remotes: list[RemoteRecord]) -> dict[str, RemoteRecord]:
    """Of each annotator the annotation that was changed last, of those that are gone."""
    return _last([r for r in remotes if r.state == "deleted"])


def _last(remotes: list[RemoteRecord]) -> dict[str, RemoteRecord]:
    annotations = (r for r in remotes if r.kind == "annotation")
    ordered = sorted(annotations, key=lambda r: (r.updated_at or "", r.remote_id))
    return {remote.annotator: remote for remote in ordered}


def state_of(remotes: list[RemoteRecord]) -> TaskState:
    """What has become of a task that the server has."""
    states = {remote.state for remote in newest(remotes).values()}
    if "submitted" in states:
        return "done"
    return "skipped" if "skipped" in states else "open"


def provenance_of(
    annotation: Mapping[str, Any], remote: RemoteRecord, record: TaskRecord, url: str
) -> dict[str, Any]:
    """How an annotation came here; `url` is where its task can be opened."""
    return {
        "url": url,
        "task": remote.remote_task_id,
        "annotation": remote.remote_id,
        "lead_time": seconds(annotation.get("lead_time")),
        "updated_at": remote.updated_at,
        "parent_prediction": number(annotation.get("parent_prediction")),
        "assisted": record.assisted,
    }
