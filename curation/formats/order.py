"""The one order of every export: by document, then annotator, items in text order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import pairwise
from operator import ge, itemgetter
from typing import Any

from curation.errors import InputError
from curation.model import AnnotationSet, Document, Record

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
        record.document.text.encode()
        "".join(_names(record)).encode()
    except UnicodeEncodeError as error:
        raise InputError(
            "holds half of a surrogate pair, which is no character", where=place(document.uid)
        ) from error
    if annotations is None or _is_canonical(annotations, document):
        return record
    found = list(annotations.problems(document.text))
    if annotations.uid != document.uid:
        found.append(f"annotations are about another document, {annotations.uid!r}")
    if found:
        raise InputError("; ".join(found), where=f"{place(document.uid)}, {annotations.annotator}")
    return record.model_copy(update={"annotations": annotations.sorted()})


def _is_canonical(said: AnnotationSet, document: Document) -> bool:
    """Whether a set is sound and in order as it stands, as sets from the store are.

    With ids T1…, E1… in order none stands twice, and order by place and label is enough.
    """
    # By `vars`: an attribute of a pydantic model costs several times as much.
    entities = [*map(_ENTITY, map(vars, said.entities))]
    events = [*map(_EVENT, map(vars, said.events))]
    triggers = [(n, t["start"], t["end"], kind) for n, kind, t in _with_triggers(events)]
    names = _ids("T", len(entities))
    fillers = [[*map(_ARGUMENT, map(vars, event[3]))] for event in events]
    return (
        said.uid == document.uid
        and _ordered(entities, names, document.text)
        and _ordered(triggers, _ids("E", len(events)), document.text)
        and all(map(_sorted_fillers, fillers))
        and {target for found in fillers for _, target in found}.issubset(names)
    )


_ENTITY = itemgetter("id", "start", "end", "label")
_EVENT = itemgetter("id", "type", "trigger", "arguments")
_ARGUMENT = itemgetter("role", "target")
Row = tuple[str, int, int, str]


def _with_triggers(events: Iterable[Any]) -> Iterator[tuple[str, str, dict[str, int]]]:
    for name, kind, trigger, _ in events:
        yield name, kind, vars(trigger)


def _ordered(rows: list[Row], names: list[str], text: str) -> bool:
    """Whether rows of (id, start, end, label) are in text order, within it, and of words."""
    if not rows:
        return True
    ids, starts, ends, _ = zip(*rows, strict=True)
    if [*ids] != names or max(ends) > len(text):
        return False
    if any(map(ge, starts, starts[1:])):
        places = [(start, -end, label) for _, start, end, label in rows]
        if places != sorted(places):
            return False
    words = [text[start:end] for start, end in zip(starts, ends, strict=True)]
    return not any(map(str.isspace, words))


def _sorted_fillers(found: list[tuple[str, str]]) -> bool:
    """By role, then target: T9 comes before T10."""
    if len(found) < 2:
        return True
    keys = [(role, len(target), target) for role, target in found]
    return keys == sorted(keys)


@lru_cache(maxsize=1024)
def _ids(letter: str, count: int) -> list[str]:
    return [f"{letter}{number}" for number in range(1, count + 1)]


def _names(record: Record) -> Iterable[str]:
    said, uid = record.annotations, record.document.uid
    if said is None:
        return (uid,)
    labels = {vars(e)["label"] for e in said.entities}
    return (uid, said.annotator, *labels, *[vars(e)["type"] for e in said.events])
