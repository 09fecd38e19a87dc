"""The store against a real SQLite database."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from curation.errors import DatabaseUnreachable, WorkspaceError
from curation.model import AnnotationSet, Argument, Document, Entity, Event, TextSpan
from curation.store import (
    DecisionRecord,
    QuarantineRecord,
    ReleaseRecord,
    SplitRecord,
    Store,
    TaskRecord,
    gold_record,
    open_store,
)
from curation.store.database import HEAD
from curation.store.migrations.run import known_revisions

AT = "2024-05-01T12:00:00+00:00"
LATER = "2024-05-02T12:00:00+00:00"
TEXT = "Anna Nováková šla do Oslo 🙂 v utorok."


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """An empty database in a folder of its own."""
    return open_store(f"sqlite:///{tmp_path / 'curation.db'}")


def document(text: str = TEXT, uid: str = "sk-1") -> Document:
    """One Slovak Document."""
    return Document(uid=uid, language="sk", text=text, published="2024-05", meta={"a": [1]})


def annotations(label: str = "PER", annotator: str = "anna", uid: str = "sk-1") -> AnnotationSet:
    """Two entities and an event over `TEXT`."""
    return AnnotationSet(
        uid=uid,
        annotator=annotator,
        entities=(
            Entity(id="T1", start=0, end=13, label=label),
            Entity(id="T2", start=21, end=25, label="LOC", score=0.5, component="x"),
        ),
        events=(
            Event(
                id="E1",
                type="CONSULT",
                trigger=TextSpan(start=14, end=17),
                arguments=(Argument(role="Actor", target="T1"),),
                attributes={"tense": "past"},
            ),
        ),
    )


def test_document_comes_back_as_it_went_in(store: Store) -> None:
    """A stored Document is read back equal, metadata and emoji included."""
    with store.transaction() as repo:
        assert repo.add_document(document(), offset_map=[], at=AT)[0] == "new"
    with store.transaction() as repo:
        assert list(repo.documents()) == [document()]


def test_changed_text_is_a_new_revision(store: Store) -> None:
    """The same uid with another text becomes revision 2, and revision 1 stays readable."""
    with store.transaction() as repo:
        repo.add_document(document(), offset_map=[], at=AT)
        assert repo.add_document(document(), offset_map=[], at=AT)[0] == "unchanged"
        change, revised = repo.add_document(document("Other."), offset_map=[], at=AT)
        assert (change, revised.revision) == ("revised", 2)
        first = repo.document("sk-1", revision=1)
        assert first is not None
        assert first.text == TEXT
        assert [d.revision for d in repo.documents()] == [2]


def test_annotations_are_append_only(store: Store) -> None:
    """A later saying of the same annotator replaces the older one without deleting it."""
    with store.transaction() as repo:
        repo.add_document(document(), offset_map=[], at=AT)
        assert repo.save_annotations(annotations(), at=AT) == "new"
        assert repo.save_annotations(annotations(), at=AT) == "unchanged"
        assert repo.save_annotations(annotations("ORG"), at=AT) == "revised"
        (found,) = repo.annotation_sets("person")
        assert found == annotations("ORG")
    with closing(sqlite3.connect(store.url.removeprefix("sqlite:///"))) as connection, connection:
        assert connection.execute("SELECT count(*) FROM annotation_set").fetchone() == (2,)


def test_failed_unit_of_work_leaves_nothing(store: Store) -> None:
    """An error inside a transaction undoes all of it."""

    def interrupted() -> None:
        with store.transaction() as repo:
            repo.add_document(document(), offset_map=[], at=AT)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    with store.transaction() as repo:
        assert repo.uids() == []


def test_gold_keeps_its_decisions(store: Store) -> None:
    """Gold is stored with its decisions; the same gold again stores nothing; new ones do."""
    gold = annotations().model_copy(update={"annotator": "gold", "kind": "gold"})
    one = DecisionRecord("sk-1", "entities", "agreed", "T1", "majority", {"for": ["anna"]})
    other = DecisionRecord("sk-1", "entities", "agreed", "T1", "prefer:anna", {"for": ["anna"]})
    with store.transaction() as repo:
        repo.add_document(document(), offset_map=[], at=AT)
        assert repo.save_gold([gold_record(gold, [one])], at=AT) == ["new"]
        assert repo.save_gold([gold_record(gold, [one])], at=LATER) == ["unchanged"]
        assert [d.since for d in repo.decisions()] == [AT]
        assert repo.save_gold([gold_record(gold, [one, other])], at=LATER) == ["revised"]
        found = repo.decisions()
    assert [(d.rule, d.body, d.since) for d in found] == [
        ("majority", {"for": ["anna"]}, AT),
        ("prefer:anna", {"for": ["anna"]}, LATER),
    ]


def test_gold_of_an_earlier_time(store: Store) -> None:
    """Gold and its disputes can be had as they were at a time, older revisions among them."""
    gold = annotations().model_copy(update={"annotator": "gold", "kind": "gold"})
    empty = gold.model_copy(update={"entities": (), "events": ()})
    open_one = DecisionRecord("sk-1", "entities", "disputed", None, "", {"candidates": {}})
    with store.transaction() as repo:
        repo.add_document(document(), offset_map=[], at=AT)
        repo.save_gold([gold_record(gold, [])], at=AT)
        repo.save_gold([gold_record(empty, [open_one])], at=LATER)
    with store.transaction() as repo:
        assert [g.entities for g in repo.gold()] == [()]
        assert [g.entities for g in repo.gold(at=AT)] == [gold.sorted().entities]
        assert list(repo.gold(at="2000-01-01T00:00:00+00:00")) == []
        assert (repo.disputed(), repo.disputed(at=AT)) == ({"sk-1"}, set())
        assert [d.status for d in repo.decisions(at=LATER)] == ["disputed"]
        assert repo.decisions(at=AT) == []


def test_payloads_are_kept_once(store: Store) -> None:
    """The same payload again is recognised by its hash; quarantine refers to it once."""
    record = QuarantineRecord("sk-1", "anna", "offsets", "http://x/1")
    with store.transaction() as repo:
        first, new = repo.save_payload(origin="p/1", kind="annotation", body="{}", at=AT)
        again, second = repo.save_payload(origin="p/1", kind="annotation", body="{}", at=AT)
        assert (first == again, new, second) == (True, True, False)
        repo.quarantine(first, record, at=AT)
        repo.quarantine(first, record, at=AT)
        assert repo.quarantined() == [record]
        repo.release_from_quarantine("sk-1", "anna")
        assert repo.quarantined() == []


def test_projects_tasks_splits_and_releases(store: Store) -> None:
    """Everything else that is stored is read back equal."""
    with store.transaction() as repo:
        repo.add_document(document(), offset_map=[], at=AT)
        project = repo.save_project(
            server="http://s", marker="w:anna", remote_id=7, annotator="anna", at=AT
        )
        assert repo.project("http://s", "w:anna") == project
        task = TaskRecord("sk-1", 1, "anna", project.id, 99, "open", assisted=True)
        repo.save_task(task, at=AT)
        done = TaskRecord("sk-1", 1, "anna", project.id, 99, "done", assisted=True)
        repo.save_task(done, at=AT)
        assert repo.tasks() == [done]
        split = SplitRecord("sk-1", "train", "sk-1", 13)
        repo.add_splits([split], at=AT)
        assert repo.splits() == [split]
        release = ReleaseRecord("1.0.0", "exports/1.0.0", "ab", 1, AT)
        repo.add_release(release)
        assert repo.releases() == [release]


def test_views_show_surfaces_to_sql(store: Store) -> None:
    """The entity view gives the surface by code points, also after an emoji."""
    wide = AnnotationSet(
        uid="sk-1",
        annotator="anna",
        entities=(Entity(id="T1", start=30, end=36, label="DATE"),),
    )
    with store.transaction() as repo:
        repo.add_document(document(), offset_map=[], at=AT)
        repo.save_annotations(wide, at=AT)
    with closing(sqlite3.connect(store.url.removeprefix("sqlite:///"))) as connection, connection:
        assert connection.execute("SELECT surface FROM entity").fetchall() == [("utorok",)]


def test_head_is_the_newest_migration() -> None:
    """The constant that saves importing Alembic is equal to what Alembic finds."""
    assert known_revisions()[0] == HEAD


def test_what_is_no_database_is_said(tmp_path: Path) -> None:
    """A file that is no database, a missing folder and a wrong address are told in one line."""
    (tmp_path / "text.db").write_text("not a database at all, but long enough to look at" * 20)
    with pytest.raises(WorkspaceError, match="not a SQLite database"):
        open_store(f"sqlite:///{tmp_path / 'text.db'}")
    with pytest.raises(DatabaseUnreachable, match="does not exist"):
        open_store(f"sqlite:///{tmp_path / 'none' / 'x.db'}")
    with pytest.raises(WorkspaceError, match="not a database address"):
        open_store("nonsense")


def test_newer_database_is_refused(store: Store) -> None:
    """A database of a later version is left alone, and said."""
    with closing(sqlite3.connect(store.url.removeprefix("sqlite:///"))) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(WorkspaceError, match="newer version"):
        open_store(store.url)
