"""One record of an input file: its checks, and what of it becomes a RawDocument."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from curation.errors import InputError
from curation.ingest.dates import DATE_KEYS
from curation.ingest.language import match_language
from curation.ingest.offsets import normalise
from curation.metadata import meta_problem
from curation.model import text_sha256

__all__ = ["RawDocument", "ReadOptions", "Skipped", "raw_document", "text_problem", "uid_problem"]

ID_KEYS = ("id", "uid")
LANGUAGE_KEYS = ("language", "lang")
SOURCE_KEYS = ("source", "publisher")

RESERVED = ("source", "published", "revision", "annotation")
"""Keys of "meta" that mean something else in the canonical format; a user's own get a prefix."""

StdinFormat = Literal["auto", "text", "jsonl", "csv", "tsv"]


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How to read.

    A column (of a table) or key (of a JSON object) that is None is found by its usual names.
    `limit_bytes`: UTF-8 bytes of text allowed in one document. `keep_good`: take the good records
    of a file that has bad ones too. `languages`: of the workspace; a record that names another one
    is refused.
    """

    text_column: str = "text"
    id_column: str | None = None
    language_column: str | None = None
    date_column: str | None = None
    source_column: str | None = None
    limit_bytes: int = 5_000_000
    keep_good: bool = False
    languages: tuple[str, ...] = ()
    stdin_format: StdinFormat = "auto"

    @property
    def named_columns(self) -> tuple[str, ...]:
        """The columns that a table must have; a JSON object only needs its text and a named id."""
        named = (self.id_column, self.language_column, self.date_column, self.source_column)
        return (self.text_column, *(name for name in named if name))


@dataclass(frozen=True, slots=True)
class RawDocument:
    """A text as it was read, unchanged, with what its file says about it.

    `published` and `language` are as written there; `where` names file and record.
    """

    uid: str
    text: str
    where: str
    language: str | None = None
    source: str | None = None
    published: str | None = None
    meta: Mapping[str, Any] = field(default_factory=dict)

    @property
    def normalised_sha256(self) -> str:
        """Content hash of the text after normalisation: equal for the same text of two systems."""
        return text_sha256(normalise(self.text)[0])


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something that was passed over on purpose."""

    where: str
    reason: str


def text_problem(text: str, where: str, *, limit_bytes: int) -> InputError | None:
    """Why `text` cannot be a document, or None if it can."""
    if not text:
        return InputError("the text is empty", where=where)
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        hint = "not a text file, or damaged? remove the NUL bytes"
        return InputError(f"a NUL byte in line {line} of the text", where=where, hint=hint)
    try:
        size = len(text.encode())
    except UnicodeEncodeError as error:
        message = f"half of a surrogate pair at character {error.start} of the text"
        return InputError(message, where=where, hint="write the whole character")
    if not any(c.isprintable() and not c.isspace() for c in text):
        return InputError("nothing but whitespace and invisible characters", where=where)
    if size > limit_bytes:
        return too_large(size, where, limit_bytes)
    return None


def too_large(size: int, where: str, limit_bytes: int) -> InputError:
    """The error for a text of `size` bytes."""
    message = f"{size / 1e6:.1f} MB in one document, the limit is {limit_bytes / 1e6:g} MB"
    return InputError(message, where=where, hint="split it into several documents")


def uid_problem(uid: str, where: str) -> InputError | None:
    """Why `uid` cannot name a document, or None if it can."""
    if not uid:
        return InputError("the id is empty", where=where)
    if len(uid) > 200:
        return InputError(f"the id has {len(uid)} characters, at most 200 are allowed", where=where)
    if not uid.isprintable():
        message = f"the id {uid!a} has a character that cannot be printed"
        return InputError(message, where=where)
    return None


def hash_uid(text: str) -> str:
    """The uid of a text that came without a name; the same for the same normalised text."""
    return "text-" + text_sha256(normalise(text)[0])[:16]


def raw_document(
    record: Mapping[str, Any], options: ReadOptions, where: str
) -> RawDocument | InputError:
    """The document that a row or JSON object holds, or what is wrong with it."""
    rest = dict(record)
    needed = (options.text_column, options.id_column or options.text_column)
    if absent := [name for name in dict.fromkeys(needed) if name not in rest]:
        return missing(absent, tuple(rest), where)
    text = rest.pop(options.text_column)
    if not isinstance(text, str):
        kind = "null" if text is None else type(text).__name__
        message = f"{options.text_column!r} must be a string, it is {kind}"
        return InputError(message, where=where)
    if problem := text_problem(text, where, limit_bytes=options.limit_bytes):
        return problem
    return _described(text, rest, options, where)


def missing(absent: list[str], present: tuple[str, ...], where: str) -> InputError:
    """The error for columns or keys that are not there."""
    names = ", ".join(map(repr, absent))
    there = ", ".join(map(ascii, present[:20])) or "nothing"
    return InputError(f"no {names}", where=where, hint=f"there is {there}")


def _described(
    text: str, rest: dict[str, Any], options: ReadOptions, where: str
) -> RawDocument | InputError:
    uid = _take(rest, options.id_column, ID_KEYS)
    if uid is not None and (isinstance(uid, bool) or not isinstance(uid, (str, int))):
        return InputError(f"the id must be a string, it is {type(uid).__name__}", where=where)
    uid = hash_uid(text) if uid is None else str(uid).strip()
    fields = _with_nested_meta(rest)
    if isinstance(fields, str):
        message = f"{fields!r} stands beside and inside 'meta' with two different values"
        return InputError(message, where=where)
    return _checked(RawDocument(uid, text, where, meta=fields), options)


def _with_nested_meta(rest: dict[str, Any]) -> dict[str, Any] | str:
    """The fields with those of a nested "meta" among them, or the name of one that clashes."""
    nested = rest.get("meta")
    if nested is None or not isinstance(nested, Mapping):
        return {k: v for k, v in rest.items() if v is not None}
    outer = {k: v for k, v in rest.items() if k != "meta" and v is not None}
    clash = next((k for k, v in nested.items() if k in outer and outer[k] != v), None)
    return clash if clash is not None else outer | dict(nested)


def _checked(raw: RawDocument, options: ReadOptions) -> RawDocument | InputError:
    meta = dict(raw.meta)
    language = _take(meta, options.language_column, LANGUAGE_KEYS)
    source = _take(meta, options.source_column, SOURCE_KEYS)
    published = _date(meta, options.date_column)
    for name, value in (("language", language), ("source", source)):
        if value is not None and not isinstance(value, str):
            message = f"the {name} must be a string, it is {type(value).__name__}"
            return InputError(message, where=raw.where)
    if found := meta_problem([source, published, meta]):
        return InputError(f"{found} in the metadata", where=raw.where)
    problem = uid_problem(raw.uid, raw.where)
    if problem or (problem := language_problem(language, options.languages, raw.where)):
        return problem
    own = _without_reserved(meta)
    return RawDocument(raw.uid, raw.text, raw.where, language, source, published, own)


def _without_reserved(meta: Mapping[str, Any]) -> dict[str, Any]:
    renamed: dict[str, Any] = {}
    for key, value in meta.items():
        name = f"input_{key}" if key in RESERVED else key
        while name != key and name in meta:
            name = f"input_{name}"
        renamed[name] = value
    return renamed


def _take(fields: dict[str, Any], named: str | None, usual: tuple[str, ...]) -> Any:
    """The value of the named field, or of the first usual one; None if absent or blank."""
    folded = {key.casefold(): key for key in fields}
    for wanted in (named,) if named else usual:
        key = wanted if wanted in fields else folded.get(wanted.casefold())
        if key is None:
            continue
        value = fields.pop(key)
        if value is not None and str(value).strip():
            return value
    return None


def _date(meta: dict[str, Any], named: str | None) -> str | None:
    """The date as written; a value that is neither text nor a number stays in the metadata."""
    before = dict(meta)
    value = _take(meta, named, DATE_KEYS)
    if value is None or isinstance(value, (str, int)):
        return None if value is None else str(value)
    meta |= before
    return None


def language_problem(
    language: str | None, languages: tuple[str, ...], where: str
) -> InputError | None:
    """Why a language that the input names cannot be used, or None if it can."""
    if language is None or (languages and match_language(language, languages)):
        return None
    if not languages and 2 <= len(language.strip()) <= 35 and language.isprintable():
        return None
    known = f"this workspace has {', '.join(languages)}" if languages else "such as 'en'"
    return InputError(f"language {language!a} cannot be used", where=where, hint=known)
