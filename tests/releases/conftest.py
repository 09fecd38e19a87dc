"""One workspace with one release, made once; tests work on copies of it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from releases.making import AT, opened, workspace
from typer.testing import CliRunner

from curation.cli.app import app
from curation.workflows.release import Options, release
from curation.workflows.workspace import Workspace

RELEASE = """
license = "cc-by-4.0"
authors = ["Berg, Anna", "The desk"]
contact = "desk@example.org"
url = "https://example.org/corpus"
[release.datasheet]
motivation = "To *measure* <b>things</b>."
"""


@dataclass(frozen=True)
class Ran:
    """How a command ended."""

    code: int
    out: str
    err: str


Run = Callable[..., Ran]


@pytest.fixture(scope="session")
def _made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "workspace"
    options = Options(with_annotators=True)
    release(workspace(folder, release=RELEASE), "1.0.0", at=AT, options=options)
    return folder


@pytest.fixture
def made(_made: Path, tmp_path: Path) -> Workspace:
    """A workspace whose release 1.0.0 is in exports/, to be changed at will."""
    folder = tmp_path / "workspace"
    shutil.copytree(_made, folder)
    return opened(folder)


@pytest.fixture
def released(made: Workspace) -> Path:
    """The folder of its release."""
    return made.settings.exports / "1.0.0"


@pytest.fixture
def run() -> Run:
    """Runs `curation ARGUMENTS` in this process."""

    def ran(*arguments: object) -> Ran:
        result = CliRunner().invoke(app, [str(a) for a in arguments])
        return Ran(result.exit_code, result.stdout, result.stderr)

    return ran
