"""What commands print fits into 80 columns, has no colour, and is the same in a pipe."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from .conftest import Run

LONG = "VERY_LONG_LABEL_OF_A_TEAM_THAT_SPELLS_EVERYTHING_OUT"
TEXT = "Anna Berg met Peter Lind in Trondheim."
PEOPLE = ("an annotator with a long name", "bonaventura.van.der.meer.junior", "c")
LANGUAGES = ("sk", "sv", "en", "nb", "nl", "de", "fr", "pl", "cs", "da", "fi", "is", "hu", "it")


def line(number: int, who: int) -> dict[str, Any]:
    """A canonical line; annotators differ in a label and in a boundary, by turns."""
    short = int(number % 3 == who)
    return {
        "id": f"a-very-long-identifier-of-a-document-made-from-its-title-{number:03}",
        "language": LANGUAGES[number],
        "text": TEXT,
        "meta": {},
        "annotator": PEOPLE[who],
        "entities": [
            {"id": "T1", "start": 0, "end": 9 - short, "label": "PER"},
            {"id": "T2", "start": 14, "end": 24, "label": "ORG" if short else LONG},
        ],
        "events": [],
    }


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Three annotators' lines, with long names of everything."""
    made = []
    for who in range(3):
        path = tmp_path / f"{who}.jsonl"
        lines = (json.dumps(line(n, who)) for n in range(len(LANGUAGES)))
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        made.append(path)
    return made


@pytest.fixture
def filled(run: Run, tmp_path: Path, files: list[Path]) -> Path:
    """A workspace with these lines."""
    people = [x for i, n in enumerate(PEOPLE) for x in ("--annotator", f'"{n}" <a{i}@example.org>')]
    languages = [x for code in LANGUAGES for x in ("--language", code)]
    assert run("init", tmp_path / "w", *people, *languages).code == 0
    for file in files:
        assert run("import", "jsonl", file, "-w", tmp_path / "w", "--repair").code == 0
    return tmp_path / "w"


def wide(printed: str) -> list[str]:
    """Lines of more than 80 columns, but for such as are one long word."""
    return [x for x in printed.splitlines() if len(x) > 80 and " " in x.strip()[12:].strip()]


@pytest.mark.parametrize("options", [(), ("--documents",), ("--state", "double")], ids=str)
def test_status_fits(run: Run, filled: Path, options: tuple[str, ...]) -> None:
    """Many languages and long names are folded; nothing of them is lost."""
    ran = run("status", "-w", filled, *options)
    assert ran.code == 0
    assert wide(ran.out) == []
    if not options:
        assert all(name in ran.out for name in PEOPLE)
        assert all(f"{code} 1" in " ".join(ran.out.split()) for code in LANGUAGES)
        numbers = [x.split()[-3:] for x in ran.out.partition("assigned")[2].splitlines()[1:]]
        assert [n for n in numbers if n[0].isdigit()] == [["14", "14", "0"]] * 3


@pytest.mark.parametrize(
    "options", [(), ("--short",), ("--by", "label", "--by", "language", "--bands")], ids=str
)
def test_agreement_fits(run: Run, files: list[Path], options: tuple[str, ...]) -> None:
    """Tables, causes and documents, with labels and uids longer than their columns."""
    ran = run("agreement", "--from", *files, "--resamples", "50", *options)
    assert ran.code == 0
    assert wide(ran.out) == []
    assert LONG in ran.out


def test_doctor_fits(run: Run, filled: Path) -> None:
    """Advice is folded below what was found; the name of a file stays whole."""
    (filled / "curation.toml").write_text("[workspace", encoding="utf-8")
    ran = run("doctor", "-w", filled)
    assert ran.code == 1
    assert [line for line in wide(ran.out) if str(filled) not in line] == []


@pytest.mark.parametrize("columns", ["40", "80", "300"])
def test_a_terminal_shows_what_a_pipe_gets(filled: Path, columns: str) -> None:
    """No colour and no control sequence, with NO_COLOR and without, at any width."""
    command = [sys.executable, "-m", "curation", "status", "-w", str(filled)]
    environment = os.environ | {"COLUMNS": columns, "TERM": "xterm-256color"}
    piped = subprocess.run(
        command, env=environment | {"NO_COLOR": "1"}, capture_output=True, check=True
    ).stdout
    ours, theirs = pty.openpty()
    with os.fdopen(ours, "rb") as screen:
        subprocess.run(command, env=environment, stdout=theirs, check=True)
        os.close(theirs)
        seen = b""
        try:
            while chunk := screen.read1(65536):
                seen += chunk
        except OSError:  # how a pseudo-terminal says that its other end is closed
            pass
    assert seen.replace(b"\r\n", b"\n") == piped
    assert b"\x1b" not in seen
