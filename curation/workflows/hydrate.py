"""The user's own copies of texts, put back into stand-off lines where the hash agrees."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any

from curation.errors import InputError
from curation.formats.files import write_lines
from curation.formats.jsonl import record_to_line
from curation.formats.reading import decoded
from curation.formats.same_text import matching, variants
from curation.formats.standoff import StandOff, hydrated, read_standoff
from curation.ingest.offsets import normalise
from curation.messages import shown
from curation.model import text_sha256

__all__ = ["Hydrated", "hydrate"]

_MORE: Mapping[str, Any] = {"cleaned as ingest does": lambda text: normalise(text)[0]}


@dataclass(frozen=True)
class Hydrated:
    """How many lines got their texts, what those were changed for it, and who got none.

    `missing` and `different` are one line each; `refused` are lines that are no stand-off lines.
    """

    lines: int
    written: int
    changed: Mapping[str, int]
    missing: tuple[str, ...]
    different: tuple[str, ...]
    refused: tuple[str, ...]

    @property
    def complete(self) -> bool:
        """Whether every line has its text."""
        return self.written == self.lines

    def to_json(self) -> dict[str, Any]:
        """The fields by name."""
        return asdict(self)


def hydrate(standoff: Path, texts: Path, target: Path) -> Hydrated:
    """Write canonical lines to `target` for every line of `standoff` whose text is in `texts`.

    `texts` is a folder of .txt files (a text is found by its hash, or by its file being called like
    the document) or a file of JSON Lines with "id" and "text". Raises InputError where one of them
    cannot be read or would be written over, and writes nothing then, nor where no text fits.
    """
    _hold_apart(target, standoff, texts)
    found = _Texts(texts)
    tally = _Tally()
    lines = _lines(standoff, found, tally)
    if (first := next(lines, None)) is not None:
        write_lines(target, chain([first], lines))
    return Hydrated(
        tally.lines,
        tally.written,
        dict(sorted(tally.changed.items())),
        tuple(tally.missing),
        tuple(tally.different),
        tuple(tally.refused),
    )


def _hold_apart(target: Path, standoff: Path, texts: Path) -> None:
    place, given = target.resolve(), texts.resolve()
    if place in (standoff.resolve(), given) or given in place.parents:
        raise InputError(
            "is one of the inputs, which would be lost",
            where=str(target),
            hint="name another file to write to",
        )


class _Tally:
    """What became of the lines so far."""

    def __init__(self) -> None:
        self.lines = self.written = 0
        self.changed: Counter[str] = Counter()
        self.missing: list[str] = []
        self.different: list[str] = []
        self.refused: list[str] = []


def _lines(standoff: Path, texts: _Texts, tally: _Tally) -> Iterator[str]:
    try:
        with standoff.open("rb") as stream:
            for item in read_standoff(stream, str(standoff)):
                tally.lines += 1
                if (line := _line(item, texts, tally)) is not None:
                    tally.written += 1
                    yield line
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=str(standoff)) from error


def _line(item: StandOff | InputError, texts: _Texts, tally: _Tally) -> str | None:
    if isinstance(item, InputError):
        tally.refused.append(str(item))
        return None
    text = _text(item, texts, tally)
    if text is None:
        return None
    try:
        return record_to_line(hydrated(item, text))
    except InputError as error:
        tally.refused.append(str(error))
        return None


def _text(line: StandOff, texts: _Texts, tally: _Tally) -> str | None:
    """The text of a line; None, and the reason in `tally`, where there is none."""
    named = texts.named(line.uid)
    match = None if named is None else matching(named, line.sha256, _MORE)
    match = match or texts.hashed(line.sha256)
    if match is None and named is None:
        tally.missing.append(f"{shown(line.uid)}: no text of this name or hash")
    elif match is None:
        tally.different.append(
            f"{shown(line.uid)}: another text, its SHA-256 differs ({len(named or '')} characters, "
            f"{line.length} were annotated)"
        )
    if match is None:
        return None
    text, change = match
    if change:
        tally.changed[change] += 1
    return text


class _Texts:
    """The user's copies, by name and by hash; files are read when they are asked for."""

    def __init__(self, place: Path) -> None:
        self._texts: dict[str, str] = {}
        self._files: dict[str, Path] = {}
        if place.is_dir():
            self._files = {_name(place, path): path for path in sorted(place.rglob("*.txt"))}
        else:
            self._texts = dict(_of_lines(place))
        if not self._texts and not self._files:
            raise InputError("no texts in it", where=str(place), hint="*.txt files, or JSON Lines")

    def named(self, uid: str) -> str | None:
        """The text called like the document: a name to compare, never a path to open."""
        if uid in self._files:
            return _read(_plain(self._files[uid]))
        return self._texts.get(uid)

    def hashed(self, sha256: str) -> tuple[str, str] | None:
        """The text with that hash, whatever it is called, and what was changed for it."""
        name = self._hashes.get(sha256) or self._variants.get(sha256)
        return None if name is None else matching(self.named(name) or "", sha256, _MORE)

    @cached_property
    def _hashes(self) -> Mapping[str, str]:
        """Names by the hash of the text as it is."""
        return {text_sha256(text): name for name, text in self._all()}

    @cached_property
    def _variants(self) -> Mapping[str, str]:
        """Names by the hashes of what the text may have been; made where nothing else helps."""
        found: dict[str, str] = {}
        for name, text in self._all():
            for _, candidate in variants(text, _MORE):
                found.setdefault(text_sha256(candidate), name)
        return found

    def _all(self) -> Iterator[tuple[str, str]]:
        for name in (*self._files, *self._texts):
            yield name, self.named(name) or ""


def _name(folder: Path, path: Path) -> str:
    return path.relative_to(folder).as_posix().removesuffix(".txt")


def _plain(path: Path) -> Path:
    """The path; InputError for a pipe or the like, which may never end."""
    if path.exists() and not path.is_file():
        raise InputError("is no plain file", where=str(path), hint="take it out of the texts")
    return path


def _read(path: Path) -> str:
    try:
        return decoded(path.read_bytes(), str(path))
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=str(path)) from error


def _of_lines(path: Path) -> Iterator[tuple[str, str]]:
    for number, line in enumerate(_read(path).split("\n"), 1):
        if line.strip():
            yield _of_line(line, f"{path}:{number}")


def _of_line(line: str, where: str) -> tuple[str, str]:
    try:
        data = json.loads(line)
        uid, text = data["id"], data["text"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise InputError('no object with "id" and "text"', where=where) from error
    if not isinstance(uid, str) or not isinstance(text, str):
        raise InputError('"id" and "text" are not both strings', where=where)
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise InputError("the text holds half of a surrogate pair", where=where) from error
    return uid, text
