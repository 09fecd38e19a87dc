"""Who does what the verb of a segment says: word order, shared subjects, relative clauses, case."""

from __future__ import annotations

from curation.preannotate.case import agrees, is_oblique
from curation.preannotate.clauses import Group
from curation.preannotate.extensions import Mention
from curation.preannotate.morphology import lemma
from curation.preannotate.phrases import Phrase, bare_phrases, is_possessed
from curation.preannotate.segments import Scene, Segment

__all__ = [
    "antecedent",
    "governor_of",
    "is_object_relative",
    "members_of",
    "subject_of",
]

_VERB_SECOND = frozenset({"sv", "nb", "nl"})
_INVERTED_WITHIN = 4
_RELATIVE_WITHIN = 2
_BRACKET = 6


def subject_of(segment: Segment, scene: Scene) -> list[Group]:
    """The names that are the subject of a segment's verb; none where a common noun is."""
    if segment.index not in scene.subjects:
        scene.subjects[segment.index] = _find_subject(segment, scene)
    return scene.subjects[segment.index]


def _find_subject(segment: Segment, scene: Scene) -> list[Group]:
    if scene.lexicon.language == "sk":
        return _slovak_subject(segment, scene)
    verb = _first_verb(segment, scene)
    before = list(bare_phrases(segment.body, verb, scene))
    if before and isinstance(before[0], int) and _is_of_antecedent(segment, scene):
        return antecedent(segment, scene)
    if segment.opener == "relative" and not _has_own_subject(before, scene):
        found = antecedent(segment, scene)
        conjunction = scene.token(segment.body - 1).lower_ == "dat"
        return found or (_named(before[0], segment, scene) if before and conjunction else [])
    if before:
        if said := _said_of_itself(before, segment, scene):
            return said
        return _named(before[-1 if scene.lexicon.language == "en" else 0], segment, scene)
    if verb == segment.body and (shared := _before_insertion(segment, scene)):
        return shared
    if _may_invert(segment, verb, scene):
        after = next(bare_phrases(verb + 1, segment.end, scene), None)
        if after is not None and _start(after) - verb <= _INVERTED_WITHIN:
            return _named(after, segment, scene)
    return _inherited(segment, scene)


def _said_of_itself(before: list[Phrase], segment: Segment, scene: Scene) -> list[Group]:
    """English "Kenya said it would send…", where no word opens the clause that is said."""
    pronoun = before[-1]
    if scene.lexicon.language != "en" or len(before) == 1 or not isinstance(pronoun, int):
        return []
    wanted = _wanted(scene.token(pronoun).lower_, scene)
    said = _named(before[-2], segment, scene) if wanted else []
    return said if said and _can_mean(wanted, said[0]) else []


def _is_of_antecedent(segment: Segment, scene: Scene) -> bool:
    """Its subject is owned by what it is about: "the alliance, whose armies…"."""
    opening = scene.token(max(segment.body - 1, segment.start)).lower_
    return opening in scene.lexicon.group("owner_relatives")


def _before_insertion(segment: Segment, scene: Scene) -> list[Group]:
    """The subject before an inserted clause or apposition: "Kenya, which…, signed"."""
    if not segment.index or not _after_comma(segment, scene):
        return []
    before = scene.segments[segment.index - 1]
    if before.opener in {"relative", "where"} or _is_of_antecedent(before, scene):
        return _inherited(segment, scene)
    leading = _leading(segment, scene)
    named = [n for s in leading if (n := _headed(s, scene))]
    # "Sudan's army chief, Abdel Fattah al-Burhan, flew": the person rather than the owner
    apart = [n for n in named if not n[-1].owner]
    return (apart or named or [[]])[0]


def _leading(segment: Segment, scene: Scene) -> list[Segment]:
    """The verbless segments before it, and before those one between dashes, in text order."""
    found: list[Segment] = []
    for earlier in reversed(scene.segments[: segment.index]):
        aside = not found and _is_aside(earlier, segment, scene)
        if earlier.has_verb and not aside:
            break
        if not aside:
            found.insert(0, earlier)
    return found


def _is_aside(earlier: Segment, segment: Segment, scene: Scene) -> bool:
    """It stands between two dashes."""
    marks = {scene.token(s.start).text for s in (earlier, segment)}
    return marks <= {"-", "–", "—"}


def _headed(segment: Segment, scene: Scene) -> list[Group]:
    """The names that a verbless segment starts with as a phrase of its own."""
    first = next(bare_phrases(segment.body, segment.end, scene), None)
    return [] if first is None else _named(first, segment, scene)


def _has_own_subject(before: list[Phrase], scene: Scene) -> bool:
    """Dutch "who blames Kenya" has an object before its verb, and no subject but "who"."""
    return len(before) > (scene.lexicon.language == "nl")


def is_object_relative(segment: Segment, scene: Scene) -> bool:
    """The clause has a subject of its own: "whom they blame", "which Kenya attacked"."""
    if segment.opener != "relative" or scene.lexicon.language == "nl":
        return False
    if scene.lexicon.language == "sk":
        word = scene.token(segment.body - 1).lower_
        return word in scene.lexicon.group("object_relatives")
    before = list(bare_phrases(segment.body, _first_verb(segment, scene), scene))
    return bool(before)


def antecedent(segment: Segment, scene: Scene) -> list[Group]:
    """The names right before a relative clause, whatever governs them."""
    first = segment.body - 1
    earlier = scene.segments[segment.index - 1] if segment.index else segment
    if earlier.opener == "relative" and first > segment.start and _is_joined(segment, scene):
        return antecedent(earlier, scene)
    ending = [
        g
        for g in scene.sentence.groups
        if not g.is_date and 0 <= first - _end(g, scene) <= _RELATIVE_WITHIN
    ]
    words = (scene.word_class(p) for g in ending[-1:] for p in range(g.end, first))
    # Dutch "dat" after a verb opens no relative clause
    return [] if scene.lexicon.language == "nl" and any(words) else ending[-1:]


def _is_joined(segment: Segment, scene: Scene) -> bool:
    """A conjunction stands before the pronoun: "which Kenya signed and which Peru rejects"."""
    return scene.token(segment.start).lower_ in scene.lexicon.group("conjunctions")


def _end(group: Group, scene: Scene) -> int:
    """Behind it and its abbreviation in brackets."""
    last = scene.sentence.start + len(scene.sentence.tokens)
    if group.end < last and scene.token(group.end).text == "(":
        closing = (p for p in range(group.end, min(group.end + _BRACKET, last)))
        return next((p + 1 for p in closing if scene.token(p).text == ")"), group.end)
    return group.end


def _first_verb(segment: Segment, scene: Scene) -> int:
    """Position of the finite verb, as far as one can tell; the segment's end without one."""
    mentions = [m.start for m in segment.verbs]
    if scene.lexicon.language == "en" and mentions:
        auxiliaries = (p for p in range(segment.body, segment.end) if scene.word_class(p) == "aux")
        return min([*mentions, *auxiliaries])
    verbal = (p for p in range(segment.body, segment.end) if p in scene.verbal)
    return next(verbal, segment.end)


def _start(phrase: Phrase) -> int:
    return phrase if isinstance(phrase, int) else phrase.start


def _named(phrase: Phrase, segment: Segment, scene: Scene) -> list[Group]:
    if not isinstance(phrase, int):
        return [phrase]
    if scene.word_class(phrase) == "pron":
        return _meant(scene.token(phrase).lower_, segment, scene)
    return members_of(phrase, scene)


def members_of(noun: int, scene: Scene) -> list[Group]:
    """Whose people act: "rebels of the M23", "the president of Zambia"."""
    prepositions = scene.lexicon.group("of_prepositions") - {""}
    return [
        g
        for g in scene.sentence.groups
        if (g.preposition in prepositions or is_possessed(g, scene))
        and g.members[0].label_ in {"ORG", "LOC"}
        and 2 <= g.start - noun <= 4
        and scene.verbal.isdisjoint(range(noun, g.start))
    ][:1]


def _meant(pronoun: str, segment: Segment, scene: Scene) -> list[Group]:
    """The subject so far, where the pronoun can mean no other."""
    wanted = _wanted(pronoun, scene)
    for earlier in reversed(scene.segments[: segment.index]) if wanted else ():
        groups = subject_of(earlier, scene)
        if groups:
            return groups if _can_mean(wanted, groups[0]) else []
    return []


def _wanted(pronoun: str, scene: Scene) -> str:
    """Whether a pronoun means a "person", a "thing" or "many"; "" for none of these."""
    kinds = ("person", "thing", "many")
    return next((k for k in kinds if pronoun in scene.lexicon.group(f"pronoun_{k}")), "")


def _can_mean(wanted: str, group: Group) -> bool:
    labels = {e.label_ for e in group.members}
    if wanted == "many":
        return len(group.members) > 1 or "PER" not in labels
    return len(group.members) == 1 and (labels == {"PER"}) == (wanted == "person")


def _may_invert(segment: Segment, verb: int, scene: Scene) -> bool:
    """Verb before subject: after an adverb, a date, a quote, or at the very beginning."""
    if scene.lexicon.language not in _VERB_SECOND or segment.opener not in {"", "and"}:
        return False
    if segment.opener == "and" and verb == segment.body:
        return False
    return verb < segment.end


def _inherited(segment: Segment, scene: Scene) -> list[Group]:
    """The subject shared with an earlier predicate, or the one before an inserted clause."""
    sharing = segment.opener == "and" or (scene.lexicon.language == "en" and _is_absolute(segment))
    skip_subordinate = _after_comma(segment, scene) or not sharing
    for earlier in reversed(scene.segments[: segment.index]):
        dependent = earlier.opener in {"relative", "where", "subordinate"}
        if dependent and (skip_subordinate or _is_infinite(earlier, segment)):
            continue
        if not earlier.has_verb:
            phrases = list(bare_phrases(earlier.body, earlier.end, scene))
            if phrases:
                return _named(phrases[0], earlier, scene)
            continue
        return subject_of(earlier, scene) if sharing else []
    return []


def _is_infinite(earlier: Segment, segment: Segment) -> bool:
    """A finite verb shares no subject with an infinitive: "for having killed… and called"."""
    tags = {v.tag for v in earlier.verbs[-1:]}
    finite = {v.tag for v in segment.verbs[:1]} <= {"past", "pres"}
    return bool(segment.verbs) and finite and tags <= {"inf", "part"} and bool(tags)


def _is_absolute(segment: Segment) -> bool:
    return bool(segment.verbs) and segment.verbs[0].tag == "ing"


def _after_comma(segment: Segment, scene: Scene) -> bool:
    first = segment.start
    if not scene.token(first).text[0].isalnum():
        return True
    return first > scene.sentence.start and scene.token(first - 1).text == ","


def _slovak_subject(segment: Segment, scene: Scene) -> list[Group]:
    """The bare phrase that agrees with the verb, before it rather than after it."""
    verb = _slovak_verb(segment, scene)
    if segment.opener == "relative" and not is_object_relative(segment, scene):
        return antecedent(segment, scene)
    bare = [g for g in scene.groups(segment) if not g.preposition and not is_oblique(g)]
    fitting = [g for g in bare if verb is None or _fits(g, verb, scene)]
    before = [g for g in fitting if verb is None or g.start < verb]
    if before:
        return before[:1]
    if segment.opener == "and" and verb == segment.body:
        shared = [g for g in _inherited(segment, scene) if agrees(g, scene.token(verb).lower_)]
        return shared or fitting[:1]
    if fitting:
        return fitting[:1]
    if verb is not None and _slovak_noun_before(segment, verb, scene):
        return []
    return _slovak_inherited(segment, scene)


def _fits(group: Group, verb: int, scene: Scene) -> bool:
    """With "movement Hamas" it is "movement" that the verb agrees with."""
    previous = max(group.start - 1, scene.sentence.start)
    titled = scene.token(previous).lower_ in scene.lexicon.group("classifiers")
    return titled or _is_with(group, scene) or agrees(group, scene.token(verb).lower_)


def _is_with(group: Group, scene: Scene) -> bool:
    """Its verb may be in the plural, as in "A with B were to talk"."""
    following = group.end - scene.sentence.start
    words = scene.sentence.tokens[following : following + 1]
    return any(t.lower_ in scene.lexicon.group("mutual_prepositions") for t in words)


def _slovak_verb(segment: Segment, scene: Scene) -> int | None:
    finite = [m.start for m in segment.verbs if m.tag != "inf"]
    verbal = (p for p in range(segment.body, segment.end) if p in scene.verbal)
    return finite[0] if finite else next(verbal, None)


def _slovak_noun_before(segment: Segment, verb: int, scene: Scene) -> bool:
    """A noun in the nominative stands before the verb, as far as its dictionary form tells."""
    phrases = bare_phrases(segment.body, verb, scene)
    words = [scene.token(p).lower_ for p in phrases if isinstance(p, int)]
    return any(
        w.endswith(("ý", "á", "é")) or (lemma(w, "sk") == w and w[-1] not in "uú") for w in words
    )


def _slovak_inherited(segment: Segment, scene: Scene) -> list[Group]:
    """No subject is written where it is the same as before."""
    if segment.opener in {"relative", "where"} or not segment.has_verb:
        return []
    return _inherited(segment, scene) if segment.opener == "and" else _last_subject(segment, scene)


def _last_subject(segment: Segment, scene: Scene) -> list[Group]:
    for earlier in reversed(scene.segments[: segment.index]):
        if earlier.opener in {"relative", "where"}:
            continue
        groups = subject_of(earlier, scene)
        if groups or earlier.has_verb:
            return groups
    return []


def governor_of(mention: Mention, scene: Scene) -> Mention | None:
    """The verb trigger that an infinitive or participle hangs on, if it is one."""
    before = [m for m in scene.sentence.mentions if m.form == "verb" and m.end <= mention.start]
    here = scene.segment(mention.start).index
    if before and here - scene.segment(before[-1].start).index <= 1:
        return before[-1]
    return None
