"""`curation import`: annotations that a team has already."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from curation.cli.common import (
    JsonOption,
    WorkspaceOption,
    counts,
    emit,
    open_workspace,
    progress,
    warn,
)

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True, help="Bring in annotations that you have already.")

AnnotatorOption = Annotated[
    str | None, typer.Option("--annotator", help="Whose annotations these are.")
]


@app.command("jsonl")
def jsonl_cli(
    files: Annotated[list[Path], typer.Argument(help="Files of canonical lines.")],
    *,
    annotator: AnnotatorOption = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Import canonical lines, as `curation export jsonl` writes them: documents and annotations.

    A line that cannot be used is told with its place, and the others go in. Exit code 2 where one
    was refused.

    Example: `curation import jsonl anna.jsonl --annotator anna`
    """
    from curation.workflows.importing import import_jsonl
    from curation.workflows.workspace import now

    opened = open_workspace(workspace)
    with progress("importing") as advance:
        result = import_jsonl(
            opened.store,
            files,
            ontology=opened.ontology,
            annotator=_name(annotator),
            at=now(),
            advance=advance,
        )
    for problem in result.problems:
        warn(problem)
    emit(
        result.to_json(),
        [
            f"{result.records} records: {result.new} annotations new, {result.unchanged} "
            f"unchanged, {result.revised} revised, {result.bare} documents without any, "
            f"{result.refused} refused; {result.documents} documents are new"
        ],
        as_json=as_json,
    )
    if result.refused:
        raise typer.Exit(2)


@app.command("label-studio")
def label_studio_cli(
    file: Annotated[Path, typer.Argument(help="A JSON export of a Label Studio project.")],
    *,
    annotator: AnnotatorOption = None,
    text_field: Annotated[
        str, typer.Option(help="The field of a task's data that holds the text.")
    ] = "text",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Import an export of Label Studio, for servers that cannot be reached from here.

    Payloads are kept verbatim and interpreted like those of `curation pull`. Tasks that
    `curation push --to-file` wrote find their documents; the texts of others become documents.

    Example: `curation import label-studio project-3.json --annotator anna`
    """
    from curation.workflows.importing import import_label_studio
    from curation.workflows.workspace import now

    opened = open_workspace(workspace)
    with progress("importing") as advance:
        result = import_label_studio(
            opened.store,
            file,
            settings=opened.settings,
            ontology=opened.ontology,
            annotator=_name(annotator),
            text_field=text_field,
            at=now(),
            advance=advance,
        )
    for problem in result.problems:
        warn(f"quarantined: {problem}")
    emit(
        result.to_json(),
        [
            f"{result.tasks} tasks ({result.foreign} without a document), {result.annotations} "
            f"annotations: {result.new} new, {result.revised} revised, {result.unchanged} "
            f"unchanged, {result.quarantined} quarantined",
            f"repairs: {counts(result.repairs)}",
        ],
        as_json=as_json,
    )


def _name(annotator: str | None) -> str | None:
    from curation.errors import UsageError

    if annotator is not None and not annotator.strip():
        raise UsageError("--annotator is empty; give a name")
    return annotator
