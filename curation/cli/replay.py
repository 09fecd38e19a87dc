"""`curation replay`."""

from __future__ import annotations

from curation.cli.common import (
    JsonOption,
    WorkspaceOption,
    counts,
    emit,
    open_workspace,
    progress,
    warn,
)
from curation.messages import counted

__all__ = ["replay_cli"]


def replay_cli(*, workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Interpret everything that was pulled again, from what is stored; no server is asked.

    After the ontology has changed (see [migrations] in docs/settings.md), or after an update of
    this program. Payloads are never touched; what comes out otherwise is stored beside what it
    was, and quarantine is judged anew.

    Example: `curation replay --json`
    """
    from curation.workflows.replay import replay
    from curation.workflows.workspace import now

    opened = open_workspace(workspace)
    with progress("replaying") as advance:
        result = replay(
            opened.store,
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
            f"{counted(result.tasks, 'task')} read again: {result.new} new, "
            f"{result.revised} revised, {result.unchanged} unchanged,",
            f"{result.quarantined} quarantined, {result.migrated} migrated",
            f"repairs: {counts(result.repairs)}",
        ],
        as_json=as_json,
    )
