"""Parquet: five typed tables, joined by `uid` and `annotator`; everything is carried.

    documents    uid, language, source, published, revision, sha256, text, meta (JSON)
    annotations  uid, annotator, kind, has_events, n_entities, n_events, provenance (JSON)
    entities     uid, annotator, id, start, end, label, surface, score, component, origin
    events       uid, annotator, id, type, trigger_start, trigger_end, trigger_surface,
                 attributes [{name, value}], score, component, origin
    arguments    uid, annotator, event, role, target, score, component, origin

Offsets are half-open, in code points of `text`. A document without a row in `annotations` was seen
by nobody.
"""

from __future__ import annotations

import io
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from curation.errors import InputError
from curation.formats.files import write_files
from curation.formats.json_items import validated
from curation.formats.jsonl import meta_to_json
from curation.formats.losses import LossCertificate, count_spans
from curation.formats.order import canonical
from curation.formats.tables import TABLES, table_features, table_path
from curation.model import AnnotationSet, Argument, Document, Entity, Event, Record, TextSpan

__all__ = ["SCHEMAS", "read_tables", "records_to_tables", "tables_to_records", "write_tables"]

_TYPES = {
    "string": pa.string(),
    "int32": pa.int32(),
    "float64": pa.float64(),
    "bool": pa.bool_(),
    "pairs": pa.list_(pa.struct([("name", pa.string()), ("value", pa.string())])),
}
SCHEMAS: Mapping[str, pa.Schema] = {
    table: pa.schema([(name, _TYPES[kind]) for name, kind in columns])
    for table, columns in table_features().items()
}
"""The columns of each table."""

Rows = list[dict[str, Any]]


def records_to_tables(records: Iterable[Record]) -> tuple[dict[str, pa.Table], LossCertificate]:
    """The five tables, and a certificate that nothing is lost."""
    ordered = canonical(records)
    rows: dict[str, Rows] = {table: [] for table in TABLES}
    for record in ordered:
        _add(rows, record)
    tables = {name: _table(name, rows[name]) for name in TABLES}
    spans_out = tables["entities"].num_rows + tables["events"].num_rows
    return tables, LossCertificate("parquet", count_spans(ordered), spans_out)


def _table(name: str, rows: Rows) -> pa.Table:
    try:
        return pa.Table.from_pylist(rows, schema=SCHEMAS[name])
    except (pa.ArrowException, ValueError, OverflowError) as error:
        raise InputError(
            f"table {name}: {error}", hint="mend the value and export again"
        ) from error


def _add(rows: Mapping[str, Rows], record: Record) -> None:
    document, annotations = record.document, record.annotations
    if not rows["documents"] or rows["documents"][-1]["uid"] != document.uid:
        rows["documents"].append(_document_row(document))
    if annotations is None:
        return
    text = document.text
    key = {"uid": document.uid, "annotator": annotations.annotator}
    has_events = record.has_events or bool(annotations.events)
    rows["annotations"].append(key | _annotation_row(annotations, has_events=has_events))
    rows["entities"].extend(key | _entity_row(entity, text) for entity in annotations.entities)
    rows["events"].extend(key | _event_row(event, text) for event in annotations.events)
    rows["arguments"].extend(
        key | {"event": event.id, "role": a.role, "target": a.target} | _provenance_row(a)
        for event in annotations.events
        for a in event.arguments
    )


def _document_row(document: Document) -> dict[str, Any]:
    return {
        "uid": document.uid,
        "language": document.language,
        "source": document.source,
        "published": document.published,
        "revision": document.revision,
        "sha256": document.sha256,
        "text": document.text,
        "meta": meta_to_json(document.meta, document.uid),
    }


def _annotation_row(annotations: AnnotationSet, *, has_events: bool) -> dict[str, Any]:
    return {
        "kind": annotations.kind,
        "has_events": has_events,
        "n_entities": len(annotations.entities),
        "n_events": len(annotations.events),
        "provenance": meta_to_json(annotations.provenance, annotations.uid),
    }


def _entity_row(entity: Entity, text: str) -> dict[str, Any]:
    return {
        "id": entity.id,
        "start": entity.start,
        "end": entity.end,
        "label": entity.label,
        "surface": text[entity.start : entity.end],
    } | _provenance_row(entity)


def _event_row(event: Event, text: str) -> dict[str, Any]:
    return {
        "id": event.id,
        "type": event.type,
        "trigger_start": event.start,
        "trigger_end": event.end,
        "trigger_surface": text[event.start : event.end],
        "attributes": [{"name": k, "value": v} for k, v in sorted(event.attributes.items())],
    } | _provenance_row(event)


def _provenance_row(item: Entity | Event | Argument) -> dict[str, Any]:
    return {"score": item.score, "component": item.component, "origin": item.origin}


def write_tables(folder: Path, part: str, records: Iterable[Record]) -> LossCertificate:
    """Writes data/<table>/<part>-00000-of-00001.parquet under `folder` for every table.

    Every file is complete before the first takes its place.
    """
    tables, certificate = records_to_tables(records)
    write_files({folder / table_path(name, part): _bytes(t) for name, t in tables.items()})
    return certificate


def _bytes(table: pa.Table) -> bytes:
    buffer = io.BytesIO()
    # All that the bytes depend on is said here, not left to the library's defaults.
    writer = pq.ParquetWriter(
        buffer,
        table.schema,
        version="2.6",
        data_page_version="1.0",
        compression="zstd",
        compression_level=3,
        write_statistics=True,
    )
    with writer:
        # An empty row group, which an empty table would give, stops `datasets` with an error.
        if table.num_rows:
            writer.write_table(table, row_group_size=10_000)
    return buffer.getvalue()


def read_tables(folder: Path, part: str) -> list[Record]:
    """The records in one part of a folder that `write_tables` wrote.

    Raises InputError where a file is missing, is no parquet, or has other columns.
    """
    tables = {name: _read(folder / table_path(name, part), name) for name in TABLES}
    return tables_to_records(tables, where=str(folder))


def _read(path: Path, name: str) -> pa.Table:
    try:
        table = pq.read_table(io.BytesIO(path.read_bytes()))
        return table.select(SCHEMAS[name].names).cast(SCHEMAS[name])
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=str(path)) from error
    except (pa.ArrowException, KeyError, ValueError) as error:
        raise InputError(f"not the table {name!r}: {error}", where=str(path)) from error


def tables_to_records(tables: Mapping[str, pa.Table], *, where: str = "tables") -> list[Record]:
    """The records in the five tables, by uid and annotator."""
    rows = {name: tables[name].to_pylist() for name in TABLES}
    items = {name: _by_set(rows[name]) for name in ("entities", "events", "arguments")}
    annotations: dict[str, Rows] = defaultdict(list)
    for row in rows["annotations"]:
        annotations[row["uid"]].append(row)
    records: list[Record] = []
    for row in rows["documents"]:
        document = _document(row, where)
        seen = annotations.get(document.uid, [])
        records += [_record(document, one, items, where) for one in seen] or [
            Record(document=document, has_events=False)
        ]
    return records


def _by_set(rows: Rows) -> dict[tuple[str, str], Rows]:
    grouped: dict[tuple[str, str], Rows] = defaultdict(list)
    for row in rows:
        grouped[row.pop("uid"), row.pop("annotator")].append(row)
    return grouped


def _document(row: Mapping[str, Any], where: str) -> Document:
    fields = {k: v for k, v in row.items() if k != "sha256"} | {"meta": _json(row["meta"], where)}
    document = validated(Document, fields, where)
    if document.sha256 != row["sha256"]:
        raise InputError(f"{document.uid}: the text does not match its sha256", where=where)
    return document


def _json(text: str, where: str) -> Any:
    try:
        return json.loads(text)
    except (TypeError, ValueError, RecursionError) as error:
        raise InputError(f"not valid JSON: {error}", where=where) from error


def _record(
    document: Document, row: Mapping[str, Any], items: Mapping[str, Any], where: str
) -> Record:
    key = (document.uid, row["annotator"])
    arguments: dict[str, list[Argument]] = defaultdict(list)
    for argument in items["arguments"].get(key, []):
        event = argument.pop("event")
        arguments[event].append(validated(Argument, argument, where))
    fields = {
        "uid": document.uid,
        "annotator": row["annotator"],
        "kind": row["kind"],
        "entities": tuple(_entity(e, where) for e in items["entities"].get(key, [])),
        "events": tuple(_event(e, arguments, where) for e in items["events"].get(key, [])),
        "provenance": _json(row["provenance"], where),
    }
    annotations = validated(AnnotationSet, fields, where, of=f"document {document.uid!r}")
    return Record(document=document, annotations=annotations, has_events=row["has_events"])


def _entity(row: dict[str, Any], where: str) -> Entity:
    return validated(Entity, {k: v for k, v in row.items() if k != "surface"}, where)


def _event(
    row: Mapping[str, Any], arguments: Mapping[str, Sequence[Argument]], where: str
) -> Event:
    fields = {k: row[k] for k in ("id", "type", "score", "component", "origin")}
    trigger = {"start": row["trigger_start"], "end": row["trigger_end"]}
    fields["trigger"] = validated(TextSpan, trigger, where, of=f"event {row['id']}")
    fields["arguments"] = tuple(arguments.get(row["id"], ()))
    fields["attributes"] = {a["name"]: a["value"] for a in row["attributes"]}
    return validated(Event, fields, where)
