"""`curation doctor`."""

from __future__ import annotations

import os
from pathlib import Path

import typer

from curation.cli.common import JsonOption, WorkspaceOption, emit

__all__ = ["doctor_cli"]


def doctor_cli(*, workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Check Python, packages, pipelines, database, ontology and Label Studio.

    Says for each what to do. Exit code 1 where something is broken.

    Example: `curation doctor`
    """
    from curation.workflows.doctor import examine

    checks = examine(workspace, os.environ, Path.cwd())
    width = max(len(c.what) for c in checks)
    emit(
        {"checks": [c.to_json() for c in checks]},
        [
            f"{c.verdict:<6} {c.what:<{width}}  {c.found}" + (f"; {c.advice}" if c.advice else "")
            for c in checks
        ],
        as_json=as_json,
    )
    if any(c.verdict == "broken" for c in checks):
        raise typer.Exit(1)
