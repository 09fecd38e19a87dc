"""What reading a format of sentences and tokens has to give, less what its certificate lists."""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path

from curation.formats.losses import DROPPED, LEFT_OUT, Loss, LossCertificate
from curation.formats.order import canonical
from curation.formats.registry import Exporter
from curation.model import AnnotationSet, Entity, Event, Record

Place = tuple[str, int, int]


def assert_same_but_listed(
    found: list[Record], records: list[Record], certificate: LossCertificate
) -> None:
    """Equal records, but for spans dropped or moved, arguments and attributes that are listed."""
    by_set: dict[tuple[str, str], list[Loss]] = {}
    for loss in certificate.losses:
        by_set.setdefault((loss.uid, loss.annotator), []).append(loss)
    absent = {key for key, losses in by_set.items() if losses[0].reason in LEFT_OUT}
    expected = [r for r in canonical(records) if _key(r) not in absent]
    assert [_key(r) for r in found] == [_key(r) for r in expected]
    for new, old in zip(found, expected, strict=True):
        assert new.document == old.document
        assert (new.annotations is None) == (old.annotations is None)
        assert new.has_events == (old.has_events if old.annotations else False)
        if new.annotations is not None and old.annotations is not None:
            _same_set(new.annotations, old.annotations, by_set.get(_key(old), []))


def assert_counted_without_texts(exporter: Exporter, records: list[Record]) -> None:
    """From the file alone the same spans come back, at the same places."""
    assert exporter.texts is not None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "out"
        exporter.export(records, path, "expand")
        known = exporter.read(path, {r.document.uid: r.document for r in records})
        blind = exporter.read(path, exporter.texts(path))
    assert [r.annotations for r in blind] == [r.annotations for r in known]


def _key(record: Record) -> tuple[str, str]:
    said = record.annotations
    return record.document.uid, "" if said is None else said.annotator


def _same_set(new: AnnotationSet, old: AnnotationSet, losses: list[Loss]) -> None:
    assert new.kind == old.kind
    gone = {loss.item for loss in losses if loss.reason in DROPPED}
    moved = {loss.item for loss in losses if loss.reason == "moved"}
    entities = [e for e in old.entities if e.id not in gone]
    events = [e for e in old.events if e.id not in gone]
    for item, before in zip(new.items, [*entities, *events], strict=True):
        _same_item(item, before, moved=before.id in moved)
    names = {e.id: before.id for e, before in zip(new.entities, entities, strict=True)}
    for event, was in zip(new.events, events, strict=True):
        listed = [x.reason for x in losses if x.item == was.id]
        assert event.attributes == {}
        assert listed.count("attributes") == bool(was.attributes)
        wanted = Counter((a.role, a.target) for a in was.arguments)
        got = Counter((a.role, names[a.target]) for a in event.arguments)
        assert (wanted - got).total() == listed.count("argument")
        # What is taken for another entity has the tokens of the one that was meant.
        assert {role for role, _ in got - wanted} <= {role for role, _ in wanted - got}


def _same_item(item: Entity | Event, before: Entity | Event, *, moved: bool) -> None:
    if moved:
        assert item.key[2] == before.key[2]
        assert (item.start, item.end) != (before.start, before.end)
        assert item.start < before.end
        assert before.start < item.end
    else:
        assert item.key == before.key
