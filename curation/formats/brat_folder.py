"""A folder for brat: NAME.txt and NAME.ann for each record, and what brat needs to show them.

    annotation.conf, visual.conf    the labels, types, roles and attributes that occur, by name
    documents.jsonl                 for each NAME: the uid, the annotator, language and metadata
    NAME.txt                        the text, character by character
    NAME.ann                        the annotations; a text that nobody has seen has none

Offsets count code points. A span over a line break is written in pieces, as brat does. What brat
has no line for (a score, the exact borders of a span with white space at its ends) is in a note
`#1<TAB>Curation T1<TAB>{…}`, so that nothing is lost.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from curation.errors import InputError
from curation.formats.brat import read_ann
from curation.formats.brat_names import escaped, file_name, numbered, pieces
from curation.formats.brat_notes import NOTE, note_of
from curation.formats.files import placed
from curation.formats.jsonl import data_to_record, record_to_data
from curation.formats.losses import LossCertificate, spans_of
from curation.formats.order import streamed
from curation.model import AnnotationSet, Document, Entity, Event, Record

__all__ = ["INDEX", "ann_lines", "read_folder", "write_folder"]

INDEX = "documents.jsonl"
"""The file that says whose annotations of what the other files are."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}")
_SHOWN = re.compile(r"[|,:\x00-\x1f\x7f-\x9f\u2028\u2029]+")


@dataclass
class _Seen:
    """The names that occur, by kind."""

    entities: set[str] = field(default_factory=set)
    events: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    attributes: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def add(self, said: AnnotationSet) -> None:
        self.entities.update(e.label for e in said.entities)
        for event in said.events:
            self.events[event.type].update(a.role for a in event.arguments)
            for name, value in event.attributes.items():
                self.attributes[name].add(value)


def write_folder(records: Iterable[Record], destination: Path) -> LossCertificate:
    """Writes the folder whole or not at all; what was there before is replaced."""
    spans = 0
    seen, taken = _Seen(), {"annotation", "visual", "documents"}
    before = ""
    with placed(destination) as folder:
        folder.mkdir()
        with (folder / INDEX).open("w", encoding="utf-8", newline="\n") as index:
            for record in streamed(records):
                said = record.annotations
                uid, again = record.document.uid, record.document.uid == before
                full = f"{uid}.{said.annotator}" if again and said is not None else uid
                name = file_name(full, taken)
                index.write(_entry(name, record) + "\n")
                _write_pair(folder, name, record)
                spans += spans_of(record)
                before = uid
                if said is not None:
                    seen.add(said)
        _write(folder / "annotation.conf", "".join(_annotation_conf(seen)))
        _write(folder / "visual.conf", "".join(_visual_conf(seen)))
    return LossCertificate("brat", spans, spans)


def _write(path: Path, text: str) -> None:
    path.write_bytes(text.encode())


def _entry(name: str, record: Record) -> str:
    """The line of the index: the canonical line without text and items, and the text's hash."""
    data = record_to_data(record)
    said = {key: data[key] for key in ("id", "language", "meta", "annotator") if key in data}
    rest: dict[str, Any] = {"events": "events" in data, "sha256": record.document.sha256}
    entry = {"file": name} | said | rest
    return json.dumps(entry, ensure_ascii=True, allow_nan=False)


def _write_pair(folder: Path, name: str, record: Record) -> None:
    _write(folder / f"{name}.txt", record.document.text)
    if record.annotations is not None:
        lines = ann_lines(record.annotations, record.document.text)
        _write(folder / f"{name}.ann", "".join(line + "\n" for line in lines))


# Lines


def ann_lines(said: AnnotationSet, text: str) -> Iterator[str]:
    """The lines of an .ann file for a set in canonical order."""
    notes: dict[str, dict[str, Any]] = {}
    attributes: list[tuple[str, str, str]] = []
    for entity in said.entities:
        yield _bound(entity.id, entity.label, entity, text)
        notes[entity.id] = note_of(entity, text)
    for number, event in enumerate(said.events, len(said.entities) + 1):
        yield _bound(f"T{number}", event.type, event, text)
        yield _event(event, f"T{number}")
        notes[event.id] = note_of(event, text)
        attributes += [(name, event.id, value) for name, value in sorted(event.attributes.items())]
    for number, (name, target, value) in enumerate(attributes, 1):
        yield f"A{number}\t{escaped(name)} {target} {escaped(value)}"
    filled = ((target, note) for target, note in notes.items() if note)
    for number, (target, note) in enumerate(filled, 1):
        yield f"#{number}\t{NOTE} {target}\t{json.dumps(note)}"


def _bound(name: str, label: str, item: Entity | Event, text: str) -> str:
    found = pieces(text, item.start, item.end)
    offsets = ";".join(f"{start} {end}" for start, end in found)
    surface = " ".join(text[start:end] for start, end in found)
    return f"{name}\t{escaped(label)} {offsets}\t{surface}"


def _event(event: Event, trigger: str) -> str:
    roles = numbered(escaped(a.role, role=True) for a in event.arguments)
    filled = [f" {role}:{a.target}" for role, a in zip(roles, event.arguments, strict=True)]
    return f"{event.id}\t{escaped(event.type)}:{trigger}{''.join(filled)}"


# Settings of brat


def _annotation_conf(seen: _Seen) -> Iterator[str]:
    yield "[entities]\n"
    yield from (f"{escaped(name)}\n" for name in sorted(seen.entities))
    yield "\n[relations]\n\n[events]\n"
    for name, roles in sorted(seen.events.items()):
        filled = ", ".join(f"{escaped(role, role=True)}*:<ENTITY>" for role in sorted(roles))
        yield f"{escaped(name)}\t{filled}\n" if filled else f"{escaped(name)}\n"
    yield "\n[attributes]\n"
    for name, values in sorted(seen.attributes.items()):
        yield f"{escaped(name)}\tArg:<EVENT>, Value:{'|'.join(map(escaped, sorted(values)))}\n"


def _visual_conf(seen: _Seen) -> Iterator[str]:
    """Names as they are, for those that brat holds in another form."""
    yield "[labels]\n"
    roles = {role for filled in seen.events.values() for role in filled}
    names: set[str] = {*seen.entities, *seen.events, *seen.attributes}
    shown = {escaped(name): name for name in names}
    shown |= {escaped(role, role=True): role for role in roles}
    for name, full in sorted(shown.items()):
        if name != full:
            yield f"{name} | {_SHOWN.sub(' ', full).strip() or name}\n"
    yield "\n[drawing]\n"


# Reading


def read_folder(folder: Path) -> list[Record]:
    """The records in a folder that `write_folder` wrote, by uid and annotator.

    Raises InputError where a file is missing, is not in the index, or holds another text.
    """
    entries = [_parsed(line, f"{folder / INDEX}:{n}") for n, line in _lines(folder / INDEX)]
    records = [_record(folder, entry, where) for where, entry in entries]
    _hold_known(folder, {entry["file"] for _, entry in entries})
    return records


def _lines(path: Path) -> list[tuple[int, str]]:
    lines = _text(path).split("\n")
    return [(number, line) for number, line in enumerate(lines, 1) if line]


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode()
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=str(path)) from error
    except UnicodeDecodeError as error:
        raise InputError(f"not UTF-8 at byte {error.start}", where=str(path)) from error


def _parsed(line: str, where: str) -> tuple[str, dict[str, Any]]:
    try:
        entry = json.loads(line)
        sound = _NAME.fullmatch(entry["file"]) and isinstance(entry["sha256"], str)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise InputError("no line of an index of brat files", where=where) from error
    if not sound:
        raise InputError("its file name is not one that exports give", where=where)
    return where, entry


def _hold_known(folder: Path, names: set[str]) -> None:
    found = {path.stem for path in folder.iterdir() if path.suffix in {".txt", ".ann"}}
    if stray := sorted(found - names):
        raise InputError(f"not in {INDEX}: {stray[0]}", where=str(folder))


def _record(folder: Path, entry: Mapping[str, Any], where: str) -> Record:
    path = folder / f"{entry['file']}.txt"
    known = {key: entry[key] for key in ("id", "language", "meta") if key in entry}
    seen = {"annotator": entry["annotator"], "entities": []} if "annotator" in entry else {}
    frame = data_to_record({**known, **seen, "text": _text(path)}, where=where)
    if frame.document.sha256 != entry["sha256"]:
        raise InputError("is another text than that which was annotated", where=str(path))
    if frame.annotations is None:
        return frame.model_copy(update={"has_events": bool(entry.get("events"))})
    said = _said(path.with_suffix(".ann"), frame.document, frame.annotations)
    return frame.model_copy(
        update={"annotations": said, "has_events": bool(entry.get("events") or said.events)}
    )


def _said(path: Path, document: Document, frame: AnnotationSet) -> AnnotationSet:
    reading = read_ann(_text(path), document, annotator=frame.annotator, where=str(path), ours=True)
    kept = {"kind": frame.kind, "provenance": frame.provenance}
    return reading.annotations.model_copy(update=kept)
