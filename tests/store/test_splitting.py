"""Parts, frozen ones, and what was taken out of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import create_engine, text

from curation.store import SplitRecord, Store, Tombstone, open_store
from curation.store.migrations.run import config

AT, LATER = "2024-05-01T12:00:00+00:00", "2024-05-02T12:00:00+00:00"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Two Documents in parts."""
    made = open_store(f"sqlite:///{tmp_path / 'curation.db'}")
    with made.transaction() as repo:
        repo.add_splits(
            [SplitRecord("a", "test", "a", 1), SplitRecord("b", "train", "b", 1)], at=AT
        )
    return made


def test_a_tombstone_takes_a_document_out_and_keeps_its_row(store: Store) -> None:
    """It is in no part, is found among the withdrawn, and comes back to its own part only."""
    stone = Tombstone("a", "test", "asked for", automatic=False, at=AT)
    with store.transaction() as repo:
        repo.add_tombstones([stone])
    with store.transaction() as repo:
        assert [s.uid for s in repo.splits()] == ["b"]
        assert [s.uid for s in repo.splits(withdrawn=True)] == ["a", "b"]
        assert repo.tombstones() == [stone]
        repo.restore(["a"], at=LATER)
    with store.transaction() as repo:
        assert [(s.uid, s.part) for s in repo.splits()] == [("a", "test"), ("b", "train")]
        assert repo.tombstones() == []
        assert [t.restored_at for t in repo.tombstones(restored=True)] == [LATER]


def test_a_part_is_frozen_once(store: Store) -> None:
    """The first time counts."""
    for at in (AT, LATER):
        with store.transaction() as repo:
            repo.freeze(["test"], at=at)
    with store.transaction() as repo:
        assert repo.frozen_parts() == {"test": AT}


def test_parts_of_the_schema_before_survive(tmp_path: Path) -> None:
    """A database of migration 0005 keeps its parts, has none frozen and nothing withdrawn."""
    url = f"sqlite:///{tmp_path / 'old.db'}"
    engine, made = create_engine(url), config()
    with engine.begin() as connection:
        made.attributes["connection"] = connection
        command.upgrade(made, "0005")
        connection.execute(
            text(
                "INSERT INTO split (uid, part, group_id, seed, assigned_at)"
                " VALUES ('a', 'dev', 'a', 3, 't')"
            )
        )
    engine.dispose()
    store = open_store(url)
    with store.transaction() as repo:
        assert repo.splits() == [SplitRecord("a", "dev", "a", 3)]
        assert (repo.frozen_parts(), repo.tombstones()) == ({}, [])
        repo.freeze(["dev"], at=AT)
    store.close()
