"""Counts about annotators, a Document at a time."""

from __future__ import annotations

from curation.adjudication import LAYERS
from curation.annotators import Counts, Read
from curation.testing import annotation_set

TEXT = "Anna Berg met Peter Lind in Oslo."
RULES = dict.fromkeys(LAYERS, ("majority",))
ENTITIES = [("Anna Berg", "PER"), ("Oslo", "LOC")]


def counted(*reads: Read, least: int = 2) -> Counts:
    """Those Documents, counted."""
    counts = Counts(RULES, least=least)
    for read in reads:
        counts.add(read)
    return counts


def said(name: str, trigger: str = "CONSULT", role: str = "Actor") -> Read:
    """One annotator alone, against gold with the same entities and an event of one argument."""
    mine = annotation_set(TEXT, ENTITIES, [("met", trigger, {role: "Anna Berg"})], annotator=name)
    gold = annotation_set(
        TEXT, ENTITIES, [("met", "CONSULT", {"Actor": "Anna Berg"})], annotator="g", kind="gold"
    )
    return Read((mine,), gold)


def test_arguments_of_an_open_event_are_left_out() -> None:
    """Where gold has not decided the event, it has not decided its arguments either."""
    read = said("anna", trigger="FIGHT")
    still_open = {"events": {("anna", "FIGHT", 10, 13)}}
    found = counted(Read(read.sets, read.gold, still_open)).rows
    assert found["gold", "events", "anna"] == {0: (0, 0, 1, 1)}
    assert found["gold", "arguments", "anna"] == {0: (0, 0, 1, 1)}
    assert found["gold", "entities", "anna"] == {0: (2, 2, 2, 0)}


def test_an_open_argument_is_known_by_role_and_words() -> None:
    """Its words are those of the position: another's boundaries, or one's own."""
    read = said("anna", role="Place")
    for start, end, left_out in ((0, 9, 1), (5, 9, 1), (28, 32, 0)):
        still_open = {"arguments": {("anna", "Place", start, end)}}
        found = counted(Read(read.sets, read.gold, still_open)).rows
        assert found["gold", "arguments", "anna"] == {0: (0, 1 - left_out, 1, left_out)}


def test_what_another_left_open_counts_for_me() -> None:
    """Open is what oneself said at an open position, not what somebody else did."""
    read = said("anna", role="Place")
    still_open = {"arguments": {("ben", "Place", 0, 9)}, "entities": {("ben", "LOC", 28, 32)}}
    found = counted(Read(read.sets, read.gold, still_open)).rows
    assert found["gold", "arguments", "anna"] == {0: (0, 1, 1, 0)}
    assert found["gold", "entities", "anna"] == {0: (2, 2, 2, 0)}


def test_nothing_is_left_out_of_two() -> None:
    """The others' gold needs three: of two, the other one alone would decide."""
    two = [annotation_set(TEXT, ENTITIES, annotator=name) for name in ("anna", "ben")]
    three = [*two, annotation_set(TEXT, ENTITIES[:1], annotator="cara")]
    found = counted(Read(two), Read(three))
    assert found.rows["without", "entities", "cara"] == {1: (1, 1, 2, 0)}
    assert found.rows["without", "entities", "anna"] == {1: (1, 1, 1, 1)}
    assert found.rows["pair", "entities", "anna", "ben"] == {0: (2, 2, 2), 1: (2, 2, 2)}


def test_patterns_are_of_documents_that_enough_did() -> None:
    """Competence is fitted on what adjudication decides."""
    one = Read([annotation_set(TEXT, ENTITIES, annotator="anna")])
    two = Read([annotation_set(TEXT, ENTITIES, annotator=name) for name in ("anna", "ben")])
    assert list(counted(one, two).patterns["entities"]) == [1]
    assert list(counted(one, two, least=1).patterns["entities"]) == [0, 1]
    assert list(counted(one, two, least=3).patterns["entities"]) == []
