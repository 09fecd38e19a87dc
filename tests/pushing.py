"""Documents, proposals and pushes in few words, for tests of pushing."""

from __future__ import annotations

from curation.labelstudio.payload import Payload
from curation.model import Document
from curation.ontology import Ontology
from curation.settings import Settings
from curation.store import Store, TaskRecord
from curation.testing import FakeLabelStudio, annotation_set
from curation.workflows.push import Pushed, push
from curation.workflows.push_plan import PushPlan, make_plan, push_rules

AT = "2024-05-01T12:00:00+00:00"
TEXT = "Anna Berg met Peter Lind in Oslo."


def add(store: Store, *documents: tuple[str, str]) -> None:
    """Documents by uid and language."""
    with store.transaction() as repo:
        for uid, language in documents:
            made = Document(uid=uid, language=language, text=TEXT)
            repo.add_document(made, offset_map=[], at=AT)


def propose(store: Store, uid: str, label: str, score: float | None = None) -> None:
    """The model says that Anna Berg is a `label`."""
    made = annotation_set(TEXT, [("Anna Berg", label)], [], uid=uid, annotator="m-1", kind="model")
    entity = made.entities[0].model_copy(update={"score": score})
    with store.transaction() as repo:
        repo.save_annotations(made.model_copy(update={"entities": (entity,)}), at=AT)


def pushed(
    store: Store, client: FakeLabelStudio, settings: Settings, news: Ontology, **rules: float
) -> Pushed:
    """One push that waits for nothing."""
    return push(
        store,
        client,
        settings=settings,
        ontology=news,
        at=AT,
        rules=push_rules(settings, **rules),  # type: ignore[arg-type]
        pause=lambda _seconds: None,
    )


def planned(store: Store, settings: Settings, **rules: float) -> PushPlan:
    """The plan, not stored."""
    with store.transaction() as repo:
        return make_plan(repo, settings, push_rules(settings, **rules))  # type: ignore[arg-type]


def on_server(client: FakeLabelStudio) -> list[list[str]]:
    """The uids of the tasks of each project."""
    return [[t["data"]["uid"] for t in client.tasks(p["id"])] for p in client.projects()]


def task_of(client: FakeLabelStudio, uid: str, project: int = 0) -> Payload:
    """The task of a document in the project of that number."""
    chosen = list(client.projects())[project]
    return next(t for t in client.tasks(chosen["id"]) if t["data"]["uid"] == uid)


def recorded(store: Store) -> dict[tuple[str, str], TaskRecord]:
    """Tasks in the store by annotator and uid."""
    with store.transaction() as repo:
        return {(t.annotator, t.uid): t for t in repo.tasks()}
