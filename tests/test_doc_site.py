"""The reference is what the program has, the guides say what is so, and the site builds."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from documents import ROOT, blocks, documents

from curation.ontology import Ontology

GUIDE = (ROOT / "docs" / "annotators-guide.md").read_text(encoding="utf-8")
_MARK = re.compile(r"\[([^]]*)\]([A-Z]+)|\{([^}]*)\}([A-Z]+)")


def script(name: str) -> ModuleType:
    """A script of scripts/ as a module."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "scripts" / f"{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["commands.md", "settings.md"])
def test_reference_is_what_the_program_has(name: str) -> None:
    """Every command and option, every key: `python scripts/docs_reference.py` makes them again."""
    page = script("docs_reference").PAGES[name]()
    assert (ROOT / "docs" / "reference" / name).read_text(encoding="utf-8") == page


def test_every_command_is_in_the_reference_with_an_example() -> None:
    """Not only in --help: a heading, options, and a line that can be copied."""
    reference = script("docs_reference")
    page = reference.command_page()
    for name, _ in reference.commands():
        section = page.partition(f"## curation {name}\n")[2].partition("\n## ")[0]
        assert re.search(rf"Examples?: `[^`]*\b{re.escape(name)}\b", section), name
        assert "| `--json` |" in section, name


def test_site_builds_without_a_warning(tmp_path: Path) -> None:
    """All pages are in the navigation, all links lead somewhere, and nothing is fetched."""
    pytest.importorskip("mkdocs", reason="the extra [dev] is not installed")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "-f", str(ROOT / "mkdocs.yml")]
    built = subprocess.run(
        [*command, "-d", str(tmp_path / "site")],
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1", "PYTHONWARNINGS": "default"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    assert "WARNING" not in built.stderr
    for page in (tmp_path / "site").rglob("*.html"):
        html = page.read_text(encoding="utf-8")
        loaded = re.findall(r"<(?:script|img|iframe)[^>]* src=\"?([^\s\">]+)", html)
        loaded += re.findall(r"<link[^>]* rel=\"?(?:stylesheet|preconnect|icon)[^>]*", html)
        assert not [what for what in loaded if "//" in what], page


def test_pictures_are_small_and_described() -> None:
    """Every picture is below 150 kB, is shown, and has words for those who do not see it."""
    shown = set()
    for document in documents():
        for words, target in re.findall(r"!\[([^]]*)\]\(([^)]+)\)", document.read_text("utf-8")):
            assert words, document
            shown.add((document.parent / target).resolve())
    kept = set((ROOT / "docs" / "images").iterdir())
    assert shown == kept
    assert all(path.stat().st_size < 150_000 for path in kept)


def test_keys_of_the_guide_are_those_of_the_labels(news: Ontology) -> None:
    """Each label stands in the annotators' guide with its key and its definition."""
    rows = re.findall(r"^\| `(.)` \| (\w+) \| (.*) \|$", GUIDE, flags=re.M)
    assert rows == [(e.hotkey, e.name, e.definition) for e in (*news.entities, *news.events)]


def test_label_studio_leaves_the_keys_alone(news: Ontology) -> None:
    """No label has the key u: Label Studio lets go of the selected region with it."""
    keys = [e.hotkey for e in (*news.entities, *news.events)]
    assert "u" not in keys
    assert len(set(keys)) == len(keys)


def test_examples_of_the_guideline_are_gold() -> None:
    """Each example in the five languages is marked as in the data that rules are tested on."""
    listed = GUIDE.partition("### Examples\n")[2].partition("In `[OSN]")[0]
    gold = {}
    for path in (ROOT / "tests" / "data" / "events").glob("*.jsonl"):
        for data in map(json.loads, path.read_text(encoding="utf-8").splitlines()):
            gold[data["text"]] = data
    languages = set()
    for example in re.findall(r"^- `(.*)`$", listed, flags=re.M):
        data = gold[_MARK.sub(lambda m: m[1] or m[3], example)]
        languages.add(data["language"])
        assert _marked(data) == example
    assert languages == {"sk", "sv", "en", "nb", "nl"}


def _marked(data: dict[str, object]) -> str:
    text = str(data["text"])
    spans = [(e["start"], e["end"], "[{}]" + e["label"]) for e in data["entities"]]  # type: ignore[attr-defined]
    spans += [
        (e["trigger"]["start"], e["trigger"]["end"], "{{{}}}" + e["type"])
        for e in data["events"]  # type: ignore[attr-defined]
    ]
    for start, end, shape in sorted(spans, reverse=True):
        text = text[:start] + shape.format(text[start:end]) + text[end:]
    return text


def test_pages_are_in_the_navigation_by_reader() -> None:
    """The README leads to every guide and how-to."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    pages = [p for p in (ROOT / "docs").rglob("*.md") if "decisions" not in p.parts]
    missing = [p.name for p in pages if f"({p.relative_to(ROOT)})" not in readme]
    assert missing == ["index.md"]
    assert any(b.runnable for b in blocks(ROOT / "README.md"))
