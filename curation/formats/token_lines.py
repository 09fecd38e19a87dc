"""Reading lines of tokens with offsets: the other way round of `sentences`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import BaseModel, Field, ValidationError

from curation.errors import InputError, OffsetMismatch
from curation.formats.json_items import validated
from curation.messages import few, shown
from curation.model import AnnotationSet, Document, Entity, Event, Record, TextSpan

__all__ = ["Name", "Origin", "Places", "Uid", "read_lines", "restored", "spaced"]

Line = TypeVar("Line", bound=BaseModel)
Name = Annotated[str, Field(min_length=1)]
"""A label, type, role or id."""
Uid = Annotated[str, Field(min_length=1, max_length=200)]
"""As long as that of a Document may be."""
_WIDEST = 1_000_000
"""Blanks between two tokens; more would be a mistake, or meant to fill the memory."""


def read_lines(path: Path, shape: type[Line]) -> Iterator[tuple[str, Line | InputError]]:
    """The place of every line, with the line in its `shape` or what is wrong with it.

    Raises InputError where the file cannot be read.
    """
    try:
        with path.open("rb") as stream:
            for number, raw in enumerate(stream, 1):
                if raw.strip():
                    where = f"{path}:{number}"
                    yield where, _shaped(raw, shape, where)
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=str(path)) from error


def _shaped(raw: bytes, shape: type[Line], where: str) -> Line | InputError:
    try:
        return shape.model_validate_json(raw, strict=True)
    except ValidationError as error:
        said = (
            ": ".join(part for part in (".".join(map(str, e["loc"])), e["msg"]) if part)
            for e in error.errors(include_url=False, include_context=False)
        )
        hint = "only files that curation wrote have offsets"
        return InputError(few(said), where=where, hint=hint)


class Places:
    """Where the tokens of a document stand in its text.

    Raises InputError for a document that is unknown, OffsetMismatch where a token is not there.
    """

    def __init__(
        self,
        documents: Mapping[str, Document],
        uid: str,
        sentences: Sequence[Sequence[str]],
        offsets: Sequence[Sequence[int]],
        where: str,
    ) -> None:
        self.where = where
        if uid not in documents:
            raise InputError(
                f"document {uid!r} is unknown", where=where, hint="give its text as well"
            )
        self.document = documents[uid]
        self._starts = list(chain.from_iterable(offsets))
        self._ends = [s + len(w) for s, w in zip(self._starts, _words(sentences), strict=False)]
        self._hold(sentences, offsets)

    def _hold(self, sentences: Sequence[Sequence[str]], offsets: Sequence[Sequence[int]]) -> None:
        if [len(s) for s in sentences] != [len(s) for s in offsets]:
            raise InputError("not one offset for every token", where=self.where)
        text = self.document.text
        for word, start, end in zip(_words(sentences), self._starts, self._ends, strict=True):
            if start < 0 or not word or text[start:end] != word:
                raise OffsetMismatch(
                    f"at {start} the text has {shown(text[max(start, 0) : end])}, not "
                    f"{shown(word)}",
                    where=self.where,
                    hint="the file was made from another version of the document",
                )

    def span(self, first: int, last: int) -> TextSpan:
        """From the first character of one token to the last of another; InputError for neither."""
        if not 0 <= first <= last < len(self._starts):
            raise InputError(f"tokens {first} to {last} are not there", where=self.where)
        return TextSpan(start=self._starts[first], end=self._ends[last])


@dataclass(frozen=True, slots=True)
class Origin:
    """Whose annotations these are; the first of the values counts, as every sentence has them."""

    annotator: Sequence[str]
    kind: Sequence[str]
    has_events: bool


def restored(
    places: Places, origin: Origin, entities: Iterable[Entity], events: Iterable[Event]
) -> Record:
    """The record made of what was read; InputError with all that is wrong with it."""
    document = places.document
    fields = {
        "uid": document.uid,
        "annotator": next(iter(origin.annotator), ""),
        "kind": next(iter(origin.kind), "person"),
        "entities": tuple(entities),
        "events": tuple(events),
    }
    of = f"document {document.uid!r}"
    annotations = validated(AnnotationSet, fields, places.where, of=of)
    return Record(document=document, annotations=annotations, has_events=origin.has_events)


def spaced(
    found: Iterable[tuple[str, Sequence[Sequence[str]], Sequence[Sequence[int]]]],
) -> dict[str, Document]:
    """By uid a Document with the tokens at their offsets, and blanks between them.

    Tokens of one uid may come in several portions, in text order.
    """
    texts: dict[str, list[str]] = {}
    sizes: dict[str, int] = {}
    for uid, sentences, offsets in found:
        parts = texts.setdefault(uid, [])
        for word, start in zip(_words(sentences), chain.from_iterable(offsets), strict=False):
            gap = start - sizes.get(uid, 0)
            if 0 <= gap <= _WIDEST:
                parts += [" " * gap, word]
                sizes[uid] = start + len(word)
    return {uid: Document(uid=uid, language="und", text="".join(p)) for uid, p in texts.items()}


def _words(sentences: Sequence[Sequence[str]]) -> Iterator[str]:
    return chain.from_iterable(sentences)
