"""Rows from values and values from rows, in one place."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from curation.model import AnnotationSet, Argument, Document, Entity, Event, text_sha256
from curation.store.tables import DocumentRow

__all__ = [
    "annotations_body",
    "document_to_row",
    "row_to_annotations",
    "row_to_document",
    "set_columns",
]


def document_to_row(document: Document, *, offset_map: list[Any], ingested_at: str) -> DocumentRow:
    """The row of a new current revision."""
    return DocumentRow(
        uid=document.uid,
        revision=document.revision,
        current=True,
        language=document.language,
        text=document.text,
        sha256=document.sha256,
        source=document.source,
        published=document.published,
        meta=dict(document.meta),
        offset_map=offset_map,
        ingested_at=ingested_at,
    )


def row_to_document(row: Any) -> Document:
    """The Document of a row, which has the columns as attributes."""
    return Document(
        uid=row.uid,
        language=row.language,
        text=row.text,
        source=row.source,
        published=row.published,
        revision=row.revision,
        meta=row.meta,
    )


def annotations_body(annotations: AnnotationSet) -> str:
    """Entities and events as canonical JSON: equal content, equal text.

    It is what `model_dump_json` writes of them; pydantic calls back for each item, and a pull is
    mostly made of items.
    """
    ordered = annotations.sorted()
    content = {
        "entities": [
            _source(e) | {"id": e.id, "start": e.start, "end": e.end, "label": e.label}
            for e in ordered.entities
        ],
        "events": [_event(event) for event in ordered.events],
    }
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def _event(event: Event) -> dict[str, Any]:
    trigger = event.trigger
    return {
        "id": event.id,
        "type": event.type,
        "trigger": {"start": trigger.start, "end": trigger.end},
        "arguments": [_source(a) | {"role": a.role, "target": a.target} for a in event.arguments],
        **dict(sorted(event.attributes.items())),
        **_source(event),
    }


def _source(item: Entity | Event | Argument) -> dict[str, Any]:
    found = {"score": item.score, "component": item.component, "origin": item.origin}
    return {name: value for name, value in found.items() if value is not None}


def row_to_annotations(
    uid: str, annotator: str, kind: str, body: str, provenance: Mapping[str, Any]
) -> AnnotationSet:
    """The AnnotationSet of a row's columns."""
    return AnnotationSet.model_validate(
        json.loads(body)
        | {"uid": uid, "annotator": annotator, "kind": kind, "provenance": provenance}
    )


def set_columns(annotations: AnnotationSet, body: str) -> dict[str, Any]:
    """What the row of an AnnotationSet with the canonical JSON `body` says of it."""
    return {
        "annotator": annotations.annotator,
        "kind": annotations.kind,
        "sha256": text_sha256(body),
        "body": body,
        "provenance": dict(annotations.provenance),
    }
