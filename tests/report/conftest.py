"""Facts to render: small, and every number in them different, so that each can be found."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from reporting import NOW, sample_workspace

from curation.report.facts import (
    NONE,
    Adjudication,
    Argument,
    Command,
    Confusion,
    Edits,
    Example,
    Mark,
    Measure,
    Origin,
    Pair,
    Progress,
    Release,
    ReportFacts,
    Split,
    Status,
    Survival,
    View,
    WorkTime,
)
from curation.report.findings import (
    Cause,
    CauseExample,
    Change,
    Forecast,
    Leakage,
    NearPair,
    Offset,
    Steering,
)
from curation.workflows.report import report_facts
from curation.workflows.workspace import Workspace

TEXT = (
    "General Khalifa Haftar met the European Union envoy in Benghazi on Tuesday. "
    "The Libyan National Army denied that it had attacked the airport of Tripoli, "
    "and called on the United Nations to send observers."
)


def mark(surface: str, label: str, text: str = TEXT) -> Mark:
    """The first place of a surface, with a label."""
    start = text.index(surface)
    return Mark(start=start, end=start + len(surface), label=label)


def measure(
    name: str, value: float, low: float, high: float, n: int, items: int, **of: str
) -> Measure:
    """A measure with an interval; keywords are its slice."""
    return Measure(
        name=name, value=value, ci=(low, high), ci_method="bootstrap", n_documents=n, n_items=items,
        slice=of,
    )  # fmt: skip


ANNA = View(
    annotator="anna",
    entities=(
        mark("Khalifa Haftar", "PER"),
        mark("European Union", "ORG"),
        mark("Benghazi", "LOC"),
        mark("Tuesday", "DATE"),
        mark("Libyan National Army", "ORG"),
        mark("United Nations", "ORG"),
        mark("Tripoli", "LOC"),
    ),
    triggers=(mark("met", "CONSULT"), mark("attacked", "ASSAULT"), mark("called on", "REQUEST")),
    arguments=(
        Argument(role="Actor", trigger=0, entity=0),
        Argument(role="Recipient", trigger=0, entity=1),
        Argument(role="Actor", trigger=1, entity=4),
        Argument(role="Recipient", trigger=2, entity=5),
    ),
)
BORIS = View(
    annotator="boris",
    entities=(
        mark("General Khalifa Haftar", "PER"),
        mark("Khalifa", "PER"),
        mark("European Union", "LOC"),
        mark("Benghazi", "LOC"),
        mark("Tuesday", "DATE"),
        mark("Libyan National Army", "ORG"),
        mark("United Nations", "ORG"),
    ),
    triggers=(mark("met", "CONSULT"), mark("called on", "REQUEST")),
    arguments=(
        Argument(role="Actor", trigger=0, entity=0),
        Argument(role="Recipient", trigger=1, entity=6),
    ),
)
SLOVAK = "Minister Peter Novák prišiel v utorok do Bratislavy."
ALL_AGREED = View(annotator="anna", entities=(mark("Peter Novák", "PER", SLOVAK),))
MISSED = View(annotator="cyril", entities=())

MEASURES = (
    measure("f1(layer=entities,match=exact)", 0.8121, 0.7712, 0.8534, 41, 1203),
    measure("f1(layer=entities,match=boundary)", 0.8443, 0.8034, 0.8812, 41, 1203),
    measure("f1(layer=entities,match=overlap)", 0.8874, 0.8521, 0.9193, 41, 1203),
    measure("f1(layer=entities,match=overlap_any)", 0.9235, 0.8942, 0.9471, 41, 1203),
    measure("alpha(unit=character)", 0.7916, 0.7457, 0.8358, 41, 9911),
    measure("f1(layer=triggers,match=exact)", 0.6137, 0.5238, 0.7014, 39, 317),
    measure("f1(layer=triggers,match=boundary)", 0.7219, 0.6316, 0.8015, 39, 317),
    Measure(
        name="f1(layer=arguments,match=exact)", value=None, n_documents=3, n_items=0,
        reason="no annotator marked an argument",
    ),
    measure("f1(layer=entities,match=exact)", 0.9018, 0.8627, 0.9329, 38, 402, label="PER"),
    measure("f1(layer=entities,match=exact)", 0.7322, 0.6613, 0.7924, 40, 455, label="ORG"),
    Measure(
        name="f1(layer=entities,match=exact)", value=0.8425, ci=(0.7826, 0.8927),
        ci_method="bootstrap", n_documents=37, n_items=289, slice={"label": "LOC"}, target=0.75,
    ),
    Measure(
        name="f1(layer=entities,match=exact)", value=0.6628, n_documents=4, n_items=57,
        slice={"label": "DATE"}, reason="too few documents", target=0.75,
    ),
)  # fmt: skip

PAIRS = (
    Pair(annotator_a="anna", annotator_b="boris", measure=MEASURES[0].name, value=0.8521,
         n_documents=21),
    Pair(annotator_a="boris", annotator_b="cyril", measure=MEASURES[0].name, value=0.7043,
         n_documents=13),
    Pair(annotator_a="anna", annotator_b="cyril", measure=MEASURES[0].name, value=None,
         n_documents=0, reason="no shared documents"),
)  # fmt: skip


EXACT = MEASURES[0].name
MONTHS = tuple(
    measure(EXACT, value, value - 0.06, value + 0.05, n, 10 * n, month=month)
    for month, value, n in (
        ("2026-01", 0.7011, 11), ("2026-02", 0.7422, 17), ("2026-03", 0.8133, 9),
    )
)  # fmt: skip
LEAD: dict[str, Any] = {
    "forecasts": (
        Forecast(kind="all", left=44, done=36, days=28, per_week=9.0, earliest="2026-03-21",
                 likely="2026-04-02", latest="2026-04-29", hours=4.6, n_timed=129),
        Forecast(kind="annotator", name="anna", left=11, done=20, days=28, per_week=5.0,
                 earliest="2026-03-15", likely="2026-03-20", latest="2026-03-30", hours=1.1,
                 n_timed=61),
        Forecast(kind="annotator", name="cyril", left=13, done=2, days=28, per_week=0.5,
                 reason="fewer than 5 tasks in the last 28 days"),
    ),
    "causes": (
        Cause(layer="entities", cause="label", detail="LOC / ORG", n=57, n_counted=55, rise=0.0467,
              measure=EXACT, labels=("LOC", "ORG"),
              examples=(CauseExample(uid="en-0003", before="met the ", inside="European Union",
                                     after=" envoy", said=(("anna", "ORG"), ("boris", "LOC"))),)),
        Cause(layer="triggers", cause="missed", detail="ASSAULT", n=16, n_counted=16, rise=0.0213,
              measure="f1(layer=triggers,match=exact)", labels=("ASSAULT",)),
    ),
    "offsets": (
        Offset(layer="entities", label="PER", start=8, end=0, n=14),
        Offset(layer="entities", label="ORG", start=0, end=-27, n=3),
    ),
    "changes": (
        Change(name=EXACT, dimension="guideline", a="1.0", b="1.1", value=0.0557, ci=(0.01, 0.1),
               n_documents=(21, 16)),
        Change(name=EXACT, dimension="assisted", a="no", b="yes", value=None, n_documents=(3, 38),
               reason="fewer than 5 documents"),
    ),
    "guidelines": {"2026-01": {"1.0": 11}, "2026-02": {"1.0": 10, "1.1": 7},
                   "2026-03": {"1.1": 9}},
    "steering": (
        Steering(layer="entities", n_assisted=98, n_unassisted=31, assisted=0.8814,
                 assisted_ci=(0.86, 0.9), unassisted=0.8215, unassisted_ci=(0.79, 0.85),
                 difference=0.0599, difference_ci=(0.02, 0.1)),
    ),
    "leakage": Leakage(
        holds=False, threshold=0.5, highest=0.6217, above=1, suspects=0,
        documents={"train": 81, "dev": 22, "test": 23}, events={"ASSAULT": 4},
        nearest=(NearPair(uids=("en-0011", "en-0012"), parts=("train", "test"),
                          similarity=0.6217),),
        distances={"train": {"label": 0.0011}, "dev": {"label": 0.0123}, "test": {"label": 0.021}},
    ),
}  # fmt: skip


_FLAGS = (
    "--no-sandbox --headless --disable-gpu --disable-quic --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync"
)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Headless Chromium, the one that is installed."""
    executable = shutil.which("chromium")
    if executable is None:
        pytest.skip("no chromium on the PATH")
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with sync_api.sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=executable, args=_FLAGS.split())
        yield found
        found.close()


@pytest.fixture(scope="session")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The sample corpus in the middle of the work; no test may change it."""
    return sample_workspace(tmp_path_factory.mktemp("report") / "workspace")


@pytest.fixture(scope="session")
def sample(workspace: Workspace) -> ReportFacts:
    """What its report says."""
    return report_facts(workspace, time=NOW)


@pytest.fixture
def facts() -> ReportFacts:
    """A report with something in every section."""
    return ReportFacts(
        title="Libya and its neighbours, round 2",
        sample=True,
        generated_from=Origin(database="curation.db", time="2026-03-04 10:20 UTC"),
        status=Status(
            documents=127,
            by_status={"new": 31, "in progress": 43, "done": 53},
            by_layer={"entities": {"new": 31, "done": 96}, "events": {"new": 32, "done": 95}},
            languages=(
                Progress(name="en", assigned=91, done=67, skipped=2),
                Progress(name="sk", assigned=85, done=58, skipped=6),
            ),
            annotators=(
                Progress(name="anna", assigned=71, done=59, skipped=1),
                Progress(name="boris", assigned=69, done=47, skipped=3),
                Progress(name="cyril", assigned=36, done=19, skipped=4),
            ),
            quarantine=5,
        ),
        measures=(*MEASURES, *MONTHS),
        pairs=PAIRS,
        confusions=(
            Confusion(
                layer="entities",
                labels=("PER", "ORG", "LOC", "DATE", NONE),
                counts=(
                    (361, 8, 1, 0, 14),
                    (5, 322, 29, 0, 44),
                    (2, 26, 246, 0, 12),
                    (0, 0, 0, 48, 7),
                    (11, 33, 15, 6, 0),
                ),
                rows="first annotator",
                columns="second annotator",
                n_documents=41,
            ),
        ),
        examples=(
            Example(uid="sk-0007", language="sk", text=SLOVAK, views=(ALL_AGREED, MISSED)),
            Example(uid="en-0003", language="en", text=TEXT, views=(ANNA, BORIS),
                    task_url="http://localhost:8080/projects/1/data?task=3"),
        ),
        survival=(
            Survival(layer="entities", kept=911, changed=64, removed=83, added=142),
            Survival(layer="triggers", kept=205, changed=37, removed=92, added=76),
        ),
        survival_by_label=(
            Survival(layer="entities", label="PER", kept=633, changed=27, removed=35, added=97),
            Survival(layer="arguments", label="Actor", kept=0, changed=0, removed=0, added=51),
        ),
        edits=Edits(
            documents=133, add=218, delete=175, relabel=45, move_boundary=56, relink=169,
            from_nothing=2017, kept_share=0.8017,
        ),
        work_time=(
            WorkTime(n=129, median=6.25, q1=4.125, q3=9.375),
            WorkTime(slice={"annotator": "anna"}, n=61, median=5.5, q1=3.75, q3=8.625),
        ),
        adjudication=Adjudication(
            agreed=1009, disputed=214, by_rule={"majority": 73, "expert": 118, "longest span": 23}
        ),
        splits=(
            Split(part="train", documents=81, groups=24, labels={"PER": 601, "ORG": 702}),
            Split(part="dev", documents=22, groups=9, labels={"PER": 141, "ORG": 152}),
            Split(part="test", documents=23, groups=10, labels={"PER": 143, "ORG": 155}),
        ),
        releases=(
            Release(version="1.2.0", path="exports/gold-1.2.0", sha256="ab" * 32, documents=119),
        ),
        commands=(
            Command(command="curation status --json", gives="documents by status", figure="status"),
            Command(command="curation agreement --json", gives="all measures of agreement"),
        ),
        **LEAD,
        colours={"PER": "#ffd24d", "ORG": "#7bd389", "LOC": "#6ec6ff", "DATE": "#f4a6d7",
                 "CONSULT": "#146356", "ASSAULT": "#1f1f1f", "REQUEST": "#7a3e65"},
    )  # fmt: skip
