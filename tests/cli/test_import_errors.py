"""Bad input to `curation import`: a line for each thing, exit code 2, and all else goes in."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from curation.cli.common import counts, safe
from curation.store import open_store

from .conftest import Run

TEXT = "Anna Berg met Ben in Oslo."
NOT_UTF8 = os.fsdecode(b"\xff")
ENTITY = "T1\tPER 0 9\tAnna Berg\n"
EVENT = "T2\tCONSULT 10 13\tmet\nT3\tORG 21 25\tOslo\nE1\tCONSULT:T2 Actor:T1 Location:T3\n"


def folder(path: Path, ann: str = ENTITY) -> Path:
    """A folder of brat with one document."""
    path.mkdir(parents=True)
    (path / "a.txt").write_text(TEXT)
    (path / "a.ann").write_text(ann)
    return path


def tagged(path: Path, documents: int = 1, tags: str = "B-PER") -> Path:
    """A CoNLL-style file; documents are called after it."""
    uids = (f"{path.stem.encode(errors='replace').hex()[:20]}-{n}" for n in range(documents))
    path.write_text("".join(f"# newdoc id = {uid}\nAnna {tags}\n" for uid in uids))
    return path


def stored(workspace: Path) -> list[tuple[str, str]]:
    """(uid, annotator) of what is in the store."""
    with open_store(f"sqlite:///{workspace / 'curation.db'}").transaction() as repo:
        assert all(d.language for d in repo.documents())
        return sorted((s.uid, s.annotator) for s in repo.annotation_sets("person"))


@pytest.mark.parametrize("language", ["e", "x" * 36, "EN", "xx-yy-zz nonsense", ""])
def test_languages_that_are_none(run: Run, workspace: Path, tmp_path: Path, language: str) -> None:
    """Nothing goes in, so that the workspace can still be read."""
    for arguments in (("iob2", tagged(tmp_path / "f.iob2")), ("brat", folder(tmp_path / "anna"))):
        ran = run("import", *arguments, "-w", workspace, "--language", language)
        assert ran.code == 2
        assert "is no language code" in ran.err
        assert ran.err.count("\n") == 1
    assert stored(workspace) == []


def test_a_bad_file_between_two_good_ones(run: Run, workspace: Path, tmp_path: Path) -> None:
    """Both go in and the sum is told, whatever is wrong with the one between them."""
    good, other = tagged(tmp_path / "anna.iob2"), tagged(tmp_path / "ben.iob2")
    bad = tmp_path / "latin1.iob2"
    bad.write_bytes("Ängel B-PER".encode("latin-1"))
    ran = run("import", "iob2", "-w", workspace, good, bad, tmp_path / "nosuch", other)
    assert ran.code == 2
    assert f"refused: {bad}: not UTF-8 at byte 0" in ran.err
    assert f"refused: {tmp_path / 'nosuch'}: cannot be read" in ran.err
    assert "annotation sets: 4 by anna, ben, 2 refused, 0 not seen\n2 new, 0 unchanged" in ran.out
    ran = run("import", "brat", "-w", workspace, tmp_path / "no", folder(tmp_path / "zoe"))
    assert ran.code == 2
    assert ran.err == (
        f"refused: {tmp_path / 'no'}: not a folder "
        "(brat: one folder an annotator, .txt beside .ann)\n"
    )
    assert sorted(name for _, name in stored(workspace)) == ["anna", "ben", "zoe"]


@pytest.mark.parametrize("column", ["a=--1", "a=" + "9" * 5000, "a=²", f"{NOT_UTF8}=1", "a=-"])
def test_columns_that_are_none(run: Run, workspace: Path, tmp_path: Path, column: str) -> None:
    """One short line."""
    path = tagged(tmp_path / "f.iob2")
    ran = run("import", "iob2", "-w", workspace, path, "--column", column)
    assert ran.code == 2
    assert ran.err.startswith("curation: --column ")
    assert len(ran.err) < 300


@pytest.mark.parametrize(
    "name", ["zoe\nben   999  999  0", "\x1b[31m", " ", "z" * 10_000, NOT_UTF8]
)
def test_names_that_nobody_has(run: Run, workspace: Path, tmp_path: Path, name: str) -> None:
    """As an option they are wrong use, in a file and as that of a folder wrong input."""
    line = {"id": "a", "language": "en", "text": TEXT, "annotator": name, "entities": []}
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps(line))
    files: list[tuple[object, ...]] = [
        ("jsonl", path),
        ("iob2", tagged(tmp_path / "f.iob2")),
        ("brat", folder(tmp_path / "anna")),
        ("label-studio", path),
    ]
    for arguments in files:
        ran = run("import", *arguments, "-w", workspace, "--annotator", name)
        assert ran.code == 2
        assert ran.err.startswith("curation: --annotator: ")
        assert ran.err.count("\n") == 1
    inputs = [files[0]]
    if len(name) < 100:
        inputs += [
            ("brat", folder(tmp_path / name)),
            ("iob2", tagged(tmp_path / f"{name}.iob2", 30)),
        ]
    for arguments in inputs:
        ran = run("import", *arguments, "-w", workspace)
        assert ran.code == 2, arguments
        assert ran.err.count("\n") == 1
        assert len(ran.err) < 1000
        assert "\x1b" not in ran.err
        assert run("import", *arguments, "-w", workspace, "--json").json["problems"]
    assert stored(workspace) == []
    for arguments in inputs[1:]:
        assert run("import", *arguments, "-w", workspace, "--annotator", "zoe").code == 0


def test_the_same_problem_of_every_document_is_one_line(
    run: Run, workspace: Path, tmp_path: Path
) -> None:
    """With the first place and how many more there are; also where files are compared."""
    path = tagged(tmp_path / "f.iob2", 30)
    ran = run("import", "iob2", "-w", workspace, path, "--column", "ben=7")
    assert ran.code == 2
    assert ran.err.count("\n") == 1
    assert f"{path}:2: no column 7 beside the token" in ran.err
    assert ran.err.endswith("; and 29 more like it\n")
    ran = run("agreement", "--from", path, "--column", "ben=7")
    assert ran.code == 2
    assert ran.err.endswith("; and 29 more like it\n")


def test_many_unknown_names_are_told_by_the_first_ten(
    run: Run, workspace: Path, tmp_path: Path
) -> None:
    """In every format, of labels as of counts."""
    path = tmp_path / "f.iob2"
    path.write_text("".join(f"Anna B-L{n}\n" for n in range(1000)))
    ran = run("import", "iob2", "-w", workspace, path)
    assert ran.code == 2
    assert "L0 (1), L1 (1)" in ran.err
    assert "and 990 more; nothing was imported" in ran.err
    ran = run("import", "iob2", "-w", workspace, path, "--repair")
    assert ran.code == 0
    assert "and 970 more" in ran.out
    assert counts({f"x{n}": n for n in range(3)}) == "x0 0, x1 1, x2 2"


def test_files_that_cannot_be_read_are_not_passed_over(
    run: Run, workspace: Path, tmp_path: Path
) -> None:
    """A link that leads nowhere, and a pipe that would never end."""
    path = folder(tmp_path / "anna")
    (path / "b.txt").write_text(TEXT)
    (path / "b.ann").symlink_to(tmp_path / "nosuch")
    (path / "c.txt").write_text(TEXT)
    os.mkfifo(path / "c.ann")
    ran = run("import", "brat", "-w", workspace, path)
    assert ran.code == 2
    assert ran.err == (
        f"refused: {path / 'b.ann'}: cannot be read: No such file or directory\n"
        f"refused: {path / 'c.ann'}: not a file\n"
    )
    assert "1 new" in ran.out


def test_names_to_rename_that_stand_nowhere(run: Run, workspace: Path, tmp_path: Path) -> None:
    """Said, as what goes in is right all the same; one that is given twice is wrong use."""
    path = folder(tmp_path / "anna")
    ran = run("import", "brat", "-w", workspace, path, "--map", "GPE=LOC", "--map", "PER=ORG")
    assert ran.code == 0
    assert ran.err == "--map GPE=…: the input has no GPE\n"
    ran = run("import", "brat", "-w", workspace, path, "--map", "PER=ORG", "--map", "PER=LOC")
    assert ran.code == 2
    assert "PER is renamed already" in ran.err


def test_what_the_ontology_forbids_is_left_out_on_demand(
    run: Run, workspace: Path, tmp_path: Path
) -> None:
    """The refusal names the option; with it the reason is counted, and nothing else is lost."""
    path = folder(tmp_path / "anna", ENTITY + EVENT)
    ran = run("import", "brat", "-w", workspace, path)
    assert ran.code == 2
    assert f"{path / 'a.ann'}: E1: a ORG cannot be Location (--repair" in ran.err
    ran = run("import", "brat", "-w", workspace, path, "--repair", "--json")
    assert ran.code == 0
    assert (ran.json["entities"], ran.json["events"]) == (2, 1)
    assert ran.json["left_out"] == {"a ORG cannot be Location": 1}


def test_the_hint_for_brats_negation_works(run: Run, workspace: Path, tmp_path: Path) -> None:
    """What it says to write makes an attribute without a value a value of an attribute here."""
    path = folder(
        tmp_path / "anna", ENTITY + EVENT.replace("Location", "Actor") + "A1\tNegation E1\n"
    )
    ran = run("import", "brat", "-w", workspace, path)
    assert "attributes Negation (1)" in ran.err
    options = ("--map", "Negation=polarity", "--map", "polarity:true=negative")
    assert " ".join(options) in ran.err
    assert run("import", "brat", "-w", workspace, path, *options).code == 0
    with open_store(f"sqlite:///{workspace / 'curation.db'}").transaction() as repo:
        (said,) = repo.annotation_sets("person")
    assert said.events[0].attributes == {"polarity": "negative"}


def test_an_export_with_bad_tasks(run: Run, workspace: Path, tmp_path: Path) -> None:
    """The field that has the text may be named wrongly; unknown labels go to quarantine."""
    labels = [
        {
            "id": f"r{n}",
            "from_name": "entity",
            "to_name": "text",
            "type": "labels",
            "value": {"start": 0, "end": 4, "text": "Anna", "labels": [f"L{n}"]},
        }
        for n in range(1000)
    ]
    annotation: dict[str, Any] = {"id": 1, "completed_by": {"id": 1, "email": "a@b.c\nx 9"}}
    task = {"id": 1, "data": {"text": TEXT}, "annotations": [annotation | {"result": labels}]}
    path = tmp_path / f"{NOT_UTF8}.json"
    path.write_text(json.dumps([task]))
    arguments = ("import", "label-studio", "-w", workspace, path)
    ran = run(*arguments, "--text-field", "typo")
    assert ran.code == 2
    assert "task=1: there is no text in field 'typo'" in ran.err
    assert "1 task (1 refused), 0 annotations" in ran.out
    ran = run(*arguments)
    assert ran.code == 2
    assert "; and 990 more" in ran.err
    assert "1 quarantined" in ran.out
    task["annotations"] = [annotation | {"result": []}]
    path.write_text(json.dumps([task]))
    assert run(*arguments).code == 0
    said = run("status", "-w", workspace).out
    assert not any(line.startswith("x 9") for line in said.splitlines())


def test_values_cannot_begin_a_line() -> None:
    """Breaks in what is shown are visible; what drives a terminal is not there."""
    assert safe("zoe\nben\r\x1b[31m\tx") == "zoe\\nben\\r\N{REPLACEMENT CHARACTER}[31m\tx"
