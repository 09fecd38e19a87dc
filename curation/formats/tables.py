"""Where the tables of a release lie: light, for the dataset card and the parquet writer alike."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePosixPath

from curation.errors import UsageError

__all__ = ["DEFAULT_TABLE", "SHARED", "TABLES", "table_configs", "table_features", "table_path"]

TABLES = ("documents", "annotations", "entities", "events", "arguments")
"""The tables; `annotations` has one row per AnnotationSet, the others one per what they name."""

DEFAULT_TABLE = "documents"
"""The table that a loader opens when none is named."""

SHARED = "annotators"
"""The folder of a release with what each annotator said."""

Column = tuple[str, str]
_KEY: tuple[Column, ...] = (("uid", "string"), ("annotator", "string"))
_PROVENANCE: tuple[Column, ...] = (
    ("score", "float64"),
    ("component", "string"),
    ("origin", "string"),
)
_FEATURES: Mapping[str, tuple[Column, ...]] = {
    "documents": (
        ("uid", "string"),
        ("language", "string"),
        ("source", "string"),
        ("published", "string"),
        ("revision", "int32"),
        ("sha256", "string"),
        ("text", "string"),
        ("meta", "string"),
    ),
    "annotations": (
        *_KEY,
        ("kind", "string"),
        ("has_events", "bool"),
        ("n_entities", "int32"),
        ("n_events", "int32"),
        ("provenance", "string"),
    ),
    "entities": (
        *_KEY,
        ("id", "string"),
        ("start", "int32"),
        ("end", "int32"),
        ("label", "string"),
        ("surface", "string"),
        *_PROVENANCE,
    ),
    "events": (
        *_KEY,
        ("id", "string"),
        ("type", "string"),
        ("trigger_start", "int32"),
        ("trigger_end", "int32"),
        ("trigger_surface", "string"),
        ("attributes", "pairs"),
        *_PROVENANCE,
    ),
    "arguments": (
        *_KEY,
        ("event", "string"),
        ("role", "string"),
        ("target", "string"),
        *_PROVENANCE,
    ),
}
"""The columns of each table with their types; "pairs" is a list of names and values."""

_PART = re.compile(r"[a-z][a-z0-9_]{0,39}")


def table_path(table: str, part: str) -> PurePosixPath:
    """The place of a table's part in the release folder, as Hugging Face lays data out.

    Raises UsageError for a part whose name no loader would take.
    """
    if not _PART.fullmatch(part):
        raise UsageError(f"part {part!r}: use small letters, digits and _, as in train, dev, test")
    return PurePosixPath("data", table, f"{part}-00000-of-00001.parquet")


def table_features() -> Mapping[str, tuple[Column, ...]]:
    """By table: its columns and their types, as `datasets` calls them, but for "pairs"."""
    return _FEATURES


def table_configs(
    rows: Mapping[str, Mapping[str, int]], folder: str = ""
) -> list[dict[str, object]]:
    """The `configs` of a dataset card: one per table, with its file for each part.

    `rows` is part -> table -> number of rows. Empty files are left out, and tables without any
    row: `datasets` opens no config of which one part is empty. Tables in a `folder` of the release
    are called after it too, and its documents are those of the release.
    """
    tables = [t for t in TABLES if not folder or t != DEFAULT_TABLE]
    filled = {table: [part for part in rows if rows[part][table]] for table in tables}
    return [_config(table, parts, folder) for table, parts in filled.items() if parts]


def _config(table: str, parts: list[str], folder: str) -> dict[str, object]:
    place = PurePosixPath(folder)
    files = [{"split": part, "path": str(place / table_path(table, part))} for part in parts]
    return {
        "config_name": f"{folder}_{table}" if folder else table,
        "table": table,
        "default": table == DEFAULT_TABLE,
        "data_files": files,
    }
