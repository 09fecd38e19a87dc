"""DyGIE++ JSON: one document per line, tokens in sentences, token indices of the whole document.

    {"doc_key": …, "dataset": "curation",
     "sentences": [["Fico", "met", "Putin", "."], …],
     "ner":       [[[0, 0, "PER"], [2, 2, "PER"]], …],           both indices inclusive
     "events":    [[[[1, "CONSULT"], [0, 0, "Actor"]]], …],      trigger token and type, arguments
     "_offsets":  [[0, 5, 9, 14], …], "_uid": […], "_annotator": […], "_kind": […]}

A line without "ner" is a document that nobody has seen, one without "events" says nothing of them.
Keys with an underscore are metadata to DyGIE++, one value per sentence: where each token begins in
the text (code points), and whose annotations these are. A document without tokens, on which DyGIE++
stops, is left out. The layout follows doc/data.md of github.com/dwadden/dygiepp.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, TypeAlias

from pydantic import BaseModel, Field

from curation.errors import InputError
from curation.formats.alignment import AlignedItem, AlignmentPolicy
from curation.formats.losses import Loss, LossCertificate
from curation.formats.sentences import Block, Sentence, left_out, split, write_blocks
from curation.formats.token_lines import Name, Origin, Places, Uid, read_lines, restored, spaced
from curation.model import AnnotatorKind, Argument, Document, Entity, Event, Record

__all__ = ["dygie_texts", "read_dygie", "write_dygie"]

DATASET = "curation"
"""DyGIE++ keeps the labels of every dataset apart, so all parts of a release have one name."""


def write_dygie(
    records: Iterable[Record], destination: Path, policy: AlignmentPolicy
) -> LossCertificate:
    """Writes the file and says what it does not carry.

    Raises InputError under the policy "strict" where a span is not on token borders or a trigger
    has several tokens.
    """
    return write_blocks("dygie", records, destination, policy, _block)


def _block(record: Record, key: str, policy: AlignmentPolicy) -> Block:
    sentences, losses = split(record, policy, one_token_triggers=True)
    if not sentences:
        return left_out(record, "no_tokens", "DyGIE++ has no documents without sentences")
    data: dict[str, Any] = {"doc_key": key, "dataset": DATASET}
    data["sentences"] = [s.words for s in sentences]
    annotations = record.annotations
    spans = 0
    if annotations is not None:
        data["ner"] = [[_ner(e) for e in s.entities] for s in sentences]
        if record.has_events or annotations.events:
            data["events"] = [[_event(e.aligned, e.arguments) for e in s.events] for s in sentences]
        spans = sum(len(s.entities) + len(s.events) for s in sentences)
        losses += _ambiguous(record, sentences)
    line = json.dumps(data | _metadata(record, sentences), ensure_ascii=False)
    return Block((line,), spans, losses)


def _ner(entity: AlignedItem[Entity]) -> list[Any]:
    return [entity.first, entity.last - 1, entity.item.label]


def _event(
    event: AlignedItem[Event], arguments: Iterable[tuple[str, AlignedItem[Entity]]]
) -> list[list[Any]]:
    filled = [[filler.first, filler.last - 1, role] for role, filler in arguments]
    return [[event.first, event.item.type], *filled]


def _metadata(record: Record, sentences: Sequence[Sentence]) -> dict[str, Any]:
    n = len(sentences)
    data: dict[str, Any] = {
        "_offsets": [[place.start for place in s.places] for s in sentences],
        "_uid": [record.document.uid] * n,
    }
    if record.annotations is not None:
        data["_annotator"] = [record.annotations.annotator] * n
        data["_kind"] = [record.annotations.kind] * n
    return data


def _ambiguous(record: Record, sentences: Sequence[Sentence]) -> Iterator[Loss]:
    """Arguments whose tokens are those of an entity before theirs, which a reader takes."""
    for sentence in sentences:
        first: dict[tuple[int, int], str] = {}
        for entity in sentence.entities:
            first.setdefault((entity.first, entity.last), entity.item.id)
        for anchored in sentence.events:
            event = anchored.aligned.item
            for role, filler in anchored.arguments:
                taken = first[filler.first, filler.last]
                if taken != filler.item.id:
                    detail = f"{role}: {filler.item.id} has the tokens of {taken}"
                    uid, annotator = record.document.uid, _annotator(record)
                    yield Loss(uid, annotator, event.id, "argument", event.start, event.end, detail)


def _annotator(record: Record) -> str:
    return "" if record.annotations is None else record.annotations.annotator


# Reading

Part: TypeAlias = tuple[int, Name] | tuple[int, int, Name]
"""One token or two, the first and the last, with a type or role."""


class _Line(BaseModel):
    """A line of the file; keys of other tasks are not looked at."""

    sentences: list[list[str]]
    ner: list[list[tuple[int, int, Name]]] | None = None
    events: list[list[list[Part]]] | None = None
    offsets: list[list[int]] = Field(alias="_offsets")
    uid: list[Uid] = Field(alias="_uid", min_length=1)
    annotator: list[str] = Field(alias="_annotator", default_factory=list)
    kind: list[AnnotatorKind] = Field(alias="_kind", default_factory=list)


def read_dygie(path: Path, documents: Mapping[str, Document]) -> Iterator[Record | InputError]:
    """The records in a file that `write_dygie` made, with the texts of `documents` (by uid).

    What is wrong with a line is given in its place. Raises InputError where the file cannot be
    read.
    """
    for where, line in read_lines(path, _Line):
        try:
            yield line if isinstance(line, InputError) else _record(line, documents, where)
        except InputError as error:
            yield error


def dygie_texts(path: Path) -> dict[str, Document]:
    """For every uid a text that has the tokens at their places, and blanks between them."""
    lines = [line for _, line in read_lines(path, _Line) if isinstance(line, _Line)]
    return spaced((line.uid[0], line.sentences, line.offsets) for line in lines)


def _record(line: _Line, documents: Mapping[str, Document], where: str) -> Record:
    places = Places(documents, line.uid[0], line.sentences, line.offsets, where)
    if line.ner is None:
        return Record(document=places.document, has_events=False)
    entities = [
        Entity(id=f"T{n}", start=span.start, end=span.end, label=label)
        for n, (first, last, label) in enumerate(chain.from_iterable(line.ner), 1)
        for span in [places.span(first, last)]
    ]
    by_place: dict[tuple[int, int], str] = {}
    for entity in entities:
        by_place.setdefault((entity.start, entity.end), entity.id)
    events = [
        _read_event(f"E{n}", parts, places, by_place)
        for n, parts in enumerate(chain.from_iterable(line.events or ()), 1)
    ]
    origin = Origin(line.annotator, line.kind, has_events=line.events is not None)
    return restored(places, origin, entities, events)


def _read_event(
    name: str,
    parts: Sequence[Part],
    places: Places,
    by_place: Mapping[tuple[int, int], str],
) -> Event:
    if not parts:
        raise InputError("an event without a trigger", where=places.where)
    *trigger, event_type = parts[0]
    first, last = trigger[0], trigger[-1]
    arguments = [_read_argument(part, places, by_place) for part in parts[1:]]
    return Event(
        id=name, type=event_type, trigger=places.span(first, last), arguments=tuple(arguments)
    )


def _read_argument(part: Part, places: Places, by_place: Mapping[tuple[int, int], str]) -> Argument:
    *tokens, role = part
    span = places.span(tokens[0], tokens[-1])
    target = by_place.get((span.start, span.end))
    if target is None:
        raise InputError(f"argument {role} is no entity of the document", where=places.where)
    return Argument(role=role, target=target)
