"""The spaCy component that fills the roles of event mentions from the entities around them.

Rules over word order, prepositions, genitives and voice (verbal, nominal, subjects), and over
what reaches what (placing); the words they read are in the lexicon's `[grammar]`. A phrase of
coordinated names fills a role as a whole.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from spacy.tokens import Doc

from curation.preannotate.clauses import Group, Sentence, analyse
from curation.preannotate.extensions import Filler, Mention, add_factory, update_mentions
from curation.preannotate.lexicon import Lexicon, load_lexicon
from curation.preannotate.morphology import PAST_TAGS
from curation.preannotate.nominal import noun_roles
from curation.preannotate.parse import Tree, parsed_roles, tree_of
from curation.preannotate.placing import dates_of, occasion, places_of, settings_shared
from curation.preannotate.segments import Scene, is_verbal, lay_out, word_class
from curation.preannotate.verbal import Roles, participle_roles, verb_roles
from curation.preannotate.words import Name, Reading, Word, read

__all__ = ["fill_roles", "sentences_of"]

COMPONENT = "curation_arguments"
_ACCUSED_OF = frozenset({"ASSAULT", "COERCE", "MOBILIZE", "THREATEN", "PROTEST"})
CERTAINTY = {"Actor": 0.7, "Recipient": 0.65, "Location": 0.6, "Date": 0.6}
"""How certain a filler is, by role."""


def make_arguments(language: str) -> Callable[[Doc], Doc]:
    """The component for `language`."""
    lexicon = load_lexicon(language)
    return lambda doc: update_mentions(doc, fill_roles(doc, lexicon))


add_factory(COMPONENT, make_arguments)


def sentences_of(doc: Doc, lexicon: Lexicon) -> Iterator[Sentence]:
    """The sentences that have event mentions, analysed."""
    mentions = deque(doc._.events)
    if not mentions:
        return
    reading = read(doc)
    entities = deque(reading.names)
    for span in reading.sentences:
        found = _taken(mentions, span[1])
        names = _taken(entities, span[1])
        if found:
            yield _analysed(reading, span, found, names, lexicon)


def _analysed(
    reading: Reading,
    span: tuple[int, int],
    mentions: list[Mention],
    names: list[Name],
    lexicon: Lexicon,
) -> Sentence:
    """One analysis serves arguments and attributes: it looks at no more than where triggers are."""
    key = (id(lexicon), span, tuple((m.start, m.end, m.form) for m in mentions))
    known, sentence = reading.analysed.get(key, (None, None))
    if known is not lexicon:
        sentence = analyse(reading.words, span, mentions, names, lexicon)
        reading.analysed[key] = lexicon, sentence
    result: Sentence = sentence.with_mentions(tuple(mentions))
    return result


def _taken(waiting: deque[Any], end: int) -> list[Any]:
    """What starts before `end`, taken off the front."""
    taken = []
    while waiting and waiting[0].start < end:
        taken.append(waiting.popleft())
    return taken


def fill_roles(doc: Doc, lexicon: Lexicon) -> Iterator[Mention]:
    """The document's mentions with their arguments."""
    parsed = doc if doc.has_annotation("DEP") else None
    for sentence in sentences_of(doc, lexicon):
        for mention, used, roles in _read(sentence, parsed, lexicon):
            yield mention.filled(tuple(_fillers(roles)), passive=used.passive)


def _read(
    sentence: Sentence, parsed: Doc | None, lexicon: Lexicon
) -> Iterator[tuple[Mention, Mention, Roles]]:
    """Each mention as found, as it is used in the sentence, and what fills its roles."""
    used = tuple(_as_used(m, sentence, lexicon) for m in sentence.mentions)
    if not sentence.groups:
        yield from (
            (found, mention, {}) for found, mention in zip(sentence.mentions, used, strict=True)
        )
        return
    scene = lay_out(sentence.with_mentions(used), lexicon)
    done: dict[int, Roles] = {}
    tree = tree_of(scene, parsed) if parsed and _is_parsed(sentence, parsed) else None
    for mention in used:
        done[mention.start] = _roles(mention, scene, done, tree)
    for mention in used:
        _name_attacker(mention, scene, done)
        _name_accused(mention, scene, done)
    for found, mention in zip(sentence.mentions, used, strict=True):
        yield found, mention, done[mention.start] | _shared(mention, scene, done)


def _is_parsed(sentence: Sentence, doc: Doc) -> bool:
    return any(t.dep for t in doc[sentence.start : sentence.end])


def _name_attacker(mention: Mention, scene: Scene, done: dict[int, Roles]) -> None:
    """Who did it is in the clause of the occasion: "were killed when the M23 attacked"."""
    roles = done[mention.start]
    if not mention.passive or mention.type != "ASSAULT" or roles["Actor"]:
        return
    others = (m for m in occasion(mention, scene) if m.type in {"ASSAULT", "COERCE"})
    actors = (f for m in others if not m.passive and (f := done[m.start]["Actor"]))
    roles["Actor"] = next(actors, [])


def _name_accused(mention: Mention, scene: Scene, done: dict[int, Roles]) -> None:
    """Who is accused did it: "blamed the M23 for an attack"."""
    roles, segment = done[mention.start], scene.segment(mention.start)
    accusing = [v for v in segment.verbs if v.type == "ACCUSE" and v.end <= mention.start]
    if mention.form != "noun" or mention.type not in _ACCUSED_OF or not accusing or roles["Actor"]:
        return
    accused = done[accusing[-1].start]["Recipient"]
    governed = any(
        scene.word_class(p) == "prep" for g in accused[-1:] for p in range(g.end, mention.start)
    )
    roles["Actor"] = accused if governed else []


def _as_used(mention: Mention, sentence: Sentence, lexicon: Lexicon) -> Mention:
    """With its voice, and as a verb where its form can be nothing else."""
    use = _verbal_use(mention, sentence, lexicon)
    used = replace(mention, **use) if use else mention
    passive = _is_passive(used, sentence, lexicon)
    return used if passive == used.passive else replace(used, passive=passive)


def _verbal_use(mention: Mention, sentence: Sentence, lexicon: Lexicon) -> dict[str, Any]:
    """English "-ing" after a comma and "-ed", and Dutch past forms, are no nouns."""
    if _is_compound(mention, sentence, lexicon):
        return {"form": "noun", "tag": ""}
    if mention.form != "noun" or mention.end - mention.start > 1:
        return {}
    word = sentence.token(mention.start).lower_
    if lexicon.language == "nl":
        tags = [s.tag for s in lexicon.senses(word) if s.form == "verb" and s.tag in PAST_TAGS]
        return {"form": "verb", "tag": tags[0]} if tags else {}
    if lexicon.language != "en":
        return {}
    if word.endswith("ed"):
        return _finite_or_participle(mention, sentence, lexicon)
    comma = mention.start > sentence.start and sentence.token(mention.start - 1).text == ","
    return {"form": "verb", "tag": "ing"} if comma and word.endswith("ing") else {}


def _finite_or_participle(mention: Mention, sentence: Sentence, lexicon: Lexicon) -> dict[str, Any]:
    """Before a noun it is a participle; before what begins another phrase it is a verb."""
    following = sentence.tokens[mention.end - sentence.start :][:1]
    classes = {word_class(t.lower_, lexicon.language) for t in following}
    begins = not classes.isdisjoint({"det", "pron", "prep"})
    return {"form": "verb", "tag": "past"} if begins else {"form": "participle", "tag": "part"}


def _is_compound(mention: Mention, sentence: Sentence, lexicon: Lexicon) -> bool:
    """The last noun of "froze accession talks", though "talks" may be a verb."""
    single = mention.end - mention.start == 1 and mention.start - 1 > sentence.start
    if lexicon.language != "en" or (mention.form, mention.tag) != ("verb", "pres") or not single:
        return False
    word, before = sentence.token(mention.start).lower_, sentence.token(mention.start - 1)
    if _is_finite(before, sentence) or not any(s.form == "noun" for s in lexicon.senses(word)):
        return False
    named = bool(before.ent_type_) and not word.endswith("s")
    plain = before.is_lower and word_class(before.lower_, "en") == "word"
    clause = sentence.clause_tokens(mention.start)
    told = any(t.i < before.i and not t.ent_type_ and _is_finite(t, sentence) for t in clause)
    return told and (named or plain)


def _is_finite(token: Word, sentence: Sentence) -> bool:
    trigger = any(m.start == token.i and m.form == "verb" for m in sentence.mentions)
    return trigger or is_verbal(token.lower_, "en")


def _fillers(roles: Roles) -> Iterator[Filler]:
    for role, groups in roles.items():
        for group in groups:
            for entity in group.members:
                if role != "Location" or entity.label_ == "LOC":
                    yield Filler(role, entity.start, entity.end, CERTAINTY[role])


def _is_passive(mention: Mention, sentence: Sentence, lexicon: Lexicon) -> bool:
    if mention.form == "noun":
        return False
    if mention.tag.endswith("-pass"):
        return not mention.lemma.endswith("s")
    if mention.tag not in {"part", "past"}:
        return False
    reach = len(sentence.tokens) if lexicon.language == "nl" else 8
    near = [t for t in sentence.clause_tokens(mention.start) if abs(t.i - mention.start) <= reach]
    auxiliaries = lexicon.group("passive_auxiliaries")
    before = any(t.lower_ in auxiliaries for t in near if t.i < mention.start)
    if lexicon.language == "nl":
        return mention.tag == "part" and any(t.lower_ in auxiliaries for t in near)
    following = sentence.tokens[mention.end - sentence.start :][:1]
    agent = any(t.lower_ in lexicon.group("agent_prepositions") for t in following)
    return before or agent


def _roles(mention: Mention, scene: Scene, done: dict[int, Roles], tree: Tree | None) -> Roles:
    groups = [g for g in scene.sentence.groups if not _overlaps(g, mention)]
    people = [g for g in groups if not g.is_date]
    if mention.form == "noun":
        roles = noun_roles(mention, people, scene)
    elif mention.form == "participle":
        roles = participle_roles(mention, people, scene)
    else:
        roles = verb_roles(mention, people, scene, done)
    parsed = parsed_roles(mention, tree) if tree is not None else {}
    roles |= parsed
    taken = {m.start for found in roles.values() for g in found for m in g.members}
    free = [g for g in people if g.start not in taken]
    setting = {"Location": places_of(mention, free, scene), "Date": dates_of(mention, scene)}
    return roles | setting | {role: parsed[role] for role in setting if role in parsed}


def _shared(mention: Mention, scene: Scene, done: dict[int, Roles]) -> Roles:
    """Place and time: its own, else those of a trigger that it shares an occasion with."""
    own = done[mention.start]
    return {
        role: own[role] or next((f for m in others if (f := done[m.start][role])), [])
        for role, others in settings_shared(mention, scene).items()
    }


def _overlaps(group: Group, mention: Mention) -> bool:
    return group.start < mention.end and mention.start < group.end
