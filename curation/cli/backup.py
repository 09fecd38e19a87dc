"""`curation backup` and `curation restore`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from curation.cli.common import JsonOption, WorkspaceOption, emit, open_workspace, warn
from curation.messages import counted

__all__ = ["backup_cli", "restore_cli"]


def backup_cli(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="The file to write, a zip archive.")],
    *,
    workspace: WorkspaceOption = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite a file that is there.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Write one file with the database, the ontology and curation.toml.

    The database is copied as it is at one moment, while others go on writing. Not in it: releases,
    and the workspace's own Label Studio with its passwords and keys. A PostgreSQL database is not
    in it either; copy that with pg_dump.

    Example: `curation backup news-2024-05-01.zip`
    """
    from curation.workflows.backup import back_up
    from curation.workflows.workspace import now

    made = back_up(open_workspace(workspace), path, at=now(), force=force)
    rows = made.manifest.rows
    emit(
        made.to_json(),
        [
            f"backup: {made.path.resolve()}, {made.path.stat().st_size / 1e6:.1f} MB",
            f"documents {rows.get('document', 0)}, annotation sets "
            f"{rows.get('annotation_set', 0)}, payloads {rows.get('payload', 0)}; "
            f"{counted(sum(rows.values()), 'row')} in {counted(len(rows), 'table')}",
        ],
        as_json=as_json,
    )
    for note in made.notes:
        warn(note)


def restore_cli(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="What `curation backup` wrote.")],
    *,
    workspace: Annotated[
        Path | None,
        typer.Option(
            "--workspace",
            "-w",
            metavar="DIR",
            help="The folder to make.",
            show_default="the name it had, in this folder",
        ),
    ] = None,
    force: Annotated[
        bool,
        typer.Option("--force", help="Also where a workspace is; that one is kept aside."),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Make a workspace from a backup.

    All of it is held against its SHA-256, the rows of each table and the migration before anything
    is in its place; a damaged backup leaves nothing behind. With --force the workspace that was
    there is renamed, and a workspace with the same id gives its Label Studio and releases on.

    Example: `curation restore news-2024-05-01.zip --workspace news`
    """
    from curation.workflows.restore import restore
    from curation.workflows.workspace import now

    done = restore(path, workspace, at=now(), force=force)
    rows = done.manifest.rows
    aside = [f"the workspace that was there: {done.aside}"] if done.aside else []
    emit(
        done.to_json(),
        [
            f"workspace {done.folder} restored, as it was at {done.manifest.made_at}",
            f"{counted(len(done.manifest.files), 'file')} and {counted(sum(rows.values()), 'row')} "
            f"in {counted(len(rows), 'table')} are as they were backed up",
            *aside,
        ],
        as_json=as_json,
    )
    for note in done.notes:
        warn(note)
    if os.environ.get("CURATION_DATABASE_URL"):
        warn("CURATION_DATABASE_URL is set: commands use that database, not the restored one")
