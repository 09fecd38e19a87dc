"""The report on loopback: one page, and one word that says whether it is the newest.

Nothing else is served, nothing can be changed, and nobody else can ask: the server is bound to
127.0.0.1, and a request that does not name it as its host is refused, so that a page of another
site cannot reach it by a name of its own that leads here (DNS rebinding).
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

from curation.errors import CurationError, UsageError

__all__ = ["DEFAULT_PORT", "HOST", "Pages", "ReportServer", "make_server"]

HOST = "127.0.0.1"
DEFAULT_PORT = 8642
_PATIENCE = 30
"""Seconds that a client may take for its request."""
_HEADERS = {
    "Cache-Control": "no-cache",
    "Content-Security-Policy": "frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


@dataclass
class Pages:
    """The page, made again when what it was made from has changed.

    `state` is cheap, and another text whenever the data may have changed. `make` gives a mark of
    what the page says, and the page. It is called by one thread at a time.
    """

    state: Callable[[], str]
    make: Callable[[], tuple[str, str]]
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _kept: tuple[str, str, bytes] | None = None
    _seen: str = ""

    def page(self) -> tuple[str, bytes]:
        """The mark and the page of what there is now."""
        with self._lock:
            return self._newest(self.state())

    def mark(self) -> str:
        """The mark of the newest page. While data are being written, of the last one."""
        with self._lock:
            state = self.state()
            is_settled, self._seen = state == self._seen, state
            if self._kept is not None and not is_settled:
                return self._kept[1]
            return self._newest(state)[0]

    def _newest(self, state: str) -> tuple[str, bytes]:
        """`state` is taken before: what changes while the page is made gives another one later."""
        if self._kept is None or self._kept[0] != state:
            mark, page = self.make()
            self._kept = (state, mark, page.encode("utf-8"))
        return self._kept[1:]


class ReportServer(ThreadingHTTPServer):
    """A server of one report; its address is `url`."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, port: int, pages: Pages) -> None:
        self.pages = pages
        super().__init__((HOST, port), _Handler)

    @property
    def url(self) -> str:
        """Where the page is."""
        return f"http://{HOST}:{self.server_port}/"

    @property
    def hosts(self) -> frozenset[str]:
        """What the server is rightly called."""
        names = {HOST, "localhost"}
        return frozenset({f"{name}:{self.server_port}" for name in names})


class _Handler(BaseHTTPRequestHandler):
    server: ReportServer
    timeout: ClassVar[int] = _PATIENCE
    server_version = "curation"
    sys_version = ""

    def do_GET(self) -> None:
        """The page, or the mark of the newest one."""
        if self.headers.get_all("Host", []) not in [[host] for host in self.server.hosts]:
            self._refuse(HTTPStatus.MISDIRECTED_REQUEST, "this is not the host you asked for")
        elif self.path == "/":
            self._page()
        elif self.path == "/version":
            self._answer_with(self._version)
        else:
            self._refuse(HTTPStatus.NOT_FOUND, "there is only the report, at /")

    do_HEAD = do_GET  # noqa: N815  # the name that http.server asks for

    def __getattr__(self, name: str) -> Callable[[], None]:
        """Any other method that a client may name is refused in the same way."""
        if name.startswith("do_"):
            return self._not_allowed
        raise AttributeError(name)

    def _not_allowed(self) -> None:
        self.close_connection = True
        self._refuse(
            HTTPStatus.METHOD_NOT_ALLOWED, "the report can only be read", Allow="GET, HEAD"
        )

    def _page(self) -> None:
        self._answer_with(self._newest)

    def _version(self) -> None:
        self._send(HTTPStatus.OK, self.server.pages.mark().encode("ascii"), "text/plain")

    def _newest(self) -> None:
        mark, page = self.server.pages.page()
        tag = f'"{mark}"'
        if self.headers.get("If-None-Match") == tag:
            self._send(HTTPStatus.NOT_MODIFIED, b"", "text/html", ETag=tag)
        else:
            self._send(HTTPStatus.OK, page, "text/html", ETag=tag)

    def _answer_with(self, answer: Callable[[], None]) -> None:
        try:
            answer()
        except CurationError as error:
            self._refuse(HTTPStatus.SERVICE_UNAVAILABLE, str(error))

    def _refuse(self, status: HTTPStatus, why: str, **headers: str) -> None:
        self._send(status, f"{why}\n".encode(errors="replace"), "text/plain", **headers)

    def _send(self, status: HTTPStatus, body: bytes, kind: str, **headers: str) -> None:
        self.send_response(status)
        for name, value in {**_HEADERS, **headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        if status is not HTTPStatus.NOT_MODIFIED:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing is logged: the reader is the only one who asks."""


def make_server(pages: Pages, port: int | None = None) -> ReportServer:
    """A server at `port`, else at the usual one or any that is free; UsageError where it is taken.

    It answers once `serve_forever` is called, and must be closed by `server_close`.
    """
    wanted = (DEFAULT_PORT, 0) if port is None else (port,)
    for number in wanted:
        try:
            return ReportServer(number, pages)
        except OSError as error:
            reason = error.strerror
    raise UsageError(f"port {wanted[0]} cannot be used ({reason}); give another one with --port")
