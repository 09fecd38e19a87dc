"""The nouns, as frozen values: Document, Entity, Event, Argument, AnnotationSet.

`AnnotationSet.check(text)` lists what is wrong with a set; constructing one does not need a text.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)

__all__ = [
    "AnnotationSet",
    "AnnotatorKind",
    "Argument",
    "Document",
    "Entity",
    "Event",
    "Record",
    "TextSpan",
    "text_sha256",
]

AnnotatorKind = Literal["person", "sample", "model", "adjudicator", "gold"]
"""Who made a set: people count in agreement, models never do, gold is the adjudicated result."""

_EVENT_FIELDS = frozenset({"id", "type", "trigger", "arguments", "score", "component", "origin"})


def text_sha256(text: str) -> str:
    """Hex SHA-256 of the UTF-8 bytes of `text`."""
    return hashlib.sha256(text.encode()).hexdigest()


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Optional(_Frozen):
    """Leaves out the optional provenance of an item where there is none."""

    score: float | None = Field(default=None, ge=0, le=1)
    component: str | None = None
    origin: str | None = None

    @model_serializer(mode="wrap")
    def _without_absent(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        absent = ("score", "component", "origin")
        return {k: v for k, v in handler(self).items() if v is not None or k not in absent}


class TextSpan(_Frozen):
    """Half-open [start, end) in code points, never empty."""

    start: int = Field(ge=0)
    end: int

    @model_validator(mode="after")
    def _not_empty(self) -> Self:
        if self.end <= self.start:
            raise ValueError(f"end {self.end} must be greater than start {self.start}")
        return self


class Entity(_Optional):
    """A span with a label. `score`, `component`: of a prediction; `origin`: how it got here."""

    id: str = Field(min_length=1)
    start: int = Field(ge=0)
    end: int
    label: str = Field(min_length=1)

    @model_validator(mode="after")
    def _not_empty(self) -> Self:
        if self.end <= self.start:
            raise ValueError(f"end {self.end} must be greater than start {self.start}")
        return self

    @property
    def key(self) -> tuple[int, int, str]:
        """What makes two entities the same: (start, end, label)."""
        return (self.start, self.end, self.label)


class Argument(_Optional):
    """The entity `target` (an Entity id of the same set) fills `role`."""

    role: str = Field(min_length=1)
    target: str = Field(min_length=1)


class Event(_Optional):
    """A typed trigger with arguments and attributes.

    In the canonical format attributes stand beside the other keys
    (`"tense": "past"`); here they are one mapping, because their names belong to the ontology.
    """

    id: str = Field(min_length=1)
    type: str = Field(min_length=1)
    trigger: TextSpan
    arguments: tuple[Argument, ...] = ()
    attributes: Mapping[str, str] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _gather_attributes(cls, data: Any) -> Any:
        if not isinstance(data, Mapping) or "attributes" in data:
            return data
        fields = {k: v for k, v in data.items() if k in _EVENT_FIELDS}
        rest = {k: v for k, v in data.items() if k not in _EVENT_FIELDS and v is not None}
        if isinstance(fields.get("arguments"), list):
            fields["arguments"] = tuple(fields["arguments"])  # JSON has no tuples
        return fields | {"attributes": rest}

    @model_serializer(mode="wrap")
    def _spread_attributes(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        data: dict[str, Any] = handler(self)
        attributes = data.pop("attributes")
        provenance = {k: data.pop(k) for k in ("score", "component", "origin") if k in data}
        kept = {k: v for k, v in provenance.items() if v is not None}
        return data | dict(sorted(attributes.items())) | kept

    @property
    def start(self) -> int:
        """Start of the trigger."""
        return self.trigger.start

    @property
    def end(self) -> int:
        """End of the trigger."""
        return self.trigger.end

    @property
    def key(self) -> tuple[int, int, str]:
        """What makes two triggers the same: (start, end, type)."""
        return (self.trigger.start, self.trigger.end, self.type)


class Document(_Frozen):
    """One text with a stable uid.

    `published` is an ISO date as precise as it is known: "2020", "2020-01" or "2020-01-13".
    """

    uid: str = Field(min_length=1, max_length=200)
    language: str = Field(min_length=2, max_length=35)
    text: str
    source: str | None = None
    published: str | None = Field(default=None, pattern=r"^\d{4}(-\d{2}(-\d{2})?)?$")
    revision: int = Field(default=1, ge=1)
    meta: Mapping[str, Any] = Field(default_factory=dict)

    @property
    def sha256(self) -> str:
        """Hex SHA-256 of the text."""
        return text_sha256(self.text)

    @property
    def date_precision(self) -> str | None:
        """One of "year", "month", "day"; None where the date is not known."""
        names = {4: "year", 7: "month", 10: "day"}
        return names[len(self.published)] if self.published else None


class AnnotationSet(_Frozen):
    """All that one annotator says about one Document. Empty lists: seen, and nothing found."""

    uid: str = Field(min_length=1)
    annotator: str = Field(min_length=1)
    kind: AnnotatorKind = "person"
    entities: tuple[Entity, ...] = ()
    events: tuple[Event, ...] = ()
    provenance: Mapping[str, Any] = Field(default_factory=dict)

    def entity(self, entity_id: str) -> Entity | None:
        """The entity of that id, or None."""
        return next((e for e in self.entities if e.id == entity_id), None)

    @property
    def items(self) -> tuple[Entity | Event, ...]:
        """Entities, then events."""
        return (*self.entities, *self.events)

    def problems(self, text: str) -> Iterator[str]:
        """What is wrong with this set over `text`, one line each; nothing if it is sound."""
        yield from self._id_problems()
        size = len(text)
        for item in self.items:
            start, end = item.start, item.end
            if end > size:
                yield f"{item.id}: end {end} is past the end of the text ({size})"
            elif text[start:end].isspace():
                yield f"{item.id}: [{start}, {end}) covers only whitespace"

    def _id_problems(self) -> Iterator[str]:
        ids = [item.id for item in self.items]
        if len(set(ids)) < len(ids):
            seen: set[str] = set()
            for name in ids:
                if name in seen:
                    yield f"{name}: id used twice"
                seen.add(name)
        entity_ids = set(ids[: len(self.entities)])
        for event in self.events:
            for argument in event.arguments:
                if argument.target not in entity_ids:
                    yield f"{event.id}: {argument.role} is {argument.target}, no entity of this set"

    def canonical_ids(self) -> dict[str, str]:
        """By id of every item: the id it gets in text order, T1…, E1…."""
        entities = sorted(self.entities, key=lambda e: (e.start, -e.end, e.label, len(e.id), e.id))
        events = sorted(self.events, key=lambda e: (e.start, -e.end, e.type, len(e.id), e.id))
        names = {e.id: f"T{i}" for i, e in enumerate(entities, 1)}
        return names | {e.id: f"E{i}" for i, e in enumerate(events, 1)}

    def sorted(self) -> AnnotationSet:
        """The same set in text order, ids T1…, E1…; equal content gives equal bytes."""
        names = self.canonical_ids()
        entities = [
            e if e.id == names[e.id] else e.model_copy(update={"id": names[e.id]})
            for e in self.entities
        ]
        events = [_renamed(e, names) for e in self.events]
        return self.model_copy(
            update={
                "entities": tuple(sorted(entities, key=lambda e: int(e.id[1:]))),
                "events": tuple(sorted(events, key=lambda e: int(e.id[1:]))),
            }
        )


def _renamed(event: Event, names: Mapping[str, str]) -> Event:
    renamed = (
        a if a.target == names[a.target] else a.model_copy(update={"target": names[a.target]})
        for a in event.arguments
    )
    arguments = tuple(sorted(renamed, key=lambda a: (a.role, int(a.target[1:]))))
    kept = all(a is b for a, b in zip(arguments, event.arguments, strict=True))
    if kept and event.id == names[event.id]:
        return event
    return event.model_copy(update={"id": names[event.id], "arguments": arguments})


class Record(_Frozen):
    """A Document with what one annotator says about it: one canonical line.

    `has_events` tells whether the line had an "events" key at all: a line without one says
    nothing about events, which is not the same as saying that there are none.
    """

    document: Document
    annotations: AnnotationSet | None = None
    has_events: bool = True
