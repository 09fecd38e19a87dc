"""The recipes in scripts/ run as they are."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from curation import samples

SCRIPTS = Path(__file__).parents[2] / "scripts"


def run(
    *command: object, cwd: Path, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Runs a script of the folder."""
    path = os.pathsep.join([str(SCRIPTS.parent), os.environ.get("PYTHONPATH", "")])
    return subprocess.run(
        [str(c) for c in command],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": path, **(environment or {})},
        capture_output=True,
        text=True,
        check=False,
    )


def test_pre_annotate_writes_canonical_lines(tmp_path: Path) -> None:
    """A folder of texts gives one line of proposals a document, and bad files are said."""
    (tmp_path / "in").mkdir()
    for file in sorted(samples.documents_dir().iterdir())[:2]:
        (tmp_path / "in" / file.name).write_bytes(file.read_bytes())
    (tmp_path / "in" / "empty.txt").write_text("")
    ran = run(sys.executable, SCRIPTS / "pre_annotate.py", tmp_path / "in", cwd=tmp_path)
    assert ran.returncode == 2
    assert "empty.txt" in ran.stderr
    assert all(json.loads(line)["events"] for line in ran.stdout.splitlines())
    assert len(ran.stdout.splitlines()) == 2


def test_agreement_and_splits_prints_both(tmp_path: Path) -> None:
    """Canonical files give measures, and a part for every document."""
    files = samples.annotation_files().values()
    ran = run(sys.executable, SCRIPTS / "agreement_and_splits.py", *files, cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    rows = [line.split("\t") for line in ran.stdout.splitlines()]
    parts = {r[0]: r[1] for r in rows if r[1] in {"train", "dev", "test"}}
    assert len(parts) == 25
    assert parts["sv-03-vapenvilan"] == parts["sv-04-vapenvilan-igen"]
    assert any(r[0] == "f1(layer=entities,match=exact)" for r in rows)


@pytest.mark.parametrize("name", ["push_tasks.py", "pull_annotations.py"])
def test_recipes_say_what_is_wrong(name: str, tmp_path: Path) -> None:
    """A folder that is no workspace is one line and exit code 2, without a traceback."""
    ran = run(sys.executable, SCRIPTS / name, tmp_path, cwd=tmp_path)
    assert (ran.returncode, ran.stderr.count("\n")) == (2, 1)
    assert "curation init" in ran.stderr


def fake_curation(folder: Path, body: str) -> dict[str, str]:
    """An environment in which `curation` is a shell script with this body."""
    program = folder / "bin" / "curation"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\n{body}\n")
    program.chmod(0o755)
    (folder / "bin" / "python").symlink_to(sys.executable)
    return {"CURATION": str(program)}


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A folder that passes for a workspace."""
    folder = tmp_path / "workspace"
    folder.mkdir()
    (folder / "curation.toml").write_text("")
    return folder


def test_pipeline_runs_the_steps_in_order_and_logs(tmp_path: Path, workspace: Path) -> None:
    """`pull` runs its steps in order on the workspace and writes them to the log."""
    environment = fake_curation(tmp_path, 'echo "ran $1"')
    ran = run(
        SCRIPTS / "pipeline", "pull", workspace, "1.0.0", cwd=tmp_path, environment=environment
    )
    assert ran.returncode == 0, ran.stderr
    steps = [line.split()[1] for line in ran.stdout.splitlines() if line.startswith("ran ")]
    assert steps == ["pull", "agreement", "adjudicate", "split", "release", "report"]
    assert (workspace / "pipeline.log").read_text() == ran.stdout


def test_pipeline_ends_with_the_first_failure(tmp_path: Path, workspace: Path) -> None:
    """A step that fails ends the run with its exit code."""
    environment = fake_curation(tmp_path, 'echo "ran $1"; [ "$1" != preannotate ] || exit 3')
    ran = run(
        SCRIPTS / "pipeline", "push", workspace, tmp_path, cwd=tmp_path, environment=environment
    )
    assert ran.returncode == 3
    assert "ran push" not in ran.stdout


def test_pipeline_reports_where_nothing_can_be_split(tmp_path: Path, workspace: Path) -> None:
    """Early on nothing is ready for a part: the report is written all the same, not a release."""
    environment = fake_curation(tmp_path, 'echo "ran $1"; [ "$1" != split ] || exit 2')
    ran = run(
        SCRIPTS / "pipeline", "pull", workspace, "1.0.0", cwd=tmp_path, environment=environment
    )
    assert ran.returncode == 2
    assert "ran report" in ran.stdout
    assert "ran release" not in ran.stdout


def test_pipeline_runs_once_at_a_time(tmp_path: Path, workspace: Path) -> None:
    """A second run while the first holds the lock does nothing and says so."""
    import fcntl

    environment = fake_curation(tmp_path, "echo ran")
    with (workspace / "pipeline.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        ran = run(SCRIPTS / "pipeline", "pull", workspace, cwd=tmp_path, environment=environment)
    assert ran.returncode == 75
    assert "another run" in ran.stderr


def test_scripts_refuse_wrong_use_in_one_line(tmp_path: Path) -> None:
    """Quickstart and pipeline say in one line what is wrong, from any folder."""
    missing = run(SCRIPTS / "quickstart", "--corpus", tmp_path / "none", cwd=tmp_path)
    assert (missing.returncode, missing.stderr.count("\n")) == (2, 1)
    no_python = run(
        SCRIPTS / "quickstart",
        cwd=tmp_path,
        environment={"PATH": str(_tools(tmp_path)), "CURATION_VENV": str(tmp_path / "v")},
    )
    assert (no_python.returncode, no_python.stderr.count("\n")) == (2, 1)
    assert "Python 3.11" in no_python.stderr


def _tools(folder: Path) -> Path:
    """A PATH with what the scripts call, but no Python."""
    import shutil

    tools = folder / "tools"
    tools.mkdir()
    for name in ("bash", "dirname", "basename", "cat", "cksum", "env", "sed"):
        found = shutil.which(name)
        assert found
        (tools / name).symlink_to(found)
    return tools
