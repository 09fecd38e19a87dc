"""`curation export`, `verify` and `hydrate` on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from curation.formats.registry import EXPORTERS
from curation.model import Document
from curation.store import open_store
from curation.testing import annotation_set

from .conftest import Run

AT = "2024-05-01T12:00:00+00:00"
TEXTS = {f"n{i}": f"Anna Berg number {i} met Peter Lind in Oslo." for i in range(12)}


@pytest.fixture
def gold(run: Run, workspace: Path) -> Path:
    """Twelve documents with gold, in parts."""
    store = open_store(f"sqlite:///{workspace / 'curation.db'}")
    with store.transaction() as repo:
        for uid, text in TEXTS.items():
            meta = {"url": f"https://example.org/{uid}", "title": text}
            document = Document(uid=uid, language="en", text=text, meta=meta)
            repo.add_document(document, offset_map=[], at=AT)
            entities = [("Anna Berg", "PER"), ("Berg", "PER"), ("Osl", "LOC")]
            said = annotation_set(text, entities, uid=uid, annotator="gold", kind="gold")
            repo.save_annotations(said, at=AT)
    assert run("split", "-w", workspace).code == 0
    return workspace


@pytest.mark.parametrize("name", EXPORTERS)
def test_every_format_is_exported_and_verified(
    run: Run, gold: Path, tmp_path: Path, name: str
) -> None:
    """The same spans in every format; what it says on stdout is what its certificate says."""
    target = tmp_path / f"gold{EXPORTERS[name].suffix}"
    ran = run("export", name, target, "-w", gold, "--json")
    assert ran.code == 0, ran.err
    said = json.loads((tmp_path / f"{target.name}.losses.json").read_text("utf-8"))
    assert (ran.json["documents"], ran.json["spans_in"]) == (12, 36)
    assert {key: ran.json[key] for key in said if key != "sets"} == {
        key: said[key] for key in said if key != "sets"
    }
    done = run("verify", target, "--workspace", gold, "--json")
    assert (done.code, done.json["holds"], done.json["kind"]) == (0, True, "export")
    assert done.json["checked"]["spans"] == said["spans_out"]


@pytest.mark.parametrize("name", ["jsonl", "parquet"])
def test_a_file_that_no_export_made_stays(run: Run, gold: Path, tmp_path: Path, name: str) -> None:
    """An export replaces what an export made, and nothing else."""
    target = tmp_path / "mine"
    target.write_text("precious", encoding="utf-8")
    refused = run("export", name, target, "-w", gold)
    assert (refused.code, "is a file that no export made" in refused.err) == (2, True)
    assert target.read_text("utf-8") == "precious"
    target.unlink()
    assert [run("export", name, target, "-w", gold).code for _ in range(2)] == [0, 0]


def test_all_parts_are_a_folder_with_a_certificate_each(
    run: Run, gold: Path, tmp_path: Path
) -> None:
    """Every part is a file, the parts are all of it, and the folder is verified as a whole."""
    target = tmp_path / "parts"
    ran = run("export", "bilou", target, "--all-parts", "-w", gold, "--json")
    assert ran.code == 0, ran.err
    files = sorted(path.name for path in target.iterdir())
    assert files == sorted(
        f"{part}.bilou{more}" for part in ran.json["parts"] for more in ("", ".losses.json")
    )
    assert sum(part["documents"] for part in ran.json["parts"].values()) == 12
    assert ran.json["documents"] == 12
    lines = run("export", "bilou", target, "--all-parts", "-w", gold).out.splitlines()
    assert lines[-1] == f"folder: {target.resolve()}"
    done = run("verify", target)
    assert done.code == 0, done.err
    assert "offsets were not looked up" in done.out
    assert done.out.splitlines()[-1] == "all of it holds"


def test_parquet_parts_lie_where_datasets_looks_for_them(
    run: Run, gold: Path, tmp_path: Path
) -> None:
    """One folder for all parts, a file of each table for each part."""
    ran = run("export", "parquet", tmp_path / "out", "--all-parts", "-w", gold, "--json")
    names = {path.name for path in (tmp_path / "out" / "data" / "entities").iterdir()}
    assert names == {f"{part}-00000-of-00001.parquet" for part in ran.json["parts"]}
    assert run("verify", tmp_path / "out").code == 0


def test_verify_ends_with_1_and_names_what_differs(run: Run, gold: Path, tmp_path: Path) -> None:
    """A label that was changed by hand is found, on stdout and as JSON."""
    target = tmp_path / "gold.conll"
    assert run("export", "conll", target, "-w", gold).code == 0
    target.write_text(target.read_text("utf-8").replace("Oslo\tB-LOC", "Oslo\tO", 1), "utf-8")
    ran = run("verify", target)
    assert ran.code == 1
    assert "n0, gold: the data have 1 spans, the certificate says 2 spans" in ran.out
    assert ran.err.startswith(f"curation: {target}: 2 problems")
    found = run("verify", target, "--json").json
    assert (found["holds"], len(found["problems"])) == (False, 2)


def test_texts_stay_here_and_are_put_back_elsewhere(run: Run, gold: Path, tmp_path: Path) -> None:
    """Stand-off lines have no word of the texts; a folder of copies gives the export back."""
    target, out = tmp_path / "gold.jsonl", tmp_path / "whole.jsonl"
    assert run("export", "jsonl", target, "--stand-off", "-w", gold).code == 0
    assert not any(word in target.read_text("utf-8") for word in ("Anna", "Peter", "Oslo"))
    assert run("verify", target).code == 0
    copies = tmp_path / "copies"
    copies.mkdir()
    for uid, text in TEXTS.items():
        (copies / f"{uid}.txt").write_text(text + "\n", "utf-8")
    ran = run("hydrate", target, "--texts", copies, "--to", out, "--json")
    assert (ran.code, ran.json["written"]) == (0, 12)
    assert ran.json["changed"] == {"white space at the end": 12}
    (copies / "n3.txt").unlink()
    (copies / "n4.txt").write_text("Another text.", "utf-8")
    ran = run("hydrate", target, "--texts", copies, "--to", out)
    assert ran.code == 1
    assert "10 of 12 lines have their texts" in ran.out
    assert "'n3': no text of this name or hash" in ran.err
    assert "'n4': another text, its SHA-256 differs (13 characters, 42 were annotated)" in ran.err
    assert len(out.read_text("utf-8").splitlines()) == 10


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("spacy", "x", "--stand-off"), "--stand-off is for jsonl, not for spacy"),
        (("jsonl", "x", "--part", "train", "--all-parts"), "--part and --all-parts: one of them"),
        (("jsonl", "x", "--part", "nosuch"), "nothing to export: no gold without disputes in part"),
        (("nosuch", "x"), "no format 'nosuch'; the formats are jsonl, spacy"),
        (("jsonl", "x", "--all-parts", "--annotator", "nobody"), "no work of nobody"),
        (("iob2", "x", "--policy", "strict"), "24 spans do not fit the format"),
    ],
)
def test_wrong_use_is_said_in_one_line_and_nothing_is_written(
    run: Run, gold: Path, arguments: tuple[str, ...], message: str
) -> None:
    """Exit code 2, one line, and no file, part of a file or temporary folder."""
    ran = run("export", *arguments, "-w", gold)
    assert ran.code == 2
    assert message in ran.err
    assert len(ran.err.splitlines()) == 1
    assert list(Path.cwd().iterdir()) == []
