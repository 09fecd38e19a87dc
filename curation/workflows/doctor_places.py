"""What doctor says of the database, the disk and the rights to write."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from curation.settings import Settings
from curation.store.backup import (
    HEAD,
    DatabaseFacts,
    database_facts,
    known_migration,
    sqlite_file,
)
from curation.workflows.doctor import Check

__all__ = ["database", "disk", "writable"]

_LOW_DISK = 500_000_000
_BACKUP = "put back a backup: curation restore FILE --workspace DIR"


def disk(settings: Settings) -> Check:
    """Room for the database to be migrated and backed up: twice its size, and something over."""
    free = shutil.disk_usage(settings.folder).free
    file = sqlite_file(settings.database_url)
    wanted = _LOW_DISK + 2 * (file.stat().st_size if file and file.is_file() else 0)
    found = f"{free / 1e9:.1f} GB free"
    if free < wanted:
        return Check("disk", "fail", found, f"make room: {wanted / 1e9:.1f} GB should be free")
    return Check("disk", "ok", found)


def writable(settings: Settings) -> Check:
    """Whether files can be made where commands make them, and the database be written."""
    folders = [settings.folder, settings.exports, settings.server_folder]
    file = sqlite_file(settings.database_url)
    closed = [str(p) for p in folders if p.exists() and not _takes_files(p)]
    if file is not None and file.exists() and not os.access(file, os.R_OK | os.W_OK):
        closed.append(str(file))
    if closed:
        advice = "give yourself the right to write there (chown, chmod)"
        return Check("files", "fail", f"cannot be written: {', '.join(closed)}", advice)
    return Check("files", "ok", "can be written")


def _takes_files(folder: Path) -> bool:
    try:
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def database(settings: Settings) -> Check:
    """Whether it is whole, and at which migration."""
    file = sqlite_file(settings.database_url)
    if file is not None and not file.exists():
        return Check(
            "database", "warn", f"{file}: not there", f"the next command makes it; or {_BACKUP}"
        )
    facts = database_facts(settings.database_url)
    if facts.size == 0:
        advice = f"{_BACKUP}; or delete the file to begin a new one"
        return Check("database", "fail", f"{file}: an empty file, no database", advice)
    if facts.problems:
        return Check("database", "fail", "; ".join(facts.problems[:3]), _BACKUP)
    return _migrated(facts)


def _migrated(facts: DatabaseFacts) -> Check:
    size = "" if facts.size is None else f", {facts.size / 1e6:.1f} MB"
    documents = facts.rows.get("document", 0)
    found = f"whole, migration {facts.revision}{size}, {documents} document revisions"
    if facts.revision is None:
        return Check("database", "warn", "without tables", "the next command makes them")
    if not known_migration(facts.revision):
        advice = "a newer curation made it: install that version"
        return Check("database", "fail", found, advice)
    if facts.revision != HEAD:
        advice = f"the next command brings it to {HEAD}; curation backup FILE first"
        return Check("database", "warn", found, advice)
    return Check("database", "ok", found)
