"""The sample documents and annotations hold what their README promises."""

import json
import unicodedata
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest

from curation.samples import annotation_files, documents_dir

LANGUAGES = {"en", "nb", "nl", "sk", "sv"}
FILLERS = {
    "Actor": {"PER", "ORG", "LOC"},
    "Recipient": {"PER", "ORG", "LOC"},
    "Location": {"LOC"},
    "Date": {"DATE"},
}
ATTRIBUTES = {
    "polarity": {"positive", "negative"},
    "tense": {"past", "present", "future", "unspecified"},
    "modality": {"asserted", "other"},
    "genericity": {"specific", "generic"},
}
TYPES = {
    *("AGREE", "CONSULT", "SUPPORT", "CONCEDE", "COOPERATE", "AID", "RETREAT", "REQUEST"),
    *("ACCUSE", "REJECT", "THREATEN", "PROTEST", "SANCTION", "MOBILIZE", "COERCE", "ASSAULT"),
}

Line = dict[str, Any]


def read(name: str) -> list[Line]:
    """The lines of one annotator."""
    text = annotation_files()[name].read_text("utf-8")
    return [json.loads(line) for line in text.splitlines()]


LINES = [line for name in annotation_files() for line in read(name)]
NAMES = [f"{line['annotator']}-{line['id']}" for line in LINES]
every_line = pytest.mark.parametrize("line", LINES, ids=NAMES)


def spans(line: Line) -> Iterator[tuple[int, int]]:
    """Start and end of every entity and every trigger of a line."""
    for item in [*line["entities"], *(event["trigger"] for event in line["events"])]:
        yield item["start"], item["end"]


def by_span(line: Line) -> dict[tuple[int, int], str]:
    """The labels of a line's entities by where they stand."""
    return {(e["start"], e["end"]): e["label"] for e in line["entities"]}


def by_trigger(line: Line) -> dict[tuple[int, int], Line]:
    """The events of a line by where their triggers stand."""
    return {(e["trigger"]["start"], e["trigger"]["end"]): e for e in line["events"]}


def fillers(line: Line, event: Line) -> dict[tuple[int, int], str]:
    """The roles of an event's arguments by where their fillers stand."""
    where = {e["id"]: (e["start"], e["end"]) for e in line["entities"]}
    return {where[a["target"]]: a["role"] for a in event["arguments"]}


def overlap(one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Do two different spans share a character?"""
    return one != other and one[0] < other[1] and other[0] < one[1]


def test_each_language_has_at_least_four_documents() -> None:
    """The document folder holds at least four text files in each of the five languages."""
    count = Counter(path.name[:2] for path in documents_dir().glob("*.txt"))
    assert set(count) == LANGUAGES
    assert min(count.values()) >= 4
    assert sum(count.values()) >= 24


def test_each_document_has_the_length_of_a_short_news_item() -> None:
    """A sample document has between 120 and 300 words."""
    lengths = {p.name: len(p.read_text("utf-8").split()) for p in documents_dir().glob("*.txt")}
    assert {name: n for name, n in lengths.items() if not 120 <= n <= 300} == {}


def test_two_annotators_did_everything_and_one_did_a_part() -> None:
    """Anna and ben annotated every document, cyril about ten of them, none of them twice."""
    stems = {path.stem for path in documents_dir().glob("*.txt")}
    done = {name: [line["id"] for line in read(name)] for name in annotation_files()}
    assert set(done) == {"anna", "ben", "cyril"}
    assert all(len(ids) == len(set(ids)) for ids in done.values())
    assert set(done["anna"]) == set(done["ben"]) == stems
    assert set(done["cyril"]) < stems
    assert 8 <= len(done["cyril"]) <= 12


@every_line
def test_text_is_the_file_with_line_ends_and_unicode_normalised(line: Line) -> None:
    """The text of an annotation line is its file with line feeds, in NFC, and nothing else."""
    raw = (documents_dir() / f"{line['id']}.txt").read_bytes().decode("utf-8")
    normal = unicodedata.normalize("NFC", raw.replace("\r\n", "\n").replace("\r", "\n"))
    assert line["text"] == normal
    assert line["language"] == line["id"][:2]
    assert line["meta"] == {"sample": True}


@every_line
def test_offsets_lie_in_the_text_and_cover_no_outer_blanks(line: Line) -> None:
    """Every span lies in the text, is not empty and neither begins nor ends with a blank."""
    for start, end in spans(line):
        assert 0 <= start < end <= len(line["text"])
        surface = line["text"][start:end]
        assert surface == surface.strip()
        assert "\n" not in surface


@every_line
def test_spans_do_not_cut_words(line: Line) -> None:
    """No span begins or ends in the middle of a word."""
    text = line["text"]
    for start, end in spans(line):
        assert not (start and text[start - 1].isalnum() and text[start].isalnum())
        assert not (end < len(text) and text[end - 1].isalnum() and text[end].isalnum())


@every_line
def test_entities_are_flat_and_in_order(line: Line) -> None:
    """Entities do not overlap and stand in the order of the text, with labels of the ontology."""
    entities = line["entities"]
    assert all(a["end"] <= b["start"] for a, b in pairwise(entities))
    assert {e["label"] for e in entities} <= {"PER", "ORG", "LOC", "DATE"}
    assert len({e["id"] for e in entities}) == len(entities)


@every_line
def test_events_obey_the_ontology(line: Line) -> None:
    """Types, attributes, roles and fillers are legal, and every argument's target exists."""
    labels = {e["id"]: e["label"] for e in line["entities"]}
    assert len({e["id"] for e in line["events"]}) == len(line["events"])
    for event in line["events"]:
        assert event["type"] in TYPES
        assert all(event[name] in values for name, values in ATTRIBUTES.items())
        arguments = [(a["role"], a["target"]) for a in event["arguments"]]
        assert len(set(arguments)) == len(arguments)
        assert all(labels[target] in FILLERS[role] for role, target in arguments)


def test_all_event_types_occur_at_least_three_times() -> None:
    """Each of the 16 event types occurs three times or more in anna's annotations."""
    count = Counter(event["type"] for line in read("anna") for event in line["events"])
    assert set(count) == TYPES
    assert min(count.values()) >= 3


def test_every_attribute_value_occurs() -> None:
    """Each value of each of the four attributes occurs in anna's annotations."""
    events = [event for line in read("anna") for event in line["events"]]
    for name, values in ATTRIBUTES.items():
        assert {event[name] for event in events} == values


def test_ben_saw_one_document_and_left_its_events_empty() -> None:
    """Exactly one of ben's lines has entities and no events, where anna found events."""
    empty = [line for line in read("ben") if not line["events"]]
    assert len(empty) == 1
    assert empty[0]["entities"]
    assert next(line for line in read("anna") if line["id"] == empty[0]["id"])["events"]


def kinds_of_disagreement(one: Line, other: Line) -> Iterator[str]:
    """The kind of every disagreement between two lines about one document."""
    ours, theirs = by_span(one), by_span(other)
    yield from ("label" for span in ours.keys() & theirs.keys() if ours[span] != theirs[span])
    for span in ours.keys() ^ theirs.keys():
        there = theirs if span in ours else ours
        close = any(overlap(span, x) for x in there)
        yield "boundary" if close else "missed " + ("date" if _date(span, ours, theirs) else "name")
    events, others = by_trigger(one), by_trigger(other)
    for span in events.keys() ^ others.keys():
        there_events = others if span in events else events
        close = any(overlap(span, x) for x in there_events)
        yield "trigger boundary" if close else "missed event"
    for span in events.keys() & others.keys():
        a, b = events[span], others[span]
        if a["type"] != b["type"]:
            yield "type"
        yield from (name for name in ATTRIBUTES if a[name] != b[name])
        left, right = fillers(one, a), fillers(other, b)
        yield from ("role" for x in left.keys() & right.keys() if left[x] != right[x])
        shared = ours.keys() & theirs.keys()
        yield from ("argument" for x in left.keys() ^ right.keys() if x in shared)


def _date(span: tuple[int, int], *where: dict[tuple[int, int], str]) -> bool:
    return any(labels.get(span) == "DATE" for labels in where)


def test_each_kind_of_disagreement_occurs() -> None:
    """Anna and ben disagree at least once in every way that people do."""
    theirs = {line["id"]: line for line in read("ben")}
    count = Counter(
        kind for line in read("anna") for kind in kinds_of_disagreement(line, theirs[line["id"]])
    )
    assert set(count) >= {
        "label",
        "boundary",
        "missed date",
        "missed name",
        "trigger boundary",
        "missed event",
        "type",
        "role",
        "argument",
        *ATTRIBUTES,
    }
    assert count["missed date"] > count["missed name"]


def test_annotators_agree_for_the_most_part() -> None:
    """Anna and ben share between 80 and 95 in 100 of their entities, and they never agree fully."""
    theirs = {line["id"]: line for line in read("ben")}
    same = total = 0
    for line in read("anna"):
        ours, other = by_span(line), by_span(theirs[line["id"]])
        same += 2 * len(ours.items() & other.items())
        total += len(ours) + len(other)
    assert 0.80 < same / total < 0.95


def shingles(stem: str) -> set[tuple[str, ...]]:
    """The runs of five words in a document."""
    words = (documents_dir() / f"{stem}.txt").read_text("utf-8").casefold().split()
    return {tuple(words[i : i + 5]) for i in range(len(words) - 4)}


def test_one_pair_of_documents_is_nearly_the_same() -> None:
    """The pair named as near-duplicates shares over 0.4 of its shingles, and no other pair does."""
    stems = sorted(path.stem for path in documents_dir().glob("*.txt"))
    runs = {stem: shingles(stem) for stem in stems}
    close = {
        (a, b)
        for i, a in enumerate(stems)
        for b in stems[i + 1 :]
        if len(runs[a] & runs[b]) > 0.4 * len(runs[a] | runs[b])
    }
    assert close == {("sv-03-vapenvilan", "sv-04-vapenvilan-igen")}
    assert runs["sv-03-vapenvilan"] != runs["sv-04-vapenvilan-igen"]


def test_the_translations_say_the_same_events() -> None:
    """The pair of translations has the same set of event types."""
    found = {line["id"]: line for line in read("cyril")}
    english = [e["type"] for e in found["en-05-freighter"]["events"]]
    dutch = {e["type"] for e in found["nl-05-vrachtschip"]["events"]}
    assert set(english) == dutch


def raw(stem: str) -> bytes:
    """The bytes of a sample document."""
    return (documents_dir() / f"{stem}.txt").read_bytes()


def test_the_noise_that_the_readme_names_is_there() -> None:
    """The files keep Windows line ends, decomposed accents, an emoji and the header line."""
    assert raw("sv-01-varvet").count(b"\r\n") == raw("sv-01-varvet").count(b"\n") > 5
    assert b"\r" not in raw("sv-02-ambassaden")
    decomposed = raw("sk-04-volby").decode("utf-8")
    assert decomposed == unicodedata.normalize("NFD", decomposed)
    assert decomposed != unicodedata.normalize("NFC", decomposed)
    assert ord(raw("en-01-grain").decode("utf-8")[0]) > 0xFFFF
    assert raw("sk-02-vojaci").startswith(b" date 2021-03 ")


def test_the_readme_names_every_document() -> None:
    """The README of the samples has a line about each document, and says the licence."""
    readme = (documents_dir().parent / "README.md").read_text("utf-8")
    assert [p.stem for p in documents_dir().glob("*.txt") if f"`{p.stem}`" not in readme] == []
    assert "CC0" in readme
