"""A release as it lies in its folder, read back: for `diff`, `verify` and the next CHANGELOG."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from curation.changes import Placed, Snapshot
from curation.errors import CurationError, InputError
from curation.formats.registry import exporter
from curation.model import Record
from curation.ontology import Ontology, load_ontology

__all__ = ["COMPLETE", "MANIFEST", "ReleaseFolder", "read_json", "read_release", "snapshot_or_none"]

MANIFEST = "release.json"
"""What was said of the release, and by which version of this program."""

COMPLETE = ("jsonl", "parquet")
"""Formats that carry everything, the best first; a release has one of them."""


@dataclass(frozen=True)
class ReleaseFolder:
    """A release: what its manifest says, its gold by part, and the ontology.

    `manifest` is empty, and parts are those of splits.json, in releases of version 0.1 of this
    program.
    """

    path: Path
    manifest: Mapping[str, Any]
    parts: Mapping[str, list[Record]]
    ontology: Ontology | None

    @property
    def version(self) -> str:
        """The version, else the name of the folder."""
        return str(self.manifest.get("version") or self.path.name)

    @property
    def snapshot(self) -> Snapshot:
        """What is compared with another release."""
        return Snapshot(
            {
                r.document.uid: Placed(part, r.document.sha256)
                for part, records in self.parts.items()
                for r in records
            },
            {
                r.document.uid: r.annotations
                for records in self.parts.values()
                for r in records
                if r.annotations is not None
            },
            self.ontology,
        )


def read_release(path: Path) -> ReleaseFolder:
    """The release in a folder; InputError where there is none, or it cannot be read."""
    splits = read_json(path / "splits.json")
    if not isinstance(splits, dict):
        raise InputError("is not by part", where=str(path / "splits.json"))
    manifest = read_json(path / MANIFEST) if (path / MANIFEST).is_file() else {}
    ontology = path / "ontology.toml"
    return ReleaseFolder(
        path,
        manifest if isinstance(manifest, dict) else {},
        {part: records_of(path, part) for part in splits},
        load_ontology(ontology) if ontology.is_file() else None,
    )


def records_of(path: Path, part: str) -> list[Record]:
    """The gold of one part, from the first complete format that is there."""
    lines = path / "jsonl" / f"{part}.jsonl"
    if lines.is_file():
        return exporter("jsonl").read(lines, {})
    if (path / "data").is_dir():
        from curation.formats.parquet import read_tables

        return read_tables(path, part)
    raise InputError(
        f"part {part!r} is neither in jsonl/ nor in data/",
        where=str(path),
        hint="this is no release, or not the whole of it",
    )


def read_json(path: Path) -> Any:
    """What is in a JSON file; InputError where it cannot be read."""
    try:
        return json.loads(path.read_bytes())
    except OSError as error:
        raise InputError(
            f"cannot be read: {error.strerror}", where=str(path), hint="is it a release?"
        ) from error
    except (ValueError, RecursionError) as error:
        raise InputError("not valid JSON", where=str(path)) from error


def snapshot_or_none(path: Path) -> Snapshot | None:
    """The snapshot of a release that may be gone; None where it is not there or not whole."""
    try:
        return read_release(path).snapshot
    except CurationError:
        return None
