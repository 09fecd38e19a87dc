"""What people say about the Documents that are to be adjudicated, a few hundred in memory."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache
from itertools import chain, groupby, islice
from multiprocessing import get_context
from typing import TypeVar

from curation.adjudication import (
    ADJUDICATOR,
    Competence,
    Pattern,
    ballots_of,
    fit_patterns,
    pattern_of,
    weighs,
)
from curation.errors import UsageError
from curation.model import AnnotationSet
from curation.processes import begin_worker
from curation.store import Repository, Store, open_store
from curation.workflows.agreement import PEOPLE

__all__ = ["Evidence", "Said", "read_said"]

_AT_ONCE = 250
"""Documents that are read together."""
_MANY = 2000
"""Documents from which on it pays to start other processes."""
T = TypeVar("T")
R = TypeVar("R")
_Times = Mapping[tuple[str, str, str], str]


@dataclass(frozen=True)
class Said:
    """What people say about one Document; `final` is the newest word of an adjudicator.

    `since` are the annotators who have said something else after `final` was decided.
    """

    uid: str
    sets: tuple[AnnotationSet, ...]
    final: AnnotationSet | None = None
    since: frozenset[str] = frozenset()


class Evidence(AbstractContextManager["Evidence"]):
    """The Documents that enough annotators have seen or an adjudicator has decided.

    `uids` are theirs, in order; `waiting` counts those that too few have seen. Thousands of them
    are worked on by as many `processes`, where there is more than one; these end with the block.
    """

    def __init__(self, store: Store, min_annotators: int, *, processes: int = 1) -> None:
        self._store = store
        self._processes = processes
        with store.transaction() as repo:
            people = Counter(uid for uid, _, _ in repo.set_times(*PEOPLE))
            self.decided = frozenset(uid for uid, _, _ in repo.set_times(ADJUDICATOR))
        enough = {uid for uid, count in people.items() if count >= min_annotators}
        self.uids = sorted(enough | self.decided)
        self.waiting = len(people.keys() | self.decided) - len(self.uids)
        self._pool: ProcessPoolExecutor | None = None

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def __iter__(self) -> Iterator[Said]:
        return chain.from_iterable(map(self._read, self._lots()))

    def each(self, work: Callable[[Sequence[Said], T], R], argument: T) -> Iterator[R]:
        """`work(some Documents, argument)` for all of them, in order, a few hundred at a time.

        `work` is a function of a module, so that another process finds it. Raises UsageError where
        a process dies.
        """
        address, count = self._store.address, self._processes
        if address is None or count < 2 or len(self.uids) < _MANY:
            for lot in self._lots():
                yield work(self._read(lot), argument)
            return
        if self._pool is None:
            context = get_context("spawn")
            self._pool = ProcessPoolExecutor(count, mp_context=context, initializer=begin_worker)
        waiting: deque[Future[R]] = deque()
        lots = self._lots()
        while True:
            for lot in islice(lots, 2 * count - len(waiting)):
                waiting.append(self._pool.submit(_elsewhere, address, lot, work, argument))
            if not waiting:
                return
            yield _result(waiting.popleft())

    def competence(self, rules: Mapping[str, Sequence[str]]) -> dict[str, Competence | None]:
        """Of the layers whose rules weigh, fitted on all these Documents."""
        weighed = tuple(layer for layer, some in rules.items() if weighs(some))
        total: dict[str, Counter[Pattern]] = {layer: Counter() for layer in weighed}
        for counted in self.each(_patterns, weighed) if weighed else ():
            for layer, patterns in counted.items():
                total[layer].update(patterns)
        return {layer: fit_patterns(patterns) for layer, patterns in total.items()}

    def _lots(self) -> Iterator[list[str]]:
        return (self.uids[i : i + _AT_ONCE] for i in range(0, len(self.uids), _AT_ONCE))

    def _read(self, uids: Sequence[str]) -> list[Said]:
        with self._store.transaction() as repo:
            return list(read_said(repo, uids))


def _elsewhere(
    address: str, uids: Sequence[str], work: Callable[[Sequence[Said], T], R], argument: T
) -> R:
    with _store(address).transaction() as repo:
        said = list(read_said(repo, uids))
    return work(said, argument)


@cache
def _store(address: str) -> Store:
    return open_store(address)


def _result(future: Future[R]) -> R:
    try:
        return future.result()
    except BrokenProcessPool:
        raise UsageError(
            "a process that helped died, perhaps for want of memory; what was written is kept, "
            "run it again"
        ) from None


def _patterns(said: Sequence[Said], layers: Sequence[str]) -> dict[str, Counter[Pattern]]:
    """How often which answers meet, by layer."""
    found: dict[str, Counter[Pattern]] = {layer: Counter() for layer in layers}
    for one in said:
        for ballot in ballots_of(one.sets).all() if one.sets else ():
            if ballot.layer in found:
                found[ballot.layer][pattern_of(ballot)] += 1
    return found


def read_said(repo: Repository, uids: Sequence[str]) -> Iterator[Said]:
    """What is said now about each of these Documents."""
    finals = _finals(repo, uids)
    sets = repo.annotation_sets(*PEOPLE, uids=uids)
    said = {uid: tuple(group) for uid, group in groupby(sets, key=lambda s: s.uid)}
    for uid in uids:
        final, since = finals.get(uid, (None, frozenset[str]()))
        yield Said(uid, said.get(uid, ()), final, since)


def _finals(
    repo: Repository, uids: Sequence[str]
) -> dict[str, tuple[AnnotationSet, frozenset[str]]]:
    """By uid, the newest set of an adjudicator, and the annotators whose sets are newer."""
    made = defaultdict(list)
    for one in repo.annotation_sets(ADJUDICATOR, uids=uids):
        made[one.uid].append(one)
    if not made:
        return {}
    times = repo.set_times(ADJUDICATOR, *PEOPLE, uids=made)
    newest = {
        uid: max(some, key=lambda s: (_time(times, s), s.annotator)) for uid, some in made.items()
    }
    since = defaultdict(set)
    for (uid, name, kind), time in times.items():
        if kind != ADJUDICATOR and time > _time(times, newest[uid]):
            since[uid].add(name)
    return {uid: (final, frozenset(since[uid])) for uid, final in newest.items()}


def _time(times: _Times, made: AnnotationSet) -> str:
    return times[made.uid, made.annotator, made.kind]
