"""One file with what cannot be made again: the database, the ontology and curation.toml."""

from __future__ import annotations

import importlib.metadata
import json
import os
import secrets
import shutil
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from curation import __version__
from curation.errors import UsageError, WorkspaceError
from curation.formats.checksums import file_sha256
from curation.settings import FILE_NAME
from curation.store.backup import HEAD, DatabaseFacts, copy_sqlite, database_facts, sqlite_file
from curation.workflows.workspace import Workspace

__all__ = [
    "CHUNK",
    "DATABASE",
    "LABELS",
    "MANIFEST",
    "BackedUp",
    "Manifest",
    "Member",
    "back_up",
]

MANIFEST = "manifest.json"
DATABASE = "curation.db"
LABELS = "label_config"
CHUNK = 1 << 20
_EPOCH = (1980, 1, 1, 0, 0, 0)
_PACKAGES = ("label-studio-sdk", "spacy", "sqlmodel")


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Member(_Frozen):
    """A file of the archive, its SHA-256 and its size in bytes."""

    path: str
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    size: int = Field(ge=0)


class Manifest(_Frozen):
    """What is in a backup. `rows` by table; `migration` None where there is no database."""

    kind: Literal["curation backup"] = "curation backup"
    format: Literal[1] = 1
    made_at: str
    workspace: str
    folder: str
    ontology: str
    database: Literal["sqlite", "not included"]
    migration: str | None
    rows: Mapping[str, int]
    versions: Mapping[str, str]
    files: tuple[Member, ...]


@dataclass(frozen=True)
class BackedUp:
    """A backup that was made: the file, what is in it, and what is not."""

    path: Path
    manifest: Manifest
    notes: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """The fields by name."""
        told = self.manifest.model_dump(mode="json")
        return {"backup": str(self.path.resolve()), **told, "notes": list(self.notes)}


def back_up(workspace: Workspace, path: Path, *, at: str, force: bool = False) -> BackedUp:
    """Writes the backup `path`, whole or not at all, while others may go on writing.

    Raises UsageError where the file is there already (unless `force`), WorkspaceError where the
    database is damaged or there is none.
    """
    if path.exists() and not force:
        raise UsageError(f"{path}: is there already; name another file, or give --force")
    if not path.parent.is_dir():
        raise UsageError(f"{path}: the folder {path.parent} does not exist")
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".backup-") as folder:
        copy = Path(folder) / DATABASE
        facts = _database(workspace, copy)
        found, notes = _configuration(workspace)
        # Copies, so that an editor that saves meanwhile cannot come between hash and archive.
        files = {name: _copied(file, Path(folder) / "files" / name) for name, file in found.items()}
        if copy.exists():
            files[DATABASE] = copy
        else:
            notes.append(_POSTGRES)
        manifest = _manifest(workspace, files, facts, at)
        made = Path(folder) / secrets.token_hex(8)
        _write(made, manifest, files)
        made.replace(path)
    return BackedUp(path, manifest, (*notes, *_left_out(workspace)))


_POSTGRES = (
    "the database is not SQLite and is not in the backup; copy it with its own tool, such as: "
    "pg_dump --format=custom --file=curation.dump DATABASE"
)


def _database(workspace: Workspace, copy: Path) -> DatabaseFacts:
    url = workspace.settings.database_url
    source = sqlite_file(url)
    facts = copy_sqlite(source, copy) if source else database_facts(url)
    if facts.revision is None:
        raise WorkspaceError(
            f"{source or workspace.settings.folder}: the database is empty, without tables; "
            "there is nothing to back up"
        )
    return facts


def _configuration(workspace: Workspace) -> tuple[dict[str, Path], list[str]]:
    """Files by their names in the archive, and what is to be said of them."""
    folder, ontology = workspace.settings.folder, workspace.settings.ontology_path
    # Read once, so that what cannot be used is found now and not at the restore.
    _ = workspace.ontology
    files = {n: folder / n for n in (FILE_NAME, ".gitignore") if (folder / n).is_file()}
    for path in sorted((folder / LABELS).rglob("*")):
        if path.is_file() and not path.is_symlink():
            files[path.relative_to(folder).as_posix()] = path
    try:
        name = ontology.resolve().relative_to(folder.resolve()).as_posix()
    except ValueError:
        name = f"{LABELS}/{ontology.name}"
        if name in files:
            name = f"{LABELS}/outside-{ontology.name}"
        files[name] = ontology
        return files, [f"the ontology lies outside the workspace; its copy is {name}"]
    files.setdefault(name, ontology)
    return files, []


def _copied(source: Path, target: Path) -> Path:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    return target


def _left_out(workspace: Workspace) -> list[str]:
    """What is in the workspace and not in a backup."""
    settings = workspace.settings
    notes = []
    if settings.server_folder.exists():
        notes.append(
            "not in it: .labelstudio, the own Label Studio with its tasks, passwords and keys; "
            "what was pulled is in the database"
        )
    if settings.exports.is_dir() and any(settings.exports.iterdir()):
        notes.append("not in it: exports, the release folders; copy them where you publish")
    return notes


def _manifest(
    workspace: Workspace, files: Mapping[str, Path], facts: DatabaseFacts, at: str
) -> Manifest:
    settings = workspace.settings
    versions = {name: importlib.metadata.version(name) for name in _PACKAGES}
    return Manifest(
        made_at=at,
        workspace=settings.id,
        folder=settings.folder.name,
        ontology=f"{workspace.ontology.name} {workspace.ontology.version}",
        database="sqlite" if DATABASE in files else "not included",
        migration=facts.revision,
        rows=facts.rows,
        versions={"curation": __version__, "migration": HEAD, **versions},
        files=tuple(_member(name, files[name]) for name in sorted(files)),
    )


def _member(name: str, path: Path) -> Member:
    return Member(path=name, sha256=file_sha256(path), size=path.stat().st_size)


def _write(path: Path, manifest: Manifest, files: Mapping[str, Path]) -> None:
    """The archive, readable by its owner only: texts and names of people are in it."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    told = json.dumps(manifest.model_dump(mode="json"), ensure_ascii=False, indent=2)
    with os.fdopen(handle, "wb") as raw, zipfile.ZipFile(raw, "w") as archive:
        archive.writestr(_info(MANIFEST), told + "\n")
        for member in manifest.files:
            with files[member.path].open("rb") as source, _entry(archive, member.path) as target:
                shutil.copyfileobj(source, target, CHUNK)


def _entry(archive: zipfile.ZipFile, name: str) -> Any:
    return archive.open(_info(name), "w", force_zip64=True)


def _info(name: str) -> zipfile.ZipInfo:
    """The same for the same name: no time, no owner."""
    info = zipfile.ZipInfo(name, _EPOCH)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o100600 << 16
    return info
