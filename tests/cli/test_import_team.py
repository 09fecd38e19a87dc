"""Annotations that a team made with other tools: imported, and compared without a workspace."""

from __future__ import annotations

from pathlib import Path
from statistics import fmean, pstdev

import pytest

from curation.store import open_store

from .conftest import Run

BRATIAA = Path(__file__).resolve().parents[3] / "shared" / "data" / "bratiaa-example"
EXACT = "f1(layer=entities,match=exact)"
CONLL = "# newdoc id = c\nAnna B-PER B-PER\nBerg I-PER O\nin O O\nOslo B-GPE B-GPE\n"


@pytest.fixture
def brat(tmp_path: Path) -> Path:
    """Two annotators: ben has seen one text of two, and has no copy of it."""
    root = tmp_path / "brat"
    for folder in ("anna/sub", "ben/sub"):
        (root / folder).mkdir(parents=True)
    (root / "anna" / "a.txt").write_text("Anna Berg met Ben in Oslo.")
    (root / "anna" / "a.ann").write_text(
        "T1\tPER 0 9\tAnna Berg\nT2\tCONSULT 10 13\tmet\nT3\tGPE 21 25\tOslo\n"
        "E1\tCONSULT:T2 Actor:T1\nA1\ttense E1 Past\nR1\tIn Arg1:T1 Arg2:T3\n"
    )
    (root / "ben" / "a.ann").write_text("T1\tPER 0 4\tAnna\n")
    (root / "anna" / "sub" / "b.txt").write_text("Nobody.")
    (root / "anna" / "sub" / "b.ann").write_text("")
    (root / "ben" / "sub" / "b.txt").write_text("Nobody.")
    return root


def test_names_that_the_ontology_lacks_are_refused_together(
    run: Run, workspace: Path, brat: Path
) -> None:
    """All of them in one line with their counts, and nothing is stored."""
    ran = run("import", "brat", "-w", workspace, brat)
    assert ran.code == 2
    assert "entity labels GPE (1); values tense:Past (1); nothing was imported" in ran.err
    assert "--map" in ran.err
    with open_store(f"sqlite:///{workspace / 'curation.db'}").transaction() as repo:
        assert repo.uids() == []


def test_brat_folders_become_annotators(run: Run, workspace: Path, brat: Path) -> None:
    """Renamed, counted, and the same again is unchanged; a text without .ann was not seen."""
    arguments = (
        "import", "brat", "-w", workspace, brat / "anna", brat / "ben", "--language", "en",
        "--map", "GPE=LOC", "--map", "tense:Past=past", "--json",
    )  # fmt: skip
    ran = run(*arguments)
    assert ran.code == 0, ran.err
    found = ran.json
    assert (found["records"], found["new"], found["unseen"]) == (3, 3, 1)
    assert (found["documents"], found["entities"], found["events"]) == (2, 3, 1)
    assert found["left_out"] == {"relations": 1}
    assert run(*arguments).json["unchanged"] == 3
    with open_store(f"sqlite:///{workspace / 'curation.db'}").transaction() as repo:
        sets = {(s.uid, s.annotator): s for s in repo.annotation_sets("person")}
    assert set(sets) == {("a", "anna"), ("a", "ben"), ("sub/b", "anna")}
    (event,) = sets["a", "anna"].events
    assert event.attributes == {"tense": "past"}
    assert sets["a", "anna"].provenance["brat"]["left_out"] == ["R1\tIn Arg1:T1 Arg2:T3"]


def test_one_bad_file_does_not_keep_the_others_out(run: Run, workspace: Path, brat: Path) -> None:
    """What cannot be read is told with its place, and exit code 2."""
    (brat / "ben" / "a.ann").write_text("T1\tPER 0 4\tBert\n")
    ran = run("import", "brat", "-w", workspace, brat, "--map", "GPE=", "--map", "tense=")
    assert ran.code == 2
    assert f"{brat / 'ben' / 'a.ann'}: line 1: T1 is 'Anna', not 'Bert'" in ran.err
    assert "2 new" in ran.out
    assert "1 refused" in ran.out
    assert "GPE (by --map) 1" in ran.out


def test_columns_become_annotators(run: Run, workspace: Path, tmp_path: Path) -> None:
    """One file with a column for each of two annotators."""
    path = tmp_path / "double.conll"
    path.write_text(CONLL)
    columns = ("--column", "anna=1", "--column", "ben=2")
    ran = run("import", "iob2", "-w", workspace, path, *columns, "--map", "GPE=LOC", "--json")
    assert ran.code == 0, ran.err
    assert (ran.json["annotators"], ran.json["new"]) == (["anna", "ben"], 2)
    assert run("import", "iob2", "-w", workspace, path, "--column", "anna=0").code == 2


def test_agreement_reads_folders_and_columns(run: Run, brat: Path, tmp_path: Path) -> None:
    """Numbers without a workspace or an ontology; formats may be mixed."""
    path = tmp_path / "double.conll"
    path.write_text(CONLL)
    columns = ("--column", "anna=1", "--column", "ben=2")
    ran = run("agreement", "--from", path, *columns, "--measure", EXACT, "--json")
    assert ran.json["measures"][0]["value"] == pytest.approx(2 * 1 / 4)
    ran = run("agreement", "--from", brat / "anna", brat / "ben", path, *columns,
              "--measure", EXACT, "--json")  # fmt: skip
    found = ran.json["measures"][0]
    # a: nothing of 2 and 1; c: one of 2 and 2; the text that ben has not seen does not count
    assert (found["value"], found["n_documents"]) == (pytest.approx(2 * 1 / 7), 2)


def test_what_cannot_be_compared_is_said_at_once(run: Run, brat: Path) -> None:
    """Every bad file in one line, exit code 2."""
    for name in ("anna", "ben"):
        (brat / name / "a.ann").write_text("hello\n")
    ran = run("agreement", "--from", brat)
    assert ran.code == 2
    assert ran.err.count("'hello' is no line of brat") == 2


@pytest.mark.skipif(not BRATIAA.is_dir(), reason="../shared is not here")
def test_the_report_of_bratiaa_is_reproduced(run: Run) -> None:
    """Its numbers are means over pairs of annotators, with population standard deviations."""
    mean = "f1(layer=entities,match=exact,average=pairs)"
    ran = run("agreement", "--from", BRATIAA, "--measure", mean, "--by", "label", "--json")
    found = {e["slice"].get("label"): e for e in ran.json["measures"]}
    published = {"LOC": 0.819, "MISC": 0.840, "ORG": 0.906, "PER": 0.938, None: 0.890}
    assert {k: round(e["value"], 3) for k, e in found.items()} == published
    deviations = {"LOC": 0.131, "MISC": 0.090, "ORG": 0.053, "PER": 0.039, None: 0.053}
    assert {k: round(e["counts"]["sd"], 3) for k, e in found.items()} == deviations
    pairs = run("agreement", "--from", BRATIAA, "--measure", EXACT, "--json").json["pairs"]
    values = [pair["value"] for pair in pairs]
    assert (round(fmean(values), 3), round(pstdev(values), 3)) == (0.890, 0.053)
