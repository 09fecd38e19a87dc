"""Tense as seen from the date of publication, where the verb form alone would mislead.

Headlines tell completed acts in the present; states such as strikes, bans and wars go on beside a
present verb; a present verb with a date tells what is scheduled; "the deal of 2024" lies behind.
The words are in the lexicon's `[grammar]`:

- `lasting`: shell patterns of words for what goes on for a while, as "strike*";
- `concurrent`: words before a state that still goes on, as "despite";
- `endings`: words for the end of a state, as "end": what somebody wants ended goes on;
- `since`, `until`: words before a date that schedules nothing;
- `commencing`: present verbs that schedule a noun, as "begins";
- `arranged`: verbs that arrange an infinitive, as in "is to begin".
"""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase
from functools import lru_cache
from itertools import pairwise

from curation.preannotate.clauses import Sentence
from curation.preannotate.extensions import Mention
from curation.preannotate.lexicon import Lexicon, load_lexicon
from curation.preannotate.morphology import PAST_TAGS, lemma, verb_tag
from curation.preannotate.words import Word

__all__ = [
    "is_completed_headline",
    "is_dated_back",
    "is_lasting",
    "is_past_verb",
    "is_scheduled",
    "is_under_way",
    "progressive_tense",
]

_COMPLETED = frozenset(
    {"AGREE", "RETREAT", "REJECT", "CONCEDE", "COERCE", "ASSAULT", "SANCTION", "PROTEST"}
)
_SCHEDULED = frozenset({"CONSULT", "PROTEST", "COOPERATE", "RETREAT", "MOBILIZE", "AID", "AGREE"})
_ARRANGED = _SCHEDULED | {"SANCTION", "COERCE", "SUPPORT", "CONCEDE"}
_PRESENT = frozenset({"pres", "pres-pass"})
_STOPS = frozenset({".", "?", "!"})
_AUXILIARY_REACH = 4
_VERB_REACH = 8
_SINCE_REACH = 10
_PRESENT_BE = frozenset({"is", "are", "'s", "’s", "'re", "’re", "am", "been"})
_PAST_BE = frozenset({"was", "were"})


def is_lasting(mention: Mention, sentence: Sentence, lexicon: Lexicon) -> bool:
    """The noun tells something that goes on for a while."""
    word = sentence.token(mention.end - 1).lower_
    return mention.form == "noun" and _lasts(word, lexicon.language)


@lru_cache(maxsize=20_000)
def _lasts(word: str, language: str) -> bool:
    patterns = load_lexicon(language).group("lasting")
    return any(fnmatchcase(word, pattern) for pattern in patterns)


def is_under_way(
    mention: Mention, sentence: Sentence, clause: Sequence[Word], lexicon: Lexicon
) -> bool:
    """A state beside a present verb of its clause, or "has been on strike since Monday"."""
    if not is_lasting(mention, sentence, lexicon):
        return False
    if _has_lasted(mention, sentence, lexicon):
        return True
    told = any(t.lower_ in lexicon.group("past") or is_past_verb(t, lexicon) for t in clause)
    return not told and any(_is_present_verb(t, lexicon) for t in clause)


def is_past_verb(token: Word, lexicon: Lexicon) -> bool:
    """A past form that the lexicon knows."""
    if token.lower_ in lexicon.group("past_forms"):
        return True
    senses = lexicon.words.get(token.lower_, ())
    return any(s.form == "verb" and s.tag in PAST_TAGS for s in senses)


def _is_present_verb(token: Word, lexicon: Lexicon) -> bool:
    word = token.lower_
    if word in lexicon.group("present") or word in lexicon.group("going_on"):
        return True
    if not token.is_alpha or token.ent_type_:
        return False
    return _inflected_present(word, lexicon.language)


@lru_cache(maxsize=20_000)
def _inflected_present(word: str, language: str) -> bool:
    """By its ending and its lemma, where these tell a verb from a noun."""
    base = lemma(word, language)
    if base == word or language not in {"sk", "sv"}:
        return False
    if language == "sv":
        return word.endswith(("ar", "er", "år")) and base.endswith(("a", "å"))
    perfective = base in load_lexicon("sk").group("perfective")
    return base.endswith("ť") and verb_tag(word, "sk") == "pres" and not perfective


def _has_lasted(mention: Mention, sentence: Sentence, lexicon: Lexicon) -> bool:
    """A perfect before it, "since" and a date behind it."""
    before = [sentence.token(i) for i in range(max(sentence.start, mention.start - 6), mention.end)]
    perfects, words = lexicon.group("perfects"), lexicon.group("since")
    if not any(t.lower_ in perfects for t in before):
        return False
    doc = sentence.doc
    stop = min(sentence.end, mention.end + _SINCE_REACH)
    return any(
        a.lower_ in words and (b.ent_type_ == "DATE" or b.like_num)
        for a, b in pairwise(doc[mention.end : stop])
    )


def is_dated_back(mention: Mention, sentence: Sentence, lexicon: Lexicon) -> bool:
    """A noun with a year: "the deal of December 2024"."""
    doc = sentence.doc
    near = doc[mention.end : mention.end + 5]
    links = lexicon.group("source_prepositions") | lexicon.group("of_prepositions")
    if mention.form != "noun" or len(near) < 2 or near[0].lower_ not in links:
        return False
    dated = near[1:2] if near[1].ent_type_ == "DATE" else near[2:3]
    if not dated or dated[0].ent_type_ != "DATE":
        return False
    inside = [t for t in near[1:] if t.ent_type_ == "DATE"]
    return any(len(t) == 4 and t.is_digit for t in inside)


def is_scheduled(mention: Mention, clause: Sequence[Word], lexicon: Lexicon) -> bool:
    """A present verb with a date to come, or "is to begin"."""
    if mention.form == "noun" and mention.type in _ARRANGED and _is_arranged(clause, lexicon):
        return True
    if mention.type not in _SCHEDULED or not _has_day(clause, lexicon):
        return False
    if mention.form != "noun":
        return mention.tag in _PRESENT or _is_bare_plural(mention, clause, lexicon)
    told = any(t.lower_ in lexicon.group("past") or is_past_verb(t, lexicon) for t in clause)
    return not told and any(t.lower_ in lexicon.group("commencing") for t in clause)


def _is_bare_plural(mention: Mention, clause: Sequence[Word], lexicon: Lexicon) -> bool:
    """English "meet", Dutch "vertrekken", which look like infinitives but follow no auxiliary."""
    leads = lexicon.group("infinitive_leads")
    before = (t.lower_ for t in clause if t.i <= mention.start)
    return mention.tag == "inf" and bool(leads) and leads.isdisjoint(before)


def _is_arranged(clause: Sequence[Word], lexicon: Lexicon) -> bool:
    words = lexicon.group("arranged")
    markers = lexicon.group("infinitive_markers")
    for index, token in enumerate(clause):
        if token.lower_ not in words:
            continue
        following = clause[index + 1 : index + 1 + _VERB_REACH]
        if markers and following and following[0].lower_ in markers:
            return True
        if not markers and any(_is_slovak_infinitive(t) for t in following):
            return True
    return False


def _is_slovak_infinitive(token: Word) -> bool:
    word = token.lower_
    return word.endswith("ť") and lemma(word, "sk") == word and not word.endswith("osť")


def _has_day(clause: Sequence[Word], lexicon: Lexicon) -> bool:
    """A date that tells when, neither "since" nor "until" nor one that lies behind."""
    closed = lexicon.group("since") | lexicon.group("until") | lexicon.group("past")
    dated = [i for i, t in enumerate(clause) if t.ent_type_ == "DATE"]
    if not dated or any(clause[i].lower_ in closed for i in dated):
        return False
    before = clause[dated[0] - 1].lower_ if dated[0] else ""
    words = [clause[i] for i in dated]
    year = len(words) == 1 and words[0].is_digit
    return before not in closed and not year


def is_completed_headline(mention: Mention, sentence: Sentence) -> bool:
    """A present verb for an act in the first line, which ends without a stop."""
    return mention.type in _COMPLETED and _is_headline(sentence)


def _is_headline(sentence: Sentence) -> bool:
    doc = sentence.doc
    # token by token: the text before a sentence deep in a document is long
    if any(not doc[i].is_space for i in range(sentence.start)):
        return False
    words = [t for t in sentence.tokens if not t.is_space]
    last = words[-1]
    following = doc[last.i + 1 : last.i + 2]
    broken = bool(len(following)) and "\n" in following[0].text
    return broken and last.text not in _STOPS and not last.text.endswith(tuple(_STOPS))


def progressive_tense(mention: Mention, sentence: Sentence) -> str:
    """English "is investigating", "has been fighting", "was shelling"; "" for other forms."""
    if mention.tag != "ing":
        return ""
    low = max(sentence.start, mention.start - _AUXILIARY_REACH)
    for position in range(mention.start - 1, low - 1, -1):
        word = sentence.token(position).lower_
        if word in _PRESENT_BE:
            return "present"
        if word in _PAST_BE:
            return "past"
    return ""
