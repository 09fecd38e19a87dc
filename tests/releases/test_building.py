"""A release is whole or not there, and the same store gives the same bytes."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from releases.conftest import Run
from releases.making import AT, opened, settle

from curation.errors import UsageError
from curation.formats.checksums import verify_checksums
from curation.workflows.release import Options, prepare, publish, release
from curation.workflows.workspace import Workspace

BUILD = """
import sys
from pathlib import Path
from curation.workflows.release import Options, release
from curation.workflows.workspace import open_workspace
folder, version, at = sys.argv[1:]
options = Options(with_annotators=True)
release(open_workspace(Path(folder), {}), version, at=at, options=options)
"""

STOP = """
import sys, time
from pathlib import Path
import curation.formats.files as files
folder, stop = Path(sys.argv[1]), int(sys.argv[2])
from curation.workflows.release import Options, release
from curation.workflows.workspace import open_workspace
real, count = Path.replace, 0
def replace(path, target):
    global count
    done = real(path, target)
    if ".building-" in str(target):
        count += 1
        if count == stop:
            print("stopped", flush=True)
            time.sleep(600)
    return done
Path.replace = replace
options = Options(formats=("jsonl", "parquet"))
release(open_workspace(folder, {}), "2.0.0", at="2026-01-01T00:00:00+00:00", options=options)
"""


def hashes(folder: Path) -> dict[str, str]:
    """SHA-256 of every file, by path."""
    return {
        p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(folder.rglob("*"))
        if p.is_file()
    }


def build(folder: Path, version: str, *, seed: str, at: str) -> dict[str, str]:
    """A release by a process with another seed of hashes, time and zone: its files."""
    environment = {**os.environ, "PYTHONHASHSEED": seed, "TZ": "Asia/Tokyo", "LC_ALL": "C"}
    command = [sys.executable, "-c", BUILD, str(folder), version, at]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return hashes(folder / "exports" / version)


def test_the_same_store_gives_the_same_bytes(made: Workspace, tmp_path: Path) -> None:
    """Built again by another process, at another time and place, every byte is the same."""
    first = hashes(made.settings.exports / "1.0.0")
    for number, seed in enumerate(("1", "4242")):
        elsewhere = tmp_path / f"another {number}" / "deep" / "place"
        shutil.copytree(made.settings.folder, elsewhere)
        shutil.rmtree(elsewhere / "exports")
        again = build(elsewhere, "1.0.0", seed=seed, at=f"203{number}-02-03T04:05:06+00:00")
        assert again == first


def test_a_release_that_is_there_is_not_written_again(made: Workspace, released: Path) -> None:
    """The same again says so; other content under that version is refused, and nothing moves."""
    before = hashes(released)
    options = Options(with_annotators=True)
    assert not release(made, "1.0.0", at=AT, options=options).new
    with pytest.raises(UsageError, match="exists with other content"):
        release(made, "1.0.0", at=AT, options=Options())
    assert hashes(released) == before
    assert [p.name for p in released.parent.iterdir()] == ["1.0.0"]


def test_a_version_that_is_gone_is_not_made_of_something_else(
    made: Workspace, released: Path
) -> None:
    """The same release can be built again; another one under its number is refused."""
    before = hashes(released)
    shutil.rmtree(released)
    with pytest.raises(UsageError, match="was released with other content"):
        release(made, "1.0.0", at=AT, options=Options())
    assert [*released.parent.iterdir()] == []
    assert release(made, "1.0.0", at=AT, options=Options(with_annotators=True)).new
    assert hashes(released) == before


@pytest.mark.parametrize("stop", [1, 20, 35])
def test_a_killed_process_leaves_no_release(made: Workspace, stop: int) -> None:
    """Killed at any file: no folder of that version; the next run sweeps up and makes it whole."""
    folder = made.settings.folder
    process = subprocess.Popen(
        [sys.executable, "-c", STOP, str(folder), str(stop)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "stopped\n"
    os.kill(process.pid, signal.SIGKILL)
    process.wait(timeout=60)
    process.stdout.close()
    exports = made.settings.exports
    assert not (exports / "2.0.0").exists()
    assert [p.name for p in exports.glob(".building-2.0.0-*")] != []
    options = Options(formats=("jsonl", "parquet"))
    result = release(opened(folder), "2.0.0", at=AT, options=options)
    assert result.new
    assert verify_checksums(exports / "2.0.0") == []
    assert sorted(p.name for p in exports.iterdir()) == ["1.0.0", "2.0.0"]


def test_what_fails_midway_leaves_nothing(made: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error while papers are written, such as a full disk, leaves no folder at all."""
    plan = prepare(made, "2.0.0", Options(formats=("jsonl",)))

    def full(_facts: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("curation.workflows.release_build.datasheet", full)
    with pytest.raises(OSError, match="No space left"):
        publish(made, plan, at=AT)
    assert [p.name for p in made.settings.exports.iterdir()] == ["1.0.0"]
    with made.store.transaction() as repo:
        assert [r.version for r in repo.releases()] == ["1.0.0"]


def test_a_folder_that_another_process_builds_in_is_left_alone(made: Workspace) -> None:
    """Only what nobody holds is swept."""
    import fcntl

    busy, left = (made.settings.exports / f".building-{n}" for n in ("busy", "left"))
    busy.mkdir()
    left.mkdir()
    handle = os.open(busy, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    release(made, "2.0.0", at=AT, options=Options(formats=("jsonl",)))
    os.close(handle)
    assert (busy.exists(), left.exists()) == (True, False)


def test_formats_are_chosen(made: Workspace, run: Run) -> None:
    """Only those that are asked for; without a complete one there is no release."""
    folder = made.settings.folder
    ran = run("release", "2.0.0", "-w", folder, "--format", "jsonl", "--format", "csv", "--json")
    assert ran.code == 0
    found = json.loads(ran.out)
    assert found["formats"] == ["jsonl", "csv"]
    there = {p.name for p in Path(found["path"]).iterdir() if p.is_dir()}
    assert there == {"jsonl", "csv"}
    refused = run("release", "3.0.0", "-w", folder, "--format", "iob2")
    assert (refused.code, refused.err.count("\n")) == (2, 1)
    assert "needs jsonl or parquet" in refused.err


def test_a_dry_run_writes_nothing(made: Workspace, run: Run) -> None:
    """It says what would be released and what the changes call for."""
    settle(made.settings.folder, 'license = "mit"')
    ran = run("release", "1.0.1", "-w", made.settings.folder, "--dry-run")
    assert ran.code == 0
    assert "release 1.0.1 would be made: 10 documents" in ran.out
    assert "since 1.0.0: nothing changed; calls for 1.0.0" in ran.out
    assert [p.name for p in made.settings.exports.iterdir()] == ["1.0.0"]


def test_the_date_is_only_what_was_given(made: Workspace, run: Run) -> None:
    """--date stands in the citation and in Croissant; a wrong one is refused."""
    folder = made.settings.folder
    ran = run("release", "2.0.0", "-w", folder, "--format", "jsonl", "--date", "2026-05-01")
    assert ran.code == 0
    path = made.settings.exports / "2.0.0"
    assert 'date-released: "2026-05-01"' in (path / "CITATION.cff").read_text()
    assert '"datePublished": "2026-05-01"' in (path / "croissant.json").read_text()
    assert run("release", "3.0.0", "-w", folder, "--date", "May").code == 2


def test_two_that_release_at_once_make_one(made: Workspace) -> None:
    """Both end well, one of them made it, and it is whole."""
    code = BUILD.replace("Options(with_annotators=True)", 'Options(formats=("jsonl",))')
    command = [sys.executable, "-c", code, str(made.settings.folder), "2.0.0", AT]
    both = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    for process in both:
        _, said = process.communicate(timeout=200)
        assert process.returncode == 0, said
    assert verify_checksums(made.settings.exports / "2.0.0") == []
    assert sorted(p.name for p in made.settings.exports.iterdir()) == ["1.0.0", "2.0.0"]
