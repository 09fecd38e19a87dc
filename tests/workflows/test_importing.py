"""Annotations from files: canonical lines and exports of Label Studio."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
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


@pytest.mark.parametrize(
    ("kind", "kept"),
    [
        ("gold", {"sample": True}),
        ("person", {"guideline": ["1"], "sources": {"anna": "u"}, "sample": True}),
    ],
)
def test_gold_as_a_persons_keeps_what_a_person_has(
    store: Store, tmp_path: Path, news: Ontology, kind: str, kept: dict[str, Any]
) -> None:
    """Of a gold line what says how it was adjudicated is dropped; a person's line stays whole."""
    of_gold = {"adjudicator": "eva", "annotators": ["anna"], "disputed": True, "ontology": "1"}
    provenance = {"guideline": ["1"], "sources": {"anna": "u"}, "sample": True}
    provenance |= of_gold if kind == "gold" else {}
    line = {"id": "a", "language": "en", "text": TEXT, "annotator": "gold", "entities": []}
    line["meta"] = {"annotation": {"kind": kind, "provenance": provenance}}
    path = tmp_path / "gold.jsonl"
    path.write_text(json.dumps(line), encoding="utf-8")
    assert import_jsonl(store, [path], ontology=news, annotator="carl", at=AT).new == 1
    with store.transaction() as repo:
        (said,) = repo.annotation_sets("person")
    assert (said.annotator, dict(said.provenance)) == ("carl", kept)


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


def task(news: Ontology, number: Any, **more: Any) -> dict[str, Any]:
    """A task of that id with a text and an annotation of its own; `data` are added to its data."""
    (made,) = export(news, id=number)
    data = {"text": f"{TEXT} {number}", **more.pop("data", {})}
    return {**made, "id": number, "data": data, **more}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"annotations": None}, "export.json: task 2: .*annotations is missing or no list"),
        ({"project": 10**30}, "export.json: task 2: its project is no number of a project"),
        ({"data": {"text": "a \ud800"}}, r"/projects/4/data\?task=2: its text has half a char"),
        ({"data": {"text": 7}}, r"\?task=2: there is no text in field 'text' .*: 'other'"),
        ({"data": {"language": "e"}}, r"\?task=2: 'e' is no language code"),
        ({"data": {"language": "e" * 40}}, r"\?task=2: 'e+' is no language code"),
        ({"data": {"language": {"a": 1}}}, r"\?task=2: .* is no language code"),
        ({"id": 2**70}, "a task came without a usable id .1180591620717411303424."),
        (7, "export.json: task 2: not a task"),
    ],
)
def test_a_bad_task_is_told_and_the_others_go_in(
    store: Store, settings: Settings, news: Ontology, changes: Any, told: str
) -> None:
    """Those before and after it, in the same transaction too."""
    bad: Any = 7
    if isinstance(changes, dict):
        data = {"other": "x", **changes.pop("data", {})}
        bad = task(news, 2, data=data) | changes
    done = imported(store, settings, news, [task(news, 1), bad, task(news, 3)])
    assert (done.tasks, done.refused, done.new) == (3, 1, 2)
    (problem,) = done.problems
    assert re.search(told, problem)
    with store.transaction() as repo:
        assert repo.uids() == ["ls4-1", "ls4-3"]


def test_languages_of_tasks_are_those_of_the_workspace(
    store: Store, settings: Settings, news: Ontology
) -> None:
    """Another way to write a code of the workspace is that code; without one it is detected."""
    tasks = [task(news, 1, data={"language": "EN_gb"}), task(news, 2, data={"language": ""})]
    assert imported(store, settings, news, tasks).problems == ()
    with store.transaction() as repo:
        assert [d.language for d in repo.documents()] == ["en", "en"]


@pytest.mark.parametrize(
    ("first", "second", "whose"),
    [("anna", None, "anna's"), ("anna", "zoe", "anna's"), (None, "zoe", "of whom the file names")],
)
def test_annotations_of_a_file_do_not_become_two_peoples(
    store: Store,
    settings: Settings,
    news: Ontology,
    first: str | None,
    second: str | None,
    whose: str,
) -> None:
    """The same file under another --annotator is refused, and nothing changes."""
    tasks = export(news)
    imported(store, settings, news, tasks, first)
    with pytest.raises(InputError, match=f"export.json: its annotations are here already.*{whose}"):
        imported(store, settings, news, tasks, second)
    assert imported(store, settings, news, tasks, first).unchanged == 1
    with store.transaction() as repo:
        assert len(list(repo.annotation_sets("person"))) == 1


def test_exports_of_two_servers_with_equal_names_and_numbers_stay_apart(
    store: Store, settings: Settings, news: Ontology
) -> None:
    """Each is a project of its own with documents of its own; exported again, it is the same."""
    here = [task(news, 1, created_at="2024-01-01"), task(news, 2)]
    there = [task(news, 1, created_at="2023-01-01", data={"text": f"{TEXT} Another text."})]
    assert imported(store, settings, news, here, "anna").new == 2
    assert imported(store, settings, news, there, "ben").new == 1
    assert imported(store, settings, news, there, "ben").unchanged == 1
    assert imported(store, settings, news, [*here, task(news, 3)], "anna").new == 1
    with store.transaction() as repo:
        assert len(repo.projects()) == 2
        documents = {d.uid: d for d in repo.documents()}
    assert {d.revision for d in documents.values()} == {1}
    (other,) = documents.keys() - {"ls4-1", "ls4-2", "ls4-3"}
    assert re.fullmatch("ls4-1-[0-9a-f]{8}", other)
    assert documents["ls4-1"].text == f"{TEXT} 1"


@pytest.mark.parametrize("name", ["zoe\nben   999  999  0", "\x1b[31m", "z" * 41])
def test_tasks_that_name_nobody(
    store: Store, settings: Settings, news: Ontology, name: str
) -> None:
    """What cannot be a name of an annotator is refused with the way out."""
    with pytest.raises(InputError, match=r"export.json: .* cannot be the name .*--annotator"):
        imported(store, settings, news, [task(news, 1, data={"annotator": name})])


def lines_of(path: Path, *changes: dict[str, Any]) -> Path:
    """A canonical file of zoe's, a line for each."""
    good = {"id": "a", "language": "en", "text": TEXT, "annotator": "zoe", "entities": []}
    path.write_text("".join(json.dumps(good | c) + "\n" for c in changes), encoding="utf-8")
    return path


def test_bad_files_and_names_do_not_keep_the_others_out(
    store: Store, tmp_path: Path, news: Ontology
) -> None:
    """A missing file, a second set for one document, languages and names that are none."""
    first = lines_of(tmp_path / "1.jsonl", {})
    missing = tmp_path / "2.jsonl"
    last = lines_of(
        tmp_path / "3.jsonl",
        {"entities": []},
        {"id": "b", "language": "xx-yy-zz nonsense"},
        {"id": "c", "annotator": "zoe\nben   999  999  0"},
        {"id": "d"},
    )
    done = import_jsonl(store, [first, missing, last], ontology=news, annotator=None, at=AT)
    assert (done.records, done.new, done.refused) == (6, 2, 4)
    for place, why, problem in zip(
        (missing, f"{last}:1", f"{last}:2", f"{last}:3"),
        ("cannot be read", "annotated twice by zoe", "no language code", "cannot be the name"),
        done.problems,
        strict=True,
    ):
        assert problem.startswith(f"{place}: ")
        assert why in problem
    with store.transaction() as repo:
        assert repo.uids() == ["a", "d"]


def test_repair_takes_a_line_without_what_is_not_allowed(
    store: Store, tmp_path: Path, news: Ontology
) -> None:
    """By default the line is refused and the option named; the reasons are counted."""
    event = {
        "id": "E1",
        "type": "CONSULT",
        "trigger": {"start": 10, "end": 13},
        "arguments": [{"role": "Location", "target": "T1"}],
    }
    entities = [{"id": "T1", "start": 0, "end": 4, "label": "ORG"}]
    path = lines_of(tmp_path / "1.jsonl", {"entities": entities, "events": [event]})
    done = import_jsonl(store, [path], ontology=news, annotator=None, at=AT)
    assert (done.refused, done.left_out) == (1, {})
    assert "a ORG cannot be Location (--repair" in done.problems[0]
    done = import_jsonl(store, [path], ontology=news, annotator=None, at=AT, repair=True)
    assert (done.new, done.left_out) == (1, {"a ORG cannot be Location": 1})
    again = import_jsonl(store, [path], ontology=news, annotator=None, at=AT, repair=True)
    assert again.unchanged == 1
    with store.transaction() as repo:
        (said,) = repo.annotation_sets("person")
    assert [e.arguments for e in said.events] == [()]


def test_two_imports_at_the_same_time_keep_everything_once(
    store: Store, tmp_path: Path, news: Ontology
) -> None:
    """Of two that import the same lines at once one brings them, the other finds them there."""
    path = tmp_path / "anna.jsonl"
    records = [
        Record(
            document=document(f"{TEXT} {n}", uid=f"d{n}"),
            annotations=annotation_set(f"{TEXT} {n}", [("Oslo", "LOC")], uid=f"d{n}"),
        )
        for n in range(20)
    ]
    write_jsonl(records, path)
    start = Barrier(2)

    def work() -> tuple[int, int]:
        mine = open_store(store.url)
        start.wait()
        done = import_jsonl(mine, [path], ontology=news, annotator=None, at=AT)
        return done.new, done.unchanged

    with ThreadPoolExecutor(2) as pool:
        counts = [f.result() for f in [pool.submit(work), pool.submit(work)]]
    assert sorted(counts) == [(0, 20), (20, 0)]
    with store.transaction() as repo:
        assert [s.uid for s in repo.annotation_sets("person")] == sorted(f"d{n}" for n in range(20))
