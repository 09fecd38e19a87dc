"""What a change of the ontology does to what is stored."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from curation.migration import names_in_use
from curation.model import AnnotationSet
from curation.ontology import Migrations, Ontology
from curation.store import Store

__all__ = ["Use", "removed_names", "uses"]

_KINDS = ("person", "sample", "model", "adjudicator", "gold")
_TABLES = ("entities", "events", "roles", "attributes")


@dataclass(frozen=True)
class Use:
    """How often a name that is removed stands in current annotations, by annotator.

    `becomes` is what the migrations make of it, "" where they give it up, None where they do not
    name it. A value of an attribute is named with it: "tense=future".
    """

    table: str
    name: str
    count: int
    by: Mapping[str, int]
    becomes: str | None

    def to_json(self) -> dict[str, Any]:
        """The fields by name."""
        return asdict(self)

    def line(self) -> str:
        """The same for a person."""
        who = ", ".join(f"{name} {n}" for name, n in self.by.items()) or "nobody"
        then = {None: "not in [migrations]", "": "given up"}.get(
            self.becomes, f"becomes {self.becomes}"
        )
        return f"{self.table}: {self.name}: used {self.count} times ({who}); {then}"


def uses(store: Store, old: Ontology, new: Ontology) -> list[Use]:
    """Every name that `new` lacks, also where nobody uses it."""
    removed = list(removed_names(old, new))
    counts: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    with store.transaction() as repo:
        for annotations in repo.annotation_sets(*_KINDS):
            for name in _names(annotations):
                counts[name][annotations.annotator] += 1
    return [
        Use(
            table,
            name,
            counts[table, name].total(),
            dict(sorted(counts[table, name].items())),
            _becomes(new.migrations, table, name),
        )
        for table, name in removed
    ]


def removed_names(old: Ontology, new: Ontology) -> Iterator[tuple[str, str]]:
    """(table, name) of all in `old` that `new` lacks; values of attributes as "tense=future"."""
    for table in _TABLES:
        here = {item.name for item in getattr(new, table)}
        yield from ((table, i.name) for i in getattr(old, table) if i.name not in here)
    values = {attribute.name: attribute.values for attribute in new.attributes}
    for attribute in old.attributes:
        kept = values.get(attribute.name)
        if kept is not None:
            gone = (value for value in attribute.values if value not in kept)
            yield from (("attributes", f"{attribute.name}={value}") for value in gone)


def _names(annotations: AnnotationSet) -> Iterator[tuple[str, str]]:
    yield from names_in_use(annotations)
    for event in annotations.events:
        yield from (("attributes", f"{name}={value}") for name, value in event.attributes.items())


def _becomes(migrations: Migrations, table: str, name: str) -> str | None:
    if table != "attributes":
        names: Mapping[str, str] = getattr(migrations, table)
        return names.get(name)
    attribute, _, value = name.partition("=")
    return migrations.attributes.get(attribute, {}).get(value)
