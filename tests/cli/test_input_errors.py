"""Wrong input: one clear line each, exit code 2, and nothing of it left behind."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from .conftest import Run

GOOD = "Ministers met in Oslo on Monday to talk about the budget of the coast guard."

BAD_FILES = {
    "invisible.txt": ("\u200b\u2060\n".encode(), "invisible"),
    "infinite.jsonl": (b'{"id": "a", "text": "Oslo is here", "meta": {"n": 1e999}}\n', "too large"),
    "date.jsonl": (b'{"id": "a", "text": "Oslo is here", "date": "\\ud800"}\n', "surrogate"),
    "deep.jsonl": (
        b'{"id": "a", "text": "Oslo is here", "m": ' + b"[" * 200 + b"]" * 200 + b"}\n",
        "nesting",
    ),
    "latin1.txt": (b"Caf\xe9 in Oslo", "UTF-8"),
    "empty.txt": (b"", "empty"),
    "blank.txt": (b" \n\t\n ", "whitespace"),
    "nul.txt": (b"Oslo\x00Bergen", "NUL"),
    "large.txt": (b"Oslo and Bergen. " * 1_250_000, "MB"),
    "table.csv": (b"id,body\n1,Ministers met in Oslo\n", "text"),
    "lines.jsonl": (b'{"id": "a", "text": "Oslo is here"}\n{"id": "b", "text": \n', "2"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_bad_file_is_said_and_left_out(name: str, run: Run, workspace: Path) -> None:
    """A bad file gives one line with its name and exit code 2; the good file beside it goes in."""
    data, reason = BAD_FILES[name]
    folder = workspace.parent / "input"
    folder.mkdir()
    (folder / name).write_bytes(data)
    (folder / "good.txt").write_text(GOOD)
    ran = run("ingest", "--workspace", workspace, folder, "--json")
    assert ran.code == 2
    (line,) = ran.json["problems"]
    assert name in line
    assert reason in line
    assert ran.json["new"] == 1
    assert run("status", "--workspace", workspace, "--json").json["documents"] == 1


def test_missing_file_is_said(run: Run, workspace: Path) -> None:
    """A path that does not exist is one line and exit code 2."""
    ran = run("ingest", "--workspace", workspace, "nowhere.txt")
    assert ran.code == 2
    assert "nowhere.txt" in ran.err


def test_file_that_may_not_be_read(
    run: Run, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is one of the problems; the files beside it go in."""
    for name in ("locked.txt", "good.txt"):
        (workspace.parent / name).write_text(f"{GOOD} It is in {name}.")
    (workspace.parent / "locked.txt").chmod(0)
    opened = Path.open

    def refuses(path: Path, *arguments: Any, **named: Any) -> Any:
        if path.name == "locked.txt":  # root may read everything
            raise PermissionError(13, "Permission denied", str(path))
        return opened(path, *arguments, **named)

    monkeypatch.setattr(Path, "open", refuses)
    monkeypatch.setattr(os, "access", lambda path, _mode: not str(path).endswith("locked.txt"))
    files = [workspace.parent / name for name in ("locked.txt", "good.txt")]
    ran = run("ingest", "--workspace", workspace, *files, "--json")
    assert ran.code == 2
    (problem,) = ran.json["problems"]
    assert "locked.txt: cannot be read: Permission denied" in problem
    assert ran.json["new"] == 1


def test_folder_that_is_no_workspace(run: Run, tmp_path: Path) -> None:
    """Every command that needs a workspace says how to make one."""
    for command in ("status", "push", "pull", "adjudicate", "split", "report"):
        ran = run(command, "--workspace", tmp_path)
        assert ran.code == 2
        assert ran.err.count("\n") == 1
        assert "curation init" in ran.err


def test_ontology_with_an_unknown_role(run: Run, tmp_path: Path) -> None:
    """An event type that requires a role which is not defined is named with its file."""
    source = Path(__file__).parents[2] / "label_config" / "news.toml"
    wrong = tmp_path / "wrong.toml"
    wrong.write_text(
        source.read_text().replace('required = ["Recipient"]', 'required = ["Victim"]')
    )
    ran = run("ontology", "check", wrong)
    assert ran.code == 2
    assert "Victim" in ran.err
    assert "wrong.toml" in ran.err
    assert ran.err.count("\n") == 1


def test_server_that_is_not_there(
    run: Run, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that does not answer is exit code 3 and one line with its address."""
    monkeypatch.setenv("LABEL_STUDIO_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("LABEL_STUDIO_API_KEY", "secret-key-of-nobody")
    (workspace.parent / "a.txt").write_text(GOOD)
    run("ingest", "--workspace", workspace, workspace.parent / "a.txt")
    ran = run("push", "--workspace", workspace)
    assert ran.code == 3
    assert "127.0.0.1:9" in ran.err
    assert "secret-key" not in ran.err + ran.out
    assert ran.err.count("\n") == 1


def test_wrong_use_is_one_line(run: Run) -> None:
    """Unknown commands and options, and missing arguments, are one line and exit code 2."""
    for arguments in (["nosuch"], ["ingest", "--nosuch"], ["export"], ["release", "-w"]):
        ran = run(*arguments)
        assert ran.code == 2
        assert ran.err.count("\n") == 1, ran.err
        assert "--help" in ran.err


def test_empty_path_is_not_this_folder(run: Run, workspace: Path) -> None:
    """An empty name, as an unset variable leaves it, is refused and reads nothing."""
    Path("stray.txt").write_text(GOOD)
    ran = run("ingest", "--workspace", workspace, "")
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert "a path is empty" in ran.err
    assert run("status", "--workspace", workspace, "--json").json["documents"] == 0


@pytest.mark.parametrize(
    "arguments", [("export", "jsonl", "out.jsonl"), ("release", "1.0.0")], ids=["export", "release"]
)
def test_unknown_policy_is_refused(run: Run, workspace: Path, arguments: tuple[str, ...]) -> None:
    """A policy that does not exist is refused with those that do."""
    ran = run(*arguments, "--workspace", workspace, "--policy", "stretch")
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert "'stretch': one of strict, expand, drop" in ran.err


def test_database_that_is_none(run: Run, workspace: Path) -> None:
    """A database file that holds something else is said, not shown as a traceback."""
    for file in workspace.glob("curation.db*"):
        file.unlink()
    (workspace / "curation.db").write_bytes(b"nothing like a database " * 100)
    ran = run("status", "--workspace", workspace)
    assert ran.code == 2
    assert "not a SQLite database" in ran.err


def test_control_characters_never_reach_the_terminal(run: Run, workspace: Path) -> None:
    """Escape sequences in names from outside are shown harmless."""
    ran = run("ingest", "--workspace", workspace, "\x1b[31mred.txt")
    assert ran.code == 2
    assert "\x1b" not in ran.err + ran.out


def line(text: str = "Anna Berg met Peter Lind.", annotator: str = "anna") -> str:
    """A canonical line with one entity."""
    entity = {"id": "T1", "start": 0, "end": 4, "label": "PER"}
    document = {"id": "a", "language": "en", "text": text, "meta": {}}
    return json.dumps(document | {"annotator": annotator, "entities": [entity]}) + "\n"


def test_stream_with_bytes_that_are_no_text(run: Run) -> None:
    """A line that is not UTF-8 is said with its number, and the lines around it go on."""
    good = line().encode()
    ran = run("preannotate", "--stdin", stdin=good + b"caf\xe9\n" + good)
    assert ran.code == 2
    assert ran.out.count("\n") == 2
    assert "stdin:2: not UTF-8" in ran.err


def test_stream_with_a_number_that_json_cannot_hold(run: Run) -> None:
    """A line that could not be written again is said, and the lines around it go on."""
    wrong = line().replace('"meta": {}', '"meta": {"n": 1e999}')
    ran = run("preannotate", "--stdin", stdin=wrong + line())
    assert ran.code == 2
    assert ran.out.count("\n") == 1
    assert "stdin:1: a number too large" in ran.err


def test_closed_stdin(workspace: Path) -> None:
    """Commands that read stdin say that nothing is there."""
    program = [sys.executable, "-c", "from curation.cli import main; main()"]
    for arguments in (["ingest", "--workspace", str(workspace)], ["preannotate", "--stdin"]):
        command = ["sh", "-c", 'exec "$@" <&-', "sh", *program, *arguments]
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
        assert ran.returncode == 2
        assert "nothing to read on stdin" in ran.stderr


@pytest.mark.parametrize("limit", ["inf", "1e300"])
def test_limit_out_of_range(limit: str, run: Run, workspace: Path) -> None:
    """A limit beyond what a machine can hold is wrong use."""
    ran = run("ingest", "--workspace", workspace, "--limit-mb", limit, "a.txt")
    assert ran.code == 2
    assert "--limit-mb" in ran.err


def test_init_with_wrong_settings_leaves_nothing(run: Run, tmp_path: Path) -> None:
    """Where the settings would be wrong, no workspace is begun."""
    twice = ["--annotator", "a <a@example.org>", "--annotator", "a <b@example.org>"]
    for arguments in (["--language", "xx!!"], twice, ["--name", "x" * 100]):
        assert run("init", tmp_path / "new", *arguments).code == 2
        assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("url", ["nonsense", "ftp://host", "http://", "http://user:secret@host"])
def test_server_address_that_is_none(
    url: str, run: Run, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A LABEL_STUDIO_URL that cannot be one is said, without repeating what may be a secret."""
    monkeypatch.setenv("LABEL_STUDIO_URL", url)
    ran = run("status", "--workspace", workspace)
    assert ran.code == 2
    assert "LABEL_STUDIO_URL" in ran.err
    assert "secret" not in ran.err


def test_database_address_with_a_port_that_is_no_number(
    run: Run, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is wrong input, and the password in it is not repeated."""
    monkeypatch.setenv("CURATION_DATABASE_URL", "postgresql://user:secret@host:port/x")
    ran = run("status", "--workspace", workspace)
    assert ran.code == 2
    assert "secret" not in ran.err


def test_damaged_database(
    run: Run, workspace: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A database with broken pages is said."""
    damaged = tmp_path / "damaged.db"
    with closing(sqlite3.connect(damaged)) as connection:
        connection.executescript("".join(f"CREATE TABLE t{n} (x);" for n in range(200)))
    with damaged.open("r+b") as file:
        file.truncate(5000)
    monkeypatch.setenv("CURATION_DATABASE_URL", f"sqlite:///{damaged}")
    ran = run("status", "--workspace", workspace)
    assert ran.code == 2
    assert "damaged" in ran.err


def test_another_text_under_the_same_id(run: Run, tmp_path: Path) -> None:
    """Offsets in one text are never scored against offsets in another."""
    (tmp_path / "gold.jsonl").write_text(line())
    (tmp_path / "other.jsonl").write_text(line("Eva Dahl met Peter Lind."))
    for arguments in (["other.jsonl"], ["--predictions", "other.jsonl"]):
        given = [str(tmp_path / a) if a.endswith("l") else a for a in arguments]
        ran = run("evaluate", tmp_path / "gold.jsonl", *given)
        assert ran.code == 2
        assert "another text" in ran.err


def test_two_predictions_for_one_document(run: Run, tmp_path: Path) -> None:
    """None of them is dropped in silence."""
    (tmp_path / "gold.jsonl").write_text(line())
    (tmp_path / "two.jsonl").write_text(line(annotator="x") + line(annotator="y"))
    ran = run("evaluate", tmp_path / "gold.jsonl", "--predictions", tmp_path / "two.jsonl")
    assert ran.code == 2
    assert "two predictions" in ran.err


def test_gold_that_stands_twice(run: Run, tmp_path: Path) -> None:
    """It would count twice, within a file and between files."""
    (tmp_path / "gold.jsonl").write_text(line())
    (tmp_path / "twice.jsonl").write_text(line() + line())
    for files in (["twice.jsonl"], ["gold.jsonl", "gold.jsonl"]):
        ran = run("evaluate", *(tmp_path / f for f in files))
        assert (ran.code, ran.err.count("\n")) == (2, 1)
        assert "annotated twice" in ran.err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux only")
def test_disk_that_is_full(workspace: Path) -> None:
    """What the machine refuses is one line."""
    program = [sys.executable, "-c", "from curation.cli import main; main()"]
    with Path("/dev/full").open("w") as full:
        ran = subprocess.run(
            [*program, "status", "--workspace", str(workspace)],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert ran.returncode == 2
    assert ran.stderr == "curation: No space left on device\n"


def test_configuration_that_is_no_xml(run: Run, tmp_path: Path) -> None:
    """The message of import-xml names the file."""
    (tmp_path / "not.xml").write_text("hello")
    ran = run("ontology", "import-xml", tmp_path / "not.xml")
    assert ran.code == 2
    assert "not.xml" in ran.err


def test_ontology_nested_too_deep(run: Run, tmp_path: Path) -> None:
    """TOML that no parser can hold is wrong input."""
    (tmp_path / "deep.toml").write_text("a = " + "[" * 5000 + "]" * 5000)
    ran = run("ontology", "check", tmp_path / "deep.toml")
    assert ran.code == 2
    assert "not valid TOML" in ran.err


def test_ontology_with_a_control_character(run: Run, tmp_path: Path) -> None:
    """A label that would drive a terminal, or that XML cannot hold, is refused."""
    source = Path(__file__).parents[2] / "label_config" / "news.toml"
    (tmp_path / "o.toml").write_text(source.read_text().replace('"ORG"', '"O\\u001b[31m"'))
    ran = run("ontology", "check", tmp_path / "o.toml")
    assert ran.code == 2
    assert ".name: " in ran.err
    assert "\x1b" not in ran.err


def test_two_ingests_at_once(workspace: Path) -> None:
    """Two processes that read the same files store each document once, and both end well."""
    folder = workspace.parent / "input"
    folder.mkdir()
    for n in range(150):
        (folder / f"{n}.txt").write_text(f"{GOOD} It was meeting number {n}.")
    program = [sys.executable, "-c", "from curation.cli import main; main()"]
    command = [*program, "ingest", "--workspace", str(workspace), str(folder), "--json"]
    running = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(2)
    ]
    ended = [process.communicate() for process in running]
    assert [process.returncode for process in running] == [0, 0], ended
    assert sum(json.loads(out)["new"] for out, _ in ended) == 150
