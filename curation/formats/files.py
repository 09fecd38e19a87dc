"""Writing a file or a folder whole or not at all: first beside its place, then one rename."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from curation.errors import InputError
from curation.formats.held import held_folder

__all__ = ["placed", "write_bytes", "write_files", "write_lines"]


_PART = ".part"
_NAMED = 40
"""Characters of a name that its temporary folder has too: there is room for no more than 255."""
_BUFFER = 1 << 20
"""Bytes that are written at once."""


def write_bytes(path: Path, data: bytes) -> None:
    """Puts `data` at `path`; on any failure what was there before stays as it was."""
    write_files({path: data})


def write_lines(path: Path, lines: Iterable[str | bytes]) -> int:
    """Writes `lines` as UTF-8, each ended with a newline, and returns how many there were."""
    temporary = _temporary(path)
    count = 0
    try:
        with temporary.open("wb", buffering=_BUFFER) as stream:
            for line in lines:
                stream.write(line if isinstance(line, bytes) else line.encode())
                stream.write(b"\n")
                count += 1
        temporary.replace(path)
    except OSError as error:
        raise _cannot_write(path, error) from error
    finally:
        temporary.unlink(missing_ok=True)
    return count


def write_files(files: Mapping[Path, bytes]) -> None:
    """Writes all `files` beside their places first, and renames only when every one is on disk."""
    written: dict[Path, Path] = {}
    try:
        for path, data in files.items():
            written[path] = _temporary(path)
            written[path].write_bytes(data)
        for path, temporary in written.items():
            temporary.replace(path)
    except OSError as error:
        raise _cannot_write(next(reversed(written), Path()), error) from error
    finally:
        for temporary in written.values():
            temporary.unlink(missing_ok=True)


@contextmanager
def placed(destination: Path) -> Iterator[Path]:
    """A path to write a file or a folder to; it takes its place when the block ends well.

    So does what is written beside it. An older file or folder of the same name is replaced.
    """
    _hold_plain(destination)
    prefix = f".{destination.name[:_NAMED]}-"
    try:
        with held_folder(destination.parent, prefix, _PART) as building:
            yield building / destination.name
            made = sorted(building.iterdir(), key=lambda path: path.name != destination.name)
            for number, path in enumerate(made):
                _replace(path, destination.with_name(path.name), building / f".old-{number}")
    except OSError as error:
        raise _cannot_write(destination, error) from error


def _replace(made: Path, target: Path, old: Path) -> None:
    # A folder cannot be replaced in one step by one that is full: the old one goes first.
    if made.is_dir() and target.exists():
        target.rename(old)
    try:
        made.replace(target)
    except OSError:
        if old.exists():
            old.rename(target)
        raise


def _hold_plain(path: Path) -> None:
    """Raises InputError for a device, a pipe or the like: a rename would take its place."""
    # os.path: a name that is too long, or lies out of reach, is for the writing to tell.
    if os.path.exists(path) and not (os.path.isfile(path) or os.path.isdir(path)):  # noqa: PTH110,PTH112,PTH113
        raise InputError("is no plain file", where=str(path), hint="name a file or a folder")


def _temporary(path: Path) -> Path:
    _hold_plain(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".", suffix=".part", dir=path.parent)
    except OSError as error:
        raise _cannot_write(path, error) from error
    os.close(handle)
    temporary = Path(name)
    # mkstemp gives 0600; a release is there to be read, as far as the user's umask lets it.
    umask = os.umask(0)
    os.umask(umask)
    temporary.chmod(0o666 & ~umask)
    return temporary


def _cannot_write(path: Path, error: OSError) -> InputError:
    return InputError(
        f"cannot be written: {error.strerror}",
        where=str(path),
        hint="choose a folder that exists and may be written",
    )
