"""`render_report`: ReportFacts -> one self-contained HTML page, the same bytes every time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from curation.report import charts
from curation.report.escape import Cell, content_hash, printable, script_json, shorten
from curation.report.facts import Figure, ReportFacts
from curation.report.figures import (
    DotFigure,
    Limits,
    Table,
    advice,
    confusion_matrix,
    dot_figures,
    headlines,
    heatmaps,
    interval,
    number,
    table,
    value_text,
)
from curation.report.side_by_side import ranked, side_by_side

__all__ = ["MAX_BYTES", "render_report"]

MAX_BYTES = 3_000_000
"""No report is larger, whatever the facts."""

# Tried in turn until the page is small enough; the last one is small whatever comes in.
_LEVELS = (
    Limits(rows=400, name=120, examples=20, text=8000, marks=400, matrix=40, figures=40),
    Limits(rows=120, name=80, examples=8, text=6000, marks=200, matrix=24, figures=20),
    Limits(rows=40, name=60, examples=3, text=3000, marks=80, matrix=12, figures=8),
    Limits(rows=10, name=40, examples=1, text=1000, marks=20, matrix=6, figures=4),
)

_COMMANDS: Mapping[Figure, str] = {
    "status": "curation status --json",
    "agreement": "curation agreement --json",
    "pairs": "curation agreement --json",
    "confusion": "curation agreement --json",
    "disagreements": "curation agreement --json",
    "survival": "curation status --json",
    "adjudication": "curation adjudicate --json",
    "splits": "curation split --json",
    "releases": "curation status --json",
}

_PALETTE = ("#e0b040", "#6fbf84", "#63b3e6", "#e293c0", "#a99be0", "#d98f5c", "#5fbdb5", "#b5b96a")


def render_report(facts: ReportFacts) -> str:
    """The report as HTML, below `MAX_BYTES` in UTF-8; it says what was left out to stay there."""
    page = ""
    for limits in _LEVELS:
        page = _render(facts, limits)
        if len(page.encode("utf-8")) <= MAX_BYTES:
            break
    return page


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("curation.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"number": number, "shorten": shorten}
    environment.globals |= {"value_text": value_text, "interval": interval, "bars": charts.bars}
    return environment


def _source(name: str) -> str:
    loader = _environment().loader
    assert loader is not None
    return loader.get_source(_environment(), name)[0]


def _render(facts: ReportFacts, limits: Limits) -> str:
    colours = _colours(facts, limits)
    style = _source("report.css") + "".join(_colour_rules(colours))
    script = _source("report.js")
    policy = (
        f"default-src 'none'; style-src {content_hash(style)}; script-src {content_hash(script)}; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )
    context = _context(facts, limits, {name: i for i, name in enumerate(colours)})
    page = (
        _environment()
        .get_template("report.html")
        .render(**context, style=style, script=script, policy=policy)
    )
    return printable(page)


def _context(facts: ReportFacts, limits: Limits, label_ids: Mapping[str, int]) -> dict[str, Any]:
    figures, figures_left_out = dot_figures(facts, limits)
    documents = ranked(facts.examples)
    annotators = _annotators(facts)
    shown = documents[: limits.examples]
    return {
        "facts": facts,
        "limits": limits,
        "tables": _tables(facts, limits),
        "headlines": headlines(facts.measures),
        "figures": figures,
        "figures_left_out": figures_left_out,
        "advice": [(layer, advice(facts.measures, layer)) for layer in ("entities", "triggers")],
        "heatmaps": heatmaps(facts, limits),
        "confusions": [
            confusion_matrix(c, _command(facts, "confusion"), limits)
            for c in facts.confusions[: limits.figures]
        ],
        "documents": [side_by_side(e, limits, label_ids, annotators) for e in shown],
        "documents_left_out": len(documents) - len(shown),
        "disagreements_command": _command(facts, "disagreements"),
        "label_ids": label_ids,
        "annotator_ids": annotators,
        "data": script_json(_data(facts, figures, limits)),
    }


def _command(facts: ReportFacts, figure: Figure) -> str:
    chosen = (c.command for c in facts.commands if c.figure == figure)
    return next(chosen, _COMMANDS[figure])


def _annotators(facts: ReportFacts) -> dict[str, int]:
    names = sorted({v.annotator for e in facts.examples for v in e.views})
    return {name: i for i, name in enumerate(names)}


def _labels(facts: ReportFacts) -> Iterator[str]:
    for example in facts.examples:
        for view in example.views:
            yield from (mark.label for mark in (*view.entities, *view.triggers))


def _colours(facts: ReportFacts, limits: Limits) -> dict[str, str]:
    """Label -> #rrggbb of every label in the examples; the ontology's, else from the palette."""
    labels = sorted(set(_labels(facts)))[: limits.rows]
    return {
        label: facts.colours.get(label, _PALETTE[i % len(_PALETTE)])
        for i, label in enumerate(labels)
    }


def _colour_rules(colours: Mapping[str, str]) -> Iterator[str]:
    for i, colour in enumerate(colours.values()):
        yield f".k{i}{{--c:{colour};--on:{_ink(colour)}}}\n"


def _ink(colour: str) -> str:
    """Black or white, whichever stands out more on the colour (WCAG 2 relative luminance)."""
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "#111" if luminance > 0.179 else "#fff"


def _tables(facts: ReportFacts, limits: Limits) -> dict[str, Table]:
    """The tables of counts, by the name of their section."""
    status = [_command(facts, "status")]
    progress = ("name", "assigned", "done", "skipped")
    people = [(p.name, p.assigned, p.done, p.skipped) for p in facts.status.annotators]
    languages = [(p.name, p.assigned, p.done, p.skipped) for p in facts.status.languages]
    states = list(facts.status.by_status.items())
    return {
        "states": table("status", ("status", "documents"), states, status, limits),
        "annotators": table("annotators", progress, people, status, limits),
        "languages": table("languages", progress, languages, status, limits),
        "survival": _survival_table(facts, limits),
        "rules": table(
            "adjudication",
            ("decided by", "positions"),
            list(facts.adjudication.by_rule.items()),
            [_command(facts, "adjudication")],
            limits,
        ),
        "splits": _split_table(facts, limits),
        "releases": table(
            "releases",
            ("version", "documents", "path", "sha256"),
            [(r.version, r.documents, r.path, r.sha256) for r in facts.releases],
            [_command(facts, "releases")],
            limits,
        ),
        "commands": table(
            "commands",
            ("number", "command"),
            [(c.gives, c.command) for c in facts.commands],
            [],
            limits,
        ),
    }


def _survival_table(facts: ReportFacts, limits: Limits) -> Table:
    columns = ("layer", "kept", "changed", "removed", "added")
    rows = [(s.layer, s.kept, s.changed, s.removed, s.added) for s in facts.survival]
    return table("pre-annotation", columns, rows, [_command(facts, "survival")], limits)


def _split_table(facts: ReportFacts, limits: Limits) -> Table:
    labels = list(dict.fromkeys(label for s in facts.splits for label in s.labels))
    columns = ("part", "documents", "groups", *labels[: limits.matrix])
    rows: list[tuple[Cell, ...]] = [
        (s.part, s.documents, s.groups, *(s.labels.get(k, 0) for k in labels[: limits.matrix]))
        for s in facts.splits
    ]
    return table("splits", columns, rows, [_command(facts, "splits")], limits)


def _data(facts: ReportFacts, figures: Iterable[DotFigure], limits: Limits) -> dict[str, Any]:
    """The measures for a script that reads the page, with the rows of the tables above."""
    return {
        "database": shorten(facts.generated_from.database, limits.name * 3),
        "time": shorten(facts.generated_from.time, limits.name),
        "sample": facts.sample,
        "measures": [
            dict(zip(f.table.columns, row, strict=True)) for f in figures for row in f.table.rows
        ],
    }
