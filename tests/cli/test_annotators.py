"""`curation annotators`: as text, as JSON and as a page, with names or without."""

from __future__ import annotations

from pathlib import Path

import pytest

from curation.model import Document
from curation.store import open_store
from curation.testing import annotation_set

from .conftest import Run

AT = "2024-05-01T12:00:00+00:00"
TEXT = "Anna Berg met Peter Lind in Oslo."
PEOPLE = ("anna", "Benedikt Ľubomír", "cara@example.org")


@pytest.fixture
def folder(workspace: Path) -> Path:
    """Six documents that three people have done; "anna" is configured, with an e-mail."""
    store = open_store(f"sqlite:///{workspace / 'curation.db'}")
    with store.transaction() as repo:
        for number in range(6):
            uid = f"d{number}"
            repo.add_document(Document(uid=uid, language="sk", text=TEXT), offset_map=[], at=AT)
            for place, name in enumerate(PEOPLE):
                said = [("Anna Berg", "PER"), ("Oslo", "LOC")][: 1 + (place + number) % 2]
                one = annotation_set(TEXT, said, uid=uid, annotator=name)
                link = {"url": f"http://ls.example.org/projects/{place}/data?task={number}"}
                more = {"provenance": link | {"lead_time": 61.0, "assisted": False}}
                repo.save_annotations(one.model_copy(update=more), at=AT)
    store.close()
    return workspace


OPTIONS = ("--resamples", "20")


def test_text_fits_a_terminal_and_ranks_nobody(run: Run, folder: Path) -> None:
    """Blocks in the order of names, every number with its interval, every gap with its reason."""
    ran = run("annotators", "-w", folder, *OPTIONS)
    assert ran.code == 0
    lines = ran.out.splitlines()
    assert max(map(len, lines)) <= 80
    blocks = [line for line in lines if line in PEOPLE]
    assert blocks == sorted(PEOPLE)
    row = next(line for line in lines if "agreement with the others, entities" in line)
    value, interval, documents = row.split()[-3:]
    assert 0 < float(value) < 1
    assert len(interval.split("-")) == 2
    assert documents == "6"
    assert "agreement with gold, entities" in ran.out
    assert "-  no gold" in ran.out
    assert "median, middle half; 6 tasks" in " ".join(ran.out.split())
    assert "These figures do not say who works well" in ran.out


def test_json_has_nulls_with_reasons(run: Run, folder: Path) -> None:
    """One document, with seed and resamples, and no number where there is none."""
    found = run("annotators", "-w", folder, "--json", *OPTIONS).json
    assert (found["anonymous"], found["seed"], found["resamples"]) == (False, 0, 20)
    (anna,) = (a for a in found["annotators"] if a["annotator"] == "anna")
    assert {(g["value"], g["reason"]) for g in anna["gold"]} == {(None, "no gold")}
    assert anna["others"][0]["measure"] == "f1(layer=entities,match=exact)"
    assert anna["others"][1]["reason"] == "no items"
    assert len(found["notices"]) > 3


def test_nothing_tells_who_is_who(run: Run, folder: Path) -> None:
    """Text, JSON and page without names, e-mails, links, languages or the folder."""
    page = folder.parent / "page.html"
    options = ("-w", folder, "--anonymous", *OPTIONS)
    shown = run("annotators", *options, "--html", "page.html")
    data = run("annotators", *options, "--json", "--html", "page.html")
    assert (shown.code, data.code) == (0, 0)
    page = Path("page.html")
    for text in (shown.out + shown.err, data.out + data.err, page.read_text(encoding="utf-8")):
        for told in (*PEOPLE, "Benedikt", "anna", "example.org", "projects/", str(folder)):
            assert told not in text
        assert "annotator A" in text
        assert "annotator C" in text
    assert data.json["page"] == "page.html"
    assert {str(a["languages"]) for a in data.json["annotators"]} == {"{}"}


def test_page_cannot_be_a_folder(run: Run, folder: Path) -> None:
    """Where the page cannot be written, one line says so."""
    ran = run("annotators", "-w", folder, "--html", folder, *OPTIONS)
    assert (ran.code, ran.out) == (2, "")
    assert "not a file" in ran.err


def test_an_empty_workspace_is_no_mistake(run: Run, workspace: Path) -> None:
    """Before anybody has done anything, everything is told to be missing."""
    ran = run("annotators", "-w", workspace)
    assert ran.code == 0
    assert "documents: 0 done of 0 assigned" in ran.out
    assert "no times recorded" in ran.out
