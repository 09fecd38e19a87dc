"""What is disputed is told with its words and its annotators, and the rest is prefilled."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.adjudication import LAYERS, adjudicate
from curation.adjudication.disputes import (
    Contested,
    contest,
    describe,
    in_text_order,
    rival_group,
)
from curation.model import AnnotationSet
from curation.ontology import load_ontology
from curation.testing import annotation_set, annotation_sets

NEWS = load_ontology(Path(__file__).parents[2] / "label_config" / "news.toml")
TEXT = "Anna Berg met Peter Lind in Oslo on Monday."
RULES = dict.fromkeys(LAYERS, ("majority",))
MEETING = ("met", "CONSULT", {"Actor": "Anna Berg"})


def said(
    name: str,
    *entities: tuple[str, str],
    events: tuple[tuple[str, str, dict[str, str]], ...] = (),
    **attributes: str,
) -> AnnotationSet:
    """What somebody says, with these attributes of every event."""
    made = annotation_set(TEXT, entities, events, annotator=name)
    with_attributes = [e.model_copy(update={"attributes": attributes}) for e in made.events]
    return made.model_copy(update={"events": tuple(with_attributes)})


def contested(*sets: AnnotationSet, nested: bool = False) -> Contested:
    """What is open between these annotators."""
    return contest(sets, adjudicate(sets, RULES, nested=nested), nested=nested)


def told(found: Contested, *, anonymous: bool = False) -> list[str]:
    """The lines of the list, without the context."""
    lines = [describe(d, TEXT, anonymous=anonymous) for d in found.disputes]
    return [line.partition(" — ")[2] for line in lines]


def entities(found: Contested) -> dict[str, tuple[str, str]]:
    """By id: words and label of what is prefilled."""
    return {e.id: (TEXT[e.start : e.end], e.label) for e in found.prefilled.entities}


def events(found: Contested) -> dict[str, tuple[str, str]]:
    """By id: trigger and type of what is prefilled."""
    return {e.id: (TEXT[e.start : e.end], e.type) for e in found.prefilled.events}


def test_agreed_entities_are_prefilled_and_not_told() -> None:
    """What all say stands there with full score, and is no dispute."""
    found = contested(said("anna", ("Oslo", "LOC")), said("ben", ("Oslo", "LOC")))
    assert (entities(found), told(found)) == ({"T1": ("Oslo", "LOC")}, [])
    assert found.prefilled.entities[0].score == 1.0


def test_missed_entity() -> None:
    """One candidate, to be kept or deleted; its score is its share of the votes."""
    found = contested(said("anna", ("Oslo", "LOC")), said("ben"))
    assert entities(found) == {"T1-disputed": ("Oslo", "LOC")}
    assert told(found) == ["LOC: anna · nothing: ben"]
    assert found.prefilled.entities[0].score == 0.5
    assert found.notes == {"T1-disputed": ((1, ("anna",)),)}


def test_label() -> None:
    """Both labels stand over the same words, with ids that tell that one must go."""
    found = contested(said("anna", ("Oslo", "LOC")), said("ben", ("Oslo", "ORG")))
    assert entities(found) == {"T1-disputed-1": ("Oslo", "LOC"), "T1-disputed-2": ("Oslo", "ORG")}
    assert {rival_group(name) for name in entities(found)} == {"T1"}
    assert told(found) == ["LOC: anna · ORG: ben"]


def test_boundary() -> None:
    """Where the words differ, each candidate names its own."""
    found = contested(said("anna", ("Anna Berg", "PER")), said("ben", ("Anna", "PER")))
    assert set(entities(found).values()) == {("Anna Berg", "PER"), ("Anna", "PER")}
    assert told(found) == ["PER «Anna»: ben · PER «Anna Berg»: anna"]


def test_rejected_entity_is_not_there() -> None:
    """What a rule rejects is neither prefilled nor disputed."""
    found = contested(said("anna", ("Oslo", "LOC")), said("ben"), said("carl"))
    assert (entities(found), told(found)) == ({}, [])


def test_majority_candidate_comes_first() -> None:
    """Candidates stand by their votes, nothing last, and none is lost."""
    sets = [said(n, ("Oslo", "LOC")) for n in ("anna", "ben")]
    others = [said("carl", ("Oslo", "ORG")), said("dora"), said("eli")]
    found = contested(*sets, *others)
    assert told(found) == ["LOC: anna, ben · ORG: carl · nothing: dora, eli"]
    assert [e.score for e in found.prefilled.entities] == [0.4, 0.2]


def test_entity_beside_one_that_is_agreed() -> None:
    """What only cannot stand because it overlaps something agreed, says so."""
    both = [("Anna Berg", "PER"), ("Berg met", "ORG")]
    found = contested(said("anna", *both), said("ben", *both))
    assert told(found) == ["ORG: anna, ben (overlaps «Anna Berg», agreed)"]
    nested = contested(said("anna", *both), said("ben", *both), nested=True)
    assert (told(nested), len(nested.prefilled.entities)) == ([], 2)


def test_missed_event_brings_its_arguments_and_attributes() -> None:
    """An event that one marked stands with all that was said of it."""
    anna = said("anna", ("Anna Berg", "PER"), events=(MEETING,), tense="past")
    found = contested(anna, said("ben", ("Anna Berg", "PER")))
    assert events(found) == {"E1-disputed": ("met", "CONSULT")}
    assert told(found) == ["CONSULT: anna · nothing: ben"]
    (event,) = found.prefilled.events
    assert [(a.role, a.target) for a in event.arguments] == [("Actor", "T1")]
    assert dict(event.attributes) == {"tense": "past"}


def test_event_type() -> None:
    """Every candidate has the arguments; what its supporters differ in beside the type is open."""
    fight = ("met", "ASSAULT", {"Actor": "Anna Berg"})
    anna = said("anna", ("Anna Berg", "PER"), events=(MEETING,), tense="past", polarity="positive")
    ben = said("ben", ("Anna Berg", "PER"), events=(fight,), tense="future", polarity="positive")
    found = contested(anna, ben)
    assert events(found) == {
        "E1-disputed-1": ("met", "ASSAULT"),
        "E1-disputed-2": ("met", "CONSULT"),
    }
    assert told(found) == ["ASSAULT: ben · CONSULT: anna", "tense? future: ben · past: anna"]
    for event in found.prefilled.events:
        assert [a.target for a in event.arguments] == ["T1"]
        assert dict(event.attributes) == {"polarity": "positive"}


def test_argument() -> None:
    """An argument that not all have is drawn, and asked as a question; its event is marked."""
    alone = ("met", "CONSULT", {})
    anna = said("anna", ("Anna Berg", "PER"), events=(MEETING,))
    found = contested(anna, said("ben", ("Anna Berg", "PER"), events=(alone,)))
    assert told(found) == ["Actor «Anna Berg»? yes: anna · no: ben"]
    assert events(found) == {"E1-disputed": ("met", "CONSULT")}
    (argument,) = found.prefilled.events[0].arguments
    assert (argument.target, argument.score) == ("T1", 0.5)
    assert found.notes == {"E1-disputed": ((1, ()),)}


def test_argument_of_a_disputed_entity_is_drawn_to_every_candidate() -> None:
    """All agree on the role; whichever candidate stays fills it, and only the entity is told."""
    anna = said("anna", ("Anna Berg", "PER"), events=(MEETING,))
    ben = said("ben", ("Anna Berg", "ORG"), events=(MEETING,))
    found = contested(anna, ben)
    assert told(found) == ["ORG: ben · PER: anna"]
    (event,) = found.prefilled.events
    assert [a.target for a in event.arguments] == ["T1-disputed-1", "T1-disputed-2"]


def test_attribute_is_left_open() -> None:
    """A disputed attribute has no value: one must be chosen; the agreed ones have theirs."""
    anna, ben = (
        said(name, ("Anna Berg", "PER"), events=(MEETING,), tense=tense, polarity="positive")
        for name, tense in (("anna", "past"), ("ben", "future"))
    )
    found = contested(anna, ben)
    assert told(found) == ["tense? future: ben · past: anna"]
    assert dict(found.prefilled.events[0].attributes) == {"polarity": "positive"}


def test_disputes_can_be_told_in_text_order() -> None:
    """Entities come before the events that need them, or all as in the text, notes with them."""
    fight = ("met", "ASSAULT", {})
    anna = said("anna", ("Anna", "PER"), ("Oslo", "LOC"), events=(("met", "CONSULT", {}),))
    made = contested(anna, said("ben", ("Anna", "ORG"), ("Oslo", "ORG"), events=(fight,)))
    assert [d.layer for d in made.disputes] == ["entities", "entities", "events"]
    found = in_text_order(made)
    assert [(d.number, d.layer) for d in found.disputes] == [
        (1, "entities"),
        (2, "events"),
        (3, "entities"),
    ]
    assert {n: [d for d, _ in some] for n, some in found.notes.items()} == {
        "T1-disputed-1": [1],
        "T1-disputed-2": [1],
        "E1-disputed-1": [2],
        "E1-disputed-2": [2],
        "T2-disputed-1": [3],
        "T2-disputed-2": [3],
    }


def test_anonymous_names_nobody() -> None:
    """Counts stand where names would."""
    sets = [said(n, ("Oslo", "LOC")) for n in ("anna", "ben")]
    found = contested(*sets, said("carl", ("Oslo", "ORG")), said("dora"))
    assert told(found, anonymous=True) == [
        "LOC: 2 annotators · ORG: 1 annotator · nothing: 1 annotator"
    ]


def test_line_has_the_words_in_context() -> None:
    """Around the words stands enough of the text, whole words, and its ends are marked."""
    found = contested(said("anna", ("Oslo", "LOC"), ("Monday", "DATE")), said("ben"))
    assert [describe(d, TEXT) for d in found.disputes] == [
        "1. Anna Berg met Peter Lind in «Oslo» on Monday. — LOC: anna · nothing: ben",
        "2. … Berg met Peter Lind in Oslo on «Monday». — DATE: anna · nothing: ben",
    ]


@pytest.mark.parametrize("hostile", ["\n", "\r\n", "\x1b[31m", "\u202e", "\u2028"])
def test_hostile_text_starts_no_line(hostile: str) -> None:
    """Line breaks, escapes and marks that turn text around become spaces."""
    text = f"Anna{hostile}met{hostile}Bob"
    sets = [
        annotation_set(text, [(f"Anna{hostile}met", f"P{hostile}")], annotator=f"an{hostile}na"),
        annotation_set(text, annotator="ben"),
    ]
    found = contest(sets, adjudicate(sets, RULES))
    line = describe(found.disputes[0], text)
    assert line.isprintable()
    assert line.startswith("1. «Anna")


def test_many_annotators_settle_what_two_dispute() -> None:
    """Only what no rule decided is told: a majority is agreed, and has the majority's key."""
    sets = [said("anna", ("Oslo", "LOC")), said("ben", ("Oslo", "LOC"))]
    found = contested(*sets, said("carl", ("Oslo", "ORG")))
    assert (entities(found), found.disputes) == ({"T1": ("Oslo", "LOC")}, ())


@settings(derandomize=True, max_examples=60, deadline=None)
@given(st.data())
def test_nothing_is_lost(data: st.DataObject) -> None:
    """All of gold is prefilled, with every candidate of what is open, and each id stands once."""
    names = ("anna", "ben", "carl")[: data.draw(st.integers(1, 3))]
    sets = [data.draw(annotation_sets(TEXT, NEWS, annotator=n)) for n in names]
    result = adjudicate(sets, RULES)
    found = contest(sets, result)
    made = found.prefilled
    assert list(made.problems(TEXT)) == []
    assert {e.key for e in result.gold.items} <= {e.key for e in made.items}
    open_places = {d.place for d in result.decisions if d.status == "disputed"}
    told = {d.place for d in found.disputes}
    assert {p for p in open_places if ":" not in p} == {p for p in told if ":" not in p}
    keys = {item.key for one in sets for item in one.items}
    assert {item.key for item in made.items} <= keys
    for name in made.items:
        assert ("-disputed" in name.id) == (name.id in found.notes)
