"""Annotations that a team has already: canonical files, and exports of Label Studio."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from curation.errors import InputError
from curation.formats.jsonl import read_records
from curation.migration import migrate
from curation.model import AnnotationSet, Record
from curation.ontology import Ontology
from curation.settings import Settings
from curation.store import Repository, Store
from curation.workflows.adopt import Adopter
from curation.workflows.interpret import Interpreter

__all__ = [
    "Imported",
    "ImportedTasks",
    "import_jsonl",
    "import_label_studio",
    "store_record",
]

_AT_ONCE = 100


@dataclass
class Imported:
    """What an import of canonical lines did: records = annotations + bare + refused.

    `bare` lines hold a document that nobody has annotated. `documents` are new ones; new +
    unchanged + revised are the annotations.
    """

    records: int = 0
    documents: int = 0
    bare: int = 0
    new: int = 0
    unchanged: int = 0
    revised: int = 0
    refused: int = 0
    problems: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """The fields by name."""
        return asdict(self)


def import_jsonl(
    store: Store,
    paths: Sequence[Path],
    *,
    ontology: Ontology,
    annotator: str | None,
    at: str,
    advance: Callable[[int], None] = lambda _count: None,
) -> Imported:
    """Documents and annotations of canonical files into the store, texts as they are.

    `annotator` is whose they are, instead of whom the lines name. A line that cannot be used is
    told in `problems`; the others go in.
    """
    done = Imported()
    for path in paths:
        found = read_records(path)
        while some := list(islice(found, _AT_ONCE)):
            with store.transaction() as repo:
                for number, item in some:
                    _one(repo, item, f"{path}:{number}", done, ontology, annotator, at)
            advance(len(some))
    return done


def _one(
    repo: Repository,
    item: Record | InputError,
    where: str,
    done: Imported,
    ontology: Ontology,
    annotator: str | None,
    at: str,
) -> None:
    done.records += 1
    try:
        if isinstance(item, InputError):
            raise item
        store_record(repo, item, where, done, ontology, annotator, at)
    except InputError as error:
        done.refused += 1
        done.problems.append(str(error))


def store_record(
    repo: Repository,
    record: Record,
    where: str,
    done: Imported,
    ontology: Ontology,
    annotator: str | None,
    at: str,
) -> None:
    """The document, if it is new, and its annotations; counted in `done`.

    Raises InputError where it does not fit what is here, or the ontology.
    """
    document = record.document
    annotations = _annotations(record, ontology, annotator, where)
    known = repo.document(document.uid)
    if known is not None and known.sha256 != document.sha256:
        raise InputError(
            "the document of this id has another text here",
            where=where,
            hint="give the document in the file an id of its own",
        )
    if known is None:
        first = document.model_copy(update={"revision": 1})
        repo.add_document(first, offset_map=[], at=at)
        done.documents += 1
    if annotations is None:
        done.bare += 1
        return
    change = repo.save_annotations(annotations, at=at)
    setattr(done, change, getattr(done, change) + 1)


def _annotations(
    record: Record, ontology: Ontology, annotator: str | None, where: str
) -> AnnotationSet | None:
    found = record.annotations
    if found is None:
        return None
    if annotator is not None:
        found = found.model_copy(update={"annotator": annotator, "kind": "person"})
    if found.kind == "gold":
        raise InputError(
            "gold is made by `curation adjudicate`",
            where=where,
            hint="import it as somebody's annotations, with --annotator NAME",
        )
    found = migrate(found, ontology.migrations)
    if problems := list(ontology.problems(found)):
        raise InputError("; ".join(problems), where=where)
    return found


@dataclass(frozen=True)
class ImportedTasks:
    """What an import of a Label Studio export did; the words are those of a pull."""

    tasks: int
    foreign: int
    annotations: int
    payloads: int
    new: int
    unchanged: int
    revised: int
    quarantined: int
    repairs: Mapping[str, int]
    problems: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """The fields by name."""
        return asdict(self)


def import_label_studio(
    store: Store,
    path: Path,
    *,
    settings: Settings,
    ontology: Ontology,
    annotator: str | None,
    text_field: str,
    at: str,
    advance: Callable[[int], None] = lambda _count: None,
) -> ImportedTasks:
    """The annotations in a JSON export of Label Studio, kept and interpreted like a pull's.

    Tasks of this workspace's documents are known by the uid in their data; of other tasks the text
    in `text_field` becomes a document. `annotator` is whose the annotations are, where the file's
    user ids say nothing here. Raises InputError where the file is no such export.
    """
    tasks = _tasks(path)
    with store.transaction() as repo:
        project = repo.save_project(
            server=f"file:{path.name}",
            marker=f"file:{annotator or ''}",
            remote_id=_project_number(tasks),
            annotator=annotator or _one_annotator(tasks),
            at=at,
            adopted=True,
        )
    interpreter = Interpreter(settings, ontology, {}, at=at)
    adopter = Adopter(settings, project, text_field)
    for some in _chunks(tasks):
        with store.transaction() as repo:
            known = {(t.uid, t.revision): t for t in repo.tasks(project.id)}
            for task in some:
                uid = adopter.document(repo, task, at)
                interpreter.task(repo, project, task, known, uid)
        advance(len(some))
    return _summary(interpreter)


def _summary(interpreter: Interpreter) -> ImportedTasks:
    tally = interpreter.tally
    return ImportedTasks(
        tasks=tally.read,
        foreign=tally.foreign,
        annotations=tally.annotations,
        payloads=tally.payloads,
        new=tally.new,
        unchanged=tally.unchanged,
        revised=tally.revised,
        quarantined=tally.quarantined,
        repairs=dict(sorted(interpreter.repairs.items())),
        problems=tuple(interpreter.problems),
    )


def _chunks(tasks: Sequence[Mapping[str, Any]]) -> Iterator[Sequence[Mapping[str, Any]]]:
    return (tasks[first : first + _AT_ONCE] for first in range(0, len(tasks), _AT_ONCE))


def _tasks(path: Path) -> list[Mapping[str, Any]]:
    hint = "in Label Studio choose Export, then JSON"
    try:
        found = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=str(path)) from error
    except UnicodeDecodeError as error:
        raise InputError(f"not UTF-8 at byte {error.start}", where=str(path)) from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"not JSON: {error}", where=str(path), hint=hint) from error
    if not isinstance(found, list):
        raise InputError("not a list of tasks", where=str(path), hint=hint)
    for number, task in enumerate(found, 1):
        wanted = {"id": int, "data": dict, "annotations": list}
        sound = isinstance(task, dict) and all(
            isinstance(task.get(key), kind) for key, kind in wanted.items()
        )
        if not sound:
            raise InputError(
                "not a task with id, data and annotations",
                where=f"{path}: task {number}",
                hint=hint,
            )
    return found


def _project_number(tasks: Sequence[Mapping[str, Any]]) -> int:
    numbers = (task.get("project") for task in tasks)
    return next((number for number in numbers if isinstance(number, int)), 0)


def _one_annotator(tasks: Sequence[Mapping[str, Any]]) -> str:
    """Whom the tasks name, where `push --to-file` made them for one annotator; else nobody."""
    named = {str(task["data"].get("annotator") or "") for task in tasks}
    return named.pop() if len(named) == 1 else ""
