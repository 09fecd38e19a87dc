"""Disputes as a task of Label Studio, and what of a submission an adjudicator left open."""

from __future__ import annotations

import json
import random
from typing import Any
from xml.etree import ElementTree

import pytest
from mutants import mutated

from curation.adjudication import LAYERS, adjudicate
from curation.adjudication.disputes import Contested, contest
from curation.labelstudio.adjudication import adjudication_xml, contested_to_task, undecided
from curation.labelstudio.convert import result_to_annotations
from curation.labelstudio.payload import item_id
from curation.model import AnnotationSet
from curation.ontology import Ontology
from curation.ontology_xml import ontology_to_xml, xml_to_ontology
from curation.testing import annotation_set, document

TEXT = "Anna Berg met Peter Lind in Oslo on Monday."
RULES = dict.fromkeys(LAYERS, ("majority",))


def said(news: Ontology, name: str, label: str, tense: str) -> AnnotationSet:
    """Two people agree on an event, and neither on its tense nor on what Oslo is."""
    made = annotation_set(
        TEXT,
        [("Anna Berg", "PER"), ("Oslo", label)],
        [("met", "CONSULT", {"Actor": "Anna Berg"})],
        annotator=name,
    )
    answers = {a.name: a.default for a in news.attributes} | {"tense": tense}
    (event,) = made.events
    return made.model_copy(update={"events": (event.model_copy(update={"attributes": answers}),)})


@pytest.fixture
def contested(news: Ontology) -> Contested:
    """Two disputes."""
    sets = [said(news, "anna", "LOC", "past"), said(news, "ben", "ORG", "present")]
    return contest(sets, adjudicate(sets, RULES))


@pytest.fixture
def task(contested: Contested, news: Ontology) -> dict[str, Any]:
    """The task of them."""
    return contested_to_task(document(TEXT), contested, news)


def result(task: dict[str, Any]) -> list[dict[str, Any]]:
    """The regions, answers and arrows that are prefilled."""
    found: list[dict[str, Any]] = task["predictions"][0]["result"]
    return found


def left(some: list[dict[str, Any]], news: Ontology, text: str = TEXT) -> list[str]:
    """What a submission leaves open."""
    made = result_to_annotations(
        some, uid="d1", annotator="eva", text=text, ontology=news, provenance={}
    )
    return list(undecided(some, made, text, news))


def answer(task: dict[str, Any], name: str, value: str) -> dict[str, Any]:
    """The choice of a value for the one event."""
    event = next(r for r in result(task) if r.get("from_name") == "events")
    span = {key: event["value"][key] for key in ("start", "end", "text")}
    return {
        "id": event["id"],
        "from_name": name,
        "to_name": "text",
        "type": "choices",
        "value": span | {"choices": [value]},
    }


def test_configuration_is_the_annotators_and_a_list(news: Ontology) -> None:
    """Labels, roles and attributes are the same; an event cannot be submitted without answers."""
    xml = adjudication_xml(news)
    assert xml_to_ontology(xml, name="n")[0] == xml_to_ontology(ontology_to_xml(news), name="n")[0]
    root = ElementTree.fromstring(xml)
    assert next(h.get("value") for h in root.iter("Header")) == "$disputes"
    choices = list(root.iter("Choices"))
    assert len(choices) == len(news.attributes)
    assert {(c.get("required"), c.get("whenTagName")) for c in choices} == {("true", "events")}


def test_annotators_configuration_requires_nothing(news: Ontology) -> None:
    """What is required of the adjudicator is not required of annotators."""
    assert "required" not in ontology_to_xml(news)


def test_task_tells_disputes_and_notes_who_wants_what(task: dict[str, Any]) -> None:
    """The list stands in the task's data, and each candidate's note says whose it is."""
    first, *lines = task["data"]["disputes"].splitlines()
    assert first.startswith("2 disputes, outlined in red.")
    assert [line.partition(" — ")[2] for line in lines] == [
        "tense? past: anna · present: ben",
        "LOC: anna · ORG: ben",
    ]
    notes = {r["id"]: r["meta"]["text"] for r in result(task) if "meta" in r}
    assert notes == {
        "T2-disputed-1": ["dispute 2: anna"],
        "T2-disputed-2": ["dispute 2: ben"],
        "E1-disputed": ["dispute 1"],
    }


def test_anonymous_task_names_nobody(contested: Contested, news: Ontology) -> None:
    """No annotator's name is anywhere in an anonymous task."""
    made = json.dumps(contested_to_task(document(TEXT), contested, news, anonymous=True))
    assert ("anna" in made, "ben" in made) == (False, False)
    assert "1 annotator" in made
    assert "dispute 2: 1 for it" in made


def test_disputed_attribute_is_not_prefilled(task: dict[str, Any], news: Ontology) -> None:
    """All attributes but the disputed one have their answers."""
    chosen = {r["from_name"] for r in result(task) if r["type"] == "choices"}
    assert chosen == {a.name for a in news.attributes} - {"tense"}


def test_untouched_submission_leaves_all_open(task: dict[str, Any], news: Ontology) -> None:
    """Nothing is decided for an adjudicator who only pressed Submit."""
    assert left(result(task), news) == [
        "LOC 'Oslo' and ORG 'Oslo' are both still there: delete one; where both are right, draw "
        "one of them anew",
    ]
    kept = [r for r in result(task) if r.get("id") != "T2-disputed-1"]
    assert left(kept, news) == ["tense of CONSULT 'met' is not chosen"]


def test_decided_submission_leaves_nothing_open(task: dict[str, Any], news: Ontology) -> None:
    """With one candidate deleted and the attribute chosen, all is said."""
    kept = [r for r in result(task) if r.get("id") != "T2-disputed-1"]
    assert left([*kept, answer(task, "tense", "past")], news) == []


def test_candidate_drawn_anew_may_stay_beside_the_other(news: Ontology) -> None:
    """Where entities may overlap, both can be right: the one drawn anew shows that it is meant."""
    nested = news.model_copy(update={"nested_entities": True})
    some = [
        region("T1-disputed-1", "Anna Berg", "PER"),
        region("T1-disputed-2", "Anna", "PER"),
    ]
    assert len(left(some, nested)) == 1
    assert left([some[0], region("xYz", "Anna", "PER")], nested) == []


def test_candidate_moved_elsewhere_is_no_rival(news: Ontology) -> None:
    """Candidates that no longer share words are two decisions."""
    some = [region("T1-disputed-1", "Anna Berg", "PER"), region("T1-disputed-2", "Oslo", "LOC")]
    assert left(some, news) == []


def test_entity_within_another_is_not_settled_silently(news: Ontology) -> None:
    """For annotators the longer one of two wins; an adjudicator is asked."""
    some = [region("T1", "Anna Berg", "PER"), region("T2-disputed", "Anna", "PER")]
    assert left(some, news) == ["region T2-disputed: lies within T1 of the same label"]


@pytest.mark.parametrize(
    "item", [None, 3, [], {"type": "labels"}, {"id": "T1-disputed-1", "type": "labels"}]
)
def test_strange_items_are_problems_and_no_crash(news: Ontology, item: object) -> None:
    """What is no region is told, whatever it is."""
    assert left([item], news)  # type: ignore[list-item]


@pytest.mark.parametrize("value", [{"start": "a"}, {"start": None, "end": 3}, {}])
def test_strange_candidates_are_problems(news: Ontology, value: dict[str, Any]) -> None:
    """Candidates without usable offsets are told as regions without offsets."""
    some = [
        {"id": f"T1-disputed-{n}", "from_name": "entities", "type": "labels", "value": value}
        for n in (1, 2)
    ]
    assert all("no id, or no whole offsets" in problem for problem in left(some, news))


def region(name: str, words: str, label: str) -> dict[str, Any]:
    """A region over the first place of these words."""
    start = TEXT.index(words)
    value = {"start": start, "end": start + len(words), "text": words, "labels": [label]}
    kind = {"from_name": "entities", "to_name": "text", "type": "labels"}
    return {"id": name, "value": value} | kind


def test_nothing_that_went_wrong_is_decided(task: dict[str, Any], news: Ontology) -> None:
    """Whatever is wrong with a submission is told in words that can be stored, without a crash."""
    chance = random.Random(7)
    told = 0
    for _ in range(1500):
        some = mutated(result(task), TEXT, chance)
        found = left(some, news)
        told += bool(found)
        "".join(found).encode()
        items = some if isinstance(some, list) else []
        names = {item_id(str(r.get("id"))) for r in items if isinstance(r, dict)}
        if {"T2-disputed-1", "T2-disputed-2"} <= names and not found:
            settled = result_to_annotations(
                some, uid="d1", annotator="eva", text=TEXT, ontology=news, provenance={}
            )
            assert settled.annotations is not None
            spans = [(e.start, e.end) for e in settled.annotations.entities]
            assert len(set(spans)) == len(spans)
    assert told > 1000
