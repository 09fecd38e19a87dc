"""`curation pull`."""

from __future__ import annotations

import os
from collections.abc import Mapping

from curation.cli.common import JsonOption, WorkspaceOption, emit, open_workspace, progress, warn

__all__ = ["pull_cli"]


def pull_cli(*, workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Bring the annotators' work back into the database.

    Every annotation is kept verbatim before it is interpreted; what cannot be interpreted goes to
    quarantine with a link to the task, and nothing is lost.

    Example: `curation pull --json`
    """
    from curation.workflows.connection import connect
    from curation.workflows.pull import pull
    from curation.workflows.workspace import now

    opened = open_workspace(workspace)
    with progress("pulling") as advance:
        result = pull(
            opened.store,
            connect(opened.settings, os.environ),
            settings=opened.settings,
            ontology=opened.ontology,
            at=now(),
            advance=advance,
        )
    for problem in result.problems:
        warn(f"quarantined: {problem}")
    emit(
        result.to_json(),
        [
            f"tasks: {_counts(result.tasks)}",
            f"annotations: {result.annotations} read: {result.new} new, {result.revised} revised, "
            f"{result.unchanged} unchanged, {result.quarantined} quarantined",
            f"repairs: {_counts(result.repairs)}",
        ],
        as_json=as_json,
    )


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {n}" for name, n in counts.items()) or "none"
