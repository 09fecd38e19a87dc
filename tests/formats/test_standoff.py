"""Stand-off lines: no word of the text is in them, and only the very text goes back in."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.errors import InputError
from curation.formats.registry import EXPORTERS
from curation.formats.same_text import matching
from curation.formats.standoff import (
    StandOff,
    hydrated,
    placeholders,
    read_standoff,
    without_text,
)
from curation.model import (
    AnnotationSet,
    Argument,
    Document,
    Entity,
    Event,
    Record,
    TextSpan,
    text_sha256,
)

TEXT = "Žofia Nováková met Haftar in Cairo.\nShe left 🙂."
URL = "https://example.org/news/1"
META = {
    "url": URL,
    "title": "Nováková met Haftar",
    "flags": [{"start": 0, "surface": "Cairo"}],
    "license": "none",
}


def record(**document: object) -> Record:
    """Everything that can hold words of the text holds some."""
    fields = {"uid": "d1", "language": "en", "text": TEXT, "meta": META, "published": "2024-05-01"}
    said = AnnotationSet(
        uid="d1",
        annotator="gold",
        kind="gold",
        entities=(Entity(id="T1", start=19, end=25, label="PER", origin="Haftar", score=0.5),),
        events=(
            Event(
                id="E1",
                type="CONSULT",
                trigger=TextSpan(start=15, end=18),
                arguments=(Argument(role="Actor", target="T1", component="Cairo"),),
                attributes={"tense": "past"},
            ),
        ),
        provenance={"notes": "Haftar in Cairo", "decisions": 3},
    )
    return Record(document=Document(**{**fields, **document}), annotations=said)


def test_no_word_of_the_text_is_left() -> None:
    """Title, flags, provenance, origins and components go; address, date and offsets stay."""
    data, gone = without_text(record())
    assert data == {
        "id": "d1",
        "language": "en",
        "sha256": text_sha256(TEXT),
        "length": len(TEXT),
        "meta": {"annotation": {"kind": "gold"}, "published": "2024-05-01", "url": URL},
        "annotator": "gold",
        "entities": [{"id": "T1", "start": 19, "end": 25, "label": "PER", "score": 0.5}],
        "events": [
            {
                "id": "E1",
                "type": "CONSULT",
                "trigger": {"start": 15, "end": 18},
                "arguments": [{"role": "Actor", "target": "T1"}],
                "tense": "past",
            }
        ],
    }
    assert gone == (
        *("meta flags", "meta license", "meta title"),
        *("provenance decisions", "provenance notes", "component", "origin"),
    )


@pytest.mark.parametrize(
    "url", ["Nováková met Haftar", "javascript:alert(1)", "https://", "https://x y", "http://[", 7]
)
def test_what_is_no_address_is_not_passed_on(url: object) -> None:
    """A "url" that is text, or drives something, is withheld like any other metadata."""
    data, gone = without_text(record(meta={"url": url}))
    assert "url" not in data["meta"]
    assert "meta url" in gone


def test_a_source_that_is_a_sentence_of_the_text_is_withheld() -> None:
    """The name of a publisher stays; a piece of the text in its place does not."""
    kept, _ = without_text(record(source="Haftar Times"))
    assert kept["meta"]["source"] == "Haftar Times"
    data, gone = without_text(record(source="met Haftar in Cairo"))
    assert "source" not in data["meta"]
    assert "source" in gone


def test_the_export_lists_what_was_withheld_and_reads_back_with_the_text(tmp_path: Path) -> None:
    """All spans are out; with the text at hand the records come back, less what was withheld."""
    exporter, path = EXPORTERS["standoff"], tmp_path / "gold.standoff.jsonl"
    certificate = exporter.export([record()], path, "strict")
    assert (certificate.spans_in, certificate.spans_out) == (2, 2)
    assert certificate.by_reason == {"withheld": 1}
    said = path.read_text("utf-8")
    assert not any(word in said for word in ("Nováková", "Haftar", "Cairo", "left"))
    (found,) = exporter.read(path, {"d1": record().document})
    assert found.document.text == TEXT
    assert found.annotations is not None
    assert [i.key for i in found.annotations.items] == [(19, 25, "PER"), (15, 18, "CONSULT")]
    with pytest.raises(InputError, match="d1: the text has another hash"):
        exporter.read(path, {"d1": record(text=TEXT + " ").document})
    with pytest.raises(InputError, match="d1: there is no text"):
        exporter.read(path, {})


def line(text: str = TEXT) -> StandOff:
    """The line of a text without annotations."""
    document = Document(uid="d1", language="en", text=text)
    data, _ = without_text(Record(document=document, has_events=False))
    return StandOff(data, "f:1")


@pytest.mark.parametrize(
    ("copy", "change"),
    [
        (TEXT, ""),
        (TEXT.replace("\n", "\r\n"), "line ends LF"),
        (unicodedata.normalize("NFD", TEXT), "NFC"),
        (TEXT + "\n\n", "white space at the end"),
        ("\ufeff" + TEXT, "byte order mark"),
        (TEXT.replace("\n", " \t\n"), "white space at the ends of lines"),
        (
            "\ufeff" + unicodedata.normalize("NFD", TEXT).replace("\n", " \r\n") + "\n",
            "byte order mark, line ends LF, NFC, white space at the ends of lines and of the text",
        ),
    ],
)
def test_copies_that_differ_in_nothing_to_see_are_taken(copy: str, change: str) -> None:
    """What was changed for the hash to agree is said, and the text is then the very one."""
    assert matching(copy, line().sha256) == (TEXT, change)
    assert hydrated(line(), TEXT).document.text == TEXT


@pytest.mark.parametrize("copy", [TEXT.lower(), TEXT[:-1], "", TEXT.replace(" ", "  ")])
def test_copies_that_differ_in_a_letter_are_not(copy: str) -> None:
    """Another text is none of the ways to store this one."""
    assert matching(copy, line().sha256) is None
    with pytest.raises(InputError, match="another hash"):
        hydrated(line(), copy)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
def test_the_hash_alone_decides(text: str) -> None:
    """Whatever is changed on the way, what is accepted has the hash that was asked for."""
    found = matching(f"\ufeff{text}\r\n", line(text).sha256)
    assert found is None or text_sha256(found[0]) == line(text).sha256


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"sha256": "ab"}, "sha256 or length is missing or wrong"),
        ({"sha256": None}, "no stand-off line: sha256"),
        ({"length": "7"}, "length"),
        ({"length": True}, "length"),
        ({"text": TEXT}, "has a text already"),
    ],
)
def test_lines_of_another_kind_are_refused(change: dict[str, object], message: str) -> None:
    """What is no stand-off line is told with its place, and does not hide the next."""
    bad = json.dumps({**line().data, **change}).encode()
    good = json.dumps(line().data).encode()
    error, fine = read_standoff([bad, b"\n", good], "f")
    assert isinstance(error, InputError)
    assert message in str(error)
    assert str(error).startswith("f:1: ")
    assert isinstance(fine, StandOff)


def test_a_length_that_no_text_has_is_refused(tmp_path: Path) -> None:
    """A line that says ten billion characters costs no memory for them."""
    path = tmp_path / "so.jsonl"
    line = {"id": "a", "language": "en", "sha256": "0" * 64, "length": 10**13, "meta": {}}
    path.write_text(json.dumps(line) + "\n", "utf-8")
    assert placeholders(path) == {}
    (error,) = read_standoff(path.read_bytes().splitlines(), "so.jsonl")
    assert "sha256 or length is missing or wrong" in str(error)
