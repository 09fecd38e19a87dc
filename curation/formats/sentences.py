"""Documents as sentences of tokens with the annotations on them: what event formats are made of.

A sentence ends after a final mark, unless the text goes on in lower case, and at a line break,
unless it is a single one before lower case. No border cuts an entity or a trigger: sentences that
one of them spans are one. An argument in another sentence than its trigger has no place; neither
have attributes. Both are listed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from curation.formats.alignment import AlignedItem, AlignmentPolicy, align, hold_strict
from curation.formats.files import write_lines
from curation.formats.losses import Loss, LossCertificate, LossReason, spans_of
from curation.formats.order import streamed
from curation.model import AnnotationSet, Argument, Document, Entity, Event, Record
from curation.spans import Span

__all__ = ["Anchored", "Block", "Sentence", "left_out", "sentence_ranges", "split", "write_blocks"]

_BREAKS = "\n\r\x0b\x0c\x85\u2028\u2029"
_CLOSING = frozenset({*"\"'”’»“)]}›‘", "''"})


@dataclass(frozen=True, slots=True)
class Anchored:
    """An event on its trigger's tokens, with the arguments that are in the same sentence."""

    aligned: AlignedItem[Event]
    arguments: tuple[tuple[str, AlignedItem[Entity]], ...]


@dataclass(frozen=True, slots=True)
class Sentence:
    """Tokens and what is annotated on them. `first`: the index of its first token in the document.

    `places` are code points in the text; indices of items count the tokens of the document.
    """

    first: int
    words: tuple[str, ...]
    places: tuple[Span, ...]
    entities: tuple[AlignedItem[Entity], ...]
    events: tuple[Anchored, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """What a format writes for one record: lines, how many spans are in them, and what is lost."""

    lines: Sequence[str]
    spans: int
    losses: Sequence[Loss]


def write_blocks(
    format_name: str,
    records: Iterable[Record],
    destination: Path,
    policy: AlignmentPolicy,
    block: Callable[[Record, str, AlignmentPolicy], Block],
) -> LossCertificate:
    """Writes the lines of every record's block, whole or not at all, and adds up the losses.

    `block` gets the record and a key for it: the uid, followed by "#" and the annotator where a
    document has several sets. Raises InputError under the policy "strict" where spans do not fit.
    """
    losses: list[Loss] = []
    sums = {"in": 0, "out": 0}

    def lines() -> Iterator[str]:
        for record, key in _keyed(records):
            made = block(record, key, policy)
            losses.extend(made.losses)
            sums["in"] += spans_of(record)
            sums["out"] += made.spans
            yield from made.lines
        hold_strict(policy, losses)

    write_lines(destination, lines())
    return LossCertificate(format_name, sums["in"], sums["out"], tuple(losses))


def _keyed(records: Iterable[Record]) -> Iterator[tuple[Record, str]]:
    for uid, found in groupby(streamed(records), key=lambda record: record.document.uid):
        sets = list(found)
        for record in sets:
            said = record.annotations
            yield record, uid if len(sets) == 1 or said is None else f"{uid}#{said.annotator}"


def left_out(record: Record, reason: LossReason, detail: str) -> Block:
    """A record that the format has no lines for; it has no spans."""
    document, said = record.document, record.annotations
    annotator = "" if said is None else said.annotator
    loss = Loss(document.uid, annotator, "", reason, 0, len(document.text), detail)
    return Block((), 0, (loss,))


def split(
    record: Record, policy: AlignmentPolicy, *, one_token_triggers: bool = False
) -> tuple[list[Sentence], list[Loss]]:
    """The sentences of a record, and what does not fit in them.

    `one_token_triggers`: a trigger of several tokens is one that is not aligned; under the policy
    "expand" its first token stands for it.
    """
    # Reading needs no tokenizer, and spaCy takes seconds to import.
    from curation.formats.tokens import borders, tokenize, word_indices

    document, annotations = record.document, record.annotations
    doc = tokenize(document.text, document.language)
    places = borders(doc, word_indices(doc))
    if annotations is None:
        ranges = sentence_ranges(document.text, places)
        return [_sentence(document, places, r, [], []) for r in ranges], []
    entities, lost = align(annotations.entities, places, annotations, policy)
    events, lost_events = align(annotations.events, places, annotations, policy)
    if one_token_triggers:
        events, lost_events = _narrowed(events, lost_events, annotations, policy)
    whole = [(e.first, e.last) for e in entities] + [(e.first, e.last) for e in events]
    ranges = sentence_ranges(document.text, places, whole)
    anchored, lost_parts = _anchored(events, entities, ranges, annotations)
    sentences = [_sentence(document, places, r, entities, anchored) for r in ranges]
    return sentences, [*lost, *lost_events, *lost_parts]


def _sentence(
    document: Document,
    places: Sequence[Span],
    tokens: range,
    entities: Sequence[AlignedItem[Entity]],
    events: Sequence[Anchored],
) -> Sentence:
    own = places[tokens.start : tokens.stop]
    return Sentence(
        first=tokens.start,
        words=tuple(document.text[place.start : place.end] for place in own),
        places=tuple(own),
        entities=tuple(e for e in entities if e.first in tokens),
        events=tuple(e for e in events if e.aligned.first in tokens),
    )


def _narrowed(
    events: Sequence[AlignedItem[Event]],
    losses: Sequence[Loss],
    annotations: AnnotationSet,
    policy: AlignmentPolicy,
) -> tuple[list[AlignedItem[Event]], list[Loss]]:
    """Events on the first tokens of their triggers; a Loss for each that had several."""
    found, listed = list(losses), {loss.item for loss in losses}
    kept: list[AlignedItem[Event]] = []
    for event in events:
        several = event.last - event.first > 1
        if several and event.item.id not in listed:
            reason: LossReason = "moved" if policy == "expand" else "unaligned"
            detail = f"a trigger of {event.last - event.first} tokens, where the format has one"
            found.append(_loss(event.item, annotations, reason, detail))
        if not several or policy == "expand":
            kept.append(AlignedItem(event.item, event.first, event.first + 1))
    return kept, found


def _anchored(
    events: Sequence[AlignedItem[Event]],
    entities: Sequence[AlignedItem[Entity]],
    ranges: Sequence[range],
    annotations: AnnotationSet,
) -> tuple[list[Anchored], list[Loss]]:
    """The events with their arguments, and a Loss for every argument and attribute left out."""
    fillers = {e.item.id: e for e in entities}
    number = {token: n for n, tokens in enumerate(ranges) for token in tokens}
    found: list[Anchored] = []
    losses: list[Loss] = []
    for aligned in events:
        event = aligned.item
        kept: list[tuple[str, AlignedItem[Entity]]] = []
        for argument in event.arguments:
            filler = fillers.get(argument.target)
            if filler is not None and number[filler.first] == number[aligned.first]:
                kept.append((argument.role, filler))
            else:
                losses.append(_lost_argument(event, argument, annotations, filler))
        found.append(Anchored(aligned, tuple(kept)))
        if event.attributes:
            said = ", ".join(f"{k}={v}" for k, v in sorted(event.attributes.items()))
            losses.append(_loss(event, annotations, "attributes", said))
    return found, losses


def _lost_argument(
    event: Event, argument: Argument, annotations: AnnotationSet, filler: Any
) -> Loss:
    why = "was dropped" if filler is None else "is in another sentence"
    return _loss(event, annotations, "argument", f"{argument.role}: {argument.target} {why}")


def _loss(event: Event, annotations: AnnotationSet, reason: LossReason, detail: str) -> Loss:
    return Loss(
        uid=annotations.uid,
        annotator=annotations.annotator,
        item=event.id,
        reason=reason,
        start=event.start,
        end=event.end,
        detail=detail,
    )


def sentence_ranges(
    text: str, places: Sequence[Span], whole: Iterable[tuple[int, int]] = ()
) -> list[range]:
    """The tokens of every sentence; `whole` are half-open ranges of tokens that no border cuts."""
    held = {token for first, last in whole for token in range(first + 1, last)}
    starts = [i for i in _starts(text, places) if i not in held]
    ends = [*starts[1:], len(places)][: len(starts)]
    return [range(start, end) for start, end in zip(starts, ends, strict=True)]


def _starts(text: str, places: Sequence[Span]) -> Iterator[int]:
    from curation.formats.tokens import final_marks

    marks = final_marks()
    ended = False
    for i, place in enumerate(places):
        word = text[place.start : place.end]
        gap = text[places[i - 1].end : place.start] if i else ""
        closes = ended and not gap and word in _CLOSING
        if not i or _broken(gap, word) or (ended and not closes and not word[0].islower()):
            yield i
        ended = closes or (marks.issuperset(word) and not _initial(text, places, i))


def _broken(gap: str, word: str) -> bool:
    """A line break; one before lower case is only where the line was full."""
    if len(gap) < 2 and gap not in _BREAKS:
        return False
    breaks = sum(gap.replace("\r\n", "\n").count(mark) for mark in _BREAKS)
    return breaks > 1 or (breaks == 1 and not word[0].islower())


def _initial(text: str, places: Sequence[Span], i: int) -> bool:
    """The full stop after a single capital letter, as in a name."""
    before, stop = places[i - 1] if i else Span(0, 0), places[i]
    name = text[before.start : before.end]
    return before.end == stop.start and len(name) == 1 and name.isupper()
