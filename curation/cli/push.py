"""`curation push`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from curation.cli.common import JsonOption, WorkspaceOption, emit, open_workspace, progress, warn
from curation.errors import CheckFailed
from curation.messages import counted

if TYPE_CHECKING:
    from curation.assignment import Rules
    from curation.workflows.workspace import Workspace

__all__ = ["push_cli"]

_PASSWORDS = "curation server status names the file with everybody's passwords"


def push_cli(
    *,
    workspace: WorkspaceOption = None,
    overlap: Annotated[
        int | None,
        typer.Option(min=1, max=50, help="How many people read what several read; else all do."),
    ] = None,
    overlap_share: Annotated[
        float | None,
        typer.Option(
            min=0,
            max=1,
            help="Share of the documents that several people read, alone: that two do.",
        ),
    ] = None,
    unassisted_share: Annotated[
        float | None,
        typer.Option(min=0, max=1, help="Share of the documents that come without proposals."),
    ] = None,
    seed: Annotated[
        int | None, typer.Option(min=0, help="Draws which documents these are.")
    ] = None,
    to_file: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Write files to import by hand instead, for a server out of reach.",
            show_default=False,
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only print who would get what.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Put documents with their proposals before the annotators, in Label Studio.

    Each annotator gets a project of their own, and on the workspace's own server a login. Running
    it again sends only what is missing, and newer proposals where nobody has opened the task.
    Options stand in for the [push] table of curation.toml, for this push; what was assigned stays
    assigned.

    Example: `curation push --overlap 2 --overlap-share 0.3 --unassisted-share 0.1 --dry-run`

    Example: `curation push --to-file tasks/`
    """
    from curation.workflows.push_plan import make_plan, push_rules

    opened = open_workspace(workspace)
    rules = push_rules(
        opened.settings,
        overlap=overlap,
        overlap_share=overlap_share,
        unassisted_share=unassisted_share,
        seed=seed,
    )
    if dry_run:
        with opened.store.transaction() as repo:
            plan = make_plan(repo, opened.settings, rules)
        emit(plan.to_json(), plan.lines(), as_json=as_json)
    elif to_file is not None:
        _to_files(opened, rules, to_file, as_json=as_json)
    else:
        _to_server(opened, rules, as_json=as_json)


def _to_server(opened: Workspace, rules: Rules | None, *, as_json: bool) -> None:
    from curation.workflows.connection import connect, ensure_logins, invitation
    from curation.workflows.push import push
    from curation.workflows.workspace import now

    client = connect(opened.settings, os.environ, warn=warn)
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
            rules=rules,
            advance=advance,
        )
    invited, link = invitation(opened.settings, client)
    replaced = f", {result.replaced} with newer proposals" if result.replaced else ""
    kept = f", {result.opened} opened ones keep older proposals" if result.opened else ""
    emit(
        result.to_json() | {"invite": {"emails": invited, "link": link} if invited else None},
        [
            f"{counted(result.created, 'task')} created, "
            f"{result.existing} were there already{replaced}{kept}",
            *(
                f"{p.annotator}: {counted(p.created + p.existing, 'task')}, {p.url}"
                for p in result.projects
            ),
            *([f"new logins: {', '.join(logins)}; {_PASSWORDS}"] if logins else []),
            *([f"no account yet: {', '.join(invited)}; they join at {link}"] if invited else []),
        ],
        as_json=as_json,
    )
    deleted = sum(p.doubles for p in result.projects)
    doubles = [
        f"{counted(deleted, 'task')} stood twice on the server; the unopened ones were deleted"
    ]
    _tell(result.problems, [*result.notes, *(doubles if deleted else [])])


def _to_files(opened: Workspace, rules: Rules | None, folder: Path, *, as_json: bool) -> None:
    from curation.workflows.push_files import push_to_files
    from curation.workflows.workspace import now

    with progress("writing") as advance:
        written = push_to_files(
            opened.store,
            settings=opened.settings,
            ontology=opened.ontology,
            folder=folder,
            at=now(),
            rules=rules,
            advance=advance,
        )
    emit(
        written.to_json(),
        [
            *(
                f"{file.annotator}: {counted(file.tasks, 'task')}, {file.path}"
                for file in written.files
            ),
            f"{folder / 'README.txt'} says what to do with them",
        ],
        as_json=as_json,
    )
    _tell(written.problems, written.notes)


def _tell(problems: Sequence[str], notes: Sequence[str]) -> None:
    for line in (*notes, *problems):
        warn(line)
    if problems:
        raise CheckFailed(
            f"{len(problems)} of the things to push could not be pushed as they should be; see "
            "above, put it right and push again"
        )
