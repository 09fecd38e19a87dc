"""The page: well-formed, escaped, complete, small, and the same every time."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
from html.parser import HTMLParser
from urllib.parse import unquote

import pytest

from curation.report.facts import (
    Adjudication,
    Argument,
    Command,
    Confusion,
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
from curation.report.figures import Limits
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
from curation.report.render import render_report
from curation.report.tables import tables

PAYLOAD = "</script><img src=x onerror=alert(1)>\"'<!--\u2028"
VOID = {"meta", "line", "rect", "circle", "wbr", "br"}


class Page(HTMLParser):
    """Reads a page, and fails on a tag that is not closed where it should be."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.ids: list[str] = []
        self.words: list[str] = []
        self.inside: dict[str, str] = {}
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keeps the tag."""
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"<{tag}> has an attribute twice"
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A self-closed tag of SVG."""
        assert tag in VOID
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        """Closes the innermost tag, and no other."""
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Text, apart from scripts and styles."""
        where = self.open[-1] if self.open else ""
        if where in {"script", "style"}:
            self.inside[where] = self.inside.get(where, "") + data
        else:
            self.words.append(data)

    @property
    def text(self) -> str:
        """All that can be read, white space made one."""
        return " ".join("".join(self.words).split())

    def of(self, tag: str) -> list[dict[str, str | None]]:
        """Attributes of each tag of that name."""
        return [attrs for name, attrs in self.tags if name == tag]


def _hostile() -> ReportFacts:
    mark = Mark(start=0, end=len(PAYLOAD), label=PAYLOAD)
    view = View(
        annotator=PAYLOAD,
        entities=(mark,),
        triggers=(mark,),
        arguments=(Argument(role=PAYLOAD, trigger=0, entity=0),),
    )
    other = View(annotator=PAYLOAD + "2")
    example = Example(
        uid=PAYLOAD, language=PAYLOAD, text=PAYLOAD, views=(view, other),
        task_url="javascript:alert(1)",
    )  # fmt: skip
    measure = Measure(
        name=PAYLOAD, value=0.5, ci=(0.4, 0.6), ci_method=PAYLOAD, n_documents=1, n_items=1,
        reason=PAYLOAD, slice={PAYLOAD: PAYLOAD},
    )  # fmt: skip
    undefined = Measure(name=PAYLOAD, value=None, reason=PAYLOAD, n_documents=0, n_items=0)
    pair = Pair(
        annotator_a=PAYLOAD, annotator_b=PAYLOAD + "2", measure=PAYLOAD, value=None,
        reason=PAYLOAD, n_documents=0,
    )  # fmt: skip
    progress = Progress(name=PAYLOAD, assigned=1, done=1, skipped=0)
    return ReportFacts(
        title=PAYLOAD,
        generated_from=Origin(database=PAYLOAD, time=PAYLOAD),
        status=Status(
            by_status={PAYLOAD: 1},
            by_layer={PAYLOAD: {PAYLOAD: 1}},
            languages=(progress,),
            annotators=(progress,),
        ),
        measures=(
            measure,
            undefined,
            *(
                measure.model_copy(update={"slice": {kind: PAYLOAD}})
                for kind in ("month", "guideline", "assisted", "label", "language", "annotator")
            ),
        ),
        pairs=(pair,),
        confusions=(Confusion(layer=PAYLOAD, labels=(PAYLOAD,), counts=((1,),), rows=PAYLOAD),),
        examples=(example,),
        survival=(Survival(layer=PAYLOAD, kept=1, changed=0, removed=0, added=0),),
        survival_by_label=(
            Survival(layer=PAYLOAD, label=PAYLOAD, kept=1, changed=0, removed=0, added=0),
        ),
        work_time=(WorkTime(slice={PAYLOAD: PAYLOAD}, n=1, median=1.0, q1=1.0, q3=1.0),),
        forecasts=(
            Forecast(kind="all", left=1, done=1, days=1, reason=PAYLOAD),
            Forecast(kind="annotator", name=PAYLOAD, left=1, done=1, days=1, reason=PAYLOAD),
        ),
        causes=(
            Cause(
                layer=PAYLOAD,
                cause=PAYLOAD,
                detail=PAYLOAD,
                n=1,
                n_counted=1,
                rise=0.5,
                measure=PAYLOAD,
                labels=(PAYLOAD,),
                examples=(
                    CauseExample(
                        uid=PAYLOAD,
                        before=PAYLOAD,
                        inside=PAYLOAD,
                        after=PAYLOAD,
                        said=((PAYLOAD, PAYLOAD),),
                    ),
                ),
            ),
        ),
        offsets=(Offset(layer=PAYLOAD, label=PAYLOAD, start=1, end=0, n=1),),
        changes=(
            Change(name=PAYLOAD, dimension="guideline", a=PAYLOAD, b=PAYLOAD, value=0.1),
            Change(name=PAYLOAD, dimension="assisted", a=PAYLOAD, b=PAYLOAD, value=0.1),
        ),
        guidelines={PAYLOAD: {PAYLOAD: 1}},
        steering=(
            Steering(
                layer=PAYLOAD,
                n_assisted=1,
                n_unassisted=1,
                assisted=1.0,
                unassisted=1.0,
                difference=0.0,
            ),
        ),
        leakage=Leakage(
            holds=False,
            threshold=0.5,
            highest=1.0,
            above=1,
            suspects=0,
            documents={PAYLOAD: 1},
            nearest=(NearPair(uids=(PAYLOAD, PAYLOAD), parts=(PAYLOAD, PAYLOAD), similarity=1.0),),
            events={PAYLOAD: 1},
            distances={PAYLOAD: {PAYLOAD: 0.5}},
        ),
        adjudication=Adjudication(by_rule={PAYLOAD: 1}),
        splits=(Split(part=PAYLOAD, documents=1, groups=1, labels={PAYLOAD: 1}),),
        releases=(Release(version=PAYLOAD, path=PAYLOAD, sha256=PAYLOAD, documents=1),),
        commands=(Command(command=PAYLOAD, gives=PAYLOAD, figure="splits"),),
    )


def test_page_is_well_formed(facts: ReportFacts) -> None:
    """Every tag is closed in its place, every id is used once, every link inside has a target."""
    page = Page(render_report(facts))
    ids = [a["id"] for _, a in page.tags if "id" in a]
    assert len(ids) == len(set(ids))
    inner = {str(a["href"])[1:] for a in page.of("a") if str(a["href"]).startswith("#")}
    labels = {a["aria-labelledby"] for _, a in page.tags if "aria-labelledby" in a}
    assert inner | labels <= set(ids)


def test_same_facts_same_page(facts: ReportFacts) -> None:
    """Rendering twice gives the same text."""
    assert render_report(facts) == render_report(facts)


def test_payload_is_only_text() -> None:
    """Text from outside, wherever it stands, makes no tag, no handler and no script."""
    html = render_report(_hostile())
    page = Page(html)
    assert page.of("img") == []
    assert not [n for _, attrs in page.tags for n in attrs if n.startswith("on")]
    assert len(page.of("script")) == 2
    assert not {"onerror", "alert(1)"} & {v for _, a in page.tags for v in a.values()}
    assert "alert" not in page.inside["script"].partition('"use strict"')[2]
    assert "<img src=x onerror" in page.text
    assert not [a for a in page.of("a") if "javascript" in str(a["href"])]


def test_payload_keeps_its_place_in_json() -> None:
    """The data in the script tag reads back, and holds no `<` and no U+2028 as such."""
    html = render_report(_hostile())
    data = html.partition('id="data">')[2].partition("</script>")[0]
    assert not {"<", "\u2028"} & set(data)
    assert json.loads(data)["measures"][0]["value"].startswith("undefined: </script>")


def _expected(facts: ReportFacts) -> list[str]:
    status = facts.status
    numbers = [status.documents, status.quarantine, *status.by_status.values()]
    for p in (*status.languages, *status.annotators):
        numbers += [p.assigned, p.done, p.skipped]
    for c in facts.confusions:
        numbers += [n for row in c.counts for n in row]
    for s in (*facts.survival, *facts.survival_by_label):
        numbers += [s.kept, s.changed, s.removed, s.added]
    acts = facts.edits
    assert acts is not None
    numbers += [acts.documents, acts.add, acts.delete, acts.relabel, acts.move_boundary]
    numbers += [acts.relink, acts.total, acts.from_nothing]
    numbers += [t.n for t in facts.work_time]
    numbers += [facts.adjudication.agreed, facts.adjudication.disputed]
    numbers += facts.adjudication.by_rule.values()
    for part in facts.splits:
        numbers += [part.documents, part.groups, *part.labels.values()]
    numbers += [r.documents for r in facts.releases]
    return [f"{n:,}".replace(",", "\u202f") for n in numbers]


def test_labels_of_the_parts_are_in_the_ontologys_order(facts: ReportFacts) -> None:
    """Entities come before events, also where the first part has none of a label."""
    splits = (
        Split(part="dev", documents=1, groups=1, labels={"ASSAULT": 1, "ORG": 1}),
        Split(part="train", documents=1, groups=1, labels={"CONSULT": 1, "PER": 1, "Other": 1}),
    )
    limits = Limits(rows=9, name=99, examples=0, text=99, marks=9, matrix=9, figures=9)
    made = tables(facts.model_copy(update={"splits": splits}), (), limits)["splits"]
    assert tuple(row[0] for row in made.rows[2:]) == ("PER", "ORG", "CONSULT", "ASSAULT", "Other")


def _words(html: str) -> set[str]:
    """The texts between tags, each by itself."""
    return {w.strip() for w in Page(html).words}


def test_every_count_is_shown(facts: ReportFacts) -> None:
    """Every count of the facts stands in the page."""
    words = " ".join(_words(render_report(facts))).split(" ")
    assert set(_expected(facts)) - set(words) == set()


def test_every_measure_is_shown_with_its_name(facts: ReportFacts) -> None:
    """Each measure's row of the data table has name, value, interval and sizes together."""
    text = Page(render_report(facts)).text
    for m in (m for m in facts.measures if "month" not in m.slice):
        value = f"undefined: {m.reason}" if m.value is None else f"{m.value:.3f}"
        part = ", ".join(f"{k}={v}" for k, v in m.slice.items()) or "all"
        low, high = (f"{x:.3f}" for x in m.ci) if m.ci else ("–", "–")
        # cells stand side by side without a space between the tags
        row = f"{m.name}{part}{value}{low}{high}".replace(" ", "")
        assert row in text.replace(" ", "")


def test_every_measure_has_its_command(facts: ReportFacts) -> None:
    """The words that give a measure again are in the page, quoted for a shell."""
    text = Page(render_report(facts)).text
    for m in facts.measures:
        assert f"curation agreement --measure '{m.name}'" in text


def test_given_command_replaces_the_usual_one(facts: ReportFacts) -> None:
    """A command that the caller names for a figure is the one shown there."""
    command = Command(command="curation split --show 7", gives="splits", figure="splits")
    text = Page(render_report(facts.model_copy(update={"commands": (command,)}))).text
    assert "Reproduce with curation split --show 7" in text


def test_corrections_stand_in_one_row_each(facts: ReportFacts) -> None:
    """Shares, minutes and quartiles are shown beside what they are of, undefined ones as such."""
    text = Page(render_report(facts)).text.replace(" ", "")
    assert "entitiesPER633273597" + "0.911" in text
    assert "argumentsActor00051undefined:nonesuggested" in text
    assert "1332181754556169663" + "2017" + "0.802" in text
    assert "annotatoranna615.5003.7508.625" in text


def test_undefined_is_never_zero() -> None:
    """A report whose only measure is undefined says why, and draws no dot."""
    measure = Measure(
        name="f1(layer=entities,match=exact)", value=None, reason="no shared documents",
        n_documents=0, n_items=0,
    )  # fmt: skip
    facts = ReportFacts(
        title="t", generated_from=Origin(database="d", time="t"), measures=(measure,)
    )
    html = render_report(facts)
    text = Page(html).text
    assert text.count("undefined: no shared documents") >= 3
    assert "0.000" not in text
    assert "<circle" not in html


def test_csv_of_a_figure(facts: ReportFacts) -> None:
    """The CSV of the ladder has its measures in order, unrounded."""
    page = Page(render_report(facts))
    (href,) = [str(a["href"]) for a in page.of("a") if a.get("download") == "entities-all-data.csv"]
    text = unquote(href.partition(",")[2]).removeprefix("\ufeff")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [float(r["value"]) for r in rows] == [0.8121, 0.8443, 0.8874, 0.9235, 0.7916]
    assert rows[0]["measure"] == "f1(layer=entities,match=exact)"
    ladder = [rows[0][key] for key in ("low", "high", "interval")]
    assert ladder == ["0.7712", "0.8534", "bootstrap"]


def test_slices_are_sorted_by_size(facts: ReportFacts) -> None:
    """Labels stand in the order of their number of items: 455, 402, 289, 57."""
    html = render_report(facts)
    part = html.partition("entities by label</h3>")[2]
    order = [part.index(f'<bdi class="title">{x}</bdi>') for x in ("ORG", "PER", "LOC", "DATE")]
    assert order == sorted(order)


def test_gaps_of_the_ladder(facts: ReportFacts) -> None:
    """Gaps are computed from the rungs, largest first, with the formula beside each."""
    text = Page(render_report(facts)).text
    # 1 - .9235, .8874 - .8121, .8443 - .8121
    missed, edges, labels = (text.index(s) for s in ("0.077 marked", "0.075 same", "0.032 same"))
    assert missed < edges < labels
    assert "f1(layer=entities,match=overlap) − f1(layer=entities,match=exact)" in text


def test_rungs_have_titles(facts: ReportFacts) -> None:
    """Measures of one layer stand together, under titles that tell them apart."""
    names = (
        "f1(layer=arguments,match=exact,given=trigger)",
        "alpha(layer=attributes,name=tense)",
        "alpha(unit=character,background=excluded)",
    )
    measures = tuple(Measure(name=n, value=0.5, n_documents=9, n_items=9) for n in names)
    html = render_report(facts.model_copy(update={"measures": measures}))
    for title in ("exact, given trigger", "alpha, tense", "alpha, per character, without backgr"):
        assert f'<bdi class="title">{title}' in html
    assert "<h3>entities, all data</h3>" in html
    assert "Exact agreement" not in html


def test_disagreements_are_marked(facts: ReportFacts) -> None:
    """The worst document comes first; what differs is marked and what agrees is not."""
    html = render_report(facts)
    assert html.index("<bdi>en-0003</bdi></h3>") < html.index("<bdi>sk-0007</bdi></h3>")
    text = Page(html).text
    assert "Khalifa Haftar (≠ PER, differs)" in text
    assert "Benghazi (LOC)" in text
    assert "≠ differs: Actor → Khalifa Haftar PER" in text
    assert "Recipient → United Nations ORG" in text
    # per document: marks Haftar PER/General Haftar/Khalifa, EU ORG/LOC, Tripoli, attacked = 7;
    # arguments Actor x 2 fillers, Recipient of met, Actor of attacked = 4
    assert "11 disagreements" in text


def test_sample_banner(facts: ReportFacts) -> None:
    """Sample annotations are called that at the top, and real ones are not."""
    assert "Sample annotations." in render_report(facts)
    real = facts.model_copy(update={"sample": False})
    assert "Sample annotations." not in render_report(real)


def test_policy_allows_these_texts_alone(facts: ReportFacts) -> None:
    """The policy lets in nothing but the very style and script of the page."""
    html = render_report(facts)
    (policy,) = [
        str(a["content"])
        for a in Page(html).of("meta")
        if a.get("http-equiv") == "Content-Security-Policy"
    ]
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    for start, end, name in (
        ("<style>", "</style>", "style"),
        ("<script>", "</script>", "script"),
    ):
        text = html.partition(start)[2].partition(end)[0]
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{name}-src 'sha256-{digest}'" in policy
    assert " style=" not in html


def test_nothing_is_loaded(facts: ReportFacts) -> None:
    """No tag fetches anything, and no style names an address."""
    html = render_report(facts)
    page = Page(html)
    assert not [a for _, a in page.tags if "src" in a or "srcset" in a]
    assert page.of("link") == []
    assert "url(" not in page.inside["style"]
    assert "@import" not in page.inside["style"]


def test_tables_have_headers_and_names(facts: ReportFacts) -> None:
    """Each table has a caption and headers with a scope; each drawing is hidden or named."""
    page = Page(render_report(facts))
    assert len(page.of("caption")) == len(page.of("table")) > 10
    assert all(a.get("scope") in {"col", "row"} for a in page.of("th"))
    assert page.of("html") == [{"lang": "en"}]
    assert len(page.of("main")) == len(page.of("h1")) == 1


def test_empty_facts() -> None:
    """A fresh workspace has a report too, which says what is not there yet."""
    text = Page(
        render_report(ReportFacts(title="t", generated_from=Origin(database="d", time="t")))
    ).text
    assert "No agreement is measured yet" in text
    assert "Nothing has been released yet: curation release does." in text


def test_examples_left_out_are_counted(facts: ReportFacts) -> None:
    """Of 26 documents the 20 worst are shown, and the page says that 6 are not."""
    worst = facts.examples[1]
    many = tuple(worst.model_copy(update={"uid": f"d{i}"}) for i in range(26))
    text = Page(render_report(facts.model_copy(update={"examples": many}))).text
    assert "20 documents, ordered by the number of disagreements. 6 more are left out" in text


def test_long_text_is_cut_and_says_so() -> None:
    """Of 9,000 characters 8,000 are shown; a mark behind them is counted as left out."""
    view = View(annotator="anna", entities=(Mark(start=8990, end=9000, label="PER"),))
    example = Example(
        uid="d", language="en", text="x" * 9000, views=(view, View(annotator="boris"))
    )
    facts = ReportFacts(
        title="t", generated_from=Origin(database="d", time="t"), examples=(example,)
    )
    text = Page(render_report(facts)).text
    assert "The last 1 000 characters of the text are left out here." in text
    assert "1 mark is left out here." in text


@pytest.mark.parametrize("character", ["\x00", "\x1b", "\ud800"])
def test_unprintable_text(character: str, facts: ReportFacts) -> None:
    """A character that HTML cannot carry is replaced, and the page can be written as UTF-8."""
    html = render_report(facts.model_copy(update={"title": f"a{character}b"}))
    assert "<bdi>a\ufffdb</bdi>" in html
    html.encode("utf-8")
