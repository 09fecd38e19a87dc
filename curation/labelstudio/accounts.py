"""Real users of the embedded server: they join by the invite link, as a person does.

A user made over the network has no password and could not log in with a browser.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from curation.errors import LabelStudioRefused, LabelStudioUnreachable
from curation.labelstudio.credentials import Login

if TYPE_CHECKING:
    import httpx

__all__ = ["ensure_login"]


def ensure_login(
    url: str,
    admin_token: str,
    known: Login | None,
    email: str,
    name: str,
    password: str | None,
) -> Login:
    """The login of `email` on the server at `url`, after making the user if need be.

    `known` is what was kept of an earlier call. Raises LabelStudioRefused where the user has a
    password that is neither kept nor given.
    """
    if known is not None and known.token and _works(url, known.token):
        return known
    password = password or (known.password if known else secrets.token_urlsafe(12))
    with _browser(url) as browser:
        if not _sign_up(browser, _invite(browser, admin_token), email, password):
            _log_in(browser, email, password)
        token = str(browser.get("/api/current-user/token").json()["token"])
        _introduce(browser, token, name)
    return Login(email, password, token)


@contextmanager
def _browser(url: str) -> Iterator[httpx.Client]:
    import httpx

    try:
        with httpx.Client(base_url=url, trust_env=False, timeout=30) as client:
            yield client
    except httpx.HTTPError as error:
        raise LabelStudioUnreachable(f"{url}: no answer ({type(error).__name__})") from None
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise LabelStudioRefused(
            f"{url}: an answer is none of Label Studio's ({type(error).__name__})"
        ) from None


def _works(url: str, token: str) -> bool:
    with _browser(url) as browser:
        return browser.get("/api/current-user/whoami", headers=_key(token)).is_success


def _key(token: str) -> dict[str, str]:
    return {"Authorization": f"Token {token}"}


def _invite(browser: httpx.Client, admin_token: str) -> str:
    answer = browser.get("/api/invite", headers=_key(admin_token))
    if answer.status_code == 401:
        raise LabelStudioRefused(
            f"{browser.base_url}: the kept key of the administrator is refused: the credentials "
            "file does not belong to this server's database"
        )
    return str(answer.json()["invite_url"])


def _sign_up(browser: httpx.Client, page: str, email: str, password: str) -> bool:
    """False where the form was refused: the user exists."""
    return _submit(browser, page, {"email": email, "password": password})


def _log_in(browser: httpx.Client, email: str, password: str) -> None:
    form = {"email": email, "password": password, "persist_session": "on"}
    if not _submit(browser, "/user/login/", form):
        raise LabelStudioRefused(
            f"{email} can neither be made nor logged in: the user has another password than the "
            "one kept here, or the address or the password is not accepted"
        )


def _submit(browser: httpx.Client, page: str, form: dict[str, str]) -> bool:
    """A form is answered by its own page where it is refused, by a redirect where it is taken."""
    browser.get(page)
    token = browser.cookies.get("csrftoken") or ""
    answer = browser.post(
        page,
        data=form | {"csrfmiddlewaretoken": token},
        headers={"Referer": str(browser.base_url), "X-CSRFToken": token},
    )
    return answer.is_redirect


def _introduce(browser: httpx.Client, token: str, name: str) -> None:
    """Shows the annotator's name instead of the address."""
    user = browser.get("/api/current-user/whoami", headers=_key(token)).json()
    browser.cookies.clear()
    browser.patch(f"/api/users/{user['id']}/", json={"first_name": name}, headers=_key(token))
