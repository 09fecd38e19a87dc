"""Reading the tasks of a project in parts that stay right while people work in it.

Pages are asked for by the last id seen, not by number: a task that is added, deleted or changed
meanwhile moves no other from one page to the next.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import pairwise
from typing import Any, Protocol

from curation.labelstudio.payload import Payload

__all__ = [
    "annotated_pages",
    "drafted_tasks",
    "last_change",
    "opened_tasks",
    "task_heads",
    "task_states",
]

_STATES_PAGE = 1000
_TASKS_PAGE = 50
_HEADS_PAGE = 500
_AT_ONCE = 2
_WANTED = (
    "id", "data", "updated_at", "total_predictions", "annotations",
    # Of annotations:
    "result", "completed_by", "created_username", "was_cancelled", "ground_truth", "lead_time",
    "created_at", "draft_created_at", "parent_prediction", "parent_annotation", "task", "project",
    "updated_by", "import_id", "last_action", "last_created_by", "bulk_created",
)  # fmt: skip
"""Without predictions and sums over them, which make up most of what the server works on.

Without drafts too: the server asks its database for those of each task, and a listing has only
those of the user who asks.
"""


class _Pages(Protocol):
    def __call__(self, **params: Any) -> list[Payload]:
        """The tasks of one answer."""


def task_states(ask: _Pages, *, since: str | None) -> Iterator[tuple[int, str]]:
    """(id, time of its last change) of every task, or of those changed at `since` or later."""
    wanted = [("updated_at", "greater_or_equal", "Datetime", since)] if since else []
    for page in _by_id(ask, wanted, _STATES_PAGE, include="id,updated_at"):
        yield from ((int(task["id"]), str(task["updated_at"])) for task in page)


def last_change(ask: _Pages) -> str | None:
    """The time of the newest change of a task; None where there are no tasks."""
    query = _query([], order="-tasks:updated_at")
    page = ask(query=query, page_size=1, include="id,updated_at")
    return str(page[0]["updated_at"]) if page else None


def drafted_tasks(ask: _Pages) -> Iterator[int]:
    """The ids of tasks with a draft; drafts do not change the time of their task."""
    wanted = [("draft_exists", "equal", "Boolean", True)]
    for page in _by_id(ask, wanted, _STATES_PAGE, include="id"):
        yield from (int(task["id"]) for task in page)


def task_heads(ask: _Pages, *, after: int = 0) -> Iterator[Payload]:
    """`id`, `data` and `total_predictions` of the tasks with ids above `after`, oldest first."""
    include = "id,data,total_predictions"
    for page in _by_id(ask, [], _HEADS_PAGE, last=after, include=include):
        yield from page


def opened_tasks(ask: _Pages) -> Iterator[int]:
    """The ids of tasks in which somebody has submitted, skipped or drafted; some twice."""
    for name in ("total_annotations", "cancelled_annotations"):
        for page in _by_id(ask, [(name, "greater", "Number", 0)], _STATES_PAGE, include="id"):
            yield from (int(task["id"]) for task in page)
    yield from drafted_tasks(ask)


def annotated_pages(
    ask: _Pages,
    ids: Sequence[int] | None,
    known: Iterable[int],
    drafts: Callable[[int], list[Payload]],
) -> Iterator[list[Payload]]:
    """Tasks with annotations and drafts: all, or those of `ids` that are still there.

    `known` are ids of tasks that should be there: between them, pages can be asked for before the
    last one has come. `drafts` gives those of a task, of everybody. A draft that is begun
    meanwhile is not seen.
    """
    drafted = set(drafted_tasks(ask))
    parts = _between(sorted(known)) if ids is None else _listed(sorted(ids))
    for page in _annotated(ask, parts):
        yield [t | {"drafts": drafts(t["id"]) if t["id"] in drafted else []} for t in page]


_Filter = tuple[str, str, str, Any]
_Part = tuple[list[_Filter], int | None]
"""Tasks that can be asked for by themselves, and the last id that they can have."""


def _between(known: Sequence[int]) -> Iterator[_Part]:
    borders = [0, *known[_TASKS_PAGE - 1 :: _TASKS_PAGE]]
    for after, last in pairwise(borders):
        yield [("id", "greater", "Number", after), ("id", "less_or_equal", "Number", last)], last
    yield [("id", "greater", "Number", borders[-1])], None


def _listed(ids: Sequence[int]) -> Iterator[_Part]:
    for first in range(0, len(ids), _TASKS_PAGE):
        chunk = list(ids[first : first + _TASKS_PAGE])
        yield [("id", "in_list", "Number", chunk)], chunk[-1]


def _annotated(ask: _Pages, parts: Iterable[_Part]) -> Iterator[list[Payload]]:
    options: dict[str, Any] = {
        "fields": "all",
        "include": ",".join(_WANTED),
        # Addresses of files in clouds stay as they are.
        "resolve_uri": "false",
        # Spares the server sums and lists over annotations that are not wanted.
        "review": "true",
    }

    def first(part: _Part) -> list[Payload]:
        return ask(query=_query(part[0]), page_size=_TASKS_PAGE, **options)

    for (filters, end), page in _ahead(first, parts):
        last = max((int(task["id"]) for task in page), default=end)
        if page:
            yield page
        if last != end:
            yield from _by_id(ask, filters, _TASKS_PAGE, last=last or 0, **options)


def _ahead(
    ask: Callable[[_Part], list[Payload]], parts: Iterable[_Part]
) -> Iterator[tuple[_Part, list[Payload]]]:
    """Each part and the answer, in order; the server works on one while another is parsed."""
    waiting: deque[tuple[_Part, Future[list[Payload]]]] = deque()
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for part in parts:
            waiting.append((part, pool.submit(ask, part)))
            if len(waiting) > _AT_ONCE:
                asked, answer = waiting.popleft()
                yield asked, answer.result()
        for asked, answer in waiting:
            yield asked, answer.result()


def _by_id(
    ask: _Pages, wanted: Sequence[_Filter], size: int, *, last: int = 0, **options: Any
) -> Iterator[list[Payload]]:
    while True:
        filters = [*wanted, ("id", "greater", "Number", last)]
        page = ask(query=_query(filters), page_size=size, **options)
        if not page:
            return
        yield page
        last = max(int(task["id"]) for task in page)


def _query(filters: Sequence[_Filter], *, order: str = "tasks:id") -> str:
    items = [
        {"filter": f"filter:tasks:{name}", "operator": operator, "type": kind, "value": value}
        for name, operator, kind, value in filters
    ]
    return json.dumps(
        {"filters": {"conjunction": "and", "items": items}, "ordering": [order]},
        separators=(",", ":"),
    )
