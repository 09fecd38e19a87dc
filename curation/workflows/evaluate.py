"""Pre-annotation against gold files, without a workspace."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from curation import evaluation
from curation.errors import InputError, UsageError
from curation.formats.registry import exporter
from curation.model import AnnotationSet, Document, Record

__all__ = ["evaluate_files"]


def evaluate_files(
    gold: Sequence[Path],
    *,
    predictions: Path | None = None,
    pipeline: str | None = None,
    advance: Callable[[], None] = lambda: None,
) -> dict[str, Any]:
    """Scores of a pipeline, or of a file of predictions, over the gold files."""
    read = exporter("jsonl").read
    files = [read(path, {}) for path in gold]
    records = [record for file in files for record in file]
    if not records:
        raise UsageError("no gold records in these files")
    if predictions is not None:
        found = {r.document.uid: r.annotations for r in read(predictions, {}) if r.annotations}
    else:
        found = _predict(records, pipeline, advance)
    return evaluation.evaluate_files(files, found)


def _predict(
    records: Sequence[Record], pipeline: str | None, advance: Callable[[], None]
) -> dict[str, AnnotationSet]:
    from curation.preannotate.documents import Failure, annotate

    documents: dict[str, Document] = {r.document.uid: r.document for r in records}
    chosen = {d.language: pipeline for d in documents.values()} if pipeline else None
    made: dict[str, AnnotationSet] = {}
    for found in annotate(documents.values(), pipelines=chosen):
        advance()
        if isinstance(found, Failure):
            raise InputError(found.reason, where=found.uid)
        made[found.uid] = found
    return made
