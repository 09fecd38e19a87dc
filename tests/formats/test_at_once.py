"""A line read at one go: the same record as in the thorough way, and never less strict."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.errors import InputError
from curation.formats.at_once import parsed
from curation.formats.jsonl import _parse, data_to_record, line_to_record
from curation.model import Record

TEXT = 'Anna Nagy said \\ : "no" in Brno.\n'
SOUND = {
    "id": "d1",
    "language": "en",
    "text": TEXT,
    "meta": {"source": "s", "deep": {"a": [1, {"b": None}], "c": 1.5}},
    "annotator": "anna",
    "more": {"x": {}},
    "entities": [
        {"id": "T1", "start": 0, "end": 9, "label": "PER"},
        {"id": "T2", "start": 27, "end": 31, "label": "LOC", "score": 1, "origin": "rule"},
    ],
    "events": [
        {
            "id": "E1",
            "type": "SAY",
            "trigger": {"start": 10, "end": 14},
            "arguments": [{"role": "Who", "target": "T1"}, {"role": "Where", "target": "T2"}],
            "tense": "past",
        },
        {"id": "E2", "type": "SAY", "trigger": {"start": 10, "end": 14}, "arguments": []},
    ],
}


def thoroughly(line: str) -> Record | str:
    """The record, or what is wrong, without the short way."""
    try:
        return data_to_record(_parse(line, "f:1"), where="f:1")
    except InputError as error:
        return str(error)


def as_is(line: str) -> Record | str:
    """The record, or what is wrong, as files are read."""
    try:
        return line_to_record(line, where="f:1")
    except InputError as error:
        return str(error)


@pytest.mark.parametrize("ascii_only", [True, False])
def test_an_ordinary_line_is_read_at_once(*, ascii_only: bool) -> None:
    """A sound line with quotes and backslashes in its text takes the short way, to the same end."""
    line = json.dumps(SOUND, ensure_ascii=ascii_only)
    assert parsed(line) is not None
    assert as_is(line) == thoroughly(line)


REPLACED = [
    ('"label": "PER"', '"label": "PER", "label": "ORG"'),
    ('"tense": "past"', '"tense": "past", "tense": "future"'),
    ('"source": "s"', '"source": "s", "source": "t"'),
    ('"source": "s"', '"source": "s", "sou\\u0072ce": "t"'),
    ('"b": null', '"b": null, "b": 1'),
    ('"b": null', '"b": ":", "b": 1'),
    ('"b": null', '"b" : null, "b" : 1'),
    ('"b": null', '"b"\t: null, "b": ":"'),
    ('"b": null', '"b": "\\\\\\":", "b": 1'),
    ('"x": {}', '"x": {}, "x": {}'),
    ('"id": "d1"', '"id": "d1", "id": "d2"'),
    ('"start": 10', '"start": 10, "start": 11'),
    ('"role": "Who"', '"role": "Who", "role": "Whom"'),
    ('"arguments": []', '"arguments": [], "attributes": {"a": "b", "a": "c"}'),
    ('"arguments": []', '"arguments": [], "attributes": {"a": "b"}'),
    ('"arguments": []', '"arguments": [], "tense": null, "tense": null'),
    ('"arguments": []', '"arguments": {}'),
    ('"start": 0', '"start": 0.0'),
    ('"start": 0', '"start": "0"'),
    ('"start": 0', '"start": true'),
    ('"end": 9', '"end": 0'),
    ('"end": 9', '"end": 90'),
    ('"score": 1', '"score": NaN'),
    ('"score": 1', '"score": 1.5'),
    ('"c": 1.5', '"c": Infinity'),
    ('"c": 1.5', '"c": 1e999'),
    ('"c": 1.5', '"c": "\\ud83d\\ude00"'),
    ('"c": 1.5', '"c": "\\ud83d"'),
    ('"c": 1.5', '"c": " :"'),
    ('"T2", "start"', '"T1", "start"'),
    ('"label": "PER"', '"label": ""'),
    ('"label": "PER"', '"label": "PER", "text": "Anna Nagy"'),
    ('"label": "PER"', '"label": "PER", "text": "Anna"'),
    ('"label": "PER"', '"label": "PER", "colour": "red"'),
    ('"target": "T1"', '"target": "T9"'),
    ('"annotator": "anna"', '"annotator": null'),
    ('"annotator": "anna"', '"annotator": 5'),
    ('"entities": [', '"entities": {"a": 1}, "was": ['),
    ('"entities": [', '"entities": null, "was": ['),
    ('"events": [', '"events": null, "was": ['),
    ('"language": "en"', '"language": 1'),
    ('"meta": {', '"meta": null, "was": {'),
    ('"meta": {', '"kind": "gold", "meta": {'),
]


@pytest.mark.parametrize(("old", "new"), REPLACED)
def test_what_is_not_ordinary_is_read_as_ever(old: str, new: str) -> None:
    """Whatever is odd or wrong with a line, the record or the message is that of the long way."""
    sound = json.dumps(SOUND)
    assert old in sound
    line = sound.replace(old, new, 1)
    assert as_is(line) == thoroughly(line)


@pytest.mark.parametrize(("old", "new"), REPLACED[:16])
def test_a_key_that_stands_twice_is_never_read_at_once(old: str, new: str) -> None:
    """The short way leaves every line with a doubled key, or that it cannot count, to the long."""
    assert parsed(json.dumps(SOUND).replace(old, new, 1)) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=200, deadline=None)
@given(st.text(), JSON, st.booleans(), st.sampled_from([(", ", ": "), (",", ":"), (" , ", " : ")]))
def test_both_ways_agree(text: str, meta: object, ascii_only: bool, marks: tuple[str, str]) -> None:
    """Any text and any metadata are read alike in both ways."""
    data = {**SOUND, "text": TEXT + text, "meta": meta, "other": meta}
    try:
        line = json.dumps(data, ensure_ascii=ascii_only, separators=marks)
        line.encode()
    except UnicodeEncodeError:
        return
    assert as_is(line) == thoroughly(line)
