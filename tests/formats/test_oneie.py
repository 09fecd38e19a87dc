"""OneIE JSON: what its own loader would see, and what comes back from it."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from formats.test_round_trip import record_lists
from formats.token_formats import assert_counted_without_texts, assert_same_but_listed
from hypothesis import given, settings

from curation.errors import InputError
from curation.formats.alignment import AlignmentPolicy
from curation.formats.registry import EXPORTERS
from curation.model import Record
from curation.testing import annotation_set, document

ONEIE = EXPORTERS["oneie"]
TEXT = "Robert Fico met Putin in Moscow.\nThey took part in talks."


def record(text: str, *said: Any, **fields: Any) -> Record:
    """A record about `text`; `said` are entities and events as `annotation_set` has them."""
    return Record(document=document(text), annotations=annotation_set(text, *said, **fields))


def exported(
    records: list[Record], folder: Path, policy: AlignmentPolicy = "expand"
) -> tuple[list[dict[str, Any]], Any]:
    """The lines of an export, and its certificate."""
    certificate = ONEIE.export(records, folder / "out.jsonl", policy)
    lines = (folder / "out.jsonl").read_bytes().split(b"\n")[:-1]
    return [json.loads(line) for line in lines], certificate


def load(data: dict[str, Any]) -> tuple[list[tuple[str, str]], list[tuple[Any, ...]]]:
    """Entities and events as words, read as OneIE does; with no code of the exporter.

    It labels tokens from start to end, looks fillers up by id, and stops where a key is missing.
    """
    tokens = data["tokens"]
    assert tokens
    assert data["sent_id"].startswith(data["doc_id"] + "-")
    assert data["relation_mentions"] == []

    def words(span: dict[str, Any]) -> str:
        assert 0 <= span["start"] < span["end"] <= len(tokens)
        found = " ".join(tokens[span["start"] : span["end"]])
        assert found == span["text"]
        return found

    fillers = {e["id"]: words(e) for e in data["entity_mentions"]}
    assert len(fillers) == len(data["entity_mentions"])
    assert {e["mention_type"] for e in data["entity_mentions"]} <= {"NAM", "NOM", "PRO", "UNK"}
    events = []
    for event in data["event_mentions"]:
        filled = tuple((a["role"], fillers[a["entity_id"]]) for a in event["arguments"])
        assert all(fillers[a["entity_id"]] == a["text"] for a in event["arguments"])
        events.append((words(event["trigger"]), event["event_type"], *filled))
    return [(words(e), e["entity_type"]) for e in data["entity_mentions"]], events


def test_its_loader_sees_entities_and_events(tmp_path: Path) -> None:
    """Every sentence has its tokens, entities, triggers of any length and arguments."""
    made = record(
        TEXT,
        [("Robert Fico", "PER"), ("Moscow", "LOC"), ("talks", "X"), ("Fico", "PER")],
        [("met", "CONSULT", {"Actor": "Robert Fico"}), ("took part", "JOIN", {"Event": "talks"})],
    )
    lines, certificate = exported([made], tmp_path)
    assert [line["sent_id"] for line in lines] == ["d1-0", "d1-1"]
    assert [load(line) for line in lines] == [
        (
            [("Robert Fico", "PER"), ("Fico", "PER"), ("Moscow", "LOC")],
            [("met", "CONSULT", ("Actor", "Robert Fico"))],
        ),
        ([("talks", "X")], [("took part", "JOIN", ("Event", "talks"))]),
    ]
    assert certificate.losses == ()


def test_an_argument_in_another_sentence_and_attributes_are_listed(tmp_path: Path) -> None:
    """What has no place in a sentence of OneIE is in the certificate."""
    made = record(TEXT, [("Putin", "PER")], [("talks", "CONSULT", {"Actor": "Putin"})])
    assert made.annotations is not None
    event = made.annotations.events[0].model_copy(update={"attributes": {"tense": "past"}})
    said = made.annotations.model_copy(update={"events": (event,)})
    _, certificate = exported([made.model_copy(update={"annotations": said})], tmp_path)
    assert [(x.reason, x.item, x.detail) for x in certificate.losses] == [
        ("argument", "E1", "Actor: T1 is in another sentence"),
        ("attributes", "E1", "tense=past"),
    ]


def test_what_nobody_saw_and_what_has_no_tokens_is_left_out(tmp_path: Path) -> None:
    """A line without mentions says that there are none: documents seen by nobody get no line."""
    unseen = Record(document=document("Nobody.", uid="a"), has_events=False)
    blank = Record(document=document(" ", uid="b"), annotations=annotation_set("", uid="b"))
    empty = Record(
        document=document("Empty.", uid="c"),
        annotations=annotation_set("", uid="c"),
        has_events=False,
    )
    lines, certificate = exported([unseen, blank, empty], tmp_path)
    assert [(line["doc_id"], load(line)) for line in lines] == [("c", ([], []))]
    assert certificate.by_reason == {"unseen": 1, "no_tokens": 1}
    assert ONEIE.read(tmp_path / "out.jsonl", {"c": empty.document}) == [empty]


@pytest.mark.parametrize("policy", ["expand", "drop"])
@settings(max_examples=40, deadline=None, derandomize=True)
@given(records=record_lists())
def test_it_gives_back_all_but_what_its_certificate_lists(
    policy: AlignmentPolicy, records: list[Record]
) -> None:
    """For any records: what comes back is what went in, less the losses, one by one."""
    with tempfile.TemporaryDirectory() as folder:
        lines, certificate = exported(records, Path(folder), policy)
        found = ONEIE.read(
            Path(folder) / "out.jsonl", {r.document.uid: r.document for r in records}
        )
    assert_same_but_listed(found, records, certificate)
    loaded = [load(line) for line in lines]
    assert sum(len(e) + len(t) for e, t in loaded) == certificate.spans_out
    sent_ids = [line["sent_id"] for line in lines]
    assert len(set(sent_ids)) == len(sent_ids)


@settings(max_examples=30, deadline=None, derandomize=True)
@given(records=record_lists())
def test_it_can_be_counted_without_the_texts(records: list[Record]) -> None:
    """From the file alone the same spans come back, at the same places."""
    assert_counted_without_texts(ONEIE, records)


GOOD = {
    "tokens": ["a"],
    "entity_mentions": [],
    "event_mentions": [],
    "curation": {"uid": "d1", "annotator": "x", "kind": "gold", "has_events": True, "offsets": [0]},
}
TRIGGER = {"event_type": "X", "trigger": {"start": 0, "end": 1}, "arguments": []}
BROKEN = [
    ({"tokens": "a"}, "tokens: Input should be a valid array"),
    ({"curation": {}}, "curation.uid: Field required"),
    ({"curation": GOOD["curation"] | {"uid": "x"}}, "'x' is unknown"),
    ({"curation": GOOD["curation"] | {"kind": "x"}}, "curation.kind"),
    (
        {"entity_mentions": [{"id": "1", "start": 0, "end": 2, "entity_type": "P"}]},
        "tokens 0 to 2 are not in the sentence",
    ),
    ({"event_mentions": [TRIGGER | {"trigger": {"start": 1, "end": 1}}]}, "1 to 1"),
    (
        {"event_mentions": [TRIGGER | {"arguments": [{"entity_id": "E", "role": "A"}]}]},
        "'E' is no entity",
    ),
]


@pytest.mark.parametrize(("change", "message"), BROKEN)
def test_a_broken_line_is_named(change: dict[str, Any], message: str, tmp_path: Path) -> None:
    """Whatever is wrong with a line, an InputError says what, and in which line."""
    path = tmp_path / "x.jsonl"
    path.write_text(json.dumps(GOOD) + "\n", encoding="utf-8")
    assert len(ONEIE.read(path, {"d1": document("a")})) == 1
    path.write_text(json.dumps(GOOD | change) + "\n", encoding="utf-8")
    with pytest.raises(InputError, match=rf"x\.jsonl:1: .*{message}"):
        ONEIE.read(path, {"d1": document("a")})
