"""`curation adjudicate --interactive`, and exports of what it leaves and what was before."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from curation.model import AnnotationSet, Document
from curation.store import Store, gold_record, open_store
from curation.testing import annotation_set

from .conftest import Run

TEXT = "Anna Berg met Peter Lind in Oslo."
FIRST = "2024-05-01T12:00:00+00:00"
KEYS = {
    "anna": [("Anna Berg", "PER"), ("Peter Lind", "PER"), ("Oslo", "LOC")],
    "ben": [("Anna Berg", "PER"), ("Peter Lind", "ORG")],
}


def said(uid: str, name: str, kind: str = "person") -> AnnotationSet:
    """What somebody says about a document."""
    return annotation_set(TEXT, KEYS[name], [], uid=uid, annotator=name, kind=kind)


@pytest.fixture
def store(workspace: Path) -> Store:
    """A workspace in which two annotators differ over two documents, and not over a third."""
    made = open_store(f"sqlite:///{workspace / 'curation.db'}")
    with made.transaction() as repo:
        for uid in ("d1", "d2", "same"):
            document = Document(uid=uid, language="en", text=TEXT)
            repo.add_document(document, offset_map=[], at=FIRST)
            repo.save_annotations(said(uid, "anna"), at=FIRST)
        for uid in ("d1", "d2"):
            repo.save_annotations(said(uid, "ben"), at=FIRST)
        same = said("same", "anna").model_copy(update={"annotator": "ben"})
        repo.save_annotations(same, at=FIRST)
    return made


def gold(store: Store) -> dict[str, list[tuple[str, str]]]:
    """Words and labels of gold, by document."""
    with store.transaction() as repo:
        found = list(repo.gold())
    return {g.uid: [(TEXT[e.start : e.end], e.label) for e in g.entities] for g in found}


@pytest.mark.usefixtures("store")
def test_disputes_are_settled_with_one_key_each(run: Run, workspace: Path, store: Store) -> None:
    """Each dispute is shown in context with its candidates; what is chosen is gold at the end."""
    ran = run(
        "adjudicate", "--interactive", "--adjudicator", "eva", "-w", workspace, stdin="1 0 2 1"
    )
    assert ran.code == 0, ran.err
    assert "Anna Berg met «Peter Lind» in Oslo." in ran.err
    assert "ORG: ben" in ran.err
    found = gold(store)
    berg, lind, oslo = ("Anna Berg", "PER"), ("Peter Lind", "ORG"), ("Oslo", "LOC")
    assert found["d1"] == [berg, lind]
    assert found["d2"] == [berg, ("Peter Lind", "PER"), oslo]
    assert found["same"] == [berg, ("Peter Lind", "PER"), oslo]
    assert "2 of 2 disputed documents settled" in ran.out
    again = run("adjudicate", "--interactive", "--adjudicator", "eva", "-w", workspace, stdin="")
    assert "nothing is disputed" in again.out
    assert gold(store) == found


def test_what_was_settled_before_quitting_is_kept(run: Run, workspace: Path, store: Store) -> None:
    """Quitting in the second document keeps the first; skipped and undone ones stay disputed."""
    ran = run(
        "adjudicate", "--interactive", "--adjudicator", "eva", "-w", workspace, stdin="1u10 2uq"
    )
    assert ran.code == 0, ran.err
    assert "1 of 2 disputed documents settled" in ran.out
    assert "not kept" not in ran.out
    again = run("adjudicate", "-i", "--adjudicator", "eva", "-w", workspace, stdin="1q")
    assert "0 of 1 disputed documents settled; answers not kept, more was open in" in again.out
    with store.transaction() as repo:
        assert repo.disputed() == {"d2"}
        assert repo.annotated("adjudicator") == {"d1": "eva"}


def test_a_settled_document_is_asked_again_on_request(
    run: Run, workspace: Path, store: Store
) -> None:
    """--again asks about a document that was decided; the new word replaces the old one."""
    eva = ("adjudicate", "--interactive", "--adjudicator", "eva", "-w", workspace)
    run(*eva, stdin="10q")
    assert gold(store)["d1"][1] == ("Peter Lind", "ORG")
    ran = run(*eva, "--again", "d1", stdin="20")
    assert ran.code == 0, ran.err
    assert gold(store)["d1"][1] == ("Peter Lind", "PER")
    refused = run(*eva, "--again", "same", stdin="")
    assert (refused.code, refused.err.count("\n")) == (2, 1)
    assert "same: no such document, or nothing in it is disputed" in refused.err


@pytest.mark.usefixtures("store")
def test_anonymous_names_nobody(run: Run, workspace: Path) -> None:
    """With --anonymous candidates are told by how many they have."""
    ran = run(
        "adjudicate", "--interactive", "--anonymous", "--adjudicator", "eva", "-w", workspace,
        stdin="q",
    )  # fmt: skip
    assert "ORG: 1 annotator" in ran.err
    assert "ben" not in ran.err


@pytest.mark.usefixtures("store")
def test_an_adjudicator_has_a_name(run: Run, workspace: Path) -> None:
    """Without a name on the command line or in curation.toml nothing is asked."""
    ran = run("adjudicate", "--interactive", "-w", workspace, stdin="1")
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert "who adjudicates?" in ran.err


@pytest.mark.usefixtures("store")
def test_disputed_documents_are_exported_only_on_request_and_marked(
    run: Run, workspace: Path, tmp_path: Path
) -> None:
    """Gold has what is agreed of them and says so; without the option they are left out."""
    run("adjudicate", "-w", workspace)
    plain, all_of_it = tmp_path / "plain.jsonl", tmp_path / "all.jsonl"
    run("export", "jsonl", plain, "-w", workspace)
    run("export", "jsonl", all_of_it, "--include-disputed", "-w", workspace)
    assert [json.loads(line)["id"] for line in plain.read_text("utf-8").splitlines()] == ["same"]
    rows = [json.loads(line) for line in all_of_it.read_text("utf-8").splitlines()]
    marked = {
        row["id"]: row["meta"]["annotation"]["provenance"].get("disputed", False) for row in rows
    }
    assert marked == {"d1": True, "d2": True, "same": False}
    assert [e["label"] for e in rows[0]["entities"]] == ["PER"]


def test_gold_of_an_earlier_time_is_exported(
    run: Run, workspace: Path, store: Store, tmp_path: Path
) -> None:
    """--as-of gives gold with the text of then, though document and gold have moved on."""
    run("adjudicate", "-w", workspace)
    with store.transaction() as repo:
        at = repo.set_times("gold", uids=["same"])["same", "gold", "gold"]
        repo.add_document(
            Document(uid="same", language="en", text="Other."), offset_map=[], at=FIRST
        )
    target = tmp_path / "then.jsonl"
    ran = run("export", "jsonl", target, "--as-of", at, "-w", workspace)
    assert ran.code == 0, ran.err
    assert [json.loads(line)["text"] for line in target.read_text("utf-8").splitlines()] == [TEXT]
    early = run("export", "jsonl", target, "--as-of", "2000-01-01", "-w", workspace)
    assert (early.code, early.err.count("\n")) == (2, 1)
    assert "as of 2000-01-01T23:59:59+00:00" in early.err
    wrong = run("export", "jsonl", target, "--as-of", "yesterday", "-w", workspace)
    assert (wrong.code, wrong.err.count("\n")) == (2, 1)
    assert "a release; releases: none yet" in wrong.err


@pytest.mark.parametrize(
    ("arguments", "stdin", "said"),
    [
        (("--policy", "majority:" + "9" * 5000), "", "no rule 'majority:9"),
        (("--policy", "prefer:" + "x" * 5000), "", "no such annotator"),
        (("--adjudicator", "eva"), "", "--adjudicator goes with --interactive"),
        (("--anonymous",), "", "--anonymous goes with --push or --interactive"),
        (("--interactive", "--adjudicator", "@adjudication"), "1", "cannot be the name"),
        (("--interactive", "--adjudicator", "\udcff"), "1", "cannot be the name"),
        (("--interactive", "--adjudicator", "eva"), b"\xff\xfe", "stdin is not text"),
    ],
)
@pytest.mark.usefixtures("store")
def test_what_cannot_be_done_is_told_on_one_line(
    run: Run, workspace: Path, arguments: tuple[str, ...], stdin: bytes | str, said: str
) -> None:
    """Rules, names and keys that are none end with one short line and code 2."""
    ran = run("adjudicate", *arguments, "-w", workspace, stdin=stdin)
    assert (ran.code, ran.out) == (2, "")
    (line,) = [line for line in ran.err.splitlines() if line.startswith("curation: ")]
    assert said in line
    assert len(line) < 500


@pytest.mark.usefixtures("store")
def test_a_wrong_rule_in_the_settings_is_told_with_its_file_and_layer(
    run: Run, workspace: Path
) -> None:
    """A rule of curation.toml that does not exist is named with the file and the layer."""
    file = workspace / "curation.toml"
    file.write_text(file.read_text().replace('events = ["majority"]', 'events = ["weighted:2"]'))
    ran = run("adjudicate", "-w", workspace)
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert f"{file.name}: events: adjudication: no rule 'weighted:2'" in ran.err


@pytest.mark.parametrize(
    "when", ["", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "\udcff"]
)
@pytest.mark.usefixtures("store")
def test_a_time_that_is_none_is_refused(
    run: Run, workspace: Path, tmp_path: Path, when: str
) -> None:
    """--as-of takes no empty text for now, and no time beyond the calendar; nothing is written."""
    run("adjudicate", "-w", workspace)
    target = tmp_path / "out.jsonl"
    ran = run("export", "jsonl", target, "--as-of", when, "-w", workspace)
    assert (ran.code, ran.err.count("\n"), target.exists()) == (2, 1, False)
    assert "give a day" in ran.err


@pytest.mark.parametrize("day", ["2024-05-01", "20240501", "2024-W18-3"])
def test_a_day_lasts_until_its_end(
    run: Run, workspace: Path, store: Store, tmp_path: Path, day: str
) -> None:
    """However a day is written, gold of its last second is of that day."""
    gold = AnnotationSet(uid="same", annotator="gold", kind="gold")
    with store.transaction() as repo:
        repo.save_gold([gold_record(gold, [])], at="2024-05-01T23:59:59+00:00")
    target = tmp_path / "out.jsonl"
    assert run("export", "jsonl", target, "--as-of", day, "-w", workspace).code == 0
    assert json.loads(target.read_text())["id"] == "same"


@pytest.mark.usefixtures("store")
def test_half_a_character_is_refused_in_words(run: Run, workspace: Path) -> None:
    """An argument that is not UTF-8, and goes to the database, is told on one line."""
    ran = run("explain", "\udcff", "-w", workspace)
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert "half a character" in ran.err
