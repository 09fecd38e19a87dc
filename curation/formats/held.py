"""A hidden folder to build in, held by a lock while it is: what killed processes left is known."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

__all__ = ["held_folder"]


@contextmanager
def held_folder(
    parent: Path, prefix: str, suffix: str = "", *, sweep: str | None = None
) -> Iterator[Path]:
    """A new folder in `parent`; it is gone afterwards unless it was renamed.

    Folders called `sweep` (else `prefix`) to `suffix` that killed processes left are removed first:
    nobody holds the lock on them. Raises OSError where it cannot be made.
    """
    parent.mkdir(parents=True, exist_ok=True)
    begin = prefix if sweep is None else sweep
    for left in parent.iterdir():
        if left.name.startswith(begin) and left.name.endswith(suffix) and left.is_dir():
            _sweep(left)
    folder, handle = _held(parent, prefix, suffix)
    try:
        yield folder
    finally:
        os.close(handle)
        shutil.rmtree(folder, ignore_errors=True)


def _held(parent: Path, prefix: str, suffix: str) -> tuple[Path, int]:
    """A new folder and the handle by which it is locked."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=prefix, suffix=suffix, dir=parent))
        handle = os.open(folder, os.O_RDONLY)
        # Another process may sweep it before it is locked.
        if _locked(handle, without=True) and folder.exists():
            return folder, handle
        os.close(handle)


def _sweep(left: Path) -> None:
    with suppress(OSError):  # another one sweeps too, or it is somebody else's
        handle = os.open(left, os.O_RDONLY)
        try:
            if _locked(handle, without=False):
                shutil.rmtree(left, ignore_errors=True)
        finally:
            os.close(handle)


def _locked(handle: int, *, without: bool) -> bool:
    """Whether nobody else holds it, who does now; `without` where the system has no such locks."""
    try:
        import fcntl
    except ImportError:
        return without
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return without and not isinstance(error, BlockingIOError)
    return True
