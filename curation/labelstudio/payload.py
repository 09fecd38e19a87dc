"""The shape of a Label Studio `result`, and what reading one can yield."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from curation.model import AnnotationSet

__all__ = [
    "Conversion",
    "Payload",
    "Repair",
    "item_id",
    "marked",
    "project_url",
    "region_id",
    "task_url",
]

Payload = dict[str, Any]
"""One JSON object as Label Studio sends or takes it."""


@dataclass(frozen=True)
class Repair:
    """Something in a payload that had exactly one reading and was put right.

    `kind` is counted, `region` is Label Studio's id of the region, `detail` says what was done.
    """

    kind: str
    region: str
    detail: str


@dataclass(frozen=True)
class Conversion:
    """What a payload says.

    `annotations` is None where `problems` (undecidable, one line each) send it to quarantine.
    """

    annotations: AnnotationSet | None
    repairs: tuple[Repair, ...] = ()
    problems: tuple[str, ...] = ()


def region_id(item: str) -> str:
    """The region id for the id of an entity or event.

    Label Studio's editor cuts a region id at "#", so that sign and the escape sign are escaped.
    """
    return item.replace("%", "%25").replace("#", "%23")


def item_id(region: str) -> str:
    """The id of the entity or event that `region_id` was made from."""
    return unquote(region)


def marked(projects: Iterable[Payload], marker: str) -> list[Payload]:
    """Those with `marker` as a line of their description, oldest first."""
    found = [p for p in projects if marker in str(p.get("description") or "").splitlines()]
    return sorted(found, key=lambda p: int(p["id"]))


def project_url(server: str, project_id: int) -> str:
    """Where a person opens a project of the server at the address `server`."""
    return f"{server}/projects/{project_id}/data"


def task_url(server: str, project_id: int, task_id: int) -> str:
    """Where a person opens a task of the server at the address `server`."""
    return f"{project_url(server, project_id)}?task={task_id}"
