"""A report stays small whatever goes into it."""

from __future__ import annotations

from curation.report.facts import (
    NONE,
    Argument,
    Command,
    Confusion,
    Example,
    Mark,
    Measure,
    Origin,
    ReportFacts,
    Status,
    View,
)
from curation.report.render import MAX_BYTES, render_report


def _huge() -> ReportFacts:
    long = "&" * 5000
    marks = tuple(
        Mark(start=i, end=j, label=f"{long}{i % 3}") for i in range(30) for j in range(40, 60)
    )
    arguments = tuple(
        Argument(role=long, trigger=i, entity=j) for i in range(30) for j in range(20)
    )
    views = tuple(
        View(annotator=f"{i}{long}", entities=marks, triggers=marks[i:], arguments=arguments)
        for i in range(5)
    )
    example = Example(uid=long, language=long, text=long, views=views)
    measures = tuple(
        Measure(
            name=f"f{i}(layer={i}{long})", value=0.5, n_documents=1, n_items=1,
            slice={long: f"{i}{j}{long}"} if j else {}, reason=long,
        )
        for i in range(60)
        for j in range(20)
    )  # fmt: skip
    return ReportFacts(
        title=long,
        generated_from=Origin(database=long, time=long),
        status=Status(by_status={f"{i}{long}": 1 for i in range(500)}),
        measures=measures,
        confusions=(
            Confusion(
                layer=long,
                labels=(*(f"{i}{long}" for i in range(99)), NONE),
                counts=((1,) * 100,) * 100,
                rows=long,
                columns=long,
            ),
        ),
        examples=(example,) * 3,
        commands=tuple(Command(command=long, gives=long) for _ in range(500)),
    )


def test_page_stays_small() -> None:
    """Facts of many megabytes, all of it characters that grow when escaped, give a small page."""
    html = render_report(_huge())
    assert len(html.encode()) <= MAX_BYTES == 3_000_000
    assert "left out here" in html
