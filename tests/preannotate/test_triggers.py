"""Which words are triggers and in what form, and how the lexicon's tables are read."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from spacy.tokens import Doc

from curation.preannotate.lexicon import load_lexicon, parse_lexicon
from curation.preannotate.morphology import may_be_infinitive, verb_tag

Annotate = Callable[..., Doc]


@pytest.mark.parametrize(
    ("language", "word", "tag"),
    [
        ("sv", "greps", "past-pass"),
        ("sv", "knivskars", "past-pass"),
        ("sv", "stöds", "pres-pass"),
        ("sk", "zabitých", "part"),
        ("sk", "navrhnutú", "part"),
        ("sk", "koná", "pres"),
        ("sk", "zmení", "pres"),
    ],
)
def test_a_form_has_its_tag(language: str, word: str, tag: str) -> None:
    """Irregular passives and inflected participles are told from present forms."""
    known = [s.tag for s in load_lexicon(language).senses(word) if s.form == "verb"]
    assert (known or [verb_tag(word, language)])[0] == tag


def test_an_unknown_word_with_a_finite_ending_is_no_infinitive() -> None:
    """A dictionary that gives a word back does not make it an infinitive."""
    assert not may_be_infinitive("zrážajú", "sk")
    assert not may_be_infinitive("bryter", "nb")
    assert may_be_infinitive("bryte", "nb")


@pytest.mark.parametrize(
    ("language", "text", "trigger", "form", "tag"),
    [
        ("sk", "Poslanec bol včera obvinený.", "obvinený", "verb", "part"),
        ("sk", "Obvinený poslanec odišiel.", "Obvinený", "participle", "part"),
        ("sk", "Hovorili o prepustení rukojemníkov.", "prepustení", "noun", ""),
        ("nl", "De minister zegde toe dat er geld komt.", "zegde toe", "verb", "past"),
        ("nl", "De schepen zijn in beslag genomen.", "in beslag genomen", "verb", "part"),
        ("nb", "Landsbyen ble angrepet.", "angrepet", "verb", "part"),
    ],
)
def test_a_trigger_is_read_by_its_neighbours(
    annotated: Annotate, language: str, text: str, trigger: str, form: str, tag: str
) -> None:
    """A participle after an auxiliary is a verb, a verbal noun after a preposition a noun."""
    doc = annotated(language, text)
    (mention,) = [m for m in doc._.events if doc[m.start : m.end].text == trigger]
    assert (mention.form, mention.tag) == (form, tag)


def test_a_slovak_noun_is_known_in_all_cases() -> None:
    """Cases that the dictionary does not lead back to the noun are known all the same."""
    assert [s.type for s in load_lexicon("sk").senses("podpore")] == ["SUPPORT"]


def test_a_block_may_hold_for_one_type() -> None:
    """A blocked pattern with a type in front says which reading it blocks."""
    lexicon = parse_lexicon('[blocked]\npatterns = ["lucky strike", "PROTEST: strike by"]', "en")
    assert [p.only for p in lexicon.patterns["lucky"]] == [""]
    assert [p.only for p in lexicon.patterns["strike"]] == ["PROTEST"]
