"""Lemmas and regular verb forms, without a tagger.

`lemma(word, language)` looks a word up in simplemma's dictionaries (cached per word).
`verb_forms(lemma, language)` gives the regular forms of a verb with their tag, so that what the
dictionaries miss is found too; a form that no speaker uses does no harm in a look-up table.
Tags: inf, pres, past, part (participle or supine), ing; with "-pass" for the passive in -s.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import simplemma

__all__ = [
    "PAST_TAGS",
    "lemma",
    "may_be_infinitive",
    "noun_forms",
    "slovak_derivations",
    "verb_forms",
    "verb_tag",
]

PAST_TAGS = frozenset({"past", "part", "past-pass", "part-pass"})
"""Tags of forms that tell what was."""

_LEMMATISED = frozenset({"sk", "sv", "en", "nb", "nl"})
_SWEDISH = {
    "pres": "ar er r",
    "pres-pass": "as es s",
    "past": "ade de te",
    "past-pass": "ades des tes",
    "part": "at it t ad d da",
    "part-pass": "ats its ts",
}
_NORWEGIAN = {
    "pres": "er",
    "pres-pass": "es",
    "past": "et te de a",
    "past-pass": "ets tes des",
    "part": "t d ede",
}
_ENGLISH_VOWELS = "aeiou"


@lru_cache(maxsize=50_000)
def lemma(word: str, language: str) -> str:
    """The dictionary form in lower case; the word itself where the language has no dictionary."""
    if language not in _LEMMATISED or (not word.isalpha() and "-" not in word):
        return word.lower()
    found: str = simplemma.lemmatize(word, lang=language)
    return found.replace("_", "").lower()


def verb_forms(verb: str, language: str) -> Iterator[tuple[str, str]]:
    """Pairs (form, tag) of the regular forms of `verb`, its infinitive first."""
    yield verb, "inf"
    if language == "en":
        yield from _english(verb)
    elif language == "sv" and verb.endswith("a"):
        yield from _suffixed(verb[:-1], _SWEDISH)
    elif language == "nb" and verb.endswith("e"):
        yield from _suffixed(verb[:-1], _NORWEGIAN)


def _suffixed(stem: str, table: dict[str, str]) -> Iterator[tuple[str, str]]:
    for tag, suffixes in table.items():
        yield from ((stem + suffix, tag) for suffix in suffixes.split())


def _english(verb: str) -> Iterator[tuple[str, str]]:
    stem, third = verb, verb + "s"
    if verb.endswith("e"):
        stem = verb[:-1]
    elif verb.endswith("y") and verb[-2] not in _ENGLISH_VOWELS:
        yield verb[:-1] + "ied", "past"
        yield verb + "ing", "ing"
        yield verb[:-1] + "ies", "pres"
        return
    elif verb.endswith(("s", "sh", "ch", "x", "z")):
        third = verb + "es"
    yield third, "pres"
    yield stem + "ed", "past"
    yield stem + "ing", "ing"


def slovak_derivations(verb: str) -> Iterator[tuple[str, str]]:
    """Pairs (dictionary form, form of use) of the passive participle of a Slovak verb."""
    for ending, participle in (("núť", "nutý"), ("ať", "aný"), ("iť", "ený"), ("ieť", "ený")):
        if verb.endswith(ending):
            yield verb.removesuffix(ending) + participle, "participle"
            return


_SUFFIX_TAGS: dict[str, tuple[tuple[str, str], ...]] = {
    "en": (("ing", "ing"), ("ed", "past"), ("s", "pres")),
    "sk": (
        ("l", "past"), ("la", "past"), ("lo", "past"), ("li", "past"), ("ť", "inf"),
        ("ný", "part"), ("tý", "part"),
    ),
    "sv": (
        ("ades", "past-pass"), ("des", "past-pass"), ("tes", "past-pass"), ("ts", "part-pass"),
        ("as", "pres-pass"), ("ade", "past"), ("de", "past"), ("te", "past"), ("ar", "pres"),
        ("er", "pres"), ("at", "part"), ("it", "part"), ("a", "inf"),
        ("t", "part"),
    ),
    "nb": (
        ("es", "pres-pass"), ("er", "pres"), ("et", "past"), ("te", "past"), ("de", "past"),
        ("e", "inf"), ("tt", "part"),
    ),
    "nl": (
        ("den", "past"), ("de", "past"), ("ten", "past"), ("te", "past"), ("en", "inf"),
        ("t", "pres"),
    ),
}  # fmt: skip


_SLOVAK_PARTICIPLES = tuple(
    stem + ending
    for stem in ("an", "en", "ut", "it", "at")
    for ending in ("ý", "á", "é", "ú", "ého", "ému", "ej", "ým", "ých", "ými", "ou")
)
_ADJECTIVES = {"sv": ("ande", "ende"), "nb": ("ende",), "nl": ("end", "ende")}


def verb_tag(form: str, language: str) -> str:
    """The likeliest tag of a verb form by its ending; "pres" where no ending tells.

    "adjective" is a present participle, which in Swedish, Norwegian and Dutch tells no event.
    """
    if language == "sk" and form.endswith(_SLOVAK_PARTICIPLES):
        return "part"
    if form.endswith(_ADJECTIVES.get(language, ("\0",))):
        return "adjective"
    if language == "nl" and form.startswith("ge") and form.endswith(("d", "t", "en")):
        return "part"
    if language in {"sv", "nb"} and form.endswith("s") and not form.endswith(("des", "tes", "ts")):
        return "pres-pass"
    for suffix, tag in _SUFFIX_TAGS.get(language, ()):
        if form.endswith(suffix):
            return tag
    return "pres"


_NO_INFINITIVE = {"sv": ("r", "s"), "nb": ("er", "s"), "en": ("ing",)}


def may_be_infinitive(form: str, language: str) -> bool:
    """Whether the ending allows it; dictionaries give unknown words back as their own lemma."""
    if language == "sk":
        return form.endswith("ť")
    return not form.endswith(_NO_INFINITIVE.get(language, ("\0",)))


_SLOVAK_NOUNS = (
    ("ie", 2, "ia iu í ím iach iami iam"),
    ("ia", 1, "e u ou í ám ách ami am"),
    ("a", 1, "y e i u ou ám ách ami am"),
    ("o", 1, "a u e om ám ách ami"),
    ("osť", 3, "osti osťou ostí ostiam ostiach osťami"),
    ("", 0, "u om e y ov och mi a i ami ou í"),
)
_SHORTEST_NOUN = 5


def noun_forms(noun: str, language: str) -> Iterator[str]:
    """The regular forms of a Slovak noun, which dictionaries may lack; of short nouns none.

    In Swedish and Norwegian such forms were more often those of other words.
    """
    if language != "sk" or len(noun) < _SHORTEST_NOUN:
        return
    _, cut, endings = next(row for row in _SLOVAK_NOUNS if noun.endswith(row[0]))
    yield from (noun[: len(noun) - cut] + ending for ending in endings.split())
