"""Settling the disputes of a Document one after the other."""

from __future__ import annotations

import pytest

from curation.adjudication import LAYERS
from curation.adjudication.settling import Settling
from curation.model import AnnotationSet, Argument, Entity, Event, TextSpan

RULES = dict.fromkeys(LAYERS, ("majority",))


def said(
    name: str, entities: list[tuple[int, int, str]], events: tuple[Event, ...] = ()
) -> AnnotationSet:
    """What one annotator says: entities by place and label."""
    made = tuple(
        Entity(id=f"T{i}", start=a, end=b, label=label)
        for i, (a, b, label) in enumerate(entities, 1)
    )
    return AnnotationSet(uid="d", annotator=name, entities=made, events=events)


def event(role: str = "", tense: str = "past") -> Event:
    """An event at one place, with the first entity in a role."""
    return Event(
        id="E1",
        type="CONSULT",
        trigger=TextSpan(start=10, end=13),
        arguments=(Argument(role=role, target="T1"),) if role else (),
        attributes={"tense": tense},
    )


def settling(*sets: AnnotationSet, nested: bool = False) -> Settling:
    """The disputes of these sets."""
    return Settling(sets, RULES, {}, nested)


def test_each_dispute_is_asked_until_none_is_left() -> None:
    """A label, an argument and an attribute are settled one by one; gold is what was chosen."""
    work = settling(
        said("anna", [(0, 4, "PER")], (event("Actor"),)),
        said("ben", [(0, 4, "ORG")], (event("", "future"),)),
    )
    asked = []
    while disputes := work.disputes():
        asked.append((disputes[0].layer, disputes[0].name))
        work.choose(disputes[0], disputes[0].candidates[0])
    assert asked == [("entities", ""), ("arguments", "Actor"), ("attributes", "tense")]
    found = work.decided("eva")
    assert (found.annotator, found.kind) == ("eva", "adjudicator")
    assert [e.label for e in found.entities] == ["ORG"]
    assert [a.role for a in found.events[0].arguments] == ["Actor"]
    assert found.events[0].attributes == {"tense": "future"}


def test_what_hangs_on_an_event_is_asked_only_where_it_is_kept() -> None:
    """An event that is refused takes its arguments and attributes with it."""
    sets = (said("anna", [(0, 4, "PER")], (event("Actor"),)), said("ben", [(0, 4, "PER")]))
    work = settling(*sets)
    (dispute,) = work.disputes()
    work.choose(dispute, None)
    assert work.disputes() == ()
    assert work.decided("eva").events == ()


def test_entities_that_overlap_are_asked_until_one_gives_way() -> None:
    """Keeping one of two overlapping entities asks about the other; the last word counts."""
    work = settling(
        said("anna", [(0, 4, "PER"), (6, 9, "LOC")]),
        said("ben", [(2, 8, "ORG")]),
        said("cara", [(2, 8, "ORG"), (0, 4, "PER")]),
    )
    while disputes := work.disputes():
        wanted = [c for c in disputes[0].candidates if c.value == "ORG"]
        work.choose(disputes[0], wanted[0] if wanted else None)
    assert [e.key for e in work.decided("eva").entities] == [(2, 8, "ORG")]


def test_undo_takes_the_last_choice_back() -> None:
    """The dispute is open again; with nothing chosen there is nothing to take back."""
    work = settling(said("anna", [(0, 4, "PER")]), said("ben", [(0, 4, "ORG")]))
    before = work.disputes()
    work.choose(before[0], before[0].candidates[0])
    assert work.disputes() == ()
    assert work.undo()
    assert work.disputes() == before
    assert not work.undo()


def test_open_disputes_decide_nothing() -> None:
    """A Document in which something is open has no decided set."""
    work = settling(said("anna", [(0, 4, "PER")]), said("ben", []))
    with pytest.raises(ValueError, match="d: 1 disputes are open"):
        work.decided("eva")


def test_a_label_called_nothing_is_a_label() -> None:
    """The word for an absent item is no label, and a label of that name is none."""
    work = settling(said("anna", [(0, 4, "nothing")]), said("ben", []))
    (dispute,) = work.disputes()
    work.choose(dispute, next(c for c in dispute.candidates if "anna" in c.annotators))
    assert [e.label for e in work.decided("eva").entities] == ["nothing"]
