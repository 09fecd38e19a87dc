"""`curation audit`: what it shows, what it keeps, and what it refuses."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from audit.making import corpus, relabelled
from cli.conftest import Run

from curation.formats.jsonl import record_to_line
from curation.model import Record
from curation.store import open_store
from curation.store.gold import gold_record
from curation.store.records import DecisionRecord
from curation.workflows.audit import Material, find, listed, remember, verdicts, with_proposals

URL = "http://127.0.0.1:8080/projects/1/data?task=7"


def _planted() -> list[tuple[object, object]]:
    return relabelled(corpus(24), "d07", "T1", "ORG")


@pytest.fixture
def gold_file(tmp_path: Path) -> Path:
    """Twenty-four documents with one wrong label."""
    path = tmp_path / "gold.jsonl"
    lines = [record_to_line(Record(document=d, annotations=s)) + "\n" for d, s in _planted()]
    path.write_text("".join(lines), encoding="utf-8")
    return path


@pytest.fixture
def filled(workspace: Path) -> Path:
    """A workspace with that gold, each document with a link."""
    store = open_store(f"sqlite:///{workspace / 'curation.db'}")
    with store.transaction() as repo:
        for document, said in _planted():
            repo.add_document(document, offset_map=[], at="t")
            linked = said.model_copy(update={"provenance": {"sources": {"anna": URL}}})
            repo.save_annotations(linked, at="t")
    store.close()
    return workspace


def test_a_file_needs_no_workspace(run: Run, gold_file: Path) -> None:
    """--from audits canonical lines; the planted error leads, and the JSON is whole."""
    ran = run("audit", "--from", gold_file, "--pipeline", "none", "--json")
    first = ran.json["findings"][0]
    assert ran.code == 0
    assert (first["uid"], first["kind"], first["now"], first["suggested"]) == (
        "d07",
        "label",
        "ORG",
        "PER",
    )
    assert (ran.json["n_documents"], ran.json["n_items"]) == (24, 120)


def test_the_table_can_be_read_at_80_columns(run: Run, filled: Path) -> None:
    """Rank, probability, fingerprint, context, change, reasons; only a link may be longer."""
    ran = run("audit", "-w", filled, "--pipeline", "none")
    lines = ran.out.splitlines()
    assert re.match(r"  1\. +\d+%  [0-9a-f]{12}  label", lines[0])
    assert "[Tom Falk] met reporters" in ran.out
    assert "     ORG -> PER" in lines
    assert f"     {URL}" in lines
    assert max(len(line) for line in lines if "http" not in line) <= 80
    assert "\x1b" not in ran.out


def test_a_decided_finding_stays_away(run: Run, filled: Path) -> None:
    """What was decided is not shown again, but with --all, with its verdict."""
    first = run("audit", "-w", filled, "--pipeline", "none", "--json").json["findings"][0]
    decided = run(
        "audit", "-w", filled, "--decide", f"{first['fingerprint']}=fine", "--note", "a club"
    )
    assert decided.code == 0
    again = run("audit", "-w", filled, "--pipeline", "none", "--json").json
    assert first["fingerprint"] not in {f["fingerprint"] for f in again["findings"]}
    assert again["decided"] == {"error": 0, "fine": 1, "later": 0}
    whole = run("audit", "-w", filled, "--pipeline", "none", "--all", "--json").json
    assert (whole["findings"][0]["fingerprint"], whole["findings"][0]["verdict"]) == (
        first["fingerprint"],
        "fine",
    )


def test_one_key_decides(run: Run, filled: Path) -> None:
    """e, f, l keep a verdict, s goes on, q stops; of another key stands which there are."""
    ran = run("audit", "-w", filled, "--pipeline", "none", "--interactive", stdin="xeq")
    assert ran.code == 0
    assert ran.out.splitlines()[-1] == "error 1"
    assert ran.err.count("is none of") == 1
    assert "'x' is none of: e error, f fine, l later, s skip, q quit" in ran.err
    store = open_store(f"sqlite:///{filled / 'curation.db'}")
    assert list(verdicts(store).values()) == ["error"]
    store.close()


@pytest.fixture
def disputed(workspace: Path) -> Path:
    """Gold that lacks two names: T1 of d07, which is in dispute there, and T1 of d11."""
    store = open_store(f"sqlite:///{workspace / 'curation.db'}")
    with store.transaction() as repo:
        for document, said in corpus(24):
            lacking = [e for e in said.entities if (said.uid, e.id) not in _LACKING]
            repo.add_document(document, offset_map=[], at="t")
            repo.save_annotations(
                said.model_copy(update={"annotator": "anna", "kind": "person"}), at="t"
            )
            gold = said.model_copy(update={"entities": tuple(lacking)})
            repo.save_gold([gold_record(gold, _open(said.uid))], at="t")
    store.close()
    return workspace


_LACKING = {("d07", "T1"), ("d11", "T1")}


def _open(uid: str) -> list[DecisionRecord]:
    candidates = {"PER [11, 19)": ["anna"], "nothing": ["ben"]}
    status = {"d07": "disputed", "d11": "rejected"}.get(uid)
    body = {"candidates": candidates}
    return [DecisionRecord(uid, "entities", status, None, "", body)] if status else []


def test_what_is_in_dispute_is_left_out(run: Run, disputed: Path) -> None:
    """Gold that waits for a decision missed nothing there; one line says how many, and why."""
    as_json = run("audit", "-w", disputed, "--pipeline", "none", "--json").json
    missed = {f["uid"] for f in as_json["findings"] if f["surface"] == "Tom Falk"}
    assert (missed, as_json["left_out"]) == ({"d11"}, {"in_dispute": 1})
    shown = run("audit", "-w", disputed, "--pipeline", "none").out.splitlines()
    said = "1 left out: in dispute, settle them with curation adjudicate"
    assert shown.count(said) == 1
    asked = run("audit", "-w", disputed, "--pipeline", "none", "--interactive", stdin="q")
    assert said in asked.out.splitlines()


def test_of_one_annotator_nothing_is_in_dispute(run: Run, disputed: Path) -> None:
    """What gold leaves open says nothing about what one person did."""
    ran = run("audit", "-w", disputed, "--annotator", "anna", "--pipeline", "none")
    assert (ran.code, "left out" in ran.out) == (0, False)


def test_context_ends_between_words(run: Run, gold_file: Path) -> None:
    """Around the words stand whole ones, and marks where some are left out."""
    ran = run("audit", "--from", gold_file, "--pipeline", "none", "--limit", "1")
    assert "     d07: On arrival [Tom Falk] met reporters in Malmö. …" in ran.out.splitlines()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--kind", "wrong"], "kinds are label, type"),
        (["--decide", "oops"], "write FINDING=error|fine|later"),
        (["--decide", "0123456789ab=fine"], "was ever shown"),
        (["--note", "why"], "--note goes with --decide"),
        (["--annotator", "zoe"], "has annotated nothing"),
        (["--interactive", "--json"], "choose one"),
        (["--seed", str(2**32)], "--seed"),
    ],
)
def test_wrong_use_is_one_line(run: Run, filled: Path, options: list[str], said: str) -> None:
    """Wrong options end with 2 and one line that says what to write."""
    ran = run("audit", "-w", filled, "--pipeline", "none", *options)
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert said in ran.err


def test_a_workspace_without_gold_says_what_to_do(run: Run, workspace: Path) -> None:
    """There is nothing to audit before anything was adjudicated."""
    ran = run("audit", "-w", workspace)
    assert ran.code == 2
    assert "run `curation adjudicate`" in ran.err


def test_two_annotators_in_a_file_are_audited_one_at_a_time(run: Run, gold_file: Path) -> None:
    """A document that stands twice is refused; --annotator chooses one."""
    twice = gold_file.read_text("utf-8").replace('"annotator": "gold"', '"annotator": "ben"')
    other = gold_file.with_name("ben.jsonl")
    other.write_text(twice, encoding="utf-8")
    refused = run("audit", "--from", gold_file, "--from", other, "--pipeline", "none")
    assert (refused.code, refused.err.count("\n")) == (2, 1)
    assert "annotated twice, by gold and ben" in refused.err
    chosen = run(
        "audit",
        "--from",
        gold_file,
        "--from",
        other,
        "--annotator",
        "ben",
        "--pipeline",
        "none",
        "--json",
    )
    assert {f["annotator"] for f in chosen.json["findings"]} == {"ben"}


def test_hostile_text_drives_no_terminal(run: Run, tmp_path: Path) -> None:
    """Control characters in a text come out as marks."""
    pairs = relabelled(corpus(24), "d07", "T1", "ORG")
    lines = []
    for document, said in pairs:
        line = json.loads(record_to_line(Record(document=document, annotations=said)))
        line["text"] = line["text"].replace(" reporters ", "\x1b[31mrters ")
        lines.append(json.dumps(line) + "\n")
    path = tmp_path / "hostile.jsonl"
    path.write_text("".join(lines), encoding="utf-8")
    ran = run("audit", "--from", path, "--pipeline", "none")
    assert ran.code == 0
    assert "\x1b" not in ran.out


def test_a_pipeline_is_not_asked_about_what_it_suggested() -> None:
    """A document that was annotated from suggestions has no second opinion by a pipeline."""
    document, said = corpus(1)[0]
    proposal = said.model_copy(update={"kind": "model", "annotator": "fast"})
    entity = said.entities[0].model_copy(update={"origin": "prediction"})
    assisted = said.model_copy(update={"entities": (entity, *said.entities[1:])})
    for one, expected in ((said, {document.uid}), (assisted, set())):
        material = Material([(document, one)], proposals={document.uid: proposal})
        assert set(with_proposals(material, "none").proposals) == expected


def test_what_is_shown_is_remembered(tmp_path: Path) -> None:
    """Only the first findings are kept in the store, each with one line about it."""
    store = open_store(f"sqlite:///{tmp_path / 'curation.db'}")
    material = Material(_planted())
    found = listed(material, find(material), {}, limit=1)
    remember(store, found, at="t")
    with store.transaction() as repo:
        (kept,) = repo.findings().values()
    store.close()
    assert kept.summary == "label: 'Tom Falk' ORG -> PER"
