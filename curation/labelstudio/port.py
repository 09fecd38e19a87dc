"""What the workflows need of Label Studio, so that they can be run on a fake."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Protocol

from curation.labelstudio.payload import Payload

__all__ = ["LabelStudioPort"]


class LabelStudioPort(Protocol):
    """Label Studio, as far as this project uses it.

    Every method may raise LabelStudioRefused (the server said no) or LabelStudioUnreachable.
    """

    @property
    def url(self) -> str:
        """The server's address, without a slash at the end."""

    def version(self) -> str:
        """The server's release, "1.23.2"."""

    def me(self) -> Payload:
        """The user whose key is used: `id`, `email`, …"""

    def users(self) -> list[Payload]:
        """Every user the key may see: `id`, `email`, …"""

    def invite_link(self) -> str:
        """The address where a person joins and chooses a password."""

    def create_project(self, title: str, xml: str, description: str, **flags: Any) -> int:
        """A new project with the labelling configuration `xml`; the id."""

    def update_project(self, project_id: int, **changes: Any) -> None:
        """Changes fields of a project."""

    def projects(self) -> Iterator[Payload]:
        """Every project, all pages."""

    def marked_projects(self, marker: str) -> list[Payload]:
        """The projects with `marker` as a line of their description, oldest first."""

    def delete_project(self, project_id: int) -> None:
        """Deletes a project with its tasks."""

    def import_tasks(self, project_id: int, tasks: Sequence[Payload | bytes]) -> list[int]:
        """Adds tasks, objects or the JSON of objects; their ids, in the order of `tasks`."""

    def tasks(self, project_id: int) -> Iterator[Payload]:
        """Every task with annotations, predictions and drafts, as the server sends them."""

    def project(self, project_id: int) -> Payload:
        """One project: `label_config`, `task_number` and other fields."""

    def labels_in_use(self, project_id: int) -> dict[str, Counter[str]]:
        """By the name of a control, how many annotations and drafts have each of its labels."""

    def task_states(self, project_id: int, *, since: str | None = None) -> dict[int, str]:
        """By id, the time of a task's last change; of all, or those changed at `since` or later."""

    def last_change(self, project_id: int) -> str | None:
        """The time of the newest change of a task; None where there are no tasks."""

    def drafted_tasks(self, project_id: int) -> list[int]:
        """The ids of the tasks in which somebody has a draft."""

    def annotated_tasks(
        self, project_id: int, ids: Sequence[int] | None = None, *, known: Iterable[int] = ()
    ) -> Iterator[list[Payload]]:
        """Tasks with annotations and drafts, without predictions; all or those of `ids`.

        `known` are ids that should be there: they make the reading of all tasks quicker.
        """

    def task_heads(self, project_id: int, *, after: int = 0) -> Iterator[Payload]:
        """`id`, `data`, `total_predictions` of tasks with ids above `after`, oldest first."""

    def opened_tasks(self, project_id: int) -> set[int]:
        """The ids of the tasks in which somebody has submitted, skipped or drafted something."""

    def delete_task(self, task_id: int) -> None:
        """Deletes a task with all that is in it."""

    def update_task(self, task_id: int, data: Payload) -> None:
        """Gives a task other data; what is in it stays."""

    def delete_predictions(self, project_id: int, task_ids: Sequence[int]) -> None:
        """Deletes all predictions of these tasks."""

    def create_predictions(self, project_id: int, predictions: Sequence[Payload]) -> None:
        """Adds predictions: each has `task`, `result`, `model_version` and `score`."""

    def create_annotation(
        self,
        task_id: int,
        result: Sequence[Payload],
        *,
        lead_time: float,
        completed_by: int | None = None,
        parent_prediction: int | None = None,
        was_cancelled: bool = False,
    ) -> int:
        """A new annotation of a task, `lead_time` in seconds of work; the id."""

    def project_url(self, project_id: int) -> str:
        """Where a person opens the project."""

    def task_url(self, project_id: int, task_id: int) -> str:
        """Where a person opens the task."""
