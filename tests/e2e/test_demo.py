"""The demo: the whole job on the sample corpus, with a Label Studio that it starts itself."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("label_studio", reason="the extra [server] is not installed")
pytestmark = [pytest.mark.server, pytest.mark.slow, pytest.mark.timeout(900)]

CURATION = "from curation.cli import main; main()"


def curation(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Runs the command as a process of its own."""
    command = [sys.executable, "-c", CURATION, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """A workspace after one run of the demo, and what it printed."""
    folder = tmp_path_factory.mktemp("demo") / "workspace"
    ran = curation("demo", folder)
    try:
        assert ran.returncode == 0, ran.stderr
        yield folder, ran.stdout
    finally:
        curation("server", "stop", "--workspace", folder)


def status(folder: Path) -> dict[str, Any]:
    """`curation status --json`."""
    found: dict[str, Any] = json.loads(curation("status", "-w", folder, "--json").stdout)
    return found


def checksums(folder: Path) -> dict[str, str]:
    """SHA-256 of every file of the release."""
    files = sorted(p for p in (folder / "exports" / "1.0.0").rglob("*") if p.is_file())
    return {str(p): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def test_every_step_has_left_its_mark(demo: tuple[Path, str]) -> None:
    """Documents, tasks, annotations, gold, splits and a release are in the database."""
    folder, _ = demo
    found = status(folder)
    assert found["documents"] == 25
    assert found["by_status"] == {"gold": 25}
    assert found["quarantine"] == 0
    assert {a["name"]: (a["assigned"], a["done"]) for a in found["annotators"]} == {
        "anna": (25, 25),
        "ben": (25, 25),
        "cyril": (10, 10),
    }
    assert sum(found["splits"].values()) == 25
    assert [r["version"] for r in found["releases"]] == ["1.0.0"]


def test_what_is_printed_comes_from_the_database(demo: tuple[Path, str]) -> None:
    """The numbers of the run are those that the commands give again."""
    folder, printed = demo
    with closing(sqlite3.connect(folder / "curation.db")) as connection, connection:
        entities, events = (
            connection.execute(f"SELECT count(*) FROM {view} WHERE kind = 'model'").fetchone()[0]
            for view in ("entity", "event")
        )
    assert f"{entities} entities, {events} events in 25 documents" in printed
    measures = json.loads(curation("agreement", "-w", folder, "--json").stdout)["measures"]
    exact = next(m for m in measures if m["name"] == "f1(layer=entities,match=exact)")
    assert f"= {exact['value']:.3f}, 95% [{exact['ci'][0]:.3f}, {exact['ci'][1]:.3f}]" in printed
    for path in (folder / "exports" / "1.0.0", folder / "report.html"):
        assert str(path) in printed
        assert path.exists()


def test_submitted_samples_come_back_unchanged(demo: tuple[Path, str]) -> None:
    """What went through Label Studio as the sample annotators' work is what they said."""
    from curation import samples
    from curation.formats.registry import exporter

    folder, _ = demo
    read = exporter("jsonl").read
    for name, path in samples.annotation_files().items():
        exported = folder.parent / f"{name}.jsonl"
        ran = curation("export", "jsonl", exported, "-w", folder, "--annotator", name)
        assert ran.returncode == 0, ran.stderr
        said = {r.document.uid: r.annotations for r in read(path, {})}
        back = {r.document.uid: r.annotations for r in read(exported, {})}
        assert back.keys() == said.keys()
        for uid, mine in said.items():
            theirs = back[uid]
            assert mine is not None
            assert theirs is not None
            assert theirs.kind == "sample"
            assert {e.key for e in theirs.entities} == {e.key for e in mine.entities}
            assert [(e.key, dict(e.attributes), len(e.arguments)) for e in theirs.events] == [
                (e.key, dict(e.attributes), len(e.arguments)) for e in mine.sorted().events
            ]


def test_passwords_are_for_the_user_only(demo: tuple[Path, str]) -> None:
    """The credentials can be read by the user alone, and stand in nothing that was printed."""
    folder, printed = demo
    file = folder / ".labelstudio" / "credentials.json"
    assert file.stat().st_mode & 0o077 == 0
    secrets = [v for v in _strings(json.loads(file.read_text())) if len(v) >= 16 and "@" not in v]
    assert secrets
    assert not any(secret in printed for secret in secrets)
    database = (folder / "curation.db").read_bytes()
    assert not any(secret.encode() in database for secret in secrets)


def _strings(data: Any) -> Iterator[str]:
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict):
        for value in data.values():
            yield from _strings(value)


def test_second_run_changes_no_count(demo: tuple[Path, str]) -> None:
    """Run again: nothing is doubled, nothing is lost, and the release is the same bytes."""
    folder, _ = demo
    before, files = status(folder), checksums(folder)
    again = curation("demo", folder)
    assert again.returncode == 0, again.stderr
    assert "tasks      60 in 3 projects (0 new)" in again.stdout
    assert status(folder) == before
    assert checksums(folder) == files


def test_release_verifies_with_sha256sum(demo: tuple[Path, str]) -> None:
    """The checksums of the release are those of its files, in the format of sha256sum."""
    from curation.formats.checksums import verify_checksums

    release = demo[0] / "exports" / "1.0.0"
    assert list(verify_checksums(release)) == []
    (release / "README.md").write_text("changed")
    assert any("README.md" in problem for problem in verify_checksums(release))


def test_own_corpus_is_put_before_annotators(tmp_path: Path) -> None:
    """With --corpus every document is a task with proposals for both annotators, run after run."""
    from curation.labelstudio import server
    from curation.labelstudio.client import LabelStudio

    seeds = Path(__file__).parents[2] / ".." / "shared" / "corpus" / "seeds"
    corpus = seeds if seeds.is_dir() else tmp_path / "corpus"
    if corpus != seeds:
        corpus.mkdir()
        (corpus / "story.txt").write_text("Police arrested Anna Berg in Oslo on Monday.")
    count = len(list(corpus.iterdir()))
    folder = tmp_path / "workspace"
    try:
        for new in (2 * count, 0):
            ran = curation("demo", folder, "--corpus", corpus)
            assert ran.returncode == 0, ran.stderr
            assert f"tasks      {2 * count} in 2 projects ({new} new)" in ran.stdout
        info = server.status(folder / ".labelstudio")
        assert info is not None
        client = LabelStudio(info.url, info.token)
        tasks = [t for p in client.projects() for t in client.tasks(p["id"])]
        assert len(tasks) == 2 * count
        assert all(t["predictions"][0]["result"] for t in tasks)
        client.close()
    finally:
        curation("server", "stop", "--workspace", folder)
