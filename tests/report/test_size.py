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
    Progress,
    ReportFacts,
    Status,
    View,
)
from curation.report.findings import Cause, CauseExample, Change, Offset
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
            slice={"month" if j % 2 else long: f"{i}{j}{long}"} if j else {}, reason=long,
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
        causes=tuple(
            Cause(
                layer=long,
                cause=long,
                detail=f"{i}{long}",
                n=1,
                n_counted=1,
                rise=0.5,
                measure=long,
                labels=(long,) * 9,
                examples=(
                    CauseExample(
                        uid=long, before=long, inside=long, after=long, said=((long, long),) * 9
                    ),
                )
                * 9,
            )
            for i in range(200)
        ),
        offsets=tuple(
            Offset(layer=f"{i % 50}{long}", label=long, start=i, end=-i, n=1) for i in range(2000)
        ),
        changes=tuple(
            Change(name=long, dimension="guideline", a=long, b=long, value=0.1) for _ in range(999)
        ),
        guidelines={f"{i}{long}": {f"{j}{long}": 1 for j in range(9)} for i in range(99)},
        no_leakage=long,
        commands=tuple(Command(command=long, gives=long) for _ in range(500)),
    )


def test_page_stays_small() -> None:
    """Facts of many megabytes, all of it characters that grow when escaped, give a small page."""
    html = render_report(_huge())
    assert len(html.encode()) <= MAX_BYTES == 3_000_000
    assert "left out here" in html


def test_page_of_a_large_project_is_whole(sample: ReportFacts) -> None:
    """Two years, thirty annotators and forty labels fit, with every example, figure and row."""
    people = [f"annotator {i:02}" for i in range(30)]
    first = sample.measures[0]
    months = tuple(
        first.model_copy(update={"name": name, "slice": {"month": f"202{y}-{m:02}"}})
        for name in dict.fromkeys(m.name for m in sample.measures if m.slice)
        for y in (5, 6)
        for m in range(1, 13)
    )
    pairs = tuple(
        sample.pairs[0].model_copy(update={"annotator_a": a, "annotator_b": b, "measure": name})
        for name in dict.fromkeys(p.measure for p in sample.pairs)
        for i, a in enumerate(people)
        for b in people[i + 1 :]
    )
    large = sample.model_copy(
        update={
            "status": sample.status.model_copy(
                update={
                    "documents": 10_000,
                    "annotators": tuple(
                        Progress(name=p, assigned=667, done=600, skipped=3) for p in people
                    ),
                }
            ),
            "measures": (*sample.measures, *months),
            "pairs": pairs,
        }
    )
    html = render_report(large)
    assert len(html.encode()) <= MAX_BYTES
    assert html.count("<article") == len(sample.examples) == 10
