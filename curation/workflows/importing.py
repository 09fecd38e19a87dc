"""Annotations that a team has already: canonical files, and exports of Label Studio."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from curation.errors import InputError
from curation.formats.jsonl import read_records
from curation.model import Record, text_sha256
from curation.names import annotator_problem
from curation.ontology import Ontology
from curation.settings import Settings
from curation.store import ProjectRecord, Store
from curation.workflows.adopt import Adopter
from curation.workflows.intake import RENAME, Imported, Intake
from curation.workflows.interpret import Interpreter
from curation.workflows.task_values import number

__all__ = [
    "Imported",
    "ImportedTasks",
    "import_jsonl",
    "import_label_studio",
]

_AT_ONCE = 100


def import_jsonl(
    store: Store,
    paths: Sequence[Path],
    *,
    ontology: Ontology,
    annotator: str | None,
    at: str,
    repair: bool = False,
    advance: Callable[[int], None] = lambda _count: None,
) -> Imported:
    """Documents and annotations of canonical files into the store, texts as they are.

    `annotator` is whose they are, instead of whom the lines name. A line or a file that cannot be
    used is told in `problems`; the others go in. With `repair` a line goes in without what the
    ontology does not allow.
    """
    intake = Intake(ontology, at=at, annotator=annotator, repair=repair)
    found = (item for path in paths for item in _lines(path))
    while some := list(islice(found, _AT_ONCE)):
        with store.transaction(alone=True) as repo:
            for where, item in some:
                intake.take(repo, item, where)
        advance(len(some))
    intake.done.problems = [str(error) for error in intake.errors]
    return intake.done


def _lines(path: Path) -> Iterator[tuple[str, Record | InputError]]:
    """What stands in a canonical file, by its places; or why it cannot be read."""
    try:
        for number, item in read_records(path):
            yield f"{path}:{number}", item
    except InputError as error:
        yield str(path), error


@dataclass(frozen=True)
class ImportedTasks:
    """What an import of a Label Studio export did; the words are those of a pull.

    `refused` of the tasks could not be used. All that was refused or put aside is in `problems`.
    """

    tasks: int
    refused: int
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
    user ids say nothing here. A file of the same name that begins with the same task is the same
    project again, and its annotations stay whose they were. A task that cannot be used is told in
    `problems`; the others go in. Raises InputError where the file is no such export.
    """
    found = _tasks(path)
    problems = [problem for problem, _ in found if problem]
    tasks = [task for problem, task in found if not problem]
    project = _project(store, path, tasks, annotator, text_field, at)
    interpreter = Interpreter(settings, ontology, {}, at=at)
    interpreter.problems += problems
    adopter = Adopter(settings, project, text_field, interpreter.problems)
    for some in _chunks(tasks):
        with store.transaction(alone=True) as repo:
            known = {(t.uid, t.revision): t for t in repo.tasks(project.id)}
            for task in some:
                uid = adopter.document(repo, task, at)
                interpreter.task(repo, project, task, known, uid)
        advance(len(some))
    return _summary(interpreter, len(problems))


def _summary(interpreter: Interpreter, unread: int) -> ImportedTasks:
    tally = interpreter.tally
    return ImportedTasks(
        tasks=tally.read + unread,
        refused=tally.foreign + unread,
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


def _tasks(path: Path) -> list[tuple[str, Mapping[str, Any]]]:
    """All tasks, each with what is wrong with it, or ""."""
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
    told = [(_problem(task), f"{path}: task {n}", task) for n, task in enumerate(found, 1)]
    if told and all(problem for problem, _, _ in told):
        raise InputError(told[0][0], where=told[0][1], hint=hint)
    return [(problem and f"{where}: {problem} ({hint})", task) for problem, where, task in told]


def _problem(task: Any) -> str:
    if not isinstance(task, dict):
        return "not a task with id, data and annotations"
    wanted = {"id": (int, "number"), "data": (dict, "object"), "annotations": (list, "list")}
    for key, (kind, name) in wanted.items():
        if type(task.get(key)) is not kind:
            return f"not a task with id, data and annotations: {key} is missing or no {name}"
    if task.get("project") is not None and number(task["project"]) is None:
        return "its project is no number of a project"
    return ""


def _project(
    store: Store,
    path: Path,
    tasks: Sequence[Mapping[str, Any]],
    annotator: str | None,
    text_field: str,
    at: str,
) -> ProjectRecord:
    """The file's project; InputError where its annotations are here as somebody else's."""
    wanted = annotator or _one_annotator(tasks)
    if wanted and (problem := annotator_problem(wanted)):
        raise InputError(problem, where=str(path), hint=RENAME)
    numbers = (task["project"] for task in tasks if task.get("project") is not None)
    remote_id = next(numbers, 0)
    with store.transaction(alone=True) as repo:
        project = repo.save_project(
            server=_server(path, tasks, text_field),
            marker="file",
            remote_id=remote_id,
            annotator=wanted,
            at=at,
            adopted=True,
        )
    if project.annotator != wanted:
        whose = f"{project.annotator}'s" if project.annotator else "those of whom the file names"
        raise InputError(
            f"its annotations are here already, as {whose}",
            where=str(path),
            hint="give the same --annotator as then; under another file name they go in once more",
        )
    return project


def _server(path: Path, tasks: Sequence[Mapping[str, Any]], text_field: str) -> str:
    """Stands for the server of a file: its name, and what tells its first task from others.

    Servers count alike: two files may well have the same name and the same numbers. The task was
    made at another time there, and has another text.
    """
    first: Mapping[str, Any] = min(tasks, key=lambda task: int(task["id"]), default={})
    data = first.get("data", {})
    told = [first.get(key) for key in ("id", "project", "created_at")]
    told += [data.get(text_field), data.get("annotator")]
    said = [value for value in told if isinstance(value, str | int)]
    name = path.name.encode(errors="replace").decode()
    return f"file:{name}:{text_sha256(ascii(said))[:12]}"


def _one_annotator(tasks: Sequence[Mapping[str, Any]]) -> str:
    """Whom the tasks name, where `push --to-file` made them for one annotator; else nobody."""
    said = (task["data"].get("annotator") for task in tasks)
    named = {name if isinstance(name, str) else "" for name in said}
    return named.pop() if len(named) == 1 else ""
