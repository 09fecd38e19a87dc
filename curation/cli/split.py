"""`curation split`."""

from __future__ import annotations

from typing import Annotated

import typer

from curation.cli.common import JsonOption, WorkspaceOption, emit, open_workspace
from curation.cli.left_out import waiting

__all__ = ["split_cli"]


def split_cli(
    *,
    workspace: WorkspaceOption = None,
    seed: Annotated[
        int | None, typer.Option(help="Seed for new assignments.", show_default="curation.toml")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Give gold documents a part, near-duplicates always the same one.

    Documents that have a part keep it: running it again only places what is new. Those of them with
    open disputes wait outside releases and exports. Exit code 1 where near-duplicates that came
    later join groups already in two parts.

    Example: `curation split --seed 7`
    """
    from curation.workflows.split import split_store
    from curation.workflows.workspace import now

    opened = open_workspace(workspace)
    chosen = opened.settings.splits
    result = split_store(
        opened.store,
        parts=chosen.parts,
        seed=chosen.seed if seed is None else seed,
        at=now(),
    )
    emit(
        result.to_json(),
        [
            f"{result.added} documents placed",
            *(
                f"{part}: {n} documents in {result.groups[part]} groups"
                for part, n in result.parts.items()
            ),
            *waiting(result.waiting),
            *(f"{group}: its near-duplicates are in two parts" for group in result.straddling),
        ],
        as_json=as_json,
    )
    if result.straddling:
        raise typer.Exit(1)
