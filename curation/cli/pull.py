"""`curation pull`."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

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

if TYPE_CHECKING:
    from curation.labelstudio.client import LabelStudio
    from curation.workflows.pull import Pulled
    from curation.workflows.workspace import Workspace

__all__ = ["pull_cli"]

_SHORTEST, _LONGEST = 1, 86_400


def pull_cli(
    *,
    workspace: WorkspaceOption = None,
    full: Annotated[
        bool, typer.Option("--full", help="Read everything again, not only what has changed.")
    ] = False,
    project: Annotated[
        int | None,
        typer.Option(min=1, help="Adopt this Label Studio project, which was made by hand."),
    ] = None,
    save_ontology: Annotated[
        Path | None,
        typer.Option(help="Write an ontology made from the project to this file, and stop."),
    ] = None,
    watch: Annotated[
        bool, typer.Option("--watch", help="Pull again and again until interrupted.")
    ] = False,
    interval: Annotated[
        float,
        typer.Option(
            min=_SHORTEST, max=_LONGEST, help="Seconds between two pulls of --watch, up to a day."
        ),
    ] = 30,
    as_json: JsonOption = False,
) -> None:
    """Bring the annotators' work back into the database.

    Only tasks that changed since the last pull are read. Every annotation and draft is kept
    verbatim before it is interpreted; what cannot be interpreted goes to quarantine with a link to
    the task, and nothing is lost: what was deleted on the server is recorded as such and kept.

    Example: `curation pull --watch`
    """
    from curation.errors import CheckFailed, UsageError
    from curation.workflows.connection import connect

    if not _SHORTEST <= interval <= _LONGEST:  # "nan" is within every range to the parser
        raise UsageError(f"--interval {interval}: from {_SHORTEST} to {_LONGEST} seconds")
    if save_ontology is not None and project is None:
        raise UsageError("--save-ontology needs --project NUMBER")
    opened = open_workspace(workspace)
    client = connect(opened.settings, os.environ, warn=warn)
    if project is not None and save_ontology is not None:
        _save_ontology(client, project, save_ontology, as_json=as_json)
        return
    if project is not None:
        _adopt(opened, client, project)
    found = _pull(opened, client, full=full)
    _show(found, _adjudicated(opened, found), as_json=as_json)
    while watch:
        time.sleep(interval)
        found = _pull(opened, client, full=False)
        if found.read or found.unread:
            _show(found, _adjudicated(opened, found), as_json=as_json)
    if found.unread:
        raise CheckFailed(f"{len(found.unread)} projects could not be read; see above")


def _pull(opened: Workspace, client: LabelStudio, *, full: bool) -> Pulled:
    from curation.workflows.pull import pull
    from curation.workflows.workspace import now

    with progress("pulling") as advance:
        return pull(
            opened.store,
            client,
            settings=opened.settings,
            ontology=opened.ontology,
            at=now(),
            full=full,
            advance=advance,
        )


def _adjudicated(opened: Workspace, found: Pulled) -> int | None:
    """How many gold sets changed by what adjudicators decided; None where they decided nothing."""
    from curation.workflows.adjudicate import adjudicate_workspace
    from curation.workflows.workspace import now

    return adjudicate_workspace(opened, at=now()).changed if found.adjudications else None


def _adopt(opened: Workspace, client: LabelStudio, project: int) -> None:
    from curation.workflows.adopt import adopt
    from curation.workflows.workspace import now

    adopt(
        opened.store,
        client,
        project,
        settings=opened.settings,
        ontology=opened.ontology,
        at=now(),
    )


def _save_ontology(client: LabelStudio, project: int, path: Path, *, as_json: bool) -> None:
    from curation.errors import UsageError
    from curation.ontology_toml import ontology_to_toml
    from curation.workflows.adopt import ontology_of

    if path.exists():
        raise UsageError(f"{path} is there already; name another file")
    ontology = ontology_of(client.project(project), name=f"project-{project}")
    path.write_text(ontology_to_toml(ontology), encoding="utf-8")
    emit(
        {"ontology": str(path)},
        [f"{path} written; set ontology in curation.toml to it, then pull --project {project}"],
        as_json=as_json,
    )


def _show(result: Pulled, gold: int | None, *, as_json: bool) -> None:
    for problem in result.problems:
        warn(f"quarantined: {problem}")
    if result.problems:
        warn("mend these in Label Studio, press Update, and pull again; curation status lists them")
    for problem in result.unread:
        warn(problem)
    emit(
        result.to_json() | {"gold_changed": gold or 0},
        [
            f"tasks: {counts(result.tasks)}; {result.read} read",
            f"annotations: {result.annotations} read: {result.new} new, {result.revised} revised, "
            f"{result.unchanged} unchanged, {result.quarantined} quarantined, "
            f"{result.deleted} deleted on the server",
            f"repairs: {counts(result.repairs)}",
            *(
                [f"adjudications: {result.adjudications}; gold sets changed: {gold}"]
                if gold is not None
                else []
            ),
        ],
        as_json=as_json,
    )
