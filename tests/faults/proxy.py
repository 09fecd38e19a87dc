"""A proxy that misbehaves by a seeded plan, between a client and a real Label Studio.

Each request draws a fault, or none; the same seed draws the same faults for the same requests.
"""

from __future__ import annotations

import http.client
import json
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

__all__ = ["BUSY", "FAULTS", "LASTING", "Faults", "Proxy"]

FAULTS = (
    "drop before",
    "drop after",
    "late",
    "slow",
    "cut",
    "short",
    "429 before",
    "500 before",
    "502 before",
    "html before",
    "429 after",
    "500 after",
    "502 after",
    "html after",
    "lie",
    "kill before",
    "kill during",
    "kill after",
)
"""`before` and `after` the server has done it. `late`: the server gets it when the client has given
up; `slow`: only the answer comes too late. `cut`: the body ends before its length; `short`: with a
length that fits. `lie`: another count than the true one. `kill`: the client is killed."""

LASTING = frozenset({"late", "kill during"})
"""After these the server may still be at work when the client has gone."""

BUSY = {"429": (429, b'{"detail": "Request was throttled."}')}
_PAGES = {
    **BUSY,
    "500": (500, b'{"detail": "Internal error", "status_code": 500}'),
    "502": (502, b"<html><h1>Bad Gateway</h1></html>"),
    "html": (200, b"<!doctype html><title>Log in</title>"),
}
_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length", "host"})
_COUNTS = ("task_number", "total", "count", "task_count")


class Faults:
    """The plan: each request has a fault with probability `share`; `drawn` counts what was."""

    def __init__(self, seed: object, share: float, kinds: tuple[str, ...] = FAULTS) -> None:
        self._random = random.Random(str(seed))
        self._share = share
        self._kinds = kinds
        self.drawn: Counter[str] = Counter()

    def draw(self) -> tuple[str, int]:
        """A fault, "" for none, and the number that a lie adds to a count."""
        faulty = self._random.random() < self._share
        kind, off = self._random.choice(self._kinds), self._random.choice((-3, -1, 1, 2))
        if faulty:
            self.drawn[kind] += 1
        return (kind if faulty else ""), off


class Proxy(ThreadingHTTPServer):
    """Forwards to `port` on this machine. `slowness` is longer than the client waits, in seconds.

    `faults` may be changed between two clients; None behaves. `kill` ends the client.
    """

    daemon_threads = True
    block_on_close = False

    def __init__(self, port: int, *, slowness: float) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.upstream = port
        self.slowness = slowness
        self.faults: Faults | None = None
        self.kill: Callable[[], None] = lambda: None
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self._lock = threading.Condition()
        self._at_work = 0
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    def draw(self) -> tuple[str, int]:
        """What happens to the next request."""
        with self._lock:
            self._at_work += 1
            return self.faults.draw() if self.faults else ("", 0)

    def done(self) -> None:
        """A request has been dealt with."""
        with self._lock:
            self._at_work -= 1
            self._lock.notify_all()

    def settle(self) -> None:
        """Wait until the server has had all that was sent."""
        with self._lock:
            self._lock.wait_for(lambda: self._at_work == 0, timeout=60)

    def close(self) -> None:
        """Listen no more."""
        self.shutdown()
        self.server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that go away are what this is for."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Proxy

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Silent."""

    def _handle(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        fault, off = self.server.draw()
        try:
            self._go(fault, off, body)
        except OSError:
            self.close_connection = True
        finally:
            self.server.done()

    do_GET = do_POST = do_PATCH = do_DELETE = _handle  # noqa: N815 - the base class's names

    def _go(self, fault: str, off: int, body: bytes) -> None:
        kind, _, when = fault.partition(" ")
        if when == "before":
            self._answer_with(kind)
            return
        if fault == "late":
            time.sleep(self.server.slowness)
        if fault == "kill during":
            self.server.kill()
        status, headers, answer = self._forward(body)
        if fault == "slow":
            time.sleep(self.server.slowness)
        if when == "after":
            self._answer_with(kind)
        elif fault == "cut":
            self._reply(status, headers, answer[: len(answer) // 2], length=len(answer))
            self._hang_up()
        elif fault == "short":
            self._reply(status, headers, answer[: len(answer) // 2])
        else:
            self._reply(status, headers, _lie(answer, off) if fault == "lie" else answer)

    def _answer_with(self, kind: str) -> None:
        if kind == "kill":
            self.server.kill()
        if kind in {"kill", "drop"}:
            self._hang_up()
            return
        status, page = _PAGES[kind]
        headers = [("Content-Type", "text/html" if page[:1] == b"<" else "application/json")]
        self._reply(status, [*headers, ("Retry-After", "1")] if status == 429 else headers, page)

    def _forward(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.server.upstream, timeout=60)
        try:
            headers = {k: v for k, v in self.headers.items() if k.lower() not in _HOP}
            # So that what is changed on the way is not compressed.
            headers["Accept-Encoding"] = "identity"
            connection.request(self.command, self.path, body or None, headers)
            response = connection.getresponse()
            return response.status, response.getheaders(), response.read()
        finally:
            connection.close()

    def _reply(
        self, status: int, headers: list[tuple[str, str]], body: bytes, length: int | None = None
    ) -> None:
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() not in _HOP:
                self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)

    def _hang_up(self) -> None:
        self.close_connection = True
        self.wfile.flush()


def _lie(body: bytes, off: int) -> bytes:
    """Counts that are not true; in the answer to an import, another number of ids."""
    try:
        answer = json.loads(body)
    except ValueError:
        return body
    if not isinstance(answer, dict):
        return body
    for name in _COUNTS:
        if isinstance(answer.get(name), int):
            answer[name] = max(0, answer[name] + off)
    if answer.get("task_ids"):
        answer["task_ids"] = answer["task_ids"][:off] if off < 0 else answer["task_ids"][off:]
    return json.dumps(answer).encode()
