"""`curation server …`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from curation.cli.common import JsonOption, WorkspaceOption, emit, open_workspace

if TYPE_CHECKING:
    from curation.labelstudio.server import ServerInfo

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True, help="The workspace's own Label Studio, on this machine.")


@app.command("start")
def start_cli(
    *,
    workspace: WorkspaceOption = None,
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="The port.", show_default="a free one")
    ] = None,
    wait: Annotated[float, typer.Option(min=1, help="Seconds to wait for it.")] = 180,
    as_json: JsonOption = False,
) -> None:
    """Start Label Studio on 127.0.0.1; one that runs already is left running.

    Needs the extra: pip install 'curation[server]'

    Example: `curation server start`
    """
    from curation.labelstudio import server

    folder = open_workspace(workspace).settings.server_folder
    info = server.start(folder, port=port, wait=wait)
    emit(_data(info), _lines(info), as_json=as_json)


@app.command("stop")
def stop_cli(*, workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Stop it; its data stays.

    Example: `curation server stop`
    """
    from curation.labelstudio import server

    folder = open_workspace(workspace).settings.server_folder
    stopped = server.stop(folder)
    said = "stopped" if stopped else "was not running"
    emit({"stopped": stopped}, [f"Label Studio {said}"], as_json=as_json)


@app.command("status")
def status_cli(*, workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Say whether it runs, and where; exit code 3 where it does not.

    Example: `curation server status --json`
    """
    from curation.labelstudio import server

    info = server.status(open_workspace(workspace).settings.server_folder)
    if info is None:
        emit({"running": False}, ["Label Studio is not running"], as_json=as_json)
        raise typer.Exit(3)
    emit(_data(info), _lines(info), as_json=as_json)


def _data(info: ServerInfo) -> dict[str, Any]:
    return {
        "running": True,
        "url": info.url,
        "login": info.email,
        "credentials": str(info.credentials_file),
        "log": str(info.log_file),
    }


def _lines(info: ServerInfo) -> list[str]:
    return [
        f"Label Studio runs at {info.url}",
        f"login: {info.email}, password in {info.credentials_file}",
    ]
