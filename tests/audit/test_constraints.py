"""Each constraint with a case made by hand."""

from __future__ import annotations

from audit.making import pair, with_arguments

from curation.audit import Finding, readings
from curation.audit.constraints import constraints
from curation.model import AnnotationSet, Document
from curation.ontology import Ontology


def _found(news: Ontology, *pairs: tuple[Document, AnnotationSet]) -> list[Finding]:
    return [*constraints(readings(pairs), news)]


def test_a_required_role_that_is_missing(news: Ontology) -> None:
    """AID without a Recipient is a finding about the event."""
    document, said = pair("a", "[Norway/LOC] [sent help/AID] to [Kenya/LOC].")
    lacking = with_arguments(said, ("Actor", "T1"))
    whole = with_arguments(said, ("Actor", "T1"), ("Recipient", "T2"))
    (found,) = _found(news, (document, lacking))
    assert (found.layer, found.item, found.reasons) == (
        "triggers",
        "E1",
        ("AID must have a Recipient",),
    )
    assert _found(news, (document, whole)) == []


def test_a_rule_that_most_break_is_custom(news: Ontology) -> None:
    """Where every AID lacks its Recipient, one more is hardly an error."""
    several = [pair(f"d{i}", "They [sent help/AID].") for i in range(10)]
    (alone,) = _found(news, several[0])
    many = _found(news, *several)
    assert alone.score > 0.9
    assert len(many) == 10
    assert max(f.score for f in many) < 0.1


def test_a_filler_that_its_role_does_not_take(news: Ontology) -> None:
    """A DATE as Actor is a finding about the argument, in words."""
    document, said = pair("a", "[Monday/DATE] [met/CONSULT] them.")
    (found,) = _found(news, (document, with_arguments(said, ("Actor", "T1"))))
    assert (found.layer, found.now, found.surface) == ("arguments", "Actor", "Monday")
    assert found.part == 'Actor of "met" [7, 10)'
    assert found.reasons == ("a DATE cannot be Actor",)


def test_a_filler_whose_label_is_wrong_is_the_labels_fault(news: Ontology) -> None:
    """Where the label is probably wrong, the same violation is about the entity."""
    document, said = pair("a", "[Anna/DATE] [met/CONSULT] them.")
    read = readings([(document, with_arguments(said, ("Actor", "T1")))])
    (found,) = constraints(read, news, suspects={("a", "T1"): 0.8})
    assert (found.layer, found.item, found.now) == ("entities", "T1", "DATE")


def test_a_place_that_acts(news: Ontology) -> None:
    """A place that is the Location elsewhere is doubted as Actor; one that never is, is not."""
    there = [pair(f"d{i}", "They [met/CONSULT] in [Oslo/LOC].") for i in range(5)]
    there = [(d, with_arguments(s, ("Location", "T1"))) for d, s in there]
    document, said = pair("x", "[Oslo/LOC] [met/CONSULT] [Kyiv/LOC].")
    acting = (document, with_arguments(said, ("Actor", "T1"), ("Actor", "T2")))
    (found,) = _found(news, *there, acting)
    assert (found.uid, found.surface, found.now) == ("x", "Oslo", "Actor")
    assert found.reasons == ("it is Location 5 times elsewhere, otherwise 0 times",)


def test_actor_and_location_at_once(news: Ontology) -> None:
    """One entity cannot do something and be where it is done."""
    document, said = pair("a", "[Oslo/LOC] [met/CONSULT] them.")
    both = with_arguments(said, ("Actor", "T1"), ("Location", "T1"))
    found = _found(news, (document, both))
    assert "it is Location of the same event" in {r for f in found for r in f.reasons}


def test_names_that_the_ontology_does_not_have(news: Ontology) -> None:
    """Unknown labels, types, roles and values are certain findings, each about its own item."""
    document, said = pair("a", "[Anna/PER] [met/DINNER] them.")
    said = with_arguments(said, ("Guest", "T1"))
    entity = said.entities[0].model_copy(update={"label": "CHEF"})
    event = said.events[0].model_copy(update={"attributes": {"tense": "always"}})
    said = said.model_copy(update={"entities": (entity,), "events": (event,)})
    found = _found(news, (document, said))
    assert {f.layer for f in found} == {"entities", "triggers", "arguments", "attributes"}
    assert {f.score for f in found} == {1.0}
