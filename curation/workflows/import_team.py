"""Annotations that a team made with other tools, into the store."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from curation.errors import InputError
from curation.formats.reading import Names, Reading, Unseen, missing, renamed
from curation.messages import few
from curation.migration import migrate, names_in_use
from curation.model import AnnotationSet, Document, Record
from curation.names import annotator_problem
from curation.ontology import Ontology
from curation.settings import Settings
from curation.store import Store
from curation.workflows.intake import RENAME, Intake
from curation.workflows.team_files import Found, read_brat, read_columns, told

__all__ = ["ImportedTeam", "Taking", "import_brat", "import_iob2"]

_AT_ONCE = 100
_TABLES = {
    "entities": "entity labels",
    "events": "event types",
    "roles": "roles",
    "attributes": "attributes",
    "values": "values",
}


@dataclass(frozen=True)
class ImportedTeam:
    """What an import did: records = new + unchanged + revised + refused.

    `records` are the annotations of one annotator for one document; `unseen` are those that there
    are none of. `repaired` and `left_out` count items by what was done and what they were; `unused`
    are names that were to be renamed and stand nowhere.
    """

    annotators: tuple[str, ...]
    records: int
    documents: int
    new: int
    unchanged: int
    revised: int
    refused: int
    unseen: int
    entities: int
    events: int
    repaired: Mapping[str, int] = field(default_factory=dict)
    left_out: Mapping[str, int] = field(default_factory=dict)
    unused: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The fields by name."""
        return asdict(self)


@dataclass(frozen=True)
class Taking:
    """How annotations are taken in.

    `annotator` is whose they are, instead of whom the files name; `names` are what labels are
    called here; `language` is that of new documents, detected where None; `at` is the time. With
    `repair` annotations go in without what the ontology does not allow.
    """

    settings: Settings
    ontology: Ontology
    annotator: str | None
    names: Names
    language: str | None
    at: str
    repair: bool = False

    def language_of(self, text: str) -> str:
        """The language of a new document."""
        if self.language is not None:
            return self.language
        from curation.ingest.language import detect

        return detect(text, self.settings.languages)[0]


def import_brat(store: Store, folders: Sequence[Path], taking: Taking) -> ImportedTeam:
    """Folders of brat, one an annotator, into the store; documents are called by their paths.

    Raises InputError, with all of them, where names are not in the ontology; then nothing is
    stored. What else cannot be used is told in `problems`, and the rest goes in.
    """
    known = _documents(store)
    found = read_brat(folders, annotator=taking.annotator, known=known, language=taking.language_of)
    return _import(store, found, taking)


def import_iob2(
    store: Store, files: Sequence[Path], columns: Mapping[str, int], taking: Taking
) -> ImportedTeam:
    """CoNLL-style files, one column an annotator, into the store; as `import_brat` otherwise."""
    known = _documents(store)
    found = read_columns(
        files, columns, annotator=taking.annotator, known=known, language=taking.language_of
    )
    return _import(store, found, taking)


def _documents(store: Store) -> dict[str, Document]:
    with store.transaction() as repo:
        return {document.uid: document for document in repo.documents()}


def _import(store: Store, items: Iterable[Found], taking: Taking) -> ImportedTeam:
    given = list(items)
    unused = missing(taking.names, [i.annotations for i in given if isinstance(i, Reading)])
    found = [renamed(item, taking.names) if isinstance(item, Reading) else item for item in given]
    if not taking.repair:
        readings = (item for item in found if isinstance(item, Reading))
        _refuse_unknown([reading.annotations for reading in readings], taking.ontology)
    intake = Intake(taking.ontology, at=taking.at, repair=taking.repair)
    stored = _stored(store, found, intake)
    done, sets = intake.done, [said for _, said in stored]
    return ImportedTeam(
        annotators=tuple(sorted({said.annotator for said in sets})),
        records=done.records,
        documents=done.documents,
        new=done.new,
        unchanged=done.unchanged,
        revised=done.revised,
        refused=done.refused,
        unseen=sum(isinstance(item, Unseen) for item in found),
        entities=sum(len(said.entities) for said in sets),
        events=sum(len(said.events) for said in sets),
        repaired=_sum(reading.repaired for reading, _ in stored),
        left_out=_sum([*(reading.left_out for reading, _ in stored), done.left_out]),
        unused=tuple(unused),
        problems=tuple(told(intake.errors)),
    )


def _stored(
    store: Store, found: Sequence[Found], intake: Intake
) -> list[tuple[Reading, AnnotationSet]]:
    """Those that went in, and what they are in the store."""
    stored: list[tuple[Reading, AnnotationSet]] = []
    wrong: dict[str, InputError] = {}
    for first in range(0, len(found), _AT_ONCE):
        with store.transaction(alone=True) as repo:
            for item in found[first : first + _AT_ONCE]:
                if isinstance(item, InputError):
                    intake.take(repo, item, "")
                elif isinstance(item, Reading):
                    record = _checked(item, wrong)
                    said = intake.take(repo, record, item.where)
                    stored += [(item, said)] if said else []
    return stored


def _checked(reading: Reading, wrong: dict[str, InputError]) -> Record | InputError:
    """The record, or one error for all of an annotator who cannot be called so."""
    name = reading.annotations.annotator
    if name not in wrong and (problem := annotator_problem(name)):
        wrong[name] = InputError(problem, where=reading.where, hint=RENAME)
    return wrong.get(name, reading.record)


def _sum(counted: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for one in counted:
        total.update(one)
    return dict(sorted(total.items()))


def _refuse_unknown(sets: Sequence[AnnotationSet], ontology: Ontology) -> None:
    """InputError with every name that the ontology does not have, and how often it stands."""
    unknown: dict[str, Counter[str]] = {table: Counter() for table in _TABLES}
    for one in sets:
        for table, name in _unknown(migrate(one, ontology.migrations), ontology):
            unknown[table][name] += 1
    said = [
        f"{_TABLES[table]} "
        + few((f"{name} ({n})" for name, n in sorted(names.items())), between=", ")
        for table, names in unknown.items()
        if names
    ]
    if said:
        raise InputError(
            f"not in ontology {ontology.name}: {'; '.join(said)}; nothing was imported",
            hint="add them to the workspace's label_config, rename with --map OLD=NEW (values: "
            "--map NAME:OLD=NEW with the new name, such as --map Negation=polarity --map "
            "polarity:true=negative), leave out with --map OLD=, or all of them with --repair",
        )


def _unknown(annotations: AnnotationSet, ontology: Ontology) -> Iterable[tuple[str, str]]:
    values = {a.name: a.values for a in ontology.attributes}
    known = {
        "entities": ontology.entity_names,
        "events": ontology.event_names,
        "roles": {r.name for r in ontology.roles},
        "attributes": values,
    }
    yield from ((t, name) for t, name in names_in_use(annotations) if name not in known[t])
    for event in annotations.events:
        for name, value in event.attributes.items():
            if value not in values.get(name, (value,)):
                yield "values", f"{name}:{value}"
