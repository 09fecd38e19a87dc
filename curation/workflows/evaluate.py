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
    texts: dict[str, str] = {}
    for path, file in zip(gold, files, strict=True):
        _check_texts(file, texts, path)
    _refuse_twins(gold, files)
    if predictions is not None:
        predicted = [r for r in read(predictions, {}) if r.annotations]
        _check_texts(predicted, texts, predictions)
        found = _one_each(predicted, predictions)
    else:
        found = _predict(records, pipeline, advance)
    return evaluation.evaluate_files(files, found)


def _refuse_twins(paths: Sequence[Path], files: Sequence[Sequence[Record]]) -> None:
    """Gold that stands twice would count twice."""
    seen: set[tuple[str, str]] = set()
    for path, file in zip(paths, files, strict=True):
        for found in (record.annotations for record in file if record.annotations):
            if (found.uid, found.annotator) in seen:
                raise InputError(
                    f"document {found.uid} is annotated twice by {found.annotator}",
                    where=str(path),
                    hint="keep one line for each document and annotator",
                )
            seen.add((found.uid, found.annotator))


def _check_texts(records: Sequence[Record], texts: dict[str, str], path: Path) -> None:
    """Offsets can be compared within one text only; `texts` grows."""
    for document in (r.document for r in records):
        if texts.setdefault(document.uid, document.text) != document.text:
            raise InputError(
                f"document {document.uid} has another text than before",
                where=str(path),
                hint="compare annotations of the same text",
            )


def _one_each(records: Sequence[Record], path: Path) -> dict[str, AnnotationSet]:
    found = {r.document.uid: r.annotations for r in records if r.annotations is not None}
    if len(found) < len(records):
        raise InputError(
            "a document has two predictions", where=str(path), hint="keep one line for each"
        )
    return found


def _predict(
    records: Sequence[Record], pipeline: str | None, advance: Callable[[], None]
) -> dict[str, AnnotationSet]:
    from curation.preannotate.documents import Failure, annotate

    documents: dict[str, Document] = {r.document.uid: r.document for r in records}
    made: dict[str, AnnotationSet] = {}
    for found in annotate(documents.values(), default=pipeline):
        advance()
        if isinstance(found, Failure):
            raise InputError(found.reason, where=found.uid)
        made[found.uid] = found
    return made
