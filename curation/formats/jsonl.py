"""The canonical format: JSON Lines, one line per Document and AnnotationSet.

    {"id": …, "language": …, "text": …, "meta": {…}, "annotator": …, "entities": […], "events": […]}

A line without "annotator", "entities" and "events" is a document that nobody has seen; empty lists
are a document that was seen and left empty. `source`, `published` and a `revision` above 1 stand
in "meta"; so does "annotation", {"kind": …, "provenance": {…}}, for a set that is not simply a
person's.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NoReturn, TypeAlias, cast, get_args

from curation.errors import InputError
from curation.formats.at_once import Line, parsed
from curation.formats.files import write_lines
from curation.formats.json_items import (
    entity_to_json,
    event_to_json,
    json_to_entity,
    json_to_event,
    list_of,
    validated,
)
from curation.formats.line_text import dumps, entities_text, events_text, quoted, text_bytes
from curation.formats.order import place, streamed
from curation.messages import few
from curation.metadata import meta_problem
from curation.model import AnnotationSet, AnnotatorKind, Document, Entity, Event, Record

__all__ = [
    "data_to_record",
    "line_to_record",
    "meta_of",
    "meta_to_json",
    "read_jsonl",
    "read_records",
    "record_to_bytes",
    "record_to_data",
    "record_to_line",
    "write_jsonl",
]

_KEYS = frozenset({"id", "language", "text", "meta", "annotator", "entities", "events"})
_DATE = re.compile(r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?")
_KINDS = frozenset(get_args(AnnotatorKind))
# A value of another kind (a free-form date, say) is the user's own and stays in "meta".
_LIFTED: Mapping[str, Callable[[Any], bool]] = {
    "source": lambda value: isinstance(value, str),
    "published": lambda value: isinstance(value, str) and bool(_DATE.fullmatch(value)),
    "revision": lambda value: type(value) is int and value >= 1,
}
_PLAIN = frozenset({str, int, float, bool, type(None)})
Items: TypeAlias = tuple[tuple[Entity, ...], tuple[Event, ...]]
_HINT = 'a line needs "id", "language" and "text"'


def record_to_line(record: Record) -> str:
    """The canonical line of `record`, without a newline; items in the order they come in.

    Raises InputError where the record cannot be said in JSON without loss.
    """
    return record_to_bytes(record).decode()


def record_to_bytes(record: Record) -> bytes:
    """`record_to_line` in UTF-8: as JSON what `record_to_data` gives as an object."""
    document = record.document
    try:
        head = f'{{"id": {quoted(document.uid)}, "language": {quoted(document.language)}, "text": '
        tail = f', "meta": {dumps(meta_of(record))}{_items_text(record)}}}'
        return b"%b%b%b" % (head.encode(), text_bytes(document.text), tail.encode())
    except (TypeError, ValueError, RecursionError) as error:
        raise InputError(
            f"cannot be written as JSON: {error}", where=place(document.uid)
        ) from error


def _items_text(record: Record) -> str:
    said = record.annotations
    if said is None:
        return ""
    items = f', "annotator": {quoted(said.annotator)}, "entities": {entities_text(said.entities)}'
    if record.has_events or said.events:
        return f'{items}, "events": {events_text(said.events)}'
    return items


def record_to_data(record: Record) -> dict[str, Any]:
    """The canonical line of `record` as an object, keys in canonical order."""
    document, annotations = record.document, record.annotations
    data: dict[str, Any] = {
        "id": document.uid,
        "language": document.language,
        "text": document.text,
        "meta": meta_of(record),
    }
    if annotations is not None:
        data["annotator"] = annotations.annotator
        data["entities"] = [entity_to_json(e) for e in annotations.entities]
        if record.has_events or annotations.events:
            data["events"] = [event_to_json(e) for e in annotations.events]
    return data


def meta_of(record: Record) -> dict[str, Any]:
    """The "meta" of the canonical line, keys sorted at every depth."""
    document, annotations = record.document, record.annotations
    added: dict[str, Any] = {}
    if document.source is not None:
        added["source"] = document.source
    if document.published is not None:
        added["published"] = document.published
    if document.revision > 1:
        added["revision"] = document.revision
    if annotations is not None:
        added |= _annotation_meta(annotations)
    for key in added.keys() & document.meta.keys():
        if document.meta[key] != added[key]:
            raise InputError(
                f"meta key {key!r} says something else than the record itself",
                where=place(document.uid),
                hint="rename the key in the document's metadata",
            )
    return cast("dict[str, Any]", _sorted_keys({**document.meta, **added}, place(document.uid)))


def meta_to_json(meta: Mapping[str, Any], uid: str) -> str:
    """`meta` as JSON, keys sorted at every depth; InputError, naming `uid`, where that fails."""
    try:
        return json.dumps(_sorted_keys(meta, place(uid)), ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise InputError(f"metadata is not JSON: {error}", where=place(uid)) from error


def _annotation_meta(annotations: AnnotationSet) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if annotations.kind != "person":
        found["kind"] = annotations.kind
    if annotations.provenance:
        found["provenance"] = dict(annotations.provenance)
    return {"annotation": found} if found else {}


def _sorted_keys(value: Any, where: str) -> Any:
    if type(value) in _PLAIN:
        return value
    if isinstance(value, Mapping):
        if not all(isinstance(key, str) for key in value):
            raise InputError("metadata has a key that is not a string", where=where)
        return {key: _sorted_keys(value[key], where) for key in sorted(value)}
    if isinstance(value, list | tuple):
        return [_sorted_keys(item, where) for item in value]
    return value


def line_to_record(line: str, *, where: str, annotator: str | None = None) -> Record:
    """The record in one canonical line; `where` is its place for messages ("file:line").

    Keys that the format does not know are kept under "meta". `annotator` is who made the
    annotations where the line does not say.
    Raises InputError with everything that is wrong with the line.
    """
    try:
        found = parsed(line)
        record = None if found is None else _record(*_fields(found), annotator, where)
    except InputError:
        record = None
    return record or data_to_record(_parse(line, where), where=where, annotator=annotator)


def _fields(line: Line) -> tuple[dict[str, Any], Items]:
    """What stands in the line, and the items in it."""
    data = {**(line.model_extra or {}), "entities": line.entities, "events": line.events}
    return data, (line.entities or (), line.events or ())


def data_to_record(data: Mapping[str, Any], *, where: str, annotator: str | None = None) -> Record:
    """`line_to_record` of a line that is parsed already."""
    return _record(data, None, annotator, where)


def _record(
    data: Mapping[str, Any], items: Items | None, annotator: str | None, where: str
) -> Record:
    """`items`: those in `data`, where they are validated already."""
    document, annotation = _document(data, where)
    annotations = _annotations(data, items, document, annotation, annotator, where)
    if annotations is not None and (found := few(annotations.problems(document.text))):
        raise InputError(found, where=where, hint=f"document {document.uid!r}")
    has_events = data.get("events") is not None
    return Record(document=document, annotations=annotations, has_events=has_events)


def _parse(line: str, where: str) -> dict[str, Any]:
    try:
        data = json.loads(line, parse_constant=_no_constant, object_pairs_hook=_unique_keys)
        if "\\u" in line:  # only an escape can bring half a character in
            json.dumps(data, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise InputError(
            "an escape \\uD800-\\uDFFF is half a character", where=where, hint="write it in UTF-8"
        ) from error
    except json.JSONDecodeError as error:
        # The line's end is no place to look at, and what is after it is another line to the parser.
        column = min(error.pos, len(line.rstrip())) + 1
        raise InputError(
            f"not valid JSON: {error.msg} at column {column}",
            where=where,
            hint="one JSON object per line",
        ) from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"not usable JSON: {error}", where=where) from error
    if not isinstance(data, dict):
        raise InputError("not a JSON object", where=where, hint=_HINT)
    return data


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number in JSON")


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    data = dict(pairs)
    if len(data) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"key {twice!r} stands twice in one object")
    return data


def _document(data: Mapping[str, Any], where: str) -> tuple[Document, Mapping[str, Any]]:
    meta = _merged_meta(data, where)
    annotation = _annotation_of(meta.pop("annotation", {}), where)
    if missing := [key for key in ("id", "language", "text") if key not in data]:
        names = ", ".join(f'"{key}"' for key in missing)
        raise InputError(f"has no {names}", where=where, hint=_HINT)
    fields = {"uid": data["id"], "language": data["language"], "text": data["text"]}
    lifted = {key: meta.pop(key) for key, fits in _LIFTED.items() if fits(meta.get(key))}
    return validated(Document, {**fields, **lifted, "meta": meta}, where), annotation


def _merged_meta(data: Mapping[str, Any], where: str) -> dict[str, Any]:
    given = data.get("meta")
    if given is not None and not isinstance(given, dict):
        raise InputError('"meta" is not an object', where=where)
    meta: dict[str, Any] = dict(given or {})
    for key in data.keys() - _KEYS:
        if key in meta and meta[key] != data[key]:
            raise InputError(f'{key!r} stands both in the line and in its "meta"', where=where)
        meta[key] = data[key]
    if problem := meta_problem(meta):
        raise InputError(f"{problem} in the metadata", where=where)
    return dict(sorted(meta.items()))


def _annotation_of(value: Any, where: str) -> Mapping[str, Any]:
    sound = (
        isinstance(value, dict)
        and value.keys() <= {"kind", "provenance"}
        and value.get("kind", "person") in _KINDS
        and isinstance(value.get("provenance", {}), dict)
    )
    if not sound:
        raise InputError(
            'meta "annotation" must be {"kind": …, "provenance": {…}}',
            where=where,
            hint=f"kinds: {', '.join(sorted(_KINDS))}; rename a key of your own",
        )
    return cast("Mapping[str, Any]", value)


def _annotations(
    data: Mapping[str, Any],
    items: Items | None,
    document: Document,
    annotation: Mapping[str, Any],
    default: str | None,
    where: str,
) -> AnnotationSet | None:
    said = data.get("annotator")
    if data.get("entities") is None and data.get("events") is None:
        if said is None and not annotation:
            return None
        raise InputError(
            'names an annotator but has neither "entities" nor "events"',
            where=where,
            hint="write empty lists for a document that was seen and left empty",
        )
    annotator = default if said is None else said
    if annotator is None:
        raise InputError(
            'has annotations but no "annotator"', where=where, hint="say who made them"
        )
    entities, events = _items(data, document.text, where) if items is None else items
    fields = {
        "uid": document.uid,
        "annotator": annotator,
        "kind": cast("AnnotatorKind", annotation.get("kind", "person")),
        "entities": entities,
        "events": events,
        "provenance": annotation.get("provenance", {}),
    }
    return validated(AnnotationSet, fields, where)


def _items(data: Mapping[str, Any], text: str, where: str) -> Items:
    entities = [json_to_entity(e, text=text, where=where) for e in list_of(data, "entities", where)]
    events = [json_to_event(e, text=text, where=where) for e in list_of(data, "events", where)]
    return tuple(entities), tuple(events)


def read_jsonl(
    lines: Iterable[str | bytes], where: str, *, annotator: str | None = None
) -> Iterator[tuple[int, Record | InputError]]:
    """Each line's number, from 1, with its record or what is wrong with it; blank lines are none.

    `where` is the name of the file for messages. Lines are read one at a time, so that a file may
    be larger than memory and one bad line does not hide the next.
    """
    for number, line in enumerate(lines, 1):
        place = f"{where}:{number}"
        try:
            text = _decoded(line, place)
            text = text.removeprefix("\ufeff") if number == 1 else text
            if text.strip():
                yield number, line_to_record(text, where=place, annotator=annotator)
        except InputError as error:
            yield number, error


def _decoded(line: str | bytes, where: str) -> str:
    if isinstance(line, str):
        return line
    try:
        return line.decode()
    except UnicodeDecodeError as error:
        raise InputError(
            f"not UTF-8 at byte {error.start} of the line", where=where, hint="save it as UTF-8"
        ) from error


def read_records(
    path: Path, *, annotator: str | None = None
) -> Iterator[tuple[int, Record | InputError]]:
    """`read_jsonl` over the file `path`; raises InputError if it cannot be opened."""
    try:
        with path.open("rb") as stream:
            yield from read_jsonl(stream, str(path), annotator=annotator)
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=str(path)) from error


def write_jsonl(records: Iterable[Record], path: Path) -> int:
    """Writes the records in canonical order, whole or not at all; returns how many lines."""
    return write_lines(path, map(record_to_bytes, streamed(records)))
