"""`curation verify` of exports: data and certificate agree, or what differs is named."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from curation.errors import InputError, UsageError
from curation.formats.certified import certificate_path, certify, certify_part
from curation.formats.files import placed
from curation.formats.registry import EXPORTERS, exporter
from curation.model import AnnotationSet, Argument, Document, Entity, Event, Record, TextSpan
from curation.workflows.verify import verify, verify_export

TEXT = "Washington met Anna Berg in New York.\nOslo 🙂 is cold."


def record(uid: str, annotator: str = "gold") -> Record:
    """Nested entities, one that ends inside a token, and an event."""
    spans = ((0, 4, "PER"), (15, 24, "PER"), (20, 24, "PER"), (28, 36, "LOC"), (38, 42, "LOC"))
    entities = tuple(
        Entity(id=f"T{i}", start=start, end=end, label=label)
        for i, (start, end, label) in enumerate(spans, 1)
    )
    event = Event(
        id="E1",
        type="CONSULT",
        trigger=TextSpan(start=11, end=14),
        arguments=(Argument(role="Actor", target="T2"),),
    )
    said = AnnotationSet(
        uid=uid, annotator=annotator, kind="gold", entities=entities, events=(event,)
    )
    return Record(document=Document(uid=uid, language="en", text=TEXT), annotations=said)


UNSEEN = Record(document=Document(uid="z", language="en", text="Nobody."), has_events=False)
EMPTY = Record(
    document=Document(uid="e", language="en", text=""),
    annotations=AnnotationSet(uid="e", annotator="gold"),
)
RECORDS = [record("a"), record("b"), EMPTY, UNSEEN]
DOCUMENTS = {r.document.uid: r.document for r in RECORDS}


def made(name: str, folder: Path) -> Path:
    """An export of RECORDS in that format."""
    path = folder / f"out{EXPORTERS[name].suffix}"
    certify(EXPORTERS[name], RECORDS, path, "drop")
    return path


@pytest.mark.parametrize("name", EXPORTERS)
def test_every_format_agrees_with_its_certificate(name: str, tmp_path: Path) -> None:
    """With and without the texts nothing speaks against an export as it was written."""
    path = made(name, tmp_path)
    said = json.loads(certificate_path(path).read_text("utf-8"))
    assert (said["format"], said["policy"], said["documents"]) == (name, "drop", 4)
    assert said["spans_in"] == 12 == said["spans_out"] + said["dropped"]
    for documents in (None, lambda: DOCUMENTS):
        found = verify(path, documents)
        assert found.problems == ()
        assert found.checked["spans"] == said["spans_out"]
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(
        [path.name, certificate_path(path).name]
    )


def changed(path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Another certificate in the place of that of `path`."""
    place = certificate_path(path)
    said = json.loads(place.read_text("utf-8"))
    change(said)
    place.write_text(json.dumps(said), "utf-8")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda c: c.update(spans_in=13), "spans_in 13, its entries come to 12"),
        (lambda c: c.update(spans_out=1), "spans in less spans out 11, its entries come to"),
        (lambda c: c.update(documents=3), "documents 3, its entries come to 4"),
        (lambda c: c["losses"].pop(0), "its entries come to"),
        (lambda c: c["sets"].pop(0), "a, gold: losses of a set that did not go in"),
        (lambda c: c["sets"][0].update(spans_out=4), "a, gold: 6 spans in, 4 out, 3 dropped"),
        (lambda c: c["sets"][0].update(spans_out=4), "the data have 3 spans, the certificate says"),
        (lambda c: c["sets"][0].update(uid="q"), "q, gold: the data have no such set"),
        (lambda c: c.update(sha256="0" * 64), "the certificate says 000"),
    ],
)
def test_a_certificate_that_says_something_else_is_found(
    change: Callable[[dict[str, Any]], object], message: str, tmp_path: Path
) -> None:
    """Every number in it is compared with its entries, and with what is read back."""
    path = made("iob2", tmp_path)
    changed(path, change)
    found = verify_export(path)
    assert not found.holds
    assert any(message in problem for problem in found.problems), found.problems


@pytest.mark.parametrize("name", EXPORTERS)
def test_data_that_were_changed_are_found(name: str, tmp_path: Path) -> None:
    """One more byte in any file of an export is not overlooked, in any format."""
    path = made(name, tmp_path)
    files = [path] if path.is_file() else sorted(p for p in path.rglob("*") if p.is_file())
    with files[0].open("ab") as stream:
        stream.write(b"\n")
    problems = verify_export(path).problems
    assert problems[0].startswith("SHA-256 is ")


def test_an_entity_that_was_taken_out_is_named_by_its_document(tmp_path: Path) -> None:
    """Data that can be read but have fewer spans: which set, how many, and how many it says."""
    path = made("bilou", tmp_path)
    path.write_text(path.read_text("utf-8").replace("Oslo\tU-LOC", "Oslo\tO", 1), "utf-8")
    problems = verify_export(path).problems
    assert "a, gold: the data have 2 spans, the certificate says 3 spans" in problems


def test_texts_of_another_version_are_found(tmp_path: Path) -> None:
    """With the texts at hand, tokens that do not stand in them are a problem."""
    path = made("iob2", tmp_path)
    other = {u: d.model_copy(update={"text": d.text[1:]}) for u, d in DOCUMENTS.items()}
    (problem,) = verify_export(path, lambda: other).problems
    assert "cannot be read back" in problem
    assert "the text goes on with" in problem


def parts(folder: Path, name: str) -> Mapping[str, int]:
    """Two parts in one folder."""
    shares = {"train": [record("a"), EMPTY], "test": [record("b"), UNSEEN]}
    for part, records in shares.items():
        certify_part(EXPORTERS[name], records, folder, part, "expand")
    return verify(folder).checked


@pytest.mark.parametrize("name", EXPORTERS)
def test_a_folder_of_parts_is_verified_part_by_part(name: str, tmp_path: Path) -> None:
    """Every part has its certificate, and the sums are those of all parts."""
    checked = parts(tmp_path / "out", name)
    assert (checked["files"], checked["documents"]) == (2, 4)
    assert verify(tmp_path / "out").problems == ()
    data = (p for p in sorted(tmp_path.rglob("*")) if p.is_file() and ".losses." not in p.name)
    victim = next(p for p in data if "test" in str(p.relative_to(tmp_path)))
    victim.write_bytes(b"")
    assert not verify(tmp_path / "out").holds


def test_what_is_no_export_is_told_so(tmp_path: Path) -> None:
    """No certificate, one of another kind, or of an unknown format: an error, not a verdict."""
    (tmp_path / "a.jsonl").write_text("")
    with pytest.raises(InputError, match="no certificate"):
        verify(tmp_path / "a.jsonl")
    with pytest.raises(InputError, match="is no release and has no export in it"):
        verify(tmp_path)
    path = made("jsonl", tmp_path)
    for text, message in (("[", "not valid JSON"), ("[]", "not a loss"), ("{}", "has no format")):
        certificate_path(path).write_text(text)
        with pytest.raises(InputError, match=message):
            verify(path)
    path = made("jsonl", tmp_path)
    changed(path, lambda c: c["losses"].append({"uid": 1}))
    with pytest.raises(InputError, match="losses or sets are not as they are made"):
        verify(path)
    path = made("jsonl", tmp_path)
    changed(path, lambda c: c.update(format="../x"))
    with pytest.raises(UsageError, match=r"no format '\.\./x'"):
        verify(path)


def test_an_export_takes_the_place_of_an_earlier_one_and_of_nothing_else(tmp_path: Path) -> None:
    """A folder with something else in it is never replaced; an earlier export is, as a whole."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("x")
    with pytest.raises(InputError, match="is a folder with something else in it"):
        certify(exporter("brat"), RECORDS, tmp_path / "mine", "expand")
    assert [p.name for p in (tmp_path / "mine").iterdir()] == ["thesis.txt"]
    path = made("brat", tmp_path)
    (path / "stray.txt").write_text("x")
    made("brat", tmp_path)
    assert not (path / "stray.txt").exists()
    assert verify(path).holds


def test_an_export_that_fails_leaves_the_earlier_one(tmp_path: Path) -> None:
    """Data and certificate stay as they were where the policy refuses, and nothing lies about."""
    path = made("iob2", tmp_path)
    before = {p.name: p.read_bytes() for p in tmp_path.iterdir()}
    with pytest.raises(InputError, match="spans do not fit the format"):
        certify(exporter("iob2"), RECORDS, path, "strict")
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == before


def test_a_certificate_without_an_end_is_told_so(tmp_path: Path) -> None:
    """JSON that is nested deeper than anything can read is no JSON."""
    path = made("jsonl", tmp_path)
    certificate_path(path).write_text("[" * 100_000)
    with pytest.raises(InputError, match="not valid JSON"):
        verify(path)


@pytest.mark.parametrize("name", ["jsonl", "parquet", "spacy"])
def test_an_export_never_takes_the_place_of_a_device(name: str, tmp_path: Path) -> None:
    """A pipe, as /dev/stdout may be one, is refused and stays."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(InputError, match="is no plain file"):
        certify(EXPORTERS[name], RECORDS, pipe, "drop")
    assert pipe.is_fifo()
    assert [p.name for p in tmp_path.iterdir()] == ["pipe"]


def test_what_a_killed_export_left_is_swept_by_the_next(tmp_path: Path) -> None:
    """Its hidden folder goes; one that is being written, and another export's, stay."""
    (tmp_path / ".out.jsonl-dead.part").mkdir()
    (tmp_path / ".other-dead.part").mkdir()
    with placed(tmp_path / "out.jsonl") as building:
        made("jsonl", tmp_path)
        assert building.parent.is_dir()
        building.write_text("")
    assert sorted(p.name for p in tmp_path.iterdir() if p.name[0] == ".") == [".other-dead.part"]
