"""`curation hydrate`: the user's own texts, matched by name or hash, accepted by hash alone."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from curation.errors import InputError
from curation.formats.jsonl import read_records
from curation.formats.standoff import write_standoff
from curation.model import AnnotationSet, Document, Entity, Record
from curation.workflows.hydrate import hydrate

TEXTS = {"a": "Anna met Bob.\nThey left.", "../b": "Oslo is cold 🙂.", "c": "Ships left."}


def record(uid: str) -> Record:
    """A document with its first word as an entity."""
    entity = Entity(id="T1", start=0, end=TEXTS[uid].index(" "), label="LOC")
    said = AnnotationSet(uid=uid, annotator="gold", kind="gold", entities=(entity,))
    return Record(document=Document(uid=uid, language="en", text=TEXTS[uid]), annotations=said)


@pytest.fixture
def standoff(tmp_path: Path) -> Path:
    """A stand-off file of three documents."""
    write_standoff([record(uid) for uid in TEXTS], tmp_path / "gold.jsonl")
    return tmp_path / "gold.jsonl"


def folder(tmp_path: Path, **files: str) -> Path:
    """A folder of texts."""
    (tmp_path / "texts").mkdir()
    for name, text in files.items():
        (tmp_path / "texts" / f"{name}.txt").write_bytes(text.encode())
    return tmp_path / "texts"


def read(path: Path) -> list[Record]:
    """The sound records of a file."""
    return [found for _, found in read_records(path) if isinstance(found, Record)]


def test_texts_are_found_by_name_and_by_hash(standoff: Path, tmp_path: Path) -> None:
    """A uid is never a path; its text is found by its hash, and one with CRLF is mended."""
    texts = folder(tmp_path, a=TEXTS["a"].replace("\n", "\r\n"), other=TEXTS["../b"], x=TEXTS["c"])
    done = hydrate(standoff, texts, tmp_path / "out.jsonl")
    assert (done.lines, done.written, done.complete) == (3, 3, True)
    assert done.changed == {"line ends LF": 1}
    assert {r.document.uid: r for r in read(tmp_path / "out.jsonl")} == {
        u: record(u) for u in TEXTS
    }


def test_what_is_missing_or_differs_is_said_and_the_rest_is_written(
    standoff: Path, tmp_path: Path
) -> None:
    """One text is another, one is not there; the third is written."""
    done = hydrate(standoff, folder(tmp_path, a=TEXTS["a"], c="Ships left!!"), tmp_path / "o.jsonl")
    assert (done.written, done.complete) == (1, False)
    assert done.different == (
        "'c': another text, its SHA-256 differs (12 characters, 11 were annotated)",
    )
    assert done.missing == ("'../b': no text of this name or hash",)
    assert [r.document.uid for r in read(tmp_path / "o.jsonl")] == ["a"]


def test_json_lines_need_no_more_than_id_and_text(standoff: Path, tmp_path: Path) -> None:
    """A dump of the user's own, in another order and with other ids, is enough."""
    rows = [
        {"id": "zz", "text": TEXTS["a"] + "\n"},
        *({"id": u, "text": t} for u, t in TEXTS.items()),
    ]
    dump = tmp_path / "dump.jsonl"
    dump.write_text("".join(json.dumps(row) + "\n" for row in rows[:1] + rows[2:]), "utf-8")
    done = hydrate(standoff, dump, tmp_path / "out.jsonl")
    assert (done.complete, done.changed) == (True, {"white space at the end": 1})


@pytest.mark.parametrize("texts", ["nothing", "empty", "broken"])
def test_unusable_texts_are_refused_and_nothing_is_written(
    standoff: Path, tmp_path: Path, texts: str
) -> None:
    """A place without texts is an error, and an earlier result stays."""
    (tmp_path / "empty").mkdir()
    (tmp_path / "broken").write_text('{"id": 1}\n')
    (tmp_path / "out.jsonl").write_text("old")
    with pytest.raises(InputError, match=texts):
        hydrate(standoff, tmp_path / texts, tmp_path / "out.jsonl")
    assert (tmp_path / "out.jsonl").read_text() == "old"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("[" * 100_000, 'no object with "id" and "text"'),
        ('{"id": "a", "text": "\\ud800"}', "half of a surrogate pair"),
    ],
)
def test_texts_that_cannot_be_are_refused_by_their_line(
    standoff: Path, tmp_path: Path, line: str, message: str
) -> None:
    """JSON without an end and half characters are one line of an error, and nothing is written."""
    (tmp_path / "dump.jsonl").write_text(line + "\n")
    with pytest.raises(InputError, match=f"dump.jsonl:1: .*{message}"):
        hydrate(standoff, tmp_path / "dump.jsonl", tmp_path / "out.jsonl")
    assert not (tmp_path / "out.jsonl").exists()


def test_a_pipe_among_the_texts_is_not_waited_for(standoff: Path, tmp_path: Path) -> None:
    """What is no plain file is named; reading it would never end."""
    texts = folder(tmp_path, a=TEXTS["a"])
    os.mkfifo(texts / "pipe.txt")
    with pytest.raises(InputError, match=r"pipe.txt: is no plain file"):
        hydrate(standoff, texts, tmp_path / "out.jsonl")


@pytest.mark.parametrize("target", ["gold.jsonl", "texts", "texts/a.txt"])
def test_no_input_is_written_over(standoff: Path, tmp_path: Path, target: str) -> None:
    """Neither the stand-off file nor anything among the texts."""
    texts, before = folder(tmp_path, a=TEXTS["a"]), standoff.read_bytes()
    with pytest.raises(InputError, match="one of the inputs"):
        hydrate(standoff, texts, tmp_path / target)
    assert standoff.read_bytes() == before
    assert (texts / "a.txt").read_text("utf-8") == TEXTS["a"]


def test_where_no_text_fits_nothing_is_written(standoff: Path, tmp_path: Path) -> None:
    """An older file stays as it is."""
    (tmp_path / "out.jsonl").write_text("older", encoding="utf-8")
    assert not hydrate(standoff, folder(tmp_path, z="other"), tmp_path / "out.jsonl").complete
    assert (tmp_path / "out.jsonl").read_text("utf-8") == "older"
