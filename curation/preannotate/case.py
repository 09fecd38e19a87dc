"""Case and agreement of Slovak names, guessed from endings and dictionary forms."""

from __future__ import annotations

from curation.preannotate.clauses import Group
from curation.preannotate.morphology import lemma
from curation.preannotate.words import Name

__all__ = ["agrees", "is_adjective", "is_dative", "is_instrumental", "is_oblique"]

_ADJECTIVAL = ("ého", "ému", "ých", "ým", "ými", "ej", "ovou", "ovej", "ovú", "skou", "kou")
_NOMINAL = ("ovi", "om", "ou", "iou", "ami", "ách", "iach", "mi")
_INDECLINABLE = frozenset(
    {"peru", "čile", "chile", "mali", "fidži", "haiti", "vanuatu", "nauru", "palau", "kyjev"}
)
_SINGULAR = frozenset({"l", "la", "lo"})
_MASCULINE_A = frozenset({"nikola", "joshua", "luka", "saša", "miša", "ilja", "sergej"})


def is_oblique(group: Group) -> bool:
    """One of its names stands in a case other than the nominative."""
    return any(_is_oblique_name(name) for name in group.members)


def _is_oblique_name(name: Name) -> bool:
    last, first = name.last.text, name.first.text
    if name.label_ == "PER":
        return _is_oblique_person(first, last, len(name))
    return _is_inflected(first) if len(name) > 1 and first[:1].islower() else _is_inflected(last)


def is_dative(group: Group) -> bool:
    """It ends as a dative does: "Ukrajine", "Kyjevu"."""
    last = group.members[-1].last.text
    return last.endswith(("u", "e", "i", "ovi", "ej", "ému")) and _is_inflected(last)


def is_instrumental(group: Group) -> bool:
    """It ends as an instrumental does: "Varšavou"."""
    last: str = group.members[-1].last.text
    return last.endswith(("ou", "om", "ami"))


def is_adjective(word: str) -> bool:
    """It ends as an adjective does, in any case."""
    return word.endswith(("ý", "á", "é", "í", "ú", "ého", "ej", "ou", "ým", "ych", "ých", "ími"))


def _is_oblique_person(first: str, last: str, length: int) -> bool:
    if last.endswith((*_ADJECTIVAL, *_NOMINAL)):
        return True
    genitive = last.endswith("a") and length > 1 and first.endswith(("a", "ja"))
    return genitive and first.lower() not in _MASCULINE_A


def _is_inflected(word: str) -> bool:
    if word.isupper() or not word[0].isupper():
        return False
    if word.lower() in _INDECLINABLE:
        return False
    if word.endswith((*_ADJECTIVAL, *_NOMINAL, "u")):
        return True
    ending = word.endswith(("a", "u", "e", "i", "y", "í", "ú", "ie"))
    return ending and lemma(word, "sk") != word.lower()


def agrees(group: Group, verb: str) -> bool:
    """Number and gender fit a past form, as far as both can be told; other forms always fit."""
    ending = verb[-2:] if verb.endswith(("la", "lo", "li")) else verb[-1:]
    if ending not in {"l", "la", "lo", "li"}:
        return True
    fitting = _endings(group)
    return not fitting or ending in fitting


def _endings(group: Group) -> frozenset[str]:
    """The endings of a past verb that fit; none where one cannot tell."""
    name = group.members[0]
    last = name.last.text
    if len(group.members) > 1:
        return _SINGULAR | {"li"}
    if name.label_ != "PER" and last.endswith("i"):
        return frozenset({"li"})
    if name.label_ == "PER":
        return frozenset({"la"}) if last.endswith(("ová", "á")) else frozenset({"l", "la"})
    if last.isupper() or last.lower() in _INDECLINABLE:
        return frozenset()
    if last.endswith(("a", "o")):
        return frozenset({"l" + last[-1]}) if name.label_ == "LOC" else frozenset()
    return frozenset({"li"}) if last.endswith("y") else frozenset({"l", "la", "li"})
