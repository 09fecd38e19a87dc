"""The page about annotators: AnnotatorsPage -> one self-contained HTML file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from curation.annotators import AnnotatorFigures, AnnotatorsPage, Figure, Pace
from curation.report.escape import Cell, printable
from curation.report.facts import Measure
from curation.report.figures import DotFigure, Limits, Table, dots, number, table
from curation.report.filters import Filters
from curation.report.render import environment, policy, source
from curation.report.write import write_page

__all__ = ["render_annotators", "write_annotators"]

_LIMITS = Limits(rows=200, name=80, examples=0, text=0, marks=0, matrix=0, figures=40)


def write_annotators(page: AnnotatorsPage, path: Path, *, title: str) -> None:
    """Writes the page; UsageError where the place cannot be written."""
    write_page(render_annotators(page, title=title), path)


def render_annotators(page: AnnotatorsPage, *, title: str) -> str:
    """The page as HTML. `title` is the workspace's, which a page without names leaves out."""
    style, script = source("report.css"), source("report.js")
    text = (
        environment()
        .get_template("annotators.html")
        .render(
            page=page,
            title="Annotators" if page.is_anonymous else title,
            sections=tuple(_sections(page)),
            work=_work(page),
            fates=_fates(page),
            pace=_pace(page),
            filters=Filters(),
            style=style,
            script=script,
            policy=policy(style, script),
        )
    )
    return printable(text)


_Section = tuple[str, str, str, tuple[DotFigure, ...]]
"""Id, heading, explanation, figures."""


def _sections(page: AnnotatorsPage) -> Iterator[_Section]:
    yield (
        "suggestions",
        "Suggestions",
        "Kept, changed and removed are shares of what was suggested; added by hand is the share of "
        "what was handed in that nobody had suggested.",
        tuple(_suggestion_figures(page)),
    )
    for id_, heading, says, of in _KINDS:
        yield id_, heading, says, tuple(_figures(page, heading, of))


_KINDS: tuple[tuple[str, str, str, Callable[[AnnotatorFigures], Sequence[Figure]]], ...] = (
    (
        "others",
        "Agreement with the others",
        "Exact F1 with each of the others over the documents that both have done, and the mean of "
        "these.",
        lambda one: one.others,
    ),
    (
        "gold",
        "Agreement with gold",
        "Exact F1 over what gold has decided. Gold is made of everybody's votes, their own among "
        "them.",
        lambda one: one.gold,
    ),
    (
        "gold-without",
        "Agreement with the others' gold",
        "Exact F1 with what the rules decide from the votes of the others alone, over documents "
        "that three or more have done. What the others leave open is not counted.",
        lambda one: one.gold_without,
    ),
    (
        "competence",
        "Competence",
        "The chance of a right answer at a position, by the model of Dawid and Skene, which takes "
        "the answers of all and estimates both what is right and how often each is.",
        lambda one: one.competence,
    ),
)


def _figures(
    page: AnnotatorsPage, heading: str, of: Callable[[AnnotatorFigures], Sequence[Figure]]
) -> Iterator[DotFigure]:
    layers = dict.fromkeys(f.layer for one in page.annotators for f in of(one))
    for layer in layers:
        rows = [(one.annotator, f) for one in page.annotators for f in of(one) if f.layer == layer]
        yield _dots(page, f"{heading}: {layer}", rows)


def _suggestion_figures(page: AnnotatorsPage) -> Iterator[DotFigure]:
    layers = dict.fromkeys(s.layer for one in page.annotators for s in one.suggestions)
    for layer in layers:
        rows = [
            (one.annotator, s.shares["kept"])
            for one in page.annotators
            for s in one.suggestions
            if s.layer == layer
        ]
        yield _dots(page, f"Suggested {layer} kept as they are", rows)


def _fates(page: AnnotatorsPage) -> Table:
    columns = (
        "annotator", "layer", "documents", "suggested", "kept", "changed", "removed",
        "added by hand",
    )  # fmt: skip
    rows: list[tuple[Cell, ...]] = [
        (
            one.annotator,
            s.layer,
            s.n_documents,
            s.kept + s.changed + s.removed,
            *(_share(s.shares[fate]) for fate in ("kept", "changed", "removed", "added")),
        )
        for one in page.annotators
        for s in one.suggestions
    ]
    return table("suggestions", columns, rows, [_command(page)], _LIMITS)


def _share(figure: Figure) -> str:
    if figure.value is None:
        return f"undefined: {figure.reason}"
    if figure.ci is None:
        return f"{number(figure.value)}, no interval: {figure.reason}"
    return f"{number(figure.value)} [{number(figure.ci[0])}, {number(figure.ci[1])}]"


def _dots(page: AnnotatorsPage, title: str, rows: Sequence[tuple[str, Figure]]) -> DotFigure:
    measures = [
        Measure(
            name=figure.measure,
            value=figure.value,
            reason=figure.reason,
            ci=figure.ci,
            ci_method=figure.ci_method,
            n_documents=figure.n_documents,
            n_items=figure.n,
            slice={"annotator": name},
            command=_command(page),
        )
        for name, figure in rows
    ]
    return dots(title, rows[0][1].measure, [name for name, _ in rows], measures, _LIMITS)


def _command(page: AnnotatorsPage) -> str:
    more = " --anonymous" if page.is_anonymous else ""
    return f"curation annotators{more} --seed {page.seed} --json"


def _work(page: AnnotatorsPage) -> Table:
    columns = ["annotator", "assigned", "done", "skipped", "words", "with suggestions"]
    rows: list[list[Cell]] = [
        [one.annotator, one.assigned, one.done, one.skipped, one.words, one.assisted]
        for one in page.annotators
    ]
    if not page.is_anonymous:
        columns.append("languages")
        for row, one in zip(rows, page.annotators, strict=True):
            row.append(", ".join(f"{k} {n}" for k, n in one.languages.items()) or None)
    return table("work", columns, rows, [_command(page)], _LIMITS)


def _pace(page: AnnotatorsPage) -> Table:
    columns = (
        "annotator", "suggestions", "tasks", "seconds a task", "middle half", "words a minute",
        "middle half of these",
    )  # fmt: skip
    rows = [
        _pace_row(one.annotator, words, one.pace[kind])
        for one in page.annotators
        for kind, words in (("assisted", "with"), ("unassisted", "without"))
    ]
    return table("pace", columns, rows, [_command(page)], _LIMITS)


def _pace_row(name: str, kind: str, pace: Pace) -> tuple[Cell, ...]:
    if pace.seconds is None or pace.words_per_minute is None:
        return (name, kind, pace.n, f"undefined: {pace.reason}", None, None, None)
    both = (pace.seconds, pace.words_per_minute)
    told = [(round(q.median), f"{q.q1:.0f} to {q.q3:.0f}") for q in both]
    return (name, kind, pace.n, *told[0], *told[1])
