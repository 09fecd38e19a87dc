"""`curation ontology diff` in a workspace: what a removed name does to what is stored."""

from __future__ import annotations

from pathlib import Path

import pytest

from curation.ontology import load_ontology
from curation.ontology_toml import ontology_to_toml
from curation.store import open_store
from curation.testing import annotation_set, document

from .conftest import Run

NEWS = Path(__file__).resolve().parents[2] / "label_config" / "news.toml"
TEXT = "Anna met Bob in Oslo."
OLD_NAMES = (("LOC", "GPE"), ("ORG", "MISC"), ("CONSULT", "MEET"), ("Location", "Where"))


@pytest.fixture
def earlier(tmp_path: Path) -> Path:
    """An ontology with other names than the shipped one, and one more value of an attribute."""
    toml = ontology_to_toml(load_ontology(NEWS))
    for new, old in OLD_NAMES:
        toml = toml.replace(f'"{new}"', f'"{old}"')
    path = tmp_path / "earlier.toml"
    path.write_text(toml.replace('"other"', '"believed"'), encoding="utf-8")
    return path


@pytest.fixture
def later(tmp_path: Path) -> Path:
    """The shipped ontology with migrations for some of the old names."""
    path = tmp_path / "later.toml"
    tables = """
[migrations.entities]
GPE = "LOC"
MISC = ""
[migrations.attributes.modality]
believed = "other"
"""
    path.write_text(NEWS.read_text(encoding="utf-8") + tables, encoding="utf-8")
    return path


@pytest.fixture
def filled(run: Run, tmp_path: Path) -> Path:
    """A workspace in which two people and a model used the old names."""
    place = tmp_path / "filled"
    run("init", place)
    store = open_store(f"sqlite:///{place}/curation.db")
    kinds = (("anna", "person"), ("ben", "person"), ("m-1", "model"))
    with store.transaction() as repo:
        repo.add_document(document(TEXT), offset_map=[], at="2024-05-01T12:00:00+00:00")
        for name, kind in kinds:
            said = annotation_set(
                TEXT,
                [("Anna", "PER"), ("Oslo", "GPE")],
                [("met", "MEET", {"Where": "Oslo"})] if name != "ben" else [],
                annotator=name,
                kind=kind,
            )
            repo.save_annotations(said, at="2024-05-01T12:00:00+00:00")
    store.close()
    return place


def test_uses_of_removed_names_are_counted_by_annotator(
    run: Run, filled: Path, earlier: Path, later: Path
) -> None:
    """Each removed name has its count, its users, and what the migrations make of it."""
    ran = run("ontology", "diff", earlier, later, "-w", filled, "--json").json
    uses = {(u["table"], u["name"]): u for u in ran["uses"]}
    assert uses["entities", "GPE"]["by"] == {"anna": 1, "ben": 1, "m-1": 1}
    assert uses["entities", "GPE"]["becomes"] == "LOC"
    assert (uses["entities", "MISC"]["count"], uses["entities", "MISC"]["becomes"]) == (0, "")
    assert (uses["events", "MEET"]["count"], uses["events", "MEET"]["becomes"]) == (2, None)
    assert uses["roles", "Where"]["by"] == {"anna": 1, "m-1": 1}
    assert uses["attributes", "modality=believed"]["becomes"] == "other"
    assert ("entities", "PER") not in uses


def test_the_next_step_is_named(run: Run, filled: Path, earlier: Path, later: Path) -> None:
    """Names that nothing covers are told, and after them the replay."""
    said = run("ontology", "diff", earlier, later, "-w", filled).out
    assert "entities: GPE: used 3 times (anna 1, ben 1, m-1 1); becomes LOC" in said
    assert "name MEET, Where in [migrations] of the new ontology, then: curation replay" in said


def test_without_a_workspace_only_the_ontologies_are_compared(
    run: Run, earlier: Path, later: Path
) -> None:
    """The command needs no workspace."""
    ran = run("ontology", "diff", earlier, later, "--json").json
    assert ran["uses"] is None
    assert "entities: GPE removed" in ran["differences"]
