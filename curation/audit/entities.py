"""The choices in entities: the label of each, what is marked at all, and where it ends."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from curation.audit.choices import Choice
from curation.audit.corpus import Reading
from curation.audit.features import around, span_features
from curation.audit.opinions import label_opinions
from curation.audit.words import BREAK, Words, shape, stem
from curation.model import Entity
from curation.spans import Span, overlap

__all__ = ["IN", "OUT", "edge_choices", "label_choices"]

IN, OUT = "inside", "outside"
"""The two values of a word at the edge of an entity."""


def label_choices(corpus: Sequence[Reading]) -> Iterator[Choice]:
    """Which label each entity has."""
    for reading in corpus:
        roles = _roles(reading)
        for entity in reading.annotations.entities:
            hints = dict(_name_hints(reading, entity))
            if entity.id in roles:
                hints["role"] = roles[entity.id]
            yield Choice(
                place=reading.place("entities", entity),
                group=reading.group(entity.start),
                value=entity.label,
                features=span_features(
                    reading.words, reading.words.range_of(entity), reading.language
                ),
                hints=hints,
            )


def _roles(reading: Reading) -> dict[str, str]:
    """The roles that each entity fills, by id."""
    found: dict[str, set[str]] = {}
    for event in reading.annotations.events:
        for argument in event.arguments:
            found.setdefault(argument.target, set()).add(argument.role)
    return {target: ", ".join(sorted(roles)) for target, roles in found.items()}


def _name_hints(reading: Reading, entity: Entity) -> Iterator[tuple[str, str]]:
    words = reading.words
    found = words.range_of(entity)
    lower = [words.at(i) for i in found]
    name = " ".join(lower)
    yield "name", name
    yield "name here", f"{reading.uid}\0{stem(lower)}"
    yield "stem", stem(lower)
    if len(lower) > 1:
        yield "first word", stem(lower[:1])
        yield "last word", stem(lower[-1:])
    yield "last word here", f"{reading.uid}\0{stem(lower[-1:])}"
    yield from label_opinions(reading, "entities", entity)


def edge_choices(corpus: Sequence[Reading]) -> Iterator[Choice]:
    """Whether the words at the two ends of each entity are in it."""
    for reading in corpus:
        taken = {i for e in reading.annotations.entities for i in reading.words.range_of(e)}
        for entity in reading.annotations.entities:
            found = reading.words.range_of(entity)
            ends = [(-1, found.start - 1, OUT), (1, found.stop, OUT)]
            if len(found) > 1:
                ends += [(-1, found.start, IN), (1, found.stop - 1, IN)]
            for side, index, value in ends:
                if reading.words.at(index) != BREAK and (value == IN or index not in taken):
                    yield _edge(reading, entity, side, index, value)


def _edge(reading: Reading, entity: Entity, side: int, index: int, value: str) -> Choice:
    """Of one word at the left (-1) or right (1) end; entity goes on at its other side."""
    words = reading.words
    word, beside, beyond = words.at(index), words.at(index - side), words.at(index + side)
    key = f"{side} {entity.label}"
    features = (
        f"{key} w={word}",
        f"{key} sh={shape(words.written[index])}",
        f"{key} w={word}|{beside}",
        f"{key} b={beside}",
        f"{key} bsh={shape(beside)}",
        f"{key} y={beyond}",
        f"{key} x={word[-3:]} {reading.language}",
        *(f"{key} {f}" for f in around(words, range(index, index + 1), reading.language)),
    )
    hints = {
        "edge": f"{key}\0{word}",
        "edge beside": f"{key}\0{word}\0{beside}",
    }
    if (proposed := _proposed_edge(reading, entity, index)) is not None:
        hints["proposal"] = f"{proposed} {side}"
    moved = _moved(words, entity, side, index, value)
    return Choice(
        place=reading.place("entities", entity, moved),
        group=reading.group(entity.start),
        value=value,
        features=features,
        hints=hints,
    )


def _moved(words: Words, entity: Entity, side: int, index: int, value: str) -> str:
    """The span that the entity would have, were the word on the other side of its edge."""
    if side < 0:
        start = words.starts[index] if value == OUT else words.starts[index + 1]
        return f"{start}-{entity.end}"
    end = words.ends[index] if value == OUT else words.ends[index - 1]
    return f"{entity.start}-{end}"


def _proposed_edge(reading: Reading, entity: Entity, index: int) -> str | None:
    word = Span(reading.words.starts[index], reading.words.ends[index])
    there = reading.proposed["entities"].near(entity)
    if not there:
        return None
    return IN if any(overlap(p, word) for p in there) else OUT
