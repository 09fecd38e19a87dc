"""Second opinions about what stands somewhere: a pipeline's, and those of other annotators."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from curation.audit.corpus import Items, Reading
from curation.model import AnnotationSet, Entity, Event
from curation.spans import HasSpan, overlap

__all__ = [
    "PROPOSAL",
    "VOTES",
    "best_event",
    "items_of",
    "label_opinions",
    "marking_opinions",
    "proposed",
    "voted",
]

PROPOSAL, VOTES = "proposal", "votes"
_ELSEWHERE = " with other ends"


def items_of(said: AnnotationSet, layer: str) -> Sequence[Entity | Event]:
    """The entities, or the events for the layer of triggers."""
    return said.entities if layer == "entities" else said.events


def label_opinions(reading: Reading, layer: str, item: HasSpan) -> Iterator[tuple[str, str]]:
    """As hints: what the pipeline calls it, and what the others call it."""
    if reading.proposal is not None:
        found = _name_of(reading.proposed[layer], item)
        if found is not None:
            yield PROPOSAL, found
    names = [_name_of(said[layer], item) for said in reading.said_by_others]
    if any(names):
        yield VOTES, voted(names)


def marking_opinions(reading: Reading, layer: str, span: HasSpan) -> Iterator[tuple[str, str]]:
    """As hints: what the pipeline proposes there, and how many of the others mark something."""
    if reading.proposal is not None:
        yield PROPOSAL, _name_of(reading.proposed[layer], span) or "nothing"
    if reading.others:
        marked = sum(bool(said[layer].near(span)) for said in reading.said_by_others)
        yield VOTES, f"{marked} of {len(reading.others)}"


def voted(names: Iterable[str | None]) -> str:
    """What several say, and how many say it."""
    counts = Counter(name or "nothing" for name in names)
    return ", ".join(f"{name} ({count})" for name, count in sorted(counts.items()))


def proposed(key: str) -> str:
    """The label in the hint of a proposal."""
    return key.removesuffix(_ELSEWHERE)


def best_event(said: AnnotationSet | None, event: Event) -> Event | None:
    """The event that shares most of its trigger with `event`; None where none does."""
    there = [e for e in said.events if overlap(e, event)] if said else []
    return max(there, key=lambda e: (overlap(e, event), e.key), default=None)


def _name_of(items: Items, span: HasSpan) -> str | None:
    """The label of what covers most of the span, and whether it ends elsewhere."""
    there = items.near(span)
    if not there:
        return None
    best = max(there, key=lambda i: (overlap(i, span), -i.start, i.key))
    same = (best.start, best.end) == (span.start, span.end)
    return best.key[2] + ("" if same else _ELSEWHERE)
