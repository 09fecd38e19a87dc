"""Names, labels and texts from outside stay words in every paper of a release."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from releases.making import AT, opened, settle, workspace

from curation.adjudication import LAYERS
from curation.model import AnnotationSet, Document, Entity
from curation.workflows.adjudicate import adjudicate_store
from curation.workflows.release import Options, release
from curation.workflows.split import split_store
from curation.workflows.verify import verify
from curation.workflows.workspace import Workspace

HOSTILE = (
    '---\n"x": |<script>alert(1)</script> [a](http://b.example) `c` {{ 7 * 7 }} \u202e\x1b[31m*b*'
)
LICENCE = "own | terms <b>\n---\n"


@pytest.fixture
def hostile(tmp_path: Path) -> Workspace:
    """A workspace in which source, uid, text and licence of a document are markup."""
    made = workspace(tmp_path / "workspace", languages=("en",), names=("anna", "ben"))
    text = HOSTILE + " Anna met Ben."
    document = Document(
        uid="../<b>|x", language="en", text=text, source=HOSTILE, meta={"license": LICENCE}
    )
    with made.store.transaction() as repo:
        repo.add_document(document, offset_map=[], at=AT)
        for name in ("anna", "ben"):
            start = text.index("Anna met")
            said = Entity(id="T1", start=start, end=start + 4, label="PER")
            repo.save_annotations(
                AnnotationSet(uid=document.uid, annotator=name, entities=(said,)), at=AT
            )
    rules = dict.fromkeys(LAYERS, ("majority", "prefer:anna"))
    adjudicate_store(made.store, rules=rules, min_annotators=1, at=AT)
    parts = {"train": 0.6, "dev": 0.2, "test": 0.2}
    split_store(made.store, parts=parts, seed=13, at=AT)
    uses = json.dumps("1. a list\n\n# Not a heading")
    quoted = json.dumps(HOSTILE.replace("\n", " ").replace("\x1b", ""))
    settle(
        tmp_path / "workspace",
        f"authors = [{quoted}]\nlicense = {quoted}\ncontact = {quoted}\nurl = {quoted}\n"
        f"description = {json.dumps(HOSTILE.replace(chr(27), ''))}\n"
        f"[release.sources.{quoted}]\nlicense = {quoted}\n"
        f"[release.datasheet]\nuses = {uses}\n",
    )
    return opened(tmp_path / "workspace")


def test_papers_cannot_be_broken_out_of(hostile: Workspace) -> None:
    """No markup, no terminal code, no template; YAML and JSON are read as what was meant."""
    options = Options(formats=("jsonl", "parquet"), with_annotators=True)
    folder = Path(release(hostile, "1.0.0", at=AT, options=options).path)
    for path in folder.rglob("*"):
        if path.suffix in (".md", ".cff", ".html") or path.name == "LICENSE":
            text = path.read_text("utf-8")
            said = "\n".join(line for line in text.split("\n") if '"' not in line)
            assert "<script>alert" not in said, path
            assert "\x1b" not in text, path
            assert "\u202e" not in text, path
            assert " 49 " not in said, path
    card = (folder / "README.md").read_text("utf-8")
    header = yaml.safe_load(card.split("---\n", 2)[1])
    assert (header["license"], header["license_link"]) == ("other", "LICENSE")
    body = card.split("---\n", 2)[2]
    assert body.count("\n# ") == 1
    sheet = (folder / "datasheet.md").read_text("utf-8")
    assert "1\\. a list" in sheet
    assert "\\# Not a heading" in sheet
    cited = yaml.safe_load((folder / "CITATION.cff").read_text("utf-8"))
    assert len(cited["authors"]) == 1
    assert json.loads((folder / "croissant.json").read_text("utf-8"))["name"] == "Sample corpus"
    assert verify(folder).problems == ()


def test_hostile_stand_off_holds(hostile: Workspace) -> None:
    """The same without texts: nothing of the text is left, and it verifies."""
    options = Options(stand_off=True, with_annotators=True)
    folder = Path(release(hostile, "1.0.0", at=AT, options=options).path)
    assert verify(folder).problems == ()
    for path in folder.rglob("*"):
        if path.is_file():
            assert b"Anna met Ben" not in path.read_bytes(), path
