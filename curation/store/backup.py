"""Looking at a database without changing it, and copying one while others write to it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import create_engine, func, inspect, select, table
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool
from sqlmodel import SQLModel

from curation.errors import DatabaseUnreachable, WorkspaceError
from curation.store.database import HEAD, current_revision, translated

__all__ = [
    "HEAD",
    "DatabaseFacts",
    "copy_sqlite",
    "database_facts",
    "file_facts",
    "known_migration",
    "sqlite_file",
]

_NO_FILE = "no database here"


@dataclass(frozen=True)
class DatabaseFacts:
    """What is in a database: its migration, rows by table, size, and what is wrong with it.

    `size` is in bytes, write-ahead log included; None for a server. `revision` is None where no
    migration has run.
    """

    revision: str | None
    rows: Mapping[str, int]
    size: int | None = None
    problems: tuple[str, ...] = ()


def sqlite_file(url: str) -> Path | None:
    """The file of an SQLite address; None for another database, or one in memory."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or parsed.database in (None, "", ":memory:"):
        return None
    return Path(str(parsed.database))


def database_facts(url: str) -> DatabaseFacts:
    """What is in the database at `url`, which is neither made nor migrated.

    Raises DatabaseUnreachable where it does not answer or there is none, WorkspaceError where it
    is no database.
    """
    path = sqlite_file(url)
    if path is not None:
        return file_facts(path)
    engine = create_engine(url, poolclass=NullPool)
    with translated(engine.url.render_as_string(hide_password=True)), engine.connect() as found:
        names = sorted(inspect(engine).get_table_names())
        count = {n: found.execute(select(func.count()).select_from(table(n))) for n in names}
        rows = {name: int(result.scalar_one()) for name, result in count.items()}
        return DatabaseFacts(current_revision(engine), rows)


def file_facts(path: Path) -> DatabaseFacts:
    """What is in an SQLite file; it is read whole and compared with its own checks.

    Raises DatabaseUnreachable where there is none, WorkspaceError where it is no database.
    """
    with _reading(path) as found:
        problems = [row[0] for row in found.execute("PRAGMA integrity_check(5)")]
        problems = [line for line in problems if line != "ok"]
        if not problems:
            strays = sorted({row[0] for row in found.execute("PRAGMA foreign_key_check")})
            problems = [f"{name}: a row points at one that is not there" for name in strays]
        rows = _counted(found)
        revision = None
        if rows.get("alembic_version"):
            (revision,) = found.execute("SELECT version_num FROM alembic_version").fetchone()
        if revision == HEAD:
            missing = sorted(set(SQLModel.metadata.tables) - set(rows))
            problems += [f"no table {name}" for name in missing]
    log = Path(f"{path}-wal")
    size = path.stat().st_size + (log.stat().st_size if log.exists() else 0)
    return DatabaseFacts(revision, rows, size, tuple(problems))


def known_migration(revision: str | None) -> bool:
    """Whether this version can bring a database from that migration to the newest one."""
    from curation.store.migrations.run import known_revisions

    return revision in known_revisions()


def copy_sqlite(source: Path, target: Path) -> DatabaseFacts:
    """Copies `source` as it is at one moment to the new file `target`; what is in the copy.

    SQLite's online backup: others go on reading and writing. Raises WorkspaceError where the copy
    is not whole, as file_facts does else.
    """
    with _reading(source) as here, closing(sqlite3.connect(target)) as there:
        here.backup(there)
        # One file, without a write-ahead log beside it.
        there.execute("PRAGMA journal_mode=DELETE")
    facts = file_facts(target)
    if facts.problems:
        raise WorkspaceError(
            f"{source}: damaged, so it is not backed up ({facts.problems[0]}); put back a copy"
        )
    return facts


def _counted(found: sqlite3.Connection) -> dict[str, int]:
    names = [
        row[0]
        for row in found.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' "
            "ORDER BY name"
        )
    ]
    quoted = {name: '"' + name.replace('"', '""') + '"' for name in names}
    return {
        name: found.execute(f"SELECT count(*) FROM {quoted[name]}").fetchone()[0]  # noqa: S608 (quoted)
        for name in names
    }


@contextmanager
def _reading(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection that changes nothing, and SQLite's errors as ours."""
    if not path.is_file():
        raise DatabaseUnreachable(f"{path}: {_NO_FILE}")
    try:
        # Read-only by its own word: SQLite's read-only mode cannot read a write-ahead log that
        # nobody has open.
        with closing(sqlite3.connect(path, timeout=30)) as connection:
            connection.execute("PRAGMA query_only=ON")
            yield connection
    except sqlite3.OperationalError as error:
        raise DatabaseUnreachable(f"{path}: {error}") from error
    except sqlite3.DatabaseError as error:
        raise WorkspaceError(
            f"{path}: the file is damaged or no SQLite database: {error}"
        ) from error
