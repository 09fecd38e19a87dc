"""`curation report`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from curation.cli.common import JsonOption, WorkspaceOption, emit, open_workspace

__all__ = ["report_cli"]


def report_cli(
    *,
    workspace: WorkspaceOption = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The file.", show_default="report.html")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Write the lead's report: one HTML file that opens from disk.

    With --json also every number that is in it.

    Example: `curation report --output report.html`
    """
    from curation.report.write import write_report
    from curation.workflows.report import report_facts
    from curation.workflows.workspace import now

    opened = open_workspace(workspace)
    path = output or opened.settings.folder / "report.html"
    facts = report_facts(opened, time=now())
    write_report(facts, path)
    data = {"report": str(path.resolve())} | facts.model_dump(mode="json", exclude={"examples"})
    emit(data, [f"report: {path.resolve()}"], as_json=as_json)
