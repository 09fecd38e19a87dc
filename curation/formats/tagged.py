"""Reading files of tokens with tags: documents, sentences and tokens, not yet their offsets."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from curation.errors import InputError, OffsetMismatch
from curation.formats.tags import Scheme, is_tag, unfinished, wrong_after
from curation.messages import shown
from curation.spans import Span

__all__ = [
    "IOB2",
    "LAYOUTS",
    "Layout",
    "TaggedDocument",
    "TaggedToken",
    "parse_iob2",
    "token_places",
]

_COMMENT = re.compile(r"# (id|newdoc id|annotator|kind|language|text) = (.*)")
_BEGINS = ("# id = ", "# newdoc id = ")
UNKNOWN_LANGUAGE = "und"


@dataclass(frozen=True, slots=True)
class Layout:
    """One of the formats: its tags, and whether sentences bring their texts along."""

    name: str
    scheme: Scheme
    texts: bool = False


LAYOUTS: Mapping[str, Layout] = MappingProxyType(
    {
        layout.name: layout
        for layout in (
            Layout("iob2", "iob2"),
            Layout("bilou", "bilou"),
            Layout("conll", "iob2", True),
        )
    }
)
"""The formats by name."""
IOB2 = LAYOUTS["iob2"]


@dataclass(frozen=True, slots=True)
class TaggedToken:
    """One line: `line` is its number in the file."""

    text: str
    tag: str
    line: int


@dataclass(frozen=True, slots=True)
class TaggedDocument:
    """The sentences under one "# id" comment; `texts` are those of sentences, where they came."""

    uid: str
    annotator: str
    kind: str
    sentences: tuple[tuple[TaggedToken, ...], ...]
    language: str = UNKNOWN_LANGUAGE
    texts: tuple[str, ...] = ()

    @property
    def tokens(self) -> list[TaggedToken]:
        """The tokens of all sentences."""
        return [token for sentence in self.sentences for token in sentence]


def parse_iob2(lines: Iterable[str], where: str, layout: Layout = IOB2) -> Iterator[TaggedDocument]:
    """The documents of a file, token by token.

    Raises InputError at a line that is neither a comment nor a token with a tag, at a tag that
    cannot follow the one before, and at tokens without an "# id" comment before them.
    """
    for block in _blocks(lines):
        yield _tagged(block, where, layout.scheme)


def _blocks(lines: Iterable[str]) -> Iterator[list[tuple[int, str]]]:
    block: list[tuple[int, str]] = []
    for number, raw in enumerate(lines, 1):
        line = raw.rstrip("\r\n")
        if line.startswith(_BEGINS) and "\t" not in line and block:
            yield block
            block = []
        if line or block:
            block.append((number, line))
    if block:
        yield block


def _tagged(block: Sequence[tuple[int, str]], where: str, scheme: Scheme) -> TaggedDocument:
    header: dict[str, str] = {}
    texts: list[str] = []
    sentences: list[list[TaggedToken]] = [[]]
    for number, line in block:
        if not line:
            sentences.append([])
        elif line.startswith("# ") and "\t" not in line:
            key, value = _comment(line, f"{where}:{number}")
            header[key] = value
            texts += [value] if key == "text" else []
        else:
            token = _token(line, number, sentences[-1], f"{where}:{number}", scheme)
            sentences[-1].append(token)
    _hold_ended(sentences, where, scheme)
    uid = header.get("id") or header.get("newdoc id")
    if not uid:
        raise InputError(
            'tokens without a comment "# id = …" before them', where=f"{where}:{block[0][0]}"
        )
    return TaggedDocument(
        uid=uid,
        annotator=header.get("annotator", ""),
        kind=header.get("kind", "person"),
        sentences=tuple(tuple(sentence) for sentence in sentences if sentence),
        language=header.get("language", UNKNOWN_LANGUAGE),
        texts=tuple(texts),
    )


def _hold_ended(sentences: Sequence[Sequence[TaggedToken]], where: str, scheme: Scheme) -> None:
    for sentence in sentences:
        if sentence and unfinished(sentence[-1].tag, scheme):
            last = sentence[-1]
            raise InputError(f"{last.tag} is not ended by L-", where=f"{where}:{last.line}")


def _comment(line: str, where: str) -> tuple[str, str]:
    """Key and value of a comment; of one that says nothing to us, twice nothing."""
    match = _COMMENT.fullmatch(line)
    if match is None:
        return "", ""
    key, value = match.groups()
    try:
        return key, str(json.loads(value)) if value.startswith('"') else value
    except (ValueError, RecursionError) as error:
        raise InputError(f"the {key} is quoted, and not valid JSON", where=where) from error


def _token(
    line: str, number: int, before: Sequence[TaggedToken], where: str, scheme: Scheme
) -> TaggedToken:
    text, _, tag = line.partition("\t")
    if not text or not is_tag(tag, scheme):
        known = "O, B-…, I-…" if scheme == "iob2" else "O, B-…, I-…, L-…, U-…"
        raise InputError(
            f"{shown(line)} is not a token, a tab and a tag", where=where, hint=f"tags: {known}"
        )
    if wrong := wrong_after(before[-1].tag if before else "O", tag, scheme):
        raise InputError(wrong, where=where, hint="an entity begins with B-")
    return TaggedToken(text, tag, number)


def token_places(tokens: Sequence[TaggedToken], text: str, where: str) -> list[Span]:
    """Where the tokens stand, one after the other with only whitespace between them.

    Raises OffsetMismatch at the first token that is not there, and where text is left over.
    """
    places: list[Span] = []
    at = 0
    for token in tokens:
        start = next((i for i in range(at, len(text)) if not text[i].isspace()), len(text))
        at = start + len(token.text)
        if text[start:at] != token.text:
            raise OffsetMismatch(
                f"the text goes on with {shown(text[start:at])}, not {shown(token.text)}",
                where=f"{where}:{token.line}",
                hint="the file was made from another version of the document",
            )
        places.append(Span(start, at))
    if text[at:].strip():
        raise OffsetMismatch(f"the tokens end at {at} of {len(text)} characters", where=where)
    return places
