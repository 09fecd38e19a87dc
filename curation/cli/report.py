"""`curation report`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from curation.cli.common import JsonOption, WorkspaceOption, emit, open_workspace, warn

if TYPE_CHECKING:
    from curation.workflows.workspace import Workspace

__all__ = ["report_cli"]


def report_cli(
    *,
    workspace: WorkspaceOption = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The file.", show_default="report.html")
    ] = None,
    serve: Annotated[
        bool,
        typer.Option(
            "--serve",
            help="Show it at an address of this machine, renewed after each pull, until Ctrl-C.",
        ),
    ] = False,
    port: Annotated[
        int | None,
        typer.Option(
            min=1, max=65535, help="The port for --serve.", show_default="8642, else a free one"
        ),
    ] = None,
    open_it: Annotated[
        bool, typer.Option("--open", help="Open it in the browser of this machine.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Write the lead's report: one HTML file that opens from disk.

    With --json also every number that is in it. With --serve nothing is written; only this machine
    can read the page, and it says when there are newer data.

    Example: `curation report --output report.html`
    """
    from curation.errors import UsageError

    if serve and output is not None:
        raise UsageError("--serve writes no file: leave out --output, or --serve")
    if port is not None and not serve:
        raise UsageError("--port is for --serve")
    opened = open_workspace(workspace)
    if serve:
        _serve(opened, port, open_it=open_it, as_json=as_json)
    else:
        _write(opened, output, open_it=open_it, as_json=as_json)


def _write(opened: Workspace, output: Path | None, *, open_it: bool, as_json: bool) -> None:
    from curation.report.write import write_report
    from curation.workflows.report import report_facts
    from curation.workflows.workspace import now

    path = output or opened.settings.folder / "report.html"
    facts = report_facts(opened, time=now())
    write_report(facts, path)
    data = {"report": str(path.resolve())} | facts.model_dump(mode="json", exclude={"examples"})
    emit(data, [f"report: {path.resolve()}"], as_json=as_json)
    if open_it:
        _show(path.resolve().as_uri())


def _serve(opened: Workspace, port: int | None, *, open_it: bool, as_json: bool) -> None:
    """Until it is interrupted, or told to end."""
    import signal

    from curation.report.serve import Pages, make_server
    from curation.workflows.report import live_report
    from curation.workflows.workspace import now

    state, make = live_report(opened, clock=now)
    server = make_server(Pages(state, make), port)
    # A shell starts what runs in the background with Ctrl-C ignored.
    ends = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, signal.default_int_handler) for number in ends}
    try:
        emit(
            {"url": server.url},
            [f"report: {server.url}", "only this machine can read it; Ctrl-C ends it"],
            as_json=as_json,
        )
        if open_it:
            _show(server.url)
        server.serve_forever()
    except KeyboardInterrupt:
        warn("ended")
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        server.server_close()


def _show(address: str) -> None:
    import webbrowser

    if not webbrowser.open(address):
        warn(f"no browser could be opened; the report is at {address}")
