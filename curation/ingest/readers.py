"""Read files, folders and a stream into RawDocuments, file by file.

A file is read twice: once to check every record, once to hand the documents out. So a file with a
bad record leaves nothing behind, all its bad records are known at once, and a large file is never
held in memory.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, TextIO

from curation.errors import InputError
from curation.ingest.jsonlines import BLANK, HAD_ANNOTATIONS, read_jsonl
from curation.ingest.records import (
    RawDocument,
    ReadOptions,
    Skipped,
    hash_uid,
    text_problem,
    too_large,
    uid_problem,
)
from curation.ingest.sources import Source, find_sources, spooled_stream, utf8_problem
from curation.ingest.tables import read_table

__all__ = ["FileResult", "RawDocument", "ReadOptions", "Skipped", "read_files", "read_inputs"]

MOST_PROBLEMS = 1000
"""Problems listed of one file; further ones are counted."""

STDIN = Path("-")
ACCEPTED = "accepted"
DUPLICATE = "duplicate"

Entry = RawDocument | InputError | str
Seen = dict[str, tuple[str, str]]
"""uid -> (content hash, where it was read)."""


@dataclass(frozen=True, slots=True)
class FileResult:
    """What one file holds.

    `accepted` documents go in: 0 if there are problems, unless the good ones were asked for.
    `records` = accepted + duplicates + refused. `duplicates` have the id and text of an earlier
    document of the call; `blank` counts empty lines or rows; `annotated` counts JSON lines whose
    annotations were left behind.
    """

    where: str
    problems: tuple[InputError, ...] = ()
    skipped: Skipped | None = None
    records: int = 0
    accepted: int = 0
    duplicates: int = 0
    blank: int = 0
    annotated: int = 0
    _documents: Callable[[], Iterator[RawDocument]] = field(
        default=lambda: iter(()), repr=False, compare=False
    )

    @property
    def refused(self) -> int:
        """Records that do not go in, for their own fault or that of another in the same file."""
        return self.records - self.accepted - self.duplicates

    def documents(self) -> Iterator[RawDocument]:
        """The accepted documents, read afresh; to be used before the next FileResult is asked for.

        Raises InputError if the file changed since it was checked.
        """
        return self._documents()


def read_inputs(
    paths: Sequence[Path],
    *,
    stdin: BinaryIO | TextIO | None = None,
    options: ReadOptions | None = None,
) -> Iterator[RawDocument | InputError | Skipped]:
    """All that `read_files` finds, in one flat stream: of each file problems, then documents."""
    for result in read_files(paths, stdin=stdin, options=options):
        yield from result.problems
        if result.skipped:
            yield result.skipped
        yield from result.documents()


def read_files(
    paths: Sequence[Path],
    *,
    stdin: BinaryIO | TextIO | None = None,
    options: ReadOptions | None = None,
) -> Iterator[FileResult]:
    """One FileResult for each file, folder entry or stream, in the order given, folders sorted.

    `stdin` is read where "-" stands among `paths`, else last. No problem of the input is raised.
    """
    options = options or ReadOptions()
    places = [Path(path) for path in paths]
    if stdin is not None and STDIN not in places:
        places.append(STDIN)
    seen: Seen = {}
    met: set[tuple[int, int]] = set()
    for place in places:
        if place == STDIN and stdin is not None:
            with spooled_stream(stdin, options.stdin_format) as source:
                yield _checked(source, options, seen)
        else:
            found = find_sources(place, met)
            yield from (_result(item, options, seen) for item in found)


def _result(found: Source | Skipped | InputError, options: ReadOptions, seen: Seen) -> FileResult:
    if isinstance(found, Skipped):
        return FileResult(found.where, skipped=found)
    if isinstance(found, InputError):
        return FileResult(found.where, (found,), records=1)
    return _checked(found, options, seen)


def _checked(source: Source, options: ReadOptions, seen: Seen) -> FileResult:
    """The first reading: every record is checked, nothing is kept but hashes and problems."""
    tally: Counter[str] = Counter()
    problems = _Problems()
    fresh: Seen = {}
    dropped: set[int] = set()
    before = _fingerprint(source)
    for index, entry in enumerate(_entries(source, options)):
        verdict = _judge(entry, fresh, seen)
        if isinstance(verdict, InputError):
            problems.add(verdict)
        else:
            tally[verdict] += 1
        if verdict != ACCEPTED:
            dropped.add(index)
    if not problems.total and not tally[ACCEPTED] + tally[DUPLICATE]:
        problems.add(_nothing_in(source, before, tally))
    goes_in = options.keep_good or not problems.total
    if goes_in:
        seen |= fresh
    return FileResult(
        source.where,
        problems.listed(source.where),
        records=problems.total + tally[ACCEPTED] + tally[DUPLICATE],
        accepted=tally[ACCEPTED] if goes_in else 0,
        duplicates=tally[DUPLICATE],
        blank=tally[BLANK],
        annotated=tally[HAD_ANNOTATIONS],
        _documents=lambda: _again(source, options, dropped, before) if goes_in else iter(()),
    )


class _Problems:
    """The problems of one file: the first thousand, and how many there were."""

    def __init__(self) -> None:
        self.total = 0
        self._first: list[InputError] = []

    def add(self, problem: InputError) -> None:
        self.total += 1
        if self.total <= MOST_PROBLEMS:
            self._first.append(problem)

    def listed(self, where: str) -> tuple[InputError, ...]:
        more = self.total - len(self._first)
        rest = [InputError(f"{more} more records cannot be used", where=where)] if more else []
        return (*self._first, *rest)


def _judge(entry: Entry, fresh: Seen, seen: Seen) -> InputError | str:
    """ACCEPTED, DUPLICATE, what else the reader counted, or the problem."""
    if not isinstance(entry, RawDocument):
        return entry
    content = entry.normalised_sha256
    known = fresh.get(entry.uid) or seen.get(entry.uid)
    if known is None:
        fresh[entry.uid] = (content, entry.where)
        return ACCEPTED
    if known[0] == content:
        return DUPLICATE
    return InputError(
        f"the id {entry.uid!r} already names a different text, in {known[1]}", where=entry.where
    )


def _nothing_in(source: Source, before: tuple[int, int] | None, tally: Counter[str]) -> InputError:
    if before and before[0] == 0:
        return InputError("an empty file" if source.uid else "nothing came in", where=source.where)
    if source.kind in ("csv", "tsv") and not tally[BLANK]:
        return InputError("no rows under the header", where=source.where)
    return InputError("no records, only empty lines", where=source.where)


def _again(
    source: Source, options: ReadOptions, dropped: set[int], before: tuple[int, int] | None
) -> Iterator[RawDocument]:
    """The second reading: the documents that were accepted in the first."""
    _check_unchanged(source, before)
    for index, entry in enumerate(_entries(source, options)):
        if isinstance(entry, RawDocument) and index not in dropped:
            yield entry
    _check_unchanged(source, before)


def _check_unchanged(source: Source, before: tuple[int, int] | None) -> None:
    if _fingerprint(source) != before:
        raise InputError("changed while it was read", where=source.where, hint="ingest it again")


def _fingerprint(source: Source) -> tuple[int, int] | None:
    try:
        return source.fingerprint()
    except OSError:
        return None


def _entries(source: Source, options: ReadOptions) -> Iterator[Entry]:
    readers = {"text": _read_text, "jsonl": read_jsonl, "csv": read_table, "tsv": read_table}
    try:
        yield from readers[source.kind](source, options)
    except OSError as error:
        yield InputError(f"cannot be read: {error.strerror or error}", where=source.where)


def _read_text(source: Source, options: ReadOptions) -> Iterator[Entry]:
    size = source.fingerprint()[0]
    if size > options.limit_bytes:
        yield too_large(size, source.where, options.limit_bytes)
        return
    with source.open() as handle:
        if problem := utf8_problem(handle, source.where):
            yield problem
            return
    with source.open() as handle:
        text = handle.read().decode()
    if not text:
        return
    uid = hash_uid(text) if source.uid is None else source.uid
    problem = text_problem(text, source.where, limit_bytes=options.limit_bytes)
    problem = problem or uid_problem(uid, source.where)
    yield problem or RawDocument(uid, text, source.where)
