"""One at a time: a lock that ends with its process, on every operating system."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from curation.errors import UsageError, WorkspaceError

__all__ = ["only_one"]


@contextmanager
def only_one(folder: Path, what: str) -> Iterator[None]:
    """Runs the block where no other process runs one of that name in `folder`.

    The lock is SQLite's on an empty database: the operating system takes it back when a process
    ends, however it ends. Raises UsageError where another one holds it.
    """
    path = folder / f".{what}.lock"
    with contextlib.closing(_open(path)) as lock:
        try:
            lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            if "locked" in str(error):
                raise UsageError(
                    f"a {what} is running in {folder}; wait until it is done, or end it"
                ) from None
            raise WorkspaceError(f"{path}: cannot be locked: {error}") from None
        except sqlite3.DatabaseError as error:
            raise WorkspaceError(f"{path}: delete this file; it is no lock: {error}") from None
        yield


def _open(path: Path) -> sqlite3.Connection:
    try:
        return sqlite3.connect(path, timeout=0, isolation_level=None)
    except sqlite3.OperationalError as error:
        raise WorkspaceError(f"{path}: cannot be locked: {error}") from None
