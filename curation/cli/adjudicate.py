"""`curation adjudicate`."""

from __future__ import annotations

from typing import Annotated

import typer

from curation.cli.common import JsonOption, WorkspaceOption, emit, open_workspace, progress

__all__ = ["adjudicate_cli"]


def adjudicate_cli(
    *,
    workspace: WorkspaceOption = None,
    policy: Annotated[
        list[str] | None,
        typer.Option(
            help="Rules for all layers, tried in order: unanimous, majority, prefer:NAME; repeat.",
            show_default="curation.toml",
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Make gold from what annotators agree on, with a reason for every decision.

    What no rule decides stays disputed and out of gold. Running it again on the same annotations
    changes nothing.

    Example: `curation adjudicate --policy majority --policy prefer:anna`
    """
    from curation.adjudication import LAYERS, check_rules
    from curation.workflows.adjudicate import adjudicate_store
    from curation.workflows.workspace import now

    opened = open_workspace(workspace)
    rules = opened.rules
    if policy:
        check_rules(policy)
        rules = dict.fromkeys(LAYERS, tuple(policy))
    with progress("adjudicating") as advance:
        result = adjudicate_store(
            opened.store,
            rules=rules,
            min_annotators=opened.settings.adjudication.min_annotators,
            at=now(),
            advance=advance,
        )
    decisions = ", ".join(f"{n} {status}" for status, n in result.decisions.items())
    by_rule = ", ".join(f"{rule} {n}" for rule, n in result.by_rule.items())
    emit(
        result.to_json(),
        [
            f"{result.documents} documents adjudicated: {result.complete} without disputes, "
            f"{result.disputed_documents} with; {result.single} have too few annotators",
            f"decisions: {decisions or 'none'}",
            f"decided by: {by_rule or 'none'}",
            f"{result.changed} gold sets changed",
        ],
        as_json=as_json,
    )
