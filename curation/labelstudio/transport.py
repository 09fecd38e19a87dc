"""One request to a Label Studio server: what is repeated, and what every kind of failure says.

Foreign errors hold headers, the key among them: none leaves this module, as a cause or as text.

Only what changes nothing when it is done twice is repeated (GET, PATCH, DELETE), and what
was never sent. A POST whose answer is lost may have been done: it is for the caller to look.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from threading import Lock
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

from pydantic_core import from_json
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt
from tenacity.wait import wait_random_exponential

from curation.errors import LabelStudioRefused, LabelStudioUnreachable

if TYPE_CHECKING:
    import httpx

__all__ = ["STRANGE", "KeyRefused", "Transport", "insecure", "is_local", "key_kind"]

ATTEMPTS = 4
LONGEST_WAIT = 60.0
"""Seconds; a server that asks for more is told to the user instead."""

_REPEATABLE = frozenset({"GET", "PATCH", "DELETE"})
_UNAUTHORISED, _NOT_FOUND = 401, 404
_SAID = 400
"""Characters of what a server said that are shown."""

_VARIABLE = "LABEL_STUDIO_API_KEY"
_NEW_KEY = f"set {_VARIABLE} to an access token from Account & Settings in Label Studio"
_RIGHT_URL = "is LABEL_STUDIO_URL right?"
STRANGE = (
    "the answer is none of Label Studio's, or of a version that is not known here, unlike 1.23; "
    f"{_RIGHT_URL}"
)


class Transport:
    """Requests to the server at `url` with the key `api_key`, which stands in `source`.

    `headers` gives the headers with a key that is valid now, another than before if `renew`; it
    may ask the server through `connection`, and raise KeyRefused. `pause` waits for that many
    seconds.
    """

    def __init__(
        self,
        url: str,
        api_key: str,
        source: str,
        connection: httpx.Client,
        headers: _Headers,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._url = url
        self._secrets = [api_key]
        self._key = f"the key in {source} ({key_kind(api_key)})"
        self._personal = api_key.count(".") == 2
        self._source = source
        self._http = connection
        self._headers = headers
        self._pause = pause
        self._alone = Lock()
        self.server_date: datetime | None = None
        """The server's clock in its last answer, to the second, where it told."""
        self.key_kind = key_kind(api_key)
        connection.event_hooks = {"response": [self._examine]}

    def request(self, method: str, path: str, body: Any, params: Mapping[str, Any]) -> Any:
        """The JSON of the answer, None where it is empty. `body` is sent as JSON; bytes are JSON.

        Raises LabelStudioRefused where the server says no or another program answers,
        LabelStudioUnreachable where no whole answer came or the server failed.
        """
        if not isinstance(body, bytes | None):
            body = json.dumps(body, ensure_ascii=False).encode()
        again = Retrying(
            sleep=self._pause,
            stop=stop_after_attempt(ATTEMPTS),
            wait=_wait,
            retry=retry_if_exception(lambda error: _repeatable(method, error)),
            reraise=True,
        )
        with self.translated():
            for attempt in again:
                with attempt:
                    number = attempt.retry_state.attempt_number
                    return self._once(method, path, body, params, number)
        raise AssertionError("tenacity ends with an answer or an error")

    @contextmanager
    def translated(self) -> Iterator[None]:
        """Foreign errors as ours, without their texts."""
        import httpx

        try:
            yield
        except _Failed as error:
            raise LabelStudioUnreachable(
                f"{self._url}: {error.what}", retry_after=error.wait
            ) from None
        except KeyRefused as error:
            raise self._refused_key(self._clean(_said(error.body))) from None
        except httpx.TimeoutException as error:
            raise LabelStudioUnreachable(
                f"{self._url}: no answer in time ({type(error).__name__}); the server may be busy "
                "or not running; try again"
            ) from None
        except httpx.InvalidURL:
            raise LabelStudioRefused(f"{self._url}: not an address; {_RIGHT_URL}") from None
        except httpx.TransportError as error:
            raise LabelStudioUnreachable(
                f"{self._url}: no answer ({type(error).__name__}); is Label Studio running there, "
                f"and {_RIGHT_URL}"
            ) from None
        except (httpx.HTTPError, ValueError, RecursionError) as error:
            raise LabelStudioRefused(self.strange(type(error).__name__)) from None

    def strange(self, what: str) -> str:
        """One line about an answer that is none of Label Studio's, or not of a known version."""
        return f"{self._url}: {STRANGE} ({what})"

    def _refused_key(self, said: str) -> LabelStudioRefused:
        what = f"{self._url}: {self._key} was refused: {said}"
        other = f"{self._source} does not belong to this server"
        advice = _NEW_KEY if self._source == _VARIABLE else other
        return LabelStudioRefused(f"{what}; {advice}", status=_UNAUTHORISED)

    def _once(
        self,
        method: str,
        path: str,
        content: bytes | None,
        params: Mapping[str, Any],
        attempt: int,
    ) -> Any:
        response = self._ask(method, path, content, params, renew=False)
        if response.status_code == _UNAUTHORISED and self._personal:
            # A clock that goes wrong here makes the access token seem valid longer than it is.
            response = self._ask(method, path, content, params, renew=True)
        if response.is_success:
            return self._body(response)
        if response.status_code == _NOT_FOUND and method == "DELETE" and attempt > 1:
            return None  # Deleted by the attempt whose answer was lost.
        raise self._refusal(response, method, path, len(content or b""))

    def _ask(
        self,
        method: str,
        path: str,
        content: bytes | None,
        params: Mapping[str, Any],
        *,
        renew: bool,
    ) -> httpx.Response:
        headers = dict(self._headers(renew=renew))
        self._secrets = [*self._secrets[:1], *_bearer(headers)]
        if content is not None:
            headers["Content-Type"] = "application/json"
        # Two at once are slower than one after the other: the server is one interpreter.
        with self._alone:
            return self._http.request(
                method,
                f"{self._url}/{path}",
                content=content,
                params={k: v for k, v in params.items() if v is not None} or None,
                headers=headers,
            )

    def _examine(self, response: httpx.Response) -> None:
        """Every answer passes here, that to the SDK's own request for an access token too."""
        status = response.status_code
        self.server_date = _date(response.headers.get("date", "")) or self.server_date
        if response.has_redirect_location:
            # Not followed: a key is for the address it was given for, and POST would become GET.
            place = re.sub(r"[?#].*", "", response.headers["location"])
            raise LabelStudioRefused(
                f"{self._url}: redirects to {self._clean(place)[:200]}; set LABEL_STUDIO_URL to "
                "where Label Studio really is",
                status=status,
            )
        if status == 429 or status >= 500:
            response.read()
            raise self._failure(response)

    def _failure(self, response: httpx.Response) -> _Failed:
        status, wait = response.status_code, _retry_after(response.headers.get("retry-after"))
        if status == 429:
            soon = f"in {wait:.0f} s" if wait else "later"
            return _Failed(f"too many requests (429); the server asks to try again {soon}", wait)
        if status in (502, 503, 504):
            return _Failed(f"the server is busy or starting ({status}); try again later", wait)
        said = self._detail(response)
        return _Failed(f"the server failed ({status}): {said}; its log tells more", wait)

    def _refusal(
        self, response: httpx.Response, method: str, path: str, size: int
    ) -> LabelStudioRefused:
        status, said = response.status_code, self._detail(response)
        if status == _UNAUTHORISED:
            return self._refused_key(said)
        asked = f"{self._url}: {method} {path} was refused ({status}): {said}"
        hints = {
            403: f"; {self._key} is of a user who may not do this",
            404: "; it was deleted, or the address is of another server",
            409: "; somebody changed it at the same time, try again",
            413: f"; {size:,} bytes are more than the server, or a proxy before it, takes",
        }
        return LabelStudioRefused(asked + hints.get(status, ""), status=status)

    def _body(self, response: httpx.Response) -> Any:
        if not response.content:
            return None
        with suppress(ValueError):
            return from_json(response.content, cache_strings="keys")
        with suppress(ValueError):  # Slower, and takes halves of characters and other encodings.
            return response.json()
        if "json" in response.headers.get("content-type", ""):
            raise _Failed("the answer was cut off; try again")
        raise LabelStudioRefused(self.strange(_page(response) or "no JSON"))

    def _detail(self, response: httpx.Response) -> str:
        """What the server said, on one line."""
        try:
            return self._clean(_said(response.json()))
        except (ValueError, RecursionError):
            return self._clean(_page(response) or response.reason_phrase or "no reason given")

    def _clean(self, text: str) -> str:
        """One printable line of bounded length, without keys that the server repeated."""
        for secret in self._secrets:
            text = text.replace(secret, "***")
        text = re.sub(r"eyJ[\w-]*\.[\w-]+\.[\w-]*|\b[0-9a-f]{40}\b", "***", text)
        return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:_SAID]


class KeyRefused(Exception):
    """The server does not take the key; `body` is what it said."""

    def __init__(self, body: Any) -> None:
        super().__init__()
        self.body = body


class _Headers(Protocol):
    def __call__(self, *, renew: bool) -> Mapping[str, str]: ...


class _Failed(Exception):
    """The server did not do its work; `what` happened, and after how many seconds to ask again."""

    def __init__(self, what: str, wait: float | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.wait = wait


def key_kind(api_key: str) -> str:
    """What sort of key it is, by its shape."""
    if re.fullmatch(r"[\w-]+\.[\w-]+\.[\w-]+", api_key):
        return "a personal access token"
    if re.fullmatch(r"[0-9a-fA-F]{40}", api_key):
        return "a legacy token"
    return "neither a legacy token, of 40 hex digits, nor a personal access token, of three parts"


def insecure(url: str) -> str | None:
    """A warning where keys and texts would cross a network in the clear, else None."""
    if not url.lower().startswith("http://") or is_local(url):
        return None
    return (
        f"{url}: http sends the key and all texts readable over the network; use https, or a "
        "tunnel to a server on this machine"
    )


def is_local(url: str) -> bool:
    """Whether the address is of this very machine."""
    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or host.endswith(".localhost") or ip_address(host).is_loopback
    except ValueError:
        return False


def _repeatable(method: str, error: BaseException) -> bool:
    import httpx

    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout):
        return True  # Nothing was sent.
    if isinstance(error, _Failed) and (error.wait or 0) > LONGEST_WAIT:
        return False
    failed = isinstance(error, httpx.TransportError | _Failed)
    return method in _REPEATABLE and failed and not isinstance(error, httpx.UnsupportedProtocol)


_backoff = wait_random_exponential(multiplier=0.2, max=5)


def _wait(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    asked = error.wait if isinstance(error, _Failed) else None
    return max(asked or 0.0, 0.1) + _backoff(state)


def _retry_after(value: str | None) -> float | None:
    """Seconds, from a number of them or from a date; None where it is neither."""
    if value is None:
        return None
    if value.strip().isdigit():
        return float(value)
    there = _date(value)
    return None if there is None else max(0.0, (there - datetime.now(UTC)).total_seconds())


def _date(value: str) -> datetime | None:
    try:
        there = parsedate_to_datetime(value)
    except ValueError:
        return None
    return there if there.tzinfo else there.replace(tzinfo=UTC)


def _bearer(headers: Mapping[str, str]) -> list[str]:
    return [value.partition(" ")[2] for name, value in headers.items() if name == "Authorization"]


def _page(response: httpx.Response) -> str:
    """What a web page calls itself; "" where it is none."""
    text = response.text[:2000]
    if not text.lstrip().startswith("<"):
        return ""
    title = re.search(r"<(title|h1)[^>]*>([^<]*)", text, re.IGNORECASE)
    return "a web page" + (f" called {title[2].strip()[:80]!r}" if title else "")


def _said(body: Any) -> str:
    """Label Studio's answers have `detail` and `validation_errors`."""
    if isinstance(body, dict):
        said = [body.get("detail"), body.get("validation_errors")]
        body = "; ".join(str(part) for part in said if part) or body or "no reason given"
    return str(body)
