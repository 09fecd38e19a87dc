"""The canonical format: what is written, what is read, and what is refused."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from curation.errors import InputError, OffsetMismatch
from curation.formats.jsonl import (
    line_to_record,
    read_jsonl,
    read_records,
    record_to_line,
    write_jsonl,
)
from curation.model import AnnotationSet, Argument, Document, Entity, Event, Record, TextSpan

LINE = (
    '{"id": "sk-1", "language": "sk", "text": "Fico stretol Putina", "meta": {}, '
    '"annotator": "anna", "entities": [{"id": "T1", "start": 0, "end": 4, "label": "PER"}], '
    '"events": [{"id": "E1", "type": "CONSULT", "trigger": {"start": 5, "end": 12}, '
    '"arguments": [{"role": "Actor", "target": "T1"}], "modality": "asserted", "tense": "past"}]}'
)
DOCUMENT = Document(uid="sk-1", language="sk", text="Fico stretol Putina")
RECORD = Record(
    document=DOCUMENT,
    annotations=AnnotationSet(
        uid="sk-1",
        annotator="anna",
        entities=(Entity(id="T1", start=0, end=4, label="PER"),),
        events=(
            Event(
                id="E1",
                type="CONSULT",
                trigger=TextSpan(start=5, end=12),
                arguments=(Argument(role="Actor", target="T1"),),
                attributes={"tense": "past", "modality": "asserted"},
            ),
        ),
    ),
)


def read(line: str) -> Record:
    """The record in one line of the file "f"."""
    return line_to_record(line, where="f:1")


def changed(**changes: object) -> str:
    """LINE with some keys set, or removed where the value is ...."""
    data = {**json.loads(LINE), **changes}
    return json.dumps({k: v for k, v in data.items() if v is not ...})


def test_the_line_has_the_keys_of_the_design_in_their_order() -> None:
    """A record is written as the design shows it, byte for byte."""
    assert record_to_line(RECORD) == LINE


def test_a_line_is_read_as_the_record_it_was_written_from() -> None:
    """Reading a written line gives an equal record."""
    assert read(LINE) == RECORD


def test_characters_outside_ascii_stand_as_themselves() -> None:
    """Text is written in UTF-8, not in escapes."""
    record = Record(document=Document(uid="a", language="he", text="שלום 👍🏽"), has_events=False)
    assert (
        record_to_line(record) == '{"id": "a", "language": "he", "text": "שלום 👍🏽", "meta": {}}'
    )


def test_source_date_and_revision_stand_in_meta() -> None:
    """What a Document knows beyond its text is folded into "meta", keys sorted."""
    document = DOCUMENT.model_copy(
        update={
            "source": "TASR",
            "published": "2020-01",
            "revision": 2,
            "meta": {"b": {"d": 1, "c": 2}},
        }
    )
    record = Record(document=document, has_events=False)
    meta = json.loads(record_to_line(record))["meta"]
    assert json.dumps(meta) == (
        '{"b": {"c": 2, "d": 1}, "published": "2020-01", "revision": 2, "source": "TASR"}'
    )
    assert read(record_to_line(record)) == record


def test_kind_and_provenance_stand_under_meta_annotation() -> None:
    """A set that is not simply a person's says so, and is read back with it."""
    annotations = RECORD.annotations
    assert annotations is not None
    model = annotations.model_copy(update={"kind": "model", "provenance": {"seed": 7}})
    record = RECORD.model_copy(update={"annotations": model})
    line = record_to_line(record)
    assert json.loads(line)["meta"] == {"annotation": {"kind": "model", "provenance": {"seed": 7}}}
    assert read(line) == record


@pytest.mark.parametrize("value", ["13. 1. 2020", 2020, None, ["2020"]])
def test_a_date_of_another_kind_stays_in_meta(value: object) -> None:
    """A value that `published` cannot hold is kept where it was, and written there again."""
    record = read(changed(meta={"published": value}))
    assert record.document.published is None
    assert record.document.meta == {"published": value}
    assert json.loads(record_to_line(record))["meta"] == {"published": value}


def test_unknown_keys_are_kept_under_meta() -> None:
    """A key that the format does not know is moved to "meta", not dropped."""
    assert read(changed(url="https://example.org")).document.meta == {"url": "https://example.org"}


def test_a_line_without_events_says_nothing_about_events() -> None:
    """No "events" key is not the same as an empty list, and is written without one again."""
    record = read(changed(events=...))
    assert not record.has_events
    assert "events" not in json.loads(record_to_line(record))
    assert read(changed(events=[])).has_events


def test_unseen_and_seen_but_empty_are_told_apart() -> None:
    """Without annotation keys there is no AnnotationSet; with empty lists there is an empty one."""
    unseen = read(changed(annotator=..., entities=..., events=...))
    empty = read(changed(entities=[], events=[]))
    assert unseen.annotations is None
    assert empty.annotations == AnnotationSet(uid="sk-1", annotator="anna")
    assert "entities" not in json.loads(record_to_line(unseen))


def test_the_caller_may_say_who_made_annotations_without_a_name() -> None:
    """`annotator` fills in where the line names none, and only there."""
    line = changed(annotator=...)
    filled = line_to_record(line, where="f:1", annotator="gold").annotations
    kept = line_to_record(LINE, where="f:1", annotator="gold").annotations
    assert filled is not None
    assert kept is not None
    assert (filled.annotator, kept.annotator) == ("gold", "anna")


def test_a_surface_that_came_along_is_compared_and_not_kept() -> None:
    """An entity may bring its text; the record does not need it."""
    entity = {"id": "T1", "start": 0, "end": 4, "label": "PER", "text": "Fico"}
    assert read(changed(entities=[entity])) == RECORD


@pytest.mark.parametrize("layer", ["entity", "trigger"])
def test_a_surface_that_differs_is_an_offset_mismatch(layer: str) -> None:
    """Offsets that do not point at the surface are refused with both texts."""
    wrong: dict[str, dict[str, object]] = {
        "entity": {
            "entities": [{"id": "T1", "start": 1, "end": 4, "label": "PER", "text": "Fico"}]
        },
        "trigger": {
            "events": [
                {"id": "E1", "type": "X", "trigger": {"start": 4, "end": 12, "text": "stretol"}}
            ]
        },
    }
    with pytest.raises(OffsetMismatch, match=r"f:1: .*not '(Fico|stretol)'"):
        read(changed(**wrong[layer]))


ENTITY = {"id": "T1", "start": 0, "end": 4, "label": "PER"}
REFUSED = {
    "not JSON": ("{", "f:1: not valid JSON: .* column 2"),
    "not an object": ("[1]", "not a JSON object"),
    "no id, no text": (changed(id=..., text=...), 'has no "id", "text"'),
    "empty id": (changed(id=""), "id: String should have at least 1 character"),
    "id is a number": (changed(id=7), "id: Input should be a valid string"),
    "key twice": ('{"id": "a", "id": "b"}', "key 'id' stands twice"),
    "NaN": ('{"id": "a", "language": "sk", "text": "", "score": NaN}', "NaN is no number"),
    "half a character": (changed(text=...)[:-1] + ', "text": "\\ud800"}', "half a character"),
    "half a character in a key": (LINE[:-1] + ', "\\udc00": 1}', "half a character"),
    "endless nesting": ('{"a": ' * 100_000, "not usable JSON"),
    "meta is a list": (changed(meta=[]), '"meta" is not an object'),
    "meta and line disagree": (changed(meta={"url": 1}, url=2), "both in the line and in"),
    "meta annotation of another kind": (changed(meta={"annotation": "x"}), "meta .annotation."),
    "unknown kind": (changed(meta={"annotation": {"kind": "robot"}}), "kinds: adjudicator"),
    "annotator alone": (changed(entities=..., events=...), "neither .entities. nor .events."),
    "annotations of nobody": (changed(annotator=...), 'has annotations but no "annotator"'),
    "entities is an object": (changed(entities={}), '"entities" is not a list'),
    "entity is a string": (changed(entities=["T1"]), "an entity is not a JSON object"),
    "offset is a string": (changed(entities=[{**ENTITY, "start": "0"}]), "start: .*valid integer"),
    "offset is true": (changed(entities=[{**ENTITY, "start": True}]), "start: .*valid integer"),
    "offset is a fraction": (changed(entities=[{**ENTITY, "end": 4.0}]), "end: .*valid integer"),
    "negative offset": (changed(entities=[{**ENTITY, "start": -1}]), "greater than or equal to 0"),
    "empty span": (changed(entities=[{**ENTITY, "end": 0}]), "end 0 must be greater than start 0"),
    "past the end": (changed(entities=[{**ENTITY, "end": 20}]), r"T1: end 20 is past .*\(19\)"),
    "only whitespace": (changed(entities=[{**ENTITY, "start": 4, "end": 5}]), "only whitespace"),
    "unknown key of an entity": (changed(entities=[{**ENTITY, "x": 1}]), "entity T1: x: Extra"),
    "id used twice": (changed(entities=[ENTITY, ENTITY]), "T1: id used twice"),
    "no trigger": (changed(events=[{"id": "E1", "type": "X"}]), "trigger of event E1 is not"),
    "argument of nobody": (changed(entities=[]), "E1: Actor is T1, no entity of this set"),
}


@pytest.mark.parametrize(("line", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_a_bad_line_is_refused_with_its_place_in_one_line(line: str, message: str) -> None:
    """Whatever is wrong with a line is an InputError that names the place and the fault."""
    with pytest.raises(InputError, match=message) as caught:
        read(line)
    assert str(caught.value).startswith("f:1: ")
    assert "\n" not in str(caught.value)


def test_all_faults_of_an_annotation_set_are_named_at_once() -> None:
    """A line with two unsound items names both."""
    two = [{**ENTITY, "end": 20}, {**ENTITY, "id": "T2", "start": 4, "end": 5}]
    with pytest.raises(InputError, match=r"T1: end 20 .*; T2: \[4, 5\)"):
        read(changed(entities=two, events=[]))


def test_bad_lines_do_not_hide_good_ones() -> None:
    """Each line gives its record or its error, with its number; blank lines are skipped."""
    found = list(read_jsonl(io.StringIO(f"{LINE}\n\n{{\n{LINE}\n"), "f"))
    assert [(n, type(r)) for n, r in found] == [(1, Record), (3, InputError), (4, Record)]
    assert "f:3: " in str(found[1][1])


def test_a_byte_order_mark_is_tolerated_only_at_the_start() -> None:
    """Files saved with a BOM are read; U+FEFF later in the file is not JSON."""
    found = list(read_jsonl([f"\ufeff{LINE}", f"\ufeff{LINE}"], "f"))
    assert [type(r) for _, r in found] == [Record, InputError]


def test_a_line_that_is_not_utf8_is_one_bad_line(tmp_path: Path) -> None:
    """Bytes of another encoding spoil their own line, not the file."""
    path = tmp_path / "a.jsonl"
    path.write_bytes(LINE.encode() + b"\n" + LINE.encode("utf-16") + b"\r\n" + LINE.encode())
    found = [r for _, r in read_records(path)]
    assert found[0] == found[-1] == RECORD
    assert any("not UTF-8" in str(r) for r in found)


def test_a_line_separator_inside_a_text_does_not_end_the_line(tmp_path: Path) -> None:
    """U+2028 and NEL may stand in JSON strings; only a newline ends a record."""
    record = Record(
        document=Document(uid="a", language="en", text="one\u2028two\x85three"), has_events=False
    )
    write_jsonl([record], tmp_path / "a.jsonl")
    assert [r for _, r in read_records(tmp_path / "a.jsonl")] == [record]


def test_a_file_that_is_not_there_is_an_input_error(tmp_path: Path) -> None:
    """A missing file is named, without a traceback of the operating system."""
    with pytest.raises(InputError, match=r"none\.jsonl: cannot be read: No such file"):
        list(read_records(tmp_path / "none.jsonl"))


def test_the_file_is_in_canonical_order_whatever_came_in(tmp_path: Path) -> None:
    """Records go by uid and annotator, items by place, and ids are made anew."""
    late = AnnotationSet(
        uid="sk-1",
        annotator="boris",
        entities=(
            Entity(id="x", start=13, end=19, label="PER"),
            Entity(id="y", start=0, end=4, label="PER"),
        ),
    )
    records = [Record(document=DOCUMENT, annotations=late), RECORD]
    assert write_jsonl(records, tmp_path / "a") == 2
    write_jsonl(records[::-1], tmp_path / "b")
    lines = (tmp_path / "a").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["annotator"] for line in lines] == ["anna", "boris"]
    assert [(e["id"], e["start"]) for e in json.loads(lines[1])["entities"]] == [
        ("T1", 0),
        ("T2", 13),
    ]
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_order_does_not_flip_between_the_ninth_and_tenth_equal_event(tmp_path: Path) -> None:
    """Events with one trigger and type keep their order however often the file is rewritten."""
    events = tuple(
        Event(id=f"E{i}", type="X", trigger=TextSpan(start=0, end=4), attributes={"n": str(i)})
        for i in range(1, 12)
    )
    annotations = AnnotationSet(uid="sk-1", annotator="anna", events=events)
    write_jsonl([Record(document=DOCUMENT, annotations=annotations)], tmp_path / "a")
    again = [r for _, r in read_records(tmp_path / "a") if isinstance(r, Record)]
    assert again[0].annotations == annotations
    write_jsonl(again, tmp_path / "b")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    """A record that cannot be written does not cost the file that was there."""
    path = tmp_path / "a.jsonl"
    path.write_text("old", encoding="utf-8")
    unwritable = Record(
        document=DOCUMENT.model_copy(update={"uid": "z", "meta": {"when": object()}}),
    )
    with pytest.raises(InputError, match="z: cannot be written as JSON"):
        write_jsonl([RECORD, unwritable], path)
    assert path.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]


UNWRITABLE = {
    "not a number": ({"meta": {"x": float("nan")}}, "not JSON compliant"),
    "key is a number": ({"meta": {1: "x"}}, "a key that is not a string"),
    "meta contradicts": ({"meta": {"source": "a"}, "source": "b"}, "'source' says something else"),
    "half a character": ({"meta": {"x": "\ud800"}}, "surrogates not allowed"),
}


@pytest.mark.parametrize(("update", "message"), UNWRITABLE.values(), ids=UNWRITABLE.keys())
def test_what_json_cannot_say_is_refused(update: dict[str, object], message: str) -> None:
    """A document that would not come back as it is gives an InputError with its uid."""
    record = Record(document=DOCUMENT.model_copy(update=update))
    with pytest.raises(InputError, match=f"^sk-1: .*{message}"):
        record_to_line(record)


def test_an_attribute_cannot_take_the_name_of_another_key() -> None:
    """An attribute named "id" would overwrite the event's id, and is refused."""
    event = Event.model_construct(
        id="E1", type="X", trigger=TextSpan(start=0, end=4), arguments=(), attributes={"id": "x"}
    )
    annotations = AnnotationSet(uid="sk-1", annotator="anna").model_copy(
        update={"events": (event,)}
    )
    with pytest.raises(InputError, match="cannot be named id"):
        record_to_line(Record(document=DOCUMENT, annotations=annotations))


def unsound(**update: object) -> Record:
    """RECORD with its AnnotationSet changed."""
    annotations = RECORD.annotations
    assert annotations is not None
    return RECORD.model_copy(update={"annotations": annotations.model_copy(update=update)})


UNSOUND = {
    "argument of nobody": ([unsound(entities=())], "Actor is T1, no entity"),
    "another document's": ([unsound(uid="other")], "about another document, 'other'"),
    "twice": ([RECORD, RECORD], "sk-1: stands twice for one annotator"),
    "two texts": (
        [RECORD, Record(document=DOCUMENT.model_copy(update={"text": "x"}))],
        "sk-1: two different documents have this uid",
    ),
    "half a character": (
        [Record(document=DOCUMENT.model_copy(update={"text": "\ud800"}))],
        "half of a surrogate pair",
    ),
}


@pytest.mark.parametrize(("records", "message"), UNSOUND.values(), ids=UNSOUND.keys())
def test_records_that_do_not_fit_together_are_not_written(
    records: list[Record], message: str, tmp_path: Path
) -> None:
    """Unsound or contradictory records are refused before a file appears."""
    with pytest.raises(InputError, match=message):
        write_jsonl(records, tmp_path / "a.jsonl")
    assert list(tmp_path.iterdir()) == []


def test_the_column_of_broken_json_is_one_of_the_line() -> None:
    """Where the line ends too early, the column is the one after its last character."""
    ((_, found),) = read_jsonl(['{"id": 1  \n'], "f")
    assert "at column 9" in str(found)
    ((_, found),) = read_jsonl(['{"id": 1 "b"}\n'], "f")
    assert "at column 10" in str(found)
