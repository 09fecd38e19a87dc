"""Rows from values and values from rows, in one place."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from curation.model import AnnotationSet, Document, text_sha256
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
    """Entities and events as canonical JSON: equal content, equal text."""
    return json.dumps(
        annotations.sorted().model_dump(mode="json", include={"entities", "events"}),
        ensure_ascii=False,
        separators=(",", ":"),
    )


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
