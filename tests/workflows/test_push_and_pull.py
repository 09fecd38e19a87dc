"""Push and pull where the connection fails, which a real server cannot be asked to do."""

from __future__ import annotations

import pytest
from pushing import AT, TEXT, pushed

from curation.errors import UsageError
from curation.labelstudio.convert import annotations_to_result
from curation.model import Document
from curation.ontology import Ontology
from curation.settings import Settings
from curation.store import Store
from curation.testing import FakeLabelStudio, annotation_set
from curation.workflows.pull import Pulled, pull


def pulled(store: Store, client: FakeLabelStudio, settings: Settings, news: Ontology) -> Pulled:
    """One pull."""
    return pull(store, client, settings=settings, ontology=news, at=AT)


def test_pull_before_a_push_is_refused(store: Store, settings: Settings, news: Ontology) -> None:
    """Without a project there is nothing to pull, and the error says what comes first."""
    with pytest.raises(UsageError, match="curation push"):
        pulled(store, FakeLabelStudio(), settings, news)


def test_pull_keeps_every_payload_and_the_newest_counts(
    store: Store, settings: Settings, news: Ontology
) -> None:
    """Two annotations of one task are both kept; the later one is what the annotator says."""
    client = FakeLabelStudio()
    pushed(store, client, settings, news)
    task = next(t for t in client.tasks(2) if t["data"]["uid"] == "a")
    for label in ("PER", "ORG"):
        said = annotation_set(TEXT, [("Anna Berg", label)], [])
        result = annotations_to_result(said, TEXT, news)
        client.create_annotation(task["id"], result, lead_time=1.0)
    done = pulled(store, client, settings, news)
    assert (done.annotations, done.payloads, done.new) == (2, 2, 1)
    with store.transaction() as repo:
        (found,) = repo.annotation_sets("person")
    assert [(e.label, found.annotator) for e in found.entities] == [("ORG", "anna")]
    assert pulled(store, client, settings, news).read == 0
    again = pull(store, client, settings=settings, ontology=news, at=AT, full=True)
    assert (again.unchanged, again.payloads) == (1, 0)


def test_new_revision_is_a_new_task(store: Store, settings: Settings, news: Ontology) -> None:
    """A changed text is pushed as a task of its own; work on the old one stays with the old."""
    client = FakeLabelStudio()
    pushed(store, client, settings, news)
    task = next(t for t in client.tasks(2) if t["data"]["uid"] == "a")
    client.create_annotation(task["id"], [], lead_time=1.0)
    with store.transaction() as repo:
        repo.add_document(
            Document(uid="a", language="en", text="Another text."), offset_map=[], at=AT
        )
    assert pushed(store, client, settings, news).created == 2
    assert pulled(store, client, settings, news).new == 1
    with store.transaction() as repo:
        assert list(repo.annotation_sets("person")) == []


def test_deleted_tasks_are_recorded(store: Store, settings: Settings, news: Ontology) -> None:
    """Tasks that vanish from the server are said to be gone, and what they held stays."""
    client = FakeLabelStudio()
    pushed(store, client, settings, news)
    project = next(iter(client.projects()))["id"]
    task = next(iter(client.tasks(project)))
    client.create_annotation(task["id"], [], lead_time=1.0)
    pulled(store, client, settings, news)
    client.delete_project(project)
    client.create_project("Test anna", "<View/>", "curation:abcd:anna")
    assert pushed(store, client, settings, news).created == 3
    with store.transaction() as repo:
        assert len(list(repo.annotation_sets("person"))) == 1
