"""`curation release`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from curation.cli.common import (
    JsonOption,
    WorkspaceOption,
    alignment_policy,
    counts,
    emit,
    open_workspace,
)
from curation.cli.left_out import left_out
from curation.messages import counted

if TYPE_CHECKING:
    from curation.formats.release_facts import GateLine
    from curation.workflows.release import Plan, Released

__all__ = ["release_cli"]


def release_cli(
    version: Annotated[str, typer.Argument(help="MAJOR.MINOR.PATCH, such as 1.0.0.")],
    *,
    workspace: WorkspaceOption = None,
    formats: Annotated[
        list[str] | None,
        typer.Option(
            "--format",
            help="A format, as `curation export` has them; repeat.",
            show_default="as set, else jsonl, spacy, iob2, parquet",
        ),
    ] = None,
    policy: Annotated[
        str,
        typer.Option(help="For spans off token borders in flat formats: strict, expand or drop."),
    ] = "expand",
    license_name: Annotated[
        str,
        typer.Option(
            "--license", help="The licence of the annotations.", show_default="as set, else none"
        ),
    ] = "",
    date: Annotated[
        str,
        typer.Option(help="The day it is published, such as 2026-05-01.", show_default="as set"),
    ] = "",
    with_annotators: Annotated[
        bool,
        typer.Option("--with-annotators", help="With what each annotator said, under other names."),
    ] = False,
    stand_off: Annotated[
        bool,
        typer.Option("--stand-off", help="Without any text, for texts that may not be passed on."),
    ] = False,
    force: Annotated[
        bool,
        typer.Option("--force", help="Release against the gate; the card says so for ever."),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be released; write nothing.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Write an immutable release of the gold documents to exports/VERSION.

    Data in their formats and parts, with dataset card, Croissant, datasheet, guideline, ontology,
    agreement, decisions, splits, losses, citation, licences, changes and checksums. The same store
    gives the same bytes; a version is never written twice. Ends with 1, and writes nothing, where
    a condition of `[release]` in curation.toml does not hold.

    Examples: `curation release 1.0.0 --dry-run`, `curation release 1.0.0 --license cc-by-4.0`
    """
    from curation.workflows.release import Options, prepare, publish
    from curation.workflows.workspace import now

    opened = open_workspace(workspace)
    options = Options(
        formats=tuple(formats or ()),
        policy=alignment_policy(policy),
        license_name=license_name,
        released=_day(date),
        stand_off=stand_off,
        with_annotators=with_annotators,
        force=force,
    )
    plan = prepare(opened, version, options)
    refused = bool(plan.failed) and not force
    if dry_run or refused:
        emit(plan.to_json(), _plan_lines(plan, refused=refused), as_json=as_json)
        raise typer.Exit(1 if refused else 0)
    result = publish(opened, plan, at=now())
    emit(plan.to_json() | result.to_json(), _released_lines(plan, result), as_json=as_json)


def _day(given: str) -> str:
    from datetime import date

    from curation.errors import UsageError
    from curation.messages import shown

    if not given:
        return ""
    try:
        return date.fromisoformat(given).isoformat()
    except ValueError:
        raise UsageError(f"--date {shown(given)}: write a day such as 2026-05-01") from None


def _plan_lines(plan: Plan, *, refused: bool) -> Iterator[str]:
    what = "would be" if not refused else "is not"
    yield f"release {plan.version} {what} made: {_contents(plan)}{left_out(plan.facts.waiting)}"
    yield from _missing(plan)
    yield from map(_gate_line, plan.facts.gate)
    yield from _advice(plan)
    if refused:
        yield "mend what does not hold, or release against the gate with --force"


def _released_lines(plan: Plan, result: Released) -> Iterator[str]:
    same = "" if result.new else ", the same as is there already"
    yield f"release {plan.version}: {_contents(plan)}{same}{left_out(result.left_out)}"
    yield from _missing(plan)
    yield from map(_gate_line, plan.facts.gate)
    if plan.facts.forced:
        yield "released against its gate: the card says so"
    losses = "; ".join(f"{name}: {counts(found)}" for name, found in result.losses.items() if found)
    yield f"losses and changes: {losses or 'none'}"
    yield from _advice(plan)
    yield f"folder: {result.path}"


def _contents(plan: Plan) -> str:
    parts = plan.facts.counts.parts
    by_part = counts({part.name: part.rows["documents"] for part in parts})
    return f"{counted(plan.facts.counts.documents, 'document')} ({by_part})"


def _missing(plan: Plan) -> Iterator[str]:
    if count := plan.facts.unplaced:
        yield f"{count} gold documents have no part and are left out; run: curation split"


def _gate_line(line: GateLine) -> str:
    return f"gate  {'holds' if line.held else 'FAILS'}  {line.condition}: {line.found}"


def _advice(plan: Plan) -> Iterator[str]:
    previous, changes = plan.facts.previous, plan.changes
    if not previous:
        return
    if changes is None:
        yield f"not compared with {previous}: its folder is not in exports/"
        return
    why = "; ".join(changes.reasons[changes.advice]) if changes.advice else "nothing changed"
    yield f"since {previous}: {why}; calls for {plan.advised}"
    if plan.too_small:
        yield f"warning: {plan.version} is lower than {plan.advised}, which the changes call for"
