"""What is marked and what is not: names and triggers that stand unmarked somewhere.

Candidates are what is marked (value MARKED) and, not marked, every place where words stand that
are marked elsewhere, what the pipeline proposes, and runs of words with capitals.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from curation.audit.choices import Choice, Place
from curation.audit.corpus import Reading
from curation.audit.features import span_features
from curation.audit.opinions import items_of, marking_opinions
from curation.audit.words import stem
from curation.model import Entity, Event

__all__ = ["MARKED", "UNMARKED", "labels_of", "marking_choices"]

MARKED, UNMARKED = "marked", "not marked"
Layer = Literal["entities", "triggers"]
Known = Mapping[str, frozenset[tuple[str, ...]]]
_LONGEST = 8


def marking_choices(corpus: Sequence[Reading], layer: Layer) -> Iterator[Choice]:
    """Whether each candidate is marked."""
    known = _known(corpus, layer)
    for reading in corpus:
        items = items_of(reading.annotations, layer)
        for item in items:
            found = reading.words.range_of(item)
            yield _choice(reading, reading.place(layer, item), found, MARKED)
        for found in _unmarked(reading, layer, items, known):
            span = reading.words.span_of(found)
            place = Place(reading.uid, layer, span.start, span.end)
            yield _choice(reading, place, found, UNMARKED)


def labels_of(corpus: Sequence[Reading], layer: Layer) -> Mapping[str, Counter[str]]:
    """How often each name, in lower case, has each label."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for reading in corpus:
        for item in items_of(reading.annotations, layer):
            words = reading.words
            found[" ".join(words.at(i) for i in words.range_of(item))][item.key[2]] += 1
    return found


def _known(corpus: Sequence[Reading], layer: Layer) -> Known:
    """What is marked somewhere, by its first word, as it is written; numbers alone are no name."""
    found: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    for reading in corpus:
        for item in items_of(reading.annotations, layer):
            words = tuple(reading.words.written[i] for i in reading.words.range_of(item))
            if len(words) <= _LONGEST and any(w.isalpha() and len(w) > 1 for w in words):
                found[words[0]].add(words)
    return {first: frozenset(rest) for first, rest in found.items()}


def _unmarked(
    reading: Reading, layer: Layer, items: Sequence[Entity | Event], known: Known
) -> Iterator[range]:
    """Without overlaps: known words first, then proposals, then words with capitals."""
    words = reading.words
    taken = {i for item in items for i in words.range_of(item)}
    for found in _candidates(reading, layer, known):
        if taken.isdisjoint(found):
            taken.update(found)
            yield found


def _candidates(reading: Reading, layer: Layer, known: Known) -> Iterator[range]:
    written = reading.words.written
    for i, word in enumerate(written):
        lengths = [len(w) for w in known.get(word, ()) if tuple(written[i : i + len(w)]) == w]
        if lengths:
            yield range(i, i + max(lengths))
    yield from (reading.words.range_of(p) for p in reading.proposed[layer])
    if layer == "entities":
        yield from _capitals(reading)


def _capitals(reading: Reading) -> Iterator[range]:
    written = reading.words.written
    start = 0
    for i in range(len(written) + 1):
        if i < len(written) and written[i][0].isupper():
            continue
        if i > start and not (i == start + 1 and reading.words.opens(start)):
            yield range(start, i)
        start = i + 1


def _choice(reading: Reading, place: Place, found: range, value: str) -> Choice:
    words = reading.words
    lower = [words.at(i) for i in found]
    hints = {
        "name": f"{reading.language}\0" + " ".join(words.written[i] for i in found),
        "stem": f"{reading.language}\0{stem(lower)}",
        "name here": f"{reading.uid}\0{stem(lower)}",
    }
    hints |= dict(marking_opinions(reading, place.layer, words.span_of(found)))
    return Choice(
        place=place,
        group=reading.group(place.start),
        value=value,
        features=span_features(words, found, reading.language),
        hints=hints,
    )
