"""People's work back into the store: what changed since the last pull, or everything.

A pull is a comparison: the server says when each task changed last, and only tasks whose time is
another than the one that was pulled are read. One page of tasks is in memory, and one page is one
transaction: a pull that was cut off is completed by the next one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from curation.errors import LabelStudioRefused, OntologyError, UsageError
from curation.garbage import seldom_collected
from curation.labelstudio.payload import Payload
from curation.labelstudio.port import LabelStudioPort
from curation.ontology import Ontology
from curation.settings import Settings
from curation.store import ProjectRecord, Store, TaskRecord
from curation.workflows.adopt import Adopter, shown_field
from curation.workflows.interpret import Interpreter

__all__ = ["Pulled", "pull"]

_T = TypeVar("_T")
_NOT_FOUND = 404
_OVERLAP = timedelta(seconds=5)
"""A change may show only after a later one did: the server sets its time before it commits."""


@dataclass(frozen=True)
class Pulled:
    """What a pull found: `tasks` of this workspace on the server by state, `read` of them read.

    `foreign` tasks are not of this workspace, `duplicates` second tasks for one document. Of the
    annotations read, `payloads` were new; new + unchanged + revised + quarantined of them were
    the newest of their annotators, and became AnnotationSets or were put aside; of the new and
    revised ones, `adjudications` are an adjudicator's decisions. `deleted` ones are gone on the
    server and kept here. `unread` projects could not be read, each says why.
    """

    tasks: Mapping[str, int]
    read: int
    foreign: int
    duplicates: int
    annotations: int
    drafts: int
    payloads: int
    new: int
    unchanged: int
    revised: int
    quarantined: int
    deleted: int
    repairs: Mapping[str, int]
    problems: tuple[str, ...]
    adjudications: int = 0
    unread: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The fields by name."""
        return asdict(self)


def pull(
    store: Store,
    client: LabelStudioPort,
    *,
    settings: Settings,
    ontology: Ontology,
    at: str,
    full: bool = False,
    advance: Callable[[int], None] = lambda _count: None,
) -> Pulled:
    """Read every project of this workspace on the server: what changed, or all if `full`.

    One that was deleted there is said once, its tasks are gone, and their data stay.

    Raises LabelStudioRefused where fewer tasks came than the server counts; what came is kept.
    """
    with store.transaction() as repo:
        projects = [p for p in repo.projects() if p.server == client.url]
    if not projects:
        raise UsageError(f"nothing was pushed to {client.url} yet; run: curation push")
    users = {int(u["id"]): str(u.get("email") or "") for u in client.users()}
    interpreter = Interpreter(settings, ontology, users, at=at)
    unread = []
    for project in projects:
        try:
            with seldom_collected():
                _ProjectPull(store, client, settings, project, interpreter, at).run(full, advance)
        except (UsageError, OntologyError) as error:  # of one that was made by hand
            unread.append(str(error))
        except LabelStudioRefused as error:
            if error.status != _NOT_FOUND or not _is_gone(client, project):
                raise
            unread += _record_lost(store, project, interpreter)
    with store.transaction() as repo:
        states = Counter(t.state for p in projects for t in repo.tasks(p.id))
    return Pulled(
        tasks=dict(sorted(states.items())),
        repairs=dict(sorted(interpreter.repairs.items())),
        problems=tuple(interpreter.problems),
        unread=tuple(unread),
        **asdict(interpreter.tally),
    )


class _ProjectPull:
    """One project of one pull."""

    def __init__(
        self,
        store: Store,
        client: LabelStudioPort,
        settings: Settings,
        project: ProjectRecord,
        interpreter: Interpreter,
        at: str,
    ) -> None:
        self._store = store
        self._client = client
        self._project = project
        self._interpreter = interpreter
        self._at = at
        self._remote = client.project(project.remote_id)
        self._adopter = (
            Adopter(settings, project, shown_field(self._remote), interpreter.problems)
            if project.adopted
            else None
        )
        with store.transaction() as repo:
            tasks = repo.tasks(project.id)
        self._known = {(t.uid, t.revision): t for t in tasks}
        self._times = {t.remote_id: t.updated_at for t in tasks if t.state != "gone"}

    def run(self, full: bool, advance: Callable[[int], None]) -> None:
        """Read what is to be read, then remember what is gone and how far this came.

        It came as far as the server was at its start: what people do meanwhile may be in tasks that
        were read already, and later changes of others must not hide it from the next pull.
        """
        start = self._client.last_change(self._project.remote_id)
        wanted = None if full or self._project.pulled_to is None else self._changed()
        seen = set(self._read(wanted, advance))
        self._record_gone(seen if wanted is None else None)
        with self._store.transaction(alone=True) as repo:
            repo.set_pulled_to(self._project.id, start)

    def _changed(self) -> list[int]:
        """The tasks whose time differs from the one pulled, and those with a draft."""
        since = _earlier(self._project.pulled_to or "")
        times = self._client.task_states(self._project.remote_id, since=since)
        changed = {task for task, at in times.items() if self._times.get(task) != at}
        return sorted(changed.union(self._client.drafted_tasks(self._project.remote_id)))

    def _read(self, wanted: list[int] | None, advance: Callable[[int], None]) -> Iterator[int]:
        if wanted == []:
            return
        number = self._project.remote_id
        for page in _ahead(self._client.annotated_tasks(number, wanted, known=list(self._times))):
            with self._store.transaction(alone=True) as repo:
                self._interpreter.expect(repo, self._project, page)
                for task in page:
                    uid = self._adopter.document(repo, task, self._at) if self._adopter else None
                    found = self._interpreter.task(repo, self._project, task, self._known, uid)
                    self._remember(task, found)
                    yield int(task["id"])
            advance(len(page))

    def _remember(self, task: Payload, found: TaskRecord | None) -> None:
        if found is not None:
            self._known[found.uid, found.revision] = found
            self._times[int(task["id"])] = found.updated_at

    def _record_gone(self, seen: set[int] | None) -> None:
        """Tasks that the server no longer has are recorded as such; their data stays.

        `seen` are all the ids there; None where they are not known, and asked for only if their
        number is another than that of the tasks known here.
        """
        there = int(self._client.project(self._project.remote_id)["task_number"])
        with self._store.transaction() as repo:
            strays = repo.strays(self._project.id)
        if seen is None and there == len(self._times) and not strays:
            return
        if seen is None:
            seen = set(self._client.task_states(self._project.remote_id))
        if len(seen) < there:
            raise LabelStudioRefused(
                f"project {self._project.remote_id}: {len(seen)} of its {there} tasks came; try "
                "again"
            )
        with self._store.transaction(alone=True) as repo:
            here = [(t, t.remote_id) for t in repo.tasks(self._project.id) if t.state != "gone"]
            for task, number in [*strays, *here]:
                if number not in seen:
                    self._interpreter.gone(repo, task, number)


def _is_gone(client: LabelStudioPort, project: ProjectRecord) -> bool:
    try:
        client.project(project.remote_id)
    except LabelStudioRefused as error:
        return error.status == _NOT_FOUND
    return False


def _record_lost(store: Store, project: ProjectRecord, interpreter: Interpreter) -> Iterator[str]:
    """All tasks of a project that was deleted are gone; told where something was known of it."""
    with store.transaction(alone=True) as repo:
        here = [(t, t.remote_id) for t in repo.tasks(project.id) if t.state != "gone"]
        for task, number in [*repo.strays(project.id), *here]:
            interpreter.gone(repo, task, number)
        repo.set_pulled_to(project.id, None)
    if not here and project.pulled_to is None:
        return
    whose = f"of {project.annotator.lstrip('@')}" if project.annotator else "made by hand"
    again = "curation adjudicate --push" if project.adjudicates else "curation push"
    advice = "" if project.adopted else f"; {again} makes it again"
    yield (
        f"project {project.remote_id}, {whose}, was deleted on the server: {len(here)} tasks are "
        f"gone there, what was pulled of them is kept{advice}"
    )


def _ahead(pages: Iterator[_T]) -> Iterator[_T]:
    """The same pages; the next one is fetched while one is worked on."""
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(next, pages, None)
        while (page := waiting.result()) is not None:
            waiting = pool.submit(next, pages, None)
            yield page


def _earlier(at: str) -> str | None:
    """The server's time `at`, a little before, as its filters want it; None where it is none."""
    try:
        time = datetime.fromisoformat(at) - _OVERLAP
    except ValueError:
        return None
    return f"{time.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z"
