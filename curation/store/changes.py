"""Whether a database has changed, without reading what is in it."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from curation.store.database import Store, translated

__all__ = ["state_of"]

_POSTGRES = (
    "SELECT coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0)::text FROM pg_stat_user_tables"
)


def state_of(store: Store) -> str:
    """A text that is another one after each change; it may be after none too.

    In SQLite the sizes and times of the database and of its write-ahead log, else how many rows
    PostgreSQL has counted as written there; it counts a second late. A database in memory never
    changes in this sense. Raises DatabaseUnreachable where the server does not answer.
    """
    if store.address is None:
        return "memory"
    url = make_url(store.address)
    if url.get_backend_name() == "sqlite":
        return " ".join(map(_mark, (Path(f"{url.database}"), Path(f"{url.database}-wal"))))
    with translated(store.url):
        engine = create_engine(url)
        try:
            with engine.connect() as connection:
                return str(connection.execute(text(_POSTGRES)).scalar())
        finally:
            engine.dispose()


def _mark(path: Path) -> str:
    """Size and time; of a log that is empty or not there "0", for readers make and remove it."""
    try:
        found = path.stat()
    except OSError:
        return "0"
    return f"{found.st_size}:{found.st_mtime_ns}" if found.st_size else "0"
