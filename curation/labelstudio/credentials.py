"""The passwords and keys of the embedded server: one file that only its owner can read."""

from __future__ import annotations

import json
import os
import secrets
import tempfile
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from curation.errors import WorkspaceError

__all__ = ["Credentials", "Login", "load_credentials", "save_credentials"]

FILE_NAME = "credentials.json"
_ADMIN = "admin@curation.local"


@dataclass(frozen=True)
class Login:
    """A user of the server: what to log in with in a browser, and the key for the network."""

    email: str
    password: str = field(repr=False)
    token: str = field(repr=False, default="")


@dataclass(frozen=True)
class Credentials:
    """Who may enter the embedded server, and the key its sessions are signed with."""

    admin: Login
    secret_key: str = field(repr=False)
    users: tuple[Login, ...] = ()

    def user(self, email: str) -> Login | None:
        """The user of that address, or None."""
        return next((u for u in self.users if u.email == email), None)

    def with_user(self, login: Login) -> Credentials:
        """The same, with `login` instead of what was known of that user."""
        others = [u for u in self.users if u.email != login.email]
        return replace(self, users=(*others, login))


def load_credentials(folder: Path) -> Credentials | None:
    """What is kept in `folder`; None if nothing is. Raises WorkspaceError if it is damaged."""
    path = folder / FILE_NAME
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        users = tuple(Login(**user) for user in data["users"])
        return Credentials(Login(**data["admin"]), data["secret_key"], users)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WorkspaceError(
            f"{path}: cannot be read ({type(error).__name__}); restore it from a backup: the "
            "server's passwords are in it"
        ) from error


def save_credentials(folder: Path, credentials: Credentials) -> None:
    """Writes the file whole or not at all, readable by its owner only."""
    # mkstemp gives mode 0600 from the first byte on.
    handle, name = tempfile.mkstemp(dir=folder, prefix=f".{FILE_NAME}")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(asdict(credentials), file, indent=2)
    Path(name).replace(folder / FILE_NAME)


def new_credentials() -> Credentials:
    """Random ones, for a new server."""
    admin = Login(_ADMIN, secrets.token_urlsafe(15), secrets.token_hex(20))
    return Credentials(admin, secrets.token_urlsafe(48))
