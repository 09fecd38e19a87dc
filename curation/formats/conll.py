"""CoNLL-style files from elsewhere: a token a line, tags in columns, a blank line a sentence.

    # newdoc id = sk-001          or "# id = …", or -DOCSTART- without an id
    # text = Robert Fico.         kept where it has the same tokens; else single blanks between them
    Robert  NNP  B-PER  B-PER
    Fico    NNP  I-PER  O

Columns are divided by tabs, or by blanks where a line has no tab, and counted from 0. Tags may be
BIO (IOB2), IOB1 or BILOU (BIOES): an entity begins at B, U and S, and at any other tag that cannot
go on with what stands before it. "_" in every line of a document: its annotator has not seen it.
Sentences become lines of the text. A document without an id is called by the hash of its text, so
that files of several annotators about the same texts meet.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from curation.errors import InputError
from curation.formats.json_items import validated
from curation.formats.reading import Reading, Unseen
from curation.formats.tagged import TaggedToken, token_places
from curation.messages import shown
from curation.model import AnnotationSet, Document, Entity, Record, text_sha256
from curation.spans import Span

__all__ = ["read_conll"]

_TAG = re.compile(r"O|_|[BILUESM]-.+")
_COMMENT = re.compile(r"#\s*(?:([\w.:]+(?:\s+id)?)\s*=\s*(.*)|newdoc\b.*)")
_IDS = ("newdoc id", "id")
_START = "-DOCSTART-"
_ENDING = frozenset("LEUS")
_BEGINNING = frozenset("BUS")
IRREGULAR = "tags that continue nothing, read as a beginning"


@dataclass
class _Document:
    line: int
    uid: str = ""
    annotator: str = ""
    texts: dict[int, str] = field(default_factory=dict)
    sentences: list[list[tuple[int, list[str]]]] = field(default_factory=lambda: [[]])

    @property
    def tokens(self) -> list[tuple[int, list[str]]]:
        return [token for sentence in self.sentences for token in sentence]


def read_conll(
    text: str,
    columns: Mapping[str, int],
    *,
    where: str,
    annotator: str,
    language: Callable[[str], str],
    documents: Mapping[str, Document],
) -> Iterator[Reading | Unseen | InputError]:
    """What each annotator says about each document; `columns`: annotator -> column of the tags.

    Without `columns` the last one is read, as that of whom "# annotator = …" names, else of
    `annotator`. Documents that are known, by uid, keep their texts; of others `language` tells the
    language. What is wrong with one document is given in its place.
    """
    for found in _documents(text):
        named = columns or {found.annotator or annotator: -1}
        try:
            document, places = _placed(found, where, language, documents)
        except InputError as error:
            yield error
            continue
        for name, column in named.items():
            try:
                yield _reading(found, document, places, name, column, where)
            except InputError as error:
                yield error


def _documents(text: str) -> Iterator[_Document]:
    found = _Document(1)
    for number, raw in enumerate(text.split("\n"), 1):
        line = raw.rstrip("\r")
        if not line.strip():
            if found.sentences[-1]:
                found.sentences.append([])
            continue
        cells = _cells(line)
        comment = None if _TAG.fullmatch(cells[-1]) else _COMMENT.fullmatch(line)
        begins = cells[0] == _START or (comment and _begins(comment))
        if begins and found.tokens:
            yield found
            found = _Document(number)
        if comment:
            _note(found, comment)
        elif cells[0] != _START and not _bare(line, cells):
            found.sentences[-1].append((number, cells))
    if found.tokens:
        yield found


def _cells(line: str) -> list[str]:
    return line.split("\t") if "\t" in line else line.split()


def _bare(line: str, cells: Sequence[str]) -> bool:
    """A comment of another form: no tag at its end."""
    return line.startswith("# ") and "\t" not in line and not _TAG.fullmatch(cells[-1])


def _begins(comment: re.Match[str]) -> bool:
    return comment[1] is None or comment[1] in _IDS


def _note(found: _Document, comment: re.Match[str]) -> None:
    key, value = comment.groups()
    if key in _IDS:
        found.uid = value.strip()
    elif key == "annotator":
        found.annotator = value.strip()
    elif key == "text":
        found.texts[len(found.sentences) - 1] = value


def _placed(
    found: _Document,
    where: str,
    language: Callable[[str], str],
    documents: Mapping[str, Document],
) -> tuple[Document, list[Span]]:
    """The document and where its tokens stand."""
    place = f"{where}:{found.line}"
    tokens = [TaggedToken(cells[0], "", number) for number, cells in found.tokens]
    if any(not token.text or any(map(str.isspace, token.text)) for token in tokens):
        raise InputError("a token with white space, or without text", where=place)
    rebuilt = "\n".join(_sentences(found))
    uid = found.uid or f"text-{text_sha256(rebuilt)[:16]}"
    if len(uid) > 200 or not uid.isprintable():
        raise InputError("the id is too long or not printable", where=place)
    document = documents.get(uid)
    if document is None:
        fields = {"uid": uid, "language": language(rebuilt), "text": rebuilt}
        document = validated(Document, fields, place)
    return document, token_places(tokens, document.text, where)


def _sentences(found: _Document) -> Iterator[str]:
    for number, sentence in enumerate(found.sentences):
        words = [cells[0] for _, cells in sentence]
        given = found.texts.get(number, "").strip()
        if words:
            yield given if "".join(given.split()) == "".join(words) else " ".join(words)


def _reading(
    found: _Document,
    document: Document,
    places: Sequence[Span],
    annotator: str,
    column: int,
    where: str,
) -> Reading | Unseen:
    tags = [[_tag(cells, column, f"{where}:{n}") for n, cells in s] for s in found.sentences]
    flat = [tag for sentence in tags for tag in sentence]
    if set(flat) == {"_"}:
        return Unseen(document.uid, annotator)
    if "_" in flat:
        line = found.tokens[flat.index("_")][0]
        raise InputError(
            f"column {column} has tags and “_” in one document",
            where=f"{where}:{line}",
            hint="“_” in every line says that the annotator has not seen it; no entity is O",
        )
    entities: list[Entity] = []
    irregular = at = 0
    for sentence in tags:
        spans, wrong = _chunks(sentence)
        irregular += wrong
        for first, last, label in spans:
            start, end = places[at + first].start, places[at + last].end
            entities.append(Entity(id=f"T{len(entities) + 1}", start=start, end=end, label=label))
        at += len(sentence)
    mixed = irregular and any(tag[0] in "LUES" or tag[0] == "B" for tag in _after_o(tags))
    fields = {"uid": document.uid, "annotator": annotator, "entities": tuple(entities)}
    said = validated(AnnotationSet, fields, f"{where}:{found.line}")
    record = Record(document=document, annotations=said.sorted(), has_events=False)
    return Reading(record, f"{where}:{found.line}", {IRREGULAR: irregular} if mixed else {})


def _tag(cells: Sequence[str], column: int, where: str) -> str:
    if not -len(cells) < column < len(cells) or column == 0:
        raise InputError(
            f"no column {column} beside the token; the line has {len(cells)}",
            where=where,
            hint="columns are counted from 0, which is the token",
        )
    tag = cells[column]
    if not _TAG.fullmatch(tag):
        raise InputError(
            f"{shown(tag)} in column {column} is no tag",
            where=where,
            hint="O, B-PER, I-PER, U-PER …",
        )
    return tag


def _after_o(tags: Sequence[Sequence[str]]) -> Iterator[str]:
    """Tags that follow nothing: in IOB1 all of them are I, in other schemes none."""
    for sentence in tags:
        for before, tag in zip(("O", *sentence), sentence, strict=False):
            if before == "O" and tag != "O":
                yield tag


def _chunks(tags: Sequence[str]) -> tuple[list[tuple[int, int, str]], int]:
    """(first, last, label) of every entity of a sentence; how many begin with another tag than B.

    The rule of conlleval, with the single and last tokens of BILOU.
    """
    found: list[tuple[int, int, str]] = []
    irregular = 0
    before = "O"
    for index, tag in enumerate(tags):
        if tag != "O":
            goes_on = before != "O" and before[0] not in _ENDING and before[2:] == tag[2:]
            if goes_on and tag[0] not in _BEGINNING:
                found[-1] = (found[-1][0], index, tag[2:])
            else:
                irregular += tag[0] not in _BEGINNING
                found.append((index, index, tag[2:]))
        before = tag
    return found, irregular
