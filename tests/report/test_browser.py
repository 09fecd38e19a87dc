"""The report in a real browser."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from curation.report.facts import ReportFacts
from curation.report.write import write_report

pytestmark = pytest.mark.browser


@pytest.fixture
def address(facts: ReportFacts, tmp_path: Path) -> str:
    """A written report, with a text that would run a script if it could."""
    payload = "</script><img src=x onerror=document.title='broken'>"
    hostile = facts.examples[0].model_copy(update={"uid": payload, "text": payload * 2})
    path = tmp_path / "report.html"
    write_report(facts.model_copy(update={"examples": (hostile, facts.examples[1])}), path)
    return path.as_uri()


@pytest.mark.parametrize("width", [360, 1400])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_opens_cleanly(browser: Any, address: str, width: int, scheme: str) -> None:
    """No error, no script run by a text, no request, no sideways scroll, the scheme's colours."""
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    trouble: list[str] = []
    requests: list[str] = []
    page.on("console", lambda message: trouble.append(message.text))
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.on("request", lambda request: requests.append(request.url))
    page.goto(address)
    page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    assert trouble == []
    assert requests == [address]
    assert page.title() == "Libya and its neighbours, round 2"
    assert page.evaluate("document.documentElement.scrollWidth") == width
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert background == {"light": "rgb(251, 250, 247)", "dark": "rgb(20, 23, 27)"}[scheme]
    page.close()


def test_filters(browser: Any, address: str) -> None:
    """Each filter hides the documents that do not fit, and says how many are left."""
    page = browser.new_page()
    page.goto(address)
    visible = page.locator("article.document:visible")
    shown = page.locator("#shown")
    language, label, annotator = (
        page.get_by_role("combobox", name=name) for name in ("Language", "Label", "Annotator")
    )
    assert visible.count() == 2
    language.select_option("sk")
    assert visible.count() == 1
    assert shown.text_content() == "1 of 2 documents with disagreements shown"
    annotator.select_option("boris")
    assert visible.count() == 0
    language.select_option("")
    assert visible.locator("h3").text_content() == "en-0003"
    annotator.select_option("")
    label.select_option("PER")
    assert visible.count() == 2
    label.select_option("ASSAULT")
    assert visible.count() == 1
    page.close()


def test_theme_button(browser: Any, address: str) -> None:
    """The button turns the page dark and light again, whatever the system prefers."""
    page = browser.new_page(color_scheme="light")
    page.goto(address)
    background = "getComputedStyle(document.body).backgroundColor"
    page.get_by_role("button", name="Dark theme").click()
    assert page.evaluate(background) == "rgb(20, 23, 27)"
    page.get_by_role("button", name="Light theme").click()
    assert page.evaluate(background) == "rgb(251, 250, 247)"
    page.close()


def test_works_without_scripts(browser: Any, address: str) -> None:
    """With scripts off all documents are there, and no control that would do nothing."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address)
    assert page.locator("article.document:visible").count() == 2
    assert page.locator("#filters:visible, #theme:visible").count() == 0
    context.close()


def test_skip_link_comes_first(browser: Any, address: str) -> None:
    """The first press of Tab reaches a visible link to the content."""
    page = browser.new_page()
    page.goto(address)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#main"
    assert page.evaluate("document.activeElement.getBoundingClientRect().top >= 0")
    page.close()


def test_csv_can_be_saved(browser: Any, address: str, tmp_path: Path) -> None:
    """A click on CSV saves the file under its name."""
    page = browser.new_page()
    page.goto(address)
    with page.expect_download() as download:
        page.locator("a.csv").first.click()
    assert download.value.suggested_filename == "status.csv"
    download.value.save_as(tmp_path / "status.csv")
    text = (tmp_path / "status.csv").read_text(encoding="utf-8-sig")
    assert text.splitlines() == [
        "status,documents,entities,events", "new,31,31,32", "in progress,43,0,0", "done,53,96,95",
    ]  # fmt: skip
    page.close()


@pytest.fixture(scope="module")
def sample_address(sample: ReportFacts, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The report of the sample workspace, written."""
    path = tmp_path_factory.mktemp("sample") / "report.html"
    write_report(sample, path)
    return path.as_uri()


@pytest.mark.parametrize("width", [360, 1400])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_sample_workspace(browser: Any, sample_address: str, width: int, scheme: str) -> None:
    """Real data open without an error, everything unfolded fits, and each section has a figure."""
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    trouble: list[str] = []
    page.on("console", lambda message: trouble.append(message.text))
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.goto(sample_address)
    page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    assert trouble == []
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.locator("main > section:not(:has(figure, article, table))").count() == 0
    side = [view.bounding_box() for view in page.locator("article").first.locator(".view").all()]
    assert len(side) >= 2
    assert (side[0]["y"] == side[1]["y"]) == (width == 1400)
    page.close()


def test_arrows_lead_from_triggers_to_arguments(browser: Any, address: str) -> None:
    """Each argument has an arrow from its trigger; pointing at an event shows its own alone."""
    page = browser.new_page(viewport={"width": 1400, "height": 900})
    page.goto(address)
    article = page.locator("article", has=page.locator("h3", has_text="en-0003"))
    anna = article.locator(".view").first
    assert anna.locator(".arrows text").all_text_contents() == [
        "Actor", "Recipient", "Actor", "Recipient",
    ]  # fmt: skip
    met = anna.locator("mark.trigger", has_text="met").first
    start, box = _start_of_arrow(page, anna), met.bounding_box()
    assert box["x"] <= start["x"] <= box["x"] + box["width"]
    assert abs(start["y"] - box["y"]) < 4
    met.hover()
    assert anna.locator(".arrows g.on text:visible").all_text_contents() == ["Actor", "Recipient"]
    page.close()


def _start_of_arrow(page: Any, view: Any) -> Any:
    """Where the first arrow begins, on the screen."""
    return page.evaluate(
        """(path) => {
          const p = path.getPointAtLength(0), m = path.getScreenCTM();
          return {x: p.x * m.a + m.e, y: p.y * m.d + m.f};
        }""",
        view.locator(".arrows path").first.element_handle(),
    )


def test_filters_reach_every_figure(browser: Any, address: str) -> None:
    """Rows that do not fit go, cells fade, and a figure that cannot be filtered says so."""
    page = browser.new_page(viewport={"width": 1400, "height": 900})
    page.goto(address)
    page.get_by_role("combobox", name="Label").select_option("ORG")
    rows = page.locator("#labels ol.dots > li:visible .title")
    assert rows.all_text_contents() == ["ORG"]
    assert page.locator("#todo ol > li:visible").count() == 1
    faded = page.locator("#confusion td.off").all_text_contents()
    assert {"361", "246", "48"} <= set(faded)
    assert "322" not in faded
    ladder = page.locator("figure", has=page.locator("h3", has_text="entities, all data"))
    assert ladder.get_attribute("data-unfiltered") == "label"
    page.get_by_role("combobox", name="Annotator").select_option("cyril")
    assert page.locator("#progress tbody tr:visible th", has_text="anna").count() == 0
    page.get_by_role("button", name="Show all").click()
    page.locator("body:not(.filtered)").wait_for()
    assert page.locator("#progress tbody tr:visible th", has_text="anna").count() == 1
    assert ladder.get_attribute("data-unfiltered") is None
    page.close()


def test_keyboard_reaches_what_scrolls_and_every_control(browser: Any, address: str) -> None:
    """Tab goes through links, filters and tables that scroll, each with an outline to be seen."""
    page = browser.new_page(viewport={"width": 360, "height": 800})
    page.goto(address)
    met = set()
    for _ in range(40):
        page.keyboard.press("Tab")
        name, outline = page.evaluate(
            "(([e]) => [e.localName, getComputedStyle(e).outlineStyle])([document.activeElement])"
        )
        met.add(name)
        assert outline != "none", name
    assert {"a", "button", "select", "div", "summary"} <= met
    page.close()


def test_prints_everything(browser: Any, address: str) -> None:
    """On paper there are no controls, and what was folded is there, whatever the screen had."""
    page = browser.new_page(color_scheme="dark")
    page.goto(address)
    page.emulate_media(media="print", color_scheme="dark")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("#filters:visible, #theme:visible, nav:visible, a.csv:visible").count() == 0
    assert page.locator("details:not([open])").count() == 0
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert len(page.pdf()) > 10_000
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("details[open]").count() == 0
    page.close()


@pytest.mark.parametrize("which", ["address", "sample_address"])
@pytest.mark.parametrize(("width", "scheme"), [(1400, "light"), (360, "dark")])
def test_axe_finds_nothing(
    browser: Any, request: pytest.FixtureRequest, which: str, width: int, scheme: str
) -> None:
    """axe-core sees no violation in the whole page, everything unfolded."""
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page.goto(request.getfixturevalue(which))
    page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    said = [(v["id"], v["impact"], [n["target"] for n in v["nodes"][:3]]) for v in found]
    assert said == []
    page.close()
