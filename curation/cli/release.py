"""`curation release`."""

from __future__ import annotations

from typing import Annotated

import typer

from curation.cli.common import (
    JsonOption,
    WorkspaceOption,
    alignment_policy,
    emit,
    open_workspace,
)
from curation.cli.left_out import left_out

__all__ = ["release_cli"]


def release_cli(
    version: Annotated[str, typer.Argument(help="MAJOR.MINOR.PATCH, such as 1.0.0.")],
    *,
    workspace: WorkspaceOption = None,
    policy: Annotated[
        str,
        typer.Option(help="For spans off token borders in flat formats: strict, expand or drop."),
    ] = "expand",
    license_name: Annotated[
        str, typer.Option("--license", help="The licence of the annotations, for the card.")
    ] = "other",
    as_json: JsonOption = False,
) -> None:
    """Write an immutable release of the gold documents to exports/VERSION.

    Data as JSON Lines, spaCy DocBin, IOB2 and Parquet in their parts, with card, ontology,
    agreement, decisions, split manifest, losses and checksums. The same store gives the same
    bytes; a version is never written twice.

    Example: `curation release 1.0.0 --license cc-by-4.0`
    """
    from curation.workflows.release import release
    from curation.workflows.workspace import now

    chosen = alignment_policy(policy)
    result = release(
        open_workspace(workspace), version, at=now(), policy=chosen, license_name=license_name
    )
    parts = ", ".join(f"{part} {n}" for part, n in result.parts.items())
    losses = "; ".join(
        f"{name}: {', '.join(f'{reason} {n}' for reason, n in reasons.items())}"
        for name, reasons in result.losses.items()
        if reasons
    )
    emit(
        result.to_json(),
        [
            f"release {version}: {result.documents} documents ({parts})"
            + ("" if result.new else ", the same as is there already")
            + left_out(result.left_out),
            f"losses and changes: {losses or 'none'}",
            f"folder: {result.path}",
        ],
        as_json=as_json,
    )
