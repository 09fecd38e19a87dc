"""A workspace with two annotators and three documents, and a server in memory."""

from __future__ import annotations

from pathlib import Path

import pytest
from pushing import add, propose

from curation.settings import Annotator, Settings
from curation.store import Store, open_store
from curation.testing import FakeLabelStudio


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Two annotators; the second reads English only."""
    return Settings(
        folder=tmp_path,
        id="abcd",
        name="Test",
        annotators=(
            Annotator(name="anna", email="anna@example.org"),
            Annotator(name="ben", email="ben@example.org", languages=("en",)),
        ),
    )


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Three documents, one of them pre-annotated."""
    made = open_store(f"sqlite:///{tmp_path / 'curation.db'}")
    add(made, ("a", "en"), ("b", "en"), ("c", "sk"))
    propose(made, "b", "PER")
    return made


@pytest.fixture
def client() -> FakeLabelStudio:
    """A server without anything on it."""
    return FakeLabelStudio()
