"""Measuring agreement: of a workspace, or of canonical files without one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from curation.agreement.measure import measure_agreement
from curation.agreement.report import AgreementReport
from curation.errors import InputError, UsageError
from curation.formats.reading import Reading
from curation.model import AnnotationSet, Document, Record
from curation.store import Store
from curation.workflows.team_files import Found, is_conll, read_brat, read_columns

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


def read_files(paths: Sequence[Path], columns: Mapping[str, int] | None = None) -> Compared:
    """Annotations in canonical files, folders of brat, and CoNLL-style files.

    Annotators are named in canonical lines, else by their file or folder; `columns` says whose the
    columns of CoNLL-style files are.
    """
    documents: dict[str, Document] = {}
    sets: dict[tuple[str, str], AnnotationSet] = {}
    for record, where in _records(paths, columns or {}):
        known = documents.setdefault(record.document.uid, record.document)
        if known.text != record.document.text:
            raise InputError(
                f"document {known.uid} has another text than in an earlier file",
                where=where,
                hint="compare annotations of the same text",
            )
        if record.annotations is None:
            continue
        key = (record.annotations.uid, record.annotations.annotator)
        if key in sets:
            raise InputError(
                f"document {key[0]} is annotated twice by {key[1]}",
                where=where,
                hint="give each annotator a name of their own",
            )
        sets[key] = record.annotations
    if not sets:
        raise UsageError("no annotations in these files; a line needs entities and an annotator")
    return Compared(documents, tuple(sets.values()))


def _records(paths: Sequence[Path], columns: Mapping[str, int]) -> Iterator[tuple[Record, str]]:
    """Every record with its file; what cannot be read of other formats is told at once."""
    from curation.formats.registry import exporter

    folders = [path for path in paths if path.is_dir()]
    tagged = [path for path in paths if not path.is_dir() and (columns or is_conll(path))]
    read = exporter("jsonl").read
    for path in paths:
        if path not in folders and path not in tagged:
            yield from ((record, str(path)) for record in read(path, {}))
    if folders:
        yield from _readings(read_brat(folders))
    if tagged:
        yield from _readings(read_columns(tagged, columns))


def _readings(items: Iterable[Found]) -> Iterator[tuple[Record, str]]:
    found = list(items)
    if errors := [str(item) for item in found if isinstance(item, InputError)]:
        raise InputError("; ".join(errors))
    yield from ((i.record, i.where) for i in found if isinstance(i, Reading))


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
