"""`curation audit`."""

from __future__ import annotations

import getpass
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from curation.cli.common import (
    JsonOption,
    WorkspaceOption,
    emit,
    open_workspace,
    progress,
    safe,
    say,
    warn,
)
from curation.messages import around, counted

if TYPE_CHECKING:
    from curation.audit import Finding
    from curation.workflows.audit import Audited, Listed, Material
    from curation.workflows.workspace import Workspace

__all__ = ["audit_cli"]

_WIDTH = 80
_CONTEXT = 25
"""Characters of the text before and after the words; a Finding has more, where there are any."""
_KEYS = {"e": "error", "f": "fine", "l": "later"}
_HELP = "e error, f fine, l later, s skip, q quit"


def audit_cli(
    *,
    workspace: WorkspaceOption = None,
    from_file: Annotated[
        list[Path] | None,
        typer.Option(
            "--from",
            help="Canonical files of one annotator to audit instead of gold; repeat. Needs no "
            "workspace.",
        ),
    ] = None,
    annotator: Annotated[
        str | None, typer.Option(help="Audit what this annotator said, instead of gold.")
    ] = None,
    kind: Annotated[
        list[str] | None,
        typer.Option(
            help="label, type, role, attribute, missed, spurious, boundary, constraint, time or "
            "acceptance; repeat.",
            show_default="all",
        ),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many findings are shown.")] = 50,
    everything: Annotated[
        bool, typer.Option("--all", help="Also those that were decided.")
    ] = False,
    decide: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FINDING=VERDICT",
            help="Keep what was decided: error, fine or later; repeat. It is not shown again.",
        ),
    ] = None,
    note: Annotated[str, typer.Option(help="Why, with --decide.")] = "",
    interactive: Annotated[
        bool, typer.Option("--interactive", help="Decide one after the other, by one key each.")
    ] = False,
    pipeline: Annotated[
        str,
        typer.Option(
            help="Whose second opinion counts where annotators saw no suggestions and there are "
            "no proposals: fast, accurate, an installed spaCy pipeline, or none."
        ),
    ] = "fast",
    seed: Annotated[int, typer.Option(min=0, max=2**32 - 1, help="Seed of the folds.")] = 0,
    as_json: JsonOption = False,
) -> None:
    """Find likely errors in gold, likeliest first: wrong labels, missed names, broken rules.

    Each has the probability that it is an error, why, and a link. What you decide is kept, and
    that finding is not shown again.

    Example: `curation audit --limit 20`, then `curation audit --decide 3f09ab12cd34=fine`
    """
    from curation.errors import UsageError
    from curation.workflows import audit as workflow

    if note and not decide:
        raise UsageError("--note goes with --decide")
    if interactive and as_json:
        raise UsageError("--interactive asks a person, --json is for programs: choose one")
    if from_file and (decide or interactive):
        raise UsageError("decisions are kept in a workspace; import the files, or leave out --from")
    if decide:
        _decide(open_workspace(workspace), decide, note, as_json=as_json)
        return
    opened = None if from_file else open_workspace(workspace)
    material = _material(opened, from_file, annotator)
    with progress("auditing", workflow.STEPS + len(material.pairs)) as advance:
        material = workflow.with_proposals(material, pipeline, advance=advance)
        findings = workflow.find(material, kinds=kind or (), seed=seed, advance=advance)
    decided = workflow.verdicts(opened.store) if opened else {}
    found = workflow.listed(material, findings, decided, limit=limit, everything=everything)
    if opened:
        from curation.workflows.workspace import now

        workflow.remember(opened.store, found, at=now())
    if interactive and opened:
        _ask(opened, found)
        return
    emit(found.to_json() if as_json else None, _lines(found), as_json=as_json)


def _material(
    opened: Workspace | None, from_file: Sequence[Path] | None, annotator: str | None
) -> Material:
    from curation.workflows import audit as workflow

    if opened:
        return workflow.read_store(opened.store, annotator=annotator, ontology=opened.ontology)
    from curation.ontology import load_ontology
    from curation.workflows.workspace import default_ontology_file

    ontology = load_ontology(default_ontology_file())
    return workflow.read_files(from_file or (), annotator=annotator, ontology=ontology)


def _decide(opened: Workspace, given: Sequence[str], note: str, *, as_json: bool) -> None:
    from curation.workflows import audit as workflow
    from curation.workflows.workspace import now

    decisions = workflow.decisions_of(given)
    workflow.decide(opened.store, decisions, by=getpass.getuser(), at=now(), note=note)
    emit({"decided": decisions}, (f"{k}  {v}" for k, v in decisions.items()), as_json=as_json)


def _lines(found: Audited) -> Iterator[str]:
    for rank, one in enumerate(found.shown, 1):
        yield from _finding(one, rank)
        yield ""
    yield from _sum(found)


def _sum(found: Audited) -> Iterator[str]:
    decided = ", ".join(f"{verdict} {n}" for verdict, n in found.decided.items() if n)
    yield (
        f"{counted(found.open, 'finding')} in {counted(found.n_items, 'item')} of "
        f"{counted(found.n_documents, 'document')}, {len(found.shown)} shown"
        + (f"; decided before: {decided}" if decided else "")
    )
    yield from _left_out(found)
    if found.shown:
        yield "keep a decision: curation audit --decide FINDING=error|fine|later"


def _left_out(found: Audited) -> Iterator[str]:
    if found.in_dispute:
        yield f"{found.in_dispute} left out: in dispute, settle them with curation adjudicate"


def _finding(one: Listed, rank: int) -> Iterator[str]:
    """At most 80 columns a line; the link stands whole on one of its own."""
    found = one.finding
    verdict = f"  decided: {one.verdict}" if one.verdict else ""
    yield f"{rank:>3}. {found.score:4.0%}  {found.fingerprint}  {', '.join(found.kinds)}{verdict}"
    yield from _wrapped(f"{found.uid}: {_context(found)}")
    yield from _wrapped(_change(found))
    for reason in found.reasons[:4]:
        yield from _wrapped(f"- {reason}")
    if one.url:
        yield f"     {one.url}"


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(safe(text), _WIDTH, initial_indent=" " * 5, subsequent_indent=" " * 7) or [
        ""
    ]


def _context(found: Finding) -> str:
    if not found.surface:
        return f"by {found.part}"
    before, after = around(found.before, found.after, _CONTEXT)
    return " ".join(f"{before}[{found.surface}]{after}".split())


def _change(found: Finding) -> str:
    now = found.now or "not marked"
    if found.layer == "arguments":
        return found.part + (f" -> {found.suggested}" if found.suggested else "")
    about = f"{found.part}: " if found.part and found.surface else ""
    if found.kind == "spurious":
        return f"{about}{now} -> not marked"
    if found.span:
        return f"{about}{now} -> {now} [{found.span[0]}, {found.span[1]})"
    return f"{about}{now}" + (f" -> {found.suggested}" if found.suggested else "")


def _ask(opened: Workspace, found: Audited) -> None:
    """One finding at a time; each decision is kept at once."""
    from curation.cli.keys import one_key
    from curation.workflows import audit as workflow
    from curation.workflows.workspace import now

    counts: dict[str, int] = {}
    for rank, one in enumerate(found.shown, 1):
        for line in _finding(one, rank):
            say(line)
        warn(f"     {_HELP}")
        while (key := one_key()) not in {*_KEYS, "s", "q"}:
            warn(f"     {key!r} is none of: {_HELP}")
        if key == "q":
            break
        if key in _KEYS:
            verdict = _KEYS[key]
            decisions: Mapping[str, str] = {one.finding.fingerprint: verdict}
            workflow.decide(opened.store, decisions, by=getpass.getuser(), at=now())
            counts[verdict] = counts.get(verdict, 0) + 1
    for line in _left_out(found):
        say(line)
    say(", ".join(f"{verdict} {n}" for verdict, n in counts.items()) or "nothing decided")
