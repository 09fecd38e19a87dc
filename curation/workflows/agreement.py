"""Measuring agreement: of a workspace, or of canonical files without one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from curation.agreement.measure import measure_agreement
from curation.agreement.report import AgreementReport
from curation.errors import InputError, UsageError
from curation.model import AnnotationSet, Document
from curation.store import Store

__all__ = ["PEOPLE", "Compared", "measure", "read_files", "read_store"]

PEOPLE = ("person", "sample")
"""The kinds of sets that are compared: people's work, the sample annotators' included."""


@dataclass(frozen=True)
class Compared:
    """What agreement is measured over."""

    documents: dict[str, Document]
    sets: tuple[AnnotationSet, ...]


def read_store(store: Store) -> Compared:
    """People's annotations in a workspace."""
    with store.transaction() as repo:
        sets = tuple(repo.annotation_sets(*PEOPLE))
        documents = {d.uid: d for d in repo.documents({s.uid for s in sets})}
    return Compared(documents, sets)


def read_files(paths: Sequence[Path]) -> Compared:
    """Annotations in canonical files; annotators are named in the lines, else by their file."""
    from curation.formats.registry import exporter

    read = exporter("jsonl").read
    documents: dict[str, Document] = {}
    sets: dict[tuple[str, str], AnnotationSet] = {}
    for path in paths:
        for record in read(path, {}):
            known = documents.setdefault(record.document.uid, record.document)
            if known.text != record.document.text:
                raise InputError(
                    f"document {known.uid} has another text than in an earlier file",
                    where=str(path),
                    hint="compare annotations of the same text",
                )
            if record.annotations is None:
                continue
            key = (record.annotations.uid, record.annotations.annotator)
            if key in sets:
                raise InputError(
                    f"document {key[0]} is annotated twice by {key[1]}",
                    where=str(path),
                    hint="give each annotator a name of their own",
                )
            sets[key] = record.annotations
    if not sets:
        raise UsageError("no annotations in these files; a line needs entities and an annotator")
    return Compared(documents, tuple(sets.values()))


def measure(
    compared: Compared,
    *,
    measures: Sequence[str] | None = None,
    seed: int = 0,
    resamples: int = 2000,
    slices: Iterable[str] = ("language", "label"),
) -> AgreementReport:
    """The agreement report over `compared`."""
    return measure_agreement(
        compared.sets,
        languages={uid: d.language for uid, d in compared.documents.items()},
        text_lengths={uid: len(d.text) for uid, d in compared.documents.items()},
        measures=measures,
        seed=seed,
        resamples=resamples,
        slices=tuple(slices),
    )
