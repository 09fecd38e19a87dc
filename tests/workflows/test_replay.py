"""Stored payloads interpreted again."""

from __future__ import annotations

from pathlib import Path

import pytest

from curation.model import AnnotationSet
from curation.ontology import Migrations, Ontology
from curation.settings import Annotator, Settings
from curation.store import Store, open_store
from curation.testing import FakeLabelStudio, annotation_set, document
from curation.workflows.pull import pull
from curation.workflows.push import push
from curation.workflows.replay import Replayed, replay

AT = "2024-05-01T12:00:00+00:00"
TEXT = "Anna Berg was in Oslo."


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """One annotator."""
    anna = Annotator(name="anna", email="anna@example.org")
    return Settings(folder=tmp_path, id="abcd", name="Test", annotators=(anna,))


@pytest.fixture
def store(tmp_path: Path, settings: Settings, news: Ontology) -> Store:
    """A document whose "Oslo" Anna called a GPE, which the ontology does not have: quarantined."""
    made = open_store(f"sqlite:///{tmp_path / 'curation.db'}")
    client = FakeLabelStudio()
    with made.transaction() as repo:
        repo.add_document(document(TEXT, uid="a"), offset_map=[], at=AT)
        old = annotation_set(TEXT, [("Oslo", "GPE")], uid="a", annotator="model-1", kind="model")
    push(made, client, settings=settings, ontology=news, at=AT)
    with made.transaction() as repo:
        repo.save_annotations(old, at=AT)
    (task,) = client.tasks(2)
    value = {"start": 17, "end": 21, "text": "Oslo", "labels": ["GPE"]}
    region = {"id": "r", "type": "labels", "from_name": "entities", "to_name": "text"}
    client.create_annotation(task["id"], [{**region, "value": value}], lead_time=1.0)
    assert pull(made, client, settings=settings, ontology=news, at=AT).quarantined == 1
    return made


def replayed(store: Store, settings: Settings, ontology: Ontology) -> Replayed:
    """One replay."""
    return replay(store, settings=settings, ontology=ontology, at=AT)


def sets(store: Store, kind: str) -> list[AnnotationSet]:
    """What stands in the store."""
    with store.transaction() as repo:
        return list(repo.annotation_sets(kind))


def test_replay_after_a_rename_takes_out_of_quarantine(
    store: Store, settings: Settings, news: Ontology
) -> None:
    """With the migration in the ontology people's and the model's labels are the new ones."""
    renamed = news.model_copy(update={"migrations": Migrations(entities={"GPE": "LOC"})})
    done = replayed(store, settings, renamed)
    assert (done.tasks, done.new, done.migrated, done.quarantined) == (1, 1, 1, 0)
    assert done.repairs == {"renamed": 1}
    assert [
        e.label for kind in ("person", "model") for s in sets(store, kind) for e in s.entities
    ] == [
        "LOC",
        "LOC",
    ]
    with store.transaction() as repo:
        assert repo.quarantined() == []
        assert repo.repair_counts() == {"renamed": 1}
        assert '"GPE"' in repo.payload(1)


def test_replay_without_a_change_changes_nothing(
    store: Store, settings: Settings, news: Ontology
) -> None:
    """What could not be read still cannot, and stands in quarantine once."""
    done = replayed(store, settings, news)
    assert (done.quarantined, done.migrated, sets(store, "person")) == (1, 0, [])
    with store.transaction() as repo:
        assert len(repo.quarantined()) == 1
