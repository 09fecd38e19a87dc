"""What people say about the Documents that are to be adjudicated, a few hundred in memory."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, groupby

from curation.adjudication import (
    ADJUDICATOR,
    Competence,
    Pattern,
    ballots_of,
    fit_patterns,
    pattern_of,
    weighs,
)
from curation.model import AnnotationSet
from curation.store import Repository, Store
from curation.workflows.agreement import PEOPLE

__all__ = ["Evidence", "Said", "read_said"]

_AT_ONCE = 500
"""Documents that are read together."""
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


class Evidence:
    """The Documents that enough annotators have seen or an adjudicator has decided.

    `uids` are theirs, in order; `waiting` counts those that too few have seen.
    """

    def __init__(self, store: Store, min_annotators: int) -> None:
        self._store = store
        with store.transaction() as repo:
            people = Counter(uid for uid, _, _ in repo.set_times(*PEOPLE))
            self.decided = frozenset(uid for uid, _, _ in repo.set_times(ADJUDICATOR))
        enough = {uid for uid, count in people.items() if count >= min_annotators}
        self.uids = sorted(enough | self.decided)
        self.waiting = len(people.keys() | self.decided) - len(self.uids)

    def __iter__(self) -> Iterator[Said]:
        return chain.from_iterable(self.chunks())

    def chunks(self) -> Iterator[list[Said]]:
        """What is said about them, a few hundred Documents at a time."""
        for first in range(0, len(self.uids), _AT_ONCE):
            with self._store.transaction() as repo:
                found = list(read_said(repo, self.uids[first : first + _AT_ONCE]))
            yield found

    def competence(self, rules: Mapping[str, Sequence[str]]) -> dict[str, Competence | None]:
        """Of the layers whose rules weigh, fitted on all these Documents."""
        weighed = [layer for layer, some in rules.items() if weighs(some)]
        patterns: dict[str, Counter[Pattern]] = {layer: Counter() for layer in weighed}
        for said in self if weighed else ():
            for ballot in ballots_of(said.sets).all() if said.sets else ():
                if ballot.layer in patterns:
                    patterns[ballot.layer][pattern_of(ballot)] += 1
        return {layer: fit_patterns(counted) for layer, counted in patterns.items()}


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
