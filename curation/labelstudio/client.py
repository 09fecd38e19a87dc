"""Label Studio over the network: the only module that uses its SDK.

The SDK brings both kinds of keys (legacy tokens, personal access tokens that are exchanged on the
way). Answers are parsed here and not by its models, which refuse tasks that real servers send, and
requests are sent by `transport`: the SDK would repeat an import that had already been taken in.
"""

from __future__ import annotations

import json
import logging
import re
import time
import warnings
import weakref
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

from curation.errors import LabelStudioRefused
from curation.labelstudio.listing import annotated_pages, drafted_tasks, last_change, task_states
from curation.labelstudio.payload import Payload, marked, project_url, task_url
from curation.labelstudio.pushing import PushCalls
from curation.labelstudio.transport import STRANGE, KeyRefused, Transport, is_local

if TYPE_CHECKING:
    import httpx

__all__ = ["LabelStudio"]

_PAGE = 100
_NOT_FOUND = 404


class LabelStudio(PushCalls):
    """A Label Studio server, and the key of one of its users.

    `timeout` is seconds for one answer, `source` says where the key is kept, `pause` waits for
    that many seconds. Every method raises LabelStudioRefused where the server says no, and
    LabelStudioUnreachable where it does not answer. The key appears in no message.
    """

    def __init__(
        self,
        url: str,
        api_key: str,
        *,
        timeout: float = 60.0,
        source: str = "LABEL_STUDIO_API_KEY",
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self.url = url.rstrip("/")
        if not re.fullmatch(r"[!-~]+", api_key):
            raise LabelStudioRefused(f"{self.url}: the key in {source} is empty or holds a space")
        connection = _connection(self.url, timeout)
        self._closing = weakref.finalize(self, connection.close)
        keys = _SdkKeys(self.url, api_key, timeout, connection)
        self._transport = Transport(self.url, api_key, source, connection, keys, pause)

    def __repr__(self) -> str:
        return f"LabelStudio({self.url!r})"

    @property
    def key_kind(self) -> str:
        """What sort of key this is."""
        return self._transport.key_kind

    @property
    def server_date(self) -> datetime | None:
        """The server's clock in its last answer, to the second; None where it has not told."""
        return self._transport.server_date

    def close(self) -> None:
        """Closes the connection now; else it is closed with the last reference to this object."""
        self._closing()

    def version(self) -> str:
        """The server's release, "1.23.2"."""
        return str(_field(self._get("api/version"), "release"))

    def me(self) -> Payload:
        """The user whose key is used."""
        found: Payload = self._get("api/current-user/whoami")
        _field(found, "email")
        return found

    def users(self) -> list[Payload]:
        """Every user the key may see."""
        return _with_ids(self._get("api/users/"))

    def invite_link(self) -> str:
        """The address where a person joins and chooses a password."""
        return self.url + str(_field(self._get("api/invite"), "invite_url"))

    def create_project(self, title: str, xml: str, description: str, **flags: Any) -> int:
        """A new project; the id. Label Studio takes titles of 3 to 50 characters.

        `flags` are fields of the project as the server names them (`maximum_annotations=1`).
        """
        body = {"title": title, "label_config": xml, "description": description} | flags
        return _id(self._send("POST", "api/projects/", body))

    def update_project(self, project_id: int, **changes: Any) -> None:
        """Changes fields of a project."""
        self._send("PATCH", f"api/projects/{project_id}/", changes)

    def projects(self) -> Iterator[Payload]:
        """Every project, all pages. A full page is followed by another, whatever the count says."""
        page, seen = 1, 0
        while True:
            try:
                answer = self._get("api/projects/", page=page, page_size=_PAGE)
            except LabelStudioRefused as error:
                if page == 1 or error.status != _NOT_FOUND:
                    raise
                return
            found = _with_ids(_field(answer, "results"))
            yield from found
            seen += len(found)
            if not found or (len(found) < _PAGE and seen >= _number(answer, "count")):
                return
            page += 1

    def marked_projects(self, marker: str) -> list[Payload]:
        """The projects with `marker` as a line of their description, oldest first."""
        return marked(self.projects(), marker)

    def delete_project(self, project_id: int) -> None:
        """Deletes a project with its tasks."""
        self._send("DELETE", f"api/projects/{project_id}/", None)

    def import_tasks(self, project_id: int, tasks: Sequence[Payload | bytes]) -> list[int]:
        """Adds tasks, objects or the JSON of objects, in one call; their ids, in their order."""
        path = f"api/projects/{project_id}/import"
        body = b"[" + b",".join(map(_encoded, tasks)) + b"]"
        answer = self._send("POST", path, body, return_task_ids=True)
        with self._read():
            ids = [int(task) for task in _field(answer, "task_ids")]
        if len(ids) != len(tasks):
            raise LabelStudioRefused(
                f"project {project_id}: {len(tasks)} tasks were sent, the server counted "
                f"{len(ids)}; look at the project before sending again"
            )
        return ids

    def tasks(self, project_id: int) -> Iterator[Payload]:
        """Every task with annotations, predictions and drafts, page by page.

        LabelStudioRefused at the end where fewer came than the project has: better no answer
        than part of one.
        """
        seen: set[int] = set()
        for page in self._task_pages(project_id):
            fresh = [task for task in page if task["id"] not in seen]
            seen.update(task["id"] for task in fresh)
            yield from fresh
        expected = _number(self._get(f"api/projects/{project_id}/"), "task_number")
        if len(seen) < expected:
            raise LabelStudioRefused(
                f"project {project_id}: {len(seen)} of its {expected} tasks came; try again"
            )

    def _task_pages(self, project_id: int) -> Iterator[list[Payload]]:
        page, total, seen = 1, 1, 0
        while seen < total:
            answer = self._get(
                "api/tasks/", project=project_id, page=page, page_size=_PAGE, fields="all"
            )
            total, found = _number(answer, "total"), _with_ids(_field(answer, "tasks"))
            if not found:
                return
            yield found
            seen += len(found)
            page += 1

    def project(self, project_id: int) -> Payload:
        """One project: `label_config`, `task_number` and other fields."""
        found: Payload = self._get(f"api/projects/{project_id}/")
        _number(found, "task_number")
        return found

    def labels_in_use(self, project_id: int) -> dict[str, Counter[str]]:
        """By the name of a control, how many annotations and drafts have each of its labels."""
        answer = self._get(f"api/projects/{project_id}/summary/")
        found: dict[str, Counter[str]] = defaultdict(Counter)
        with self._read():
            for kind in ("created_labels", "created_labels_drafts"):
                for control, labels in _field(answer, kind).items():
                    found[control].update({str(name): int(n) for name, n in labels.items()})
        return found

    def task_states(self, project_id: int, *, since: str | None = None) -> dict[int, str]:
        """By id, the time of a task's last change; of all, or those changed at `since` or later.

        Annotations and predictions that come, change or go count as a change; drafts do not.
        """
        with self._read():
            return dict(task_states(self._pages(project_id), since=since))

    def last_change(self, project_id: int) -> str | None:
        """The time of the newest change of a task; None where there are no tasks."""
        with self._read():
            return last_change(self._pages(project_id))

    def drafted_tasks(self, project_id: int) -> list[int]:
        """The ids of the tasks in which somebody has a draft."""
        with self._read():
            return list(drafted_tasks(self._pages(project_id)))

    def annotated_tasks(
        self, project_id: int, ids: Sequence[int] | None = None, *, known: Iterable[int] = ()
    ) -> Iterator[list[Payload]]:
        """Tasks with annotations and drafts, without predictions; all or those of `ids`.

        Page by page, so that few are in memory. Ids that are no longer there are left out.
        `known` are ids that should be there: they make the reading of all tasks quicker.
        """
        with self._read():
            yield from annotated_pages(self._pages(project_id), ids, known, self._drafts)

    def _drafts(self, task_id: int) -> list[Payload]:
        """Everybody's drafts in a task; nothing where it was deleted meanwhile."""
        try:
            return _with_ids(self._get(f"api/tasks/{task_id}/drafts"))
        except LabelStudioRefused as error:
            if error.status != _NOT_FOUND:
                raise
            return []

    def _pages(self, project_id: int) -> Callable[..., list[Payload]]:
        def ask(**params: Any) -> list[Payload]:
            answer = self._get("api/tasks/", project=project_id, page=1, **params)
            return _with_ids(_field(answer, "tasks"))

        return ask

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
        body = {
            "result": list(result),
            "lead_time": lead_time,
            "completed_by": completed_by,
            "parent_prediction": parent_prediction,
            "was_cancelled": was_cancelled,
        }
        sent = {name: value for name, value in body.items() if value is not None}
        return _id(self._send("POST", f"api/tasks/{task_id}/annotations/", sent))

    def project_url(self, project_id: int) -> str:
        """Where a person opens the project."""
        return project_url(self.url, project_id)

    def task_url(self, project_id: int, task_id: int) -> str:
        """Where a person opens the task."""
        return task_url(self.url, project_id, task_id)

    def _get(self, path: str, **params: Any) -> Any:
        return self._transport.request("GET", path, None, params)

    def _send(self, method: str, path: str, body: Any, **params: Any) -> Any:
        return self._transport.request(method, path, body, params)

    @contextmanager
    def _read(self) -> Iterator[None]:
        """Around the reading of an answer: one of an unknown shape is told as such."""
        try:
            yield
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise LabelStudioRefused(self._transport.strange(type(error).__name__)) from None


class _SdkKeys:
    """The SDK's headers with a key that is valid now; it exchanges personal tokens on the way."""

    def __init__(self, url: str, api_key: str, timeout: float, connection: httpx.Client) -> None:
        # The slash keeps the SDK from cutting off the last part of an address with a path.
        self._options = {
            "base_url": f"{url}/",
            "api_key": api_key,
            "timeout": timeout,
            "max_retries": 0,
            "httpx_client": connection,
        }
        self._wrapper: Any = None

    def __call__(self, *, renew: bool) -> Mapping[str, str]:
        """The headers; with a new access token if `renew`. Raises KeyRefused."""
        from label_studio_sdk.client import LabelStudio as Sdk  # takes long to import
        from label_studio_sdk.core.api_error import ApiError

        try:
            with warnings.catch_warnings():
                # The SDK calls what pydantic has deprecated when it refreshes a token.
                warnings.simplefilter("ignore", DeprecationWarning)
                if self._wrapper is None:
                    self._wrapper = Sdk(**self._options)._client_wrapper
                if renew:
                    self._wrapper._tokens_client._access_token = None
                found: Mapping[str, str] = self._wrapper.get_headers()
        except ApiError as error:
            raise KeyRefused(error.body) from None
        return found


def _connection(url: str, timeout: float) -> httpx.Client:
    """A proxy of the environment cannot reach a server on this machine."""
    import httpx

    logging.getLogger("httpcore.http11").addFilter(_without_headers)
    # A key is for one address: redirects are told, not followed.
    return httpx.Client(timeout=timeout, follow_redirects=False, trust_env=not is_local(url))


def _without_headers(record: logging.LogRecord) -> bool:
    """Keeps cookies out of the log of a program that logs everything."""
    return "headers" not in record.msg


def _encoded(task: Payload | bytes) -> bytes:
    return task if isinstance(task, bytes) else json.dumps(task, ensure_ascii=False).encode()


def _field(answer: Any, name: str) -> Any:
    if not isinstance(answer, dict) or name not in answer:
        raise LabelStudioRefused(STRANGE)
    return answer[name]


def _number(answer: Any, name: str) -> int:
    found = _field(answer, name)
    if type(found) is not int:
        raise LabelStudioRefused(STRANGE)
    return found


def _with_ids(found: Any) -> list[Payload]:
    """The objects of a list, each of which has a number."""
    if not isinstance(found, list):
        raise LabelStudioRefused(STRANGE)
    for item in found:
        _number(item, "id")
    return found


def _id(answer: Any) -> int:
    return _number(answer, "id")
