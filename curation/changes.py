"""What changed from one release to another, and which version number that calls for.

Pure: two `Snapshot`s in, `Changes` out. Versions are MAJOR.MINOR.PATCH, as semver.org has them.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from curation.errors import UsageError
from curation.messages import shown
from curation.model import AnnotationSet, Entity, Event
from curation.ontology import Ontology

__all__ = [
    "VERSION",
    "Advice",
    "Changes",
    "Placed",
    "Snapshot",
    "Tally",
    "compare",
    "next_version",
    "version_key",
]

Advice = Literal["major", "minor", "patch"]
Layer = Literal["entities", "events"]
Item = TypeVar("Item", Entity, Event)

VERSION = re.compile(r"[0-9]{1,9}\.[0-9]{1,9}\.[0-9]{1,9}(-[0-9a-z]{1,20}(\.[0-9a-z]{1,20})?)?")
"""MAJOR.MINOR.PATCH, perhaps with a pre-release: 2.0.0-rc.1."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A Document of a release: its part, and the SHA-256 of its text."""

    part: str
    sha256: str


@dataclass(frozen=True)
class Snapshot:
    """What a release says: Documents by uid, the gold set of each, and the ontology, if known."""

    documents: Mapping[str, Placed]
    sets: Mapping[str, AnnotationSet]
    ontology: Ontology | None = None


@dataclass(frozen=True, slots=True)
class Tally:
    """How many were added, removed and changed."""

    added: int = 0
    removed: int = 0
    changed: int = 0

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed)

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.added + other.added, self.removed + other.removed, self.changed + other.changed
        )

    def to_json(self) -> dict[str, int]:
        """The counts by name."""
        return {"added": self.added, "removed": self.removed, "changed": self.changed}


@dataclass(frozen=True)
class Changes:
    """From an older release to a newer one.

    `documents`: by part; changed means another text. `moved`: Documents that are in another part,
    as "train -> test". `entities`, `events`: by part, then label or type; an item that has another
    label, other words, or (an event) other arguments or attributes is changed, and counted under
    what it is now. `relabelled`: "PER -> ORG" and the like. `meaning`: what changed in the ontology
    so that old and new annotations mean different things; `ontology`: what else changed there.
    """

    documents: Mapping[str, Tally] = field(default_factory=dict)
    moved: Mapping[str, int] = field(default_factory=dict)
    entities: Mapping[str, Mapping[str, Tally]] = field(default_factory=dict)
    events: Mapping[str, Mapping[str, Tally]] = field(default_factory=dict)
    relabelled: Mapping[str, int] = field(default_factory=dict)
    meaning: tuple[str, ...] = ()
    ontology: tuple[str, ...] = ()

    @property
    def reasons(self) -> dict[Advice, list[str]]:
        """What calls for each kind of new version; kinds that nothing calls for are absent."""
        documents = sum(self.documents.values(), Tally())
        items = _total(self.entities) + _total(self.events)
        found: dict[Advice, list[str]] = {
            "major": [
                *self.meaning,
                *(f"{n} documents moved from {where}" for where, n in self.moved.items()),
            ],
            "minor": [*_document_reasons(documents), *self.ontology],
            "patch": [f"{items.added + items.removed + items.changed} items mended"] * bool(items),
        }
        return {kind: reasons for kind, reasons in found.items() if reasons}

    @property
    def advice(self) -> Advice | None:
        """Which number of the version should rise; None where nothing changed."""
        return next(iter(self.reasons), None)

    def to_json(self) -> dict[str, Any]:
        """Everything by name; `advice` with its reasons."""
        return {
            "documents": {part: t.to_json() for part, t in self.documents.items()},
            "moved": dict(self.moved),
            "entities": _layer_json(self.entities),
            "events": _layer_json(self.events),
            "relabelled": dict(self.relabelled),
            "meaning": list(self.meaning),
            "ontology": list(self.ontology),
            "advice": self.advice,
            "reasons": self.reasons,
        }


def _layer_json(layer: Mapping[str, Mapping[str, Tally]]) -> dict[str, Any]:
    return {part: {name: t.to_json() for name, t in of.items()} for part, of in layer.items()}


def _total(layer: Mapping[str, Mapping[str, Tally]]) -> Tally:
    return sum((tally for of in layer.values() for tally in of.values()), Tally())


def _document_reasons(documents: Tally) -> Iterator[str]:
    for what, count in documents.to_json().items():
        if count:
            said = "with another text" if what == "changed" else what
            yield f"{count} documents {said}"


def compare(old: Snapshot, new: Snapshot) -> Changes:
    """What changed from `old` to `new`.

    A Document with another text has other offsets: its items are compared by number and label.
    """
    layers: dict[Layer, _Layer] = {"entities": _Layer(), "events": _Layer()}
    for uid in sorted(old.documents.keys() | new.documents.keys()):
        _compare_one(uid, old, new, layers)
    meaning, other = _ontologies(old.ontology, new.ontology)
    return Changes(
        documents=_documents(old, new),
        moved=_moved(old, new),
        entities=layers["entities"].tallies(),
        events=layers["events"].tallies(),
        relabelled=_sorted(layers["entities"].relabelled + layers["events"].relabelled),
        meaning=meaning,
        ontology=other,
    )


def _sorted(counts: Counter[str]) -> dict[str, int]:
    return dict(sorted(counts.items()))


def _documents(old: Snapshot, new: Snapshot) -> dict[str, Tally]:
    found: dict[str, Tally] = defaultdict(Tally)
    for uid, placed in new.documents.items():
        before = old.documents.get(uid)
        if before is None:
            found[placed.part] += Tally(added=1)
        elif before.sha256 != placed.sha256:
            found[placed.part] += Tally(changed=1)
    for uid in old.documents.keys() - new.documents.keys():
        found[old.documents[uid].part] += Tally(removed=1)
    return dict(sorted(found.items()))


def _moved(old: Snapshot, new: Snapshot) -> dict[str, int]:
    both = old.documents.keys() & new.documents.keys()
    pairs = ((old.documents[uid].part, new.documents[uid].part) for uid in both)
    return _sorted(Counter(f"{before} to {now}" for before, now in pairs if before != now))


@dataclass
class _Layer:
    """Counts of one layer, by part and label."""

    counts: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    relabelled: Counter[str] = field(default_factory=Counter)

    def count(self, part: str, label: str, what: str, n: int = 1) -> None:
        """`n` more of a part and label; `what` is added, removed or changed."""
        self.counts[part, label, what] += n

    def tallies(self) -> dict[str, dict[str, Tally]]:
        """By part, then label."""
        found: dict[str, dict[str, Tally]] = {}
        for (part, label, what), n in sorted(self.counts.items()):
            of = found.setdefault(part, {})
            if n:
                of[label] = of.get(label, Tally()) + Tally(**{what: n})
        return {part: of for part, of in found.items() if of}


def _compare_one(uid: str, old: Snapshot, new: Snapshot, layers: Mapping[Layer, _Layer]) -> None:
    before, now = old.documents.get(uid), new.documents.get(uid)
    placed = now or before
    assert placed is not None
    empty = AnnotationSet(uid=uid, annotator="-")
    a, b = old.sets.get(uid, empty), new.sets.get(uid, empty)
    if before is not None and now is not None and before.sha256 != now.sha256:
        _by_label(placed.part, _labels(a.entities), _labels(b.entities), layers["entities"])
        _by_label(placed.part, _types(a.events), _types(b.events), layers["events"])
        return
    _match(placed.part, a.entities, b.entities, layers["entities"], lambda e: e.label, _nothing)
    _match(placed.part, a.events, b.events, layers["events"], lambda e: e.type, _Told(a, b))


def _labels(entities: Iterable[Entity]) -> Counter[str]:
    return Counter(e.label for e in entities)


def _types(events: Iterable[Event]) -> Counter[str]:
    return Counter(e.type for e in events)


def _by_label(part: str, a: Counter[str], b: Counter[str], layer: _Layer) -> None:
    for label, n in (b - a).items():
        layer.count(part, label, "added", n)
    for label, n in (a - b).items():
        layer.count(part, label, "removed", n)


def _nothing(_entity: Entity) -> object:
    """What is said of an entity besides its span and label."""
    return None


class _Told:
    """What is said of an event besides its trigger and type, without ids."""

    def __init__(self, *sets: AnnotationSet) -> None:
        self._entities = {
            id(event): {e.id: e.key for e in s.entities} for s in sets for event in s.events
        }

    def __call__(self, event: Event) -> object:
        keys = self._entities[id(event)]
        arguments = sorted((a.role, keys[a.target]) for a in event.arguments)
        return arguments, sorted(event.attributes.items())


def _match(
    part: str,
    old: Sequence[Item],
    new: Sequence[Item],
    layer: _Layer,
    label: Callable[[Item], str],
    told: Callable[[Item], object],
) -> None:
    """Pairs what is the same, then of one span and label, of one span, of one label overlapping."""
    tests: tuple[Callable[[Item, Item], bool], ...] = (
        lambda a, b: a.key == b.key and told(a) == told(b),
        lambda a, b: a.key == b.key,
        lambda a, b: a.key[:2] == b.key[:2],
        lambda a, b: a.start < b.end and b.start < a.end and label(a) == label(b),
    )
    left, right = sorted(old, key=lambda i: i.key), sorted(new, key=lambda i: i.key)
    for level, test in enumerate(tests):
        pairs = _paired(left, right, test)
        for a, b in pairs if level else ():
            layer.count(part, label(b), "changed")
            if label(a) != label(b):
                layer.relabelled[f"{label(a)} -> {label(b)}"] += 1
    for item in right:
        layer.count(part, label(item), "added")
    for item in left:
        layer.count(part, label(item), "removed")


def _paired(
    left: list[Item], right: list[Item], test: Callable[[Item, Item], bool]
) -> list[tuple[Item, Item]]:
    """Pairs that pass, first with first; they are taken out of both lists."""
    pairs: list[tuple[Item, Item]] = []
    for a in left.copy():
        found = next((i for i, b in enumerate(right) if test(a, b)), None)
        if found is not None:
            pairs.append((a, right.pop(found)))
            left.remove(a)
    return pairs


_MEANING = frozenset({"definition", "fillers", "required", "values", "default", "quad"})
"""Of a label, type, role or attribute: what says what it means."""
_TABLES = {"entities": "label", "events": "event type", "roles": "role", "attributes": "attribute"}


def _ontologies(
    old: Ontology | None, new: Ontology | None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What changed the meaning of annotations, and what was added or else changed."""
    if old is None or new is None:
        return (), ()
    meaning: list[str] = []
    other: list[str] = []
    for table, what in _TABLES.items():
        before = {item.name: item.model_dump() for item in getattr(old, table)}
        after = {item.name: item.model_dump() for item in getattr(new, table)}
        meaning += [f"{what} {name} removed" for name in before if name not in after]
        other += [f"{what} {name} added" for name in after if name not in before]
        for name in before.keys() & after.keys():
            changed = {k for k, v in before[name].items() if after[name][k] != v} & _MEANING
            meaning += [f"{what} {name}: another {key}" for key in changed]
    if old.nested_entities != new.nested_entities:
        meaning.append(f"nested entities: {old.nested_entities} -> {new.nested_entities}")
    if old.guideline != new.guideline:
        other.append(f"guideline {old.guideline} -> {new.guideline}")
    return tuple(sorted(meaning)), tuple(sorted(other))


def version_key(version: str) -> tuple[int, int, int, int, tuple[tuple[int, int, str], ...]]:
    """What versions sort by; a pre-release comes before its version.

    Raises UsageError on anything else.
    """
    if not VERSION.fullmatch(version):
        raise UsageError(f"version {shown(version)}: write MAJOR.MINOR.PATCH, such as 1.0.0")
    core, _, pre = version.partition("-")
    major, minor, patch = map(int, core.split("."))
    names = tuple(
        (0, int(n), "") if n.isdecimal() else (1, 0, n) for n in (pre.split(".") if pre else ())
    )
    return (major, minor, patch, 0 if pre else 1, names)


def next_version(version: str, advice: Advice | None) -> str:
    """The version that `advice` asks for after `version`, without a pre-release."""
    major, minor, patch, final, _ = version_key(version)
    if advice is None or not final:
        return f"{major}.{minor}.{patch}"
    following = {
        "major": (major + 1, 0, 0),
        "minor": (major, minor + 1, 0),
        "patch": (major, minor, patch + 1),
    }
    return ".".join(map(str, following[advice]))
