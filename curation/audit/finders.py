"""Doubts about choices as Findings, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from curation.audit.choices import Doubt, Evidence
from curation.audit.corpus import Reading
from curation.audit.doubts import CONTEXT, doubts
from curation.audit.entities import IN, OUT, edge_choices, label_choices
from curation.audit.events import attribute_choices, role_choices, type_choices
from curation.audit.findings import Finding, at
from curation.audit.marking import MARKED, UNMARKED, Layer, labels_of, marking_choices
from curation.audit.opinions import VOTES, proposed

__all__ = ["attributes", "boundaries", "labels", "marks", "roles", "types"]

LEAST = 0.02
"""What is less probable than this is no finding."""
_TASTE = 0.5
"""Of attributes that would usually be another one, and of words that usually are an event, so many
are errors: tense and modality, and what is an event at all, can often be seen in two ways."""
_TELLING = 0.3
_REASONS = 3

_ABOUT = {
    "name": "the same words",
    "name here": "the same words in this document",
    "stem": "the same words, inflected alike or otherwise",
    "beginning": "words that begin alike",
    "first word": "names with the same first word",
    "last word": "names with the same last word",
    "last word here": "names with the same last word in this document",
    "role": "what fills the same roles",
    "roles": "events with the same roles",
    "filler": "such fillers of such events",
    "preposition": "such fillers behind the same word",
    "trigger": "such fillers of the same trigger",
    "label": "fillers of this label",
    "type": "events of this type",
    "edge": "the same word at this end",
    "edge beside": "the same two words at this end",
}

_MEANT = {MARKED: "marking it", UNMARKED: "no mark", IN: "another end", OUT: "another end"}


def labels(corpus: Sequence[Reading], *, seed: int = 0) -> Iterator[Finding]:
    """Entities whose label like names and contexts do not have."""
    yield from _valued(corpus, "label", doubts([*label_choices(corpus)], least=LEAST, seed=seed))


def types(corpus: Sequence[Reading], *, seed: int = 0) -> Iterator[Finding]:
    """Events whose type like triggers do not have."""
    yield from _valued(corpus, "type", doubts([*type_choices(corpus)], least=LEAST, seed=seed))


def roles(corpus: Sequence[Reading], *, seed: int = 0) -> Iterator[Finding]:
    """Arguments whose role like arguments do not have."""
    yield from _valued(corpus, "role", doubts([*role_choices(corpus)], least=LEAST, seed=seed))


def attributes(corpus: Sequence[Reading], *, seed: int = 0) -> Iterator[Finding]:
    """Events with an attribute that like events do not have."""
    names = {n for r in corpus for e in r.annotations.events for n in e.attributes}
    for name in sorted(names):
        choices = [*attribute_choices(corpus, name)]
        found = doubts(choices, least=LEAST / _TASTE, slips="to the usual", seed=seed)
        yield from _valued(corpus, "attribute", found, sure=_TASTE)


def _valued(
    corpus: Sequence[Reading], kind: str, found: Sequence[Doubt], *, sure: float = 1.0
) -> Iterator[Finding]:
    """Another value is suggested."""
    by_uid = _by_place(corpus)
    for doubt in found:
        place, now = doubt.choice.place, doubt.choice.value
        yield at(
            by_uid[place.uid],
            place,
            kind,
            now=now,
            suggested=doubt.other,
            score=sure * doubt.probability,
            reasons=_reasons(doubt),
        )


def marks(corpus: Sequence[Reading], layer: Layer, *, seed: int = 0) -> Iterator[Finding]:
    """What stands unmarked and is marked elsewhere, and the other way round."""
    by_uid = _by_place(corpus)
    known = labels_of(corpus, layer)
    sure = 1.0 if layer == "entities" else _TASTE
    for doubt in doubts([*marking_choices(corpus, layer)], least=LEAST / sure, seed=seed):
        place = doubt.choice.place
        reading = by_uid[place.uid]
        marked = doubt.choice.value == MARKED
        suggested = None if marked else _label(reading, layer, doubt, known)
        if not marked and suggested is None:
            continue
        yield at(
            reading,
            place,
            "spurious" if marked else "missed",
            now=reading.values[place.item] if place.item else None,
            suggested=suggested,
            score=sure * doubt.probability,
            reasons=_reasons(doubt),
        )


def _label(
    reading: Reading, layer: Layer, doubt: Doubt, known: Mapping[str, Mapping[str, int]]
) -> str | None:
    """The usual label of the words, else the proposed one; None where nothing tells."""
    place = doubt.choice.place
    words = reading.words
    name = " ".join(words.at(i) for i in words.range_of(place))
    if name in known:
        return max(sorted(known[name]), key=lambda label: known[name][label])
    return next((p.key[2] for p in reading.proposed[layer].near(place)), None)


def boundaries(corpus: Sequence[Reading], *, seed: int = 0) -> Iterator[Finding]:
    """Entities with a word more or less than like ones have."""
    by_uid = _by_place(corpus)
    for doubt in doubts([*edge_choices(corpus)], least=LEAST, seed=seed):
        place = doubt.choice.place
        reading = by_uid[place.uid]
        start, _, end = place.part.partition("-")
        label = reading.values[place.item or ""]
        yield at(
            reading,
            place._replace(part=""),
            "boundary",
            now=label,
            suggested=label,
            span=(int(start), int(end)),
            score=doubt.probability,
            reasons=_reasons(doubt),
        )


def _by_place(corpus: Sequence[Reading]) -> dict[str, Reading]:
    return {reading.uid: reading for reading in corpus}


def _reasons(doubt: Doubt) -> list[str]:
    """What speaks most for the other value."""
    telling = [e for e in doubt.evidence if e.weight >= _TELLING] or doubt.evidence[:1]
    now, other = doubt.choice.value, doubt.other
    return [_reason(e, now, other) for e in telling[:_REASONS]] or [f"{other} is more usual"]


def _reason(evidence: Evidence, now: str, other: str) -> str:
    if evidence.source == CONTEXT:
        return f"its words and neighbours speak for {_MEANT.get(other, other)}"
    counts = f"{evidence.for_other} {other}, {evidence.for_now} {now}"
    if evidence.source in _ABOUT:
        return f"{_ABOUT[evidence.source]}: {counts}"
    opinion = _opinion(evidence, other)
    return f"{opinion}; other places where that is so: {counts}" if evidence.n else opinion


def _opinion(evidence: Evidence, other: str) -> str:
    key = evidence.key
    if evidence.source == VOTES:
        return f"{key} annotators mark it" if other in (MARKED, UNMARKED) else f"others say {key}"
    if other in (IN, OUT):
        return f"a pipeline has a word at this end {key.partition(' ')[0]}"
    return f"a pipeline proposes {proposed(key)}"
