"""A push by files, for servers that cannot be reached: one import file for each annotator."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from curation.assignment import Rules
from curation.errors import UsageError
from curation.ontology import Ontology
from curation.ontology_xml import ontology_to_xml
from curation.settings import Annotator, Settings
from curation.store import Store
from curation.workflows.locking import only_one
from curation.workflows.push import save_plan
from curation.workflows.push_plan import push_rules
from curation.workflows.push_tasks import Prepared, TaskMaker, least_certain_first

__all__ = ["TaskFile", "TaskFiles", "push_to_files"]


@dataclass(frozen=True)
class TaskFile:
    """An annotator's import file."""

    annotator: str
    path: str
    tasks: int


@dataclass(frozen=True)
class TaskFiles:
    """What was written. `problems`, `notes`: as in `Pushed`."""

    files: tuple[TaskFile, ...]
    problems: tuple[str, ...]
    notes: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """The fields by name."""
        return asdict(self)


def push_to_files(
    store: Store,
    *,
    settings: Settings,
    ontology: Ontology,
    folder: Path,
    at: str,
    rules: Rules | None = None,
    advance: Callable[[int], None] = lambda _count: None,
) -> TaskFiles:
    """Write all that everybody is to label, whole files or none; the plan is stored like a push's.

    Raises UsageError where `folder` cannot be written.
    """
    with only_one(settings.folder, "push"):
        try:
            # Before the plan is stored: what is not written is not given to anybody.
            folder.mkdir(parents=True, exist_ok=True)
            with TemporaryFile(dir=folder):
                pass
            plan = save_plan(store, settings, rules or push_rules(settings), at=at)
            with store.transaction() as repo:
                proposals = repo.proposals()
            problems: dict[str, None] = {}
            files = []
            for annotator in settings.annotators:
                given = plan.by_annotator[annotator.name]
                maker = TaskMaker(store, ontology, annotator.name, proposals, given)
                with store.transaction() as repo:
                    queue = least_certain_first(repo, given)
                path = folder / f"tasks-{annotator.name}.json"
                _write(path, _array(maker.tasks(queue), advance))
                files.append(TaskFile(annotator.name, str(path), len(queue)))
                problems |= dict.fromkeys(maker.problems)
            _write(folder / "label_config.xml", [ontology_to_xml(ontology)])
            _write(folder / "README.txt", _readme(settings.annotators))
        except OSError as error:
            raise UsageError(f"{folder}: cannot be written: {error.strerror or error}") from error
        return TaskFiles(tuple(files), tuple(problems), tuple(plan.notes()))


def _array(tasks: Iterable[Prepared], advance: Callable[[int], None]) -> Iterator[str]:
    yield "["
    for number, prepared in enumerate(tasks):
        yield (",\n" if number else "\n") + prepared.body.decode()
        advance(1)
    yield "\n]\n"


def _write(path: Path, parts: Iterable[str]) -> None:
    beside = path.with_name(path.name + ".part")
    try:
        beside.unlink(missing_ok=True)
        # "x" writes through no link that somebody puts there.
        with beside.open("x", encoding="utf-8", newline="\n") as file:
            file.writelines(parts)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def _readme(annotators: Iterable[Annotator]) -> Iterator[str]:
    yield (
        "For each annotator: make a project in Label Studio, paste label_config.xml into\n"
        "Settings > Labeling Interface > Code, and import the annotator's file. When work is\n"
        "done, export the project as JSON and run: curation import label-studio FILE\n\n"
    )
    for annotator in annotators:
        yield f"tasks-{annotator.name}.json: {annotator.name} <{annotator.email}>\n"
