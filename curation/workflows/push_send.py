"""One annotator's project brought to what it should hold, over a line that may break anywhere.

The server is asked what it has; only what is missing is sent. Where a connection is lost, the
server may have taken the batch all the same: it is asked again, until two answers are alike.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

from curation.errors import LabelStudioRefused, LabelStudioUnreachable
from curation.labelstudio.port import LabelStudioPort
from curation.messages import few
from curation.store import ProjectRecord, Store, TaskRecord
from curation.workflows.push_tasks import Prepared, Tasks, batches

__all__ = ["ProjectPush"]

_BAD, _TOO_LARGE = 400, 413
_HOPELESS = 5
"""Tasks refused one by one before a push gives up, where the server has taken none.

Newer proposals for tasks that are there count as tasks do.
"""

_ATTEMPTS = 4
_SETTLING = 4
_MENDING = 8
_LONGEST_WAIT = 60.0
_AGAIN = "what was sent is kept; run curation push again"

_Key = tuple[str, int]


@dataclass
class ProjectPush:
    """A push to one project; the counts and `problems` say what it did.

    `replaced`: tasks nobody had opened, with a newer proposal now; `opened`: tasks whose proposal
    stays because somebody has. `doubles`: tasks that stood twice on the server and were deleted.
    `refused`: tasks and newer proposals that the server does not take, though it takes others.
    `pause` waits for that many seconds.
    """

    store: Store
    client: LabelStudioPort
    project: ProjectRecord
    maker: Tasks
    at: str
    advance: Callable[[int], None]
    pause: Callable[[float], None]
    created: int = 0
    existing: int = 0
    replaced: int = 0
    opened: int = 0
    doubles: int = 0
    refused: int = 0
    problems: list[str] = field(default_factory=list)
    _there: dict[_Key, TaskRecord] = field(default_factory=dict)
    _newest: int = 0
    _clerk: Executor = field(init=False)
    _written: Future[None] | None = None

    def look(self, count: int | None = None) -> None:
        """Ask what the server has, and remember what the store did not know.

        `count` is how many tasks it has, where that was asked just now.
        """
        with self.store.transaction() as repo:
            known = {(t.uid, t.revision): t for t in repo.tasks(self.project.id)}
        self._there = self._on_server(known, count)
        unknown = [
            task
            for key, task in self._there.items()
            if key not in known or known[key].remote_id != task.remote_id
        ]
        self._write(unknown)

    def has(self, key: _Key) -> bool:
        """Whether the server has a task for this revision."""
        return key in self._there

    @property
    def there(self) -> Mapping[_Key, TaskRecord]:
        """The tasks on the server by uid and revision."""
        return self._there

    def withdraw(self, keys: Iterable[_Key]) -> None:
        """Delete tasks that nobody has opened."""
        for key in keys:
            self.client.delete_task(self._there[key].remote_id)
            gone = replace(self._there.pop(key), state="gone", updated_at=None)
            self._write([gone])

    def send(self, made: Iterable[Sequence[Prepared]]) -> None:
        """Import batches of tasks for Documents that have none.

        What was sent is written down while the next batch is on its way.
        """
        sent = False
        with ThreadPoolExecutor(max_workers=1) as self._clerk:
            for batch in made:
                self._send(batch)
                sent = True
        self._wait_for_clerk()
        if sent:
            # A batch that came late, of this push or of one that was killed, may stand there twice.
            self.look()

    def replace(self, proposals: Mapping[_Key, str]) -> None:
        """Put proposals with other hashes than those sent into tasks that nobody has opened."""
        stale = [
            task
            for key, digest in proposals.items()
            if (task := self._there.get(key)) is not None and task.proposal != digest
        ]
        if not stale:
            return
        opened = self.client.opened_tasks(self.project.remote_id)
        fresh = {t.uid: t for t in stale if t.remote_id not in opened}
        self.opened += sum(t.assisted for t in stale) - sum(t.assisted for t in fresh.values())
        self._replace_all(list(fresh), fresh)
        if fresh:
            self._mend(fresh)

    def _mend(self, tasks: Mapping[str, TaskRecord]) -> None:
        """Replace again until every task has its one prediction, in two answers one after another.

        What was asked for before, by this push or by one that was killed, may come late: new ones
        beside the others, or a deletion that takes the new ones along.
        """
        counted, right = self.replaced, 0
        for attempt in range(_MENDING):
            self.pause(2.0 ** min(attempt, 2) / 2)
            wrong = self._without_just_one(tasks)
            right = 0 if wrong else right + 1
            if right > 1:
                break
            self._replace_all(wrong, tasks)
        self.replaced = counted

    def _replace_all(self, uids: Sequence[str], tasks: Mapping[str, TaskRecord]) -> None:
        for batch in batches(self.maker.tasks(uids)):
            self._replace([p for p in batch if p.proposal is not None], tasks)

    def _without_just_one(self, tasks: Mapping[str, TaskRecord]) -> list[str]:
        """Which of these tasks do not have the one prediction on the server that they should."""
        uids = {
            task.remote_id: uid
            for uid, task in tasks.items()
            if self._there[uid, task.revision].assisted  # the others' were refused
        }
        if not uids:
            return []
        heads = self.client.task_heads(self.project.remote_id, after=min(uids) - 1)
        return [
            uids[int(head["id"])]
            for head in heads
            if int(head["id"]) in uids and int(head.get("total_predictions") or 0) != 1
        ]

    # What is there

    def _on_server(
        self, known: Mapping[_Key, TaskRecord], count: int | None
    ) -> dict[_Key, TaskRecord]:
        """What the server has; ids only grow there, so that old tasks need no second look.

        Where the count does not fit, something was deleted or added by hand: all are listed.
        """
        here = {key: task for key, task in known.items() if task.state != "gone"}
        newest = max((task.remote_id for task in here.values()), default=0)
        heads = list(self._heads(newest)) if count != 0 else []
        if count is None:
            count = int(self.client.project(self.project.remote_id)["task_number"])
        if count != len(here) + len(heads):
            heads, here = list(self._heads(0)), {}
        ids: dict[_Key, list[int]] = defaultdict(list)
        assisted = {}
        for key, task in here.items():
            ids[key].append(task.remote_id)
        for head in heads:
            head_key = _key(head)
            if head_key is not None:
                ids[head_key].append(int(head["id"]))
            assisted[int(head["id"])] = bool(head.get("total_predictions"))
        self._newest = max([newest, *assisted])
        found = {}
        for key, numbers in ids.items():
            kept = numbers[0] if len(numbers) == 1 else self._one_of(key, sorted(numbers))
            before = known.get(key)
            if before is None or before.remote_id != kept:
                before = self._record(key, kept, assisted=assisted.get(kept, False), proposal=None)
            found[key] = before
        return found

    def _heads(self, after: int) -> Iterator[dict[str, Any]]:
        return self.client.task_heads(self.project.remote_id, after=after)

    def _one_of(self, key: _Key, numbers: Sequence[int]) -> int:
        """The task that stays where there are several: one that was opened, else the oldest."""
        opened = self.client.opened_tasks(self.project.remote_id)
        kept = next((n for n in numbers if n in opened), numbers[0])
        left = []
        for number in numbers:
            if number != kept and number in opened:
                left.append(number)
            elif number != kept:
                self.client.delete_task(number)
                self.doubles += 1
        if left:
            self.problems.append(
                f"{key[0]}: {self.project.annotator} has worked on it in more than one task: "
                f"{few(map(str, [kept, *left]), between=', ')}; delete one in Label Studio"
            )
        return kept

    # Sending

    def _send(self, batch: Sequence[Prepared]) -> None:
        waiting, losses = [list(batch)], 0
        while waiting:
            part = waiting.pop()
            try:
                ids = self.client.import_tasks(self.project.remote_id, [p.body for p in part])
            except LabelStudioRefused as error:
                waiting += self._smaller(part, error)
                continue
            except LabelStudioUnreachable as error:
                losses += 1
                rest = self._after_loss(part, error, last=losses >= _ATTEMPTS)
                if len(rest) < len(part):
                    losses = 0
                waiting += _halves(rest) if losses > 1 else [rest] * bool(rest)
                continue
            self._sent({p.key: number for p, number in zip(part, ids, strict=True)}, part)

    def _smaller(self, part: list[Prepared], error: LabelStudioRefused) -> list[list[Prepared]]:
        """What to send instead of `part`, which was refused; a task alone is told, and left out.

        The server takes all of a batch or nothing of it.
        """
        if error.status not in (_BAD, _TOO_LARGE):
            raise error
        if len(part) > 1:
            return _halves(part)
        if error.status == _BAD:
            self.refused += 1
            if self.refused >= _HOPELESS and not self.created + self.replaced:
                raise error
            self.problems.append(f"{part[0].uid}: {error}")
            return []
        self.problems.append(
            f"{part[0].uid}: a task of {part[0].size:,} bytes is more than the server, or a proxy "
            "before it, takes; raise the limit there"
        )
        return []

    def _after_loss(
        self, part: list[Prepared], error: LabelStudioUnreachable, *, last: bool
    ) -> list[Prepared]:
        """What of `part` the server did not take."""
        self.pause(min(error.retry_after or 0.0, _LONGEST_WAIT))
        keys = {p.key for p in part}
        try:
            newest_first = reversed(self._settled())
        except LabelStudioUnreachable as lost:
            raise LabelStudioUnreachable(f"{lost}; {_AGAIN}") from None
        ids = {key: int(h["id"]) for h in newest_first if (key := _key(h)) and key in keys}
        self._sent(ids, part)
        rest = [p for p in part if p.key not in ids]
        if rest and last:
            raise LabelStudioUnreachable(f"{error}; {_AGAIN}")
        return rest

    def _settled(self) -> list[dict[str, Any]]:
        """The newest tasks; a server may still be at work on what it was sent."""
        found: list[dict[str, Any]] = []
        for attempt in range(_SETTLING):
            self.pause(2.0**attempt / 2)
            before = len(found)
            found = list(self._heads(self._newest))
            if attempt and len(found) == before:
                break
        return found

    def _sent(self, ids: Mapping[_Key, int], part: Iterable[Prepared]) -> None:
        tasks = [
            self._record(p.key, ids[p.key], assisted=p.assisted, proposal=p.proposal)
            for p in part
            if p.key in ids
        ]
        self._wait_for_clerk()
        self._written = self._clerk.submit(self._write, tasks)
        self._there.update({(t.uid, t.revision): t for t in tasks})
        self._newest = max([self._newest, *ids.values()])
        self.created += len(tasks)
        self.advance(len(tasks))

    def _wait_for_clerk(self) -> None:
        if self._written is not None:
            self._written.result()

    def _write(self, tasks: Sequence[TaskRecord]) -> None:
        with self.store.transaction() as repo:
            repo.save_tasks(tasks, at=self.at)

    # Replacing

    def _replace(self, part: Sequence[Prepared], tasks: Mapping[str, TaskRecord]) -> None:
        """Old predictions away, new ones in: doing it twice is doing it once."""
        predictions = [p.prediction | {"task": tasks[p.uid].remote_id} for p in part]
        if not predictions:
            return
        try:
            self._patiently(predictions)
        except LabelStudioRefused as error:
            smaller = self._smaller(list(part), error)
            for half in smaller:
                self._replace(half, tasks)
            if not smaller:
                self._record_without(tasks[part[0].uid])
            return
        done = [replace(tasks[p.uid], assisted=True, proposal=p.proposal) for p in part]
        self._write(done)
        self._there.update({(t.uid, t.revision): t for t in done})
        self.replaced += len(done)
        self.advance(len(done))

    def _record_without(self, task: TaskRecord) -> None:
        """The old proposal went, and the new one was refused: the next push tries again."""
        left = replace(task, assisted=False, proposal=None)
        self._write([left])
        self._there[left.uid, left.revision] = left

    def _patiently(self, predictions: Sequence[dict[str, Any]]) -> None:
        numbers = [p["task"] for p in predictions]
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                self.client.delete_predictions(self.project.remote_id, numbers)
                self.client.create_predictions(self.project.remote_id, predictions)
            except LabelStudioUnreachable as error:
                if attempt == _ATTEMPTS:
                    raise LabelStudioUnreachable(f"{error}; {_AGAIN}") from None
                self.pause(2.0**attempt / 2)
            else:
                return

    def _record(
        self, key: _Key, remote_id: int, *, assisted: bool, proposal: str | None
    ) -> TaskRecord:
        return TaskRecord(
            *key,
            self.project.annotator,
            self.project.id,
            remote_id,
            "open",
            assisted,
            proposal,
        )


def _halves(part: list[Prepared]) -> list[list[Prepared]]:
    """The second half first: what waits is taken from the end."""
    middle = len(part) // 2
    return [half for half in (part[middle:], part[:middle]) if half]


def _key(head: Mapping[str, Any]) -> _Key | None:
    """(uid, revision) of a task; None where it was not made by a push."""
    data = head.get("data") or {}
    try:
        return (str(data["uid"]), int(data.get("revision") or 1))
    except (KeyError, TypeError, ValueError):
        return None
