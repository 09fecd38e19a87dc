"""Roles from a dependency parse: Docs made by hand, labelled as parsers of the two schemes do."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from spacy.language import Language
from spacy.tokens import Doc, Span

Rules = Callable[..., Language]
Case = tuple[str, str, dict[str, str], str, set[str]]


def parsed(nlp: Language, rows: str, names: dict[str, str]) -> Doc:
    """A Doc from "word/head/label" items, heads by position."""
    words, heads, labels = [], [], []
    for row in rows.split():
        word, head, label = row.split("/")
        words.append(word)
        heads.append(int(head))
        labels.append(label)
    doc = Doc(nlp.vocab, words=words, heads=heads, deps=labels)
    spans = []
    for name, label in names.items():
        parts = name.split()
        start = next(i for i in range(len(words)) if words[i : i + len(parts)] == parts)
        spans.append(Span(doc, start, start + len(parts), label=label))
    doc.ents = spans
    for component in ("curation_dates", "curation_triggers", "curation_arguments"):
        doc = nlp.get_pipe(component)(doc)
    return doc


def roles(doc: Doc, trigger: str) -> set[str]:
    """The arguments of a trigger, as in "Actor Kenya"."""
    (mention,) = [m for m in doc._.events if doc[m.start : m.end].text == trigger]
    return {f"{f.role} {doc[f.start : f.end].text}" for f in mention.fillers}


CASES: dict[str, Case] = {
    "passive, UD": (
        "en",
        "Minister/4/nsubj:pass Orla/0/appos Byrne/1/flat was/4/aux:pass arrested/4/root by/7/case "
        "the/7/det Garda/4/obl:agent in/9/case Cork/4/obl ./4/punct",
        {"Orla Byrne": "PER", "Garda": "ORG", "Cork": "LOC"},
        "arrested",
        {"Recipient Orla Byrne", "Actor Garda", "Location Cork"},
    ),
    "passive, ClearNLP": (
        "en",
        "Byrne/2/nsubjpass was/2/auxpass arrested/2/ROOT by/2/agent Garda/3/pobj on/2/prep "
        "Friday/5/pobj ./2/punct",
        {"Byrne": "PER", "Garda": "ORG"},
        "arrested",
        {"Recipient Byrne", "Actor Garda", "Date Friday"},
    ),
    "coordination over a long insertion": (
        "en",
        "Kenya/16/nsubj ,/4/punct a/4/det close/4/amod ally/0/appos of/6/case Peru/4/nmod "
        ",/10/punct and/10/cc its/10/nmod:poss neighbour/0/conj Uganda/10/appos "
        ",/11/punct after/15/case long/15/amod talks/16/obl accused/16/root Chile/16/obj "
        "./16/punct",
        {"Kenya": "LOC", "Peru": "LOC", "Uganda": "LOC", "Chile": "LOC"},
        "accused",
        {"Actor Kenya", "Actor Uganda", "Recipient Chile"},
    ),
    "relative clause about the object": (
        "en",
        "The/1/det port/7/nsubj of/3/case Odesa/1/nmod that/6/obj Russia/6/nsubj "
        "shelled/1/acl:relcl reopened/7/root ./7/punct",
        {"Odesa": "LOC", "Russia": "LOC"},
        "shelled",
        {"Actor Russia", "Recipient Odesa"},
    ),
    "subject relative, Swedish": (
        "sv",
        "Ministern/7/nsubj i/2/case Chile/0/nmod ,/5/punct som/5/nsubj anklagar/0/acl:relcl "
        "Peru/5/obj avgick/7/root ./7/punct",
        {"Chile": "LOC", "Peru": "LOC"},
        "anklagar",
        {"Recipient Peru"},
    ),
    "control by the object": (
        "en",
        "Peru/1/nsubj urged/1/root Chile/1/obj to/4/mark withdraw/1/xcomp ./1/punct",
        {"Peru": "LOC", "Chile": "LOC"},
        "withdraw",
        {"Actor Chile"},
    ),
    "control by the subject, Norwegian": (
        "nb",
        "Peru/1/nsubj lovet/1/root å/3/mark støtte/1/xcomp Chile/3/obj ./1/punct",
        {"Peru": "LOC", "Chile": "LOC"},
        "støtte",
        {"Actor Peru", "Recipient Chile"},
    ),
    "owner of a compound, Norwegian": (
        "nb",
        "Haftars/1/nmod:poss styrker/2/nsubj angrep/2/root Derna/2/obj mandag/2/obl ./2/punct",
        {"Haftars": "PER", "Derna": "LOC"},
        "angrep",
        {"Actor Haftars", "Recipient Derna", "Date mandag"},
    ),
    "compound owner, ClearNLP": (
        "en",
        "RSF/1/compound units/2/nsubj attacked/2/ROOT El/4/compound Fasher/2/dobj ./2/punct",
        {"RSF": "ORG", "El Fasher": "LOC"},
        "attacked",
        {"Actor RSF", "Recipient El Fasher"},
    ),
    "object before the verb, Dutch": (
        "nl",
        "Volgens/1/case Zambia/5/obl heeft/5/aux Rusland/5/nsubj Odesa/5/obj aangevallen/5/root "
        "./5/punct",
        {"Zambia": "LOC", "Rusland": "LOC", "Odesa": "LOC"},
        "aangevallen",
        {"Actor Rusland", "Recipient Odesa"},
    ),
    "object first, Slovak": (
        "sk",
        "Kyjev/2/obj včera/2/advmod obvinilo/2/root Rusko/2/nsubj ./2/punct",
        {"Kyjev": "LOC", "Rusko": "LOC"},
        "obvinilo",
        {"Actor Rusko", "Recipient Kyjev", "Date včera"},
    ),
    "owners and partners of a noun": (
        "en",
        "Sweden/2/nmod:poss 's/0/case support/5/nsubj for/4/case Georgia/2/nmod surprised/5/root "
        "nobody/5/obj ./5/punct",
        {"Sweden": "LOC", "Georgia": "LOC"},
        "support",
        {"Actor Sweden", "Recipient Georgia"},
    ),
    "subject of a light verb": (
        "en",
        "Chad/1/nsubj launched/1/ROOT an/3/det attack/1/dobj on/3/prep Goma/4/pobj ./1/punct",
        {"Chad": "LOC", "Goma": "LOC"},
        "attack",
        {"Actor Chad", "Recipient Goma"},
    ),
    "a common noun as subject": (
        "en",
        "Kenya/1/nsubj says/1/root rebels/3/nsubj attacked/1/ccomp Goma/3/obj ./1/punct",
        {"Kenya": "LOC", "Goma": "LOC"},
        "attacked",
        {"Recipient Goma"},
    ),
    "a pronoun is left to the positions": (
        "en",
        "Kim/1/nsubj resigned/1/root after/4/mark he/4/nsubj accused/1/advcl Peru/4/obj ./1/punct",
        {"Kim": "PER", "Peru": "LOC"},
        "accused",
        {"Actor Kim", "Recipient Peru"},
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_roles_follow_the_parse(name: str, rules_of: Rules) -> None:
    """What hangs on the trigger fills its roles, whatever the order of the words."""
    language, rows, names, trigger, expected = CASES[name]
    assert roles(parsed(rules_of(language), rows, names), trigger) == expected


def test_a_parse_that_says_nothing_leaves_the_roles_to_the_positions(rules_of: Rules) -> None:
    """Labels that no scheme here has change nothing."""
    rows = "Kenya/1/x condemned/1/ROOT Peru/1/x on/1/x Monday/1/x ./1/x"
    doc = parsed(rules_of("en"), rows, {"Kenya": "LOC", "Peru": "LOC"})
    assert roles(doc, "condemned") == {"Actor Kenya", "Recipient Peru", "Date Monday"}


def test_a_long_chain_of_conjuncts_ends(rules_of: Rules) -> None:
    """A degenerate parse costs no recursion error."""
    rows = "Kenya/1/nsubj condemned/1/ROOT " + " ".join(f"x/{i}/conj" for i in range(1, 1500))
    doc = parsed(rules_of("en"), rows, {"Kenya": "LOC"})
    assert roles(doc, "condemned") == {"Actor Kenya"}
