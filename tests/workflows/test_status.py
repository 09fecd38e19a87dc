"""What the status says of Documents, their layers, and people's work, wherever it came from."""

from __future__ import annotations

import pytest
from pushing import AT, TEXT, add, pushed, task_of

from curation.adjudication import LAYERS
from curation.model import AnnotationSet
from curation.ontology import Ontology
from curation.ontology_xml import ontology_to_xml
from curation.settings import Settings
from curation.store import Store, TaskRecord
from curation.store.records import ADJUDICATION
from curation.testing import FakeLabelStudio, annotation_set
from curation.workflows.adjudicate import adjudicate_store
from curation.workflows.adopt import adopt
from curation.workflows.pull import pull
from curation.workflows.status import (
    STATES,
    AnnotatorStatus,
    DocumentStatus,
    document_status,
    read_documents,
    read_status,
)


def rows(store: Store, settings: Settings) -> list[tuple[str, int, int, int]]:
    """Name, assigned, done, skipped."""
    people: tuple[AnnotatorStatus, ...] = read_status(store, settings).annotators
    return [(p.name, p.assigned, p.done, p.skipped) for p in people]


def test_adopted_projects_add_no_nameless_row(
    store: Store, client: FakeLabelStudio, settings: Settings, news: Ontology
) -> None:
    """What is in a project that is nobody's counts for those who did it or skipped it."""
    number = client.create_project("by hand", ontology_to_xml(news), "")
    texts = ("Oslo lies in Norway.", "Umeå lies in Sweden.", "Gent lies in Belgium.")
    tasks = client.import_tasks(number, [{"data": {"text": text}} for text in texts])
    client.create_annotation(tasks[0], [], lead_time=1.0)
    client.create_annotation(tasks[1], [], lead_time=1.0, was_cancelled=True)
    adopt(store, client, number, settings=settings, ontology=news, at=AT)
    pull(store, client, settings=settings, ontology=news, at=AT)
    assert rows(store, settings) == [
        ("anna", 0, 0, 0),
        ("ben", 0, 0, 0),
        ("admin@example.org", 2, 1, 1),
    ]


def test_nobody_has_done_more_than_was_theirs(
    store: Store, client: FakeLabelStudio, settings: Settings, news: Ontology
) -> None:
    """Imported work counts as assigned, once where it was pushed too; an unread document not."""
    pushed(store, client, settings, news)
    client.create_annotation(task_of(client, "b")["id"], [], lead_time=1.0, was_cancelled=True)
    pull(store, client, settings=settings, ontology=news, at=AT)
    add(store, ("d", "en"), ("e", "en"))
    with store.transaction() as repo:
        for uid, name in (("a", "anna"), ("d", "anna"), ("d", "cara")):
            repo.save_annotations(annotation_set(TEXT, [], uid=uid, annotator=name), at=AT)
    assert rows(store, settings) == [("anna", 4, 2, 1), ("ben", 2, 0, 0), ("cara", 1, 1, 0)]


RULES = dict.fromkeys(LAYERS, ("majority",))


def save(store: Store, *sets: AnnotationSet) -> None:
    """Keeps what somebody says."""
    with store.transaction() as repo:
        for one in sets:
            repo.save_annotations(one, at=AT)


def said(uid: str, annotator: str, label: str | None, **more: str) -> AnnotationSet:
    """Anna Berg is a `label` and met somebody, or nothing is there."""
    if label is None:
        return annotation_set(TEXT, uid=uid, annotator=annotator, **more)
    events = [("met", "CONSULT", {"Actor": "Anna Berg"})]
    return annotation_set(
        TEXT, [("Anna Berg", label)], events, uid=uid, annotator=annotator, **more
    )


def states(store: Store) -> dict[str, str]:
    """State by uid."""
    with store.transaction() as repo:
        return document_status(repo)


def one(store: Store, uid: str) -> DocumentStatus:
    """The status of one Document."""
    return next(d for d in read_documents(store) if d.uid == uid)


def test_work_goes_from_unseen_to_double(
    store: Store, client: FakeLabelStudio, settings: Settings, news: Ontology
) -> None:
    """Given is open, a draft is in work, skipped by all is not open; who hands in, counts."""
    assert set(states(store).values()) == {"unseen"}
    pushed(store, client, settings, news)
    assert set(states(store).values()) == {"open"}
    draft = {"id": 900, "user": "anna@example.org", "result": [], "updated_at": AT}
    task = task_of(client, "a")
    task["drafts"].append(draft)
    client.create_annotation(task_of(client, "c")["id"], [], lead_time=1.0, was_cancelled=True)
    client.create_annotation(task_of(client, "b")["id"], [], lead_time=1.0, was_cancelled=True)
    pull(store, client, settings=settings, ontology=news, at=AT)
    # ben, who has b too, has not skipped it; c is for anna alone.
    assert states(store) == {"a": "in work", "b": "open", "c": "skipped"}
    save(store, said("a", "anna", "PER"), said("b", "anna", "PER"), said("b", "ben", "PER"))
    assert states(store) == {"a": "single", "b": "double", "c": "skipped"}


def test_what_is_in_quarantine_was_begun(
    store: Store, client: FakeLabelStudio, settings: Settings, news: Ontology
) -> None:
    """What was handed in and could not be read makes a document in work, not one nobody began."""
    pushed(store, client, settings, news)
    broken = [{"id": "x", "type": "labels", "from_name": "?", "to_name": "text", "value": {}}]
    client.create_annotation(task_of(client, "a")["id"], broken, lead_time=1.0)
    pull(store, client, settings=settings, ontology=news, at=AT)
    assert states(store)["a"] == "in work"


def test_a_dispute_is_one_of_its_layers(store: Store) -> None:
    """Layers without a dispute are gold where another layer of the Document is disputed."""
    save(store, said("a", "anna", "PER"), said("a", "ben", "ORG"))
    save(store, said("b", "anna", "PER"), said("b", "ben", "PER"))
    adjudicate_store(store, rules=RULES, min_annotators=2, at=AT)
    assert states(store) == {"a": "disputed", "b": "gold", "c": "unseen"}
    layers = one(store, "a").layers
    assert {k: v for k, v in layers.items() if v == "disputed"}.keys() >= {"entities"}
    assert layers["events"] == "gold"
    found = read_documents(store, states=["gold"], layer="events")
    assert [d.uid for d in found] == ["a", "b"]
    assert [d.uid for d in read_documents(store, states=["gold"])] == ["b"]


def test_what_an_adjudicator_says_closes_disputes(store: Store) -> None:
    """It is adjudicated before gold is made of it, and after."""
    save(store, said("a", "anna", "PER"), said("a", "ben", "ORG"))
    adjudicate_store(store, rules=RULES, min_annotators=2, at=AT)
    assert states(store)["a"] == "disputed"
    save(store, said("a", "eva", "PER", kind="adjudicator"))
    assert states(store)["a"] == "adjudicated"
    adjudicate_store(store, rules=RULES, min_annotators=2, at=AT)
    assert states(store)["a"] == "adjudicated"
    assert set(one(store, "a").layers.values()) == {"adjudicated"}


@pytest.mark.parametrize("adjudicated", [False, True])
def test_read_and_empty_is_not_unread(
    store: Store, settings: Settings, *, adjudicated: bool
) -> None:
    """A Document in which two found nothing counts as such; one that nobody read does not."""
    save(store, said("a", "anna", None), said("a", "ben", None))
    entity = annotation_set(TEXT, [("Oslo", "LOC")], uid="b", annotator="anna")
    save(store, entity, entity.model_copy(update={"annotator": "ben"}))
    if adjudicated:
        adjudicate_store(store, rules=RULES, min_annotators=2, at=AT)
    status = read_status(store, settings)
    state = "gold" if adjudicated else "double"
    assert (status.by_status, status.empty) == ({"unseen": 1, state: 2}, {state: 1})
    assert status.empty_by_layer == {"entities": {state: 1}, "events": {state: 2}}
    assert status.by_layer == {key: {"unseen": 1, state: 2} for key in LAYERS}
    assert [d.is_empty for d in read_documents(store)] == [True, False, False]


def test_a_dispute_about_everything_is_not_empty(store: Store) -> None:
    """Gold without anything, because all is open, is not a Document in which nothing is."""
    save(store, said("a", "anna", "PER"), said("a", "ben", None))
    adjudicate_store(store, rules=RULES, min_annotators=2, at=AT)
    found = one(store, "a")
    assert (found.state, found.empty) == ("disputed", ())


def test_tasks_come_with_their_addresses(
    store: Store, client: FakeLabelStudio, settings: Settings, news: Ontology
) -> None:
    """Each annotator's task of a Document is listed with its state and its address."""
    pushed(store, client, settings, news)
    number = task_of(client, "b")["id"]
    tasks = one(store, "b").tasks
    assert [(t["annotator"], t["state"]) for t in tasks] == [("anna", "open"), ("ben", "open")]
    assert tasks[0]["url"].endswith(f"task={number}")


def test_every_document_has_one_state(store: Store, settings: Settings) -> None:
    """The counts add up to the Documents, whole and in each layer, in the order of the states."""
    save(store, said("a", "anna", "PER"), said("b", "anna", None), said("b", "ben", "PER"))
    status = read_status(store, settings)
    for counted in (status.by_status, *status.by_layer.values()):
        assert sum(counted.values()) == status.documents
        assert list(counted) == [state for state in STATES if state in counted]


def test_adjudications_are_nobodys_annotations(store: Store, settings: Settings) -> None:
    """A task in which disputes are decided is shown with its Document, and given to nobody."""
    save(store, said("a", "anna", "PER"), said("a", "ben", "ORG"))
    adjudicate_store(store, rules=RULES, min_annotators=2, at=AT)
    with store.transaction() as repo:
        project = repo.save_project(
            server="http://ls", marker="m", remote_id=4, annotator=ADJUDICATION, at=AT
        )
        for uid in ("a", "c"):
            task = TaskRecord(uid, 1, ADJUDICATION, project.id, 9, "open", assisted=True)
            repo.save_task(task, at=AT)
    assert states(store) == {"a": "disputed", "b": "unseen", "c": "unseen"}
    assert rows(store, settings) == [("anna", 1, 1, 0), ("ben", 1, 1, 0)]
    (task_shown,) = one(store, "a").tasks
    assert (task_shown["annotator"], task_shown["state"]) == ("adjudication", "open")
    assert task_shown["url"].startswith("http://ls/projects/4/")
