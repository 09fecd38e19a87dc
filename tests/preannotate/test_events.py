"""Triggers, arguments and attributes: single rules, and measured floors on the development set."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from spacy.tokens import Doc

from curation.errors import OntologyError
from curation.ontology import Ontology
from curation.preannotate.documents import doc_to_annotations
from curation.preannotate.lexicon import load_lexicon, parse_lexicon

DATA = Path(__file__).resolve().parents[1] / "data" / "events"
LANGUAGES = ("sk", "sv", "en", "nb", "nl")

Annotate = Callable[..., Doc]


def events(doc: Doc) -> list[tuple[str, str]]:
    """Surface and type of each trigger."""
    return [(doc[m.start : m.end].text, m.type) for m in doc._.events]


def roles(doc: Doc, trigger: str) -> set[tuple[str, str]]:
    """Role and surface of the arguments of a trigger."""
    (mention,) = [m for m in doc._.events if doc[m.start : m.end].text == trigger]
    return {(f.role, doc[f.start : f.end].text) for f in mention.fillers}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_type_has_words(language: str, news: Ontology) -> None:
    """Each lexicon covers the sixteen types and no others."""
    types = {s.type for senses in load_lexicon(language).words.values() for s in senses}
    assert types == news.event_names


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "The Ministry of Trade sent nobody.", []),
        ("en", "She said it would rain.", []),
        ("en", "He won the peace prize after a heart attack.", []),
        ("en", "The army shelled the port.", [("shelled", "ASSAULT")]),
        ("en", "They called for calm.", [("called", "REQUEST")]),
        ("en", "Military support arrived.", [("support", "AID")]),
        ("en", "Moral support arrived.", [("support", "SUPPORT")]),
        ("sv", "Efter fredssamtalen kom vapenvilan.", [
            ("fredssamtalen", "CONSULT"), ("vapenvilan", "RETREAT")]),
        ("sv", "De drog sig tillbaka.", [("drog sig tillbaka", "RETREAT")]),
        ("nb", "Gruveavtalen ble signert.", [("Gruveavtalen", "AGREE"), ("signert", "AGREE")]),
        ("nl", "De troepen vielen de stad aan.", [("vielen", "ASSAULT")]),
        ("nl", "De minister sprak de geruchten tegen.", [("sprak", "REJECT")]),
        ("sk", "Minister nerokoval s nikým.", [("nerokoval", "CONSULT")]),
        ("sk", "Dostali humanitárnu pomoc.", [("pomoc", "AID")]),
        ("en", "", []),
        ("en", " \n ", []),
        ("en", "😀 Rebels attacked 😀.", [("attacked", "ASSAULT")]),
        ("de", "Die Armee bombardierte den Hafen.", []),
    ],
)  # fmt: skip
def test_triggers(
    annotated: Annotate, language: str, text: str, expected: list[tuple[str, str]]
) -> None:
    """The word that says the event is the trigger; names, sayings and set phrases are none."""
    assert events(annotated(language, text)) == expected


def test_no_trigger_inside_a_name(annotated: Annotate) -> None:
    """A trigger word in a name is part of the name."""
    doc = annotated("en", "Meeting Point Ltd grew.", ORG=["Meeting Point Ltd"])
    assert events(doc) == []


def test_passive_turns_the_roles_around(annotated: Annotate) -> None:
    """The subject of a passive is the Recipient and the agent the Actor."""
    text = "Orla Byrne was arrested by Garda in Cork on Friday."
    doc = annotated("en", text, PER=["Orla Byrne"], ORG=["Garda"], LOC=["Cork"])
    assert roles(doc, "arrested") == {
        ("Recipient", "Orla Byrne"),
        ("Actor", "Garda"),
        ("Location", "Cork"),
        ("Date", "Friday"),
    }


def test_an_s_passive_turns_the_roles_around(annotated: Annotate) -> None:
    """Swedish "stöds av" is passive without an auxiliary."""
    doc = annotated("sv", "Lettland stöds av Estland.", LOC=["Lettland", "Estland"])
    assert roles(doc, "stöds") == {("Recipient", "Lettland"), ("Actor", "Estland")}


def test_coordinated_names_fill_a_role_together(annotated: Annotate) -> None:
    """Each name joined by "and" is a filler."""
    text = "Talks between Kenya and Uganda began."
    doc = annotated("en", text, LOC=["Kenya", "Uganda"])
    assert roles(doc, "Talks") == {("Actor", "Kenya"), ("Actor", "Uganda")}


def test_a_relative_clause_has_its_antecedent_as_actor(annotated: Annotate) -> None:
    """Who the relative clause is about does what it says."""
    text = "Besøket i Chile, som støtter Peru, varte lenge."
    doc = annotated("nb", text, LOC=["Chile", "Peru"])
    assert roles(doc, "støtter") == {("Actor", "Chile"), ("Recipient", "Peru")}


def test_an_inverted_subject_is_the_actor(annotated: Annotate) -> None:
    """After a leading date the subject follows the verb."""
    doc = annotated("sv", "I april besökte Finland Island.", LOC=["Finland", "Island"])
    assert roles(doc, "besökte") == {
        ("Actor", "Finland"), ("Recipient", "Island"), ("Date", "april"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("language", "text", "trigger", "name", "value"),
    [
        ("en", "They did not attack.", "attack", "polarity", "negative"),
        ("sk", "Minister nerokoval.", "nerokoval", "polarity", "negative"),
        ("nl", "Hij steunt het plan niet.", "steunt", "polarity", "negative"),
        ("en", "They will meet.", "meet", "tense", "future"),
        ("en", "They will meet.", "meet", "modality", "other"),
        ("sk", "Zajtra budú rokovať.", "rokovať", "tense", "future"),
        ("sv", "De träffades.", "träffades", "tense", "past"),
        ("nb", "De støtter planen.", "støtter", "tense", "present"),
        ("en", "Wolves often attack.", "attack", "genericity", "generic"),
        ("en", "Wolves attacked.", "attacked", "genericity", "specific"),
        ("en", "He demanded an attack.", "attack", "modality", "other"),
        ("en", "He allegedly attacked.", "attacked", "modality", "other"),
    ],
)
def test_attributes(
    annotated: Annotate, language: str, text: str, trigger: str, name: str, value: str
) -> None:
    """Negation, auxiliaries, modals and habit words of the clause set the attributes."""
    doc = annotated(language, text)
    (mention,) = [m for m in doc._.events if doc[m.start : m.end].text == trigger]
    assert mention.attributes[name] == value


def test_a_broken_lexicon_is_named() -> None:
    """TOML that cannot be read is an OntologyError naming the language."""
    with pytest.raises(OntologyError, match="lexicon xx: not valid TOML"):
        parse_lexicon("[triggers", "xx")


def measure(language: str, annotated_at: Annotate) -> Counter[str]:
    """Counts over the development sentences of a language, given their entities."""
    counts: Counter[str] = Counter()
    for line in (DATA / f"{language}.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        names = [(e["start"], e["end"], e["label"]) for e in row["entities"]]
        found = doc_to_annotations(
            annotated_at(language, row["text"], names), uid=row["id"], annotator="rules-0"
        )
        compare(row, found.model_dump(), counts)
    return counts


def compare(gold: dict[str, Any], found: dict[str, Any], counts: Counter[str]) -> None:
    """Add the matches of one document, exact in every layer."""
    for layer, parts in (("span", items(gold, "span")), ("type", items(gold, "type"))):
        other = items(found, layer)
        counts[f"{layer} tp"] += len(parts & other)
        counts[f"{layer} fp"] += len(other - parts)
        counts[f"{layer} fn"] += len(parts - other)
    ours, theirs = items(gold, "argument"), items(found, "argument")
    counts["argument tp"] += len(ours & theirs)
    counts["argument fp"] += len(theirs - ours)
    counts["argument fn"] += len(ours - theirs)
    for name in ("tense", "modality", "polarity"):
        counts[f"{name} right"] += len(items(gold, name) & items(found, name))


def items(record: dict[str, Any], layer: str) -> set[tuple[Any, ...]]:
    """What identifies the items of a layer."""
    spans = {e["id"]: (e["start"], e["end"]) for e in record["entities"]}
    triggers = [(e, (e["trigger"]["start"], e["trigger"]["end"])) for e in record["events"]]
    if layer == "span":
        return {at for _, at in triggers}
    if layer == "type":
        return {(*at, e["type"]) for e, at in triggers}
    if layer != "argument":
        return {(*at, e["type"], e[layer]) for e, at in triggers}
    return {(*at, a["role"], *spans[a["target"]]) for e, at in triggers for a in e["arguments"]}


def f1(counts: Counter[str], layer: str) -> float:
    """2tp / (2tp + fp + fn)."""
    tp = counts[f"{layer} tp"]
    return 2 * tp / (2 * tp + counts[f"{layer} fp"] + counts[f"{layer} fn"])


# A little under what was measured with the entities given. Arguments are harder in some of the
# sentences of some languages, so each language has its own.
FLOORS = {"sk": 0.88, "sv": 0.89, "en": 0.86, "nb": 0.87, "nl": 0.89}


# Tense, modality and polarity of the triggers found with their type; .02 under what was measured.
DESCRIBED = {
    "sk": (0.96, 0.97, 0.98),
    "sv": (0.93, 0.94, 0.98),
    "en": (0.95, 0.96, 0.98),
    "nb": (0.93, 0.97, 0.98),
    "nl": (0.88, 0.91, 0.98),
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_development_sentences_stay_above_their_floors(
    language: str, annotated_at: Annotate
) -> None:
    """F1 on sentences that the rules were tuned on stays close to what was measured.

    Measured: spans and types .97 to 1.00, arguments .90 to .93. They say that nothing broke, not
    how well the rules do on unseen news.
    """
    counts = measure(language, annotated_at)
    scores = {layer: round(f1(counts, layer), 3) for layer in ("span", "type", "argument")}
    print(language, scores)
    assert scores["span"] >= 0.96
    assert scores["type"] >= 0.96
    assert scores["argument"] >= FLOORS[language]
    for name, floor in zip(("tense", "modality", "polarity"), DESCRIBED[language], strict=True):
        assert counts[f"{name} right"] / counts["type tp"] >= floor, name
