"""Annotations from files: canonical lines and exports of Label Studio."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from curation.errors import InputError
from curation.formats.jsonl import write_jsonl
from curation.labelstudio.convert import annotations_to_result
from curation.model import Record
from curation.ontology import Ontology
from curation.settings import Annotator, Settings
from curation.store import Store, open_store
from curation.testing import annotation_set, document
from curation.workflows.importing import ImportedTasks, import_jsonl, import_label_studio

AT = "2024-05-01T12:00:00+00:00"
TEXT = "Anna Berg was in Oslo. 😀 Zürich"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """An empty database."""
    return open_store(f"sqlite:///{tmp_path / 'curation.db'}")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """One annotator, who is known by her address."""
    anna = Annotator(name="anna", email="anna@example.org")
    return Settings(folder=tmp_path, id="abcd", name="Test", annotators=(anna,), languages=("en",))


def test_canonical_lines_bring_documents_and_annotations(
    store: Store, tmp_path: Path, news: Ontology
) -> None:
    """What was written is here; the same file again changes nothing."""
    path = tmp_path / "anna.jsonl"
    said = annotation_set(TEXT, [("Oslo", "LOC")], uid="a")
    bare = Record(document=document(TEXT, uid="b"))
    write_jsonl([Record(document=document(TEXT, uid="a"), annotations=said), bare], path)
    done = import_jsonl(store, [path], ontology=news, annotator=None, at=AT)
    assert (done.records, done.documents, done.new, done.bare, done.refused) == (2, 2, 1, 1, 0)
    again = import_jsonl(store, [path], ontology=news, annotator=None, at=AT)
    assert (again.documents, again.new, again.unchanged) == (0, 0, 1)
    with store.transaction() as repo:
        assert [s.entities for s in repo.annotation_sets("person")] == [said.entities]


def test_bad_lines_are_told_with_their_places_and_the_others_go_in(
    store: Store, tmp_path: Path, news: Ontology
) -> None:
    """Broken JSON, an unknown label, gold, and another text under a known id are each refused."""
    good = {"id": "a", "language": "en", "text": TEXT, "annotator": "anna", "entities": []}
    ship = {"id": "T1", "start": 0, "end": 4, "label": "SHIP"}
    lines: list[Any] = [
        good,
        good | {"id": "b", "entities": [ship]},
        good | {"id": "c", "meta": {"annotation": {"kind": "gold"}}},
        good | {"text": "another"},
    ]
    path = tmp_path / "mixed.jsonl"
    path.write_text("\n".join(["{"] + [json.dumps(line) for line in lines]), encoding="utf-8")
    done = import_jsonl(store, [path], ontology=news, annotator=None, at=AT)
    assert (done.records, done.new, done.refused) == (5, 1, 4)
    assert [p.split(": ")[0] for p in done.problems] == [f"{path}:{n}" for n in (1, 3, 4, 5)]
    assert [
        word in p
        for word, p in zip(("JSON", "SHIP", "gold", "another text"), done.problems, strict=True)
    ] == [True] * 4


def export(news: Ontology, **more: Any) -> list[dict[str, Any]]:
    """One annotated task as Label Studio exports it."""
    result = annotations_to_result(annotation_set(TEXT, [("Zürich", "LOC")]), TEXT, news)
    annotation = {"id": 5, "completed_by": 3, "result": result, "updated_at": AT, "lead_time": 2.5}
    return [{"id": 9, "project": 4, "data": {"text": TEXT}, "annotations": [annotation | more]}]


def imported(
    store: Store, settings: Settings, news: Ontology, tasks: Any, annotator: str | None = None
) -> ImportedTasks:
    """The import of a file with these tasks."""
    path = settings.folder / "export.json"
    path.write_text(json.dumps(tasks), encoding="utf-8")
    return import_label_studio(
        store,
        path,
        settings=settings,
        ontology=news,
        annotator=annotator,
        text_field="text",
        at=AT,
    )


@pytest.mark.parametrize(
    ("completed_by", "option", "expected"),
    [
        (3, None, "user 3"),
        (3, "ben", "ben"),
        ({"id": 3, "email": "anna@example.org"}, None, "anna"),
    ],
)
def test_an_export_is_kept_and_interpreted(
    store: Store,
    settings: Settings,
    news: Ontology,
    completed_by: Any,
    option: str | None,
    expected: str,
) -> None:
    """Texts become documents; the annotator is who is named, or whose address is known."""
    tasks = export(news, completed_by=completed_by)
    done = imported(store, settings, news, tasks, option)
    assert (done.tasks, done.annotations, done.new, done.payloads) == (1, 1, 1, 1)
    assert imported(store, settings, news, tasks, option).unchanged == 1
    with store.transaction() as repo:
        (found,) = repo.annotation_sets("person")
        kept = repo.document(found.uid)
        assert kept is not None
        assert [kept.text[e.start : e.end] for e in found.entities] == ["Zürich"]
        assert (found.annotator, found.provenance["lead_time"]) == (expected, 2.5)


def test_a_task_of_this_workspace_finds_its_document(
    store: Store, settings: Settings, news: Ontology
) -> None:
    """The uid in the data, as `push --to-file` writes it, is the document's; none is made."""
    with store.transaction() as repo:
        repo.add_document(document(TEXT, uid="a"), offset_map=[], at=AT)
    tasks = export(news)
    tasks[0]["data"] |= {"uid": "a", "revision": 1, "annotator": "anna"}
    imported(store, settings, news, tasks)
    with store.transaction() as repo:
        assert repo.uids() == ["a"]
        assert [s.annotator for s in repo.annotation_sets("person")] == ["anna"]


@pytest.mark.parametrize("tasks", [{}, [1], [{"id": 1, "data": {}}], [{"text": "x", "label": []}]])
def test_what_is_no_export_is_refused(
    store: Store, settings: Settings, news: Ontology, tasks: Any
) -> None:
    """The error says how to export; nothing is stored."""
    with pytest.raises(InputError, match="choose Export, then JSON"):
        imported(store, settings, news, tasks)
    with store.transaction() as repo:
        assert repo.projects() == []
