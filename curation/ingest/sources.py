"""Where input comes from: files, folders and a stream; opened as bytes, as often as needed."""

from __future__ import annotations

import codecs
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal, TextIO, cast
from unicodedata import normalize

from curation.errors import InputError
from curation.ingest.records import Skipped, StdinFormat

__all__ = ["Kind", "Source", "find_sources", "shown", "spooled_stream", "utf8_problem"]

Kind = Literal["text", "jsonl", "csv", "tsv"]

KINDS: dict[str, Kind] = {
    ".txt": "text",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
    ".tsv": "tsv",
}

_CHUNK = 1 << 20
_SPOOL_MEMORY = 64 << 20


@dataclass(frozen=True, slots=True)
class Source:
    """One file, or the stream.

    `where` is fit to print; `uid` names the document if it is a text file, None where the text
    has no name; `open` gives its bytes from the start, each time.
    """

    where: str
    kind: Kind
    uid: str | None
    open: Callable[[], BinaryIO]
    fingerprint: Callable[[], tuple[int, int]]


def shown(path: Path | str) -> str:
    """A path as one line that can be printed, whatever bytes are in it."""
    text = os.fsencode(path).decode(errors="backslashreplace")
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def find_sources(path: Path, met: set[tuple[int, int]]) -> Iterator[Source | Skipped | InputError]:
    """The file that `path` names, or those of the folder, walked in sorted order.

    A file that is met twice is read once: `met` remembers, and grows. A file named by itself must
    be of a kind that can be read; others that a folder happens to hold are skipped.
    """
    for found in _find(path):
        if isinstance(found, (Skipped, InputError)):
            yield found
        else:
            yield _source(*found, met)


def _find(path: Path) -> Iterator[tuple[Path, str] | Skipped | InputError]:
    try:
        if path.is_dir():
            yield from _walk(path, path)
        elif not path.exists():
            yield InputError("no such file or folder", where=shown(path))
        elif not path.is_file():
            yield InputError("not a file", where=shown(path), hint="send a stream on stdin")
        elif path.suffix.lower() not in KINDS:
            yield InputError(
                f"cannot tell what {shown(path.suffix) or 'a name without a suffix'} is",
                where=shown(path),
                hint="read are " + ", ".join(KINDS),
            )
        else:
            yield path, _file_uid(Path(path.name))
    except OSError as error:
        yield _unreadable(path, error)


def _walk(folder: Path, root: Path) -> Iterator[tuple[Path, str] | Skipped | InputError]:
    try:
        entries = sorted(folder.iterdir(), key=lambda entry: entry.name)
    except OSError as error:
        yield _unreadable(folder, error)
        return
    if not entries:
        yield Skipped(shown(folder), "an empty folder")
    for entry in entries:
        if reason := _reason_to_skip(entry):
            yield Skipped(shown(entry), reason)
        elif entry.is_dir():
            yield from _walk(entry, root)
        else:
            yield entry, _file_uid(entry.relative_to(root))


def _reason_to_skip(entry: Path) -> str | None:
    if entry.name.startswith("."):
        return "hidden"
    if entry.is_dir():
        return "a link to a folder is not followed" if entry.is_symlink() else None
    if not entry.is_file():
        return "not a file"
    if entry.suffix.lower() not in KINDS:
        return "read are " + ", ".join(KINDS)
    return None


def _file_uid(path: Path) -> str:
    # Systems differ in how they compose file names; the uid must not.
    return normalize("NFC", "--".join(path.with_suffix("").parts))


def _source(path: Path, uid: str, met: set[tuple[int, int]]) -> Source | Skipped | InputError:
    where = shown(path)
    try:
        status = path.stat()
        path.open("rb").close()
    except OSError as error:
        return _unreadable(path, error)
    if (status.st_dev, status.st_ino) in met:
        return Skipped(where, "named twice")
    met.add((status.st_dev, status.st_ino))

    def fingerprint() -> tuple[int, int]:
        now = path.stat()
        return now.st_size, now.st_mtime_ns

    kind = KINDS[path.suffix.lower()]
    return Source(where, kind, uid, lambda: path.open("rb"), fingerprint)


def _unreadable(path: Path, error: OSError) -> InputError:
    return InputError(f"cannot be read: {error.strerror or error}", where=shown(path))


@contextmanager
def spooled_stream(stream: BinaryIO | TextIO, kind: StdinFormat) -> Iterator[Source]:
    """A stream as a Source, kept in memory or in a temporary file while the context lasts.

    With `kind` "auto" a stream that begins with "{" is JSON Lines, any other is one text.
    """
    with tempfile.SpooledTemporaryFile(max_size=_SPOOL_MEMORY) as spool:
        binary = getattr(stream, "buffer", stream)
        while chunk := binary.read(_CHUNK):
            spool.write(chunk.encode(errors="surrogatepass") if isinstance(chunk, str) else chunk)
        size = spool.tell()
        spool.seek(0)
        start = spool.read(1024).removeprefix(codecs.BOM_UTF8).lstrip()
        guess: Kind = "jsonl" if start.startswith(b"{") else "text"

        def reopened() -> BinaryIO:
            spool.seek(0)
            return cast(BinaryIO, _KeptOpen(spool))

        chosen = guess if kind == "auto" else kind
        yield Source("stdin", chosen, None, reopened, lambda: (size, 0))


class _KeptOpen:
    """A file that a `with` block does not close."""

    def __init__(self, file: object) -> None:
        self._file = file

    def __enter__(self) -> _KeptOpen:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def __getattr__(self, name: str) -> object:
        return getattr(self._file, name)


def utf8_problem(handle: BinaryIO, where: str) -> InputError | None:
    """The first byte that is not UTF-8, with its line; None if there is none. Reads in chunks."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    offset, line = 0, 1
    while True:
        chunk = handle.read(_CHUNK)
        pending = len(decoder.getstate()[0])
        try:
            decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            bad: bytes = error.object[error.start : error.start + 1]
            line += error.object.count(b"\n", 0, error.start)
            return not_utf8(bad, offset - pending + error.start, line, where)
        if not chunk:
            return None
        offset += len(chunk)
        line += chunk.count(b"\n")


def not_utf8(bad: bytes, offset: int, line: int, where: str) -> InputError:
    """The error for a byte that is not UTF-8."""
    message = f"not UTF-8: byte 0x{bad.hex()} at offset {offset}, line {line}"
    encoding = "UTF-16" if offset == 0 and bad in (b"\xff", b"\xfe") else "WINDOWS-1252"
    return InputError(message, where=where, hint=f"convert it, e.g. iconv -f {encoding} -t UTF-8")
