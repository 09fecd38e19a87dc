"""`render_report`: ReportFacts -> one self-contained HTML page, the same bytes every time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from curation.report import charts
from curation.report.escape import breakable, content_hash, printable, script_json, shorten
from curation.report.facts import Example, ReportFacts
from curation.report.figures import (
    DotFigure,
    Limits,
    advice,
    confusion_matrix,
    counted,
    dot_figures,
    headlines,
    heatmaps,
    interval,
    number,
    value_text,
)
from curation.report.side_by_side import ranked, side_by_side
from curation.report.tables import command_for, tables

__all__ = ["MAX_BYTES", "environment", "policy", "render_report", "source"]

MAX_BYTES = 3_000_000
"""No report is larger, whatever the facts."""

# Tried in turn until the page is small enough; the last one is small whatever comes in.
_LEVELS = (
    Limits(rows=400, name=120, examples=20, text=8000, marks=400, matrix=40, figures=40),
    Limits(rows=120, name=80, examples=8, text=6000, marks=200, matrix=24, figures=20),
    Limits(rows=40, name=60, examples=3, text=3000, marks=80, matrix=12, figures=8),
    Limits(rows=10, name=40, examples=1, text=1000, marks=20, matrix=6, figures=4),
)

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
def environment() -> Environment:
    """The templates of pages, with everything escaped that comes into them."""
    made = Environment(
        loader=PackageLoader("curation.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "breakable": breakable,
        "counted": counted,
        "number": number,
        "shorten": shorten,
    }
    made.globals |= {"value_text": value_text, "interval": interval, "bars": charts.bars}
    return made


def source(name: str) -> str:
    """A file among the templates as it is."""
    loader = environment().loader
    assert loader is not None
    return loader.get_source(environment(), name)[0]


def _render(facts: ReportFacts, limits: Limits) -> str:
    shown = ranked(facts.examples)[: limits.examples]
    colours = _colours(facts, shown, limits)
    style = source("report.css") + "".join(_colour_rules(colours))
    script = source("report.js")
    template = environment().get_template("report.html")
    page = template.render(
        _agreement(facts, limits),
        **_documents(facts, shown, limits, {name: i for i, name in enumerate(colours)}),
        facts=facts,
        limits=limits,
        tables=tables(facts, shown, limits),
        style=style,
        script=script,
        policy=policy(style, script),
    )
    return printable(page)


def policy(style: str, script: str) -> str:
    """Nothing is loaded from anywhere; only these very texts may style and act."""
    return (
        f"default-src 'none'; style-src {content_hash(style)}; script-src {content_hash(script)}; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def _agreement(facts: ReportFacts, limits: Limits) -> dict[str, Any]:
    figures, left_out = dot_figures(facts, limits)
    command = command_for(facts, "confusion")
    return {
        "headlines": headlines(facts.measures),
        "figures": figures,
        "figures_left_out": left_out,
        "advice": [(layer, advice(facts.measures, layer)) for layer in ("entities", "triggers")],
        "heatmaps": heatmaps(facts, limits),
        "confusions": [
            confusion_matrix(c, command, limits) for c in facts.confusions[: limits.figures]
        ],
        "data": script_json(_data(facts, figures, limits)),
    }


def _documents(
    facts: ReportFacts, shown: Sequence[Example], limits: Limits, label_ids: Mapping[str, int]
) -> dict[str, Any]:
    names = sorted({v.annotator for e in shown for v in e.views[: limits.matrix]})
    annotator_ids = {name: i for i, name in enumerate(names)}
    return {
        "documents": [side_by_side(e, limits, label_ids, annotator_ids) for e in shown],
        "documents_left_out": len(facts.examples) - len(shown),
        "label_ids": label_ids,
        "annotator_ids": annotator_ids,
    }


def _colours(facts: ReportFacts, shown: Sequence[Example], limits: Limits) -> dict[str, str]:
    """Label -> #rrggbb of every label shown; the ontology's, else from the palette."""
    marks = (m for e in shown for v in e.views for m in (*v.entities, *v.triggers))
    labels = sorted({mark.label for mark in marks})[: limits.rows]
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
