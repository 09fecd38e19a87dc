"""Lines put together by hand are those of json.dumps; order is seen as it is made."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.errors import InputError
from curation.formats.jsonl import record_to_data, record_to_line
from curation.formats.line_text import text_bytes
from curation.formats.order import Ordered, canonical, streamed
from curation.formats.registry import EXPORTERS
from curation.model import AnnotationSet, Argument, Document, Entity, Event, Record, TextSpan

from .test_round_trip import record_lists

TEXT = "Anna met Bob in Oslo, Bergen and Lund, where he lives now."


@settings(max_examples=100, deadline=None, derandomize=True)
@given(record_lists())
def test_a_line_is_what_json_dumps_makes_of_its_object(records: list[Record]) -> None:
    """Byte for byte, for any record."""
    for record in records:
        wanted = json.dumps(record_to_data(record), ensure_ascii=False, allow_nan=False)
        assert record_to_line(record) == wanted


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_text_is_quoted_as_json_does(text: str) -> None:
    """Quotes, backslashes, breaks and control characters are escaped, and nothing else."""
    assert text_bytes(text) == json.dumps(text, ensure_ascii=False).encode()


def items() -> AnnotationSet:
    """Every item with provenance."""
    known = {"score": 0.1, "component": 'a"b', "origin": "é\n"}
    argument = Argument(role='R"', target="T1", **known)
    event = Event(
        id="E1",
        type="\\",
        trigger=TextSpan(start=5, end=8),
        arguments=(argument,),
        attributes={"b": '"', "a": "\u2028"},
        **known,
    )
    entity = Entity(id="T1", start=0, end=4, label="PER\t", **known)
    return AnnotationSet(uid="a", annotator="x", entities=(entity,), events=(event,))


def test_provenance_and_odd_names_are_quoted() -> None:
    """Scores, components and origins of entities, events and arguments are in the line."""
    document = Document(uid="a", language="en", text=TEXT)
    record = Record(document=document, annotations=items())
    wanted = json.dumps(record_to_data(record), ensure_ascii=False)
    assert record_to_line(record) == wanted
    assert wanted.count('"score": 0.1') == 3


def test_an_attribute_called_like_a_key_is_refused() -> None:
    """It could not be told from the key."""
    event = items().events[0].model_copy(update={"attributes": {"trigger": "x"}})
    said = items().model_copy(update={"events": (event,)})
    record = Record(document=Document(uid="a", language="en", text=TEXT), annotations=said)
    with pytest.raises(InputError, match="E1: an attribute cannot be named trigger"):
        record_to_line(record)


def numbered(*places: tuple[int, int, str], targets: tuple[str, ...] = ()) -> Record:
    """Entities with the ids T1… as they come, and an event with those targets."""
    entities = tuple(
        Entity(id=f"T{n}", start=start, end=end, label=label)
        for n, (start, end, label) in enumerate(places, 1)
    )
    arguments = tuple(Argument(role="Actor", target=target) for target in targets)
    event = Event(id="E1", type="MEET", trigger=TextSpan(start=5, end=8), arguments=arguments)
    said = AnnotationSet(uid="a", annotator="x", entities=entities, events=(event,))
    return Record(document=Document(uid="a", language="en", text=TEXT), annotations=said)


@pytest.mark.parametrize(
    "record",
    [
        numbered((9, 12, "PER"), (0, 4, "PER")),
        numbered((0, 4, "PER"), (0, 8, "PER")),
        numbered((0, 4, "PER"), (0, 4, "LOC")),
        numbered((0, 4, "PER"), (9, 12, "PER"), targets=("T2", "T1")),
        numbered(
            *((i, i + 1, "PER") for i in (0, 1, 2, 3, 5, 6, 7, 9, 10, 11)), targets=("T10", "T9")
        ),
    ],
)
def test_what_is_out_of_order_is_put_in_order(record: Record) -> None:
    """Ids that look right do not hide places, labels or arguments that are not."""
    (found,) = canonical([record])
    assert record.annotations is not None
    assert found.annotations == record.annotations.sorted() != record.annotations


@pytest.mark.parametrize(
    ("record", "message"),
    [
        (numbered((0, 99, "PER")), "T1: end 99 is past the end of the text"),
        (numbered((4, 5, "PER")), r"T1: \[4, 5\) covers only whitespace"),
        (numbered((0, 4, "PER"), targets=("T2",)), "E1: Actor is T2, no entity of this set"),
    ],
)
def test_what_is_not_sound_is_refused_though_it_is_in_order(record: Record, message: str) -> None:
    """Sets in canonical order are checked like any others."""
    with pytest.raises(InputError, match=message):
        canonical([record])


def of(uid: str, annotator: str = "x") -> Record:
    """An empty set."""
    document = Document(uid=uid, language="en", text="")
    return Record(document=document, annotations=AnnotationSet(uid=uid, annotator=annotator))


def test_ordered_records_pass_one_at_a_time() -> None:
    """The second record is asked for only after the first was given."""
    asked: list[str] = []

    def records() -> Ordered:
        return Ordered(asked.append(uid) or of(uid) for uid in "abc")

    stream = streamed(records())
    assert next(stream) == of("a")
    assert asked == ["a"]
    assert [r.document.uid for r in stream] == ["b", "c"]


def test_records_that_are_said_to_be_in_order_must_be(tmp_path: Path) -> None:
    """A mistake of the caller is a ValueError, a set that stands twice an InputError; no file."""
    with pytest.raises(ValueError, match="a comes after b"):
        EXPORTERS["jsonl"].export(Ordered([of("b"), of("a")]), tmp_path / "x", "expand")
    with pytest.raises(InputError, match="stands twice for one annotator"):
        EXPORTERS["jsonl"].export(Ordered([of("a"), of("a")]), tmp_path / "x", "expand")
    assert list(tmp_path.iterdir()) == []
