"""Pre-annotation in several processes: the same results, in the same order."""

from __future__ import annotations

import gc
import os
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager
from itertools import islice
from multiprocessing import get_context
from typing import Any

from curation.errors import UsageError
from curation.garbage import ALLOCATIONS, seldom_collected
from curation.model import AnnotationSet, Document
from curation.preannotate.documents import Failure, annotate
from curation.preannotate.ner import limit_threads
from curation.processes import begin_worker

__all__ = ["Workers"]

_Results = list[AnnotationSet | Failure]
_Packed = list[Failure | dict[str, Any]]
_CHUNK = 32
_WAITING = 2
"""Chunks that wait for each worker, besides the one that it has."""


class Workers(AbstractContextManager["Workers"]):
    """`count` processes that annotate; leaving the block ends them.

    Documents of one language go to the worker that has its word lists already, as long as that one
    is not busier than another: every worker with every language would take memory for nothing.
    """

    def __init__(self, count: int) -> None:
        context = get_context("spawn")
        self._pools = [
            ProcessPoolExecutor(
                1,
                mp_context=context,
                initializer=_begin,
                initargs=((os.cpu_count() or 1) // count,),
            )
            for _ in range(count)
        ]
        self._busy = [0] * count
        self._home: dict[str, int] = {}

    def __exit__(self, *_: object) -> None:
        for pool in self._pools:
            pool.shutdown(cancel_futures=True)

    def annotate(
        self, documents: Iterable[Document], **options: Any
    ) -> Iterator[AnnotationSet | Failure]:
        """`documents.annotate` with these options, by the workers.

        Documents are best ordered by language; a few chunks of them are in memory at a time.
        Raises UsageError where a worker dies.
        """
        waiting: deque[tuple[int, Future[_Packed]]] = deque()
        remaining = iter(documents)
        most = len(self._pools) * (1 + _WAITING)
        while True:
            while len(waiting) < most and (chunk := list(islice(remaining, _CHUNK))):
                waiting.append(self._submit(chunk, options))
            if not waiting:
                return
            worker, future = waiting.popleft()
            yield from self._result(worker, future)

    def _submit(
        self, chunk: list[Document], options: Mapping[str, Any]
    ) -> tuple[int, Future[_Packed]]:
        worker = self._choose(chunk)
        self._busy[worker] += 1
        return worker, self._pools[worker].submit(_work, chunk, dict(options))

    def _choose(self, chunk: list[Document]) -> int:
        language = Counter(d.language for d in chunk).most_common(1)[0][0]
        idle = min(range(len(self._pools)), key=lambda w: self._busy[w])
        home = self._home.setdefault(language, idle)
        return idle if self._busy[home] > self._busy[idle] + 1 else home

    def _result(self, worker: int, future: Future[_Packed]) -> _Results:
        try:
            packed = future.result()
        except BrokenProcessPool:
            raise UsageError(
                "a worker process died, perhaps for want of memory; run again with --workers 1"
            ) from None
        finally:
            self._busy[worker] -= 1
        with seldom_collected():
            return [_unpacked(found) for found in packed]


def _begin(threads: int) -> None:
    """The network of a worker keeps to its share of the cores: more threads would only wait."""
    begin_worker()
    gc.set_threshold(ALLOCATIONS)
    limit_threads(threads)


def _work(chunk: list[Document], options: Mapping[str, Any]) -> _Packed:
    packed = [_packed(found) for found in annotate(chunk, **options)]
    languages = {document.language for document in chunk}
    if not languages <= _loaded:
        # Word lists and models stay for good: looking through them for garbage, again and again,
        # takes a twentieth of the time.
        _loaded.update(languages)
        gc.collect()
        gc.freeze()
    return packed


_loaded: set[str] = set()


def _packed(found: AnnotationSet | Failure) -> Failure | dict[str, Any]:
    """Plain values: what pickle does with objects of pydantic takes twice as long."""
    if isinstance(found, Failure):
        return found
    entities = [vars(entity) for entity in found.entities]
    events = [
        vars(event)
        | {"trigger": vars(event.trigger), "arguments": [vars(a) for a in event.arguments]}
        for event in found.events
    ]
    return vars(found) | {"entities": entities, "events": events}


def _unpacked(packed: Failure | dict[str, Any]) -> AnnotationSet | Failure:
    """What `_packed` was given; to validate it whole is sooner done than to build it unchecked."""
    return packed if isinstance(packed, Failure) else AnnotationSet.model_validate(packed)
