"""Running commands in this process."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from curation.cli.app import app


@dataclass(frozen=True)
class Ran:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one JSON document on stdout."""
        return json.loads(self.out)


Run = Callable[..., Ran]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Runs `curation ARGUMENTS` in an empty folder; `stdin` is what it reads."""
    for name in (
        "CURATION_WORKSPACE",
        "CURATION_DATABASE_URL",
        "LABEL_STUDIO_URL",
        "LABEL_STUDIO_API_KEY",
    ):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "cwd").mkdir()
    monkeypatch.chdir(tmp_path / "cwd")

    def ran(*arguments: object, stdin: bytes | str | None = None) -> Ran:
        result = CliRunner().invoke(app, [str(a) for a in arguments], input=stdin)
        return Ran(result.exit_code, result.stdout, result.stderr)

    return ran


@pytest.fixture
def workspace(run: Run, tmp_path: Path) -> Path:
    """A new workspace with one annotator."""
    folder = tmp_path / "workspace"
    assert run("init", folder, "--annotator", "anna <anna@example.org>").code == 0
    return folder
