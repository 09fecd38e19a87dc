"""Which entities of a sentence can fill roles: no datelines, abbreviations or parts of a title."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from curation.preannotate.lexicon import Lexicon
from curation.preannotate.words import Name, Word

__all__ = ["MODIFIERS", "is_listed_verb", "is_modifier", "is_owner", "participants"]

MODIFIERS = 3
"""Words that may stand between an owner, or a preposition and a determiner, and a name."""
_DASHES = frozenset({"-", "–", "—"})
_POSSESSIVES = frozenset({"'s", "’s", "'", "’"})
_LINKS = frozenset({"'s", "’s", "-", "."})
_MARKS = frozenset({",", ".", "/", "(", ")"})
_DATELINE = 14
_STOPS = ("prepositions", "subordinators", "conjunctions", "auxiliaries", "pronouns", "negators")


def participants(
    tokens: Sequence[Word], entities: Sequence[Name], triggers: Collection[int], lexicon: Lexicon
) -> list[Name]:
    """The entities without those that only say where the news is from, or belong to another."""
    start = _after_dateline(tokens) if entities else 0
    rest = [e for e in entities if e.start >= start]
    return [e for i, e in enumerate(rest) if not _belongs(i, rest, triggers, lexicon)]


def _after_dateline(tokens: Sequence[Word]) -> int:
    """The token after "LONDON, May 4 (Reuters) -"; 0 where nothing of the kind opens it."""
    for token in tokens[:_DATELINE]:
        if token.text in _DASHES and token.i > tokens[0].i and token.whitespace_:
            return token.i if _is_place_line(tokens, token) else 0
        named = token.ent_type_ or token.text in _MARKS or token.text.isupper()
        if not named and not token.like_num:
            return 0
    return 0


def _is_place_line(tokens: Sequence[Word], dash: Word) -> bool:
    """It begins with a place, in capitals or with an agency in brackets."""
    first = tokens[0]
    bracketed = any(t.text == "(" for t in tokens[: dash.i - first.i])
    return first.ent_type_ in {"LOC", "ORG"} and (first.is_upper or bracketed)


def _belongs(
    index: int, entities: Sequence[Name], triggers: Collection[int], lexicon: Lexicon
) -> bool:
    """An abbreviation in brackets, or who or what the person after it works for."""
    entity = entities[index]
    if index and _is_alias(entities[index - 1], entity):
        return True
    following = entities[index + 1] if index + 1 < len(entities) else None
    return following is not None and _is_affiliation(entity, following, triggers, lexicon)


def _is_alias(left: Name, right: Name) -> bool:
    """As in "Libyan National Army (LNA)"."""
    bracket = right.start - left.end == 1 and right.doc[left.end].text == "("
    return bool(bracket and right.label_ != "DATE" and left.label_ == right.label_)


def _is_affiliation(owner: Name, person: Name, triggers: Collection[int], lexicon: Lexicon) -> bool:
    """As in "Italy's prime minister Conte", "ECOWAS chairman Bio", "šéf NAKA Kováč"."""
    if owner.label_ == "DATE" or person.label_ not in {"PER", "LOC"}:
        return False
    between = owner.doc[owner.end : person.start]
    if len(between) > MODIFIERS + 1 or not all(_is_title(t, triggers, lexicon) for t in between):
        return False
    if is_owner(owner, lexicon):
        return True
    if person.label_ != "PER" or owner.label_ == "PER":
        return False
    return all(t.lower_ in lexicon.group("titles") for t in between) and _is_inside(owner, lexicon)


def _is_inside(owner: Name, lexicon: Lexicon) -> bool:
    """Where nothing else shows it, the word before the name has to be a plain noun."""
    if lexicon.language == "en":
        return True
    if owner.start == 0 or owner.first.is_sent_start:
        return False
    before = owner.doc[owner.start - 1]
    plain = before.is_lower and before.is_alpha and is_modifier(before, (), lexicon)
    return plain and not is_listed_verb(before, lexicon)


def _is_title(token: Word, triggers: Collection[int], lexicon: Lexicon) -> bool:
    """It may stand between an owner and a name, and is no verb as far as lists tell."""
    return not is_listed_verb(token, lexicon) and is_modifier(token, triggers, lexicon)


def is_listed_verb(token: Word, lexicon: Lexicon) -> bool:
    """It is in a list of verbs that say no event."""
    return token.lower_ in lexicon.groups("past_forms", "reporting", "auxiliaries")


def is_modifier(token: Word, triggers: Collection[int], lexicon: Lexicon) -> bool:
    """A title or adjective that may stand between a preposition and a name."""
    if token.i in triggers:
        return False
    if token.lower_ in lexicon.group("determiners"):
        return True
    word = token.is_alpha or token.like_num or token.text in _LINKS
    return word and token.lower_ not in lexicon.groups(*_STOPS)


def is_owner(entity: Name, lexicon: Lexicon) -> bool:
    """It is in the genitive, as in "Haftar's"."""
    following = entity.doc[entity.end : entity.end + 1]
    if len(following) and following[0].lower_ in _POSSESSIVES:
        return lexicon.language in {"en", "nl"}
    if entity.label_ == "DATE" or entity.text.lower() in lexicon.group("names_in_s"):
        return False
    return lexicon.language in {"sv", "nb", "nl"} and entity.text.endswith("s") and len(entity) < 4
