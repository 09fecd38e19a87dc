"""The report at an address of this machine: asked over real HTTP, and by a real browser."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from reporting import NOW

from curation.errors import DatabaseUnreachable, UsageError
from curation.report.serve import Pages, ReportServer, make_server
from curation.testing import annotation_set, document
from curation.workflows.report import live_report
from curation.workflows.workspace import Workspace, init_workspace


class Source:
    """Something that changes, and how often a page was made of it."""

    def __init__(self) -> None:
        self.now = "one"
        self.made = 0

    def make(self) -> tuple[str, str]:
        """The mark and the page."""
        self.made += 1
        return self.now, f"<title>{self.now}</title>"


@contextmanager
def serving(pages: Pages) -> Iterator[ReportServer]:
    """A server on a free port, in a thread."""
    server = make_server(pages, _free_port())
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def ask(
    server: ReportServer, method: str = "GET", path: str = "/", **headers: str
) -> tuple[int, dict[str, str], str]:
    """Status, headers and text of the answer."""
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=20)
    connection.putrequest(method, path, skip_host="Host" in headers)
    for name, value in headers.items():
        connection.putheader(name.replace("_", "-"), value)
    connection.endheaders()
    answer = connection.getresponse()
    body = answer.read().decode()
    connection.close()
    return answer.status, dict(answer.headers), body


def test_page_is_made_once_and_again_after_a_change() -> None:
    """Two readers share a page; when the data change, the next one gets another."""
    source = Source()
    with serving(Pages(lambda: source.now, source.make)) as server:
        assert ask(server)[2] == ask(server)[2] == "<title>one</title>"
        assert source.made == 1
        source.now = "two"
        assert ask(server)[2] == "<title>two</title>"
        assert source.made == 2


def test_version_waits_until_the_data_are_settled() -> None:
    """While data are being written the old mark stands; once they rest the new one does."""
    source = Source()
    state = ["a"]
    with serving(Pages(lambda: state[0], source.make)) as server:
        ask(server)
        for state[0] in ("b", "c", "d"):
            assert ask(server, path="/version")[2] == "one"
        assert source.made == 1
        source.now = "two"
        assert ask(server, path="/version")[2] == "two"


def test_unchanged_page_is_not_sent_again() -> None:
    """A browser that has the page is told so, without the page."""
    source = Source()
    with serving(Pages(lambda: source.now, source.make)) as server:
        tag = ask(server)[1]["ETag"]
        assert ask(server, If_None_Match=tag)[::2] == (304, "")
        source.now = "two"
        assert ask(server, If_None_Match=tag)[0] == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:{port}", "127.0.0.1", "127.0.0.1:1", "localhost.:{port}", ""],
)
def test_other_hosts_are_refused(host: str) -> None:
    """Who calls the server by another name, as a rebound page would, gets nothing of the report."""
    source = Source()
    with serving(Pages(lambda: source.now, source.make)) as server:
        status, _, body = ask(server, Host=host.format(port=server.server_port))
        assert (status, source.made) == (421, 0)
        assert "one" not in body.split()
        assert ask(server, Host=f"localhost:{server.server_port}")[0] == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "FOO"])
def test_nothing_can_be_changed(method: str) -> None:
    """Every method but GET and HEAD is refused, and these are named."""
    with serving(Pages(str, Source().make)) as server:
        status, headers, _ = ask(server, method)
        assert (status, headers["Allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize(
    "path", ["/curation.db", "/../curation.toml", "/%2e%2e/x", "/?", "/version/"]
)
def test_there_are_no_other_files(path: str) -> None:
    """Every other path is not found."""
    with serving(Pages(str, Source().make)) as server:
        assert ask(server, path=path)[0] == 404


def test_head_has_no_body_and_headers_protect() -> None:
    """HEAD gives the headers of GET alone; no other site may frame or read the page."""
    with serving(Pages(str, Source().make)) as server:
        status, headers, body = ask(server, "HEAD")
        assert (status, body, headers["Content-Length"]) == (200, "", "18")
        assert headers["Content-Type"] == "text/html; charset=utf-8"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert headers["Content-Security-Policy"] == "frame-ancestors 'none'"
        assert "Access-Control-Allow-Origin" not in headers


def test_database_that_is_gone_is_said() -> None:
    """Where the data cannot be read the answer says so, and the server goes on."""

    def fail() -> str:
        raise DatabaseUnreachable("sqlite:///x.db: gone")

    with serving(Pages(fail, Source().make)) as server:
        for path in ("/", "/version"):
            assert ask(server, path=path)[::2] == (503, "sqlite:///x.db: gone\n")


def test_taken_port() -> None:
    """A port that is taken is an error with the remedy; without one asked for, another is used."""
    pages = Pages(str, Source().make)
    with serving(pages) as server:
        with pytest.raises(UsageError, match=rf"port {server.server_port} cannot be used .*--port"):
            make_server(pages, server.server_port)
        others = [make_server(pages), make_server(pages)]
        assert others[0].server_port != others[1].server_port
        for other in others:
            assert other.server_address[0] == "127.0.0.1"
            other.server_close()


def _small(folder: Path) -> Workspace:
    made, _ = init_workspace(
        folder, workspace_id="abcd", name="w", annotators=[], environment={}
    )  # fmt: skip
    with made.store.transaction() as repo:
        repo.add_document(document("Anna met Ben.", uid="d1"), offset_map=[], at=NOW)
    return made


def _annotate(workspace: Workspace, annotator: str) -> None:
    made = annotation_set("Anna met Ben.", [("Anna", "PER")], [], uid="d1", annotator=annotator)
    with workspace.store.transaction() as repo:
        repo.save_annotations(made.model_copy(update={"kind": "person"}), at=NOW)


def test_mark_is_of_what_is_said(tmp_path: Path) -> None:
    """The mark stays at another time, and is another one when an annotation has come."""
    workspace = _small(tmp_path / "w")
    times = iter([NOW, "2026-05-21T09:00:00+00:00", NOW])
    state, make = live_report(workspace, clock=lambda: next(times))
    first, page = make()
    assert f'data-live="{first}"' in page
    assert "connect-src &#39;self&#39;" in page
    before = state()
    assert before == state()
    assert make()[0] == first
    _annotate(workspace, "anna")
    assert state() != before
    assert make()[0] != first


@pytest.mark.browser
def test_page_says_when_there_are_newer_data(browser: Any, tmp_path: Path) -> None:
    """An open page asks its server and no one else, offers a reload, and then has the new data."""
    workspace = _small(tmp_path / "w")
    with serving(Pages(*live_report(workspace, clock=lambda: NOW))) as server:
        page = browser.new_page()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.clock.install()
        page.goto(server.url)
        assert page.locator("#newer button").count() == 0
        _annotate(workspace, "anna")
        for _ in range(3):
            with page.expect_response(lambda r: r.url.endswith("/version")):
                page.clock.run_for(3000)
        page.get_by_role("button", name="Reload").click()
        page.locator("main", has_text="anna").wait_for()
        assert {url.removeprefix(server.url) for url in asked} == {"", "version"}
        page.close()


def _command(folder: Path, *options: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "curation", "report", "-w", str(folder), *options],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=os.environ | {"NO_COLOR": "1"},
    )  # fmt: skip


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_command_serves_until_it_is_told_to_end(tmp_path: Path, ending: signal.Signals) -> None:
    """`--serve --json` says its address, serves, and ends with 0 and no traceback."""
    _small(tmp_path / "w").store.close()
    started = _command(tmp_path / "w", "--serve", "--json", "--port", str(_free_port()))
    assert started.stdout is not None
    said = ""
    while not said.rstrip().endswith("}"):
        said += started.stdout.readline()
    port = int(json.loads(said)["url"].rstrip("/").rpartition(":")[2])
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", "/" if ending == signal.SIGINT else "/other")
    assert connection.getresponse().status == (200 if ending == signal.SIGINT else 404)
    started.send_signal(ending)
    _, err = started.communicate(timeout=60)
    assert (started.returncode, err) == (0, "ended\n")
    assert not list((tmp_path / "w").glob("*.html"))


@pytest.mark.parametrize("options", [("--serve", "-o", "x.html"), ("--port", "8000")])
def test_options_that_do_not_go_together(tmp_path: Path, options: tuple[str, ...]) -> None:
    """--serve writes no file, and a port without it is for nothing: said in one line, exit 2."""
    shutil.rmtree(tmp_path / "w", ignore_errors=True)
    _small(tmp_path / "w").store.close()
    started = _command(tmp_path / "w", *options)
    _, err = started.communicate(timeout=60)
    assert started.returncode == 2
    assert err.count("\n") == 1
    assert "--serve" in err
