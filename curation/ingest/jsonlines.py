"""JSON Lines: one object with a text in each line."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from curation.errors import InputError
from curation.ingest.records import (
    RawDocument,
    ReadOptions,
    raw_document,
    too_large,
)
from curation.ingest.sources import Source, not_utf8

__all__ = ["BLANK", "HAD_ANNOTATIONS", "read_jsonl"]

BLANK = "blank"
HAD_ANNOTATIONS = "annotations"

# An ASCII character escaped as \u00XX takes six bytes, the most that one byte of text can take.
_ESCAPED = 6
_REST_OF_LINE = 1_000_000


def read_jsonl(source: Source, options: ReadOptions) -> Iterator[RawDocument | InputError | str]:
    """Documents and errors in file order; BLANK for an empty line.

    HAD_ANNOTATIONS comes before a document whose line also carries annotations, which this
    reader leaves behind.
    """
    with source.open() as handle:
        for number, line in _lines(handle, _ESCAPED * options.limit_bytes + _REST_OF_LINE):
            where = f"{source.where}, line {number}"
            if isinstance(line, int):
                yield too_large(line, where, options.limit_bytes)
            elif not line.strip():
                yield BLANK
            else:
                yield from _record(line, options, where)


def _lines(handle: BinaryIO, longest: int) -> Iterator[tuple[int, bytes | int]]:
    """Numbered lines; of a line that is too long only its length, so that it is never held."""
    number = 0
    while line := handle.readline(longest):
        number += 1
        size = len(line)
        while not line.endswith(b"\n") and (more := handle.readline(longest)):
            size, line = size + len(more), more
        yield number, line if size == len(line) else size


def _record(
    line: bytes, options: ReadOptions, where: str
) -> Iterator[RawDocument | InputError | str]:
    record = _parsed(line, where)
    if isinstance(record, InputError):
        yield record
        return
    document = _without_annotations(record)
    if len(document) < len(record):
        yield HAD_ANNOTATIONS
    yield raw_document(document, options, where)


def _without_annotations(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """The document part of a canonical line; any other record as it is."""
    annotations = {key for key in ("entities", "events") if isinstance(record.get(key), list)}
    if not annotations:
        return record
    document = {k: v for k, v in record.items() if k not in annotations | {"annotator"}}
    meta = document.get("meta")
    if isinstance(meta, Mapping):
        # "annotation" there is the kind and provenance of the annotations.
        document["meta"] = {k: v for k, v in meta.items() if k != "annotation"}
    return document


def _parsed(line: bytes, where: str) -> Mapping[str, Any] | InputError:
    try:
        text = line.decode("utf-8-sig")
        record = json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse)
    except UnicodeDecodeError as error:
        bad = line[error.start : error.start + 1]
        return InputError(
            f"not UTF-8: byte 0x{bad.hex()} at byte {error.start} of the line",
            where=where,
            hint=not_utf8(bad, error.start, 1, where).hint,
        )
    except json.JSONDecodeError as error:
        message = f"not JSON: {error.msg} at character {error.pos + 1} of the line"
        return InputError(message, where=where)
    except (ValueError, RecursionError) as error:
        reason = "nested too deep" if isinstance(error, RecursionError) else str(error)
        return InputError(f"not JSON that can be used: {reason}", where=where)
    if not isinstance(record, Mapping):
        return InputError("not a JSON object with a text in it", where=where)
    return record


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"key {twice!a} stands twice")
    return found


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON number")
