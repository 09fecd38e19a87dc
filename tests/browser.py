"""A headless Chromium for tests: `chromium_page()` gives a page, `log_in` enters Label Studio."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

__all__ = ["chromium_page", "log_in", "open_task"]

_FLAGS = (
    "--no-sandbox --headless --disable-gpu --disable-quic --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync"
)
_PATIENCE_MS = 60_000


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
