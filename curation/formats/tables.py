"""Where the tables of a release lie: light, for the dataset card and the parquet writer alike."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import PurePosixPath

from curation.errors import UsageError

__all__ = ["DEFAULT_TABLE", "TABLES", "table_configs", "table_path"]

TABLES = ("documents", "annotations", "entities", "events", "arguments")
"""The tables; `annotations` has one row per AnnotationSet, the others one per what they name."""

DEFAULT_TABLE = "documents"
"""The table that a loader opens when none is named."""

_PART = re.compile(r"[a-z][a-z0-9_]{0,39}")


def table_path(table: str, part: str) -> PurePosixPath:
    """The place of a table's part in the release folder, as Hugging Face lays data out.

    Raises UsageError for a part whose name no loader would take.
    """
    if not _PART.fullmatch(part):
        raise UsageError(f"part {part!r}: use small letters, digits and _, as in train, dev, test")
    return PurePosixPath("data", table, f"{part}-00000-of-00001.parquet")


def table_configs(parts: Iterable[str]) -> list[dict[str, object]]:
    """The `configs` of a dataset card: one per table, with its file for each part."""
    names = list(parts)
    return [_config(table, names) for table in TABLES]


def _config(table: str, parts: list[str]) -> dict[str, object]:
    files = [{"split": part, "path": str(table_path(table, part))} for part in parts]
    default = {"default": True} if table == DEFAULT_TABLE else {}
    return {"config_name": table, **default, "data_files": files}
