"""The ontology: labels, event types, roles and attributes, as data read from TOML.

`load_ontology(path)` reads and checks a file, and reports all that is wrong with it at once.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from curation.errors import OntologyError
from curation.model import AnnotationSet

__all__ = [
    "Attribute",
    "EntityLabel",
    "EventType",
    "Migrations",
    "Ontology",
    "Role",
    "differences",
    "load_ontology",
    "parse_ontology",
]

_NAME = Field(pattern=r"^[^\s<>&\"'\p{Cc}][^<>&\"'\p{Cc}]{0,59}$")
_COLOUR = Field(pattern=r"^#[0-9a-fA-F]{6}$")
_HOTKEY = Field(default=None, pattern=r"^[a-z0-9]$")


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class EntityLabel(_Frozen):
    """A label for entity spans."""

    name: str = _NAME
    definition: str
    colour: str = _COLOUR
    hotkey: str | None = _HOTKEY


class EventType(_Frozen):
    """A type of event. `required` lists roles an event of it must have; `quad` is its class."""

    name: str = _NAME
    definition: str
    colour: str = _COLOUR
    hotkey: str | None = _HOTKEY
    quad: str | None = None
    required: tuple[str, ...] = ()


class Role(_Frozen):
    """What an entity does in an event; `fillers` are the entity labels that may fill it."""

    name: str = _NAME
    definition: str
    fillers: tuple[str, ...]


class Attribute(_Frozen):
    """A closed question about each event, with its values and the one to assume."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")
    definition: str
    values: tuple[str, ...] = Field(min_length=2)
    default: str

    @model_validator(mode="after")
    def _default_is_a_value(self) -> Self:
        if self.default not in self.values:
            raise ValueError(f"default {self.default!r} is none of {', '.join(self.values)}")
        return self


class Migrations(_Frozen):
    """Names of earlier versions and what each is called now; "" is what was given up.

    `attributes` has one such table of values for each attribute.
    """

    entities: Mapping[str, str] = Field(default_factory=dict)
    events: Mapping[str, str] = Field(default_factory=dict)
    roles: Mapping[str, str] = Field(default_factory=dict)
    attributes: Mapping[str, Mapping[str, str]] = Field(default_factory=dict)

    def __bool__(self) -> bool:
        return any((self.entities, self.events, self.roles, self.attributes))


class Ontology(_Frozen):
    """Everything that may be annotated, and how it looks in the labelling tool.

    `nested_entities` says whether entities may overlap; `guideline` is the guideline's version.
    """

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")
    version: str
    guideline: str = "1"
    direction: Literal["ltr", "rtl", "auto"] = "auto"
    nested_entities: bool = False
    entities: tuple[EntityLabel, ...] = Field(min_length=1)
    events: tuple[EventType, ...] = ()
    roles: tuple[Role, ...] = ()
    attributes: tuple[Attribute, ...] = ()
    migrations: Migrations = Migrations()

    @property
    def entity_names(self) -> frozenset[str]:
        """The names of the entity labels."""
        return frozenset(e.name for e in self.entities)

    @property
    def event_names(self) -> frozenset[str]:
        """The names of the event types."""
        return frozenset(e.name for e in self.events)

    def role(self, name: str) -> Role | None:
        """The role of that name, or None."""
        return next((r for r in self.roles if r.name == name), None)

    def event_type(self, name: str) -> EventType | None:
        """The event type of that name, or None."""
        return next((e for e in self.events if e.name == name), None)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        found = list(_contradictions(self))
        if found:
            raise ValueError("; ".join(found))
        return self

    def problems(self, annotations: AnnotationSet) -> Iterator[str]:
        """What in `annotations` this ontology does not allow, one line each."""
        labels = {e.id: e.label for e in annotations.entities}
        for entity in annotations.entities:
            if entity.label not in self.entity_names:
                yield f"{entity.id}: label {entity.label!r} is not in ontology {self.name}"
        for event in annotations.events:
            if event.type not in self.event_names:
                yield f"{event.id}: event type {event.type!r} is not in ontology {self.name}"
            for argument in event.arguments:
                yield from self._argument_problems(event.id, argument.role, labels, argument.target)
            for name, value in event.attributes.items():
                yield from self._attribute_problems(event.id, name, value)

    def _argument_problems(
        self, event_id: str, role_name: str, labels: Mapping[str, str], target: str
    ) -> Iterator[str]:
        role = self.role(role_name)
        if role is None:
            yield f"{event_id}: role {role_name!r} is not in ontology {self.name}"
        elif target in labels and labels[target] not in role.fillers:
            yield f"{event_id}: a {labels[target]} cannot be {role_name}"

    def _attribute_problems(self, event_id: str, name: str, value: str) -> Iterator[str]:
        attribute = next((a for a in self.attributes if a.name == name), None)
        if attribute is None:
            yield f"{event_id}: attribute {name!r} is not in ontology {self.name}"
        elif value not in attribute.values:
            yield f"{event_id}: {name} {value!r} is none of {', '.join(attribute.values)}"


def _contradictions(ontology: Ontology) -> Iterator[str]:
    tables: Mapping[str, Iterable[str]] = {
        "entity label": [e.name for e in ontology.entities],
        "event type": [e.name for e in ontology.events],
        "role": [r.name for r in ontology.roles],
        "attribute": [a.name for a in ontology.attributes],
        "hotkey": [
            *(e.hotkey for e in ontology.entities if e.hotkey),
            *(e.hotkey for e in ontology.events if e.hotkey),
        ],
    }
    for what, names in tables.items():
        twice = [name for name, count in Counter(names).items() if count > 1]
        yield from (f"{what} {name!r} stands twice" for name in twice)
    shared = ontology.entity_names & ontology.event_names
    yield from (f"{name!r} is both an entity label and an event type" for name in sorted(shared))
    roles = {r.name for r in ontology.roles}
    for event in ontology.events:
        for name in event.required:
            if name not in roles:
                yield f"event type {event.name} requires unknown role {name!r}" + _known(roles)
    for role in ontology.roles:
        for label in role.fillers:
            if label not in ontology.entity_names:
                yield f"role {role.name} takes unknown entity label {label!r}" + _known(
                    ontology.entity_names
                )
    yield from _wrong_migrations(ontology)


def _wrong_migrations(ontology: Ontology) -> Iterator[str]:
    tables: dict[str, tuple[Mapping[str, str], Iterable[str]]] = {
        "entities": (ontology.migrations.entities, ontology.entity_names),
        "events": (ontology.migrations.events, ontology.event_names),
        "roles": (ontology.migrations.roles, [r.name for r in ontology.roles]),
    }
    values = {a.name: a.values for a in ontology.attributes}
    for name, table in ontology.migrations.attributes.items():
        if name in values:
            tables[f"attributes.{name}"] = (table, values[name])
        else:
            yield f"migrations.attributes: unknown attribute {name!r}" + _known(values)
    for where, (table, names) in tables.items():
        for old, new in table.items():
            if old in names:
                yield f"migrations.{where}: {old!r} is still in use; take its line out"
            if new and new not in names:
                yield f"migrations.{where}: {old!r} becomes unknown {new!r}" + _known(names)


def _known(names: Iterable[str]) -> str:
    return f" (known: {', '.join(sorted(names))})"


def parse_ontology(text: str, *, where: str) -> Ontology:
    """The ontology in the TOML `text`; OntologyError names `where` and everything wrong."""
    try:
        data: dict[str, Any] = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise OntologyError(f"{where}: not valid TOML: {error}") from error
    try:
        return Ontology.model_validate(data)
    except ValidationError as error:
        found = "; ".join(
            _place(e["loc"], data) + e["msg"].removeprefix("Value error, ") for e in error.errors()
        )
        raise OntologyError(f"{where}: {found}") from error


def _place(loc: tuple[int | str, ...], data: Mapping[str, Any]) -> str:
    """Where in the file something is wrong; rows by their names, which a reader can find."""
    parts: list[int | str] = list(loc)
    match loc:
        case (str(table), int(row), str(field), *rest) if field != "name":
            name = data[table][row].get("name")
            parts = [f"{table} {name!r}", field, *rest] if isinstance(name, str) else parts
    return ".".join(str(p) for p in parts) + ": " if parts else ""


def load_ontology(path: Path) -> Ontology:
    """The ontology in the TOML file `path`."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise OntologyError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise OntologyError(f"{path}: not UTF-8 at byte {error.start}") from error
    return parse_ontology(text, where=str(path))


def differences(old: Ontology, new: Ontology) -> Iterator[str]:
    """What was added, removed or changed from `old` to `new`, one line each."""
    for field in ("version", "guideline", "direction", "nested_entities"):
        before, after = getattr(old, field), getattr(new, field)
        if before != after:
            yield f"{field}: {before} -> {after}"
    for table in ("entities", "events", "roles", "attributes"):
        before = {item.name: item.model_dump() for item in getattr(old, table)}
        after = {item.name: item.model_dump() for item in getattr(new, table)}
        yield from (f"{table}: {name} removed" for name in before if name not in after)
        yield from (f"{table}: {name} added" for name in after if name not in before)
        for name in sorted(before.keys() & after.keys()):
            changed = [k for k, v in before[name].items() if after[name][k] != v]
            yield from (f"{table}: {name}: {key} changed" for key in changed)
