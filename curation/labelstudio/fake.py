"""A Label Studio in memory, which fails on demand."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Literal

from curation.errors import LabelStudioRefused, LabelStudioUnreachable
from curation.labelstudio.payload import Payload, marked

__all__ = ["FakeLabelStudio"]


class FakeLabelStudio:
    """A LabelStudioPort without a server.

    `fail_next("import_tasks", "after")` makes the next call of that name do its work and then
    lose the connection; "before" loses it with nothing done. An import of more than `largest_body`
    bytes is refused with status 413, as proxies do.
    """

    url = "http://fake.invalid"

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.largest_body = 10_000_000
        self._users: list[Payload] = [{"id": 1, "email": "admin@example.org", "username": "admin"}]
        self._projects: dict[int, Payload] = {}
        self._tasks: dict[int, Payload] = {}
        self._faults: dict[str, Literal["before", "after"]] = {}
        self._last_id = 0

    def fail_next(self, method: str, when: Literal["before", "after"]) -> None:
        """Makes the next call of `method` raise LabelStudioUnreachable."""
        self._faults[method] = when

    def version(self) -> str:
        """The release it behaves like."""
        return "1.23.2"

    def me(self) -> Payload:
        """The administrator."""
        return self._users[0]

    def users(self) -> list[Payload]:
        """All users."""
        return list(self._users)

    def invite_link(self) -> str:
        """An address that leads nowhere."""
        return f"{self.url}/user/signup/?token=fake"

    def create_project(self, title: str, xml: str, description: str, **flags: Any) -> int:
        """A new project; the id. Refused where the title has not 3 to 50 characters."""
        self._called("create_project", "before")
        if not 3 <= len(title) <= 50:
            raise LabelStudioRefused(f"title {title!r}: 3 to 50 characters")
        number = self._next_id()
        fields = {"id": number, "title": title, "label_config": xml, "description": description}
        self._projects[number] = fields | flags
        self._called("create_project", "after")
        return number

    def update_project(self, project_id: int, **changes: Any) -> None:
        """Changes fields of a project."""
        self._project(project_id).update(changes)

    def projects(self) -> Iterator[Payload]:
        """All projects."""
        self._called("projects", "before")
        yield from list(self._projects.values())

    def marked_projects(self, marker: str) -> list[Payload]:
        """The projects with `marker` as a line of their description, oldest first."""
        return marked(self.projects(), marker)

    def delete_project(self, project_id: int) -> None:
        """Deletes a project with its tasks."""
        del self._projects[self._project(project_id)["id"]]
        self._tasks = {k: t for k, t in self._tasks.items() if t["project"] != project_id}

    def import_tasks(self, project_id: int, tasks: Sequence[Payload | bytes]) -> list[int]:
        """Adds tasks, objects or the JSON of objects; their ids, in the order of `tasks`."""
        self._called("import_tasks", "before")
        project = self._project(project_id)["id"]
        objects = [json.loads(t) if isinstance(t, bytes) else t for t in tasks]
        if len(json.dumps(objects).encode()) > self.largest_body:
            raise LabelStudioRefused("import: the body is too large", status=413)
        ids = [self._add_task(project, task) for task in objects]
        self._called("import_tasks", "after")
        return ids

    def tasks(self, project_id: int) -> Iterator[Payload]:
        """The tasks of a project, oldest first."""
        self._called("tasks", "before")
        project = self._project(project_id)["id"]
        yield from [task for task in self._tasks.values() if task["project"] == project]

    def project(self, project_id: int) -> Payload:
        """One project with the number of its tasks."""
        self._called("project", "before")
        mine = [t for t in self._tasks.values() if t["project"] == project_id]
        return self._project(project_id) | {"task_number": len(mine)}

    def task_states(self, project_id: int, *, since: str | None = None) -> dict[int, str]:
        """By id, the time of a task's last change."""
        self._called("task_states", "before")
        mine = [t for t in self._tasks.values() if t["project"] == project_id]
        return {t["id"]: t["updated_at"] for t in mine if not since or t["updated_at"] >= since}

    def last_change(self, project_id: int) -> str | None:
        """The time of the newest change of a task."""
        return max(self.task_states(project_id).values(), default=None)

    def drafted_tasks(self, project_id: int) -> list[int]:
        """The ids of the tasks with a draft."""
        mine = [t for t in self._tasks.values() if t["project"] == project_id]
        return [t["id"] for t in mine if t["drafts"]]

    def annotated_tasks(
        self, project_id: int, ids: Sequence[int] | None = None, *, known: Iterable[int] = ()
    ) -> Iterator[list[Payload]]:
        """Tasks with annotations and drafts, in pages of two."""
        del known
        self._called("annotated_tasks", "before")
        mine = [t for t in self._tasks.values() if t["project"] == project_id]
        wanted = [t for t in mine if ids is None or t["id"] in ids]
        for first in range(0, len(wanted), 2):
            yield [
                {k: v for k, v in task.items() if k != "predictions"}
                | {"total_predictions": len(task["predictions"])}
                for task in wanted[first : first + 2]
            ]

    def task_heads(self, project_id: int, *, after: int = 0) -> Iterator[Payload]:
        """The tasks with ids above `after`, without what is in them."""
        self._called("task_heads", "before")
        for task in [t for t in self._tasks.values() if t["project"] == project_id]:
            if task["id"] > after:
                count = len(task["predictions"])
                yield {"id": task["id"], "data": task["data"], "total_predictions": count}

    def opened_tasks(self, project_id: int) -> set[int]:
        """The ids of the tasks with an annotation or a draft."""
        mine = [t for t in self._tasks.values() if t["project"] == project_id]
        return {t["id"] for t in mine if t["annotations"] or t["drafts"]}

    def delete_predictions(self, project_id: int, task_ids: Sequence[int]) -> None:
        """Deletes all predictions of these tasks."""
        self._called("delete_predictions", "before")
        for task_id in set(task_ids) & self._of(project_id):
            self._tasks[task_id].update(predictions=[], updated_at=self._time())
        self._called("delete_predictions", "after")

    def create_predictions(self, project_id: int, predictions: Sequence[Payload]) -> None:
        """Adds predictions to tasks."""
        self._called("create_predictions", "before")
        if {p["task"] for p in predictions} - self._of(project_id):
            raise LabelStudioRefused(f"a task is not in project {project_id}")
        for prediction in predictions:
            task = self._tasks[prediction["task"]]
            task["predictions"].append({"id": self._next_id()} | prediction)
            task["updated_at"] = self._time()
        self._called("create_predictions", "after")

    def labels_in_use(self, project_id: int) -> dict[str, Counter[str]]:
        """By the name of a control, how many annotations have each of its labels."""
        found: dict[str, Counter[str]] = defaultdict(Counter)
        for task in [t for t in self._tasks.values() if t["project"] == project_id]:
            for region in [r for a in task["annotations"] for r in a["result"]]:
                value = region.get("value", {})
                named = value.get("labels") or value.get("choices") or []
                found[region.get("from_name", "")].update(named)
        return found

    def delete_annotation(self, annotation_id: int) -> None:
        """What a person does in the browser: the annotation is gone, its task has changed."""
        for task in self._tasks.values():
            kept = [a for a in task["annotations"] if a["id"] != annotation_id]
            if len(kept) < len(task["annotations"]):
                task["annotations"], task["updated_at"] = kept, self._time()

    def delete_task(self, task_id: int) -> None:
        """What a person does in the browser: the task is gone."""
        del self._tasks[task_id]

    def update_task(self, task_id: int, data: Payload) -> None:
        """Gives a task other data."""
        self._called("update_task", "before")
        self._tasks[task_id].update(data=data, updated_at=self._time())
        self._called("update_task", "after")

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
        """A new annotation of a task; the id."""
        self._called("create_annotation", "before")
        if task_id not in self._tasks:
            raise LabelStudioRefused(f"no task {task_id}")
        number = self._next_id()
        annotation = {
            "id": number,
            "result": list(result),
            "lead_time": lead_time,
            "completed_by": completed_by or self.me()["id"],
            "parent_prediction": parent_prediction,
            "was_cancelled": was_cancelled,
            "updated_at": self._time(),
        }
        self._tasks[task_id]["annotations"].append(annotation)
        self._tasks[task_id]["updated_at"] = annotation["updated_at"]
        self._called("create_annotation", "after")
        return number

    def project_url(self, project_id: int) -> str:
        """An address that leads nowhere."""
        return f"{self.url}/projects/{project_id}/data"

    def task_url(self, project_id: int, task_id: int) -> str:
        """An address that leads nowhere."""
        return f"{self.project_url(project_id)}?task={task_id}"

    def _called(self, method: str, when: Literal["before", "after"]) -> None:
        if when == "before":
            self.calls.append(method)
        if self._faults.get(method) == when:
            del self._faults[method]
            raise LabelStudioUnreachable(f"{method}: the connection was lost {when} the work")

    def _of(self, project_id: int) -> set[int]:
        return {t["id"] for t in self._tasks.values() if t["project"] == project_id}

    def _project(self, project_id: int) -> Payload:
        if project_id not in self._projects:
            raise LabelStudioRefused(f"no project {project_id}", status=404)
        return self._projects[project_id]

    def _add_task(self, project: int, task: Payload) -> int:
        number = self._next_id()
        predictions = [{"id": self._next_id()} | p for p in task.get("predictions", [])]
        self._tasks[number] = {
            "id": number,
            "project": project,
            "data": task["data"],
            "predictions": predictions,
            "annotations": [],
            "drafts": [],
            "updated_at": self._time(),
        }
        return number

    def _time(self) -> str:
        """Fakes have no clock: what comes later has a later, made-up time, a minute apart."""
        at = self._next_id()
        return f"2024-01-01T{at // 60:02}:{at % 60:02}:00.000000Z"

    def _next_id(self) -> int:
        self._last_id = max(self._last_id, 1) + 1
        return self._last_id
