"""The spaCy component that fills the roles of event mentions from the entities around them.

Rules over word order, prepositions, genitives and voice; the prepositions of each role are in the
lexicon's `[grammar]`. A phrase of coordinated names fills a role as a whole.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

from spacy.tokens import Doc

from curation.preannotate.clauses import Group, Sentence, analyse
from curation.preannotate.extensions import Filler, Mention, add_factory, store_mentions
from curation.preannotate.lexicon import Lexicon, load_lexicon

__all__ = ["fill_roles", "sentences_of"]

COMPONENT = "curation_arguments"
CLOSE, LIKELY, GUESS = 0.75, 0.6, 0.45
FAR = 3
"""Over how many clause borders a subject is looked for."""
_SUFFERED = frozenset({"ASSAULT", "COERCE", "ACCUSE", "SANCTION"})
_GIVEN = frozenset({"AID", "SUPPORT"})
_WORD_ORDER_FREE = frozenset({"sk", "sv", "nb", "nl"})

_ISO_DATE = re.compile(r"^\d{4}-\d\d")

Roles = dict[str, list[tuple[Group, float]]]


def make_arguments(language: str) -> Callable[[Doc], Doc]:
    """The component for `language`."""
    lexicon = load_lexicon(language)
    return lambda doc: store_mentions(doc, fill_roles(doc, lexicon))


add_factory(COMPONENT, make_arguments)


def sentences_of(doc: Doc, lexicon: Lexicon) -> Iterator[Sentence]:
    """The sentences that have event mentions, analysed."""
    mentions, entities = deque(doc._.events), deque(doc.ents)
    for sentence in doc.sents if mentions else ():
        found = _taken(mentions, sentence.end)
        names = _taken(entities, sentence.end)
        if found:
            yield analyse(sentence, found, names, lexicon)


def _taken(waiting: deque[Any], end: int) -> list[Any]:
    """What starts before `end`, taken off the front."""
    taken = []
    while waiting and waiting[0].start < end:
        taken.append(waiting.popleft())
    return taken


def fill_roles(doc: Doc, lexicon: Lexicon) -> Iterator[Mention]:
    """The document's mentions with their arguments."""
    for sentence in sentences_of(doc, lexicon):
        for mention in sentence.mentions:
            passive = _is_passive(mention, sentence, lexicon)
            roles = _roles(replace(mention, passive=passive), sentence, lexicon)
            yield replace(mention, passive=passive, fillers=tuple(_fillers(roles)))


def _fillers(roles: Roles) -> Iterator[Filler]:
    for role, found in roles.items():
        for group, score in found:
            for entity in group.members:
                if role != "Location" or entity.label_ == "LOC":
                    yield Filler(role, int(entity.start), int(entity.end), score)


def _is_passive(mention: Mention, sentence: Sentence, lexicon: Lexicon) -> bool:
    if mention.form == "noun":
        return False
    if mention.tag.endswith("-pass"):
        return not mention.lemma.endswith("s")
    if mention.tag not in {"part", "past"}:
        return False
    near = [t for t in sentence.clause_tokens(mention.start) if abs(t.i - mention.start) <= 8]
    auxiliaries = lexicon.group("passive_auxiliaries")
    before = any(t.lower_ in auxiliaries for t in near if t.i < mention.start)
    if lexicon.language == "nl":
        return mention.tag == "part" and any(t.lower_ in auxiliaries for t in near)
    following = sentence.tokens[mention.end - sentence.start :][:1]
    agent = any(t.lower_ in lexicon.group("agent_prepositions") for t in following)
    return before or agent


def _roles(mention: Mention, sentence: Sentence, lexicon: Lexicon) -> Roles:
    groups = [g for g in sentence.groups if not _overlaps(g, mention)]
    people = [g for g in groups if not g.is_date]
    roles: Roles = {"Actor": [], "Recipient": []}
    if mention.form == "noun":
        _noun_roles(mention, people, sentence, lexicon, roles)
    elif mention.form == "participle":
        _participle_roles(mention, people, roles)
    else:
        _verb_roles(mention, people, sentence, lexicon, roles)
    taken = {g.start for found in roles.values() for g, _ in found}
    free = [g for g in people if g.start not in taken]
    roles["Location"] = _location(mention, free, sentence, lexicon)
    roles["Date"] = _date(mention, [g for g in groups if g.is_date], sentence)
    return roles


def _overlaps(group: Group, mention: Mention) -> bool:
    return group.start < mention.end and mention.start < group.end


def _verb_roles(
    mention: Mention, groups: list[Group], sentence: Sentence, lexicon: Lexicon, roles: Roles
) -> None:
    left = [g for g in groups if g.end <= mention.start]
    right = [
        g for g in groups if g.start >= mention.end and sentence.breaks(g.start, mention.start) <= 1
    ]
    agents = [g for g in right if g.preposition in lexicon.group("agent_prepositions")]
    subject, by_inversion = _subject(mention, left, right, sentence, lexicon)
    if mention.passive:
        roles["Recipient"] += _scored(subject, LIKELY)
        roles["Actor"] += _scored(agents[:1], CLOSE)
        return
    if lexicon.language == "nl" and not right and _is_infinitive(mention, sentence, lexicon):
        _dutch_infinitive(mention, left, roles)
        return
    roles["Actor"] += _scored(subject, LIKELY if by_inversion else CLOSE)
    objects = [g for g in right if g not in subject and _may_receive(g, mention, sentence, lexicon)]
    same = [g for g in objects if sentence.breaks(g.start, mention.start) == 0]
    roles["Recipient"] += _scored(same[:1], CLOSE)
    if not same:
        addressed = [
            g
            for g in left
            if g.preposition in lexicon.group("recipient_prepositions")
            and g.preposition not in lexicon.group("location_prepositions")
            and sentence.breaks(g.start, mention.start) == 0
        ]
        roles["Recipient"] += _scored(addressed[-1:], LIKELY)


def _is_infinitive(mention: Mention, sentence: Sentence, lexicon: Lexicon) -> bool:
    """Not a plural present, which looks the same: "te" or an auxiliary leads it."""
    leads = lexicon.group("infinitive_leads")
    before = [t for t in sentence.clause_tokens(mention.start) if t.i < mention.end]
    return mention.tag == "inf" and any(t.lower_ in leads for t in before)


def _dutch_infinitive(mention: Mention, left: list[Group], roles: Roles) -> None:
    """The object stands before it: "dreigden Goma aan te vallen"."""
    bare = [g for g in left if not g.preposition]
    near = [g for g in bare if mention.start - g.end <= 2][-1:]
    roles["Recipient"] += _scored(near, LIKELY)
    roles["Actor"] += _scored([g for g in bare if g not in near][-1:], GUESS)


def _subject(
    mention: Mention, left: list[Group], right: list[Group], sentence: Sentence, lexicon: Lexicon
) -> tuple[list[Group], bool]:
    """The bare phrase before the verb; else, where word order allows it, the one right after."""
    bare = [g for g in left if not g.preposition]
    if mention.tag == "inf" and _is_demanded(mention, sentence):
        return bare[-1:], False
    subjects = [g for g in bare if not _is_object(g, sentence)]
    near = [g for g in subjects if sentence.breaks(g.start, mention.start) == 0]
    if near:
        return near[-1:], False
    if _is_relative(mention, sentence, lexicon):
        return _antecedent(mention, left, sentence), False
    inverted = [g for g in right if not g.preposition and g.start - mention.end <= 3]
    if inverted and _may_invert(mention, inverted[0], sentence, lexicon):
        return inverted[:1], True
    return [g for g in subjects[:1] if sentence.breaks(g.start, mention.start) <= FAR], True


def _is_demanded(mention: Mention, sentence: Sentence) -> bool:
    """Of whom something is demanded is who should do it: "called on Ethiopia to withdraw"."""
    return any(m.type == "REQUEST" and m.end <= mention.start for m in sentence.mentions)


def _is_relative(mention: Mention, sentence: Sentence, lexicon: Lexicon) -> bool:
    words = [t for t in sentence.clause_tokens(mention.start) if t.is_alpha]
    return bool(words) and words[0].lower_ in lexicon.group("relatives")


def _antecedent(mention: Mention, left: list[Group], sentence: Sentence) -> list[Group]:
    """The phrase right before a relative clause, whatever governs that one."""
    first = next(t for t in sentence.clause_tokens(mention.start) if t.is_alpha)
    return [g for g in left if 0 <= first.i - g.end <= 2][-1:]


def _is_object(group: Group, sentence: Sentence) -> bool:
    """A verb stands before it in its clause: the subject of a second verb is farther left."""
    return any(
        m.form == "verb" and m.end <= group.start and sentence.breaks(m.start, group.start) == 0
        for m in sentence.mentions
    )


def _may_invert(mention: Mention, group: Group, sentence: Sentence, lexicon: Lexicon) -> bool:
    """The verb comes first, or after a phrase that is no subject: "In May visited Chile…"."""
    if lexicon.language not in _WORD_ORDER_FREE or mention.tag not in {"past", "pres"}:
        return False
    before = [
        t for t in sentence.clause_tokens(mention.start) if t.i < mention.start and t.is_alpha
    ]
    if sentence.between(mention, group) or not before:
        return not before
    leads = ("prepositions", "adverbs", "conjunctions")
    first = before[0]
    if first.lower_ in lexicon.group("subordinators"):
        return False
    return first.ent_type_ == "DATE" or any(first.lower_ in lexicon.group(g) for g in leads)


def _may_receive(group: Group, mention: Mention, sentence: Sentence, lexicon: Lexicon) -> bool:
    """A bare object or an addressee; past another trigger only "sign an agreement with"."""
    if _is_destination(group, mention, lexicon):
        return False
    addressed = group.preposition in lexicon.group("recipient_prepositions")
    between = sentence.between(mention, group)
    if between:
        return addressed and all(m.type == mention.type and m.form == "noun" for m in between)
    return addressed or not group.preposition


def _is_destination(group: Group, mention: Mention, lexicon: Lexicon) -> bool:
    """Where somebody travels, or troops are sent, is a Location."""
    places = all(e.label_ == "LOC" for e in group.members)
    moves = mention.type in {"CONSULT", "MOBILIZE"}
    return moves and places and group.preposition in lexicon.group("destination_prepositions")


def _participle_roles(mention: Mention, groups: list[Group], roles: Roles) -> None:
    """Slovak "podporovaný Ruskom": who follows the participle in the instrumental did it."""
    after = [g for g in groups if 0 <= g.start - mention.end <= 2 and not g.preposition]
    roles["Actor"] += _scored(after[:1], LIKELY)
    before = [g for g in groups if 0 <= mention.start - g.end <= 2 and not g.preposition]
    roles["Recipient"] += _scored(before[-1:], GUESS)


def _noun_roles(
    mention: Mention, groups: list[Group], sentence: Sentence, lexicon: Lexicon, roles: Roles
) -> None:
    owners = [g for g in groups if g.owner and 0 <= mention.start - g.end <= 4]
    roles["Actor"] += _scored(owners[-1:], CLOSE)
    for group in groups:
        if group.start >= mention.end and sentence.breaks(group.start, mention.start) == 0:
            _after_noun(mention, group, lexicon, roles)
    if not roles["Actor"]:
        _subject_of_noun(mention, groups, sentence, roles)


def _subject_of_noun(
    mention: Mention, groups: list[Group], sentence: Sentence, roles: Roles
) -> None:
    """The subject of a light verb: "Peru launched an attack"; with two, "gave Chile aid"."""
    bare = [
        g
        for g in groups
        if not g.preposition
        and g.end <= mention.start
        and sentence.breaks(g.start, mention.start) == 0
        and all(m.type == mention.type for m in sentence.between(mention, g))
    ]
    receives = mention.type in _GIVEN and len(bare) > 1 and not roles["Recipient"]
    roles["Actor"] += _scored(bare[-2:-1] if receives else bare[-1:], GUESS)
    roles["Recipient"] += _scored(bare[-1:] if receives else [], GUESS)


def _after_noun(mention: Mention, group: Group, lexicon: Lexicon, roles: Roles) -> None:
    """Fill the role of the first phrase after a noun, unless one before it has that role."""
    distance = group.start - mention.end
    role = _role_after_noun(mention, group.preposition, distance, lexicon)
    if role and distance <= 5 and not roles[role]:
        roles[role] += _scored([group], CLOSE)


def _role_after_noun(
    mention: Mention, preposition: str, distance: int, lexicon: Lexicon
) -> str | None:
    """What a preposition says: "talks between", "attack on"; a bare Slovak genitive is "of"."""
    genitive = not preposition and lexicon.language == "sk" and distance <= 2
    if preposition in lexicon.group("of_prepositions") or genitive:
        return "Recipient" if _is_suffered(mention, lexicon.language) else "Actor"
    if preposition in lexicon.group("actor_prepositions"):
        return "Actor"
    return "Recipient" if preposition in lexicon.group("recipient_prepositions") else None


def _is_suffered(mention: Mention, language: str) -> bool:
    """Whether "of" names who it is done to: "arrest of", unlike "support of" or "aanval van"."""
    if language == "nl":
        return mention.type == "COERCE"
    deverbal = language != "sk" or mention.lemma.endswith(
        ("nie", "tie", "vražda", "únos", "poprava")
    )
    return mention.type in _SUFFERED and deverbal


def _scored(groups: Iterable[Group], score: float) -> list[tuple[Group, float]]:
    return [(g, score) for g in groups]


def _location(
    mention: Mention, groups: list[Group], sentence: Sentence, lexicon: Lexicon
) -> list[tuple[Group, float]]:
    prepositions = lexicon.group("location_prepositions")
    places = [
        g
        for g in groups
        if (g.preposition in prepositions or _is_destination(g, mention, lexicon))
        and any(e.label_ == "LOC" for e in g.members)
        and not any(m.form == "noun" and g.start - m.end <= 2 for m in sentence.between(mention, g))
        and sentence.breaks(g.start, mention.start) == 0
    ]
    nearest = sorted(places, key=lambda g: _distance(g, mention))
    return _scored(nearest[:1], LIKELY)


def _date(mention: Mention, dates: list[Group], sentence: Sentence) -> list[tuple[Group, float]]:
    reachable = [g for g in dates if _dates_mention(g, mention, sentence)]
    if reachable:
        nearest = min(reachable, key=lambda g: _date_rank(g, mention, sentence))
        return _scored([nearest], LIKELY)
    return []


def _dates_mention(group: Group, mention: Mention, sentence: Sentence) -> bool:
    """In the same clause, or in the next one if that has no event of its own; not a dateline."""
    if group.start <= 2 and _ISO_DATE.match(group.members[0].text):
        return False
    breaks = sentence.breaks(group.start, mention.start)
    clause = sentence.clause(group.start)
    alone = all(sentence.clause(m.start) != clause for m in sentence.mentions)
    return breaks == 0 or (breaks == 1 and alone)


def _date_rank(group: Group, mention: Mention, sentence: Sentence) -> tuple[int, int]:
    return sentence.breaks(group.start, mention.start), _distance(group, mention)


def _distance(group: Group, mention: Mention) -> int:
    return max(group.start - mention.end, mention.start - group.end, 0)
