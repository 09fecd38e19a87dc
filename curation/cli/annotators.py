"""`curation annotators`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from curation.cli.common import (
    JsonOption,
    WorkspaceOption,
    counts,
    emit,
    open_workspace,
    progress,
)

if TYPE_CHECKING:
    from curation.annotators import AnnotatorFigures, AnnotatorsPage, Figure, Pace, Quartiles

__all__ = ["annotators_cli"]

_WIDTH = 80
_NAME = 44


def annotators_cli(
    *,
    workspace: WorkspaceOption = None,
    anonymous: Annotated[
        bool,
        typer.Option(
            "--anonymous",
            help="Letters for names, in an order that the workspace and the seed decide.",
        ),
    ] = False,
    html: Annotated[
        Path | None, typer.Option(help="Write a page that opens from disk.", show_default=False)
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of resampling, drawing and letters.")] = 0,
    resamples: Annotated[int, typer.Option(min=1, help="Resamples for the intervals.")] = 2000,
    most: Annotated[
        int, typer.Option("--documents", min=1, help="Read at most so many item by item.")
    ] = 2000,
    as_json: JsonOption = False,
) -> None:
    """Show each annotator's pace, suggestions kept, agreement, and competence, with intervals.

    In the order of names: nobody is ranked. Agreement is exact F1, with each of the others, with
    gold, and with what the rules make of the others' votes alone. Competence is the chance of a
    right answer by the model of Dawid & Skene, from three annotators on. What cannot be told is
    said with its reason, never as 0. Letters hide who is who from a reader of the page, not from
    one who has the workspace: counts are those of `curation status`.

    Example: `curation annotators --anonymous --html annotators.html`
    """
    from curation.annotators import anonymous as without_names
    from curation.workflows.annotators import read_annotators

    opened = open_workspace(workspace)
    with progress("Reading documents") as advance:
        page = read_annotators(
            opened.store,
            opened.settings,
            rules=opened.rules,
            seed=seed,
            resamples=resamples,
            most=most,
            advance=advance,
        )
    if anonymous:
        page = without_names(page, secret=opened.settings.id)
    data = page.to_json()
    if html is not None:
        from curation.report.annotators import write_annotators

        write_annotators(page, html, title=opened.settings.name)
        # A folder's name can be somebody's.
        data["page"] = str(html if anonymous else html.resolve())
    emit(data, _lines(page, html), as_json=as_json)


def _lines(page: AnnotatorsPage, html: Path | None) -> Iterator[str]:
    if page.sample:
        yield "sample annotations: these numbers are about invented annotators"
    for annotator in page.annotators:
        yield from _annotator(annotator)
        yield ""
    if not page.annotators:
        yield "no annotators yet"
    yield "What these figures do not say:"
    for notice in page.notices:
        yield from _folded(f"- {notice}")
    read, there = page.read
    yield from _folded(
        f"{read} of {there} annotated documents read item by item; seed {page.seed}, "
        f"{page.resamples} resamples, competence fitted {page.refits} times again"
    )
    if html is not None:
        yield f"page: {html if page.is_anonymous else html.resolve()}"


def _annotator(one: AnnotatorFigures) -> Iterator[str]:
    yield one.annotator
    done = f"{one.done} done of {one.assigned} assigned, {one.skipped} skipped"
    yield f"  documents: {done}; {one.words} words"
    if one.languages:
        yield from _folded(f"  languages: {counts(one.languages)}")
    yield f"  with suggestions: {one.assisted} of {one.done}"
    yield from _pace("pace with suggestions", one.pace["assisted"])
    yield from _pace("pace without suggestions", one.pace["unassisted"])
    yield f"  {'':<{_NAME}} {'value':>6}  {'95% interval':<12} {'docs':>5}"
    for made in one.suggestions:
        names = {"kept": "kept as they are", "changed": "changed", "removed": "removed"}
        for fate, name in names.items():
            yield _row(f"suggested {made.layer}: {name}", made.shares[fate])
        yield _row(f"handed-in {made.layer}: added by hand", made.shares["added"])
    if not one.suggestions:
        yield "  suggestions: none corrected"
    for what, figures in (
        ("agreement with the others", one.others),
        ("agreement with gold", one.gold),
        ("agreement with the others' gold", one.gold_without),
        ("competence", one.competence),
    ):
        for figure in figures:
            yield _row(f"{what}, {figure.layer}", figure)


def _pace(what: str, pace: Pace) -> Iterator[str]:
    if pace.seconds is None or pace.words_per_minute is None:
        yield f"  {what}: - {pace.reason}"
        return
    yield from _folded(
        f"  {what}: {_half(pace.seconds)} seconds a task, {_half(pace.words_per_minute)} words a "
        f"minute (median, middle half; {pace.n} tasks)"
    )


def _half(found: Quartiles) -> str:
    return f"{found.median:.0f} ({found.q1:.0f}-{found.q3:.0f})"


def _row(name: str, figure: Figure) -> str:
    if figure.value is None:
        return f"  {name:<{_NAME}}  -  {figure.reason}"
    ci = figure.ci
    interval = f"- {figure.reason}" if ci is None else f"{ci[0]:.3f}-{ci[1]:.3f}"
    return f"  {name:<{_NAME}} {figure.value:>6.3f}  {interval:<12} {figure.n_documents:>5}"


def _folded(line: str) -> list[str]:
    from textwrap import wrap

    indent = " " * (len(line) - len(line.lstrip(" ")))
    return wrap(line.lstrip(" "), _WIDTH, initial_indent=indent, subsequent_indent=f"{indent}  ")
