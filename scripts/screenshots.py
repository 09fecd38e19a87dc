"""Takes the pictures of docs/images from the real thing: a demo, its Label Studio, its report.

    python scripts/screenshots.py

Runs `curation demo` in a temporary folder (minutes), puts one more document before an annotator,
and photographs the task, the report and two commands with a headless Chromium. Needs the extras
[server] and [dev], and chromium on the PATH.
"""

from __future__ import annotations

import html
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Page

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs" / "images"
LARGEST = 150_000
SAMPLE = ROOT / "curation" / "samples" / "documents" / "en-03-rail.txt"
COMMANDS = {"status": ["status"], "agreement": ["agreement", "--short"]}
_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
_TERMINAL = """<body style="margin:0"><pre style="margin:0;padding:16px;width:max-content;
font:13px/1.35 monospace;background:#14181f;color:#e6e6e6">{}</pre>"""


def main() -> None:
    """Take all of them; `--workspace DIR` uses a demo that is there."""
    with tempfile.TemporaryDirectory() as folder:
        given = sys.argv[sys.argv.index("--workspace") + 1] if "--workspace" in sys.argv else ""
        demo = Path(given or Path(folder) / "demo")
        if not given:
            curation("demo", demo)
        try:
            photograph(demo, Path(folder))
        finally:
            if not given:
                curation("server", "stop", "-w", demo)


def photograph(demo: Path, folder: Path) -> None:
    """All pictures of the demo in `demo`."""
    from playwright.sync_api import sync_playwright

    IMAGES.mkdir(exist_ok=True)
    url, login = one_more_task(demo, folder)
    curation("report", "-w", demo)
    with sync_playwright() as playwright:
        chromium = shutil.which("chromium") or shutil.which("chromium-browser")
        browser = playwright.chromium.launch(executable_path=chromium, args=_FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 720})
        task(page, url, login)
        page.goto((demo / "report.html").as_uri())
        save(page, "report")
        for name, command in COMMANDS.items():
            printed = curation(*command, "-w", demo)
            shown = printed.replace(str(demo.resolve()), "workspace/sample")
            prompt = f"$ curation {' '.join(command)}\n"
            page.goto("about:blank")  # the report's page allows no style from elsewhere
            page.set_content(_TERMINAL.format(html.escape(prompt + shown)))
            save(page, name, "pre")
        browser.close()


def one_more_task(demo: Path, folder: Path) -> tuple[str, Mapping[str, str]]:
    """The address of a task that nobody has opened, and the login of its annotator."""
    server = json.loads(curation("server", "status", "-w", demo, "--json"))
    held = json.loads(Path(server["credentials"]).read_text(encoding="utf-8"))
    login = next(user for user in held["users"] if user["email"].startswith("anna"))
    os.environ |= {
        "LABEL_STUDIO_URL": server["url"],
        "LABEL_STUDIO_API_KEY": held["admin"]["token"],
    }
    work = folder / "work"
    curation("init", work, "--name", "Tour", "--annotator", f"anna <{login['email']}>")
    curation("ingest", SAMPLE, "-w", work)
    curation("preannotate", "-w", work)
    curation("push", "-w", work)
    listed = json.loads(curation("status", "--documents", "-w", work, "--json"))
    del os.environ["LABEL_STUDIO_URL"], os.environ["LABEL_STUDIO_API_KEY"]
    return listed["by_document"][0]["tasks"][0]["url"], login


def task(page: Page, url: str, login: Mapping[str, str]) -> None:
    """The task as its annotator sees it first, with an event selected."""
    page.goto(url.partition("/projects")[0] + "/user/login/")
    page.fill("input[name=email]", login["email"])
    page.fill("input[name=password]", login["password"])
    with page.expect_navigation():
        page.click("button[type=submit]")
    page.goto(url)
    page.wait_for_selector(".htx-highlight")
    page.wait_for_timeout(3000)
    page.locator(
        '.htx-highlight[data-label^="events"], .htx-highlight[data-label*=":"]'
    ).first.click()
    page.wait_for_timeout(1500)
    save(page, "task")


def save(page: Page, name: str, what: str = "") -> None:
    """One picture, of the page or of an element in it."""
    path = IMAGES / f"{name}.png"
    (page.locator(what) if what else page).screenshot(path=path)
    size = path.stat().st_size
    print(f"{path} {size // 1000} kB")
    if size > LARGEST:
        sys.exit(f"{path}: {size} bytes, more than {LARGEST}")


def curation(*arguments: Any) -> str:
    """What a command prints."""
    command = [sys.executable, "-m", "curation", *map(str, arguments)]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=ROOT).stdout


if __name__ == "__main__":
    main()
