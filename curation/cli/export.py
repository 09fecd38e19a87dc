"""`curation export`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from curation.cli.common import (
    JsonOption,
    WorkspaceOption,
    alignment_policy,
    emit,
    open_workspace,
)
from curation.cli.left_out import left_out

__all__ = ["export_cli"]


def export_cli(
    format_name: Annotated[
        str, typer.Argument(metavar="FORMAT", help="jsonl, spacy, iob2 or parquet.")
    ],
    destination: Annotated[Path, typer.Argument(help="The file, or the folder for parquet.")],
    *,
    workspace: WorkspaceOption = None,
    annotator: Annotated[
        str | None, typer.Option(help="One annotator's work instead of gold.")
    ] = None,
    part: Annotated[str | None, typer.Option(help="One part only.")] = None,
    policy: Annotated[
        str, typer.Option(help="For spans off token borders: strict, expand or drop.")
    ] = "expand",
    as_of: Annotated[
        str | None,
        typer.Option(
            metavar="WHEN", help="Gold of a day, a time (UTC where it names no zone) or a release."
        ),
    ] = None,
    include_disputed: Annotated[
        bool,
        typer.Option(
            "--include-disputed",
            help="Documents with open disputes too, without what is disputed, and marked as such.",
        ),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Write gold, or one annotator's work, in a format, with what it cost beside it.

    Example: `curation export spacy train.spacy --part train`
    """
    from curation.workflows.export import export
    from curation.workflows.workspace import now

    chosen = alignment_policy(policy)
    opened = open_workspace(workspace)
    exported = export(
        opened.store,
        format_name,
        destination,
        now=now(),
        annotator=annotator,
        part=part,
        policy=chosen,
        as_of=as_of,
        include_disputed=include_disputed,
    )
    certificate = exported.certificate
    data = {"path": str(destination.resolve()), **exported.to_json()}
    skipped = left_out(exported.left_out, option="--include-disputed")
    losses = ", ".join(f"{reason} {n}" for reason, n in certificate.by_reason.items())
    emit(
        data,
        [
            f"{format_name}: {exported.documents} documents{skipped}",
            f"{certificate.spans_in} spans in, {certificate.spans_out} out; "
            f"losses and changes: {losses or 'none'}",
            f"file: {destination.resolve()}",
        ],
        as_json=as_json,
    )
