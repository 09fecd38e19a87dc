"""Payloads that went wrong never crash the converter, and never change data in silence."""

from __future__ import annotations

import os
import random
from collections import Counter

import pytest
from accounts import unaccounted
from drawing import drawn
from mutants import mutated

from curation.labelstudio.convert import annotations_to_result, result_to_annotations
from curation.labelstudio.payload import Conversion, Payload
from curation.ontology import Ontology
from curation.testing import annotation_set

MUTANTS = int(os.environ.get("CURATION_MUTANTS", "2000"))
ORIGINALS = 60


def texts_with_results(ontology: Ontology) -> list[tuple[str, list[Payload]]]:
    """Texts with the results of AnnotationSets over them, the same each time."""
    found = [
        (document.text, annotations_to_result(said, document.text, ontology))
        for document, said in drawn(ontology, ORIGINALS, start=4)
    ]
    text = "😀 Anna Berg met Bo in Oslo.\r\nThen Anna Berg left  Oslo."
    said = annotation_set(
        text,
        [("Anna Berg", "PER"), ("Bo", "PER"), ("Oslo", "LOC")],
        [("met", "CONSULT", {"Actor": "Anna Berg", "Location": "Oslo"}), ("left", "CONSULT", {})],
    )
    found += [(text, annotations_to_result(said, text, ontology))] * ORIGINALS
    return [pair for pair in found if pair[1]]


@pytest.fixture(scope="module")
def originals(news: Ontology) -> list[tuple[str, list[Payload]]]:
    """Texts with results, drawn once."""
    return texts_with_results(news)


def converted(result: object, text: str, ontology: Ontology) -> Conversion:
    """What the converter makes of it."""
    return result_to_annotations(
        result,  # type: ignore[arg-type] - that it is a list is one of the things that go wrong
        uid="d1",
        annotator="anna",
        text=text,
        ontology=ontology,
        provenance={},
    )


@pytest.mark.parametrize("part", range(4))
def test_mutants_are_converted_with_everything_accounted_for(
    part: int, news: Ontology, originals: list[tuple[str, list[Payload]]]
) -> None:
    """Each has annotations in which every difference is told, or problems."""
    ends: Counter[str] = Counter()
    for number in range(part, MUTANTS, 4):
        chance = random.Random(number)
        text, result = chance.choice(originals)
        mutant = mutated(result, text, chance)
        made = converted(mutant, text, news)
        assert unaccounted(mutant, text, made, news) == [], (number, text, mutant, made)
        ends["refused" if made.annotations is None else "kept"] += 1
        ends.update({repair.kind for repair in made.repairs})
    assert ends["refused"] > MUTANTS / 40
    assert ends["kept"] > MUTANTS / 40
    assert {"utf-16 offsets", "relocated", "trimmed", "merged duplicate"} <= set(ends)


def test_the_account_sees_what_is_changed_in_silence(
    news: Ontology, originals: list[tuple[str, list[Payload]]]
) -> None:
    """The check itself fails where an annotation is lost, moved or renamed."""
    text, result = originals[-1]
    made = converted(result, text, news)
    assert made.annotations is not None
    assert unaccounted(result, text, made, news) == []
    said = made.annotations
    first, event = said.entities[0], said.events[0]
    others = said.entities[1:]
    for changed in (
        {"entities": others, "events": ()},
        {"entities": (first.model_copy(update={"end": first.end + 1}), *others)},
        {"entities": (first.model_copy(update={"label": "ORG"}), *others)},
        {"events": (event.model_copy(update={"arguments": ()}),)},
        {"events": (event.model_copy(update={"attributes": {"tense": "future"}}),)},
        {"events": ()},
    ):
        other = Conversion(said.model_copy(update=changed))
        assert unaccounted(result, text, other, news) != [], changed


@pytest.mark.parametrize(
    "result", [None, "", {}, 5, [{"id": "a", "type": "labels", "value": {"labels": 5}}]]
)
def test_what_is_no_result_is_not_an_empty_one(result: object, news: Ontology) -> None:
    """Only an empty list says that nothing was found; anything else of no use is a problem."""
    assert converted(result, "Anna", news).annotations is None
    assert converted([], "Anna", news).annotations is not None


def test_two_regions_with_one_name_are_a_problem(news: Ontology) -> None:
    """Region ids that mean the same id of an entity cannot be told apart in arguments."""
    place = {"start": 0, "end": 4, "text": "Anna", "labels": ["PER"]}
    regions = [{"id": i, "type": "labels", "value": place} for i in ("T#1", "T%231")]
    assert converted(regions, "Anna", news).problems == ("region T#1: 2 regions have this id",)


def test_two_surfaces_of_one_region_are_a_problem(news: Ontology) -> None:
    """Where the items of a region quote different text nobody knows which is meant."""
    place = {"start": 0, "end": 4, "labels": ["PER"]}
    regions = [
        {"id": "a", "type": "labels", "value": place | {"text": text}} for text in ("Anna", "nna")
    ]
    assert "more than one surface" in converted(regions, "Anna", news).problems[0]
