"""The workspace's own Label Studio: one process on 127.0.0.1, kept alive after the command ends.

Everything it needs is in its folder: its database and files, `credentials.json`, `server.json`
(number and birth of the process, port) and `server.log`. It asks nothing of the internet.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib import metadata, resources
from pathlib import Path
from typing import Any

from curation.errors import LabelStudioUnreachable, UsageError
from curation.labelstudio.accounts import ensure_login
from curation.labelstudio.credentials import (
    FILE_NAME,
    Credentials,
    load_credentials,
    new_credentials,
    save_credentials,
)
from curation.labelstudio.process import birth, end

__all__ = ["ServerInfo", "ensure_user", "known_users", "start", "status", "stop"]

_HOST = "127.0.0.1"
_POLL = 0.1
_DATABASE = "label_studio.sqlite3"
_EMPTY_DATABASE = "empty_server.sql"
_EMPTY_DATABASE_VERSION = "1.23.2"

# Held so that a child that ends is noticed, and reaped when this process stops it.
_children: dict[int, subprocess.Popen[bytes]] = {}


@dataclass(frozen=True)
class ServerInfo:
    """A running server: where it is, and its administrator's login."""

    url: str
    port: int
    pid: int
    folder: Path
    email: str
    password: str = field(repr=False)
    token: str = field(repr=False)

    @property
    def credentials_file(self) -> Path:
        """Where the passwords are kept."""
        return self.folder / FILE_NAME

    @property
    def log_file(self) -> Path:
        """What the server said."""
        return self.folder / "server.log"


@dataclass(frozen=True)
class _State:
    pid: int
    born: str
    port: int

    @property
    def alive(self) -> bool:
        return birth(self.pid) == self.born


def start(data_dir: Path, *, port: int | None = None, wait: float = 180.0) -> ServerInfo:
    """Starts the server of `data_dir`, or finds it running; returns when it answers.

    `port` is taken if given, else the one of last time, else a free one. Raises UsageError where
    label-studio is not installed or the port is taken, LabelStudioUnreachable where the server
    dies or does not answer within `wait` seconds.
    """
    folder = data_dir.absolute()
    program = _program()
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    with _one_at_a_time(folder):
        state = _read_state(folder)
        if state is None or not state.alive:
            state = _launch(folder, program, _choose_port(port, state))
        elif port not in (None, state.port):
            raise UsageError(
                f"Label Studio runs already, on port {state.port}: stop it first, or leave out "
                "the port"
            )
    _await_answer(folder, state, wait)
    info = _info(folder, state)
    if not _answers(state.port, "/api/current-user/whoami", info.token):
        raise LabelStudioUnreachable(
            f"{info.url} refuses the key in {info.credentials_file}: another server answers there, "
            "or the file does not belong to this database; stop, and start with another --port"
        )
    return info


def status(data_dir: Path) -> ServerInfo | None:
    """The running server of `data_dir`, or None where none answers."""
    folder = data_dir.absolute()
    state = _read_state(folder)
    if state is None or not state.alive or not _answers(state.port):
        return None
    return _info(folder, state)


def stop(data_dir: Path) -> bool:
    """Stops the server of `data_dir`, its data stays; False if it was not running."""
    folder = data_dir.absolute()
    state = _read_state(folder)
    if state is None:
        return False
    ended = end(state.pid, state.born)
    child = _children.pop(state.pid, None)
    if child is not None:
        child.wait()
    return ended


def ensure_user(info: ServerInfo, *, email: str, name: str, password: str | None = None) -> str:
    """The key of the user `email`, who is made if need be and can log in with a browser.

    The password (a random one if not given) is kept in the credentials file. Raises
    LabelStudioRefused where the user exists with a password that is not known here.
    """
    with _one_at_a_time(info.folder):
        known = _credentials(info.folder)
        login = ensure_login(
            info.url, info.token, known.user(email.lower()), email.lower(), name, password
        )
        save_credentials(info.folder, known.with_user(login))
    return login.token


def known_users(info: ServerInfo) -> tuple[str, ...]:
    """The emails of the users whose passwords are in the credentials file."""
    return tuple(user.email for user in _credentials(info.folder).users)


def _program() -> Path:
    program = Path(sys.executable).parent / "label-studio"
    try:
        metadata.version("label-studio")
    except metadata.PackageNotFoundError:
        program = Path()
    if not program.is_file():
        raise UsageError(
            "Label Studio is not installed in this environment: pip install 'curation[server]', "
            "or set LABEL_STUDIO_URL and LABEL_STUDIO_API_KEY for a server elsewhere"
        )
    return program


@contextlib.contextmanager
def _one_at_a_time(folder: Path) -> Iterator[None]:
    """Two commands at once would start two servers on one database."""
    try:
        import fcntl
    except ImportError:  # a system without file locks: the user must not hurry
        yield
        return
    with (folder / "server.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _read_state(folder: Path) -> _State | None:
    try:
        data = json.loads((folder / "server.json").read_text(encoding="utf-8"))
        return _State(int(data["pid"]), str(data["born"]), int(data["port"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _write_state(folder: Path, state: _State) -> None:
    beside = folder / ".server.json"
    beside.write_text(
        json.dumps({"pid": state.pid, "born": state.born, "port": state.port}), encoding="utf-8"
    )
    beside.replace(folder / "server.json")


def _choose_port(wanted: int | None, last: _State | None) -> int:
    if wanted is not None:
        if not _free(wanted):
            raise UsageError(f"port {wanted} is taken by another program: choose another one")
        return wanted
    if last is not None and _free(last.port):
        return last.port
    with socket.socket() as probe:
        probe.bind((_HOST, 0))
        return int(probe.getsockname()[1])


def _free(port: int) -> bool:
    with socket.socket() as probe:
        # A port that a stopped server left behind may be bound again at once.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_HOST, port))
        except OSError:
            return False
    return True


def _launch(folder: Path, program: Path, port: int) -> _State:
    credentials = load_credentials(folder)
    if credentials is None:
        credentials = new_credentials()
        save_credentials(folder, credentials)
    _seed_database(folder)
    options = ["start", "--no-browser", "--internal-host", _HOST, "--port", str(port)]
    options += ["--data-dir", str(folder), "--username", credentials.admin.email]
    options += ["--enable-legacy-api-token"]
    log = os.open(folder / "server.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        process = subprocess.Popen(
            [str(program), *options],
            env=_environment(folder, credentials),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    finally:
        os.close(log)
    _children[process.pid] = process
    state = _State(process.pid, birth(process.pid) or "", port)
    _write_state(folder, state)
    return state


def _environment(folder: Path, credentials: Credentials) -> dict[str, str]:
    """Secrets go by the environment: a command line can be read by every user of the machine.

    Settings meant for another server are taken out.
    """
    foreign = ("LABEL_STUDIO_", "HEARTEX_", "DJANGO_", "POSTGRE_", "DATABASE_", "SENTRY_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    return kept | {
        "LABEL_STUDIO_BASE_DATA_DIR": str(folder),
        "LABEL_STUDIO_DATABASE_NAME": str(folder / _DATABASE),
        "LABEL_STUDIO_DJANGO_DB": "sqlite",
        "LABEL_STUDIO_PASSWORD": credentials.admin.password,
        "LABEL_STUDIO_USER_TOKEN": credentials.admin.token,
        "LABEL_STUDIO_DISABLE_SIGNUP_WITHOUT_LINK": "true",
        "SECRET_KEY": credentials.secret_key,
        "LATEST_VERSION_CHECK": "0",
        "COLLECT_ANALYTICS": "False",
        "SENTRY_DSN": "",
        "FRONTEND_SENTRY_DSN": "",
    }


def _seed_database(folder: Path) -> None:
    """Spares a new server of the known version the minute its 400 migrations take.

    The file in the package is the database that they leave behind; `scripts/empty_server` makes
    it. Another version migrates by itself.
    """
    if (folder / _DATABASE).exists() or metadata.version("label-studio") != _EMPTY_DATABASE_VERSION:
        return
    script = resources.files(__package__).joinpath(_EMPTY_DATABASE)
    beside = folder / f".{_DATABASE}"
    beside.unlink(missing_ok=True)
    with contextlib.closing(sqlite3.connect(beside)) as database:
        database.executescript(script.read_text(encoding="utf-8"))
    beside.replace(folder / _DATABASE)


def _await_answer(folder: Path, state: _State, wait: float) -> None:
    deadline = time.monotonic() + wait
    while not _answers(state.port):
        child = _children.get(state.pid)
        if (child is not None and child.poll() is not None) or not state.alive:
            raise LabelStudioUnreachable(
                f"Label Studio ended while starting: {_last_line(folder)} "
                f"(all it said is in {folder / 'server.log'})"
            )
        if time.monotonic() > deadline:
            raise LabelStudioUnreachable(
                f"Label Studio does not answer yet after {wait:.0f} s and goes on starting: run "
                f"this again to wait longer; it last said: {_last_line(folder)}"
            )
        time.sleep(_POLL)


def _answers(port: int, path: str = "/health", token: str = "") -> bool:
    headers = {"Authorization": f"Token {token}"} if token else {}
    connection = http.client.HTTPConnection(_HOST, port, timeout=5)
    try:
        connection.request("GET", path, headers=headers)
        with connection.getresponse() as response:
            return response.status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _last_line(folder: Path) -> str:
    try:
        text = (folder / "server.log").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return "nothing"
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1][:300] if lines else "nothing"


def _credentials(folder: Path) -> Credentials:
    credentials = load_credentials(folder)
    if credentials is None:
        raise UsageError(f"{folder / FILE_NAME}: not there: start the server first")
    return credentials


def _info(folder: Path, state: _State) -> ServerInfo:
    admin = _credentials(folder).admin
    known: dict[str, Any] = {
        "email": admin.email,
        "password": admin.password,
        "token": admin.token,
    }
    return ServerInfo(f"http://{_HOST}:{state.port}", state.port, state.pid, folder, **known)
