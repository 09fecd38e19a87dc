"""A hidden folder to build in beside the place of what is built, held by a lock while it is."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["building"]

_PREFIX = ".building-"


@contextmanager
def building(target: Path) -> Iterator[Path]:
    """The folder; it is gone afterwards unless it was renamed.

    What killed processes left is swept first: nobody holds the lock on it.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    for left in target.parent.glob(f"{_PREFIX}*"):
        _sweep(left)
    folder, handle = _held_folder(target)
    try:
        yield folder
    finally:
        os.close(handle)
        shutil.rmtree(folder, ignore_errors=True)


def _held_folder(target: Path) -> tuple[Path, int]:
    """A new folder and the handle by which it is locked."""
    while True:
        prefix = f"{_PREFIX}{target.name}-"
        folder = Path(tempfile.mkdtemp(prefix=prefix, dir=target.parent))
        handle = os.open(folder, os.O_RDONLY)
        # Another process may sweep it before it is locked.
        if _lock(handle, without=True) and folder.exists():
            return folder, handle
        os.close(handle)


def _sweep(left: Path) -> None:
    try:
        handle = os.open(left, os.O_RDONLY)
    except FileNotFoundError:
        return
    try:
        if _lock(handle, without=False):
            shutil.rmtree(left, ignore_errors=True)
    finally:
        os.close(handle)


def _lock(handle: int, *, without: bool) -> bool:
    """Whether nobody else holds it, who does now; `without` on a system without such locks."""
    try:
        import fcntl
    except ImportError:
        return without
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
