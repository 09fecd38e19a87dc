"""Keys before a real Label Studio: both kinds work, and no bad one is shown."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from curation.errors import LabelStudioRefused
from curation.labelstudio.client import LabelStudio
from curation.labelstudio.server import ensure_user

if TYPE_CHECKING:
    from curation.labelstudio.server import ServerInfo

pytestmark = pytest.mark.server
ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "correct horse battery"


def personal_token(info: ServerInfo, email: str) -> str:
    """One of a new user, made as a person makes it: in a session of their browser."""
    ensure_user(info, email=email, name="tester", password=PASSWORD)
    with httpx.Client(base_url=info.url, trust_env=False, timeout=60) as browser:
        browser.get("/user/login/")
        form = {
            "email": email,
            "password": PASSWORD,
            "csrfmiddlewaretoken": browser.cookies["csrftoken"],
        }
        assert browser.post("/user/login/", data=form, headers={"Referer": info.url}).is_redirect
        token = browser.cookies["csrftoken"]
        made = browser.post(
            "/api/token/", headers={"X-CSRFToken": token, "Referer": info.url}
        ).raise_for_status()
        return str(made.json()["token"])


def cut(token: str) -> str:
    """The token with another signature."""
    return token[:-6] + "AAAAAA"


def test_both_kinds_of_keys_do_the_same(label_studio_server: ServerInfo) -> None:
    """A legacy and a personal token read and write, below one account."""
    email = "keys@example.org"
    personal = personal_token(label_studio_server, email)
    legacy = ensure_user(label_studio_server, email=email, name="tester")
    emails = set()
    for key in (legacy, personal):
        client = LabelStudio(label_studio_server.url, key)
        project = client.create_project("Keys", "<View/>", "")
        client.update_project(project, title="Renamed")
        client.delete_project(project)
        emails.add(client.me()["email"])
    assert emails == {email}


def test_a_revoked_personal_token_is_refused(label_studio_server: ServerInfo) -> None:
    """A token on the server's black list is refused in one line that tells its kind."""
    key = personal_token(label_studio_server, "revoked@example.org")
    httpx.post(
        f"{label_studio_server.url}/api/token/blacklist/",
        json={"refresh": key},
        headers={"Authorization": f"Token {label_studio_server.token}"},
        trust_env=False,
    ).raise_for_status()
    with pytest.raises(LabelStudioRefused, match="a personal access token") as refused:
        LabelStudio(label_studio_server.url, key).me()
    assert key not in str(refused.value)
    assert "blacklisted" in str(refused.value)


def test_a_forged_personal_token_is_refused(label_studio_server: ServerInfo) -> None:
    """A token whose signature is wrong is refused by the server's own words, without it."""
    key = cut(personal_token(label_studio_server, "forged@example.org"))
    with pytest.raises(LabelStudioRefused, match="LABEL_STUDIO_API_KEY") as refused:
        LabelStudio(label_studio_server.url, key).me()
    assert key not in str(refused.value)


@pytest.mark.parametrize("debug", ["", "1"])
def test_no_command_shows_a_key(
    debug: str, label_studio_server: ServerInfo, tmp_path: Path
) -> None:
    """Push and pull with keys that are refused print neither key nor header nor trace."""
    run = (sys.executable, "-c", "from curation.cli import main; main()")
    place = str(tmp_path / "w")
    subprocess.run([*run, "init", place], check=True, cwd=ROOT, capture_output=True)
    good = personal_token(label_studio_server, f"shown{debug}@example.org")
    for key in ("f" * 40, cut(good)):
        for command in (["push"], ["pull", "--project", "1"]):
            done = subprocess.run(
                [*run, *command, "-w", place],
                cwd=ROOT,
                capture_output=True,
                text=True,
                check=False,
                env={
                    **os.environ,
                    "LABEL_STUDIO_URL": label_studio_server.url,
                    "LABEL_STUDIO_API_KEY": key,
                    "CURATION_DEBUG": debug,
                },
            )
            said = done.stdout + done.stderr
            assert done.returncode == 2, said
            assert key not in said
            assert not re.search(r"Traceback|Authorization|sessionid|csrftoken", said), said
