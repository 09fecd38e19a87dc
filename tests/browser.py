"""A headless Chromium for tests: `chromium_page()` gives a page, `log_in` enters Label Studio."""

from __future__ import annotations

import re
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

__all__ = [
    "arrows",
    "chromium_page",
    "draw",
    "highlighted",
    "log_in",
    "open_task",
    "rectangle",
    "submit",
]

_FLAGS = (
    "--no-sandbox --headless --disable-gpu --disable-quic --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync"
)
_PATIENCE_MS = 60_000

# The rectangle of the one place in the text where a surface stands, across text nodes.
_RECTANGLE = """(surface) => {
  const root = document.querySelector('.lsf-htx-richtext');
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  const nodes = []; let text = '';
  for (let n = walker.nextNode(); n; n = walker.nextNode()) {
    nodes.push([text.length, n]); text += n.data;
  }
  const at = (o) => nodes.filter(([start]) => start <= o).pop();
  const from = text.indexOf(surface), to = from + surface.length;
  const [s, first] = at(from), [e, last] = at(to - 1);
  const range = document.createRange();
  range.setStart(first, from - s); range.setEnd(last, to - e);
  const r = range.getBoundingClientRect();
  return {left: r.left, right: r.right, middle: (r.top + r.bottom) / 2};
}"""


@contextmanager
def chromium_page(*, width: int = 1600, height: int = 1000) -> Iterator[Page]:
    """A page of the system's Chromium; skips the test where playwright or Chromium is missing."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    executable = shutil.which("chromium") or shutil.which("chromium-browser")
    if executable is None:
        pytest.skip("no chromium or chromium-browser on the PATH")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=_FLAGS.split())
        page = browser.new_page(viewport={"width": width, "height": height})
        page.set_default_timeout(_PATIENCE_MS)
        yield page
        browser.close()


def log_in(page: Page, url: str, email: str, password: str) -> None:
    """Logs in to the Label Studio at `url` with its form, as a person does."""
    page.goto(f"{url}/user/login/")
    page.fill("input[name=email]", email)
    page.fill("input[name=password]", password)
    with page.expect_navigation():
        page.click("button[type=submit]")


def open_task(page: Page, task_url: str) -> None:
    """Opens a task that has regions, and waits until they are drawn."""
    page.goto(task_url)
    page.wait_for_selector(".htx-highlight")
    page.wait_for_selector(".lsf-label")


def highlighted(page: Page) -> list[tuple[str, str]]:
    """(surface, label) of each region that is drawn in the text, in text order."""
    return [
        (s.inner_text(), (s.get_attribute("data-label") or "").partition(":")[2])
        for s in page.locator(".htx-highlight").all()
    ]


def arrows(page: Page, labels: Collection[str], *, at_least: int) -> list[str]:
    """The labels of the drawn arrows that are in `labels`, sorted; the arrows come after the text.

    Waits until there are `at_least` of them, and fails when they do not come.
    """
    pattern = re.compile(f"^(?:{'|'.join(map(re.escape, labels))})$")
    drawn = page.locator("svg text").filter(has_text=pattern)
    if at_least:
        drawn.nth(at_least - 1).wait_for(state="attached")
    return sorted(drawn.all_text_contents())


def rectangle(page: Page, surface: str) -> dict[str, float]:
    """Where the one place of the text with `surface` is on the page: left, right, middle."""
    box: dict[str, float] = page.evaluate(_RECTANGLE, surface)
    return box


def draw(page: Page, first: str, last: str | None = None) -> None:
    """Drags the mouse from the start of `first` to the end of `last`, or of `first` itself."""
    start, end = rectangle(page, first), rectangle(page, last or first)
    page.mouse.move(start["left"] + 1, start["middle"])
    page.mouse.down()
    page.mouse.move((start["left"] + end["right"]) / 2, end["middle"], steps=5)
    page.mouse.move(end["right"] - 1, end["middle"], steps=5)
    page.mouse.up()


def submit(page: Page) -> None:
    """Submits, and waits until the server has the annotation."""
    with page.expect_response(lambda r: "/annotations" in r.url and r.status == 201):
        page.get_by_role("button", name="Submit").click()
