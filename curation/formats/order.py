"""The one order of every export: by document, then annotator, items in text order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise

from curation.errors import InputError
from curation.model import Record

__all__ = ["Ordered", "canonical", "noted", "place", "streamed"]


def place(uid: str) -> str:
    """`uid` for a message of one line: as it is, or quoted where it has control characters."""
    return uid if uid.isprintable() else repr(uid)


class Ordered(Iterator[Record]):
    """Records that come by uid and annotator already: `streamed` holds one of them at a time."""

    def __init__(self, records: Iterable[Record]) -> None:
        self._records = iter(records)

    def __next__(self) -> Record:
        return next(self._records)


def noted(records: Iterable[Record], note: Callable[[Record], object]) -> Iterable[Record]:
    """The same records, `Ordered` if they are; each is told to `note` when it passes."""

    def passing() -> Iterator[Record]:
        for record in records:
            note(record)
            yield record

    return Ordered(passing()) if isinstance(records, Ordered) else passing()


def streamed(records: Iterable[Record]) -> Iterator[Record]:
    """`canonical`, one record at a time where the records are `Ordered`.

    Raises InputError as `canonical` does, when it comes to what is wrong.
    """
    if not isinstance(records, Ordered):
        yield from canonical(records)
        return
    before: Record | None = None
    for record in map(_checked, records):
        if before is not None:
            _hold_apart(before, record)
        yield record
        before = record


def canonical(records: Iterable[Record]) -> list[Record]:
    """The records by uid and annotator, each set sorted; equal content gives equal bytes.

    Raises InputError where a set does not fit its text, where one annotator has two sets for a
    document, or where two records give one uid to different documents.
    """
    ordered = sorted(map(_checked, records), key=_order)
    for before, record in pairwise(ordered):
        _hold_apart(before, record)
    return ordered


def _hold_apart(before: Record, record: Record) -> None:
    """Raises InputError where two neighbours cannot both be there, ValueError out of order."""
    uid = record.document.uid
    if _order(before) >= _order(record):
        if _order(before) > _order(record):
            raise ValueError(f"{place(uid)} comes after {place(before.document.uid)}")
        raise InputError("stands twice for one annotator", where=place(uid))
    if uid == before.document.uid and record.document != before.document:
        raise InputError(
            "two different documents have this uid",
            where=place(uid),
            hint="give each document its own",
        )


def _order(record: Record) -> tuple[str, str]:
    annotations = record.annotations
    return (record.document.uid, annotations.annotator if annotations is not None else "")


def _checked(record: Record) -> Record:
    annotations, document = record.annotations, record.document
    try:
        "".join(_strings(record)).encode()
    except UnicodeEncodeError as error:
        raise InputError(
            "holds half of a surrogate pair, which is no character", where=place(document.uid)
        ) from error
    if annotations is None:
        return record
    found = list(annotations.problems(document.text))
    if annotations.uid != document.uid:
        found.append(f"annotations are about another document, {annotations.uid!r}")
    if found:
        raise InputError("; ".join(found), where=f"{place(document.uid)}, {annotations.annotator}")
    return record.model_copy(update={"annotations": annotations.sorted()})


def _strings(record: Record) -> Iterator[str]:
    yield record.document.uid
    yield record.document.text
    if record.annotations is not None:
        yield record.annotations.annotator
        yield from (e.label for e in record.annotations.entities)
        yield from (e.type for e in record.annotations.events)
