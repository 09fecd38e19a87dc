"""SHA256SUMS, as `sha256sum` writes and checks it, over everything in a folder."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

from curation.errors import InputError
from curation.formats.files import write_bytes
from curation.formats.order import place

__all__ = ["CHECKSUMS", "file_sha256", "verify_checksums", "write_checksums"]

CHECKSUMS = "SHA256SUMS"
"""The name of the file."""

_LINE = re.compile(r"(\\?)([0-9a-f]{64}) [ *](.+)")
_ESCAPES = {"\\": "\\\\", "\n": "\\n", "\r": "\\r"}
_UNESCAPES = {escaped: raw for raw, escaped in _ESCAPES.items()}


def write_checksums(folder: Path) -> str:
    """Writes SHA256SUMS over every file under `folder`, sorted by path, and returns its text.

    Raises InputError for a link or other thing that is no plain file: it cannot be released.
    """
    lines = [_line(folder, path) for path in _files(folder)]
    text = "".join(lines)
    write_bytes(folder / CHECKSUMS, text.encode())
    return text


def _files(folder: Path) -> list[str]:
    found: list[str] = []
    for path in folder.rglob("*"):
        if path.is_symlink() or not (path.is_dir() or path.is_file()):
            raise InputError("is no plain file", where=str(path), hint="remove it")
        if path.is_file() and path != folder / CHECKSUMS:
            found.append(_name(path.relative_to(folder)))
    return sorted(found)


def _name(path: Path) -> str:
    name = path.as_posix()
    try:
        name.encode()
    except UnicodeEncodeError as error:
        raise InputError("the name is not UTF-8", where=ascii(name), hint="rename it") from error
    return name


def _line(folder: Path, name: str) -> str:
    escaped = re.sub(r"[\\\n\r]", lambda match: _ESCAPES[match[0]], name)
    mark = "\\" if escaped != name else ""
    return f"{mark}{file_sha256(folder / name)}  {escaped}\n"


def file_sha256(path: Path) -> str:
    """Hex SHA-256 of a file; InputError where it cannot be read."""
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=str(path)) from error


def verify_checksums(folder: Path) -> list[str]:
    """What does not hold, one line each: changed, missing, or a file that no sum covers.

    Raises InputError where SHA256SUMS is missing or is not in the format of `sha256sum`.
    """
    expected = _read(folder / CHECKSUMS)
    present = set(_files(folder))
    return sorted(
        [
            *(f"{place(name)}: missing" for name in expected.keys() - present),
            *(f"{place(name)}: not in {CHECKSUMS}" for name in present - expected.keys()),
            *_changed(folder, {k: v for k, v in expected.items() if k in present}),
        ]
    )


def _changed(folder: Path, expected: dict[str, str]) -> Iterator[str]:
    for name, digest in expected.items():
        if (found := file_sha256(folder / name)) != digest:
            yield f"{place(name)}: SHA-256 is {found}, not {digest}"


def _read(path: Path) -> dict[str, str]:
    try:
        lines = path.read_bytes().decode().split("\n")
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=str(path)) from error
    except UnicodeDecodeError as error:
        raise InputError(f"not UTF-8 at byte {error.start}", where=str(path)) from error
    expected: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        if not line:
            continue
        match = _LINE.fullmatch(line)
        if match is None:
            raise InputError(
                "not a line of sha256sum",
                where=f"{path}:{number}",
                hint="64 digits, 2 spaces, path",
            )
        expected[_unescaped(match[3]) if match[1] else match[3]] = match[2]
    return expected


def _unescaped(name: str) -> str:
    return re.sub(r"\\[\\nr]", lambda match: _UNESCAPES[match[0]], name)
