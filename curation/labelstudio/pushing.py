"""What a push asks of Label Studio besides importing tasks: a part of the client."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from curation.labelstudio.listing import opened_tasks, task_heads
from curation.labelstudio.payload import Payload

__all__ = ["PushCalls"]


class PushCalls:
    """Calls about tasks that were sent before; the errors are those of the client."""

    def _send(self, method: str, path: str, body: Any, **params: Any) -> Any:
        raise NotImplementedError

    def _pages(self, project_id: int) -> Callable[..., list[Payload]]:
        raise NotImplementedError

    def task_heads(self, project_id: int, *, after: int = 0) -> Iterator[Payload]:
        """`id`, `data`, `total_predictions` of tasks with ids above `after`, oldest first."""
        return task_heads(self._pages(project_id), after=after)

    def opened_tasks(self, project_id: int) -> set[int]:
        """The ids of the tasks in which somebody has submitted, skipped or drafted something."""
        return set(opened_tasks(self._pages(project_id)))

    def delete_task(self, task_id: int) -> None:
        """Deletes a task with all that is in it."""
        self._send("DELETE", f"api/tasks/{task_id}/", None)

    def update_task(self, task_id: int, data: Payload) -> None:
        """Gives a task other data; what is in it stays."""
        self._send("PATCH", f"api/tasks/{task_id}/", {"data": data})

    def delete_predictions(self, project_id: int, task_ids: Sequence[int]) -> None:
        """Deletes all predictions of these tasks, in one call."""
        if not task_ids:
            return  # The server would take an empty list for all tasks.
        selected = {"selectedItems": {"all": False, "included": list(task_ids)}}
        action = {"id": "delete_tasks_predictions", "project": project_id}
        self._send("POST", "api/dm/actions", selected, **action)

    def create_predictions(self, project_id: int, predictions: Sequence[Payload]) -> None:
        """Adds predictions: each has `task`, `result`, `model_version` and `score`."""
        path = f"api/projects/{project_id}/import/predictions"
        self._send("POST", path, list(predictions))
