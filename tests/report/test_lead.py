"""What a lead acts on: drawn as the facts say, chosen by the filters, right in the sample."""

from __future__ import annotations

import csv
import io
from urllib.parse import unquote

import pytest

from curation.agreement.causes import causes_of
from curation.report import charts
from curation.report.facts import Measure, Progress, ReportFacts, Status, Survival, WorkTime
from curation.report.figures import Limits, Rough, Table, dot_figures, number
from curation.report.filters import filters_of
from curation.report.findings import Offset
from curation.report.render import as_of, render_report
from curation.report.stacks import fates, progress, states
from curation.report.tables import tables
from curation.report.times import times
from curation.report.todo import todo
from curation.report.trends import histograms, trends
from curation.workflows import agreement
from curation.workflows.workspace import Workspace

LIMITS = Limits(rows=99, name=80, examples=9, text=999, marks=99, matrix=9, figures=20)


def rows(table: Table) -> list[dict[str, str]]:
    """The CSV of a table, read back."""
    text = unquote(table.csv.partition(",")[2]).removeprefix("\ufeff")
    return list(csv.DictReader(io.StringIO(text)))


def test_months_stand_in_order_and_new_guidelines_between_them(facts: ReportFacts) -> None:
    """Three months, a line between neighbours, and a mark where most follow another version."""
    (found,) = trends(facts, LIMITS)
    assert [(p.label, p.guidelines) for p in found.points] == [
        ("2026-01", "1.0"), ("2026-02", "1.0"), ("2026-03", "1.1"),
    ]  # fmt: skip
    assert [(len(found.lines), found.n)] == [(2, 37)]
    assert found.new == ((66.66, "1.1"),)
    assert found.points[0].y == pytest.approx(150 * (1 - 0.7011), abs=0.1)
    assert rows(found.table)[1]["guideline"] == "1.0: 10, 1.1: 7"
    assert "--by month" in found.table.commands[0]


def test_month_without_a_value_is_a_gap(facts: ReportFacts) -> None:
    """A month with too few documents breaks the line, and is nowhere drawn as 0."""
    none = Measure(
        name=facts.measures[0].name, value=None, reason="fewer than 5 documents", n_documents=2,
        n_items=9, slice={"month": "2026-02"},
    )  # fmt: skip
    kept = [m for m in facts.measures if m.slice.get("month") in ("2026-01", "2026-03")]
    (found,) = trends(facts.model_copy(update={"measures": (*kept, none)}), LIMITS)
    assert [p.y is None for p in found.points] == [False, True, False]
    assert found.lines == ()
    assert rows(found.table)[1]["value"] == "undefined: fewer than 5 documents"


def test_offsets_are_counted_by_side_and_the_far_ones_share_a_bar() -> None:
    """-27 and -10 stand in the first bar, and the table keeps them apart."""
    offsets = tuple(
        Offset(layer="entities", label="PER", start=start, end=end, n=n)
        for start, end, n in ((8, 0, 14), (0, -27, 3), (0, -10, 2))
    )
    start, end = histograms(_with(offsets=offsets), "c", LIMITS)
    assert {c.label: c.n for c in start.columns if c.n} == {"0": 5, "+8": 14}
    assert {c.label: c.n for c in end.columns if c.n} == {"≤ −10": 5, "0": 14}
    assert [r["pairs of items"] for r in rows(end.table)] == ["3", "2", "14"]
    assert (end.n, end.highest) == (19, 14)


def _with(**fields: object) -> ReportFacts:
    return ReportFacts.model_validate(
        {"title": "t", "generated_from": {"database": "d", "time": "t"}, **fields}
    )


def test_to_do_list_is_ranked_and_names_its_labels(facts: ReportFacts) -> None:
    """What raises agreement most comes first; what raises nothing is left out of the list."""
    idle = facts.causes[0].model_copy(update={"rise": 0.0, "detail": "idle"})
    found = todo(facts.model_copy(update={"causes": (*facts.causes, idle)}), LIMITS)
    assert (found[0].before, found[0].names, found[0].after) == (
        "Say how to tell", "LOC / ORG", "apart",
    )  # fmt: skip
    assert [t.names for t in found] == ["LOC / ORG", "ASSAULT"]


def test_states_of_layers_add_up(facts: ReportFacts) -> None:
    """Each layer's bar has all its documents, and fills the width."""
    found = states(facts, LIMITS)
    assert [(s.title, s.n) for s in found.rows] == [
        ("all layers", 127), ("entities", 127), ("events", 127),
    ]  # fmt: skip
    for row in found.rows:
        assert sum(bar.width for bar in row.bars) == pytest.approx(100, abs=0.1)


def test_what_is_left_is_neither_done_nor_skipped() -> None:
    """Ten given, six done, one skipped: three left; done beyond what was given leaves none."""
    people = (
        Progress(name="anna", assigned=10, done=6, skipped=1),
        Progress(name="ben", assigned=1, done=2, skipped=0),
    )
    found = progress(people, "annotator", LIMITS)
    assert [[(b.kind, b.n) for b in row.bars] for row in found.rows] == [
        [("p5", 6), ("px", 1), ("p0", 3)], [("p5", 2)],
    ]  # fmt: skip


def test_fates_without_items_have_no_bar() -> None:
    """A layer of which nothing was suggested nor added is drawn as nothing."""
    (row,) = fates((Survival(layer="x", kept=0, changed=0, removed=0, added=0),), LIMITS).rows
    assert (row.bars, row.n) == ((), 0)


def test_times_share_an_axis_of_round_minutes() -> None:
    """The axis goes to a round number above the longest quartile; what has no median is absent."""
    found = times(
        _with(
            work_time=(
                WorkTime(n=4, median=4.0, q1=2.0, q3=9.3),
                WorkTime(slice={"annotator": "a"}, n=0, median=None, q1=None, q3=None),
            )
        ),
        LIMITS,
    )
    (row,) = found.rows
    assert found.axis.high == 10
    assert (row.x, row.low, row.high) == (40, 20, 93)


@pytest.mark.parametrize(
    ("low", "labels"),
    [(-0.2, ["−0.25", "0", "0.25", "0.5", "0.75", "1"]), (-0.6, ["−0.5", "0", "0.5", "1"])],
)
def test_ticks_are_round(low: float, labels: list[str]) -> None:
    """An axis that goes below 0 has ticks at quarters or halves, 0 and 1 among them."""
    axis = charts.axis_for([Measure(name="alpha()", value=low, n_documents=9, n_items=9)])
    assert [label for _, label in axis.ticks] == labels


def test_undefined_rungs_are_said_together() -> None:
    """Measures that are only for two annotators take a line, not a row each; the table has all."""
    some = Measure(name="alpha(layer=attributes,name=tense)", value=0.5, n_documents=9, n_items=9)
    none = Measure(
        name="kappa(layer=attributes,name=tense)", value=None, reason="only for two annotators",
        n_documents=9, n_items=0,
    )  # fmt: skip
    ((found,), _) = dot_figures(_with(measures=(some, none)), LIMITS)
    assert [row.title for row in found.rows] == ["alpha, tense"]
    assert found.undefined == (("only for two annotators", ("kappa, tense",)),)
    assert len(found.table.rows) == 2


def test_filters_know_names_by_numbers(facts: ReportFacts) -> None:
    """Names become small numbers; one that is not known gives no attribute, hostile or not."""
    found = filters_of(facts, facts.examples, LIMITS)
    assert list(found.numbers["language"]) == ["en", "sk"]
    assert list(found.numbers["annotator"]) == ["anna", "boris", "cyril"]
    assert "NONE" not in found.numbers["label"]
    assert found.one({"language": "sk"}) == ' data-language="1"'
    assert found.of({"annotator": ("cyril", "anna")}) == ' data-annotator="0 2"'
    assert found.one({"annotator": '"><script>', "other": "x"}) == ""


def test_forecast_stands_beside_the_counts(facts: ReportFacts) -> None:
    """The table of annotators has pace and dates, or the reason why there are none."""
    made = tables(facts, (), LIMITS)["annotators"]
    anna, boris, cyril = rows(made)
    assert [anna[k] for k in ("left", "done a week", "done by", "latest")] == [
        "11", "5.0", "2026-03-20", "2026-03-30",
    ]  # fmt: skip
    assert cyril["done by"] == "undefined: fewer than 5 tasks in the last 28 days"
    assert boris["done by"] == ""
    assert made.commands == ("curation status --json", "curation report --json")


def test_rough_numbers_have_one_decimal() -> None:
    """Hours and tasks a week say no more than they know; measures keep three decimals."""
    assert (number(Rough(2.5)), number(2.5)) == ("2.5", "2.500")


@pytest.mark.parametrize(
    ("time", "shown"),
    [
        ("2026-05-20T09:00:00+00:00", "2026-05-20 09:00 UTC"),
        ("2026-05-20T09:00:00.123Z", "2026-05-20 09:00 UTC"),
        ("release 1.0.0", "release 1.0.0"),
        ("2026-05-20T09:00:00+02:00", "2026-05-20T09:00:00+02:00"),
    ],
)
def test_time_is_shown_as_people_write_it(time: str, shown: str) -> None:
    """UTC to the minute; what is no such time stays as it is."""
    assert as_of(time) == shown


def test_no_place_of_a_machine_is_shown(workspace: Workspace, sample: ReportFacts) -> None:
    """Neither the database nor the folder of the workspace stands in the page."""
    html = render_report(sample)
    assert str(workspace.settings.folder) not in html
    assert "sqlite" not in html
    assert "workspace 5a3b1e00, as of <time>2026-05-20 09:00 UTC</time>" in html


def test_sample_says_what_the_commands_say(workspace: Workspace, sample: ReportFacts) -> None:
    """Slices, causes and their gains are those of the command line with the same settings."""
    compared = agreement.read_store(workspace.store, workspace.settings.agreement)
    measured = agreement.measure(compared, slices=("month",), min_documents=5)
    monthly = [m for m in sample.measures if "month" in m.slice]
    assert len(monthly) == 9
    for m in monthly:
        found = measured.estimate(m.name, **m.slice)
        assert found is not None
        assert (m.value, m.ci) == (found.value, found.ci)
    assert [(c.detail, c.rise) for c in sample.causes] == [
        (c.detail, c.rise) for c in causes_of(measured)[:40]
    ]
    assert {c.layer: c.n_documents for c in sample.confusions}["entities"] == 21


def test_sample_counts_add_up(sample: ReportFacts) -> None:
    """What is left by annotator and by language is what was given and not done."""
    status: Status = sample.status
    left = sum(p.assigned - p.done - p.skipped for p in status.annotators)
    by_kind = {
        kind: sum(f.left for f in sample.forecasts if f.kind == kind)
        for kind in ("all", "annotator", "language")
    }
    assert left == 9
    assert by_kind == dict.fromkeys(by_kind, left)
    assert all(sum(of.values()) == status.documents for of in status.by_layer.values())
    assert status.by_layer["attributes"]["disputed"] == 9


def test_sample_renders_the_same_again(sample: ReportFacts) -> None:
    """The same facts give the same bytes, well below the limit."""
    page = render_report(sample)
    assert page == render_report(sample)
    assert len(page.encode()) < 1_500_000
