"""A Document with what is known of it, as far as groups and leakage go by it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from urllib.parse import urlsplit

from curation.model import AnnotationSet, Document
from curation.splits.names import clues, folded

__all__ = ["Happening", "Story", "story_of", "traits"]

_PLACES = frozenset({"location", "place"})
_TIMES = frozenset({"date", "time"})
"""Roles, by their names in small letters, whose fillers are no actors; labels that name nothing."""
_LENGTHS = (100, 200, 400, 800)
"""Words at which a text falls into the next bucket of length."""


@dataclass(frozen=True, slots=True)
class Happening:
    """An event as it is compared between Documents: surfaces are folded."""

    type: str
    actors: frozenset[str]
    places: frozenset[str]


@dataclass(frozen=True)
class Story:
    """A Document, and what gold says of it: `names` are the folded surfaces of its entities.

    `cluster` is that of its near-duplicates, `address` the URL it was read from.
    """

    uid: str
    text: str
    language: str
    source: str | None = None
    published: str | None = None
    address: str | None = None
    cluster: str | None = None
    happenings: tuple[Happening, ...] = ()
    names: frozenset[str] = frozenset()

    @cached_property
    def clues(self) -> frozenset[str]:
        """Names, numbers and dates that a translation would have too."""
        return frozenset(clues(self.text))

    @property
    def day(self) -> date | None:
        """When it was published, where that is known to the day."""
        with suppress(ValueError):
            return date.fromisoformat(self.published or "")
        return None

    @property
    def month(self) -> str | None:
        """Year and month of publication, where these are known."""
        return self.published[:7] if self.published and len(self.published) >= 7 else None


def story_of(document: Document, gold: AnnotationSet | None, cluster: str | None) -> Story:
    """The Document with the events of its gold."""
    address = document.meta.get("url")
    text, entities = document.text, gold.entities if gold else ()
    surfaces = {e.id: " ".join(folded(text[e.start : e.end]).split()) for e in entities}
    return Story(
        uid=document.uid,
        text=document.text,
        language=document.language,
        source=document.source,
        published=document.published,
        address=address if isinstance(address, str) and _of_one_page(address) else None,
        cluster=cluster,
        happenings=_happenings(gold, surfaces) if gold else (),
        names=frozenset(surfaces[e.id] for e in entities if e.label.casefold() not in _TIMES)
        - {""},
    )


def _of_one_page(address: str) -> bool:
    """Whether it has a path or a query: the front page of a site is many texts."""
    with suppress(ValueError):
        found = urlsplit(address)
        return bool(found.path.strip("/") or found.query)
    return False


def _happenings(gold: AnnotationSet, surfaces: Mapping[str, str]) -> tuple[Happening, ...]:
    found = []
    for event in gold.events:
        fillers = [(a.role.casefold(), surfaces.get(a.target, "")) for a in event.arguments]
        places = {surface for role, surface in fillers if role in _PLACES and surface}
        actors = {s for role, s in fillers if role not in _PLACES | _TIMES and s}
        found.append(Happening(event.type, frozenset(actors), frozenset(places)))
    return tuple(found)


def traits(gold: AnnotationSet, story: Story) -> tuple[Mapping[str, int], Mapping[str, int]]:
    """What parts are balanced over, and the same by language."""
    words = story.text.count(" ") + 1
    labels = Counter(f"label={e.label}" for e in gold.entities)
    labels.update(f"type={e.type}" for e in gold.events)
    bucket = next((f"under {limit}" for limit in _LENGTHS if words < limit), f"{_LENGTHS[-1]} on")
    single = Counter({f"language={story.language}": 1, f"length={bucket}": 1})
    joint = {f"language={story.language}, {name}": n for name, n in labels.items()}
    joint[f"language={story.language}, length={bucket}"] = 1
    return single + labels, joint
