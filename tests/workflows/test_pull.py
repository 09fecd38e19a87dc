"""What a pull keeps and reads again, over a server that people work on between pulls."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from curation.errors import UsageError
from curation.labelstudio.convert import annotations_to_result
from curation.labelstudio.payload import Payload
from curation.model import Document
from curation.ontology import Ontology
from curation.ontology_xml import ontology_to_xml
from curation.settings import Annotator, Settings
from curation.store import RemoteRecord, Store, open_store
from curation.testing import FakeLabelStudio, annotation_set
from curation.workflows.adopt import adopt
from curation.workflows.pull import Pulled, pull
from curation.workflows.push import push
from curation.workflows.replay import replay

AT = "2024-05-01T12:00:00+00:00"
TEXT = "Anna Berg met Peter Lind in Oslo."


class World:
    """A workspace with three documents and one annotator, pushed to a server."""

    def __init__(self, folder: Path, ontology: Ontology) -> None:
        self.ontology = ontology
        self.settings = Settings(
            folder=folder,
            id="abcd",
            name="Test",
            languages=("en",),
            annotators=(Annotator(name="anna", email="anna@example.org"),),
        )
        self.store: Store = open_store(f"sqlite:///{folder / 'curation.db'}")
        with self.store.transaction() as repo:
            for uid in ("a", "b", "c"):
                made = Document(uid=uid, language="en", text=TEXT)
                repo.add_document(made, offset_map=[], at=AT)
        self.client = FakeLabelStudio()
        push(self.store, self.client, settings=self.settings, ontology=ontology, at=AT)
        (self.project,) = (int(p["id"]) for p in self.client.projects())

    def task(self, uid: str) -> int:
        """The id of a task."""
        tasks = self.client.tasks(self.project)
        return next(int(t["id"]) for t in tasks if t["data"]["uid"] == uid)

    def annotate(self, uid: str, label: str, **more: bool) -> int:
        """Anna says that "Anna Berg" is `label`."""
        said = annotation_set(TEXT, [("Anna Berg", label)], [])
        result = annotations_to_result(said, TEXT, self.ontology)
        return self.client.create_annotation(self.task(uid), result, lead_time=1.0, **more)

    def pull(self, *, full: bool = False) -> Pulled:
        """One pull."""
        return pull(
            self.store,
            self.client,
            settings=self.settings,
            ontology=self.ontology,
            at=AT,
            full=full,
        )

    def adopt(self, number: int) -> None:
        """Takes a project that was made by hand into the workspace."""
        adopt(
            self.store,
            self.client,
            number,
            settings=self.settings,
            ontology=self.ontology,
            at=AT,
        )

    def said(self) -> dict[str, list[str]]:
        """The labels that stand in the store, by document."""
        with self.store.transaction() as repo:
            return {s.uid: [e.label for e in s.entities] for s in repo.annotation_sets("person")}

    def remotes(self, uid: str) -> list[RemoteRecord]:
        """What is kept of a task."""
        with self.store.transaction() as repo:
            (task,) = (t for t in repo.tasks() if t.uid == uid)
            return repo.remotes(task)


@pytest.fixture
def world(tmp_path: Path, news: Ontology) -> World:
    """Three tasks, nothing annotated."""
    return World(tmp_path, news)


def test_only_what_changed_is_read(world: World) -> None:
    """The first pull reads every task, the next only the one that was annotated since."""
    assert world.pull().read == 3
    world.annotate("b", "PER")
    found = world.pull()
    assert (found.read, found.new) == (1, 1)
    assert found.tasks == {"done": 1, "open": 2}
    assert world.pull().read == 0


def test_a_full_pull_reads_everything(world: World) -> None:
    """`full` reads what did not change as well, and changes nothing by it."""
    world.annotate("b", "PER")
    world.pull()
    found = world.pull(full=True)
    assert (found.read, found.payloads, found.unchanged) == (3, 0, 1)


def test_a_deleted_annotation_is_recorded_and_kept(world: World) -> None:
    """What was deleted on the server is still what the annotator said last, and known as gone."""
    number = world.annotate("a", "PER")
    world.pull()
    world.client.delete_annotation(number)
    found = world.pull()
    assert (found.deleted, found.tasks) == (1, {"open": 3})
    assert world.said() == {"a": ["PER"]}
    assert [r.state for r in world.remotes("a")] == ["deleted"]
    assert world.pull(full=True).deleted == 0


def test_after_a_deletion_the_annotation_before_it_counts(world: World) -> None:
    """Of two annotations by one person the older counts again when the newer is deleted."""
    world.annotate("a", "PER")
    newer = world.annotate("a", "ORG")
    world.pull()
    assert world.said() == {"a": ["ORG"]}
    world.client.delete_annotation(newer)
    assert world.pull().revised == 1
    assert world.said() == {"a": ["PER"]}


def test_a_deleted_task_is_gone_and_its_data_stay(world: World) -> None:
    """Without any change of time the missing task is noticed by the number of tasks."""
    world.annotate("a", "PER")
    world.pull()
    world.client.delete_task(world.task("a"))
    found = world.pull()
    assert (found.tasks, found.deleted) == ({"gone": 1, "open": 2}, 1)
    assert [r.state for r in world.remotes("a")] == ["deleted"]
    assert world.said() == {"a": ["PER"]}


def test_a_deleted_task_that_is_sent_again_is_open(world: World) -> None:
    """What was in the deleted task is recorded as deleted, kept and replayed, and not work done."""
    world.annotate("a", "PER")
    world.pull()
    world.client.delete_task(world.task("a"))
    push(world.store, world.client, settings=world.settings, ontology=world.ontology, at=AT)
    found = world.pull()
    assert (found.tasks, found.deleted) == ({"open": 3}, 1)
    assert world.said() == {"a": ["PER"]}
    assert [r.state for r in world.remotes("a")] == ["deleted"]
    again = replay(world.store, settings=world.settings, ontology=world.ontology, at=AT)
    assert (again.unchanged, world.said()) == (1, {"a": ["PER"]})
    assert world.pull().read == 0


def test_drafts_are_kept_but_are_no_work_done(world: World) -> None:
    """A draft changes no task's time; it is found all the same, kept, and not interpreted."""
    world.pull()
    draft = {"id": 900, "user": "anna@example.org", "result": [], "updated_at": AT}
    tasks = {t["data"]["uid"]: t for t in world.client.tasks(world.project)}
    tasks["c"]["drafts"].append(draft)
    found = world.pull()
    assert (found.drafts, found.payloads, found.tasks) == (1, 1, {"open": 3})
    assert [(r.kind, r.state, r.annotator) for r in world.remotes("c")] == [
        ("draft", "draft", "anna")
    ]


def test_a_skipped_task_is_kept_as_skipped(world: World) -> None:
    """Skipping is a state of the task, kept verbatim, and says nothing about the document."""
    world.annotate("a", "PER", was_cancelled=True)
    assert world.pull().tasks == {"open": 2, "skipped": 1}
    assert world.said() == {}
    assert [r.state for r in world.remotes("a")] == ["skipped"]


def test_two_tasks_for_one_document_are_read_as_one(world: World) -> None:
    """A task that was imported twice is counted, and the newer annotation of the two counts."""
    (data,) = (t["data"] for t in world.client.tasks(world.project) if t["data"]["uid"] == "a")
    (second,) = world.client.import_tasks(world.project, [{"data": data}])
    world.annotate("a", "PER")
    said = annotation_set(TEXT, [("Anna Berg", "LOC")], [])
    result = annotations_to_result(said, TEXT, world.ontology)
    world.client.create_annotation(second, result, lead_time=1.0)
    found = world.pull()
    assert (found.duplicates, found.tasks) == (1, {"done": 1, "open": 2})
    assert world.said() == {"a": ["LOC"]}


def test_a_task_that_shows_another_text_goes_to_quarantine(world: World) -> None:
    """Offsets into a text that is not the document's are never used."""
    world.annotate("a", "PER")
    tasks = {t["data"]["uid"]: t for t in world.client.tasks(world.project)}
    tasks["a"]["data"]["text"] = f"Yesterday {TEXT}"
    found = world.pull()
    assert (found.quarantined, world.said()) == (1, {})
    assert "another text" in found.problems[0]


def test_a_project_made_by_hand_is_adopted(world: World) -> None:
    """Its texts become documents as they are, its users annotators, and later pulls read it."""
    xml = ontology_to_xml(world.ontology).replace("$text", "$body")
    number = world.client.create_project("By hand", xml, "")
    body = "  Anna Berg\r\nwas in Oslo. 😀"
    (task,) = world.client.import_tasks(number, [{"data": {"body": body}}])
    said = annotation_set(body, [("Oslo", "LOC")], [])
    result = annotations_to_result(said, body, world.ontology)
    world.client.create_annotation(task, result, lead_time=1.0)
    world.adopt(number)
    assert world.pull().new == 1
    with world.store.transaction() as repo:
        document = repo.document(f"ls{number}-{task}")
        assert document is not None
        assert document.text == body
        (found,) = repo.annotation_sets("person", uids=[document.uid])
        assert found.annotator == "admin@example.org"
        assert [body[e.start : e.end] for e in found.entities] == ["Oslo"]
    assert world.pull().read == 0


def test_tasks_of_an_adopted_project_that_cannot_be_documents(world: World) -> None:
    """Each is told with its address, and the others are read; unknown labels stay countable."""
    number = world.client.create_project("By hand", ontology_to_xml(world.ontology), "")
    strange: list[Any] = [
        {"language": "e"},
        {"language": {"a": 1}},
        {"text": "\ud800"},
        {"text": 1},
    ]
    data = [{"text": f"Text {n}."} | more for n, more in enumerate([{}, *strange, {}])]
    tasks = world.client.import_tasks(number, [{"data": found} for found in data])
    for task, found in zip(tasks, data, strict=True):
        unknown = {"type": "labels", "from_name": "entity", "to_name": "text"}
        value = {"start": 0, "end": 4, "text": "Text", "labels": ["SHIP"]}
        many = [unknown | {"id": f"r{n}", "value": value} for n in range(100)]
        result = many if found is data[-1] else []
        world.client.create_annotation(task, result, lead_time=1.0)
    world.adopt(number)
    found = world.pull()
    assert (found.new, found.quarantined, found.foreign) == (1, 1, 4)
    assert [f"task={t}" in p for t, p in zip(tasks[1:], found.problems, strict=True)] == [True] * 5
    assert "and 90 more" in found.problems[-1]


def test_a_project_with_unknown_labels_is_not_adopted(world: World) -> None:
    """The error names the labels and the way to an ontology that has them."""
    labels = '<Labels name="l" toName="t"><Label value="Ship"/></Labels>'
    xml = f'<View>{labels}<Text name="t" value="$t"/></View>'
    number = world.client.create_project("By hand", xml, "")
    with pytest.raises(UsageError, match=r"Ship.*--save-ontology"):
        world.adopt(number)
    with world.store.transaction() as repo:
        assert len(repo.projects()) == 1


def meanwhile(world: World, monkeypatch: pytest.MonkeyPatch, *work: Callable[[], object]) -> None:
    """People do the first `work` when the next pull has got its first page, and so on."""
    pages, waiting = world.client.annotated_tasks, list(work)

    def busy(
        project: int, ids: Sequence[int] | None = None, *, known: Iterable[int] = ()
    ) -> Iterator[list[Payload]]:
        for page in pages(project, ids, known=known):
            yield deepcopy(page)
            if waiting:
                waiting.pop(0)()

    monkeypatch.setattr(world.client, "annotated_tasks", busy)


def test_what_is_done_while_a_pull_runs_comes_with_the_next(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A task that changes after it was read is read again, though the pull saw later changes."""

    def work() -> None:
        world.annotate("a", "PER")
        for _ in range(30):
            world.client._time()  # Half a minute goes by.
        world.annotate("c", "LOC")
        drafted = world.client._tasks[world.task("b")]["drafts"]
        drafted.append({"id": 900, "user": "anna@example.org", "result": [], "updated_at": AT})

    meanwhile(world, monkeypatch, work)
    assert (world.pull().read, world.said()) == (3, {"c": ["LOC"]})
    found = world.pull()
    assert (found.new, found.drafts, world.said()) == (1, 1, {"a": ["PER"], "c": ["LOC"]})
    world.annotate("b", "PER")
    meanwhile(world, monkeypatch, lambda: world.annotate("a", "LOC"))
    world.pull()
    world.pull()
    assert world.said() == {"a": ["LOC"], "b": ["PER"], "c": ["LOC"]}
    assert world.pull().read == 1  # The one with the draft.
