"""What is audited: Documents, what was said about them, and what a pipeline proposes."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from curation.audit.choices import Place
from curation.audit.words import Words
from curation.model import AnnotationSet, Document, Entity, Event
from curation.spans import HasSpan

__all__ = ["Items", "Reading", "readings"]

_FEW = 10
"""With fewer groups than this, documents are cut into blocks: one of them teaches about another."""
_BLOCK = 1500


class Items:
    """Entities or events, to be found by where they are."""

    def __init__(self, items: Iterable[Entity | Event]) -> None:
        self._items = sorted(items, key=lambda item: item.key)
        self._starts = [item.start for item in self._items]
        self._longest = max((item.end - item.start for item in self._items), default=0)

    def __iter__(self) -> Iterator[Entity | Event]:
        return iter(self._items)

    def near(self, span: HasSpan) -> list[Entity | Event]:
        """Those that share a character with the span, in text order."""
        first = bisect_left(self._starts, span.start - self._longest)
        last = bisect_left(self._starts, span.end)
        return [item for item in self._items[first:last] if item.end > span.start]


def _by_layer(said: AnnotationSet | None) -> dict[str, Items]:
    entities, events = (said.entities, said.events) if said else ((), ())
    return {"entities": Items(entities), "triggers": Items(events)}


@dataclass(frozen=True)
class Reading:
    """One Document with its annotations.

    `proposal` is a second opinion: what a pipeline says of it that no annotator saw. `others` are
    what other people said, of gold those that it was made from. `shown` is what the annotator was
    shown to begin with. `cluster` has its near-duplicates.
    `block`: after how many characters another group begins, None where the Document is in one.
    """

    document: Document
    annotations: AnnotationSet
    proposal: AnnotationSet | None = None
    others: tuple[AnnotationSet, ...] = ()
    shown: AnnotationSet | None = None
    cluster: str | None = None
    block: int | None = None

    @cached_property
    def words(self) -> Words:
        """The text as words."""
        return Words(self.document.text)

    @property
    def uid(self) -> str:
        """The Document's uid."""
        return self.document.uid

    @property
    def language(self) -> str:
        """The Document's language."""
        return self.document.language

    @cached_property
    def entities(self) -> Mapping[str, Entity]:
        """The entities by id."""
        return {e.id: e for e in self.annotations.entities}

    @cached_property
    def values(self) -> Mapping[str, str]:
        """The label or type of each item, by id."""
        return {item.id: item.key[2] for item in self.annotations.items}

    @cached_property
    def proposed(self) -> Mapping[str, Items]:
        """What the pipeline proposes, by layer."""
        return _by_layer(self.proposal)

    @cached_property
    def said_by_others(self) -> tuple[Mapping[str, Items], ...]:
        """What each of the others says, by layer."""
        return tuple(map(_by_layer, self.others))

    def group(self, start: int) -> str:
        """What must be on one side when a classifier learns."""
        if self.block is not None:
            return f"{self.uid}\0{start // self.block}"
        return f"\0{self.cluster}" if self.cluster else self.uid

    def place(self, layer: str, item: Entity | Event, part: str = "") -> Place:
        """Where the item is."""
        return Place(self.uid, layer, item.start, item.end, item.id, part)

    def surface(self, start: int, end: int) -> str:
        """The text there."""
        return self.document.text[start:end]


def readings(
    pairs: Iterable[tuple[Document, AnnotationSet]],
    *,
    proposals: Mapping[str, AnnotationSet] | None = None,
    others: Mapping[str, Sequence[AnnotationSet]] | None = None,
    clusters: Mapping[str, str] | None = None,
) -> tuple[Reading, ...]:
    """In order of uid, whatever order they come in; few long Documents are cut into blocks."""
    found = sorted(pairs, key=lambda pair: (pair[0].uid, pair[1].annotator))
    groups = {(clusters or {}).get(d.uid, d.uid) for d, _ in found}
    block = _BLOCK if len(groups) < _FEW else None
    return tuple(
        Reading(
            document,
            said.sorted(),
            (proposals or {}).get(document.uid),
            tuple((others or {}).get(document.uid, ())),
            cluster=(clusters or {}).get(document.uid),
            block=block,
        )
        for document, said in found
    )
