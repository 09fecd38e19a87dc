"""Opening the database: engine, pragmas, migrations, one transaction for each unit of work."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, OperationalError
from sqlalchemy.pool import NullPool
from sqlmodel import Session

from curation.errors import DatabaseUnreachable, UsageError, WorkspaceError
from curation.messages import shown
from curation.store.repository import Repository

__all__ = ["HEAD", "Store", "current_revision", "open_store", "translated"]

HEAD = "0006"
"""The newest migration; a test holds it equal to what Alembic finds."""

_BUSY_TIMEOUT_MS = 30_000
_HINTS = {
    "locked": " (another process is writing; try again)",
    "unable to open": " (may the file and its folder be read and written?)",
    "no such table": " (the database is not whole; put back a copy of it)",
}


class Store:
    """A database that is at the newest migration."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @contextmanager
    def transaction(self, *, alone: bool = False) -> Iterator[Repository]:
        """A unit of work: everything in the block is stored, or nothing of it.

        `alone`: in SQLite no other process writes from its start on, so that what it reads is
        still so when it writes.
        """
        session = Session(self._engine, expire_on_commit=False)
        with translated(self.url), session, session.begin():
            if alone and self._engine.dialect.name == "sqlite":
                session.connection().exec_driver_sql("BEGIN IMMEDIATE")
            yield Repository(session)

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()

    @property
    def address(self) -> str | None:
        """Where another process opens the same database, password and all; None if none can."""
        if self._engine.url.database in (None, "", ":memory:"):
            return None
        return self._engine.url.render_as_string(hide_password=False)

    @property
    def url(self) -> str:
        """The address, without a password."""
        return self._engine.url.render_as_string(hide_password=True)


def open_store(url: str) -> Store:
    """The store at the SQLAlchemy address `url`, created or migrated where needed.

    Raises DatabaseUnreachable where it does not answer, WorkspaceError where it is newer than
    this program or no database at all.
    """
    try:
        parsed = make_url(url)
        # A file is opened for each transaction and closed after it: nothing stays open behind the
        # back of who moves, copies or deletes a workspace.
        pool = {"poolclass": NullPool} if parsed.get_backend_name() == "sqlite" else {}
        engine = create_engine(parsed, **pool)
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError, ValueError) as error:
        raise WorkspaceError(f"not a database address or its driver is missing: {error}") from error
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _sqlite_pragmas)
        _look_first(parsed.database)
    store = Store(engine)
    with translated(store.url):
        _migrate(engine)
    return store


def _look_first(database: str | None) -> None:
    if not database or database == ":memory:":
        return
    path = Path(database)
    if not path.parent.is_dir():
        raise DatabaseUnreachable(f"{database}: the folder {path.parent} does not exist")
    # SQLite takes such a file for a new database; what was cut off by a full disk or a bad copy
    # would be forgotten in silence.
    if path.is_file() and not path.stat().st_size and not Path(f"{database}-wal").exists():
        raise WorkspaceError(
            f"{database}: an empty file, not a database; put back a copy (curation restore), or "
            "delete it to begin a new one"
        )


def _sqlite_pragmas(connection: sqlite3.Connection, _record: Any) -> None:
    for pragma in (
        "journal_mode=WAL",
        "foreign_keys=ON",
        f"busy_timeout={_BUSY_TIMEOUT_MS}",
        "synchronous=NORMAL",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _migrate(engine: Engine) -> None:
    current = current_revision(engine)
    if current == HEAD:
        return
    from curation.store.migrations.run import known_revisions, upgrade

    if current is not None and current not in known_revisions():
        raise WorkspaceError(
            f"{engine.url.render_as_string(hide_password=True)} is at migration {current}, which "
            "this version of curation does not know; install the newer version that made it"
        )
    upgrade(engine)


def current_revision(engine: Engine) -> str | None:
    """The migration the database is at; None for an empty one."""
    if not inspect(engine).has_table("alembic_version"):
        return None
    with engine.connect() as connection:
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


@contextmanager
def translated(url: str) -> Iterator[None]:
    """Foreign errors become ours, in this one place."""
    try:
        yield
    except UnicodeEncodeError as error:
        raise UsageError(
            f"{shown(error.object)} has half a character, which no database can hold; give UTF-8"
        ) from error
    except OperationalError as error:
        if "readonly database" in str(error.orig):
            raise WorkspaceError(
                f"{url}: the database is read-only; allow writing to the file and its folder"
            ) from error
        raise DatabaseUnreachable(f"{url}: {_reason(error)}") from error
    except DBAPIError as error:
        if isinstance(error.orig, sqlite3.DatabaseError) and "not a database" in str(error.orig):
            raise WorkspaceError(f"{url}: the file is not a SQLite database") from error
        if isinstance(error.orig, sqlite3.DatabaseError) and "malformed" in str(error.orig):
            raise WorkspaceError(f"{url}: the file is damaged; put back a copy of it") from error
        raise


def _reason(error: DBAPIError) -> str:
    reason = str(error.orig).strip().splitlines()
    said = reason[0] if reason else "no answer"
    return said + next((hint for part, hint in _HINTS.items() if part in said), "")
