"""`curation explain`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from curation.cli.common import JsonOption, WorkspaceOption, emit, open_workspace

if TYPE_CHECKING:
    from curation.workflows.explain import Explained, Explanation

__all__ = ["explain_cli"]


def explain_cli(
    target: Annotated[
        str, typer.Argument(metavar="UID[:ID]", help="A document, or one item of its gold.")
    ],
    *,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Tell why something is in gold, is not, or is open: who said what, and which rule decided.

    Example: `curation explain story-1:E1`
    """
    from curation.workflows.explain import explain

    found = explain(open_workspace(workspace).store, target)
    emit(found.to_json(), _lines(found), as_json=as_json)


def _lines(found: Explanation) -> Iterator[str]:
    by = f", ontology {found.ontology}" if found.ontology else ""
    yield f"{found.uid}, decided {found.decided_at}{by}"
    for voter in found.voters:
        known = [
            "adjudicator" if voter.adjudicator else "",
            f"guideline {voter.guideline}" if voter.guideline else "",
            voter.url or "",
        ]
        yield "  ".join([f"  {voter.name}", *filter(None, known)])
    open_ones = [d for d in found.decisions if d.outcome is None]
    yield f"{len(open_ones)} of {len(found.decisions)} decisions are open"
    for decision in (*open_ones, *(d for d in found.decisions if d.outcome is not None)):
        yield from _decision(decision)


def _decision(decision: Explained) -> Iterator[str]:
    name = decision.item or decision.layer
    of = f"  of {decision.event}" if decision.event else ""
    yield ""
    yield f'{name}  "{decision.words}"{of}'
    if decision.outcome is None:
        yield f"  open: {_why_open(decision)}"
    else:
        chance = "" if decision.probability is None else f" ({decision.probability:.0%} probable)"
        yield f"  {decision.outcome}, by {decision.rule}{chance}: {_names(decision.supporters)}"
    if decision.overruled:
        yield f"  overruled: {decision.overruled}, which the rules would decide"
    for candidate, names in decision.against.items():
        against = "against it: " if decision.outcome else ""
        yield f"  {against}{candidate}: {_names(names)}"
    if decision.proposed_by:
        yield f"  proposed by {decision.proposed_by}"
    if decision.since:
        yield f"  since {decision.since}"


def _why_open(decision: Explained) -> str:
    if len(decision.against) > 1:
        return "no rule decides"
    if decision.layer == "arguments":
        return "all agree; it waits for its entity, which is disputed"
    return "all agree; it overlaps what is in gold"


def _names(names: Sequence[str]) -> str:
    return ", ".join(map(_voter, names)) or "nobody"


def _voter(name: str) -> str:
    """An adjudicator stands among the voters as "adjudicator:NAME"."""
    role, colon, rest = name.partition(":")
    return f"{rest} ({role})" if colon else name
