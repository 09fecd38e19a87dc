"""A workspace from a backup: looked at in a folder beside, and put in its place in one step."""

from __future__ import annotations

import hashlib
import re
import shutil
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from pydantic import ValidationError

from curation.errors import CurationError, InputError, UsageError, WorkspaceError
from curation.labelstudio import server
from curation.ontology import load_ontology
from curation.settings import FILE_NAME, Settings, parse_settings
from curation.store import open_store
from curation.store.backup import file_facts, known_migration
from curation.workflows.backup import CHUNK, DATABASE, MANIFEST, Manifest, Member

__all__ = ["Restored", "read_manifest", "restore"]

_MOST_MANIFEST = 4_000_000
_MOST_FILES = 2_000
_SPARE = 100_000_000
"""Bytes that stay free on the disk."""

_COMPRESSIONS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_NAME = re.compile(r"\w[\w .+-]{0,99}")
_STAYS = (".labelstudio", "exports")
"""What no backup holds and the same workspace keeps."""


@dataclass(frozen=True)
class Restored:
    """A workspace that was put back. `aside` is where the one before it is now."""

    folder: Path
    manifest: Manifest
    aside: Path | None
    notes: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """The fields by name."""
        return {
            "workspace": str(self.folder),
            "aside": str(self.aside) if self.aside else None,
            "made_at": self.manifest.made_at,
            "rows": dict(self.manifest.rows),
            "files": len(self.manifest.files),
            "notes": list(self.notes),
        }


def restore(
    path: Path,
    folder: Path | None,
    *,
    at: str,
    force: bool = False,
) -> Restored:
    """Puts the backup `path` into `folder`, else into one of the name it had, here.

    Nothing is there until all of it was held against its hashes, counts and migration. Raises
    InputError where the file is no whole backup, UsageError where a workspace is there already
    and not `force`.
    """
    with _opened(path) as archive:
        manifest = read_manifest(archive, path)
        target = (folder or _named(manifest, path)).absolute()
        _require_room(target, force=force)
        _require_space(manifest, target, path)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".restore-") as beside:
            made = Path(beside) / "workspace"
            made.mkdir()
            _unpack(archive, manifest, made, path)
            settings = _settings(made, path)
            database, notes = _place_database(settings, made)
            _check(manifest, settings, database, path)
            (made / "exports").mkdir(exist_ok=True)
            aside = _swap(made, target, at)
    if aside is not None:
        notes += _keep(settings, aside, target)
    if manifest.rows.get("release") and not any((target / "exports").iterdir()):
        notes.append(
            "the releases are known, and their folders are in no backup: copy them into exports/ "
            "from where you keep them, or make them again with curation release VERSION"
        )
    return Restored(target, manifest, aside, tuple(notes))


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    if not path.is_file():
        raise UsageError(f"{path}: no such file")
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise InputError(
            f"damaged, or no backup of curation: {error}", where=str(path), hint="take another copy"
        ) from error


def read_manifest(archive: zipfile.ZipFile, path: Path) -> Manifest:
    """What the archive says is in it; InputError where something else is in it."""
    where = str(path)
    entries = archive.infolist()
    if not entries or entries[0].filename != MANIFEST or len(entries) > _MOST_FILES:
        raise InputError(f"no backup of curation: it does not begin with {MANIFEST}", where=where)
    if entries[0].file_size > _MOST_MANIFEST:
        raise InputError(f"{MANIFEST} is larger than any that curation writes", where=where)
    try:
        manifest = Manifest.model_validate_json(archive.read(entries[0]))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "JSON"
        raise InputError(f"{MANIFEST}: {place}: {first['msg']}", where=where) from error
    _compare(entries, manifest, where)
    return manifest


def _compare(entries: list[zipfile.ZipInfo], manifest: Manifest, where: str) -> None:
    """The files are those of the manifest, plain, each once, and inside the workspace."""
    told = {member.path: member for member in manifest.files}
    for entry in entries:
        name = entry.filename
        mode = entry.external_attr >> 16
        if mode and not stat.S_ISREG(mode):
            raise InputError(f"{name!r} is a link or no plain file", where=where)
        if entry.compress_type not in _COMPRESSIONS or entry.flag_bits & 1:
            raise InputError(f"{name!r} is encrypted or packed in another way", where=where)
        if name != MANIFEST and not _harmless(name):
            raise InputError(f"{name!r} has no place in a workspace", where=where)
        if name != MANIFEST and (name not in told or told[name].size != entry.file_size):
            raise InputError(f"{name!r} is not as {MANIFEST} says", where=where)
    names = [entry.filename for entry in entries]
    if sorted(names) != sorted([MANIFEST, *told]) or len(told) != len(manifest.files):
        raise InputError(f"other files are in it than {MANIFEST} says", where=where)
    if FILE_NAME not in told or (manifest.database == "sqlite") != (DATABASE in told):
        raise InputError(f"{MANIFEST} names no {FILE_NAME} or no {DATABASE}", where=where)


def _harmless(name: str) -> bool:
    """Whether it stays in the folder, on every operating system."""
    parts = name.split("/")
    plain = all(part not in {"", ".", ".."} and not set(part) & set("\\:\0") for part in parts)
    return plain and parts[0] not in _STAYS


def _named(manifest: Manifest, path: Path) -> Path:
    if not _NAME.fullmatch(manifest.folder):
        raise UsageError(f"{path}: its folder was called {manifest.folder!r}; give --workspace DIR")
    return Path(manifest.folder)


def _require_room(target: Path, *, force: bool) -> None:
    if not target.parent.is_dir():
        raise UsageError(f"{target}: the folder {target.parent} does not exist")
    if not target.exists():
        return
    if target.is_dir() and not any(target.iterdir()):
        return
    if not (target / FILE_NAME).is_file():
        raise UsageError(f"{target}: is there already and no workspace; name another --workspace")
    if not force:
        raise UsageError(
            f"{target}: a workspace is there already; name another --workspace, or give --force, "
            "which keeps it aside"
        )
    if server.status(target / ".labelstudio") is not None:
        raise UsageError(
            f"{target}: its Label Studio is running; first: curation server stop -w {target}"
        )


def _require_space(manifest: Manifest, target: Path, path: Path) -> None:
    wanted = sum(member.size for member in manifest.files)
    free = shutil.disk_usage(target.parent).free
    if wanted + _SPARE > free:
        raise InputError(
            f"holds {wanted:,} bytes, and {free:,} are free in {target.parent}",
            where=str(path),
            hint="make room, or restore elsewhere",
        )


def _unpack(archive: zipfile.ZipFile, manifest: Manifest, made: Path, path: Path) -> None:
    for member in manifest.files:
        target = made / member.path
        target.parent.mkdir(parents=True, exist_ok=True)
        with archive.open(member.path) as source, target.open("xb") as file:
            found = _copied(source, file, member)
        if found != member.sha256:
            raise InputError(
                f"{member.path} is damaged: its SHA-256 is not the one in {MANIFEST}",
                where=str(path),
                hint="take another copy",
            )


def _copied(source: Any, target: BinaryIO, member: Member) -> str:
    """Copies as much as was announced; the SHA-256 of it."""
    digest, left = hashlib.sha256(), member.size
    while left and (chunk := source.read(min(CHUNK, left))):
        digest.update(chunk)
        target.write(chunk)
        left -= len(chunk)
    return digest.hexdigest()


def _settings(made: Path, path: Path) -> Settings:
    try:
        text = (made / FILE_NAME).read_text(encoding="utf-8-sig")
        # Without the environment: what the workspace itself says.
        return parse_settings(text, made, {})
    except (CurationError, UnicodeDecodeError) as error:
        said = str(error).replace(str(made.resolve()), "").lstrip("/\\")
        raise InputError(said, where=str(path)) from error


def _place_database(settings: Settings, made: Path) -> tuple[Path | None, list[str]]:
    """Moves the database to where curation.toml has it, if that is in the workspace."""
    source = made / DATABASE
    if not source.exists():
        return None, [
            "the database was not SQLite and is not in the backup; put it back with its own tool, "
            "such as pg_restore, and set CURATION_DATABASE_URL"
        ]
    wanted = made / settings.database
    if wanted == source:
        return source, []
    if not wanted.resolve().is_relative_to(made.resolve()):
        return source, [
            f"database = {settings.database!r} lies outside the workspace: the restored one is "
            f"{DATABASE}; set database to it in {FILE_NAME}"
        ]
    if wanted.exists():
        raise WorkspaceError(f"database = {settings.database!r} is the name of another file")
    wanted.parent.mkdir(parents=True, exist_ok=True)
    return source.rename(wanted), []


def _check(manifest: Manifest, settings: Settings, database: Path | None, path: Path) -> None:
    """What was unpacked is what was backed up, and can be used here."""
    where = str(path)
    ontology = settings.ontology_path
    if ontology.resolve().is_relative_to(settings.folder.resolve()):
        load_ontology(ontology)
    if database is None:
        return
    if not known_migration(manifest.migration):
        raise WorkspaceError(
            f"{path}: its database is at migration {manifest.migration}, which this version of "
            f"curation does not know; install curation {manifest.versions.get('curation')} or newer"
        )
    facts = file_facts(database)
    if facts.problems:
        raise InputError(f"the database is damaged: {facts.problems[0]}", where=where)
    if dict(facts.rows) != dict(manifest.rows) or facts.revision != manifest.migration:
        raise InputError("the database has other rows than were backed up", where=where)
    open_store(f"sqlite:///{database}").close()


def _swap(made: Path, target: Path, at: str) -> Path | None:
    """Puts `made` in the place of `target`; where what was there is now."""
    aside = None
    if target.is_dir() and any(target.iterdir()):
        stamp = re.sub(r"\D", "", at)[:14]
        aside = _unused(target.with_name(f"{target.name}.before-{stamp}"))
        target.rename(aside)
    elif target.exists():
        target.rmdir()
    try:
        made.rename(target)
    except OSError:
        if aside is not None:
            aside.rename(target)
        raise
    return aside


def _unused(path: Path) -> Path:
    number, found = 1, path
    while found.exists():
        number, found = number + 1, path.with_name(f"{path.name}-{number}")
    return found


def _keep(settings: Settings, aside: Path, target: Path) -> list[str]:
    """Gives the same workspace its Label Studio and its releases again, which no backup holds."""
    if not _same(settings, aside):
        return [f"the workspace that was there was another one; it is in {aside} as it was"]
    for name in _STAYS:
        old, new = aside / name, target / name
        if old.exists():
            if new.exists():
                new.rmdir()
            old.rename(new)
    return [f"{' and '.join(_STAYS)} of the workspace that was there stay in place"]


def _same(settings: Settings, aside: Path) -> bool:
    try:
        text = (aside / FILE_NAME).read_text(encoding="utf-8-sig")
        return parse_settings(text, aside, {}).id == settings.id
    except (CurationError, OSError, UnicodeDecodeError):
        return False
