"""The report in a real browser."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from curation.report.facts import ReportFacts
from curation.report.write import write_report

pytestmark = pytest.mark.browser

_FLAGS = (
    "--no-sandbox --headless --disable-gpu --disable-quic --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync"
)


@pytest.fixture(scope="module")
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
    assert shown.text_content() == "1 of 2 documents shown"
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
    assert text.splitlines() == ["status,documents", "new,31", "in progress,43", "done,53"]
    page.close()
