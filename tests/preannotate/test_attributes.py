"""Tense, modality and polarity: what governs an event, one rule a case."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from spacy.tokens import Doc

Annotate = Callable[..., Doc]

OPEN = ("future", "other")
FACT = ("past", "asserted")
ONGOING = ("present", "asserted")


def described(doc: Doc, trigger: str) -> dict[str, str]:
    """The attributes of the only mention with that surface."""
    (mention,) = [m for m in doc._.events if doc[m.start : m.end].text == trigger]
    return dict(mention.attributes)


@pytest.mark.parametrize(
    ("language", "text", "trigger", "expected"),
    [
        ("en", "Rebels agreed on a ceasefire.", "ceasefire", OPEN),
        ("en", "Paris called for talks with the rebels.", "talks", OPEN),
        ("en", "Oslo plans new sanctions.", "sanctions", OPEN),
        ("en", "Paris called for calm after the attack.", "attack", FACT),
        ("en", "The threats will not stop the mission.", "threats", FACT),
        ("en", "The talks will resume.", "talks", OPEN),
        ("en", "Police began to arrest students.", "arrest", FACT),
        ("en", "The army is said to have shelled the port.", "shelled", ("past", "other")),
        ("en", "If Kenya attacks the port, ships leave.", "attacks", OPEN),
        ("en", "Trade stops if the talks fail.", "talks", ("present", "asserted")),
        ("sv", "Presidenten lovade i sitt tal att frige fångarna.", "frige", OPEN),
        ("sv", "Trupperna började beskjuta staden.", "beskjuta", FACT),
        ("sv", "Ministern kom inför toppmötet.", "toppmötet", OPEN),
        ("sv", "Armén ska ha beskjutit byn.", "beskjutit", ("past", "other")),
        ("sv", "Facket kräver att bolaget friger arkivet.", "friger", OPEN),
        ("nb", "Partene ble enige om å utveksle fanger.", "utveksle", OPEN),
        ("nb", "Landene undertegnet en avtale om våpenhvile.", "våpenhvile", OPEN),
        ("nb", "Hæren skal ha angrepet havnen.", "angrepet", ("past", "other")),
        ("nb", "Amnesty krever at myndighetene løslater lederen.", "løslater", OPEN),
        ("nl", "De partijen besloten de gevangenen vrij te laten.", "vrij te laten", OPEN),
        ("nl", "Betogers die het vertrek van de regering eisen.", "vertrek", OPEN),
        ("nl", "Het leger zou het dorp hebben gebombardeerd.", "gebombardeerd", ("past", "other")),
        ("sk", "Vláda prisľúbila Kyjevu vojenskú pomoc.", "pomoc", OPEN),
        ("sk", "Žiada, aby spojenci dodali tanky a vyslali vojakov.", "vyslali", OPEN),
        ("en", "Oslo called for an inquiry into the killing.", "killing", FACT),
        ("en", "Oslo will wait until Sweden extradites the men.", "extradites", OPEN),
        ("sk", "Po útoku vyzval prezident na pokoj.", "útoku", FACT),
    ],
)
def test_what_governs_an_event_makes_it_open_or_a_fact(
    annotated: Annotate, language: str, text: str, trigger: str, expected: tuple[str, str]
) -> None:
    """Governing verbs, nouns and prepositions tell whether an event is still to come."""
    found = described(annotated(language, text), trigger)
    assert (found["tense"], found["modality"]) == expected


@pytest.mark.parametrize(
    ("language", "text", "trigger", "expected"),
    [
        ("en", "Kenya was not invited to the summit.", "summit", "positive"),
        ("en", "They did not sign the agreement.", "agreement", "negative"),
        ("en", "The round collapsed without a deal.", "deal", "negative"),
        ("en", "The summit was cancelled.", "summit", "negative"),
        ("en", "The talks did not take place.", "talks", "negative"),
        ("nl", "Het bezoek is niet doorgegaan.", "bezoek", "negative"),
        ("nl", "De troepen hebben zich zonder vertraging teruggetrokken.", "teruggetrokken",
         "positive"),
        ("sv", "De gick utan att underteckna avtalet.", "underteckna", "negative"),
        ("nb", "De ble ikke arrestert.", "arrestert", "negative"),
        ("sk", "Strany nedosiahli dohodu.", "dohodu", "negative"),
        ("sk", "Nedokázala poraziť milície podporované Tureckom.", "podporované", "positive"),
    ],
)  # fmt: skip
def test_a_negation_reaches_what_it_denies(
    annotated: Annotate, language: str, text: str, trigger: str, expected: str
) -> None:
    """A negator denies its verb or noun, not every event of the clause."""
    assert described(annotated(language, text), trigger)["polarity"] == expected


@pytest.mark.parametrize(
    ("language", "text", "trigger", "date", "expected"),
    [
        ("en", "Kenya bans logging\n\nThe ban took effect.", "bans", "", FACT),
        ("en", "The strike drags on.", "strike", "", ONGOING),
        ("en", "He has been on hunger strike since May.", "hunger strike", "May", ONGOING),
        ("en", "The army has been fighting rebels.", "fighting", "", ONGOING),
        ("en", "The ministers meet on Thursday.", "meet", "Thursday", OPEN),
        ("en", "Mediation is to begin soon.", "Mediation", "", OPEN),
        ("en", "They ignored the deal of 2024.", "deal", "2024", FACT),
        ("sk", "Štrajk trvá.", "Štrajk", "", ONGOING),
        ("sk", "Zákaz má platiť do leta.", "Zákaz", "", OPEN),
        ("sk", "Ak nesplnia dohodu z roku 2024, odídu.", "dohodu", "roku 2024", FACT),
        ("sv", "Rådet möts på tisdagen.", "möts", "tisdagen", OPEN),
        ("sv", "Strejken fortsätter.", "Strejken", "", ONGOING),
        ("nb", "Ministrene møtes tirsdag.", "møtes", "tirsdag", OPEN),
        ("nl", "De militairen vertrekken voor 1 juli.", "vertrekken", "1 juli", OPEN),
    ],
)
def test_tense_is_seen_from_publication(
    annotated: Annotate,
    language: str,
    text: str,
    trigger: str,
    date: str,
    expected: tuple[str, str],
) -> None:
    """Headlines tell what was done, states go on, dates beside a present verb are to come."""
    doc = annotated(language, text, DATE=[date]) if date else annotated(language, text)
    found = described(doc, trigger)
    assert (found["tense"], found["modality"]) == expected
