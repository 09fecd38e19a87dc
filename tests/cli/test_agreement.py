"""`curation agreement`: its gate, its slices, and what it prints."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from cli.conftest import Run

TEXT = "Anna Nagy met Ben Toth in Brno on Monday"
URL = "http://127.0.0.1:8080/projects/12/data?tab=7&task=123456789&" + "annotation=" + "9" * 40


def _line(number: int, annotator: str, label: str, **provenance: Any) -> str:
    """Anna Nagy is a PER to everybody, Ben Toth is `label`."""
    data: Mapping[str, Any] = {
        "id": f"d{number:02}",
        "language": "en",
        "text": TEXT,
        "meta": {"annotation": {"provenance": provenance}} if provenance else {},
        "annotator": annotator,
        "entities": [
            {"id": "T1", "start": 0, "end": 9, "label": "PER"},
            {"id": "T2", "start": 14, "end": 22, "label": label},
        ],
        "events": [],
    }
    return json.dumps(data) + "\n"


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Twelve documents; PER and ORG are agreed in all, LOC in none."""
    anna, ben = tmp_path / "anna.jsonl", tmp_path / "ben.jsonl"
    for path, second in ((anna, "ORG"), (ben, "LOC")):
        lines = [
            _line(i, path.stem, second if i % 2 else "ORG", guideline=f"{1 + i // 6}.0", url=URL)
            for i in range(12)
        ]
        path.write_text("".join(lines), encoding="utf-8")
    return [anna, ben]


@pytest.mark.parametrize(
    ("target", "gate", "code", "verdict"),
    [
        ("PER=0.9", True, 0, "held"),
        ("LOC=0.5", True, 1, "missed"),
        ("LOC=0.5", False, 0, "missed"),
        ("ORG=0.67", True, 0, "open"),
    ],
)
def test_the_gate_is_shut_by_a_missed_target_only(
    run: Run, files: list[Path], target: str, *, gate: bool, code: int, verdict: str
) -> None:
    """--gate ends with 1 where the whole interval lies below a target; open and held pass."""
    options = ["--gate"] if gate else []
    ran = run("agreement", "--from", *files, "--target", target, "--json", *options)
    assert ran.code == code
    (found,) = ran.json["targets"]
    assert (found["name"], found["verdict"]) == (target.partition("=")[0], verdict)


def test_one_missed_target_among_held_ones_shuts_the_gate(run: Run, files: list[Path]) -> None:
    """The report is printed all the same, with what was missed first said as such."""
    targets = ("--target", "PER=0.9", "--target", "LOC=0.5")
    ran = run("agreement", "--from", *files, *targets, "--gate")
    assert ran.code == 1
    rows = [line for line in ran.out.splitlines() if " wanted 0." in line]
    assert [row.split()[:2] for row in rows] == [["missed", "LOC"], ["held", "PER"]]


@pytest.mark.parametrize("target", ["PER", "PER=2", "PER=0", "=0.5", "PER=x"])
def test_a_target_that_means_nothing_is_wrong_use(run: Run, files: list[Path], target: str) -> None:
    """Not a name and a value above 0, at most 1: exit code 2, nothing printed."""
    ran = run("agreement", "--from", *files, "--target", target)
    assert (ran.code, ran.out) == (2, "")
    assert "write NAME=VALUE" in ran.err


def test_guideline_versions_are_slices_and_are_compared(run: Run, files: list[Path]) -> None:
    """Six documents were pulled under each version, and the second is set against the first."""
    ran = run("agreement", "--from", *files, "--by", "guideline", "--json")
    found = {
        m["slice"]["guideline"]: m["n_documents"]
        for m in ran.json["measures"]
        if m["name"] == "f1(layer=entities,match=exact)" and m["slice"]
    }
    assert found == {"1.0": 6, "2.0": 6}
    (difference,) = (
        d
        for d in ran.json["differences"]
        if d["dimension"] == "guideline" and "entities" in d["measure"]
    )
    assert (difference["a"], difference["b"], difference["n_documents"]) == ("1.0", "2.0", [6, 6])
    shown = run("agreement", "--from", *files, "--by", "guideline").out
    assert "guideline: 2.0 against 1.0" in shown


def test_lines_are_folded_at_eighty_columns_and_links_stand_whole(
    run: Run, files: list[Path]
) -> None:
    """Nothing is wider than a terminal but a link, which has a line of its own."""
    name = "kappa(layer=attributes,name=" + "tense_of_the_reported_event" * 2 + ")"
    every = ("--bands", "--by", "guideline", "--by", "label", "--target", "LOC=0.5")
    for options in (every, ("--measure", name)):
        lines = run("agreement", "--from", *files, *options).out.splitlines()
        wide = [line.strip() for line in lines if len(line) > 80]
        assert set(wide) <= {URL, name}
        assert wide
    table = lines[lines.index(name) :]
    assert table[1].split()[0] == "-"
    assert table[2].startswith("    no value: ")


def test_json_is_one_document_with_every_disagreement(run: Run, files: list[Path]) -> None:
    """However it is written, it is one JSON object, and its disagreements are a list."""
    ran = run("agreement", "--from", *files, "--json")
    assert [d["uid"] for d in ran.json["disagreements"]] == [f"d{i:02}" for i in range(1, 12, 2)]
    files[1].write_text(files[0].read_text().replace('"anna"', '"ben"'))
    same = run("agreement", "--from", *files, "--json")
    assert same.json["disagreements"] == []


def test_a_gate_is_no_gate_where_nothing_is_measured(run: Run, files: list[Path]) -> None:
    """Without a document of two annotators, or without a target, --gate is wrong use."""
    files[1].write_text(files[1].read_text().replace('"id": "d', '"id": "e'))
    ran = run("agreement", "--from", *files, "--target", "PER=0.9", "--gate")
    assert (ran.code, ran.out) == (2, "")
    assert "nothing was measured, for no document has two annotators" in ran.err
    ran = run("agreement", "--from", *files, "--gate")
    assert (ran.code, ran.out) == (2, "")
    assert "no target" in ran.err


@pytest.mark.parametrize(
    "options",
    [
        ["--measure", "alpha(unit=character)"],
        ["--by", "language"],
        ["--measure", "f1( layer=entities )", "--by", "length", "--json"],
        ["--short"],
    ],
)
def test_the_gate_holds_whatever_else_is_asked_for(
    run: Run, files: list[Path], options: list[str]
) -> None:
    """Measures by name and slices do not take away what the targets are about."""
    assert run("agreement", "--from", *files, "--target", "LOC=0.5", "--gate", *options).code == 1
    assert run("agreement", "--from", *files, "--target", "PER=0.5", "--gate", *options).code == 0


def test_a_target_of_nothing_is_wrong_use(run: Run, files: list[Path], workspace: Path) -> None:
    """A label must be in the annotations, or in the workspace's ontology; known ones are named."""
    ran = run("agreement", "--from", *files, "--target", "PRE=0.9")
    assert (ran.code, ran.out) == (2, "")
    assert "'PRE'" in ran.err
    assert "entities, triggers, arguments, LOC, ORG, PER" in ran.err
    ran = run("agreement", "-w", workspace, "--target", "PRE=0.9")
    assert (ran.code, ran.out) == (2, "")
    assert "Actor" in ran.err
    for known in ("PER=0.9", "AID=0.5", "Actor=0.5", "triggers=0.5"):
        ran = run("agreement", "-w", workspace, "--target", known)
        assert ran.code == 0
        assert "open" in ran.out


def test_one_annotator_alone_is_wrong_use(run: Run, files: list[Path], tmp_path: Path) -> None:
    """One line says who it is and what to do, of canonical lines and of columns."""
    tagged = tmp_path / "double.conll"
    tagged.write_text("Anna B-PER B-PER\nNagy I-PER O\n\n", encoding="utf-8")
    for file, name in ((files[0], "anna"), (tagged, "double")):
        ran = run("agreement", "--from", file)
        assert (ran.code, ran.out) == (2, "")
        (line,) = ran.err.splitlines()
        assert f"only one annotator ({name})" in line
        assert "--column NAME=N, or give a second file" in line
    assert run("agreement", "--from", tagged, "--column", "a=1", "--column", "b=2").code == 0


def test_layers_without_items_are_a_line_each(run: Run, files: list[Path]) -> None:
    """There are no events: triggers and arguments have a line instead of a row a measure."""
    out = run("agreement", "--from", *files).out
    assert out.count("no items") == 2
    assert "triggers: no items\narguments: no items\n" in out
    named = run("agreement", "--from", *files, "--measure", "f1(layer=triggers,match=exact)").out
    assert "no value: no items" in named


def test_documents_that_nobody_shares_are_one_line(run: Run, files: list[Path]) -> None:
    """No table of measures without a value."""
    files[1].write_text(files[1].read_text().replace('"id": "d', '"id": "e'))
    ran = run("agreement", "--from", *files)
    assert ran.code == 0
    assert ran.out.splitlines()[1] == "no values: no shared documents, none has two annotators"
    assert ran.out.count("no shared documents") == 1


def test_json_drives_no_terminal(run: Run, files: list[Path]) -> None:
    """Names of any kind are escaped, and come back as they are."""
    hostile = "a\u009b2J\u202e\u2028\x7f"
    for file in files:
        written = file.read_text().replace('"id": "d', '"id": "' + json.dumps(hostile)[1:-1])
        file.write_text(written, encoding="utf-8")
    ran = run("agreement", "--from", *files, "--json")
    assert not set(hostile[1:]) & set(ran.out) - {"2", "J"}
    assert ran.json["disagreements"][0]["uid"].startswith(hostile)


def test_lengths_are_told_without_their_number_in_order(run: Run, tmp_path: Path) -> None:
    """Short texts come first, though their name sorts last."""
    files = [tmp_path / "anna.jsonl", tmp_path / "ben.jsonl"]
    for path in files:
        lines = [json.loads(_line(i, path.stem, "ORG")) for i in range(3)]
        for line, words in zip(lines, (0, 150, 2000), strict=True):
            line["text"] += " word" * words
        path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    options = ("--by", "length", "--min-documents", "1", "--short")
    rows = run("agreement", "--from", *files, *options).out.splitlines()
    found = [row.split("  ")[1] for row in rows if row.startswith("  length=")][:3]
    assert found == [
        "length=under 100 words",
        "length=100-299 words",
        "length=1000 words and more",
    ]


def test_in_short_are_the_ladder_the_targets_and_five_causes(run: Run, files: list[Path]) -> None:
    """Without pairs, annotators, examples and documents; with --json it is wrong use."""
    out = run("agreement", "--from", *files, "--short", "--target", "LOC=0.5").out
    lines = out.splitlines()
    rows = [line.split()[0] for line in lines if line.startswith(("f1(", "alpha("))]
    matches = ("exact", "boundary", "overlap", "overlap_any", "partial")
    assert rows == [f"f1(layer=entities,match={match})" for match in matches]
    assert "  missed LOC" in out
    assert " 1. label LOC / ORG, entities: 6 times" in out
    assert lines[-1].startswith("    +0.")
    ran = run("agreement", "--from", *files, "--short", "--json")
    assert (ran.code, ran.out) == (2, "")
