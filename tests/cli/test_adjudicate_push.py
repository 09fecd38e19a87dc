"""`curation adjudicate --push`: its options, and what it says where no server is asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from curation.testing import annotation_set, document
from curation.workflows.workspace import now, open_workspace

from .conftest import Run

TEXT = "Anna met Bob in Oslo."


@pytest.fixture
def disputed(workspace: Path) -> Path:
    """A workspace with a document about which two people disagree, and one that is settled."""
    with open_workspace(workspace, {}).store.transaction() as repo:
        for uid in ("d1", "d2"):
            repo.add_document(document(TEXT, uid=uid), offset_map=[], at=now())
            for name, label in (("anna", "LOC"), ("ben", "ORG" if uid == "d1" else "LOC")):
                made = annotation_set(TEXT, [("Oslo", label)], uid=uid, annotator=name)
                repo.save_annotations(made, at=now())
    return workspace


@pytest.mark.parametrize("option", [("--dry-run",), ("--anonymous",), ("--again", "d1")])
def test_options_of_a_push_need_one(option: tuple[str, ...], run: Run, disputed: Path) -> None:
    """An option that would do nothing is wrong use, in one line."""
    ran = run("adjudicate", "-w", disputed, *option)
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert option[0] in ran.err


def test_dry_run_asks_no_server(run: Run, disputed: Path) -> None:
    """What would be sent is told, on lines that fit a terminal."""
    ran = run("adjudicate", "-w", disputed, "--push", "--dry-run")
    assert ran.code == 0, ran.err
    *_, first, last = ran.out.splitlines()
    assert first == "d1: 1 dispute"
    assert last == "1 document would be put before the adjudicator"
    plan = run("adjudicate", "-w", disputed, "--push", "--dry-run", "--json").json["push"]
    assert plan == {"documents": 1, "disputes": 1, "plan": {"d1": 1}}


def test_server_that_is_away(run: Run, disputed: Path) -> None:
    """Without a running server the push ends with one line and its own exit code."""
    ran = run("adjudicate", "-w", disputed, "--push")
    assert (ran.code, ran.err.count("\n")) == (3, 1)
    assert "curation server start" in ran.err


def test_again_of_what_was_never_decided(run: Run, disputed: Path) -> None:
    """A document that no adjudicator has decided cannot be asked again."""
    ran = run("adjudicate", "-w", disputed, "--push", "--dry-run", "--again", "d1")
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert "no adjudicator has decided it" in ran.err
