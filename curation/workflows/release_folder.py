"""A release as it lies in its folder, read back: for `diff`, `verify` and the next CHANGELOG."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from curation.changes import Placed, Snapshot
from curation.errors import CurationError, InputError
from curation.formats.registry import exporter
from curation.model import Document, Record
from curation.ontology import Ontology, load_ontology

__all__ = [
    "COMPLETE",
    "MANIFEST",
    "STAND_OFF",
    "ReleaseFolder",
    "lines_of",
    "read_json",
    "read_lines",
    "read_release",
    "snapshot_or_none",
]

MANIFEST = "release.json"
"""What was said of the release, and by which version of this program."""

STAND_OFF = "standoff"
"""The format of releases without texts."""

COMPLETE = ("jsonl", "parquet")
"""Formats that carry everything, the best first; a release has one of them."""


_PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,39}")
"""Names of parts become paths."""


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
    hashes: Mapping[str, str]
    """SHA-256 of each Document's text by uid, which a stand-off release has without the text."""

    @property
    def version(self) -> str:
        """The version, else the name of the folder."""
        return str(self.manifest.get("version") or self.path.name)

    @property
    def snapshot(self) -> Snapshot:
        """What is compared with another release."""
        return Snapshot(
            {
                r.document.uid: Placed(part, self.hashes[r.document.uid])
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
    if not isinstance(splits, dict) or not all(map(_PART.fullmatch, splits)):
        raise InputError("is not by part", where=str(path / "splits.json"))
    read = read_json(path / MANIFEST) if (path / MANIFEST).is_file() else {}
    manifest = read if isinstance(read, dict) else {}
    order = manifest.get("parts")
    parts = order if isinstance(order, list) and set(order) == set(splits) else sorted(splits)
    ontology = path / "ontology.toml"
    records = {part: _records_of(path, part) for part in parts}
    hashes: dict[str, str] = {}
    for part, found in records.items():
        hashes |= _hashes(path, part, found)
    return ReleaseFolder(
        path,
        manifest,
        records,
        load_ontology(ontology) if ontology.is_file() else None,
        hashes,
    )


def lines_of(path: Path, part: str, *, stand_off: bool) -> Path:
    """Where the lines of a part are, in the folder of their format."""
    return path / f"{part}{exporter(STAND_OFF if stand_off else 'jsonl').suffix}"


def read_lines(file: Path, *, stand_off: bool) -> list[Record]:
    """The records in a file of lines; those of stand-off have texts of their length, no words."""
    if not stand_off:
        return exporter("jsonl").read(file, {})
    from curation.formats.standoff import placeholders

    return exporter(STAND_OFF).read(file, placeholders(file))


def _records_of(path: Path, part: str) -> list[Record]:
    """The gold of one part, from the first complete format that is there."""
    for stand_off, name in ((False, "jsonl"), (True, STAND_OFF)):
        file = lines_of(path / name, part, stand_off=stand_off)
        if file.is_file():
            return read_lines(file, stand_off=stand_off)
    if (path / "data").is_dir():
        from curation.formats.parquet import read_tables

        return read_tables(path, part)
    raise InputError(
        f"part {part!r} is neither in jsonl/ nor in data/ nor in {STAND_OFF}/",
        where=str(path),
        hint="this is no release, or not the whole of it",
    )


def _hashes(path: Path, part: str, records: list[Record]) -> dict[str, str]:
    documents: dict[str, Document] = {r.document.uid: r.document for r in records}
    file = lines_of(path / STAND_OFF, part, stand_off=True)
    if not file.is_file():
        return {uid: document.sha256 for uid, document in documents.items()}
    from curation.formats.standoff import StandOff, read_standoff

    with file.open("rb") as stream:
        lines = [x for x in read_standoff(stream, str(file)) if isinstance(x, StandOff)]
    return {line.uid: line.sha256 for line in lines}


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
