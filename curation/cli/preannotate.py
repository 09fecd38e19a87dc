"""`curation preannotate`."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from itertools import chain, islice
from typing import TYPE_CHECKING, Annotated

import typer

from curation.cli.common import (
    JsonOption,
    WorkspaceOption,
    counts,
    emit,
    open_workspace,
    progress,
    stdin_bytes,
    warn,
)
from curation.messages import counted

if TYPE_CHECKING:
    from curation.model import AnnotationSet, Document
    from curation.preannotate.documents import Failure
    from curation.workflows.preannotate import Preannotated

__all__ = ["preannotate_cli"]


def preannotate_cli(
    *,
    workspace: WorkspaceOption = None,
    again: Annotated[
        bool, typer.Option("--again", help="Also documents that have proposals already.")
    ] = False,
    stdin: Annotated[
        bool,
        typer.Option(
            "--stdin", help="Canonical lines in, canonical lines out; needs no workspace."
        ),
    ] = False,
    pipeline: Annotated[
        str | None,
        typer.Option(
            help="accurate, fast, or an installed spaCy pipeline, for every language; else what "
            "curation.toml names, else accurate.",
            show_default=False,
        ),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=64,
            help="Processes that work at it; else, for `fast` and many documents, one a core.",
            show_default=False,
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Propose entities and events with spaCy pipelines, offline.

    Runs again where it was stopped. A document on which a pipeline fails is named and skipped, and
    the exit code is 1.

    Example: `curation preannotate --stdin < documents.jsonl > proposals.jsonl`
    """
    if stdin:
        _stream(pipeline, workers)
        return
    from curation.workflows.preannotate import preannotate
    from curation.workflows.workspace import now

    opened = open_workspace(workspace)
    with opened.store.transaction() as repo:
        total = len(repo.uids()) - (0 if again else len(repo.annotated("model")))
    with progress("pre-annotating", total) as advance:
        result = preannotate(
            opened.store,
            pipelines={} if pipeline else opened.settings.pipelines,
            default=pipeline,
            ontology=opened.ontology,
            at=now(),
            again=again,
            workers=workers,
            advance=advance,
        )
    for uid, reason in result.failures:
        warn(f"{uid}: {reason}")
    emit(result.to_json(), _lines(result), as_json=as_json)
    if result.interrupted:
        warn(f"interrupted, {result.documents} done; run the same command again to go on")
        raise typer.Exit(130)
    if result.failures:
        raise typer.Exit(1)


def _lines(result: Preannotated) -> Iterator[str]:
    yield (
        f"{counted(result.documents, 'document')} pre-annotated "
        f"({result.already} had proposals already, {len(result.failures)} failed):"
    )
    yield (
        f"{counted(result.entities, 'entity')}, {counted(result.events, 'event')}, "
        f"{counted(result.arguments, 'argument')}"
    )
    if result.already:
        yield f"proposals that were there: {counts(result.already_by)}; --again makes them anew"
    if result.left_out:
        yield (
            f"left out, the ontology does not have them: {counts(result.left_out)} (name them with "
            "labels in [pipelines], or in the ontology)"
        )


def _stream(pipeline: str | None, workers: int | None) -> None:
    """Lines as they come, a batch at a time; bad lines are said and the rest goes on."""
    from curation.errors import InputError
    from curation.formats.jsonl import read_jsonl
    from curation.preannotate.documents import annotate
    from curation.preannotate.parallel import Workers
    from curation.workflows.preannotate import WORTH_A_WORKER, worker_count

    problems: list[str] = []
    waiting: dict[int, Document] = {}
    lines = stdin_bytes()

    def documents() -> Iterator[Document]:
        for number, record in read_jsonl(lines, where="stdin"):
            if isinstance(record, InputError):
                problems.append(str(record))
                continue
            waiting[number] = record.document
            yield record.document

    given = documents()
    count = workers or 1
    if workers is None and pipeline == "fast":
        first = list(islice(given, WORTH_A_WORKER * (os.cpu_count() or 1)))
        given, count = chain(first, given), worker_count(len(first), {pipeline})
    with Workers(count) if count > 1 else nullcontext() as pool:
        found_all = (pool.annotate if pool else annotate)(given, default=pipeline)
        _write(found_all, waiting, problems)
    for problem in problems:
        warn(problem)
    if problems:
        raise typer.Exit(2)


def _write(
    found_all: Iterator[AnnotationSet | Failure],
    waiting: dict[int, Document],
    problems: list[str],
) -> None:
    from curation.formats.jsonl import record_to_line
    from curation.model import Record
    from curation.preannotate.documents import Failure

    for found in found_all:
        number = next(iter(waiting))
        document = waiting.pop(number)
        if isinstance(found, Failure):
            problems.append(f"stdin:{number}: {document.uid}: {found.reason}")
            continue
        sys.stdout.write(record_to_line(Record(document=document, annotations=found)) + "\n")
    sys.stdout.flush()
