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
        ("GPE=0.5", True, 0, "open"),
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
    every = ("--bands", "--by", "guideline", "--by", "label", "--target", "GPE=0.5")
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
    same = run("agreement", "--from", files[0], "--json")
    assert same.json["disagreements"] == []
