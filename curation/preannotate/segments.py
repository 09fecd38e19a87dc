"""Stretches of a sentence with one verb each, and what stands before the verb.

Finer than the clauses of `Sentence`: "and" between two verbs is a border too, and each segment
knows how it begins. Word classes come from the lexicon's `[grammar]`, for no tagger runs.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import takewhile

from curation.preannotate.clauses import Group, Sentence
from curation.preannotate.extensions import Mention
from curation.preannotate.lexicon import Lexicon, load_lexicon
from curation.preannotate.morphology import lemma
from curation.preannotate.words import Word

__all__ = ["Scene", "Segment", "is_verbal", "lay_out", "word_class"]

_VERB_ENDINGS = {
    "en": ("ed",),
    "sv": ("ade", "ades"),
    "nb": ("erte", "erer"),
    "nl": ("eerde", "eerden", "eert"),
}
_CLASSES = (
    ("aux", "auxiliaries"),
    ("det", "determiners"),
    ("pron", "pronouns"),
    ("sub", "subordinators"),
    ("conj", "conjunctions"),
    ("prep", "prepositions"),
    ("adv", "adverbs"),
    ("adv", "negators"),
    ("adv", "infinitive_markers"),
)


@lru_cache(maxsize=50_000)
def word_class(lower: str, language: str) -> str:
    """One of "aux", "det", "pron", "sub", "conj", "prep", "adv", or "word"; "" for no word."""
    if not lower[:1].isalnum():
        return ""
    lexicon = load_lexicon(language)
    for name, group in _CLASSES:
        if lower in lexicon.group(group):
            return name
    return "adv" if language == "en" and lower.endswith("ly") else "word"


@lru_cache(maxsize=50_000)
def is_verbal(lower: str, language: str) -> bool:
    """Whether a word is a verb by the lexicon's lists, its ending or its dictionary form."""
    lexicon = load_lexicon(language)
    if lower in lexicon.group("auxiliaries"):
        return language != "sk" or lower not in {"sa", "si"}
    if language == "sk":
        return lemma(lower, "sk").endswith("ť") and not lower.endswith(("ť", "ý", "á", "é", "ú"))
    if lower in lexicon.group("past_forms") or lower in lexicon.group("reporting"):
        return True
    return len(lower) > 4 and lower.endswith(_VERB_ENDINGS.get(language, ("\0",)))


@dataclass(frozen=True)
class Segment:
    """Tokens `start` to `end` (in the document) of one clause or coordinated predicate.

    `opener` says how it begins: "and", "relative", "where", "subordinate", or "" for none of
    these; `body` is the first token after that.
    """

    index: int
    start: int
    end: int
    body: int
    opener: str
    verbs: tuple[Mention, ...]
    has_verb: bool


@dataclass(frozen=True)
class Scene:
    """An analysed sentence with its segments; `verbal` are the positions of its verbs."""

    sentence: Sentence
    segments: tuple[Segment, ...]
    index_of: Sequence[int]
    verbal: frozenset[int]
    lexicon: Lexicon
    subjects: dict[int, list[Group]] = field(default_factory=dict, compare=False, repr=False)
    """The subjects of segments, by index, as they become known."""

    def segment(self, position: int) -> Segment:
        """The segment of the token at `position` in the document."""
        return self.segments[self.index_of[position - self.sentence.start]]

    def token(self, position: int) -> Word:
        """The token at `position` in the document."""
        return self.sentence.tokens[position - self.sentence.start]

    def word_class(self, position: int) -> str:
        """The class of the word at `position`; Swedish "inför" after a name is a verb."""
        word = self.token(position).lower_
        if word in self.lexicon.group("verbs_like_prepositions") and self._is_named(position - 1):
            return "aux"
        return word_class(word, self.lexicon.language)

    def _is_named(self, position: int) -> bool:
        return position >= self.sentence.start and bool(self.token(position).ent_type_)

    def groups(self, segment: Segment) -> list[Group]:
        """The participants that stand in a segment."""
        return [
            g
            for g in self.sentence.groups
            if segment.start <= g.start < segment.end and not g.is_date
        ]

    def verbs_between(self, a: int, b: int) -> list[Mention]:
        """The verb triggers strictly between two positions."""
        low, high = sorted((a, b))
        return [m for m in self.sentence.mentions if m.form == "verb" and low < m.start < high]


def lay_out(sentence: Sentence, lexicon: Lexicon) -> Scene:
    """The segments of a sentence."""
    verbal = _verbal_positions(sentence, lexicon)
    starts = _starts(sentence, verbal, lexicon)
    spans = _spoken(sentence, [*starts, sentence.start + len(sentence.tokens)])
    segments = tuple(
        _segment(i, start, end, sentence, verbal, lexicon) for i, (start, end) in enumerate(spans)
    )
    index_of = [s.index for s in segments for _ in range(s.start, s.end)]
    return Scene(sentence, segments, index_of, frozenset(verbal), lexicon)


def _starts(sentence: Sentence, verbal: Set[int], lexicon: Lexicon) -> list[int]:
    tokens, clauses = sentence.tokens, sentence.clause_of
    inside = {i for g in sentence.groups for i in range(g.start, g.end)}
    joins = lexicon.group("conjunctions") | lexicon.group("coordinators")
    starts = [sentence.start]
    for offset, token in enumerate(tokens[1:], 1):
        new_clause = clauses[offset] != clauses[offset - 1]
        if new_clause and _is_preposition(offset, sentence, verbal, lexicon):
            continue
        joined = token.lower_ in joins and token.i not in inside
        if new_clause or (joined and _joins_verbs(offset, starts[-1], sentence, verbal, joins)):
            starts.append(int(token.i))
    return starts


def _is_preposition(offset: int, sentence: Sentence, verbal: Set[int], lexicon: Lexicon) -> bool:
    """A word that may open a clause or govern a noun, where no verb follows: "om ett avtal"."""
    word = sentence.tokens[offset].lower_
    if word not in lexicon.group("prepositions") or word not in lexicon.group("subordinators"):
        return False
    rest = _rest_of_clause(offset, sentence)
    if len(rest) > 1 and rest[1].ent_type_ == "DATE":
        return True
    if lexicon.language == "nl":
        return lexicon.group("infinitive_markers").isdisjoint(t.lower_ for t in rest)
    return not any(t.i in verbal for t in rest)


def _rest_of_clause(offset: int, sentence: Sentence) -> Sequence[Word]:
    last = bisect_right(sentence.clause_of, sentence.clause_of[offset])
    return sentence.tokens[offset:last]


def _verbal_positions(sentence: Sentence, lexicon: Lexicon) -> Set[int]:
    named = {i for g in sentence.groups for i in range(g.start, g.end)}
    verbs = (m for m in sentence.mentions if m.form == "verb")
    verbal = {i for m in verbs for i in range(m.start, m.end)}
    language = lexicon.language
    return verbal | {
        t.i
        for t in sentence.tokens
        if t.i not in named and not t.ent_type_ and is_verbal(t.lower_, language)
    }


def _joins_verbs(
    offset: int, start: int, sentence: Sentence, verbal: Set[int], joins: Set[str]
) -> bool:
    """A verb stands on both sides of the conjunction in its clause, up to the next conjunction."""
    position = sentence.start + offset
    if verbal.isdisjoint(range(start, position)):
        return False
    following = _rest_of_clause(offset, sentence)[1:]
    until = takewhile(lambda t: t.i in verbal or t.lower_ not in joins, following)
    return any(t.i in verbal for t in until)


def _spoken(sentence: Sentence, borders: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Stretches with a word in them; marks go with what follows."""
    start = borders[0]
    for following in borders[1:]:
        words = sentence.tokens[start - sentence.start : following - sentence.start]
        if any(t.text[0].isalnum() for t in words) or following == borders[-1]:
            yield start, following
            start = following


def _segment(
    index: int, start: int, end: int, sentence: Sentence, verbal: Set[int], lexicon: Lexicon
) -> Segment:
    verbs = tuple(m for m in sentence.mentions if m.form == "verb" and start <= m.start < end)
    body, opener = _opening(start, end, sentence, verbal, lexicon)
    has_verb = bool(verbs) or not verbal.isdisjoint(range(body, end))
    return Segment(index, start, end, body, opener, verbs, has_verb)


def _opening(
    start: int, end: int, sentence: Sentence, verbal: Set[int], lexicon: Lexicon
) -> tuple[int, str]:
    """Where the words begin that follow "and", "who", "that"; and which of these opens it."""
    opener = ""
    for position in range(start, end):
        token = sentence.tokens[position - sentence.start]
        kind = _opening_word(token.lower_, lexicon.language)
        if kind and _is_preposition(position - sentence.start, sentence, verbal, lexicon):
            kind = ""
        if kind == "relative" and _after_preposition(token, sentence, lexicon):
            kind = "subordinate"
        if not kind and token.text[0].isalnum():
            return position, opener
        opener = kind or opener
        if kind in {"relative", "where"}:
            return position + 1, opener
    return end, opener


@lru_cache(maxsize=50_000)
def _opening_word(word: str, language: str) -> str:
    lexicon = load_lexicon(language)
    kinds = (
        ("relatives", "relative"),
        ("places_of_clauses", "where"),
        ("coordinators", "and"),
        ("subordinators", "subordinate"),
        ("conjunctions", "and"),
    )
    return next((kind for group, kind in kinds if word in lexicon.group(group)), "")


def _after_preposition(token: Word, sentence: Sentence, lexicon: Lexicon) -> bool:
    offset = token.i - sentence.start
    before = sentence.tokens[offset - 1].lower_ if offset else ""
    return before in lexicon.group("prepositions")
