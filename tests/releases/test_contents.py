"""What is in a release, and that other programs read it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
import yaml
from releases.making import NAMES, SERVER

from curation.formats.datasheet import SHEET
from curation.settings_release import Datasheet
from curation.workflows.workspace import Workspace

OFFLINE = {"HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1"}
LOAD = """
import json, sys
from datasets import get_dataset_config_names, load_dataset
folder, cache = sys.argv[1:]
found = {}
for name in get_dataset_config_names(folder):
    loaded = load_dataset(folder, name, cache_dir=cache)
    found[name] = {part: [len(rows), sorted(rows.features)] for part, rows in loaded.items()}
print(json.dumps(found))
"""
CROISSANT = """
import json, sys, warnings
import mlcroissant
dataset = mlcroissant.Dataset(jsonld=sys.argv[1])
issues = dataset.metadata.ctx.issues
assert not issues.errors, issues.report()
print(json.dumps({
    "version": str(dataset.metadata.ctx.conforms_to.value),
    "counts": {r.id: sum(1 for _ in dataset.records(r.id)) for r in dataset.metadata.record_sets},
}))
"""
FILES = {
    "CHANGELOG.md", "CITATION.cff", "LICENSE", "README.md", "SHA256SUMS", "agreement.html",
    "agreement.json", "croissant.json", "datasheet.md", "decisions.json", "guideline.md",
    "losses.json", "ontology.toml", "release.json", "splits.json",
}  # fmt: skip


def store_counts(workspace: Workspace) -> dict[str, Counter[str]]:
    """Documents, entities, events and arguments of gold in the store, by part."""
    with workspace.store.transaction() as repo:
        part = {s.uid: s.part for s in repo.splits()}
        found: dict[str, Counter[str]] = {}
        for gold in repo.gold():
            counts = found.setdefault(part[gold.uid], Counter())
            counts["documents"] += 1
            counts["annotations"] += 1
            counts["entities"] += len(gold.entities)
            counts["events"] += len(gold.events)
            counts["arguments"] += sum(len(e.arguments) for e in gold.events)
    return found


def python(code: str, *arguments: object, home: Path) -> str:
    """What the code prints, in a process of its own: these libraries open caches on import."""
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        env={**os.environ, **OFFLINE, "HF_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_everything_is_there(released: Path) -> None:
    """A release has its papers beside its data, and nothing that was being built."""
    files = {p.name for p in released.iterdir() if p.is_file()}
    assert files >= FILES
    assert {p.name for p in released.parent.iterdir()} == {"1.0.0"}


def test_datasets_opens_every_config(made: Workspace, released: Path, tmp_path: Path) -> None:
    """Every table has its parts and features, with as many rows as the store has."""
    found = json.loads(python(LOAD, released, tmp_path / "cache", home=tmp_path / "hf"))
    expected = store_counts(made)
    for table in ("documents", "annotations", "entities", "events", "arguments"):
        counts = {part: rows for part, (rows, _) in found[table].items()}
        assert counts == {part: expected[part][table] for part in expected}
    assert "text" in found["documents"]["train"][1]
    with made.store.transaction() as repo:
        said = len(list(repo.annotation_sets("person", "sample")))
    assert sum(rows for rows, _ in found["annotators_annotations"].values()) == said > 20


def test_mlcroissant_validates_and_iterates(
    made: Workspace, released: Path, tmp_path: Path
) -> None:
    """It finds no error, knows version 1.1, and gives as many records as the store has."""
    pytest.importorskip("mlcroissant", reason="not installed")
    found = json.loads(python(CROISSANT, released / "croissant.json", home=tmp_path))
    assert found["version"] == "http://mlcommons.org/croissant/1.1"
    expected = store_counts(made)
    assert found["counts"].pop("splits") == len(expected)
    assert found["counts"] == {
        f"{table}_{part}": n for part, counts in expected.items() for table, n in counts.items()
    }


def test_croissant_has_the_responsible_fields(released: Path) -> None:
    """How it was annotated, by how many, and how far they agree stands in the RAI fields."""
    said = json.loads((released / "croissant.json").read_text("utf-8"))
    assert said["conformsTo"][1] == "http://mlcommons.org/croissant/RAI/1.0"
    assert said["license"] == "https://spdx.org/licenses/CC-BY-4.0.html"
    assert re.fullmatch(r"(\d+ documents by \d(, )?)+", said["rai:annotationsPerItem"])
    assert any("f1(layer=entities" in line for line in said["rai:dataAnnotationAnalysis"])
    assert "datePublished" not in said


def test_the_hub_reads_the_card(released: Path, tmp_path: Path) -> None:
    """Its own parser takes the header; the licence is one it knows."""
    code = (
        "import json,sys; from huggingface_hub import DatasetCard; "
        "print(json.dumps(DatasetCard.load(sys.argv[1]).data.to_dict()))"
    )
    data = json.loads(python(code, released / "README.md", home=tmp_path))
    assert (data["license"], data["language"]) == ("cc-by-4.0", ["en", "sk"])
    assert [c["config_name"] for c in data["configs"]][:2] == ["documents", "annotations"]


def test_the_citation_is_one(released: Path) -> None:
    """Keys and values are those of the Citation File Format, without a date that nobody gave."""
    cited = yaml.safe_load((released / "CITATION.cff").read_text("utf-8"))
    assert cited["cff-version"] == "1.2.0"
    assert cited["authors"] == [
        {"family-names": "Berg", "given-names": "Anna"},
        {"name": "The desk"},
    ]
    assert (cited["version"], cited["license"], cited["type"]) == ("1.0.0", "CC-BY-4.0", "dataset")
    assert "date-released" not in cited
    assert set(cited) >= {"message", "title", "authors"}


def test_the_datasheet_has_its_sections(released: Path) -> None:
    """The seven of Gebru et al.; what people said is there as words, the rest said to be unsaid."""
    text = (released / "datasheet.md").read_text("utf-8")
    assert re.findall(r"^## (.*)$", text, re.M) == [
        "Motivation",
        "Composition",
        "Collection process",
        "Preprocessing, cleaning, labelling",
        "Uses",
        "Distribution",
        "Maintenance",
    ]
    assert r"To \*measure\* &lt;b&gt;things&lt;/b&gt;." in text
    assert text.count("*Not said.*") == len(SHEET) - 1
    assert tuple(Datasheet.model_fields) == SHEET


def test_the_team_stays_at_home(released: Path) -> None:
    """No file has an address of the team's server, a name of an annotator, or a place on disk."""
    for path in released.rglob("*"):
        if not path.is_file():
            continue
        data = path.read_bytes()
        assert SERVER.encode() not in data, path
        assert b"internal:8080" not in data, path
        assert str(released.parents[1]).encode() not in data, path
        for name in NAMES:
            assert f'"{name}"'.encode() not in data, path
            assert f":{name}".encode() not in data, path


def test_the_first_changelog_says_that_it_is_the_first(released: Path) -> None:
    """There is nothing to compare it with."""
    assert "The first release." in (released / "CHANGELOG.md").read_text("utf-8")


def test_the_agreement_page_is_about_the_release(released: Path) -> None:
    """It has the measures of agreement.json, and no sections about work that goes on."""
    page = (released / "agreement.html").read_text("utf-8")
    sections = set(re.findall('<section id="([a-z]+)"', page))
    assert sections >= {"agreement", "pairs", "confusion", "adjudication", "splits"}
    assert not sections & {"todo", "trend", "suggestions", "releases", "commands"}
    assert "release 1.0.0" in page
    said = json.loads((released / "agreement.json").read_text())["measures"]
    exact = next(m for m in said if m["name"] == "f1(layer=entities,match=exact)")
    assert f"{exact['value']:.3f}" in page
