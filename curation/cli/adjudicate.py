"""`curation adjudicate`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from curation.cli.common import JsonOption, WorkspaceOption, emit, open_workspace, progress

if TYPE_CHECKING:
    from curation.workflows.adjudicate import Adjudicated
    from curation.workflows.workspace import Workspace

__all__ = ["adjudicate_cli"]


def adjudicate_cli(
    *,
    workspace: WorkspaceOption = None,
    policy: Annotated[
        list[str] | None,
        typer.Option(
            help="Rules for all layers, for this run only, tried in order: unanimous, majority, "
            "majority:K, weighted, weighted:P, prefer:NAME, union, intersection; repeat.",
            show_default="curation.toml",
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Make gold from what annotators agree on, with a reason for every decision.

    What no rule decides stays disputed, and its document out of splits and releases. Running it
    again on the same annotations changes nothing.

    Example: `curation adjudicate --policy majority --policy prefer:anna`
    """
    from curation.adjudication import LAYERS, check_rules
    from curation.workflows.adjudicate import adjudicate_workspace
    from curation.workflows.workspace import now

    opened = open_workspace(workspace)
    rules = opened.rules
    if policy:
        check_rules(policy)
        rules = dict.fromkeys(LAYERS, tuple(policy))
    _check_names(opened, rules.values())
    with progress("adjudicating") as advance:
        result = adjudicate_workspace(opened, rules=rules, at=now(), advance=advance)
    emit(result.to_json(), _lines(result), as_json=as_json)


def _lines(result: Adjudicated) -> Iterator[str]:
    decisions = ", ".join(f"{status} {n}" for status, n in result.decisions.items())
    by_rule = ", ".join(f"{rule} {n}" for rule, n in result.by_rule.items())
    yield (
        f"{result.documents} documents adjudicated: {result.complete} without disputes, "
        f"{result.disputed_documents} with; {result.single} have too few annotators"
    )
    yield f"decisions: {decisions or 'none'}"
    yield f"decided by: {by_rule or 'none'}"
    for layer, shares in result.competence.items():
        yield f"right in {layer}: {_competence(shares)}"
    yield f"{result.changed} gold sets changed"
    if result.disputed_documents:
        yield (
            "documents with disputes wait outside splits and releases; to settle them: a last rule "
            "prefer:NAME in curation.toml, one more annotator, or changed answers and a new pull"
        )


def _competence(shares: Mapping[str, float] | None) -> str:
    if shares is None:
        return "not weighed, that takes three annotators"
    return ", ".join(f"{name} {share:.0%}" for name, share in shares.items())


def _check_names(workspace: Workspace, rules: Iterable[Sequence[str]]) -> None:
    """UsageError where a rule prefers someone who neither labels nor has labelled."""
    from curation.errors import UsageError
    from curation.workflows.agreement import PEOPLE

    preferred = {r.removeprefix("prefer:") for some in rules for r in some if ":" in r}
    unknown = preferred - {a.name for a in workspace.settings.annotators}
    if not unknown:
        return
    with workspace.store.transaction() as repo:
        unknown -= {s.annotator for s in repo.annotation_sets(*PEOPLE)}
    if unknown:
        known = ", ".join(a.name for a in workspace.settings.annotators) or "none"
        raise UsageError(f"prefer:{min(unknown)}: no such annotator; annotators: {known}")
