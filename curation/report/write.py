"""`write_report`, `write_page`: a page into a file, whole or not at all."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from curation.errors import UsageError
from curation.report.facts import ReportFacts
from curation.report.render import render_report

__all__ = ["write_page", "write_report"]


def write_report(facts: ReportFacts, path: Path) -> None:
    """Writes the report; see `write_page`."""
    _refuse_what_is_no_file(path)
    write_page(render_report(facts), path)


def write_page(text: str, path: Path) -> None:
    """Writes a page as UTF-8; a reader sees the old file or the new one, never half of it.

    Raises:
        UsageError: the folder does not exist or cannot be written, or `path` is no file's.
    """
    _refuse_what_is_no_file(path)
    page = text.encode("utf-8")
    beside = path.with_name(f".{path.name[:100]}.{os.getpid()}.tmp")
    try:
        beside.write_bytes(page)
        beside.replace(path)
    except OSError as error:
        raise UsageError(
            f"{path}: the report cannot be written ({error.strerror}); choose another place"
        ) from error
    finally:
        with suppress(OSError):  # the folder itself may be what is missing
            beside.unlink()


def _refuse_what_is_no_file(path: Path) -> None:
    if path.exists() and not path.is_file():
        raise UsageError(f"{path}: not a file; the report needs one of its own")
