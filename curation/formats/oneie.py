"""OneIE JSON: one sentence per line, token indices of the sentence, ends exclusive.

    {"doc_id": …, "sent_id": "…-0", "sentence": "Fico met Putin .", "tokens": ["Fico", "met", …],
     "entity_mentions": [{"id": "…-0-E0", "start": 0, "end": 1, "entity_type": "PER",
                          "mention_type": "UNK", "text": "Fico"}, …],
     "relation_mentions": [],
     "event_mentions": [{"id": "…-0-EV0", "event_type": "CONSULT",
                         "trigger": {"start": 1, "end": 2, "text": "met"},
                         "arguments": [{"entity_id": "…-0-E0", "role": "Actor", "text": "Fico"}]}],
     "curation": {"uid": …, "annotator": …, "kind": …, "has_events": …, "offsets": [0, 5, …]}}

"pieces" and "token_lens", which training needs too, are those of the user's encoder and are added
with its tokenizer. "curation" says whose annotations these are and where each token begins in the
text (code points); OneIE does not look at it. The layout is that of blender.cs.illinois.edu's
OneIE 0.4, as its preprocessing/process_dygiepp.py writes it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from curation.errors import InputError
from curation.formats.alignment import AlignedItem, AlignmentPolicy
from curation.formats.losses import LossCertificate
from curation.formats.sentences import (
    Anchored,
    Block,
    Sentence,
    left_out,
    split,
    write_blocks,
)
from curation.formats.token_lines import Name, Origin, Places, Uid, read_lines, restored, spaced
from curation.model import AnnotatorKind, Argument, Document, Entity, Event, Record, TextSpan

__all__ = ["oneie_texts", "read_oneie", "write_oneie"]

MENTION_TYPE = "UNK"
"""Where ACE says name, nominal or pronoun; OneIE's own converter writes the same."""


def write_oneie(
    records: Iterable[Record], destination: Path, policy: AlignmentPolicy
) -> LossCertificate:
    """Writes the file and says what it does not carry.

    Raises InputError under the policy "strict" where a span is not on token borders.
    """
    return write_blocks("oneie", records, destination, policy, _block)


def _block(record: Record, key: str, policy: AlignmentPolicy) -> Block:
    if record.annotations is None:
        return left_out(record, "unseen", "nobody has annotated the document")
    sentences, losses = split(record, policy)
    if not sentences:
        return left_out(record, "no_tokens", "OneIE has no documents without sentences")
    origin = {
        "uid": record.document.uid,
        "annotator": record.annotations.annotator,
        "kind": record.annotations.kind,
        "has_events": record.has_events or bool(record.annotations.events),
    }
    lines = [
        json.dumps(_line(sentence, key, number, origin), ensure_ascii=False)
        for number, sentence in enumerate(sentences)
    ]
    return Block(lines, sum(len(s.entities) + len(s.events) for s in sentences), losses)


def _line(sentence: Sentence, key: str, number: int, origin: Mapping[str, Any]) -> dict[str, Any]:
    sent_id = f"{key}-{number}"
    ids = {e.item.id: f"{sent_id}-E{n}" for n, e in enumerate(sentence.entities)}
    return {
        "doc_id": key,
        "sent_id": sent_id,
        "sentence": " ".join(sentence.words),
        "tokens": sentence.words,
        "entity_mentions": [_entity(e, sentence, ids) for e in sentence.entities],
        "relation_mentions": [],
        "event_mentions": [
            _event(e, sentence, ids, f"{sent_id}-EV{n}") for n, e in enumerate(sentence.events)
        ],
        "curation": {**origin, "offsets": [place.start for place in sentence.places]},
    }


def _entity(
    entity: AlignedItem[Entity], sentence: Sentence, ids: Mapping[str, str]
) -> dict[str, Any]:
    return {
        "id": ids[entity.item.id],
        **_tokens(entity, sentence),
        "entity_type": entity.item.label,
        "mention_type": MENTION_TYPE,
        "text": _text(entity, sentence),
    }


def _event(
    anchored: Anchored, sentence: Sentence, ids: Mapping[str, str], name: str
) -> dict[str, Any]:
    trigger = anchored.aligned
    return {
        "id": name,
        "event_type": trigger.item.type,
        "trigger": {**_tokens(trigger, sentence), "text": _text(trigger, sentence)},
        "arguments": [
            {"entity_id": ids[filler.item.id], "role": role, "text": _text(filler, sentence)}
            for role, filler in anchored.arguments
        ],
    }


def _tokens(item: AlignedItem[Any], sentence: Sentence) -> dict[str, int]:
    return {"start": item.first - sentence.first, "end": item.last - sentence.first}


def _text(item: AlignedItem[Any], sentence: Sentence) -> str:
    return " ".join(sentence.words[item.first - sentence.first : item.last - sentence.first])


# Reading


class _Tokens(BaseModel):
    start: int
    end: int


class _Mention(_Tokens):
    id: Name
    entity_type: Name


class _Filler(BaseModel):
    entity_id: str
    role: Name


class _Found(BaseModel):
    event_type: Name
    trigger: _Tokens
    arguments: list[_Filler]


class _Set(BaseModel):
    uid: Uid
    annotator: Name
    kind: AnnotatorKind
    has_events: bool
    offsets: list[int]


class _Line(BaseModel):
    """A sentence; what is not read back is not looked at."""

    tokens: list[str]
    entity_mentions: list[_Mention]
    event_mentions: list[_Found]
    curation: _Set


def read_oneie(path: Path, documents: Mapping[str, Document]) -> Iterator[Record | InputError]:
    """The records in a file that `write_oneie` made, with the texts of `documents` (by uid).

    What is wrong with a document is given in its place. Raises InputError where the file cannot be
    read.
    """
    for key, group in groupby(read_lines(path, _Line), key=lambda found: _set(found[1])):
        found = list(group)
        if key is None:
            yield from (line for _, line in found if isinstance(line, InputError))
            continue
        lines = [line for _, line in found if isinstance(line, _Line)]
        try:
            yield _record(lines, documents, found[0][0])
        except InputError as error:
            yield error


def _set(line: _Line | InputError) -> tuple[str, str] | None:
    return (line.curation.uid, line.curation.annotator) if isinstance(line, _Line) else None


def oneie_texts(path: Path) -> dict[str, Document]:
    """For every uid a text that has the tokens at their places, and blanks between them."""
    lines = [line for _, line in read_lines(path, _Line) if isinstance(line, _Line)]
    return spaced((line.curation.uid, [line.tokens], [line.curation.offsets]) for line in lines)


def _record(lines: Sequence[_Line], documents: Mapping[str, Document], where: str) -> Record:
    origin = lines[0].curation
    offsets = [line.curation.offsets for line in lines]
    places = Places(documents, origin.uid, [line.tokens for line in lines], offsets, where)
    entities: list[Entity] = []
    events: list[Event] = []
    names: dict[str, str] = {}
    first = 0
    for line in lines:
        for mention in line.entity_mentions:
            name = f"T{len(entities) + 1}"
            span = _span(mention, line, first, places)
            names[mention.id] = name
            entities.append(
                Entity(id=name, start=span.start, end=span.end, label=mention.entity_type)
            )
        for found in line.event_mentions:
            trigger = _span(found.trigger, line, first, places)
            events.append(_read_event(found, f"E{len(events) + 1}", trigger, names, places))
        first += len(line.tokens)
    said = Origin([origin.annotator], [origin.kind], has_events=origin.has_events)
    return restored(places, said, entities, events)


def _span(tokens: _Tokens, line: _Line, first: int, places: Places) -> TextSpan:
    if not 0 <= tokens.start < tokens.end <= len(line.tokens):
        raise InputError(
            f"tokens {tokens.start} to {tokens.end} are not in the sentence", where=places.where
        )
    return places.span(first + tokens.start, first + tokens.end - 1)


def _read_event(
    found: _Found, name: str, trigger: TextSpan, names: Mapping[str, str], places: Places
) -> Event:
    unknown = [a.entity_id for a in found.arguments if a.entity_id not in names]
    if unknown:
        raise InputError(f"{unknown[0]!r} is no entity of the document", where=places.where)
    arguments = [Argument(role=a.role, target=names[a.entity_id]) for a in found.arguments]
    return Event(id=name, type=found.event_type, trigger=trigger, arguments=tuple(arguments))
