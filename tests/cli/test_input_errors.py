"""Wrong input: one clear line each, exit code 2, and nothing of it left behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import Run

GOOD = "Ministers met in Oslo on Monday to talk about the budget of the coast guard."

BAD_FILES = {
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
