"""`curation adjudicate`."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from curation.cli.common import JsonOption, WorkspaceOption, emit, open_workspace, progress
from curation.messages import counted

if TYPE_CHECKING:
    from curation.workflows.adjudicate import Adjudicated
    from curation.workflows.settle import Settled
    from curation.workflows.workspace import Workspace

__all__ = ["adjudicate_cli"]

_SHOWN = 20
_PROCESSES = min(os.cpu_count() or 1, 4)


def adjudicate_cli(
    *,
    workspace: WorkspaceOption = None,
    policy: Annotated[
        list[str] | None,
        typer.Option(
            help="Rules for all layers, tried in order: unanimous, majority, majority:K, weighted, "
            "weighted:P, prefer:NAME, union, intersection; repeat. The next run without it goes "
            "by curation.toml again, and gold with it.",
            show_default="curation.toml",
        ),
    ] = None,
    push: Annotated[
        bool, typer.Option("--push", help="Put what is disputed before an adjudicator, too.")
    ] = False,
    interactive: Annotated[
        bool,
        typer.Option("--interactive", "-i", help="Settle disputes here, with one key each, first."),
    ] = False,
    adjudicator: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="With --interactive: who settles them.",
            show_default="curation.toml",
        ),
    ] = None,
    anonymous: Annotated[
        bool, typer.Option("--anonymous", help="With --push or -i: name no annotators there.")
    ] = False,
    again: Annotated[
        list[str] | None,
        typer.Option(
            metavar="UID",
            help="With --push or -i: a document to be decided again; repeat.",
            show_default=False,
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="With --push: only print what would be sent.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Make gold from what annotators agree on, with a reason for every decision.

    What no rule decides stays disputed, and its document out of releases and exports. Running it
    again on the same annotations changes nothing.

    Example: `curation adjudicate --policy majority --policy prefer:anna`

    Example: `curation adjudicate --interactive --adjudicator eva`

    Example: `curation adjudicate --push --anonymous`
    """
    from curation.cli.adjudicate_push import sending
    from curation.errors import CheckFailed, UsageError
    from curation.workflows.adjudicate import adjudicate_workspace
    from curation.workflows.workspace import now

    if adjudicator is not None and not interactive:
        raise UsageError("--adjudicator goes with --interactive; curation.toml names the others")
    if interactive and (push or dry_run):
        raise UsageError("--interactive settles disputes here, --push elsewhere: choose one")
    opened = open_workspace(workspace)
    rules = _rules(opened, policy)
    settled = None
    if interactive:
        from curation.cli.adjudicate_settle import settle_in_terminal

        settled = settle_in_terminal(
            opened, rules, name=adjudicator, again=again or (), anonymous=anonymous
        )
        again, anonymous = None, False
    sends = sending(opened, push=push, again=again, anonymous=anonymous, dry_run=dry_run)
    if sends is not None and dry_run:
        sent, more, _ = sends.run(rules)
        emit({"push": sent}, more, as_json=as_json)
        return
    with progress("adjudicating") as advance:
        result = adjudicate_workspace(
            opened, rules=rules, at=now(), processes=_PROCESSES, advance=advance
        )
    data, lines, whole = (result.to_json(), list(_lines(result)), True)
    if settled is not None:
        data |= {"settled": settled.to_json()}
        lines = [_settled(settled), *lines]
    if sends is not None:
        sent, more, whole = sends.run(rules)
        data, lines = data | {"push": sent}, [*lines, *more]
    emit(data, lines, as_json=as_json)
    if not whole:
        raise CheckFailed("not all that is disputed could be pushed; see above")


def _rules(workspace: Workspace, policy: Sequence[str] | None) -> Mapping[str, Sequence[str]]:
    """The rules by layer: `policy` for all, else those of curation.toml."""
    from curation.adjudication import LAYERS, check_rules

    rules = workspace.rules
    if policy:
        check_rules(policy)
        rules = dict.fromkeys(LAYERS, tuple(policy))
    _check_names(workspace, rules.values())
    return rules


def _lines(result: Adjudicated) -> Iterator[str]:
    decisions = ", ".join(f"{status} {n}" for status, n in result.decisions.items())
    by_rule = ", ".join(f"{rule} {n}" for rule, n in result.by_rule.items())
    yield (
        f"{counted(result.documents, 'document')} adjudicated: {result.complete} without disputes, "
        f"{result.disputed_documents} with; with too few annotators {result.single}"
    )
    yield f"decisions: {decisions or 'none'}"
    yield f"decided by: {by_rule or 'none'}"
    for layer, shares in result.competence.items():
        yield f"right in {layer}: {_competence(shares)}"
    changed = counted(result.changed, "gold set")
    yield f"{changed} changed; {result.adjudicated} decided by an adjudicator"
    if result.disputed_documents:
        yield "documents with disputes wait outside releases and exports; to settle them:"
        yield "  --interactive here, --push for Label Studio, a last rule prefer:NAME in"
        yield "  curation.toml, or one more annotator"
    if result.contradictions:
        yield (
            f"{len(result.contradictions)} decisions of adjudicators have newer annotations "
            "against them, and stand"
        )
        yield "(`curation explain UID` tells more, --again UID asks about them again):"
    for found in result.contradictions[:_SHOWN]:
        item = found.item or found.layer
        against = f"{', '.join(found.by)}: {found.overruled}"
        yield f"  {found.uid}:{item}  gold: {found.decided}; {against}"
    if len(result.contradictions) > _SHOWN:
        yield f"  and {len(result.contradictions) - _SHOWN} more, with --json"


def _settled(done: Settled) -> str:
    if not done.disputed:
        return "nothing is disputed that nobody has decided"
    skipped = f", {done.skipped} skipped" if done.skipped else ""
    if done.dropped:
        skipped += f"; answers not kept, more was open in their documents: {done.dropped}"
    overtaken = "".join(
        f"; the text of {uid} became another meanwhile: settle it again" for uid in done.overtaken
    )
    return f"{done.settled} of {done.disputed} disputed documents settled{skipped}{overtaken}"


def _competence(shares: Mapping[str, float] | None) -> str:
    if shares is None:
        return "not weighed, that takes three annotators"
    return ", ".join(f"{name} {share:.0%}" for name, share in shares.items())


def _check_names(workspace: Workspace, rules: Iterable[Sequence[str]]) -> None:
    """UsageError where a rule prefers someone who neither labels nor has labelled."""
    from curation.errors import UsageError
    from curation.messages import few
    from curation.workflows.agreement import PEOPLE

    named = {r.partition(":")[::2] for some in rules for r in some}
    preferred = {of for kind, of in named if kind == "prefer"}
    unknown = preferred - {a.name for a in workspace.settings.annotators}
    if not unknown:
        return
    with workspace.store.transaction() as repo:
        unknown -= {s.annotator for s in repo.annotation_sets(*PEOPLE)}
    if unknown:
        known = ", ".join(a.name for a in workspace.settings.annotators) or "none"
        rule = few([f"prefer:{min(unknown)}"])
        raise UsageError(f"{rule}: no such annotator; annotators: {known}")
