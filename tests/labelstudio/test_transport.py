"""Every kind of failure on the way to Label Studio, played by a small HTTP server."""

from __future__ import annotations

import base64
import json
import logging
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from curation.errors import CurationError, LabelStudioRefused, LabelStudioUnreachable
from curation.labelstudio.client import LabelStudio
from curation.labelstudio.transport import insecure, key_kind

LEGACY = "0123456789abcdef" * 2 + "deadbeef"
_JSON = {"Content-Type": "application/json"}
_PAGE = {"Content-Type": "text/html"}


def jwt(kind: str, *, expires_in: float = 3600) -> str:
    """A token of the shape that Label Studio gives out; nobody here looks at the signature."""
    parts: list[dict[str, Any]] = [
        {"alg": "HS256", "typ": "JWT"},
        {"token_type": kind, "exp": int(time.time() + expires_in), "user_id": "1"},
    ]
    encoded = [base64.urlsafe_b64encode(json.dumps(p).encode()).decode().rstrip("=") for p in parts]
    return ".".join([*encoded, "c2lnbmF0dXJlLW9mLXRoZS10b2tlbg"])


PERSONAL = jwt("refresh")


class Played(ThreadingHTTPServer):
    """Answers with the next (status, body, headers), the last one again and again.

    `asked` are the requests, `keys` their Authorization headers, `waited` the client's pauses.
    """

    daemon_threads = True

    def __init__(self, *answers: tuple[int, Any, dict[str, str]]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers = list(answers)
        self.asked: list[str] = []
        self.keys: list[str | None] = []
        self.waited: list[float] = []
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    def client(self, key: str = LEGACY, *, path: str = "", timeout: float = 5) -> LabelStudio:
        """A client of this server that writes its pauses down instead of waiting."""
        return LabelStudio(self.url + path, key, timeout=timeout, pause=self.waited.append)


class _Handler(BaseHTTPRequestHandler):
    server: Played

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.asked.append(f"{self.command} {self.path.partition('?')[0]}")
        self.server.keys.append(self.headers.get("Authorization"))
        answers = self.server.answers
        status, body, headers = answers.pop(0) if len(answers) > 1 else answers[0]
        content = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        if status == 0:
            self.close_connection = True
            return
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(content))} | headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    do_POST = do_PATCH = do_DELETE = do_GET  # noqa: N815 - the names http.server calls

    def log_message(self, *_: Any) -> None:
        """Says nothing."""


@pytest.fixture
def play() -> Iterator[Callable[..., Played]]:
    """Makes servers and closes them."""
    made: list[Played] = []

    def start(*answers: tuple[int, Any] | tuple[int, Any, dict[str, str]]) -> Played:
        made.append(Played(*((a[0], a[1], a[2] if len(a) > 2 else _JSON) for a in answers)))
        return made[-1]

    yield start
    for server in made:
        server.shutdown()
        server.server_close()


Play = Callable[..., Played]
ME = {"id": 1, "email": "a@b.c"}
DROP = (0, "")


@pytest.mark.parametrize(
    ("status", "says"),
    [
        (400, ["refused (400)", "the reason"]),
        (401, ["LABEL_STUDIO_API_KEY", "a legacy token", "the reason", "Account & Settings"]),
        (403, ["refused (403)", "LABEL_STUDIO_API_KEY", "may not do this"]),
        (404, ["refused (404)", "deleted", "another server"]),
        (409, ["refused (409)", "same time"]),
        (413, ["refused (413)", "20 bytes are more than the server, or a proxy before it, takes"]),
    ],
)
def test_refusals_say_what_to_do(status: int, says: list[str], play: Play) -> None:
    """Each status of refusal has its own advice and the server's reason, and is not repeated."""
    server = play((status, {"detail": "the reason"}))
    with pytest.raises(LabelStudioRefused) as refused:
        server.client().update_project(7, title="Renamed")
    assert [part for part in says if part not in str(refused.value)] == []
    assert refused.value.status == status
    assert server.asked == ["PATCH /api/projects/7/"]


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_reads_are_repeated_where_the_server_fails(status: int, play: Play) -> None:
    """A failing server is asked again, after pauses that grow and differ."""
    server = play((status, {"detail": "x"}), (status, ""), (200, ME))
    assert server.client().me() == ME
    assert len(server.asked) == 3
    assert len(server.waited) == 2
    assert all(0.1 <= seconds <= 5.1 for seconds in server.waited)


@pytest.mark.parametrize(
    ("status", "says"), [(429, "too many requests"), (500, "the server failed"), (502, "busy")]
)
def test_a_server_that_goes_on_failing_is_unreachable(status: int, says: str, play: Play) -> None:
    """After four attempts the client says what the server's state is, exit code 3."""
    server = play((status, {"detail": "database is locked"}))
    with pytest.raises(LabelStudioUnreachable, match=says) as failed:
        server.client().me()
    assert len(server.asked) == 4
    assert ("database is locked" in str(failed.value)) == (status == 500)


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504, 0])
def test_what_may_have_been_done_is_not_repeated(status: int, play: Play) -> None:
    """A POST is sent once: the server, or a proxy before it, may have failed after the work."""
    server = play((status, {}))
    with pytest.raises(LabelStudioUnreachable):
        server.client().import_tasks(1, [{}])
    assert server.asked == ["POST /api/projects/1/import"]
    assert server.waited == []


def test_what_was_never_sent_is_repeated() -> None:
    """Where nobody listens nothing was done, so that a POST is tried again too."""
    waited: list[float] = []
    server = Played((200, {}, {}))
    server.shutdown()
    server.server_close()
    with pytest.raises(LabelStudioUnreachable, match="is Label Studio running there"):
        LabelStudio(server.url, LEGACY, pause=waited.append).import_tasks(1, [{}])
    assert len(waited) == 3


def test_retry_after_in_seconds_and_as_a_date(play: Play) -> None:
    """The pause is at least as long as the server asks for."""
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=20), usegmt=True)
    server = play((429, {}, {"Retry-After": "7"}), (503, {}, {"Retry-After": soon}), (200, ME))
    server.client().me()
    assert 7 <= server.waited[0] < 13
    assert 15 <= server.waited[1] < 26


@pytest.mark.parametrize("said", ["soon", "-3", "Tue, 99 Foo 2020", "1e3", ""])
def test_a_strange_retry_after_is_as_none(said: str, play: Play) -> None:
    """What is neither a number nor a date does not keep the client from trying again."""
    server = play((429, {}, {"Retry-After": said}), (200, ME))
    assert server.client().me() == ME
    assert server.waited[0] <= 5.1


def test_a_long_retry_after_is_told_instead_of_waited(play: Play) -> None:
    """Nobody waits for an hour before a silent screen; the error carries the time."""
    server = play((429, {}, {"Retry-After": "3600"}))
    with pytest.raises(LabelStudioUnreachable, match="3600 s") as told:
        server.client().me()
    assert told.value.retry_after == 3600
    assert server.waited == []


def test_a_time_out_is_repeated_for_reads_and_told(play: Play) -> None:
    """No answer in time: tried again, then said in one line."""
    server = play((200, "", {"Content-Length": "10"}))
    with pytest.raises(LabelStudioUnreachable):
        server.client(timeout=0.2).me()
    assert len(server.asked) == 4


def test_a_lost_connection_and_a_cut_answer_are_repeated_for_reads(play: Play) -> None:
    """A connection without an answer, and JSON that ends too early, are asked for again."""
    server = play(DROP, (200, '{"id": 1, "em'), (200, ME))
    assert server.client().me() == ME


def test_a_cut_answer_to_a_post_is_a_lost_one(play: Play) -> None:
    """The caller is told that the answer was lost, and looks at what was done."""
    with pytest.raises(LabelStudioUnreachable, match="cut off"):
        play((201, '{"task_ids": [1')).client().import_tasks(1, [{}])


def test_a_deleted_task_stays_deleted(play: Play) -> None:
    """Not found, after an attempt to delete whose answer was lost, means that it was deleted."""
    server = play(DROP, (404, {"detail": "No Task"}))
    server.client().delete_task(3)
    with pytest.raises(LabelStudioRefused, match="404"):
        server.client().delete_task(3)


@pytest.mark.parametrize("status", [200, 400, 403, 404])
def test_the_page_of_a_proxy_is_named(status: int, play: Play) -> None:
    """A web page instead of an answer is told by its title, and never shown whole."""
    page = "<!doctype html><title>Corporate <b>login</title>" + "<p>x" * 9999
    with pytest.raises(LabelStudioRefused, match="web page") as refused:
        play((status, page, _PAGE)).client().me()
    assert "Corporate" in str(refused.value)
    assert len(str(refused.value)) < 500


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_redirects_get_no_key(status: int, play: Play) -> None:
    """Where a server points elsewhere the place is told, and nothing is sent to it."""
    target = play((200, ME))
    for key in (LEGACY, PERSONAL):
        server = play((status, "", {"Location": f"{target.url}/x?next=secret"}))
        with pytest.raises(LabelStudioRefused, match="redirects to") as refused:
            server.client(key).me()
        assert target.url in str(refused.value)
        assert "secret" not in str(refused.value)
    assert target.asked == []


def test_an_answer_too_deep_to_read_is_told(play: Play) -> None:
    """Nesting without end is one line, in an answer and in a refusal."""
    for status in (200, 400):
        server = play((status, "[" * 100_000))
        with pytest.raises(LabelStudioRefused):
            server.client().me()
        assert len(server.asked) == 1


@pytest.mark.parametrize("url", ["http://[::1", "http://127.0.0.1:abc"])
def test_what_is_no_address_is_refused_at_once(url: str) -> None:
    """No attempt is repeated."""
    waited: list[float] = []
    with pytest.raises(LabelStudioRefused, match="not an address"):
        LabelStudio(url, LEGACY, pause=waited.append).me()
    assert waited == []


@pytest.mark.parametrize(
    "answer", [{}, [], {"release": {}}, {"results": 5, "count": 5}, {"count": "many"}, 7, None]
)
def test_an_unknown_shape_is_told_as_another_version(answer: Any, play: Play) -> None:
    """Answers that no known version gives are one line, whichever call meets them."""
    calls: list[Callable[[LabelStudio], Any]] = [
        lambda c: c.me(),
        lambda c: c.users(),
        lambda c: list(c.projects()),
        lambda c: list(c.tasks(1)),
        lambda c: c.project(1),
        lambda c: c.task_states(1),
        lambda c: c.drafted_tasks(1),
        lambda c: list(c.annotated_tasks(1)),
        lambda c: list(c.task_heads(1)),
        lambda c: c.opened_tasks(1),
        lambda c: c.import_tasks(1, [{}]),
        lambda c: c.create_project("abc", "<View/>", ""),
        lambda c: c.labels_in_use(1),
        lambda c: c.invite_link(),
    ]
    server = play((200, answer))
    for call in calls:
        if answer == [] and call is calls[1]:
            continue  # No users is an answer.
        with pytest.raises(LabelStudioRefused, match="LABEL_STUDIO_URL"):
            call(server.client())


@pytest.mark.parametrize(
    "tasks", [[None], [{"id": None}], [{}], ["x"], [{"id": "x", "updated_at": 3}], {"a": 1}]
)
def test_tasks_of_an_unknown_shape_are_refused(tasks: Any, play: Play) -> None:
    """A page of tasks without usable ids ends in one line."""
    for call in (
        lambda c: c.task_states(1),
        lambda c: c.opened_tasks(1),
        lambda c: list(c.annotated_tasks(1)),
        lambda c: list(c.task_heads(1)),
    ):
        with pytest.raises(LabelStudioRefused):
            call(play((200, {"tasks": tasks})).client())


# Keys


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        (LEGACY, "a legacy token"),
        (PERSONAL, "a personal access token"),
        ("hunter2", "neither a legacy token"),
    ],
)
def test_a_refused_key_is_told_by_its_kind(key: str, kind: str, play: Play) -> None:
    """The line says which sort of key was refused and where it stands, not the key."""
    assert key_kind(key).startswith(kind)
    with pytest.raises(LabelStudioRefused, match=kind) as refused:
        play((401, {"detail": f"Invalid token {key}"})).client(key).me()
    assert "LABEL_STUDIO_API_KEY" in str(refused.value)
    assert key not in str(refused.value)


def test_a_refused_key_of_the_own_server_names_its_file(play: Play) -> None:
    """A key that does not come from the environment is not looked for there."""
    server = play((401, {"detail": "no"}))
    with pytest.raises(LabelStudioRefused, match=r"the key in /w/credentials\.json") as refused:
        LabelStudio(server.url, LEGACY, source="/w/credentials.json").me()
    assert "LABEL_STUDIO_API_KEY" not in str(refused.value)


def test_an_expired_personal_token_is_refused_before_it_is_sent(play: Play) -> None:
    """The date in the token is enough to know, and to say so."""
    server = play((200, ME))
    key = jwt("refresh", expires_in=-5)
    with pytest.raises(LabelStudioRefused, match="expired") as refused:
        server.client(key).me()
    assert key not in str(refused.value)
    assert server.asked == []


def test_a_personal_token_is_exchanged_once(play: Play) -> None:
    """The access token is used until it ends; the personal token itself never is."""
    access = jwt("access")
    server = play((200, {"access": access}), (200, ME))
    client = server.client(PERSONAL)
    client.me()
    client.me()
    assert server.asked[0] == "POST /api/token/refresh/"
    assert server.keys == [None, f"Bearer {access}", f"Bearer {access}"]


def test_an_access_token_that_the_server_thinks_ended_is_renewed(play: Play) -> None:
    """With a clock that goes wrong the token is exchanged once more, also for a POST."""
    first, second = jwt("access"), jwt("access", expires_in=99)
    server = play(
        (200, {"access": first}),
        (401, {"detail": "Token is expired"}),
        (200, {"access": second}),
        (201, {"task_ids": [5]}),
    )
    assert server.client(PERSONAL).import_tasks(1, [{}]) == [5]
    assert server.keys[-1] == f"Bearer {second}"


def test_personal_tokens_work_below_a_path(play: Play) -> None:
    """A server behind a proxy's path is asked for the access token below that path too."""
    server = play((200, {"access": jwt("access")}), (200, ME))
    server.client(PERSONAL, path="/label/studio").me()
    assert server.asked == [
        "POST /label/studio/api/token/refresh/",
        "GET /label/studio/api/current-user/whoami",
    ]


@pytest.mark.parametrize(
    "answer", [(502, "<h1>Bad Gateway</h1>", _PAGE), (500, {"detail": "x"}), DROP]
)
def test_a_failure_while_a_token_is_exchanged_is_repeated(answer: Any, play: Play) -> None:
    """The exchange is a request like others: a failing server is asked again."""
    server = play(answer, (200, {"access": jwt("access")}), (200, ME))
    assert server.client(PERSONAL).me() == ME


@pytest.mark.parametrize(
    "answer", [(200, "<html>", _PAGE), (200, {}), (200, []), (401, {"detail": "blacklisted"})]
)
def test_a_token_that_is_not_exchanged_is_refused(answer: Any, play: Play) -> None:
    """Whatever comes instead of an access token is one line."""
    with pytest.raises(LabelStudioRefused) as refused:
        play(answer).client(PERSONAL).me()
    assert "\n" not in str(refused.value)
    assert PERSONAL not in str(refused.value)


@pytest.mark.parametrize("key", [LEGACY, PERSONAL, "unlikely-secret"])
def test_no_key_or_cookie_in_any_output(
    key: str, play: Play, caplog: pytest.LogCaptureFixture
) -> None:
    """Messages, tracebacks, reprs and the most talkative logs hold no key, cookie or header."""
    caplog.set_level(logging.DEBUG)
    access = jwt("access")
    cookie = {"Set-Cookie": "sessionid=cookie-secret; Path=/"}
    echo = {"detail": f"headers: Authorization: Token {key} Bearer {access} Cookie cookie-secret"}
    shown = []
    for status in (400, 401, 403, 404, 409, 413, 429, 500, 503, 200):
        first = [(200, {"access": access})] if key == PERSONAL else []
        server = play(*first, (200, ME, cookie), (status, echo | {"x": [key]}, cookie))
        client = server.client(key)
        client.me()
        try:
            client.create_project("abc", "<View/>", "")
        except CurationError as error:
            shown += [str(error), repr(error), "".join(traceback.format_exception(error))]
        shown += [repr(client), str(client), repr(client._transport), f"{vars(client)}"]
    said = "\n".join([*shown, caplog.text]).replace("Cookie cookie-secret", "")
    assert len(shown) > 40
    assert [secret for secret in (key, access, "cookie-secret") if secret in said] == []


@pytest.mark.parametrize(
    ("url", "warned"),
    [
        ("http://label.example.org", True),
        ("HTTP://10.0.0.5:8080/x", True),
        ("http://127.0.0.1.example.org", True),
        ("https://label.example.org", False),
        ("http://127.0.0.1:8080", False),
        ("http://127.8.8.8", False),
        ("http://localhost:8080", False),
        ("http://studio.localhost", False),
        ("http://[::1]:8080", False),
    ],
)
def test_a_key_in_the_clear_is_warned_of(url: str, warned: bool) -> None:
    """Plain http is fine on this machine, and told for any other."""
    assert (insecure(url) is not None) == warned
