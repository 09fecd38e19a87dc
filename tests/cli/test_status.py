"""`curation status`: the summary, the list, and how both read in a terminal or a pipe."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from curation.adjudication import LAYERS
from curation.cli.status import _summed
from curation.model import Document
from curation.settings import load_settings
from curation.store import open_store
from curation.testing import annotation_set
from curation.workflows.adjudicate import adjudicate_store
from curation.workflows.status import read_status

from .conftest import Run

AT = "2024-05-01T12:00:00+00:00"
TEXT = "Anna Berg met Peter Lind in Oslo."
LONG = "a-feed-with-a-long-name-and-a-number-20240501"


@pytest.fixture
def folder(workspace: Path) -> Path:
    """Three documents: disputed, gold and empty, and one that nobody has read."""
    store = open_store(f"sqlite:///{workspace / 'curation.db'}")
    with store.transaction() as repo:
        for uid in (LONG, "empty", "unread"):
            repo.add_document(Document(uid=uid, language="en", text=TEXT), offset_map=[], at=AT)
        for name, label in (("anna", "PER"), ("ben", "ORG")):
            entities = [("Anna Berg", label)]
            repo.save_annotations(annotation_set(TEXT, entities, uid=LONG, annotator=name), at=AT)
            repo.save_annotations(annotation_set(TEXT, uid="empty", annotator=name), at=AT)
    rules = dict.fromkeys(LAYERS, ("majority",))
    adjudicate_store(store, rules=rules, min_annotators=2, at=AT)
    store.close()
    return workspace


def test_the_summary_tells_states_by_layer(run: Run, folder: Path) -> None:
    """A line a state with Documents, the empty ones of them, and every layer; no wider than 80."""
    ran = run("status", "-w", folder)
    assert ran.code == 0
    rows = {line.split()[0]: line.split()[1:] for line in ran.out.splitlines() if line}
    assert rows["disputed"] == ["1", "-", "1", "-", "-", "-"]
    assert rows["gold"] == ["1", "1", "1", "2", "2", "2"]
    assert rows["unseen"] == ["1", "-", "1", "1", "1", "1"]
    assert "double" not in rows
    table = ran.out.split("\n\n", 1)[1]
    assert max(map(len, table.splitlines())) <= 80


def test_json_keeps_its_keys(run: Run, folder: Path) -> None:
    """What programs read stays, and the states of layers and empty Documents come beside it."""
    found = run("status", "-w", folder, "--json").json
    assert found["documents"] == 3
    assert found["by_status"] == {"unseen": 1, "disputed": 1, "gold": 1}
    assert (found["quarantine"], found["releases"]) == (0, [])
    assert {"name": "anna", "assigned": 2, "done": 2, "skipped": 0} in found["annotators"]
    assert found["empty"] == {"gold": 1}
    assert found["by_layer"]["events"] == {"unseen": 1, "gold": 2}


def test_documents_are_listed_a_line_each(run: Run, folder: Path) -> None:
    """uid, state, in which layers, and that it is empty: no colour, nothing cut, 80 columns."""
    lines = run("status", "-w", folder, "--documents").out.splitlines()
    assert [line.split() for line in lines] == [
        [LONG],
        ["disputed", "in", "entities;", "no", "events"],
        ["empty", "gold", "read,", "and", "empty"],
        ["unread", "unseen"],
    ]


def test_the_list_can_be_narrowed(run: Run, folder: Path) -> None:
    """--state lists, of the whole Document or of one layer; several states add up."""
    found = run("status", "-w", folder, "--state", "gold", "--layer", "events", "--json").json
    assert [d["uid"] for d in found["by_document"]] == [LONG, "empty"]
    assert found["documents"] == 2
    assert found["by_document"][0]["layers"]["entities"] == "disputed"
    both = run("status", "-w", folder, "--state", "in-work", "--state", "unseen", "--json").json
    assert [d["uid"] for d in both["by_document"]] == ["unread"]


def test_a_list_without_a_hit_says_so(run: Run, folder: Path, tmp_path: Path) -> None:
    """Neither a state that nothing is in nor an empty workspace prints nothing; JSON has a list."""
    ran = run("status", "-w", folder, "--documents", "--state", "skipped")
    assert (ran.code, ran.out) == (0, "no documents in this state\n")
    found = run("status", "-w", folder, "--state", "skipped", "--json").json
    assert found == {"documents": 0, "by_document": []}
    assert run("init", tmp_path / "new").code == 0
    assert run("status", "-w", tmp_path / "new", "--documents").out == "no documents\n"


def test_revisions_are_told_as_what_they_are(run: Run, folder: Path) -> None:
    """The line names revisions, by state; where there are none it says so and no more."""
    assert "revisions   none" in run("status", "-w", folder).out.splitlines()
    store = open_store(f"sqlite:///{folder / 'curation.db'}")
    status = replace(
        read_status(store, load_settings(folder, {})), revisions={"submitted": 62, "draft": 1}
    )
    store.close()
    lines = list(_summed(status, load_settings(folder, {})))
    assert "revisions   submitted 62, draft 1 (kept as they came)" in lines
    assert "revisions" in status.to_json()


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--state", "done"], "--state 'done': one of unseen, open, in work"),
        (["--state", "gold", "--layer", "words"], "--layer 'words': one of entities"),
        (["--layer", "events"], "give --state, too"),
    ],
)
def test_unknown_states_are_wrong_use(
    run: Run, folder: Path, options: list[str], says: str
) -> None:
    """One line says what there is, with exit code 2."""
    ran = run("status", "-w", folder, *options)
    assert (ran.code, ran.out) == (2, "")
    assert says in ran.err
