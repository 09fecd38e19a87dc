"""IOB2: one token and tag per line, for sequence taggers; flat entities and nothing else.

    # id = sk-001
    # annotator = anna
    Robert<TAB>B-PER
    Fico<TAB>I-PER

A blank line ends a sentence; sentences end at the line breaks of the text, except inside an entity.
A comment has no tab, so a token "#" is not taken for one. Values in comments are quoted as in JSON
where they hold control characters. Whitespace is no token: with the text at hand, `read_iob2` finds
the offsets again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from curation.errors import InputError, OffsetMismatch
from curation.formats.alignment import AlignedItem, AlignmentPolicy, align, flatten, hold_strict
from curation.formats.json_items import validated
from curation.formats.losses import Loss, LossCertificate, count_spans
from curation.formats.order import canonical, place
from curation.messages import shown
from curation.model import AnnotationSet, Document, Entity, Event, Record
from curation.spans import Span

__all__ = [
    "TaggedDocument",
    "TaggedToken",
    "parse_iob2",
    "read_iob2",
    "records_to_iob2",
    "token_places",
]

_COMMENT = re.compile(r"# (id|annotator|kind) = (.*)")
_TAG = re.compile(r"O|[BI]-.+")


@dataclass(frozen=True, slots=True)
class TaggedToken:
    """One line: `line` is its number in the file."""

    text: str
    tag: str
    line: int


@dataclass(frozen=True, slots=True)
class TaggedDocument:
    """The sentences under one "# id" comment."""

    uid: str
    annotator: str
    kind: str
    sentences: tuple[tuple[TaggedToken, ...], ...]


def records_to_iob2(
    records: Iterable[Record], *, policy: AlignmentPolicy = "expand"
) -> tuple[str, LossCertificate]:
    """The text of an IOB2 file, and what it does not carry.

    Raises InputError under the policy "strict" where an entity is not on token borders or overlaps
    another, and under any policy for a label that holds a tab or a line break.
    """
    ordered = canonical(records)
    losses: list[Loss] = []
    blocks: list[str] = []
    spans_out = 0
    for record in ordered:
        if record.annotations is None:
            losses.append(_unseen(record.document))
            continue
        block, lost, written = _block(record.document, record.annotations, policy)
        blocks.append(block)
        losses += lost
        spans_out += written
    hold_strict(policy, losses)
    certificate = LossCertificate("iob2", count_spans(ordered), spans_out, tuple(losses))
    return "".join(blocks), certificate


def _unseen(document: Document) -> Loss:
    size = len(document.text)
    return Loss(document.uid, "", "", "unseen", 0, size, "nobody has annotated the document")


def _block(
    document: Document, annotations: AnnotationSet, policy: AlignmentPolicy
) -> tuple[str, list[Loss], int]:
    # Reading needs no tokenizer, and spaCy takes seconds to import.
    from curation.formats.tokens import borders, tokenize, word_indices

    doc = tokenize(document.text, document.language)
    places = borders(doc, word_indices(doc))
    aligned, lost = align(annotations.entities, places, annotations, policy)
    flat, covered = flatten(aligned, annotations, dropped=True)
    tags = _tags(len(places), flat, document.uid)
    lines = _comments(annotations)
    for index, (span, tag) in enumerate(zip(places, tags, strict=True)):
        gap = document.text[places[index - 1].end : span.start] if index else ""
        if not tag.startswith("I-") and _breaks(gap):
            lines.append("")
        lines.append(f"{document.text[span.start : span.end]}\t{tag}")
    events = [_not_carried(event, annotations) for event in annotations.events]
    return "\n".join([*lines, "", ""]), [*lost, *covered, *events], len(flat)


def _breaks(gap: str) -> bool:
    return any(character in gap for character in "\n\r\x0b\x0c\x85\u2028\u2029")


def _tags(size: int, flat: Sequence[AlignedItem[Entity]], uid: str) -> list[str]:
    tags = ["O"] * size
    for aligned in flat:
        label = aligned.item.label
        if "\t" in label or len(label.splitlines()) != 1:
            raise InputError(
                f"{aligned.item.id}: label {label!r} cannot stand in a column",
                where=place(uid),
                hint="rename the label",
            )
        tags[aligned.first : aligned.last] = [f"I-{label}"] * (aligned.last - aligned.first)
        tags[aligned.first] = f"B-{label}"
    return tags


def _comments(annotations: AnnotationSet) -> list[str]:
    lines = [
        f"# id = {_quoted(annotations.uid)}",
        f"# annotator = {_quoted(annotations.annotator)}",
    ]
    return lines if annotations.kind == "person" else [*lines, f"# kind = {annotations.kind}"]


def _quoted(value: str) -> str:
    plain = value.isprintable() and value == value.strip() and not value.startswith('"')
    return value if plain else json.dumps(value)


def _not_carried(event: Event, annotations: AnnotationSet) -> Loss:
    return Loss(
        uid=annotations.uid,
        annotator=annotations.annotator,
        item=event.id,
        reason="not_carried",
        start=event.start,
        end=event.end,
        detail=f"event with {len(event.arguments)} arguments "
        f"and {len(event.attributes)} attributes",
    )


def parse_iob2(lines: Iterable[str], where: str) -> Iterator[TaggedDocument]:
    """The documents of an IOB2 file, token by token.

    Raises InputError at a line that is neither a comment nor a token with a tag, at an "I-" tag
    that continues nothing, and at tokens without an "# id" comment before them.
    """
    for block in _blocks(lines):
        yield _tagged(block, where)


def _blocks(lines: Iterable[str]) -> Iterator[list[tuple[int, str]]]:
    block: list[tuple[int, str]] = []
    for number, raw in enumerate(lines, 1):
        line = raw.rstrip("\r\n")
        if line.startswith("# id = ") and block:
            yield block
            block = []
        if line or block:
            block.append((number, line))
    if block:
        yield block


def _tagged(block: Sequence[tuple[int, str]], where: str) -> TaggedDocument:
    header: dict[str, str] = {}
    sentences: list[list[TaggedToken]] = [[]]
    for number, line in block:
        if not line:
            sentences.append([])
        elif line.startswith("# ") and "\t" not in line:
            header |= _comment(line, f"{where}:{number}")
        else:
            sentences[-1].append(_token(line, number, sentences[-1], f"{where}:{number}"))
    if not header.get("id"):
        raise InputError(
            'tokens without a comment "# id = …" before them', where=f"{where}:{block[0][0]}"
        )
    return TaggedDocument(
        uid=header["id"],
        annotator=header.get("annotator", ""),
        kind=header.get("kind", "person"),
        sentences=tuple(tuple(sentence) for sentence in sentences if sentence),
    )


def _comment(line: str, where: str) -> dict[str, str]:
    match = _COMMENT.fullmatch(line)
    if match is None:
        return {}
    key, value = match.groups()
    try:
        return {key: str(json.loads(value)) if value.startswith('"') else value}
    except ValueError as error:
        raise InputError(f"the {key} is quoted, and not valid JSON", where=where) from error


def _token(line: str, number: int, before: Sequence[TaggedToken], where: str) -> TaggedToken:
    text, _, tag = line.partition("\t")
    if not text or not _TAG.fullmatch(tag):
        raise InputError(
            f"{shown(line)} is not a token, a tab and a tag", where=where, hint="tags: O, B-…, I-…"
        )
    last = before[-1].tag if before else "O"
    if tag.startswith("I-") and last[2:] != tag[2:]:
        raise InputError(f"{tag} continues nothing", where=where, hint="an entity begins with B-")
    return TaggedToken(text, tag, number)


def read_iob2(
    lines: Iterable[str], documents: Mapping[str, Document], where: str
) -> Iterator[Record | InputError]:
    """The records in an IOB2 file, with offsets found in the texts of `documents` (by uid).

    What is wrong with one document is given in its place, so that all of it can be reported.
    Raises InputError, as `parse_iob2` does, where the file itself cannot be read.
    """
    for tagged in parse_iob2(lines, where):
        try:
            yield _record(tagged, documents, where)
        except InputError as error:
            yield error


def _record(tagged: TaggedDocument, documents: Mapping[str, Document], where: str) -> Record:
    document = documents.get(tagged.uid)
    if document is None:
        raise InputError(
            f"document {tagged.uid!r} is unknown", where=where, hint="give its text as well"
        )
    fields = {
        "uid": tagged.uid,
        "annotator": tagged.annotator,
        "kind": tagged.kind,
        "entities": tuple(_entities(tagged, document.text, where)),
    }
    annotations = validated(AnnotationSet, fields, where, of=f"document {tagged.uid!r}")
    return Record(document=document, annotations=annotations, has_events=False)


def _entities(tagged: TaggedDocument, text: str, where: str) -> Iterator[Entity]:
    tokens = [token for sentence in tagged.sentences for token in sentence]
    places = token_places(tokens, text, where)
    starts = [i for i, token in enumerate(tokens) if token.tag.startswith("B-")]
    for number, first in enumerate(starts, 1):
        last = first
        while last + 1 < len(tokens) and tokens[last + 1].tag.startswith("I-"):
            last += 1
        yield Entity(
            id=f"T{number}",
            start=places[first].start,
            end=places[last].end,
            label=tokens[first].tag[2:],
        )


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
