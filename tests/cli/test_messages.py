"""What commands say to the person at the terminal: true, aligned, and with the way on."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from curation.cli.common import emit
from curation.model import AnnotationSet, Entity
from curation.workflows.workspace import open_workspace
from tests.cli.conftest import Run

AT = "2026-01-01T00:00:00+00:00"


@pytest.fixture
def disputed(run: Run, tmp_path: Path) -> Path:
    """A workspace in which anna and ben differ on the one document."""
    folder = tmp_path / "disputed"
    people = ("--annotator", "anna <anna@example.org>", "--annotator", "ben <ben@example.org>")
    assert run("init", folder, *people).code == 0
    text = tmp_path / "oslo.txt"
    text.write_text("Anna Berg met Peter Lind in Oslo.", encoding="utf-8")
    assert run("ingest", "-w", folder, text).code == 0
    with open_workspace(folder, os.environ).store.transaction() as repo:
        for name, end in (("anna", 9), ("ben", 4)):
            entity = Entity(id="T1", start=0, end=end, label="PER")
            made = AnnotationSet(uid="oslo", annotator=name, entities=(entity,))
            repo.save_annotations(made, at=AT)
    return folder


def test_disputes_come_with_a_way_to_settle_them(run: Run, disputed: Path) -> None:
    """`adjudicate` says that disputed documents wait and what helps; what it says does help."""
    said = run("adjudicate", "-w", disputed).out
    assert "wait outside releases and exports" in said
    assert "prefer:NAME" in said
    refused = run("split", "-w", disputed)
    assert refused.code == 2
    assert "all 1 adjudicated documents have disputes" in refused.err
    settled = run("adjudicate", "-w", disputed, "--policy", "majority", "--policy", "prefer:anna")
    assert "1 without disputes, 0 with" in settled.out
    assert "to settle them" not in settled.out
    assert run("split", "-w", disputed).code == 0


def test_preferring_nobody_is_wrong_use(run: Run, disputed: Path) -> None:
    """A rule that names no annotator is said, instead of never deciding anything."""
    ran = run("adjudicate", "-w", disputed, "--policy", "prefer:carol")
    assert (ran.code, ran.out) == (2, "")
    assert "prefer:carol: no such annotator; annotators: anna, ben" in ran.err


def test_agreement_table_is_aligned(run: Run, disputed: Path) -> None:
    """Every value stands under its heading, and a reason says what it is the reason for."""
    lines = run("agreement", "-w", disputed).out.splitlines()
    head = next(line for line in lines if line.startswith("measure"))
    ends = head.index("value") + len("value")
    table = lines[lines.index(head) + 1 : lines.index("")]
    rows = [line for line in table if "(layer=" in line]
    assert rows
    assert all(row[ends - 1] != " " and row[ends] == " " for row in rows)
    assert table.count("no interval: too few documents, it takes 5") == 1
    assert "triggers: no items" in table


def test_json_drives_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """Control characters and those that turn a line around are escaped, and read back the same."""
    hostile = "\x7f\u009b31m \u202egnp\u2066\u2028"
    emit({"title": hostile}, [], as_json=True)
    said = capsys.readouterr().out
    assert json.loads(said) == {"title": hostile}
    assert said.isascii()


def test_incomplete_label_is_named(run: Run, disputed: Path) -> None:
    """A label without a colour is said by its name, not by its number."""
    ontology = disputed / "label_config" / "news.toml"
    text = ontology.read_text(encoding="utf-8")
    label = '[[entities]]\nname = "MISC"\ndefinition = "Other names."\n\n[[events]]'
    ontology.write_text(text.replace("[[events]]", label, 1), encoding="utf-8")
    ran = run("ontology", "check", ontology)
    assert ran.code == 2
    assert "entities 'MISC'.colour: Field required" in ran.err
