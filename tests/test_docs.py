"""The README and the guides say what is so."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

import documents
import pytest

from curation.cli.app import app
from curation.formats.jsonl import line_to_record
from curation.settings import (
    Adjudication,
    Agreement,
    Annotator,
    LabelStudioAddress,
    Pipeline,
    Push,
    Settings,
    Splits,
)
from curation.settings_release import Datasheet, Release, Source

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def blocks(language: str) -> list[str]:
    """The code blocks of the README in one language."""
    return [b.code for b in documents.blocks(ROOT / "README.md") if b.language == language]


def test_python_in_the_readme_prints_what_it_says() -> None:
    """Each comment behind a print is what that print gives."""
    (code,) = blocks("python")
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(code, "README.md", "exec"), {})
    assert printed.getvalue().split() == re.findall(r"print\(.*\)\s+# (\S+)", code)


def test_canonical_line_in_the_readme_is_one() -> None:
    """The example of the format is read without complaint."""
    (example,) = blocks("json")
    record = line_to_record(" ".join(example.split("\n")), where="README.md")
    assert record.annotations is not None
    assert len(record.annotations.events[0].arguments) == 2


def test_commands_in_the_readme_exist() -> None:
    """Every `curation` command in a block is one of the program's."""
    known = {c.name for c in app.registered_commands} | {g.name for g in app.registered_groups}
    used = {m for block in blocks("bash") for m in re.findall(r"^curation (\S+)", block, re.M)}
    assert used
    assert used <= known


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_lead_somewhere(document: Path) -> None:
    """Links to files of the project name files that exist."""
    links = re.findall(r"\]\(([^)#\s]+)\)", document.read_text(encoding="utf-8"))
    missing = [
        link for link in links if "://" not in link and not (document.parent / link).exists()
    ]
    assert missing == []


def test_every_setting_is_documented() -> None:
    """Each key of curation.toml stands in docs/settings.md."""
    text = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    models = (Annotator, Pipeline, LabelStudioAddress, Push, Adjudication, Agreement, Splits)
    models += (Release, Source, Datasheet)
    inner = {
        "folder",
        "database_url",
        "annotators",
        "pipelines",
        "label_studio",
        "push",
        "adjudication",
        "agreement",
        "splits",
        "release",
    }
    names = {n for m in models for n in m.model_fields} | (set(Settings.model_fields) - inner)
    assert sorted(n for n in names if f"`{n}`" not in text) == []
