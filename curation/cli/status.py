"""`curation status`."""

from __future__ import annotations

from curation.cli.common import JsonOption, WorkspaceOption, counts, emit, open_workspace

__all__ = ["status_cli"]


def status_cli(*, workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Show where the work stands: documents, annotators, quarantine, splits, releases.

    Example: `curation status --json`
    """
    from curation.workflows.status import read_status

    opened = open_workspace(workspace)
    status = read_status(opened.store, opened.settings)
    lines = [
        f"workspace   {opened.settings.folder}",
        f"documents   {status.documents}  ({counts(status.by_language)})",
        f"status      {counts(status.by_status)}",
        f"proposals   {status.predictions} documents pre-annotated",
        f"quarantine  {status.quarantine}",
        f"repairs     {counts(status.repairs)}",
        f"kept        {counts(status.revisions)}",
        f"splits      {counts(status.splits)}",
        f"releases    {', '.join(str(r['version']) for r in status.releases) or 'none'}",
        "",
        f"{'annotator':<20} {'assigned':>8} {'done':>8} {'skipped':>8}",
        *(f"{a.name:<20} {a.assigned:>8} {a.done:>8} {a.skipped:>8}" for a in status.annotators),
    ]
    emit(status.to_json(), lines, as_json=as_json)
