"""`curation doctor`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from curation.cli.common import JsonOption, WorkspaceOption, emit, folded

if TYPE_CHECKING:
    from curation.workflows.doctor import Check

__all__ = ["doctor_cli"]


def doctor_cli(*, workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Check Python, packages, models, pipelines, database, disk, ontology and Label Studio.

    Says for each what to do, and changes nothing. `warn` is something that not everybody needs,
    `fail` something that will not work: then the exit code is 1.

    Example: `curation doctor`
    """
    from datetime import UTC, datetime

    from curation.workflows.doctor import examine

    checks = examine(workspace, os.environ, Path.cwd(), clock=lambda: datetime.now(UTC))
    emit({"checks": [c.to_json() for c in checks]}, _lines(checks), as_json=as_json)
    if any(c.state == "fail" for c in checks):
        raise typer.Exit(1)


def _lines(checks: list[Check]) -> Iterator[str]:
    width = max(len(c.what) for c in checks)
    for check in checks:
        yield from folded(f"{check.state:<4}  {check.what:<{width}}  {check.found}", width + 8)
        if check.advice:
            yield from folded(f"{'':<{width + 8}}{check.advice}", width + 8)
