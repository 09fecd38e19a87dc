"""Folders for brat: read by rules of its format page alone, and with what could break them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from curation.errors import InputError
from curation.formats.brat_folder import read_folder, write_folder
from curation.formats.brat_names import escaped, file_name, pieces, unescaped
from curation.formats.reading import Reading
from curation.model import AnnotationSet, Argument, Document, Entity, Event, Record, TextSpan
from curation.workflows.team_files import read_brat

TEXT = "Ministers of Oslo\nand Bergen 🙂 met in New\nYork; Oslo won."


def span(surface: str) -> tuple[int, int]:
    """Where `surface` stands first in TEXT."""
    return TEXT.index(surface), TEXT.index(surface) + len(surface)


def entity(number: int, surface: str, label: str) -> Entity:
    """The entity at the first place of `surface`."""
    start, end = span(surface)
    return Entity(id=f"T{number}", start=start, end=end, label=label)


def event() -> Event:
    """A meeting of two actors, with a tense."""
    start, end = span("met")
    arguments = (
        Argument(role="Actor", target="T2"),
        Argument(role="Actor", target="T3"),
        Argument(role="Place", target="T4", score=0.5),
    )
    return Event(
        id="E1",
        type="CONSULT",
        trigger=TextSpan(start=start, end=end),
        arguments=arguments,
        attributes={"tense": "past", "polarity": "not known"},
        score=0.25,
    )


def record(uid: str = "news-1", annotator: str = "anna") -> Record:
    """Nested entities, one over a line break, and an event."""
    said = AnnotationSet(
        uid=uid,
        annotator=annotator,
        entities=(
            entity(1, "Ministers of Oslo\nand Bergen", "Political party"),
            entity(2, "Oslo", "LOC"),
            entity(3, "Bergen", "LOC"),
            entity(4, "New\nYork", "LOC"),
        ),
        events=(event(),),
    )
    return Record(document=Document(uid=uid, language="en", text=TEXT), annotations=said)


# A reader written from brat's page on its standoff format, and nothing else.


def independent(folder: Path, name: str) -> dict[str, dict[str, object]]:
    """The annotations of one document as brat's page describes their lines."""
    text = (folder / f"{name}.txt").read_bytes().decode("utf-8")
    found: dict[str, dict[str, object]] = {"T": {}, "E": {}, "A": {}, "#": {}}
    for line in (folder / f"{name}.ann").read_bytes().decode("utf-8").splitlines():
        ident, body, *tail = line.split("\t")
        if ident[0] == "T":
            kind, offsets = body.split(" ", 1)
            parts = [tuple(map(int, part.split())) for part in offsets.split(";")]
            assert " ".join(text[a:b] for a, b in parts) == tail[0]
            found["T"][ident] = (kind, parts)
        elif ident[0] == "E":
            first, *rest = body.split()
            found["E"][ident] = (*first.split(":"), [tuple(r.split(":")) for r in rest])
        elif ident[0] == "A":
            attribute, target, value = body.split()
            found["A"][ident] = (attribute, target, value)
        else:
            assert ident[0] == "#"
            found["#"][ident] = tuple(body.split())
    return found


def test_a_reader_of_brats_page_finds_every_annotation(tmp_path: Path) -> None:
    """As many entities, triggers, arguments and attributes as went in, at their code points."""
    certificate = write_folder([record()], tmp_path / "brat")
    found = independent(tmp_path / "brat", "news-1")
    assert certificate.losses == ()
    assert (certificate.spans_in, len(found["T"])) == (5, 5)
    assert found["T"]["T1"] == ("Political_x20_party", [(0, 17), (18, 28)])
    assert found["T"]["T4"] == ("LOC", [(38, 41), (42, 46)])
    assert found["T"]["T5"] == ("CONSULT", [span("met")])
    arguments = [("Actor", "T2"), ("Actor2", "T3"), ("Place", "T4")]
    assert found["E"] == {"E1": ("CONSULT", "T5", arguments)}
    assert set(found["A"].values()) == {
        ("polarity", "E1", "not_x20_known"),
        ("tense", "E1", "past"),
    }
    assert read_folder(tmp_path / "brat") == [record()]


def test_brats_settings_name_all_that_occurs(tmp_path: Path) -> None:
    """annotation.conf has each section once and each name; visual.conf the names as they are."""
    write_folder([record()], tmp_path / "brat")
    sections = re.split(r"^\[(.+)\]\n", (tmp_path / "brat/annotation.conf").read_text(), flags=re.M)
    conf = {sections[i]: sections[i + 1].split("\n") for i in range(1, len(sections), 2)}
    assert list(conf) == ["entities", "relations", "events", "attributes"]
    assert [line for line in conf["entities"] if line] == ["LOC", "Political_x20_party"]
    assert conf["events"][0] == "CONSULT\tActor*:<ENTITY>, Place*:<ENTITY>"
    assert "tense\tArg:<EVENT>, Value:past" in conf["attributes"]
    visual = (tmp_path / "brat/visual.conf").read_text()
    assert "Political_x20_party | Political party\n" in visual


HOSTILE = [
    *("../../etc/passwd", "/etc/passwd", "..", ".", "CON", "a\n.ann", "a/b", "C:\\x", "annotation"),
    *("Ž🙂", "x" * 200, "-rf", "documents.jsonl", "a\x00b", " ", "a.txt", "A.txt", "visual.conf"),
]


def test_no_uid_is_ever_a_path(tmp_path: Path) -> None:
    """Whatever documents are called, their files lie in the folder, and the uids come back."""
    records = [record(uid) for uid in HOSTILE]
    write_folder(records, tmp_path / "in" / "brat")
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {path.parent for path in files} == {tmp_path / "in" / "brat"}
    names = [path.name for path in files]
    assert len(files) == 3 + 2 * len(HOSTILE) == len({name.casefold() for name in names})
    assert all(re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", name) for name in names)
    found = {r.document.uid: r for r in read_folder(tmp_path / "in" / "brat")}
    assert found == {r.document.uid: r for r in records}


def test_unseen_and_empty_are_told_apart(tmp_path: Path) -> None:
    """A text nobody has seen has no .ann file; one that was left empty has an empty one."""
    document = Document(uid="a", language="en", text="")
    unseen = Record(document=document.model_copy(update={"uid": "b"}), has_events=False)
    empty = Record(document=document, annotations=AnnotationSet(uid="a", annotator="anna"))
    write_folder([unseen, empty], tmp_path / "brat")
    assert (tmp_path / "brat/a.ann").read_bytes() == b""
    assert not (tmp_path / "brat/b.ann").exists()
    assert read_folder(tmp_path / "brat") == [empty, unseen]


def test_two_annotators_of_a_document_have_files_of_their_own(tmp_path: Path) -> None:
    """The second one's files say whose they are, and both come back."""
    records = [record(annotator="anna"), record(annotator="ben")]
    write_folder(records, tmp_path / "brat")
    assert (tmp_path / "brat/news-1.ben.ann").is_file()
    assert read_folder(tmp_path / "brat") == records


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("news-1.txt", lambda data: data + b".", "is another text than that which was annotated"),
        ("news-1.ann", lambda data: data.replace(b"Oslo", b"Riga"), "news-1.ann: line"),
        ("news-1.ann", lambda data: data.replace(b'{"score"', b'{"score'), "Curation is not JSON"),
        ("documents.jsonl", lambda data: data.replace(b"news-1", b"../x"), "is not one that"),
        ("documents.jsonl", lambda _: b"", "not in documents.jsonl: news-1"),
    ],
)
def test_a_folder_that_was_changed_is_refused(
    name: str, change: object, message: str, tmp_path: Path
) -> None:
    """Another text, a surface elsewhere, a broken note, a path or a stray file: each is named."""
    write_folder([record()], tmp_path / "brat")
    path = tmp_path / "brat" / name
    assert callable(change)
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(InputError, match=message):
        read_folder(tmp_path / "brat")


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=8), st.booleans())
@example("_x4 ", False)
@example("_x_", False)
@example("Actor2", True)
@example("_x1", True)
@example("", True)
def test_any_name_fits_brat_and_comes_back(name: str, role: bool) -> None:
    """Names of any characters; a role never ends with a digit, which would be taken off."""
    safe = escaped(name, role=role)
    assert re.fullmatch(r"[A-Za-z0-9_-]+", safe)
    assert not (role and safe[-1].isdigit())
    assert unescaped(safe) == name


def test_file_names_differ_in_more_than_the_case() -> None:
    """A disk that does not tell A from a keeps both."""
    taken: set[str] = set()
    first, second = file_name("A", taken), file_name("a", taken)
    assert first == "A"
    assert re.fullmatch(r"a-[0-9a-f]{12}", second)


def test_pieces_leave_out_breaks_and_what_is_only_white_space() -> None:
    """Each piece is on one line and has something to see."""
    assert pieces("a b\n \r\nc\td", 0, 10) == [(0, 3), (7, 8), (9, 10)]
    assert pieces("\nab", 0, 3) == [(1, 3)]


def test_a_team_gets_its_own_export_back(tmp_path: Path) -> None:
    """`curation import brat` of an exported folder has the names and scores that were exported."""
    write_folder([record()], tmp_path / "anna")
    (found,) = read_brat([tmp_path / "anna"], language=lambda _: "en")
    assert isinstance(found, Reading)
    said = record().annotations
    assert said is not None
    assert found.annotations.items == said.items
