"""A plan carried out on a real Label Studio: overlap, languages, balance, arms, new proposals."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from curation.labelstudio import server
from curation.labelstudio.client import LabelStudio
from curation.labelstudio.payload import Payload
from curation.model import Document
from curation.ontology import Migrations, Ontology, parse_ontology
from curation.ontology_toml import ontology_to_toml
from curation.settings import Annotator, Settings
from curation.store import Repository, Store, open_store
from curation.testing import annotation_set
from curation.workflows.pull import pull
from curation.workflows.push import Pushed, push
from curation.workflows.push_plan import push_rules

if TYPE_CHECKING:
    from curation.labelstudio.server import ServerInfo

pytestmark = pytest.mark.server

AT = "2024-05-01T12:00:00+00:00"
SENTENCE = "Anna Berg met Peter Lind in Oslo. "
NAMES = ("anna", "ben", "cara")


@pytest.fixture
def client(label_studio_server: ServerInfo) -> Iterator[LabelStudio]:
    """A client with the administrator's key."""
    made = LabelStudio(label_studio_server.url, label_studio_server.token)
    yield made
    made.close()


@pytest.fixture
def settings(tmp_path: Path, client: LabelStudio) -> Iterator[Settings]:
    """Three annotators; cara reads English only and works half as much. Projects go afterwards."""
    people = [Annotator(name=n, email=f"{n}@example.org") for n in ("anna", "ben")]
    cara = Annotator(name="cara", email="cara@example.org", languages=("en",), share=0.5)
    made = Settings(folder=tmp_path, id="plan", name="Plan", annotators=(*people, cara))
    yield made
    for name in NAMES:
        for found in client.marked_projects(f"curation:plan:{name}"):
            client.delete_project(found["id"])


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Forty English and twenty Slovak documents of different lengths, with proposals."""
    made = open_store(f"sqlite:///{tmp_path / 'curation.db'}")
    add(made, 0, 60)
    return made


def add(store: Store, first: int, count: int) -> None:
    """Documents with a proposal; every third is Slovak."""
    with store.transaction() as repo:
        for number in range(first, first + count):
            uid, language = f"d{number:03}", "sk" if number % 3 == 2 else "en"
            text = SENTENCE * (1 + number % 7)
            document = Document(uid=uid, language=language, text=text)
            repo.add_document(document, offset_map=[], at=AT)
            propose(repo, uid, "PER")


def propose(repo: Repository, uid: str, label: str, annotator: str = "m-1") -> None:
    """The model says that Anna Berg is a `label`."""
    said = annotation_set(
        SENTENCE, [("Anna Berg", label)], uid=uid, annotator=annotator, kind="model"
    )
    sure = said.entities[0].model_copy(update={"score": 0.75})
    repo.save_annotations(said.model_copy(update={"entities": (sure,)}), at=AT)
    repo.retire_predictions(uid, keep=annotator)


def pushed(store: Store, client: LabelStudio, settings: Settings, news: Ontology) -> Pushed:
    """A push with a third of each language read by two, and a tenth without proposals."""
    rules = push_rules(settings, overlap=2, overlap_share=0.3, unassisted_share=0.1)
    return push(store, client, settings=settings, ontology=news, at=AT, rules=rules)


def tasks_of(client: LabelStudio) -> dict[str, dict[str, Payload]]:
    """What the server has: annotator -> uid -> task."""
    found: dict[str, dict[str, Payload]] = {}
    for name in NAMES:
        (project,) = client.marked_projects(f"curation:plan:{name}")
        found[name] = {t["data"]["uid"]: t for t in client.tasks(project["id"])}
    return found


def test_plan_is_carried_out_and_grows(
    store: Store, client: LabelStudio, settings: Settings, news: Ontology
) -> None:
    """Overlap, languages, balance and control arm are as planned, also after 100 more documents."""
    assert pushed(store, client, settings, news).created == 60 + 18
    before = tasks_of(client)
    check(before, documents=60)
    assert pushed(store, client, settings, news).created == 0
    add(store, 60, 100)
    assert pushed(store, client, settings, news).created == 100 + 30
    after = tasks_of(client)
    check(after, documents=160)
    for name, tasks in before.items():
        assert {u: t["id"] for u, t in tasks.items()}.items() <= {
            u: t["id"] for u, t in after[name].items()
        }.items()


def check(found: dict[str, dict[str, Payload]], *, documents: int) -> None:
    """The shares hold to half a document, the loads to one."""
    readers = defaultdict(set)
    arms = defaultdict(set)
    for name, tasks in found.items():
        for uid, task in tasks.items():
            readers[uid].add(name)
            arms[uid].add(bool(task["predictions"]))
    assert len(readers) == documents
    assert {t["data"]["language"] for t in found["cara"].values()} == {"en"}
    language = {u: t["data"]["language"] for ts in found.values() for u, t in ts.items()}
    shared = Counter(language[uid] for uid, names in readers.items() if len(names) == 2)
    for code, n in Counter(language.values()).items():
        assert abs(shared[code] - 0.3 * n) <= 0.5
    assert all(len(arm) == 1 for arm in arms.values())
    assert abs(sum(arm == {False} for arm in arms.values()) - 0.1 * documents) <= 0.5
    loads = {n: sum(len(t["data"]["text"]) for t in ts.values()) for n, ts in found.items()}
    fair = sum(loads.values()) / 2.5
    assert abs(loads["anna"] - fair) <= 7 * len(SENTENCE)
    assert abs(loads["cara"] - fair / 2) <= 7 * len(SENTENCE)


def test_newer_proposals_reach_unopened_tasks(
    store: Store,
    client: LabelStudio,
    settings: Settings,
    news: Ontology,
    label_studio_server: ServerInfo,
) -> None:
    """Submitted, skipped and drafted tasks keep their prediction, others get the newer one."""
    pushed(store, client, settings, news)
    tasks = {u: t for u, t in tasks_of(client)["anna"].items() if t["predictions"]}
    submitted, skipped, drafted, *untouched = sorted(tasks)
    token = server.ensure_user(label_studio_server, email="anna@example.org", name="anna")
    anna = LabelStudio(label_studio_server.url, token)
    anna.create_annotation(tasks[submitted]["id"], [], lead_time=1.0)
    anna.create_annotation(tasks[skipped]["id"], [], lead_time=1.0, was_cancelled=True)
    # The client makes no drafts: those come from the browser.
    draft = {"result": [], "lead_time": 1.0}
    anna._send("POST", f"api/tasks/{tasks[drafted]['id']}/drafts", draft)
    anna.close()
    with store.transaction() as repo:
        for uid in tasks:
            propose(repo, uid, "ORG", annotator="m-2")
    done = pushed(store, client, settings, news)
    assert (done.created, done.projects[0].replaced) == (0, len(untouched))
    assert done.projects[0].opened == 3
    now = tasks_of(client)["anna"]
    for uid in tasks:
        (prediction,) = now[uid]["predictions"]
        expected = "PER" if uid in (submitted, skipped, drafted) else "ORG"
        assert prediction["result"][0]["value"]["labels"] == [expected]
        assert prediction["score"] == 0.75
        assert prediction["model_version"] == ("m-1" if expected == "PER" else "m-2")
        assert now[uid]["total_predictions"] == 1
    assert pushed(store, client, settings, news).replaced == 0


@pytest.fixture
def renamed(news: Ontology) -> Ontology:
    """The shipped ontology with PLACE instead of LOC, and without saying so."""
    toml = ontology_to_toml(news).replace('"LOC"', '"PLACE"')
    return parse_ontology(toml, where="renamed")


def annotate(client: LabelStudio, name: str, label: str, control: str = "entities") -> int:
    """Somebody says that Oslo is a `label`, in a task of that annotator; the annotation's id."""
    task = next(iter(tasks_of(client)[name].values()))
    start = SENTENCE.index("Oslo")
    value = {"start": start, "end": start + 4, "text": "Oslo", "labels": [label]}
    region = {
        "id": "r1",
        "from_name": control,
        "to_name": "text",
        "type": "labels",
        "value": value,
    }
    return client.create_annotation(task["id"], [region], lead_time=1.0)


def config(client: LabelStudio, name: str) -> str:
    """The labelling configuration of an annotator's project."""
    (project,) = client.marked_projects(f"curation:plan:{name}")
    return str(project["label_config"])


def test_labels_in_use_that_nobody_renamed_are_named(
    store: Store, client: LabelStudio, settings: Settings, news: Ontology, renamed: Ontology
) -> None:
    """Where annotations use a label that the ontology has lost, a push names the label."""
    pushed(store, client, settings, news)
    annotate(client, "anna", "LOC")
    (note,) = pushed(store, client, settings, renamed).notes
    assert note.startswith("anna: the ontology lacks labels that are in use: 'LOC' (1); ")
    assert '<Label value="LOC"' not in config(client, "anna")


def test_renamed_label_stays_while_it_is_in_use(
    store: Store, client: LabelStudio, settings: Settings, news: Ontology, renamed: Ontology
) -> None:
    """A label of [migrations] stays beside the new one in projects that use it, and no longer.

    Meanwhile a pull reads it as the new one.
    """
    migrating = renamed.model_copy(update={"migrations": Migrations(entities={"LOC": "PLACE"})})
    pushed(store, client, settings, news)
    number = annotate(client, "anna", "LOC")
    (note,) = pushed(store, client, settings, migrating).notes
    assert note == "anna: names of before stay, in grey, while they are in use: 'LOC' (1)"
    grey = '<Label value="LOC" background="#9e9e9e" hint="now called PLACE; use that" />'
    assert grey in config(client, "anna")
    for name in NAMES:
        assert '<Label value="PLACE"' in config(client, name)
        assert ('<Label value="LOC"' in config(client, name)) == (name == "anna")
    read = pull(store, client, settings=settings, ontology=migrating, at=AT)
    assert (read.new, read.quarantined) == (1, 0)
    with store.transaction() as repo:
        (said,) = repo.annotation_sets("person")
    assert [e.label for e in said.entities] == ["PLACE"]
    assert pushed(store, client, settings, migrating).notes == ()
    client._send("DELETE", f"api/annotations/{number}/", None)
    pushed(store, client, settings, migrating)
    assert '<Label value="LOC"' not in config(client, "anna")


def test_project_that_refuses_the_ontology_stops_nobody_else(
    store: Store, client: LabelStudio, settings: Settings, news: Ontology, renamed: Ontology
) -> None:
    """Annotations under another control than ours are a problem of their annotator only."""
    pushed(store, client, settings, news)
    annotate(client, "anna", "LOC", control="zz")
    add(store, 60, 6)
    done = pushed(store, client, settings, renamed)
    (problem,) = done.problems
    assert problem.startswith("anna: the project does not take the ontology")
    assert "zz" in problem
    assert [p.annotator for p in done.projects] == ["ben", "cara"]
    assert done.created > 0
    assert '<Label value="PLACE"' in config(client, "ben")
