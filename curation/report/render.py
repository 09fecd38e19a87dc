"""`render_report`: ReportFacts -> one self-contained HTML page, the same bytes every time."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from curation.report import stacks
from curation.report.escape import breakable, content_hash, printable, script_json, shorten
from curation.report.facts import Example, ReportFacts
from curation.report.figures import (
    DotFigure,
    Limits,
    advice,
    counted,
    dot_figures,
    headlines,
    interval,
    is_headline,
    layer_order,
    number,
    slice_figures,
    value_text,
)
from curation.report.filters import filters_of
from curation.report.matrices import confusion_matrix, heatmaps
from curation.report.side_by_side import ranked, side_by_side
from curation.report.tables import command_for, tables
from curation.report.times import times
from curation.report.todo import todo
from curation.report.trends import histograms, trends

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


def render_report(facts: ReportFacts, *, live: str = "") -> str:
    """The report as HTML, below `MAX_BYTES` in UTF-8; it says what was left out to stay there.

    `live` is the mark of what it was made from, for a page that is served: it then asks its own
    server, and nobody else, whether there is something newer.
    """
    page = ""
    for limits in _LEVELS:
        page = _render(facts, limits, live)
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
    made.globals |= {"value_text": value_text, "interval": interval}
    return made


def source(name: str) -> str:
    """A file among the templates as it is."""
    loader = environment().loader
    assert loader is not None
    return loader.get_source(environment(), name)[0]


def _render(facts: ReportFacts, limits: Limits, live: str) -> str:
    shown = ranked(facts.examples)[: limits.examples]
    colours = _colours(facts, shown, limits)
    style = "".join([*map(source, _STYLES), *_colour_rules(colours)])
    script = "".join(map(source, _SCRIPTS if live else _SCRIPTS[:-1]))
    template = environment().get_template("report.html")
    page = template.render(
        **_agreement(facts, limits),
        **_work(facts, limits),
        documents=[side_by_side(e, limits) for e in shown],
        documents_left_out=len(facts.examples) - len(shown),
        label_ids={name: i for i, name in enumerate(colours)},
        filters=filters_of(facts, shown, limits),
        facts=facts,
        as_of=as_of(facts.generated_from.time),
        limits=limits,
        live=live,
        tables=tables(facts, shown, limits),
        style=style,
        script=script,
        policy=policy(style, script, live=bool(live)),
    )
    return printable(page)


_STYLES = ("report.css", "figures.css")
_SCRIPTS = ("report.js", "filters.js", "arrows.js", "live.js")


def as_of(time: str) -> str:
    """A time in ISO 8601 as people write it, to the minute; anything else as it is."""
    found = re.fullmatch(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(:[\d.]+)?(?:\+00:00|Z)", time)
    return f"{found[1]} {found[2]} UTC" if found else time


def policy(style: str, script: str, *, live: bool = False) -> str:
    """Nothing is loaded from anywhere; only these very texts may style and act.

    A `live` page may ask the server that it came from.
    """
    connect = "connect-src 'self'; " if live else ""
    return (
        f"default-src 'none'; style-src {content_hash(style)}; script-src {content_hash(script)}; "
        f"{connect}img-src data:; base-uri 'none'; form-action 'none'"
    )


def _agreement(facts: ReportFacts, limits: Limits) -> dict[str, Any]:
    figures, left_out = dot_figures(facts, limits)
    labels = [f for f in figures if f.rows and "label" in f.rows[0].measure.slice]
    slices = [f for f in figures if f.name is not None and f not in labels]
    command = command_for(facts, "confusion")
    return {
        "headlines": headlines(facts.measures),
        "ladders": [f for f in figures if f.name is None],
        "slices": [f for f in slices if f.is_main],
        "more_slices": [f for f in slices if not f.is_main],
        "labels": [f for f in labels if f.is_main],
        "more_labels": [f for f in labels if not f.is_main],
        "figures_left_out": left_out,
        "advice": [(layer, advice(facts.measures, layer)) for layer in ("entities", "triggers")],
        "todo": todo(facts, limits),
        **_heatmaps(facts, limits),
        "confusions": [
            confusion_matrix(c, command, limits)
            for c in sorted(facts.confusions, key=lambda c: layer_order(c.layer))[: limits.figures]
        ],
        "histograms": histograms(facts, command_for(facts, "boundaries"), limits),
        "trends": trends(facts, limits),
        "by_guideline": slice_figures(facts, "guideline", limits),
        "by_assistance": slice_figures(facts, "assisted", limits),
        "data": script_json(_data(facts, figures, limits)),
    }


_MORE = 12
_CELLS = 3000
"""Cells that the matrices of pairs below the first ones have, all of them together."""


def _heatmaps(facts: ReportFacts, limits: Limits) -> dict[str, Any]:
    """Exact agreement of pairs, and of few annotators the other measures too."""
    maps = heatmaps(facts, limits)
    main = [m for m in maps if is_headline(m.name or "")] or list(maps[:1])
    others = [m for m in maps if m not in main]
    largest = max((len(m.columns) ** 2 for m in maps), default=1)
    kept = others[: min(_MORE, _CELLS // max(1, largest))]
    return {
        "heatmaps": main,
        "more_heatmaps": kept,
        "heatmaps_left_out": len({p.measure for p in facts.pairs}) - len(main) - len(kept),
    }


def _work(facts: ReportFacts, limits: Limits) -> dict[str, Any]:
    status = facts.status
    return {
        "forecast": next((f for f in facts.forecasts if f.kind == "all"), None),
        "states": stacks.states(facts, limits),
        "by_annotator": stacks.progress(status.annotators, "annotator", limits),
        "by_language": stacks.progress(status.languages, "language", limits),
        "fates": stacks.fates(facts.survival, limits),
        "fates_by_label": stacks.fates(facts.survival_by_label, limits),
        "times": times(facts, limits),
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
        "from": shorten(facts.generated_from.database, limits.name * 3),
        "time": shorten(facts.generated_from.time, limits.name),
        "sample": facts.sample,
        "measures": [
            dict(zip(f.table.columns, row, strict=True)) for f in figures for row in f.table.rows
        ],
    }
