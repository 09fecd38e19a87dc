"""brat standoff: what its lines become, and what is refused."""

from __future__ import annotations

import pytest

from curation.errors import InputError, OffsetMismatch
from curation.formats.brat import read_ann
from curation.formats.reading import Reading
from curation.model import Argument, Document, Entity, Event, TextSpan

TEXT = "Robert Fico met Putin in the Bank of Oslo."


def read(ann: str, text: str = TEXT) -> Reading:
    """The .ann file `ann` over `text`."""
    document = Document(uid="d", language="en", text=text)
    return read_ann(ann, document, annotator="anna", where="a/d.ann")


def test_entities_events_and_attributes() -> None:
    """Triggers become events with roles without their numbers; attributes stand at their event."""
    found = read(
        "T1\tPER 0 11\tRobert Fico\n"
        "T2\tPER 16 21\tPutin\n"
        "T3\tCONSULT 12 15\tmet\n"
        "E1\tCONSULT:T3 Actor:T1 Actor2:T2\n"
        "A1\ttense E1 past\n"
        "M1\tNegated E1\n"
    )
    said = found.annotations
    assert said.entities == (
        Entity(id="T1", start=0, end=11, label="PER"),
        Entity(id="T2", start=16, end=21, label="PER"),
    )
    assert said.events == (
        Event(
            id="E1",
            type="CONSULT",
            trigger=TextSpan(start=12, end=15),
            arguments=(Argument(role="Actor", target="T1"), Argument(role="Actor", target="T2")),
            attributes={"tense": "past", "Negated": "true"},
        ),
    )
    assert (said.annotator, dict(found.repaired), dict(found.left_out)) == ("anna", {}, {})
    assert said.provenance == {}


def test_what_a_set_has_no_place_for_is_counted_and_kept() -> None:
    """Relations, equivalences, normalisations, entity attributes, nested events: left out, kept."""
    lines = [
        "R1\tKnows Arg1:T1 Arg2:T2\t",
        "*\tEquiv T1 T2",
        "N1\tReference T1 Wikipedia:1\tFico",
        "A1\tNickname T1",
    ]
    found = read(
        "T1\tPER 0 11\tRobert Fico\nT2\tPER 16 21\tPutin\nT3\tCONSULT 12 15\tmet\n"
        "E1\tCONSULT:T3 Actor:T1\nE2\tCONSULT:T3 Cause:E1\n#1\tAnnotatorNotes T2\twho?\n"
        + "\n".join(lines)
    )
    assert found.left_out == {
        "attributes of entities and relations": 1,
        "equivalences": 1,
        "events as arguments": 1,
        "normalisations": 1,
        "relations": 1,
    }
    kept = found.annotations.provenance["brat"]
    assert set(kept["left_out"]) == {*lines, "E2\tCause:E1"}
    assert kept["notes"] == [{"kind": "AnnotatorNotes", "target": "T2", "text": "who?"}]


def test_notes_follow_their_item_when_ids_change() -> None:
    """Ids are given in text order, and notes name the new ones."""
    found = read("T7\tPER 16 21\tPutin\n#1\tAnnotatorNotes T7\twho?\nT9\tPER 0 11\tRobert Fico\n")
    assert [e.id for e in found.annotations.entities] == ["T1", "T2"]
    assert found.annotations.provenance["brat"]["notes"][0]["target"] == "T2"


def test_pieces_become_their_hull_and_are_kept() -> None:
    """A discontinuous span reaches from its first to its last piece; that is counted."""
    found = read("T1\tORG 29 33;37 41\tBank Oslo\n")
    assert found.annotations.entities[0].key == (29, 41, "ORG")
    assert found.repaired == {"discontinuous spans taken as their hull": 1}
    assert found.annotations.provenance["brat"]["pieces"] == {"T1": [[29, 33], [37, 41]]}


def test_an_empty_file_is_a_text_that_was_seen() -> None:
    """Nothing found is an empty set."""
    assert read("").annotations.entities == ()


@pytest.mark.parametrize(
    ("text", "line", "counted"),
    [
        ("😀 Oslo", "T1\tLOC 2 6\tOslo", {}),
        ("😀 Oslo", "T1\tLOC 3 7\tOslo", {"offsets counted in UTF-16 units": 1}),
        ("é Oslo", "T1\tLOC 3 7\tOslo", {"offsets counted in UTF-8 bytes": 1}),
        ("a\r\nOslo", "T1\tLOC 3 7\tOslo", {}),
        ("a\r\nOslo", "T1\tLOC 2 6\tOslo", {"offsets counted in line ends of one character": 1}),
        ("Oslo", "T1\tLOC 1 5\tOslo", {"offsets counted in characters after a byte order mark": 1}),
    ],
)
def test_other_ways_to_count_are_found_and_told(
    text: str, line: str, counted: dict[str, int]
) -> None:
    """Where surfaces do not stand at their code points, the one other way is taken and counted."""
    found = read(line, text)
    entity = found.annotations.entities[0]
    assert text[entity.start : entity.end] == "Oslo"
    assert found.repaired == counted


def test_a_surface_over_a_line_break_may_have_a_blank() -> None:
    """Brat writes the line breaks within a surface as blanks."""
    assert read("T1\tLOC 0 8\tNew York", "New\nYork").annotations.entities[0].end == 8


def test_surfaces_that_stand_nowhere_are_a_mismatch() -> None:
    """All of them are told, with their lines."""
    with pytest.raises(OffsetMismatch, match=r"line 1: T1 is 'Robert', not 'Putin'; line 2: T2"):
        read("T1\tPER 0 6\tPutin\nT2\tPER 7 11\tPutin\n")


@pytest.mark.parametrize(
    ("ann", "message"),
    [
        ("T1\tPER 0\tx", r"a/d\.ann: line 1: 'T1\\tPER 0\\tx' is no line of brat"),
        ("hello", "line 1: 'hello' is no line of brat"),
        ("T1\tPER 3 3\t", "line 1: T1: 3 3 is empty"),
        ("T1\tPER 0 6\nT1\tPER 0 6", "line 2: T1 stands twice"),
        ("E1\tCONSULT:T9", "line 1: E1 names T9, which is not here"),
        ("A1\ttense E1 past", "line 1: tense is said of E1, which is not here"),
        (
            "T1\tAID 0 6\nE1\tAID:T1\nA1\ttense E1 past\nA2\ttense E1 future",
            "line 4: tense of E1 has two values",
        ),
        ("T1\tPER 0 99", "T1 ends at 99 of 42 characters"),
        ("T1\tPER 6 7", "T1: .* only whitespace"),
        ("hello\nT1\tPER 0", "line 1: 'hello' .*; line 2:"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_line(ann: str, message: str) -> None:
    """Everything that is wrong with a file is told at once."""
    with pytest.raises(InputError, match=message):
        read(ann)


@pytest.mark.timeout(10)
@pytest.mark.parametrize(
    "line",
    [
        "R1\tOrigin" + " Arg1:T1:x:y" * 40 + " bad",
        "E1\tCONSULT:T1" + " a:T:T:T:T:T" * 40 + " bad",
        "E1\t" + "a:T" * 40 + " bad",
        "E1\tCONSULT:T1 Actor:T",
        "*\tEquiv" + " T1" * 40 + "\t",
        "A1\ttense E1 a" + " " * 300_000 + "b",
        "T1\tPER 0 " + "9" * 5000 + "\tRobert",
    ],
)
def test_long_lines_are_refused_at_once(line: str) -> None:
    """No line takes a pattern more than one way to try, and none is told at full length."""
    with pytest.raises(InputError) as error:
        read(line)
    assert "line 1" in str(error.value)
    assert len(str(error.value)) < 600


def test_roles_and_types_with_colons() -> None:
    """The last colon divides."""
    found = read(
        "T1\tPER 0 11\tRobert Fico\nT3\ta:b 12 15\tmet\nE1\ta:b:T3 x:Actor:T1 \n"
    ).annotations
    assert [(e.type, [a.role for a in e.arguments]) for e in found.events] == [("a:b", ["x:Actor"])]


def test_many_problems_are_told_by_the_first_ten() -> None:
    """Of a thousand misplaced entities, and of as many broken lines, ten stand in the message."""
    for ann in ("".join(f"T{n}\tPER 0 6\tPutin\n" for n in range(1000)), "bad\n" * 1000):
        with pytest.raises(InputError, match=r"line 10: .*; and 990 more") as error:
            read(ann)
        assert len(str(error.value)) < 1000
