"""What a reader of somebody else's format found for one annotator and document."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from curation.errors import InputError, UsageError
from curation.model import AnnotationSet, Document, Event, Record

__all__ = ["Names", "Reading", "Unseen", "decoded", "missing", "names_of", "renamed"]


@dataclass(frozen=True)
class Reading:
    """A record with the sums of what was repaired and left out, by what it was.

    `where` is the file, and the line where there is one.
    """

    record: Record
    where: str
    repaired: Mapping[str, int] = field(default_factory=dict)
    left_out: Mapping[str, int] = field(default_factory=dict)

    @property
    def annotations(self) -> AnnotationSet:
        """The set in the record; readings always have one."""
        if self.record.annotations is None:
            raise ValueError(f"{self.where}: a reading without annotations")
        return self.record.annotations

    def of(self, document: Document) -> Reading:
        """The same about this very document."""
        return replace(self, record=self.record.model_copy(update={"document": document}))


@dataclass(frozen=True, slots=True)
class Unseen:
    """The annotator has not seen the document: no set, which is not an empty one."""

    uid: str
    annotator: str


_VALUE = re.compile(r"([^:=]+):([^=]+)")


@dataclass(frozen=True)
class Names:
    """What names are called here; "" is left out.

    `names` renames labels, event types, roles and attributes, `values` the values of attributes,
    by (attribute's new name, value).
    """

    names: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[tuple[str, str], str] = field(default_factory=dict)


def names_of(given: Iterable[str]) -> Names:
    """From GPE=LOC, NORP= (leaves it out) and tense:Past=past.

    UsageError on anything else, and on a name that is given twice.
    """
    names: dict[str, str] = {}
    values: dict[tuple[str, str], str] = {}
    for text in given:
        old, sign, new = (part.strip() for part in text.partition("="))
        if not sign or not old:
            raise UsageError(f"--map {text!r}: write OLD=NEW, OLD= to leave out, or NAME:VALUE=NEW")
        found = _VALUE.fullmatch(old)
        if old in names or (found and found.groups() in values):
            raise UsageError(f"--map {text!r}: {old} is renamed already")
        if found:
            values[found[1], found[2]] = new
        else:
            names[old] = new
    return Names(names, values)


def missing(names: Names, sets: Iterable[AnnotationSet]) -> list[str]:
    """What `names` would rename and no set has, as it was given: GPE, tense:Past."""
    used: set[str | tuple[str, str]] = set()
    for one in sets:
        used.update(e.label for e in one.entities)
        for event in one.events:
            used.add(event.type)
            used.update(a.role for a in event.arguments)
            used.update(event.attributes)
            used.update((names.names.get(k, k), v) for k, v in event.attributes.items())
    unused = [name for name in names.names if name not in used]
    return unused + [":".join(value) for value in names.values if value not in used]


def renamed(reading: Reading, names: Names) -> Reading:
    """The same with names as `names` says; what is left out is counted."""
    annotations, known = reading.annotations, names.names
    left_out = Counter(reading.left_out)
    entities = []
    for entity in annotations.entities:
        label = known.get(entity.label, entity.label)
        if not label:
            left_out[f"{entity.label} (by --map)"] += 1
            continue
        entities.append(entity.model_copy(update={"label": label}))
    kept = {entity.id for entity in entities}
    events = [_event(e, names, kept, left_out) for e in annotations.events]
    found = annotations.model_copy(
        update={
            "entities": tuple(entities),
            "events": tuple(e for e in events if e is not None),
        }
    )
    record = reading.record.model_copy(update={"annotations": found})
    return replace(reading, record=record, left_out=left_out)


def _event(event: Event, names: Names, kept: set[str], left_out: Counter[str]) -> Event | None:
    known = names.names
    event_type = known.get(event.type, event.type)
    if not event_type:
        left_out[f"{event.type} (by --map)"] += 1
        return None
    arguments = []
    for argument in event.arguments:
        role = known.get(argument.role, argument.role)
        if role and argument.target in kept:
            arguments.append(argument.model_copy(update={"role": role}))
        else:
            left_out[f"{argument.role} (by --map)"] += 1
    attributes = {}
    for old, value in event.attributes.items():
        name = known.get(old, old)
        said = names.values.get((name, value), value)
        if name and said:
            attributes[name] = said
        else:
            left_out[f"{old} (by --map)"] += 1
    return event.model_copy(
        update={"type": event_type, "arguments": tuple(arguments), "attributes": attributes}
    )


def decoded(data: bytes, where: str) -> str:
    """UTF-8 bytes as text, line ends as they stand, without a byte order mark."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            f"not UTF-8 at byte {error.start}", where=where, hint="convert it to UTF-8"
        ) from error
