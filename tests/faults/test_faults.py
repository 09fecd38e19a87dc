"""A few seeded runs of the fault suite, and that it notices what it is there for.

`scripts/soak` does many runs.
"""

from __future__ import annotations

import json
import os
import random
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from faults.checks import check_kept, check_said, check_sound, check_tasks
from faults.children import Nursery
from faults.proxy import FAULTS, Faults, Proxy
from faults.scenario import CLIENT_TIMEOUT, Server, Stage, run
from faults.workspace import add_documents, said

from curation.store import AssignmentRecord, Store, open_store
from curation.testing import annotation_set

if TYPE_CHECKING:
    from curation.labelstudio.server import ServerInfo

AT = "2024-05-01T12:00:00+00:00"
needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="children are forks")


@pytest.fixture
def stage(label_studio_server: ServerInfo, tmp_path: Path) -> Iterator[Stage]:
    """The real server, with a proxy before it."""
    port = label_studio_server.port
    made = Stage(
        Server(port, label_studio_server.token),
        Proxy(port, slowness=CLIENT_TIMEOUT + 0.3),
        Nursery(tmp_path / "children.log"),
    )
    yield made
    made.close()


@needs_fork
@pytest.mark.server
@pytest.mark.slow
@pytest.mark.timeout(900)  # many processes: a busy machine may take long
@pytest.mark.parametrize("seed", [1, 4])
def test_nothing_is_lost_or_doubled(seed: int, stage: Stage, tmp_path: Path) -> None:
    """After pushes and pulls that were cut off, database and server hold what they should."""
    outcome = run(stage, seed, tmp_path, f"faults{seed}")
    print(f"seed {seed}: {dict(outcome.endings)}, {dict(outcome.faults)}")
    assert outcome.problems == []
    assert sum(outcome.endings.values()) > 6


class _Counter(BaseHTTPRequestHandler):
    """Answers how often it was asked."""

    protocol_version = "HTTP/1.1"
    asked = 0

    def do_GET(self) -> None:
        """One more."""
        type(self).asked += 1
        body = json.dumps({"total": 40, "task_ids": [1, 2, 3]}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Silent."""


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    """A proxy before a server that counts."""
    _Counter.asked = 0
    upstream = ThreadingHTTPServer(("127.0.0.1", 0), _Counter)
    threading.Thread(target=upstream.serve_forever, args=(0.05,), daemon=True).start()
    made = Proxy(upstream.server_address[1], slowness=0.5)
    yield made
    made.settle()
    made.close()
    upstream.shutdown()
    upstream.server_close()


def ask(proxy: Proxy, fault: str) -> object:
    """What a client that waits 0.2 s gets: status and body, or what went wrong."""
    proxy.faults = Faults(1, 1.0, (fault,)) if fault else None
    with closing(HTTPConnection("127.0.0.1", proxy.server_address[1], timeout=0.2)) as client:
        try:
            client.request("GET", "/")
            answer = client.getresponse()
            return answer.status, answer.read()
        except (HTTPException, OSError) as error:
            return type(error).__name__


WHOLE = b'{"total": 40, "task_ids": [1, 2, 3]}'


@pytest.mark.parametrize(
    ("fault", "answer", "asked"),
    [
        ("", (200, WHOLE), 1),
        ("drop before", "RemoteDisconnected", 0),
        ("drop after", "RemoteDisconnected", 1),
        ("late", "TimeoutError", 1),
        ("slow", "TimeoutError", 1),
        ("cut", "IncompleteRead", 1),
        ("short", (200, WHOLE[:18]), 1),
        ("429 before", (429, b'{"detail": "Request was throttled."}'), 0),
        ("502 after", (502, b"<html><h1>Bad Gateway</h1></html>"), 1),
    ],
)
def test_proxy_misbehaves_as_it_says(fault: str, answer: object, asked: int, proxy: Proxy) -> None:
    """Each fault reaches the client, and the server when it should."""
    assert ask(proxy, fault) == answer
    proxy.settle()
    assert _Counter.asked == asked


def test_proxy_lies_about_counts(proxy: Proxy) -> None:
    """The total and the number of ids are not the true ones."""
    found = ask(proxy, "lie")
    assert isinstance(found, tuple)
    told = json.loads(found[1])
    assert told["total"] != 40
    assert len(told["task_ids"]) < 3


def test_kill_is_called(proxy: Proxy) -> None:
    """The client is killed before the server is asked, while it works, and after it has."""
    calls: list[int] = []
    proxy.kill = lambda: calls.append(_Counter.asked)
    for fault in ("kill before", "kill during", "kill after"):
        ask(proxy, fault)
        proxy.settle()
    assert calls == [0, 0, 2]


def test_same_seed_same_faults() -> None:
    """The plan comes from the seed, and draws every kind."""
    plans = [Faults(seed, 0.3) for seed in (7, 7, 8)]
    drawn = [[plan.draw() for _ in range(500)] for plan in plans]
    assert drawn[0] == drawn[1] != drawn[2]
    assert plans[0].drawn.keys() == set(FAULTS)
    assert 100 < plans[0].drawn.total() < 200


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A document given to anna."""
    made = open_store(f"sqlite:///{tmp_path / 'curation.db'}")
    add_documents(made, random.Random(1), 0, 1)
    with made.transaction() as repo:
        repo.add_assignments([AssignmentRecord("d000", "anna", assisted=False)], at=AT)
    return made


def on_server(number: int) -> dict[str, Any]:
    """A task as the server tells it."""
    lists: dict[str, Any] = {"annotations": [], "drafts": [], "predictions": []}
    return {"id": number, "data": {"uid": "d000"}} | lists


@pytest.mark.parametrize("numbers", [[], [1], [1, 2]])
def test_missing_double_and_unknown_tasks_are_noticed(numbers: list[int], store: Store) -> None:
    """No task, two tasks, and one that the database does not know are all problems."""
    with store.transaction() as repo:
        (problem,) = check_tasks(repo, {"anna": [on_server(n) for n in numbers]})
    assert "('d000', 'anna')" in problem


def test_lost_and_doubled_payloads_are_noticed(store: Store, tmp_path: Path) -> None:
    """One that is not there, one that is there twice, and one from nowhere."""
    expected = {("annotation", 1, "now", "[]", False), ("annotation", 2, "now", "[]", False)}
    body = {"id": 1, "updated_at": "now", "result": []}
    with store.transaction() as repo:
        for origin in ("one", "two"):
            repo.save_payload(origin=origin, kind="annotation", body=json.dumps(body), at=AT)
        other = json.dumps(body | {"id": 3})
        repo.save_payload(origin="one", kind="annotation", body=other, at=AT)
    found = list(check_kept(tmp_path / "curation.db", expected))
    assert [problem.split(":")[0] for problem in found] == [
        "payload lost",
        "payload kept 2 times",
        "payload of nowhere",
    ]


def test_changed_work_is_noticed(store: Store) -> None:
    """Another label than the one that was submitted is a problem."""
    with store.transaction() as repo:
        (document,) = repo.documents()
        word = document.text.split()[0]
        sets = [annotation_set(document.text, [(word, x)], uid="d000") for x in ("PER", "ORG")]
        repo.save_annotations(sets[0], at=AT)
        assert list(check_said(repo, {("d000", "anna"): said(sets[0])})) == []
        assert len(list(check_said(repo, {("d000", "anna"): said(sets[1])}))) == 1


def test_damaged_database_is_noticed(store: Store, tmp_path: Path) -> None:
    """A row that points nowhere is a problem."""
    database = tmp_path / "curation.db"
    assert list(check_sound(database)) == []
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("UPDATE annotation_set SET document_id = 99")
    assert len(list(check_sound(database))) == 1
