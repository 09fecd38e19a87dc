"""`curation push`."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from curation.cli.common import JsonOption, WorkspaceOption, emit, open_workspace, progress, warn

__all__ = ["push_cli"]

_PASSWORDS = "curation server status says where the passwords are"


def push_cli(
    *,
    workspace: WorkspaceOption = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only print how many documents are for whom.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Put documents with their proposals before the annotators, in Label Studio.

    Each annotator gets a project of their own, and on the workspace's own server a login. Running
    it again sends only what is missing.

    Example: `curation push --dry-run`
    """
    from curation.workflows.connection import connect, ensure_logins
    from curation.workflows.push import plan, push
    from curation.workflows.workspace import now

    opened = open_workspace(workspace)
    if dry_run:
        with opened.store.transaction() as repo:
            planned = plan(opened.settings, repo.languages())
        emit(
            {"plan": planned},
            [f"{name}: {len(uids)} documents" for name, uids in planned.items()],
            as_json=as_json,
        )
        return
    client = connect(opened.settings, os.environ)
    logins, problems = ensure_logins(opened.settings)
    for problem in problems:
        warn(f"no login made for {problem}")
    with progress("pushing") as advance:
        result = push(
            opened.store,
            client,
            settings=opened.settings,
            ontology=opened.ontology,
            at=now(),
            advance=advance,
        )
    emit(
        result.to_json(),
        [
            f"{result.created} tasks created, {result.existing} were there already",
            *(f"{p.annotator}: {p.created + p.existing} tasks, {p.url}" for p in result.projects),
            *([f"new logins: {', '.join(logins)}; {_PASSWORDS}"] if logins else []),
        ],
        as_json=as_json,
    )
