"""Findings that were shown, and the verdicts on them."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import create_engine, inspect

from curation.store import Store, open_store
from curation.store.findings import FindingRecord
from curation.store.migrations.run import config

SHOWN = FindingRecord("0123456789ab", "d1", "label", "label: 'Oslo' PER -> LOC")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """An empty database."""
    return open_store(f"sqlite:///{tmp_path / 'curation.db'}")


def test_a_verdict_is_kept_with_who_and_when(store: Store) -> None:
    """What is decided about a finding comes back as it was given."""
    with store.transaction() as repo:
        repo.add_findings([SHOWN], at="t1")
        repo.decide_finding(SHOWN.fingerprint, "fine", by="lead", at="t2", note="a ship")
    with store.transaction() as repo:
        (found,) = repo.findings().values()
    assert (found.uid, found.verdict, found.by, found.at, found.note) == (
        "d1",
        "fine",
        "lead",
        "t2",
        "a ship",
    )


def test_to_show_it_again_takes_nothing_away(store: Store) -> None:
    """A finding that is shown once more keeps its verdict and its first summary."""
    with store.transaction() as repo:
        repo.add_findings([SHOWN, SHOWN], at="t1")
        repo.decide_finding(SHOWN.fingerprint, "error", by="lead", at="t2")
        repo.add_findings([FindingRecord(SHOWN.fingerprint, "d1", "type", "other")], at="t3")
        (found,) = repo.findings().values()
    assert (found.verdict, found.summary) == ("error", SHOWN.summary)


def test_what_was_never_shown_cannot_be_decided(store: Store) -> None:
    """A fingerprint that is not there is a KeyError, another verdict a ValueError."""
    with store.transaction() as repo, pytest.raises(KeyError):
        repo.decide_finding("ffffffffffff", "fine", by="lead", at="t")
    with store.transaction() as repo:
        repo.add_findings([SHOWN], at="t1")
        with pytest.raises(ValueError, match="perhaps"):
            repo.decide_finding(SHOWN.fingerprint, "perhaps", by="lead", at="t")


def test_a_database_of_the_second_schema_gets_the_table(tmp_path: Path) -> None:
    """An older database is brought up to date, and back down without a trace."""
    url = f"sqlite:///{tmp_path / 'old.db'}"
    engine = create_engine(url)
    made = config()
    with engine.begin() as connection:
        made.attributes["connection"] = connection
        command.upgrade(made, "0002")
        assert not inspect(connection).has_table("finding")
    store = open_store(url)
    with store.transaction() as repo:
        assert repo.findings() == {}
    store.close()
    with engine.begin() as connection:
        made.attributes["connection"] = connection
        command.downgrade(made, "0002")
        assert not inspect(connection).has_table("finding")
    engine.dispose()
