"""Whole tasks of Label Studio that went wrong: never a crash, and what came is kept."""

from __future__ import annotations

import copy
import json
import random
from pathlib import Path
from typing import Any

import pytest
from mutants import STRANGE, mutated

from curation.labelstudio.convert import annotations_to_result
from curation.labelstudio.payload import Payload
from curation.model import Document
from curation.ontology import Ontology
from curation.settings import Annotator, Settings
from curation.store import ProjectRecord, Repository, Store, open_store
from curation.testing import annotation_set
from curation.workflows.interpret import Interpreter

AT = "2024-05-01T12:00:00+00:00"
TEXT = "😀 Anna Berg met Bo in Oslo."
TASKS = 400
FIELDS = (
    "id", "data", "updated_at", "annotations", "drafts", "total_predictions", "completed_by",
    "result", "was_cancelled", "lead_time", "parent_prediction", "user", "uid", "revision", "text",
    "sha256",
)  # fmt: skip


def task(ontology: Ontology) -> Payload:
    """A task with two annotations and a draft."""
    said = annotation_set(TEXT, [("Anna Berg", "PER"), ("Oslo", "LOC")], [("met", "CONSULT", {})])
    result = annotations_to_result(said, TEXT, ontology)
    one = {
        "id": 5,
        "completed_by": 1,
        "result": result,
        "was_cancelled": False,
        "lead_time": 3.5,
        "updated_at": AT,
        "parent_prediction": None,
    }
    return {
        "id": 7,
        "data": {"uid": "d1", "revision": 1, "text": TEXT},
        "updated_at": AT,
        "total_predictions": 1,
        "annotations": [one, one | {"id": 6, "completed_by": {"id": 2, "email": "b@c.d"}}],
        "drafts": [{"id": 9, "user": "a@b.c", "result": result, "updated_at": AT}],
    }


def wrong(good: Payload, chance: random.Random) -> Payload:
    """A copy with one to three fields, wherever they stand, retyped or gone."""
    found = copy.deepcopy(good)
    for _ in range(chance.randint(1, 3)):
        name = chance.choice(FIELDS)
        holders = [holder for holder in objects(found) if name in holder]
        if holders and chance.random() < 0.3:
            del chance.choice(holders)[name]
        elif holders and name != "result":
            chance.choice(holders)[name] = copy.deepcopy(chance.choice([*STRANGE, [5], [9, "x"]]))
        elif holders:
            holder = chance.choice(holders)
            holder[name] = mutated(holder[name], TEXT, chance) if holder[name] else None
    return found


def objects(value: Any) -> list[dict[str, Any]]:
    """A value and all objects within."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    own = [value] if isinstance(value, dict) else []
    return own + [found for item in inner for found in objects(item)]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """The one document."""
    made = open_store(f"sqlite:///{tmp_path / 'curation.db'}")
    with made.transaction() as repo:
        document = Document(uid="d1", language="en", text=TEXT)
        repo.add_document(document, offset_map=[], at=AT)
    return made


class Reader:
    """Reads tasks of one project, each as a pull would read it after the last."""

    def __init__(self, folder: Path, ontology: Ontology) -> None:
        person = Annotator(name="anna", email="a@b.c")
        settings = Settings(folder=folder, id="abcd", name="X", annotators=(person,))
        self.interpreter = Interpreter(settings, ontology, {1: "a@b.c"}, at=AT)

    def read(self, repo: Repository, payload: Payload) -> ProjectRecord:
        """Interpret one task."""
        project = repo.save_project(server="http://s", marker="m", remote_id=1, annotator="", at=AT)
        known = {(t.uid, t.revision): t for t in repo.tasks(project.id)}
        self.interpreter.task(repo, project, payload, known)
        return project


def test_mutated_tasks_never_crash_and_are_kept(
    tmp_path: Path, store: Store, news: Ontology
) -> None:
    """Every annotation object of a task of a known document is in the payloads, verbatim."""
    reader, good = Reader(tmp_path, news), task(news)
    refused = 0
    for number in range(TASKS):
        payload = wrong(good, random.Random(number))
        with store.transaction() as repo:
            before = repo.payload_count()
            foreign = reader.interpreter.tally.foreign
            reader.read(repo, payload)
            told = reader.interpreter.tally.foreign > foreign
            missing = [] if told else list(unkept(repo, payload))
        refused += told
        assert missing == [], (number, payload)
        assert before <= repo.payload_count()
    assert TASKS / 20 < refused < TASKS / 2
    assert reader.interpreter.problems


def unkept(repo: Repository, payload: Payload) -> list[Any]:
    """The annotations and drafts that are objects and not among the payloads."""
    lists = [payload.get("annotations"), payload.get("drafts")]
    found = [i for items in lists if isinstance(items, list) for i in items if isinstance(i, dict)]
    kept = {
        json.dumps(json.loads(repo.payload(n)), sort_keys=True)
        for n in range(1, repo.payload_count() + 1)
    }
    return [item for item in found if json.dumps(item, sort_keys=True) not in kept]


def test_annotations_told_by_their_ids_alone_are_not_deleted(
    tmp_path: Path, store: Store, news: Ontology
) -> None:
    """Where a server sends only ids, or nothing about annotations, none counts as deleted."""
    reader, good = Reader(tmp_path, news), task(news)
    others: list[Payload] = [
        good | {"annotations": [5, 6], "drafts": [9]},
        {name: value for name, value in good.items() if name not in ("annotations", "drafts")},
        good | {"annotations": None, "drafts": None},
    ]
    with store.transaction() as repo:
        reader.read(repo, good)
        for payload in others:
            reader.read(repo, payload)
            assert reader.interpreter.tally.deleted == 0
        reader.read(repo, good | {"annotations": [6]})
    assert reader.interpreter.tally.deleted == 1


def test_an_annotation_without_an_id_goes_to_quarantine(
    tmp_path: Path, store: Store, news: Ontology
) -> None:
    """It is kept with a link to its task, and the others are read."""
    reader, good = Reader(tmp_path, news), task(news)
    del good["annotations"][0]["id"]
    with store.transaction() as repo:
        reader.read(repo, good)
        (record,) = repo.quarantined()
    assert record.reason == "an annotation came without an id"
    assert record.link == "http://s/projects/1/data?task=7"
    assert reader.interpreter.tally.new == 1


def test_an_annotation_without_a_result_is_not_an_empty_one(
    tmp_path: Path, store: Store, news: Ontology
) -> None:
    """Nothing said is not the same as nothing found."""
    reader, good = Reader(tmp_path, news), task(news)
    good["annotations"] = [good["annotations"][0] | {"result": None}]
    with store.transaction() as repo:
        reader.read(repo, good)
        assert list(repo.annotation_sets("person")) == []
        assert len(repo.quarantined()) == 1
