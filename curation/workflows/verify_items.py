"""Do two readings of the same annotations say the same: formats of a release against each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from curation.formats.losses import DROPPED
from curation.formats.order import canonical, place
from curation.messages import few
from curation.model import Entity, Event, Record

__all__ = ["other_items", "unlike"]

_Item = tuple[str, str, str, int, int]
"""Document, annotator, label or type, start, end."""


def unlike(records: Iterable[Record], others: Iterable[Record]) -> Iterator[str]:
    """One line with the Documents of which two complete formats say different things."""
    mine, theirs = ({_whose(r): r for r in canonical(rs)} for rs in (records, others))
    keys = mine.keys() | theirs.keys()
    yield from _told(uid for uid, who in keys if mine.get((uid, who)) != theirs.get((uid, who)))


def other_items(
    found: Iterable[Record], records: Iterable[Record], losses: Iterable[Mapping[str, Any]]
) -> Iterator[str]:
    """One line with the Documents of which a format has other labels or places than `records`.

    It may lack what its certificate lists as dropped, and have elsewhere what that lists as moved.
    """
    listed = {(x["uid"], x["annotator"], x["item"]): x["reason"] for x in losses if _counts(x)}
    kept: Counter[_Item] = Counter()
    moved: Counter[tuple[str, ...]] = Counter()
    for name, item in _named(records):
        reason = listed.get(name)
        if reason == "moved":
            moved[item[:3]] += 1
        elif reason is None:
            kept[item] += 1
    there = Counter(item for _, item in _named(found))
    rest: Counter[tuple[str, ...]] = Counter()
    for item, n in (there - kept).items():
        rest[item[:3]] += n
    wrong = {item[0] for item in kept - there} | {item[0] for item in rest - moved}
    yield from _told(wrong | {item[0] for item in moved - rest})


def _counts(loss: Mapping[str, Any]) -> bool:
    """Whether a span is gone or elsewhere by it; an event can have other losses besides."""
    return loss["reason"] in DROPPED or loss["reason"] == "moved"


def _whose(record: Record) -> tuple[str, str]:
    said = record.annotations
    return record.document.uid, "" if said is None else said.annotator


def _named(records: Iterable[Record]) -> Iterator[tuple[tuple[str, str, str], _Item]]:
    for record in canonical(records):
        uid, who = _whose(record)
        for item in () if record.annotations is None else record.annotations.items:
            yield (uid, who, item.id), (uid, who, _label(item), item.start, item.end)


def _label(item: Entity | Event) -> str:
    return item.label if isinstance(item, Entity) else item.type


def _told(uids: Iterable[str]) -> Iterator[str]:
    if names := sorted(set(uids)):
        yield f"other than the first format on {few(map(place, names), between=', ')}"
