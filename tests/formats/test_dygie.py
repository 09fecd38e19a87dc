"""DyGIE++ JSON: what its own loader would see, and what comes back from it."""

from __future__ import annotations

import json
import re
import tempfile
from itertools import accumulate
from pathlib import Path
from typing import Any

import pytest
from formats.test_round_trip import record_lists
from formats.token_formats import assert_counted_without_texts, assert_same_but_listed
from hypothesis import given, settings

from curation.errors import InputError
from curation.formats.alignment import AlignmentPolicy
from curation.formats.registry import EXPORTERS
from curation.model import Document, Record
from curation.testing import annotation_set, document

DYGIE = EXPORTERS["dygie"]
TEXT = "Robert Fico met Putin in Moscow. “Gas,” said Fico.\nThey took part in talks."


def record(text: str = TEXT, *said: Any, **fields: Any) -> Record:
    """A record about `text`; `said` are entities and events as `annotation_set` has them."""
    return Record(document=document(text), annotations=annotation_set(text, *said, **fields))


def exported(
    records: list[Record], folder: Path, policy: AlignmentPolicy = "expand"
) -> tuple[list[dict[str, Any]], Any]:
    """The lines of an export, and its certificate."""
    certificate = DYGIE.export(records, folder / "out.jsonl", policy)
    lines = (folder / "out.jsonl").read_bytes().split(b"\n")[:-1]
    return [json.loads(line) for line in lines], certificate


ALLOWED = re.compile(
    "doc_key|dataset|sentences|weight|.*ner$|.*relations$|.*clusters$|.*events$|^_.*"
)
"""The field names that DyGIE++ takes; with any other it stops."""


def load(data: dict[str, Any]) -> tuple[list[tuple[str, str]], list[tuple[Any, ...]]]:
    """Entities and events as words, read as DyGIE++ does; with no code of the exporter.

    Every field but the first two is cut into sentences, and spans are counted from the start of
    their sentence; it reads beyond the sentence, and fails, where one is not in it.
    """
    assert all(ALLOWED.match(key) for key in data)
    fields = {key: value for key, value in data.items() if key not in {"doc_key", "dataset"}}
    assert len({len(value) for value in fields.values()}) == 1
    sentences = data["sentences"]
    nothing: list[list[Any]] = [[] for _ in sentences]
    starts = accumulate((len(s) for s in sentences[:-1]), initial=0)
    entities, events = [], []
    for start, words, ner, found in zip(
        starts, sentences, data.get("ner", nothing), data.get("events", nothing), strict=True
    ):
        assert words
        assert all(words)

        def text(first: int, last: int, start: int = start, words: list[str] = words) -> str:
            assert start <= first <= last < start + len(words)
            return " ".join(words[first - start : last + 1 - start])

        entities += [(text(first, last), label) for first, last, label in ner]
        for (trigger, event_type), *arguments in found:
            filled = tuple((role, text(first, last)) for first, last, role in arguments)
            events.append((text(trigger, trigger), event_type, *filled))
    return entities, events


def test_its_loader_sees_entities_and_events(tmp_path: Path) -> None:
    """Sentences, entities, triggers and arguments are where a reader of DyGIE++ looks for them."""
    made = record(
        TEXT,
        [("Robert Fico", "PER"), ("Putin", "PER"), ("Moscow", "LOC"), ("Fico.", "PER")],
        [("met", "CONSULT", {"Actor": "Robert Fico", "Location": "Moscow"})],
    )
    (data,), certificate = exported([made], tmp_path)
    assert data["doc_key"] == "d1"
    assert data["sentences"] == [
        ["Robert", "Fico", "met", "Putin", "in", "Moscow", "."],
        ["“", "Gas", ",", "”", "said", "Fico", "."],
        ["They", "took", "part", "in", "talks", "."],
    ]
    assert load(data) == (
        [("Robert Fico", "PER"), ("Putin", "PER"), ("Moscow", "LOC"), ("Fico .", "PER")],
        [("met", "CONSULT", ("Actor", "Robert Fico"), ("Location", "Moscow"))],
    )
    assert certificate.losses == ()


def test_a_trigger_of_two_tokens_is_its_first_and_is_listed(tmp_path: Path) -> None:
    """The format has triggers of one token: others are moved, dropped or refused, by policy."""
    made = record(TEXT, [], [("took part", "CONSULT", {})])
    (data,), certificate = exported([made], tmp_path)
    assert load(data)[1] == [("took", "CONSULT")]
    assert certificate.by_reason == {"moved": 1}
    (data,), certificate = exported([made], tmp_path, "drop")
    assert load(data)[1] == []
    assert (certificate.spans_out, certificate.by_reason) == (0, {"unaligned": 1})
    with pytest.raises(InputError, match="a trigger of 2 tokens"):
        DYGIE.export([made], tmp_path / "strict.jsonl", "strict")
    assert not (tmp_path / "strict.jsonl").exists()


def test_an_argument_in_another_sentence_is_listed(tmp_path: Path) -> None:
    """What is in another sentence than the trigger has no place, and the certificate says so."""
    made = record(TEXT, [("Robert Fico", "PER")], [("talks", "CONSULT", {"Actor": "Robert Fico"})])
    (data,), certificate = exported([made], tmp_path)
    assert load(data) == ([("Robert Fico", "PER")], [("talks", "CONSULT")])
    (loss,) = certificate.losses
    assert (loss.reason, loss.item) == ("argument", "E1")
    assert loss.detail == "Actor: T1 is in another sentence"


def test_an_entity_over_a_border_joins_its_sentences(tmp_path: Path) -> None:
    """No sentence ends within an entity."""
    (data,), certificate = exported([record(TEXT, [("Moscow. “Gas,”", "ORG")])], tmp_path)
    assert [len(s) for s in data["sentences"]] == [14, 6]
    assert load(data)[0] == [("Moscow . “ Gas , ”", "ORG")]
    assert certificate.losses == ()


def test_two_entities_on_the_same_tokens_leave_an_argument_open(tmp_path: Path) -> None:
    """Arguments name tokens: where two entities have them, the certificate says which is taken."""
    made = record("Israel met Haftar", [("Israel", "LOC")], [("met", "CONSULT", {})])
    assert made.annotations is not None
    entity = made.annotations.entities[0].model_copy(update={"id": "T2", "label": "ORG"})
    event = made.annotations.events[0].model_copy(
        update={"arguments": ({"role": "Actor", "target": "T2"},)}
    )
    said = made.annotations.model_dump() | {
        "entities": [made.annotations.entities[0].model_dump(), entity.model_dump()],
        "events": [event.model_dump(warnings=False)],
    }
    made = Record(document=made.document, annotations=said)
    _, certificate = exported([made], tmp_path)
    assert [loss.detail for loss in certificate.losses] == ["Actor: T2 has the tokens of T1"]


def test_who_saw_what_is_not_confused(tmp_path: Path) -> None:
    """A document seen by nobody has no "ner", one seen and left empty an empty one; two sets have
    two keys; a text without tokens is left out and listed.
    """
    unseen = Record(document=document("Nobody.", uid="a"), has_events=False)
    empty = Record(document=document("Empty.", uid="b"), annotations=annotation_set("", uid="b"))
    second = empty.model_copy(update={"annotations": annotation_set("", uid="b", annotator="ben")})
    blank = Record(document=document(" \n", uid="c"), annotations=annotation_set("", uid="c"))
    records = [unseen, empty, second, blank]
    lines, certificate = exported(records, tmp_path)
    assert [line["doc_key"] for line in lines] == ["a", "b#anna", "b#ben"]
    assert "ner" not in lines[0]
    assert lines[1]["ner"] == lines[1]["events"] == [[]]
    assert certificate.by_reason == {"no_tokens": 1}
    documents = {r.document.uid: r.document for r in records}
    assert DYGIE.read(tmp_path / "out.jsonl", documents) == [unseen, empty, second]


@pytest.mark.parametrize("policy", ["expand", "drop"])
@settings(max_examples=40, deadline=None, derandomize=True)
@given(records=record_lists())
def test_it_gives_back_all_but_what_its_certificate_lists(
    policy: AlignmentPolicy, records: list[Record]
) -> None:
    """For any records: what comes back is what went in, less the losses, one by one."""
    with tempfile.TemporaryDirectory() as folder:
        lines, certificate = exported(records, Path(folder), policy)
        found = DYGIE.read(
            Path(folder) / "out.jsonl", {r.document.uid: r.document for r in records}
        )
    assert_same_but_listed(found, records, certificate)
    loaded = [load(line) for line in lines]
    assert sum(len(e) + len(t) for e, t in loaded) == certificate.spans_out


@settings(max_examples=30, deadline=None, derandomize=True)
@given(records=record_lists())
def test_it_can_be_counted_without_the_texts(records: list[Record]) -> None:
    """From the file alone the same spans come back, at the same places."""
    assert_counted_without_texts(DYGIE, records)


BROKEN = [
    ('{"sentences": 1}', r"sentences: Input should be a valid"),
    ("[]", "Input should be an object"),
    ('{"sentences": [["a"]], "_offsets": [[0, 1]], "_uid": ["d1"], "ner": [[]]}', "one offset"),
    ('{"sentences": [["a"]], "_offsets": [[0]], "_uid": ["x"]}', "'x' is unknown"),
    ('{"sentences": [["a"]], "_offsets": [[0]], "_uid": ["d1"], "ner": [[[0, 1, "P"]]]}', "0 to 1"),
    ('{"sentences": [["a"]], "_offsets": [[0]], "_uid": ["d1"], "ner": [[[0, 0, ""]]]}', "ner"),
    ('{"sentences": [["a"]], "_offsets": [[0]], "_uid": ["d1"], "ner": [[]]}', "annotator"),
    (
        '{"sentences": [["a"]], "_offsets": [[0]], "_uid": ["d1"], "ner": [[]], "events": [[[]]]}',
        "without a trigger",
    ),
    (
        '{"sentences": [["a"]], "_offsets": [[0]], "_uid": ["d1"], "ner": [[]],'
        ' "events": [[[[0, "X"], [0, 0, "Actor"]]]]}',
        "Actor is no entity",
    ),
]


@pytest.mark.parametrize(("line", "message"), BROKEN)
def test_a_broken_line_is_named(line: str, message: str, tmp_path: Path) -> None:
    """Whatever is wrong with a line, an InputError says what, and in which line."""
    path = tmp_path / "x.jsonl"
    path.write_text(f"\n{line}\n", encoding="utf-8")
    with pytest.raises(InputError, match=rf"x\.jsonl:2: .*{message}"):
        DYGIE.read(path, {"d1": document("a")})


def test_another_version_of_the_text_is_refused(tmp_path: Path) -> None:
    """Tokens are looked up in the text that is given."""
    DYGIE.export([record()], tmp_path / "out", "expand")
    other = Document(uid="d1", language="en", text=TEXT.replace("Moscow", "Minsk!"))
    with pytest.raises(InputError, match=r"at 25 the text has 'Minsk!', not 'Moscow' \(the file"):
        DYGIE.read(tmp_path / "out", {"d1": other})
