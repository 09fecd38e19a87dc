"""Pushing where connections, limits and other people get in the way."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence

import pytest
from pushing import AT, TEXT, add, on_server, propose, pushed, recorded, task_of

from curation.errors import LabelStudioRefused, LabelStudioUnreachable, UsageError
from curation.labelstudio.payload import Payload
from curation.model import Document
from curation.ontology import Ontology
from curation.settings import Settings
from curation.store import Store
from curation.testing import FakeLabelStudio
from curation.workflows.locking import only_one


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("method", ["create_project", "import_tasks", "task_heads"])
def test_push_that_was_cut_off_is_completed(
    method: str,
    when: str,
    store: Store,
    client: FakeLabelStudio,
    settings: Settings,
    news: Ontology,
) -> None:
    """A connection lost before or after the server did the work leaves no double and no gap."""
    client.fail_next(method, "before" if when == "before" else "after")
    try:
        pushed(store, client, settings, news)
    except LabelStudioUnreachable:
        assert method != "import_tasks"
    again = pushed(store, client, settings, news)
    assert on_server(client) == [["a", "c", "b"], ["a", "b"]]
    assert again.created + again.existing == 5
    assert len(recorded(store)) == 5
    assert pushed(store, client, settings, news).created == 0


def test_lost_batch_is_asked_for_and_not_sent_twice(
    store: Store, client: FakeLabelStudio, settings: Settings, news: Ontology
) -> None:
    """Where the server took a batch and its answer was lost, one push is enough."""
    client.fail_next("import_tasks", "after")
    assert pushed(store, client, settings, news).created == 5
    assert on_server(client) == [["a", "c", "b"], ["a", "b"]]
    assert recorded(store)["anna", "b"].proposal is not None
    assert client.calls.count("import_tasks") == 2


class Late(FakeLabelStudio):
    """Takes the first batch only when it has been asked twice what it has, and says nothing."""

    late: tuple[int, list[Payload]] | None = None

    def import_tasks(self, project_id: int, tasks: Sequence[Payload]) -> list[int]:
        """The first one is lost for now."""
        if self.late is None:
            self.late = (project_id, list(tasks))
            raise LabelStudioUnreachable("a timeout")
        made = super().import_tasks(project_id, tasks)
        if self.late[1]:
            super().import_tasks(*self.late)
            self.late = (0, [])
        return made


def test_batch_that_comes_late_leaves_no_double(
    store: Store, settings: Settings, news: Ontology
) -> None:
    """Tasks that the server makes after the push gave up waiting for them are found and deleted."""
    client = Late()
    done = pushed(store, client, settings, news)
    assert on_server(client) == [["a", "c", "b"], ["a", "b"]]
    assert done.created == 5
    assert done.projects[0].doubles == 3
    assert pushed(store, client, settings, news).created == 0


class Away(FakeLabelStudio):
    """Never takes an import."""

    def import_tasks(self, project_id: int, tasks: Sequence[Payload]) -> list[int]:
        """No answer to any batch of a project."""
        assert project_id == 2
        assert tasks
        self.calls.append("import_tasks")
        raise LabelStudioUnreachable("no answer")


def test_server_that_stays_away_ends_the_push(
    store: Store, settings: Settings, news: Ontology
) -> None:
    """After a few attempts the push ends and says to run it again."""
    client = Away()
    with pytest.raises(LabelStudioUnreachable, match="run curation push again"):
        pushed(store, client, settings, news)
    assert client.calls.count("import_tasks") == 4


class Picky(FakeLabelStudio):
    """Refuses every batch with a task for one of some documents in it, as Label Studio does."""

    def __init__(self, *refused: str) -> None:
        super().__init__()
        self.refused = refused

    def import_tasks(self, project_id: int, tasks: Sequence[Payload | bytes]) -> list[int]:
        """All of a batch or nothing."""
        objects = [json.loads(t) if isinstance(t, bytes) else t for t in tasks]
        if any(task["data"]["uid"] in self.refused for task in objects):
            self.calls.append("import_tasks")
            raise LabelStudioRefused("import was refused (400): bad", status=400)
        return super().import_tasks(project_id, tasks)


def test_task_that_the_server_refuses_is_named_and_the_others_are_sent(
    store: Store, settings: Settings, news: Ontology
) -> None:
    """One bad task among many costs that one alone; it is not recorded, and tried again."""
    add(store, *((f"e{i:02}", "en") for i in range(20)))
    client = Picky("e07")
    done = pushed(store, client, settings, news)
    assert done.created == 43
    assert done.problems == ("e07: import was refused (400): bad",)
    assert {uid for _annotator, uid in recorded(store)} == {
        *"abc", *(f"e{i:02}" for i in range(20) if i != 7)
    }  # fmt: skip
    assert len(recorded(store)) == 43
    assert client.calls.count("import_tasks") < 30
    client.refused = ()
    assert (pushed(store, client, settings, news).created, len(recorded(store))) == (2, 45)


def test_server_that_takes_no_task_ends_the_push(
    store: Store, settings: Settings, news: Ontology
) -> None:
    """Where every task is refused, thousands are not tried one by one."""
    add(store, *((f"e{i:02}", "en") for i in range(40)))
    client = Picky("a", "b", "c", *(f"e{i:02}" for i in range(40)))
    with pytest.raises(LabelStudioRefused, match="400"):
        pushed(store, client, settings, news)
    assert recorded(store) == {}
    assert client.calls.count("import_tasks") < 20


def test_batches_that_are_too_large_are_halved(
    store: Store, client: FakeLabelStudio, settings: Settings, news: Ontology
) -> None:
    """A limit on the body, as of a proxy, makes batches smaller and loses nothing."""
    add(store, *((f"e{i}", "en") for i in range(20)))
    client.largest_body = 2_000
    done = pushed(store, client, settings, news)
    assert (done.created, done.problems) == (45, ())
    assert [len(tasks) for tasks in on_server(client)] == [23, 22]
    assert on_server(client)[0][-1] == "b"


def test_task_that_is_too_large_is_named(
    store: Store, client: FakeLabelStudio, settings: Settings, news: Ontology
) -> None:
    """A single document over the limit is named; the others are sent."""
    with store.transaction() as repo:
        long = Document(uid="long", language="en", text=TEXT * 99)
        repo.add_document(long, offset_map=[], at=AT)
    client.largest_body = 2_000
    done = pushed(store, client, settings, news)
    assert done.created == 5
    assert all(p.startswith("long: a task of ") for p in done.problems)
    assert done.problems


def test_doubles_made_by_others_are_deleted_unless_opened(
    store: Store, client: FakeLabelStudio, settings: Settings, news: Ontology
) -> None:
    """Of two tasks for one text the opened one stays, else the oldest."""
    pushed(store, client, settings, news)
    project = next(iter(client.projects()))["id"]
    copies = [{"data": task_of(client, uid)["data"]} for uid in ("a", "c")]
    first, second = client.import_tasks(project, copies)
    client.create_annotation(second, [], lead_time=1.0)
    done = pushed(store, client, settings, news)
    ids = [t["id"] for t in client.tasks(project)]
    assert done.projects[0].doubles == 2
    assert first not in ids
    assert second in ids
    assert recorded(store)["anna", "c"].remote_id == second


def test_double_work_is_said(
    store: Store, client: FakeLabelStudio, settings: Settings, news: Ontology
) -> None:
    """Two opened tasks for one text are both left, and said."""
    pushed(store, client, settings, news)
    old = task_of(client, "a")
    (copy,) = client.import_tasks(old["project"], [{"data": old["data"]}])
    for number in (old["id"], copy):
        client.create_annotation(number, [], lead_time=1.0)
    done = pushed(store, client, settings, news)
    assert len(list(client.tasks(old["project"]))) == 4
    assert done.problems == (
        f"a: anna has worked on it in more than one task: {old['id']}, {copy}; delete one in "
        "Label Studio",
    )


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("method", ["delete_predictions", "create_predictions"])
def test_replacing_survives_lost_connections(
    method: str,
    when: str,
    store: Store,
    client: FakeLabelStudio,
    settings: Settings,
    news: Ontology,
) -> None:
    """A connection lost while predictions are replaced leaves exactly one."""
    pushed(store, client, settings, news)
    propose(store, "b", "ORG")
    client.fail_next(method, "before" if when == "before" else "after")
    assert pushed(store, client, settings, news).replaced == 2
    (found,) = task_of(client, "b")["predictions"]
    assert found["result"][0]["value"]["labels"] == ["ORG"]


def test_two_pushes_at_once_are_refused(
    store: Store, client: FakeLabelStudio, settings: Settings, news: Ontology
) -> None:
    """The second of two pushes says that one is running; afterwards it may."""
    with only_one(settings.folder, "push"), pytest.raises(UsageError, match="push is running"):
        pushed(store, client, settings, news)
    assert pushed(store, client, settings, news).created == 5


def test_killed_push_does_not_block(
    store: Store, client: FakeLabelStudio, settings: Settings, news: Ontology
) -> None:
    """The lock of a process that was killed is gone with it."""
    program = (
        "import sys, time; from pathlib import Path\n"
        "from curation.workflows.locking import only_one\n"
        "with only_one(Path(sys.argv[1]), 'push'): print('held', flush=True); time.sleep(60)"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", program, str(settings.folder)], stdout=subprocess.PIPE
    )
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(UsageError, match="push is running"):
            pushed(store, client, settings, news)
        holder.kill()
    assert pushed(store, client, settings, news).created == 5


def _late_project(client: FakeLabelStudio) -> int:
    """An empty second project for the first annotator, as a push that was killed leaves it."""
    first = next(iter(client.projects()))
    return client.create_project("late", first["label_config"], first["description"])


def test_empty_project_that_came_late_is_taken_away(
    store: Store, client: FakeLabelStudio, settings: Settings, news: Ontology
) -> None:
    """Of two projects for one person the one with tasks stays, also where it is the newer one."""
    pushed(store, client, settings, news)
    before = on_server(client)
    late = _late_project(client)
    again = pushed(store, client, settings, news)
    assert (again.created, on_server(client)) == (0, before)
    assert late not in [p["id"] for p in client.projects()]


def test_worked_in_projects_are_never_taken_away(
    store: Store, client: FakeLabelStudio, settings: Settings, news: Ontology
) -> None:
    """Where somebody has worked in both, both stay and the push says so."""
    pushed(store, client, settings, news)
    late = _late_project(client)
    (other,) = client.import_tasks(late, [{"data": {"text": TEXT}}])
    client.create_annotation(other, [], lead_time=1.0)
    client.create_annotation(task_of(client, "a")["id"], [], lead_time=1.0)
    again = pushed(store, client, settings, news)
    assert late in [p["id"] for p in client.projects()]
    assert any(str(late) in note for note in again.notes)


class LatePredictions(FakeLabelStudio):
    """Takes new predictions twice: those of a push that was killed come behind the next one's."""

    times = 3

    def create_predictions(self, project_id: int, predictions: Sequence[Payload]) -> None:
        """The first three times, both are taken."""
        super().create_predictions(project_id, predictions)
        if self.times:
            self.times -= 1
            super().create_predictions(project_id, predictions)


class SecondLook(FakeLabelStudio):
    """Shows predictions that came late only when it has been asked before what it has."""

    late: tuple[int, list[Payload]] | None = None
    looks = 0

    def create_predictions(self, project_id: int, predictions: Sequence[Payload]) -> None:
        """The first ones will come once more."""
        super().create_predictions(project_id, predictions)
        if self.late is None:
            self.late, self.looks = (project_id, list(predictions)), 0

    def task_heads(self, project_id: int, *, after: int = 0) -> Iterator[Payload]:
        """The second time that it is asked, they are there."""
        self.looks += 1
        if self.looks == 2 and self.late is not None:
            super().create_predictions(*self.late)
        return super().task_heads(project_id, after=after)


@pytest.mark.parametrize("kind", [LatePredictions, SecondLook])
def test_predictions_that_come_late_leave_no_second_one(
    kind: type[FakeLabelStudio], store: Store, settings: Settings, news: Ontology
) -> None:
    """A task with two predictions after the push has replaced them gets its one again."""
    client = kind()
    pushed(store, client, settings, news)
    propose(store, "b", "ORG")
    done = pushed(store, client, settings, news)
    assert done.replaced == 2
    for project in (0, 1):
        (kept,) = task_of(client, "b", project)["predictions"]
        assert [r["value"]["labels"] for r in kept["result"]] == [["ORG"]]


class LateDeletion(FakeLabelStudio):
    """Deletes again what it was asked to delete before, when the new predictions have come."""

    def create_predictions(self, project_id: int, predictions: Sequence[Payload]) -> None:
        """The first time, they do not stay."""
        super().create_predictions(project_id, predictions)
        if self.calls.count("create_predictions") == 1:
            self.delete_predictions(project_id, [p["task"] for p in predictions])


def test_deletion_that_comes_late_leaves_no_task_without(
    store: Store, settings: Settings, news: Ontology
) -> None:
    """A task that lost its newer proposal to a deletion of before gets it again."""
    client = LateDeletion()
    pushed(store, client, settings, news)
    propose(store, "b", "ORG")
    assert pushed(store, client, settings, news).replaced == 2
    for project in (0, 1):
        (kept,) = task_of(client, "b", project)["predictions"]
        assert [r["value"]["labels"] for r in kept["result"]] == [["ORG"]]


class Fastidious(FakeLabelStudio):
    """Refuses predictions for some tasks, and all that come in one call with them."""

    refused: frozenset[int] = frozenset()

    def create_predictions(self, project_id: int, predictions: Sequence[Payload]) -> None:
        """All of a call or nothing."""
        if any(p["task"] in self.refused for p in predictions):
            self.calls.append("create_predictions")
            raise LabelStudioRefused("predictions were refused (400): bad", status=400)
        super().create_predictions(project_id, predictions)


def test_newer_proposal_that_the_server_refuses_is_named_and_the_others_come(
    store: Store, settings: Settings, news: Ontology
) -> None:
    """One refused proposal costs that one alone, for one annotator; the next push tries again."""
    add(store, *((f"e{i}", "en") for i in range(8)))
    client = Fastidious()
    pushed(store, client, settings, news)
    for uid in ("b", *(f"e{i}" for i in range(8))):
        propose(store, uid, "ORG")
    client.refused = frozenset({task_of(client, "e3")["id"]})
    for _ in range(2):
        done = pushed(store, client, settings, news)
        assert done.problems == ("e3: predictions were refused (400): bad",)
        assert [len(task_of(client, "e3", project)["predictions"]) for project in (0, 1)] == [0, 1]
    assert recorded(store)["anna", "e3"].assisted is False
    client.refused = frozenset()
    done = pushed(store, client, settings, news)
    assert (done.problems, done.replaced) == ((), 1)
    assert len(task_of(client, "e3")["predictions"]) == 1


def test_server_that_takes_no_newer_proposal_ends_the_push(
    store: Store, settings: Settings, news: Ontology
) -> None:
    """Where every newer proposal is refused, thousands are not tried one by one."""
    add(store, *((f"e{i:02}", "en") for i in range(40)))
    client = Fastidious()
    pushed(store, client, settings, news)
    for i in range(40):
        propose(store, f"e{i:02}", "ORG")
    client.refused = frozenset(t["id"] for t in client.tasks(2))
    with pytest.raises(LabelStudioRefused, match="400"):
        pushed(store, client, settings, news)
    assert client.calls.count("create_predictions") < 20
