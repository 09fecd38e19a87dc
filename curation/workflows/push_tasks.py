"""Tasks made of Documents and proposals, a few at a time, in the order they are to be done."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from curation.errors import InputError
from curation.labelstudio.convert import document_to_task
from curation.model import AnnotationSet, Document
from curation.ontology import Ontology
from curation.preannotate.certainty import least_certain, task_score
from curation.store import Repository, Store

__all__ = ["Prepared", "TaskMaker", "Tasks", "ahead", "batches", "least_certain_first"]

_AT_ONCE = 100
_BATCH_BYTES = 2_000_000
_BATCH_TASKS = 250

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Prepared:
    """A task as it is sent, in JSON; `proposal` is the hash of what it proposes.

    `assisted`: a prediction goes along.
    """

    uid: str
    revision: int
    body: bytes
    assisted: bool
    proposal: str | None

    @property
    def key(self) -> tuple[str, int]:
        """What is the same in two tasks for one text."""
        return (self.uid, self.revision)

    @property
    def size(self) -> int:
        """Bytes that are sent for it."""
        return len(self.body)

    @property
    def prediction(self) -> dict[str, Any]:
        """The prediction that goes along; KeyError where none does."""
        found: dict[str, Any] = json.loads(self.body)["predictions"][0]
        return found


class Tasks(Protocol):
    """Makes tasks of Documents; `problems` names what could not be made as it should be."""

    problems: list[str]

    def tasks(self, uids: Sequence[str]) -> Iterator[Prepared]:
        """The tasks of `uids`, in their order."""


class TaskMaker:
    """Makes one annotator's tasks; `problems` names every proposal that cannot be shown.

    `proposals` are the hashes of what the model proposes, `assisted` tells by uid whether it goes
    along.
    """

    def __init__(
        self,
        store: Store,
        ontology: Ontology,
        annotator: str,
        proposals: Mapping[str, str],
        assisted: Mapping[str, bool],
    ) -> None:
        self._store = store
        self._ontology = ontology
        self._annotator = annotator
        self._proposals = proposals
        self._assisted = assisted
        self.problems: list[str] = []

    def tasks(self, uids: Sequence[str]) -> Iterator[Prepared]:
        """The tasks of `uids`, in their order; a few Documents are in memory at a time.

        A proposal that Label Studio could not show is left out, and the task comes without.
        """
        for first in range(0, len(uids), _AT_ONCE):
            chunk = uids[first : first + _AT_ONCE]
            with self._store.transaction() as repo:
                documents = {d.uid: d for d in repo.documents(chunk)}
                wanted = [uid for uid in chunk if self._assisted.get(uid)]
                sets = {s.uid: s for s in repo.annotation_sets("model", uids=wanted)}
            for uid in chunk:
                if uid in documents:
                    yield self._prepared(documents[uid], sets.get(uid))

    def _prepared(self, document: Document, proposal: AnnotationSet | None) -> Prepared:
        try:
            task = self._task(document, proposal)
        except InputError as error:
            self.problems.append(f"{document.uid}: {error.message}")
            proposal, task = None, self._task(document, None)
        digest = self._proposals.get(document.uid) if proposal else None
        # Objects in their thousands would be looked through for garbage; text is not.
        body = json.dumps(task, ensure_ascii=False).encode()
        return Prepared(document.uid, document.revision, body, "predictions" in task, digest)

    def _task(self, document: Document, proposal: AnnotationSet | None) -> dict[str, Any]:
        return document_to_task(
            document,
            prediction=proposal,
            ontology=self._ontology,
            annotator=self._annotator,
            model_version=proposal.annotator if proposal else "",
            score=task_score(proposal) if proposal else None,
        )


def least_certain_first(repo: Repository, uids: Iterable[str]) -> list[str]:
    """`uids` by how certain the model's proposal is; without one is least certain of all."""
    wanted = list(uids)
    scores = {uid: least_certain(found) for uid, found in repo.proposal_scores(wanted)}
    return sorted(wanted, key=lambda uid: (scores.get(uid, 0.0), uid))


def batches(prepared: Iterable[Prepared]) -> Iterator[list[Prepared]]:
    """Batches of bounded size in bytes and count; a task that is larger comes alone."""
    batch: list[Prepared] = []
    size = 0
    for task in prepared:
        if batch and (size + task.size > _BATCH_BYTES or len(batch) >= _BATCH_TASKS):
            yield batch
            batch, size = [], 0
        batch.append(task)
        size += task.size
    if batch:
        yield batch


@contextmanager
def ahead(items: Iterator[T]) -> Iterator[Iterator[T]]:
    """The same items; the first one, and then the next, is made while the caller does other work.

    That is mostly waiting for the network.
    """
    with ThreadPoolExecutor(max_workers=1) as worker:
        yield _made(worker, items, worker.submit(next, items, None))


def _made(worker: Executor, items: Iterator[T], waiting: Future[T | None]) -> Iterator[T]:
    while (item := waiting.result()) is not None:
        waiting = worker.submit(next, items, None)
        yield item
