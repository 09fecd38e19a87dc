"""Stand-off lines: annotations by offsets, with the hash of a text that may not be passed on.

    {"id": …, "language": …, "sha256": …, "length": …, "meta": {"url": …}, "annotator": …,
     "entities": […], "events": […]}

A canonical line in which SHA-256 (of the text in UTF-8) and length (in code points) stand for the
text. Of the metadata only what helps to find the text is left: `url`, `source`, `published`,
`revision`; provenance can hold words of the text, and is left out with all else.
`hydrated` puts a text back and accepts none with another hash.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from curation.errors import InputError
from curation.formats.alignment import AlignmentPolicy
from curation.formats.files import write_lines
from curation.formats.jsonl import data_to_record, record_to_data
from curation.formats.losses import Loss, LossCertificate, spans_of
from curation.formats.order import streamed
from curation.model import AnnotationSet, Argument, Document, Entity, Event, Record, text_sha256

__all__ = [
    "StandOff",
    "hydrated",
    "placeholders",
    "read_standoff",
    "records_of",
    "without_text",
    "write_standoff",
]

URL_KEYS = ("url", "uri", "link", "source_url")
"""Where the metadata of a Document may have its address; the first that is one is taken."""

_KEPT = frozenset({"url", "source", "published", "revision"})
_LONGEST = 200
_LONGEST_TEXT = 100_000_000
"""Code points; a line that says more would cost the memory for so many."""
_NO_TEXT = "\N{FULL BLOCK}"
_NEEDED: Mapping[str, type] = MappingProxyType(
    {"id": str, "language": str, "sha256": str, "length": int}
)


# Writing


def without_text(record: Record) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The stand-off line of `record` as an object, and the names of what was left out."""
    document, said = record.document, record.annotations
    kept, gone = _meta(document)
    bare = document.model_copy(update={"text": "", "source": None, "published": None, "meta": {}})
    if said is not None:
        gone += tuple(sorted({f"provenance {key}" for key in said.provenance}))
        gone += tuple(sorted(_of_items(said)))
    stripped = None if said is None else _stripped(said)
    data = record_to_data(record.model_copy(update={"document": bare, "annotations": stripped}))
    head = {"id": document.uid, "language": document.language, "sha256": document.sha256}
    rest: dict[str, Any] = {k: data[k] for k in ("annotator", "entities", "events") if k in data}
    meta = dict(sorted({**data["meta"], **kept}.items()))
    return {**head, "length": len(document.text), "meta": meta, **rest}, gone


def _meta(document: Document) -> tuple[dict[str, Any], tuple[str, ...]]:
    """What helps to find the text, and the keys of all else."""
    kept: dict[str, Any] = {}
    key = next((k for k in URL_KEYS if _is_url(document.meta.get(k))), None)
    if key is not None:
        kept["url"] = document.meta[key]
    if document.source is not None and _is_name(document.source, document.text):
        kept["source"] = document.source
    if document.published is not None:
        kept["published"] = document.published
    gone = [f"meta {name}" for name in sorted(document.meta) if name != key]
    if document.source is not None and "source" not in kept:
        gone.append("source")
    return kept, tuple(gone)


def _is_url(value: Any) -> bool:
    if not isinstance(value, str) or len(value) > 2000 or not value.isprintable() or " " in value:
        return False
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.netloc)


def _is_name(source: str, text: str) -> bool:
    """A publisher's name, not a piece of the text."""
    return len(source) <= _LONGEST and not (len(source.split()) > 3 and source in text)


def _of_items(said: AnnotationSet) -> set[str]:
    items: list[Entity | Event | Argument] = [*said.items]
    items += [argument for event in said.events for argument in event.arguments]
    fields = ("component", "origin")
    return {f for item in items for f in fields if getattr(item, f) is not None}


def _stripped(said: AnnotationSet) -> AnnotationSet:
    bare = {"component": None, "origin": None}
    entities = tuple(e.model_copy(update=bare) for e in said.entities)
    events = tuple(
        e.model_copy(
            update={**bare, "arguments": tuple(a.model_copy(update=bare) for a in e.arguments)}
        )
        for e in said.events
    )
    return said.model_copy(update={"entities": entities, "events": events, "provenance": {}})


def write_standoff(
    records: Iterable[Record], destination: Path, policy: AlignmentPolicy = "expand"
) -> LossCertificate:
    """Writes the file whole or not at all; spans are all there, metadata is listed as withheld."""
    del policy  # characters need no alignment
    losses: list[Loss] = []
    spans: Counter[str] = Counter()
    write_lines(destination, _lines(records, losses, spans))
    return LossCertificate("standoff", spans["n"], spans["n"], tuple(losses))


def _lines(records: Iterable[Record], losses: list[Loss], spans: Counter[str]) -> Iterator[str]:
    for record in streamed(records):
        data, gone = without_text(record)
        spans["n"] += spans_of(record)
        if gone:
            losses.append(_withheld(record, gone))
        yield json.dumps(data, ensure_ascii=False, allow_nan=False)


def _withheld(record: Record, gone: Iterable[str]) -> Loss:
    document, said = record.document, record.annotations
    annotator = "" if said is None else said.annotator
    return Loss(document.uid, annotator, "", "withheld", 0, len(document.text), ", ".join(gone))


# Reading


@dataclass(frozen=True)
class StandOff:
    """One line that waits for its text; `where` is its place."""

    data: Mapping[str, Any]
    where: str

    @property
    def uid(self) -> str:
        """The document it is about."""
        return str(self.data["id"])

    @property
    def sha256(self) -> str:
        """Hex SHA-256 of the text."""
        return str(self.data["sha256"])

    @property
    def length(self) -> int:
        """Code points of the text."""
        return int(self.data["length"])


def read_standoff(lines: Iterable[bytes], where: str) -> Iterator[StandOff | InputError]:
    """Each line of a file, or what is wrong with it; blank lines are none."""
    for number, line in enumerate(lines, 1):
        place = f"{where}:{number}"
        if line.strip():
            try:
                yield _line(line, place)
            except InputError as error:
                yield error


def _line(line: bytes, where: str) -> StandOff:
    try:
        data = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise InputError("not valid JSON", where=where) from error
    if not isinstance(data, dict):
        raise InputError("not a JSON object", where=where)
    wrong = [key for key, kind in _NEEDED.items() if type(data.get(key)) is not kind]
    if wrong or not re.fullmatch(r"[0-9a-f]{64}", data["sha256"]) or not _sound(data["length"]):
        raise InputError(
            f"no stand-off line: {', '.join(wrong) or 'sha256 or length'} is missing or wrong",
            where=where,
            hint="curation export jsonl --stand-off writes them",
        )
    if "text" in data:
        raise InputError("has a text already", where=where)
    return StandOff(data, where)


def _sound(length: int) -> bool:
    return 0 <= length <= _LONGEST_TEXT


def hydrated(line: StandOff, text: str) -> Record:
    """The record with its text; InputError where the text has another hash."""
    if text_sha256(text) != line.sha256:
        raise InputError(f"{line.uid}: the text has another hash", where=line.where)
    return _with_text(line, text)


def records_of(path: Path, documents: Mapping[str, Document]) -> Iterator[Record | InputError]:
    """The records of a file, with the texts of `documents` by uid.

    A line that cannot be read, has no text, or has one with another hash is given as its error.
    """
    for item in _read(path):
        try:
            yield item if isinstance(item, InputError) else _known(item, documents)
        except InputError as error:
            yield error


def _known(item: StandOff, documents: Mapping[str, Document]) -> Record:
    document = documents.get(item.uid)
    if document is None:
        raise InputError(f"{item.uid}: there is no text", where=item.where)
    if document.text == _NO_TEXT * item.length:
        return _with_text(item, document.text)
    return hydrated(item, document.text)


def placeholders(path: Path) -> dict[str, Document]:
    """By uid, Documents of the right length without words: enough to count and to see borders."""
    found: dict[str, Document] = {}
    for item in _read(path):
        if isinstance(item, StandOff) and item.uid not in found:
            found[item.uid] = _with_text(item, _NO_TEXT * item.length).document
    return found


def _read(path: Path) -> Iterator[StandOff | InputError]:
    try:
        with path.open("rb") as stream:
            yield from read_standoff(stream, str(path))
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=str(path)) from error


def _with_text(line: StandOff, text: str) -> Record:
    data = {k: v for k, v in line.data.items() if k not in {"sha256", "length"}}
    return data_to_record({**data, "text": text}, where=line.where)
