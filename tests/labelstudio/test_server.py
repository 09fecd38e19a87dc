"""The embedded server: found again, kept private, ended, and honest about what went wrong."""

from __future__ import annotations

import contextlib
import os
import socket
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib import metadata, resources
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from curation.errors import LabelStudioRefused, LabelStudioUnreachable, UsageError, WorkspaceError
from curation.labelstudio import server
from curation.labelstudio.client import LabelStudio
from curation.labelstudio.credentials import load_credentials
from curation.labelstudio.process import birth, end
from curation.settings import Annotator, load_settings
from curation.settings_template import settings_text
from curation.workflows.connection import ensure_logins

if TYPE_CHECKING:
    from curation.labelstudio.server import ServerInfo


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    """A process that does nothing for long."""
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as process:
        yield process
        process.kill()


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The bin folder of an environment whose `label-studio` is this script."""
    folder = tmp_path / "bin"
    folder.mkdir()
    script = folder / "label-studio"
    script.write_text("#!/bin/sh\necho starting\necho 'the disk is full' >&2\nexit 1\n")
    script.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(folder / "python"))
    return script


@pytest.mark.server
def test_second_start_finds_the_first(label_studio_server: ServerInfo) -> None:
    """Starting twice gives the same server at once."""
    began = time.monotonic()
    assert server.start(label_studio_server.folder) == label_studio_server
    assert server.status(label_studio_server.folder) == label_studio_server
    assert time.monotonic() - began < 5


@pytest.mark.server
@pytest.mark.slow
def test_stopped_server_comes_back_the_same(tmp_path: Path) -> None:
    """After stop and start the port, the users and their keys are the same."""
    first = server.start(tmp_path, wait=240)
    try:
        token = server.ensure_user(first, email="anna@example.org", name="Anna")
        assert server.stop(tmp_path) is True
        assert server.status(tmp_path) is None
        second = server.start(tmp_path, wait=240)
        assert (second.url, second.token) == (first.url, first.token)
        assert server.ensure_user(second, email="anna@example.org", name="Anna") == token
    finally:
        server.stop(tmp_path)


@pytest.mark.server
def test_new_server_need_not_migrate(label_studio_server: ServerInfo) -> None:
    """The empty database in the package is just what the installed release wants."""
    if metadata.version("label-studio") != "1.23.2":
        pytest.skip("the empty database is that of Label Studio 1.23.2")
    assert "Initializing database" not in label_studio_server.log_file.read_text(encoding="utf-8")


def test_empty_database_holds_nobody() -> None:
    """No user, key, session or organisation is in the database that new servers start from."""
    script = resources.files("curation.labelstudio").joinpath("empty_server.sql")
    with contextlib.closing(sqlite3.connect(":memory:")) as database:
        database.executescript(script.read_text(encoding="utf-8"))
        for table in ("htx_user", "authtoken_token", "django_session", "organization"):
            assert database.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)


@pytest.mark.server
def test_secrets_are_readable_by_their_owner_only(label_studio_server: ServerInfo) -> None:
    """Folder 0700, credentials and log 0600, no secret in the process list or in the repr."""
    info = label_studio_server
    assert stat.S_IMODE(info.folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(info.credentials_file.stat().st_mode) == 0o600
    assert stat.S_IMODE(info.log_file.stat().st_mode) == 0o600
    asked = ["ps", "-o", "args=", "-p", str(info.pid)]
    shown = subprocess.run(asked, capture_output=True, text=True, check=True).stdout + repr(info)
    assert str(info.port) in shown
    assert info.token not in shown
    assert info.password not in shown


@pytest.mark.server
def test_server_outlives_its_starter(label_studio_server: ServerInfo) -> None:
    """The server is in a session of its own, so that closing a terminal does not end it."""
    assert os.getsid(label_studio_server.pid) == label_studio_server.pid


@pytest.mark.server
def test_other_port_while_running_is_refused(label_studio_server: ServerInfo) -> None:
    """Asking for another port of a running server is an error, not a second server."""
    with pytest.raises(UsageError, match="runs already"):
        server.start(label_studio_server.folder, port=1)


@pytest.mark.server
def test_user_can_use_key_and_password(label_studio_server: ServerInfo) -> None:
    """A made user has a key, a name and a kept password; a second call gives the same key."""
    info = label_studio_server
    token = server.ensure_user(info, email="Anna.Key@example.org", name="Anna Ä")
    client = LabelStudio(info.url, token)
    assert client.me()["email"] == "anna.key@example.org"
    assert client.me()["first_name"] == "Anna Ä"
    assert server.ensure_user(info, email="anna.key@example.org", name="Anna") == token
    kept = load_credentials(info.folder)
    assert kept is not None
    assert kept.user("anna.key@example.org") is not None


@pytest.mark.server
def test_known_user_logs_in_again(label_studio_server: ServerInfo) -> None:
    """Where the kept key is lost, the password gives it again; a wrong one is refused."""
    from curation.labelstudio.accounts import ensure_login

    info = label_studio_server
    first = server.ensure_user(info, email="bo@example.org", name="Bo", password="Long-enough-1")
    again = ensure_login(info.url, info.token, None, "bo@example.org", "Bo", "Long-enough-1")
    assert again.token == first
    with pytest.raises(LabelStudioRefused, match=r"bo@example\.org"):
        ensure_login(info.url, info.token, None, "bo@example.org", "Bo", "Wrong-enough-1")


@pytest.mark.server
def test_annotators_get_logins_once(label_studio_server: ServerInfo, tmp_path: Path) -> None:
    """Who is new in the settings becomes a user of the own server, and is named only then."""
    (tmp_path / ".labelstudio").symlink_to(label_studio_server.folder)
    people = [Annotator(name="Maria", email="Maria@example.org")]
    text = settings_text(workspace_id="logins", name="Logins", annotators=people)
    (tmp_path / "curation.toml").write_text(text, encoding="utf-8")
    settings = load_settings(tmp_path, {})
    assert ensure_logins(settings) == (["maria@example.org"], [])
    assert ensure_logins(settings) == ([], [])


@pytest.mark.server
def test_strangers_cannot_sign_up(label_studio_server: ServerInfo) -> None:
    """Without the invitation nobody on this machine can join."""
    import httpx

    with httpx.Client(base_url=label_studio_server.url, trust_env=False) as browser:
        browser.get("/user/signup/")
        token = browser.cookies["csrftoken"]
        form = {"email": "x@example.org", "password": "Long-enough-1"}
        answer = browser.post("/user/signup/", data=form | {"csrfmiddlewaretoken": token})
    assert answer.status_code == 403


def test_missing_package_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without label-studio the message is the line to install it."""
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    with pytest.raises(UsageError, match=r"pip install 'curation\[server\]'"):
        server.start(tmp_path / "data")
    assert not (tmp_path / "data").exists()


@pytest.mark.server
@pytest.mark.usefixtures("program")
def test_dying_server_is_quoted(tmp_path: Path) -> None:
    """A server that ends while starting gives the last line it said, at once."""
    began = time.monotonic()
    with pytest.raises(LabelStudioUnreachable, match="the disk is full"):
        server.start(tmp_path / "data", wait=60)
    assert time.monotonic() - began < 20
    assert server.status(tmp_path / "data") is None
    assert server.stop(tmp_path / "data") is False


@pytest.mark.server
def test_slow_server_is_told_and_can_be_stopped(tmp_path: Path, program: Path) -> None:
    """After the time to wait the process goes on, is not called running, and can be stopped."""
    program.write_text("#!/bin/sh\necho migrating\nexec sleep 60\n")
    with pytest.raises(LabelStudioUnreachable, match="migrating"):
        server.start(tmp_path / "data", wait=0.5)
    assert server.status(tmp_path / "data") is None
    assert server.stop(tmp_path / "data") is True


@pytest.mark.server
@pytest.mark.usefixtures("program")
def test_taken_port_is_refused(tmp_path: Path) -> None:
    """A port that another program listens on is refused before anything starts."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(UsageError, match=f"port {port} is taken"):
            server.start(tmp_path / "data", port=port)


def test_stale_pid_ends_nobody(tmp_path: Path, sleeper: subprocess.Popen[bytes]) -> None:
    """A process that got the number of a dead server is not ours: not running, not ended."""
    state = f'{{"pid": {sleeper.pid}, "born": "long ago", "port": 9}}'
    (tmp_path / "server.json").write_text(state, encoding="utf-8")
    assert server.status(tmp_path) is None
    assert server.stop(tmp_path) is False
    assert sleeper.poll() is None


def test_end_ends_the_process_it_means(sleeper: subprocess.Popen[bytes]) -> None:
    """Number and birth together name a process; once ended it is gone."""
    born = birth(sleeper.pid)
    assert born is not None
    assert end(sleeper.pid, born) is True
    assert birth(sleeper.pid) is None
    assert end(sleeper.pid, born) is False


def test_stubborn_process_is_killed() -> None:
    """A process that ignores the polite signal is killed when patience ends."""
    code = "import signal,time; signal.signal(15, signal.SIG_IGN); print(1, flush=True); "
    command = [sys.executable, "-c", code + "time.sleep(60)"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert end(process.pid, birth(process.pid) or "", patience=0.2) is True


@pytest.mark.parametrize("content", ["", "{", "[]", '{"pid": "x"}'])
def test_damaged_state_is_no_server(content: str, tmp_path: Path) -> None:
    """A damaged state file means that nothing is known to run."""
    (tmp_path / "server.json").write_text(content, encoding="utf-8")
    assert server.status(tmp_path) is None
    assert server.stop(tmp_path) is False


def test_damaged_credentials_are_not_replaced(tmp_path: Path) -> None:
    """Damaged credentials are an error: new ones would lock everybody out."""
    path = tmp_path / "credentials.json"
    path.write_text("{", encoding="utf-8")
    with pytest.raises(WorkspaceError, match=r"credentials\.json"):
        load_credentials(tmp_path)
    assert path.read_text(encoding="utf-8") == "{"
