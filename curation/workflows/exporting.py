"""Which sets an export is of: gold or one annotator's, of all parts or one, now or earlier."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time

from curation.errors import UsageError
from curation.formats.order import Ordered
from curation.messages import shown
from curation.model import AnnotationSet, Document, Record
from curation.store import Repository
from curation.workflows.agreement import PEOPLE
from curation.workflows.split import ready_gold

__all__ = ["Selection", "Wanted", "moment", "select"]

_AT_ONCE = 500
"""Documents that are in memory at a time."""


@dataclass(frozen=True)
class Wanted:
    """What is asked for: gold, or the work of `annotator`.

    `at`: gold as it was then, in UTC. `include_disputed`: Documents with open disputes too, without
    what is disputed, marked in their provenance.
    """

    annotator: str | None = None
    at: str | None = None
    include_disputed: bool = False


@dataclass(frozen=True)
class Selection:
    """The Documents by uid that there are sets of, and those that wait for open disputes.

    `read` gives the records of some of them, in order. `withdrawn` are those that somebody took out
    of the splits for good.
    """

    wanted: Wanted
    uids: Sequence[str]
    waiting: frozenset[str]
    read: Callable[[Sequence[str]], Iterable[Record]]
    withdrawn: frozenset[str] = frozenset()

    def of(self, members: set[str]) -> Selection:
        """Those of one part."""
        uids = [uid for uid in self.uids if uid in members]
        return replace(
            self,
            uids=uids,
            waiting=self.waiting & members,
            withdrawn=self.withdrawn & members,
        )

    def without(self, withdrawn: set[str]) -> Selection:
        """Those that nobody has withdrawn."""
        return replace(
            self,
            uids=[uid for uid in self.uids if uid not in withdrawn],
            waiting=self.waiting - withdrawn,
            withdrawn=frozenset(self.uids) & withdrawn,
        )

    def records(self, advance: Callable[[], object] = lambda: None) -> Ordered:
        """All records, some Documents in memory at a time; `advance` is called for each."""
        return Ordered(self._records(advance))

    def _records(self, advance: Callable[[], object]) -> Iterator[Record]:
        for start in range(0, len(self.uids), _AT_ONCE):
            for record in self.read(self.uids[start : start + _AT_ONCE]):
                yield record
                advance()

    def hold_some(self, part: str | None = None) -> None:
        """Raises UsageError where there is nothing to export."""
        if self.uids:
            return
        wanted, waiting = self.wanted, len(self.waiting)
        who = wanted.annotator
        what = "gold without disputes" if who is None else f"work of {who}"
        where = f" in part {part}" if part else ""
        where += f" as of {wanted.at}" if wanted.at else ""
        where += f", and {waiting} with open disputes left out" if waiting else ""
        where += f", and {len(self.withdrawn)} withdrawn" if self.withdrawn else ""
        raise UsageError(f"nothing to export: no {what}{where}; see: curation status")


def select(repo: Repository, wanted: Wanted) -> Selection:
    """The Documents of an export; their texts and sets are read when its records are.

    What somebody has withdrawn is left out.
    """
    withdrawn = {t.uid for t in repo.tombstones() if not t.automatic}
    return _selected(repo, wanted).without(withdrawn)


def _selected(repo: Repository, wanted: Wanted) -> Selection:
    if wanted.annotator is not None:
        return _work_of(repo, wanted, wanted.annotator)
    if wanted.at is not None or wanted.include_disputed:
        return _gold_in_memory(repo, wanted)
    disputed = repo.disputed()
    uids = sorted(repo.annotated("gold").keys() - disputed)

    def read(some: Sequence[str]) -> Iterator[Record]:
        return _joined(repo.documents(some), repo.annotation_sets("gold", uids=some))

    return Selection(wanted, uids, frozenset(disputed), read)


def _work_of(repo: Repository, wanted: Wanted, annotator: str) -> Selection:
    kinds = (*PEOPLE, "model")
    uids = sorted({s.uid for s in repo.set_states(*kinds) if s.annotator == annotator})

    def read(some: Sequence[str]) -> Iterator[Record]:
        sets = repo.annotation_sets(*kinds, annotator=annotator, uids=some)
        return _joined(repo.documents(some), sets)

    return Selection(wanted, uids, frozenset(), read)


def _gold_in_memory(repo: Repository, wanted: Wanted) -> Selection:
    """Gold of another time, or with what is disputed: the store gives it as a whole only."""
    at = wanted.at
    gold = {s.uid: s for s in ready_gold(repo, at=at, include_disputed=wanted.include_disputed)}
    revisions = repo.gold_revisions(at=at)
    waiting = frozenset(repo.disputed(at=at) - gold.keys())

    def read(some: Sequence[str]) -> Iterator[Record]:
        return _joined(_texts(repo, some, revisions, at), [gold[uid] for uid in some])

    return Selection(wanted, sorted(gold), waiting, read)


def _texts(
    repo: Repository, uids: Sequence[str], revisions: Mapping[str, int], at: str | None
) -> Iterable[Document]:
    """The texts of now, or those that gold was about then."""
    if at is None:
        return repo.documents(uids)
    found = (repo.document(uid, revisions[uid]) for uid in uids)
    return (document for document in found if document is not None)


def _joined(documents: Iterable[Document], sets: Iterable[AnnotationSet]) -> Iterator[Record]:
    texts = {document.uid: document for document in documents}
    for said in sorted(sets, key=lambda s: (s.uid, s.annotator)):
        yield Record(document=texts[said.uid], annotations=said)


def moment(repo: Repository, given: str, now: str) -> str:
    """A day to its end, a time, or when a release was made; in UTC, as the store has times.

    Raises UsageError where it is none of these, or is after `now`.
    """
    released = {r.version: r.created_at for r in repo.releases()}
    if given in released:
        return released[given]
    try:
        begins, ends = _utc(given, time.min), _utc(given, time(23, 59, 59))
    except (ValueError, OverflowError):
        known = ", ".join(released) or "none yet"
        raise UsageError(
            f"as of {shown(given)}: give a day (2024-05-01), a time (2024-05-01T12:00:00Z) or a "
            f"release; releases: {known}"
        ) from None
    if begins > now:
        raise UsageError(f"as of {shown(given)}: is yet to come; now it is {now}")
    return ends


def _utc(given: str, of_day: time) -> str:
    """The time, or of a day the time `of_day`; ValueError or OverflowError where it is neither."""
    try:
        found = datetime.combine(date.fromisoformat(given), of_day)
    except ValueError:
        found = datetime.fromisoformat(given)
    zoned = found if found.tzinfo else found.replace(tzinfo=UTC)
    return zoned.astimezone(UTC).isoformat(timespec="seconds")
