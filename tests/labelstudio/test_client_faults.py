"""The client before a server that fails: a small HTTP server on this machine plays it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from curation.errors import LabelStudioRefused, LabelStudioUnreachable
from curation.labelstudio.client import LabelStudio

KEY = "secret-key-0123456789"


class Script(ThreadingHTTPServer):
    """Answers each request with the next (status, body); remembers what was asked."""

    daemon_threads = True

    def __init__(self, *answers: tuple[int, Any]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers = list(answers)
        self.asked: list[str] = []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def client(self) -> LabelStudio:
        """A client of this server."""
        return LabelStudio(f"http://127.0.0.1:{self.server_address[1]}", KEY)


class _Handler(BaseHTTPRequestHandler):
    server: Script

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.asked.append(f"{self.command} {self.path.partition('?')[0]}")
        status, body = self.server.answers.pop(0)
        content = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_POST = do_PATCH = do_DELETE = do_GET  # noqa: N815 - the names http.server calls

    def log_message(self, *_: Any) -> None:
        """Says nothing."""


@pytest.fixture
def script() -> Iterator[type[Script]]:
    """Makes scripted servers and closes them."""
    made: list[Script] = []

    class Kept(Script):
        def __init__(self, *answers: tuple[int, Any]) -> None:
            super().__init__(*answers)
            made.append(self)

    yield Kept
    for server in made:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_reads_are_repeated_while_the_server_is_busy(status: int, script: type[Script]) -> None:
    """A busy server gets the same question again, and its later answer counts."""
    server = script((status, ""), (200, {"id": 1, "email": "a@b.c"}))
    assert server.client().me()["email"] == "a@b.c"
    assert len(server.asked) == 2


def test_a_server_that_stays_busy_is_unreachable(script: type[Script]) -> None:
    """After a few times the client gives up, with exit code 3."""
    server = script(*[(503, "")] * 10)
    with pytest.raises(LabelStudioUnreachable, match="503"):
        server.client().me()
    assert len(server.asked) == 4


def test_an_import_is_never_repeated(script: type[Script]) -> None:
    """The server may have taken the tasks before it failed: sending again would double them."""
    server = script((503, ""), (201, {"task_ids": [1]}))
    with pytest.raises(LabelStudioUnreachable):
        server.client().import_tasks(1, [{"data": {"text": "x"}}])
    assert server.asked == ["POST /api/projects/1/import"]


def test_ids_that_do_not_add_up_are_refused(script: type[Script]) -> None:
    """Fewer ids than tasks: nobody knows which task is which."""
    with pytest.raises(LabelStudioRefused, match="2 tasks were sent"):
        script((201, {"task_ids": [1]})).client().import_tasks(1, [{}, {}])


def test_a_short_list_of_tasks_is_refused(script: type[Script]) -> None:
    """Where fewer tasks come than the project has, the end of the list is an error."""
    page = {"total": 2, "tasks": [{"id": 1}, {"id": 2}]}
    server = script((200, page), (200, {"task_number": 3}))
    with pytest.raises(LabelStudioRefused, match="2 of its 3"):
        list(server.client().tasks(1))


def test_a_task_on_two_pages_comes_once(script: type[Script]) -> None:
    """A task that slips to the next page while reading is not given twice."""
    pages = [{"total": 4, "tasks": [{"id": 1}, {"id": 2}]}]
    pages.append({"total": 4, "tasks": [{"id": 2}, {"id": 3}]})
    server = script(*[(200, page) for page in pages], (200, {"task_number": 3}))
    assert [task["id"] for task in server.client().tasks(1)] == [1, 2, 3]


@pytest.mark.parametrize("body", ["<html>hello</html>", "[]", '"x"', "null", ""])
def test_another_program_is_not_taken_for_label_studio(body: str, script: type[Script]) -> None:
    """Answers of the wrong shape are one line of error, not a traceback."""
    with pytest.raises(LabelStudioRefused, match="LABEL_STUDIO_URL"):
        script((200, body)).client().create_project("abc", "<View/>", "")
    with pytest.raises(LabelStudioRefused, match="LABEL_STUDIO_URL"):
        script((200, body)).client().version()


def test_a_refusal_is_one_printable_line_without_the_key(script: type[Script]) -> None:
    """What the server says is shown short, on one line, and without control characters."""
    body = {"detail": "no\n\x1b[31mway " + "x" * 900}
    with pytest.raises(LabelStudioRefused) as refused:
        script((400, body)).client().update_project(1, title="abc")
    said = str(refused.value)
    assert said.isprintable()
    assert len(said) < 600
    assert KEY not in said
