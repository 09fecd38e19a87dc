"""The one order of every export: by document, then annotator, items in text order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from curation.errors import InputError
from curation.model import Document, Record

__all__ = ["canonical", "place"]


def place(uid: str) -> str:
    """`uid` for a message of one line: as it is, or quoted where it has control characters."""
    return uid if uid.isprintable() else repr(uid)


def canonical(records: Iterable[Record]) -> list[Record]:
    """The records by uid and annotator, each set sorted; equal content gives equal bytes.

    Raises InputError where a set does not fit its text, where one annotator has two sets for a
    document, or where two records give one uid to different documents.
    """
    ordered = sorted((_checked(r) for r in records), key=_order)
    documents: dict[str, Document] = {}
    for before, record in zip([None, *ordered], ordered, strict=False):
        uid = record.document.uid
        if before is not None and _order(before) == _order(record):
            raise InputError("stands twice for one annotator", where=place(uid))
        if documents.setdefault(uid, record.document) != record.document:
            raise InputError(
                "two different documents have this uid",
                where=place(uid),
                hint="give each document its own",
            )
    return ordered


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
