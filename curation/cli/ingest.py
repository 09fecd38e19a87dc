"""`curation ingest`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from curation.cli.common import (
    JsonOption,
    WorkspaceOption,
    emit,
    open_workspace,
    stdin_bytes,
    warn,
)
from curation.messages import counted

__all__ = ["ingest_cli"]


def _path(given: str) -> Path:
    """A path as it is named; an empty name would mean the current folder, which nobody meant."""
    if not given:
        raise typer.BadParameter("a path is empty; name a folder or file, or . for this folder")
    return Path(given)


def ingest_cli(
    paths: Annotated[
        list[Path] | None,
        # What cannot be read is said with the other problems, and the rest goes in.
        typer.Argument(
            help="Folders, .txt, .jsonl, .csv, .tsv; - reads stdin.",
            show_default=False,
            parser=_path,
        ),
    ] = None,
    *,
    workspace: WorkspaceOption = None,
    text_column: Annotated[str, typer.Option(help="Column or key with the text.")] = "text",
    id_column: Annotated[
        str | None, typer.Option(help="Column or key with the id.", show_default="id, uid")
    ] = None,
    date_column: Annotated[
        str | None, typer.Option(help="Column or key with the publication date.")
    ] = None,
    stdin_format: Annotated[
        str, typer.Option(help="Format of stdin: auto, text, jsonl, csv or tsv.")
    ] = "auto",
    source: Annotated[
        str | None, typer.Option(help="The source of documents that name none, for the card.")
    ] = None,
    license_name: Annotated[
        str | None, typer.Option("--license", help="The licence of documents that name none.")
    ] = None,
    limit_mb: Annotated[
        float, typer.Option(min=0.001, max=1000, help="The largest document that is let in, in MB.")
    ] = 5.0,
    keep_good: Annotated[
        bool, typer.Option("--keep-good", help="Take the good records of a file with bad ones.")
    ] = False,
    cut_boilerplate: Annotated[
        bool,
        typer.Option(
            "--cut-boilerplate",
            help="Cut footers and repeated paragraphs instead of flagging them.",
        ),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be done.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Read documents into the workspace.

    The same input again changes nothing; a changed text is a new revision. A file with a bad
    record is left out whole (see --keep-good), and every bad record is said; the other files go
    in. Exit code 2 where anything was refused.

    Example: `curation ingest corpus/ more.jsonl`
    """
    from typing import get_args

    from curation.errors import UsageError
    from curation.ingest.readers import ReadOptions
    from curation.ingest.records import StdinFormat
    from curation.workflows.ingest import ingest
    from curation.workflows.workspace import now

    stdin = stdin_bytes() if not paths or Path("-") in paths else None
    chosen = next((f for f in get_args(StdinFormat) if f == stdin_format), None)
    if chosen is None:
        raise UsageError(
            f"--stdin-format {stdin_format!r}: one of {', '.join(get_args(StdinFormat))}"
        )
    opened = open_workspace(workspace)
    options = ReadOptions(
        text_column=text_column,
        id_column=id_column,
        date_column=date_column,
        limit_bytes=int(limit_mb * 1_000_000),
        keep_good=keep_good,
        languages=opened.settings.languages,
        stdin_format=chosen,
    )
    result = ingest(
        opened.store,
        paths or [],
        languages=opened.settings.languages,
        at=now(),
        stdin=stdin,
        options=options,
        cut_boilerplate=cut_boilerplate,
        dry_run=dry_run,
        source=source,
        license_name=license_name,
    )
    for line in (*result.notes, *result.problems):
        warn(line)
    emit(
        result.to_json(),
        [
            f"{'would read' if dry_run else 'read'} {counted(result.records, 'record')}: "
            f"{result.new} new, {result.unchanged} unchanged, {result.revised} revised, "
            f"{result.duplicates} duplicates,",
            f"{result.refused} refused; {counted(result.skipped, 'file')} skipped; "
            f"{result.flagged} with text flagged as boilerplate",
            f"the workspace has {counted(result.documents, 'document')}, "
            f"{result.near_duplicates} of them near-duplicates",
        ],
        as_json=as_json,
    )
    if result.problems:
        raise typer.Exit(2)
