"""The spaCy component that finds event triggers from the lexicon of the language.

No trigger: a word inside a name; a capitalised word within a sentence ("Ministry of Defence");
a word in a blocked phrase; an auxiliary. Where a word can be verb or noun, its neighbours decide.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import chain
from operator import itemgetter

from spacy.tokens import Doc

from curation.preannotate.extensions import Mention, add_factory, store_mentions
from curation.preannotate.lexicon import Lexicon, Pattern, Sense, load_lexicon
from curation.preannotate.morphology import PAST_TAGS, lemma, may_be_infinitive, verb_tag
from curation.preannotate.words import Word, read

__all__ = ["find_mentions"]

COMPONENT = "curation_triggers"
GAPS = {"..": 6, "...": 14}
CONTEXT = 4
LEAST = 0.5
LONGEST = 100
"""Characters of the longest word that may be a trigger."""


def make_triggers(language: str) -> Callable[[Doc], Doc]:
    """The component for `language`."""
    lexicon = load_lexicon(language)
    return lambda doc: store_mentions(doc, find_mentions(doc, lexicon))


add_factory(COMPONENT, make_triggers)


def find_mentions(doc: Doc, lexicon: Lexicon) -> Iterator[Mention]:
    """The event mentions of a document, in text order; their triggers do not overlap."""
    if not lexicon.words:
        return
    reading = read(doc)
    for start, end in reading.sentences:
        sentence = _Sentence(reading.words, start, end, lexicon)
        clues = [i for i, t in enumerate(sentence.tokens) if _is_clue(t.text, lexicon.language)]
        if clues:
            yield from _sentence_mentions(sentence, clues)


@dataclass(frozen=True)
class _Sentence:
    """The words of a document from `start` up to `end`."""

    doc: Sequence[Word]
    start: int
    end: int
    lexicon: Lexicon

    @property
    def tokens(self) -> Sequence[Word]:
        """Its words."""
        return self.doc[self.start : self.end]

    def before(self, token: Word) -> Word | None:
        """The word before one, if that does not open the sentence."""
        return None if token.is_sent_start or token.i == 0 else self.doc[token.i - 1]

    def after(self, token: Word) -> Word | None:
        """The word after one, which may be in the next sentence."""
        return self.doc[token.i + 1] if token.i + 1 < len(self.doc) else None


def _sentence_mentions(sentence: _Sentence, clues: Sequence[int]) -> Iterator[Mention]:
    tokens, lexicon = sentence.tokens, sentence.lexicon
    title = _is_title_case(tokens)
    candidates: list[Mention] = []
    blocked: set[tuple[int, str]] = set()
    keys = [_keys_of(t.lower_, lexicon.language) for t in tokens]
    present = frozenset(chain.from_iterable(keys))
    for index in clues:
        token = tokens[index]
        for pattern, at in _matches(sentence, tokens, index, keys, present):
            if pattern.sense is None:
                blocked.update((i, pattern.only) for i in range(at[0], at[-1] + 1))
            else:
                candidates.append(_from_pattern(pattern, pattern.sense, at, tokens, sentence))
        if _may_trigger(token, sentence, title=title):
            candidates.extend(_from_word(token, sentence))
    yield from _select(m for m in candidates if not _is_blocked(m, blocked))


def _is_blocked(mention: Mention, blocked: set[tuple[int, str]]) -> bool:
    span = range(mention.start, mention.end)
    return bool(blocked) and any((i, t) in blocked for i in span for t in ("", mention.type))


@lru_cache(maxsize=50_000)
def _is_clue(word: str, language: str) -> bool:
    """Whether a trigger or pattern can start at a word; of most words it is known that none can."""
    if len(word) > LONGEST or not word[0].isalpha():
        return False
    lexicon = load_lexicon(language)
    keys = _keys_of(word.lower(), language)
    return not lexicon.patterns.keys().isdisjoint(keys) or bool(lexicon.senses(word))


def _is_title_case(tokens: Sequence[Word]) -> bool:
    """A headline in title case, where capitals say nothing about names."""
    words = [t for t in tokens if t.is_alpha and len(t) > 3]
    capitals = sum(t.text[0].isupper() for t in words)
    return len(words) > 2 and capitals > 0.7 * len(words)


def _may_trigger(token: Word, sentence: _Sentence, *, title: bool) -> bool:
    if token.ent_iob_ in {"B", "I"}:
        return False
    return title or not token.text[0].isupper() or _opens_clause(token, sentence)


def _opens_clause(token: Word, sentence: _Sentence) -> bool:
    """First word of the sentence, or after a quote, colon or dash."""
    previous = sentence.before(token)
    if previous is None:
        return True
    return previous.is_space or (not previous.is_alpha and not previous.like_num)


def _from_word(token: Word, sentence: _Sentence) -> Iterator[Mention]:
    lexicon = sentence.lexicon
    senses = lexicon.senses(token.text)
    if not senses or token.lower_ in lexicon.group("never"):
        return
    sense = _choose(token, senses, sentence)
    if sense is not None:
        yield _mention(sense, token.i, token.i + 1, token, sentence)


def _choose(token: Word, senses: Sequence[Sense], sentence: _Sentence) -> Sense | None:
    """The reading that fits the neighbours, if it is certain enough."""
    forms = {s.form for s in senses}
    if len(forms) > 1:
        passive = any(s.tag.endswith("-pass") for s in senses)
        form = "verb" if passive else _form_in_context(token, sentence)
        senses = (
            [s for s in senses if s.form == form]
            or [s for s in senses if s.form == "participle"]
            or senses
        )
    elif "verb" in forms:
        senses = [_verb_in_context(s, token, sentence) for s in senses]
    best = max(senses, key=lambda s: s.score)
    if best.form == "participle" and _is_predicate(token, sentence):
        best = replace(best, form="verb", tag="part")
    return best if best.score >= LEAST else None


def _is_predicate(token: Word, sentence: _Sentence) -> bool:
    """Slovak "bol včera obvinený": an auxiliary close before the participle."""
    if sentence.lexicon.language != "sk":
        return False
    before = sentence.doc[max(sentence.start, token.i - CONTEXT) : token.i]
    return any(t.lower_ in sentence.lexicon.group("passive_auxiliaries") for t in before)


def _verb_in_context(sense: Sense, token: Word, sentence: _Sentence) -> Sense:
    """Less certain after an article or the like; then a past form is an adjective."""
    if _after_noun_cue(token, sentence):
        if sense.tag in {"past", "part"}:
            return replace(sense, score=sense.score * 0.8, form="participle")
        return replace(sense, score=sense.score * (0.4 if sense.tag in {"inf", "pres"} else 1))
    if sentence.lexicon.language == "en" and sense.tag in {"inf", "pres"}:
        named = _after_name(token, sentence)
        doubtful = not named and _form_in_context(token, sentence) == "noun"
        return replace(sense, score=sense.score * (0.8 if doubtful else 1))
    return sense


def _after_name(token: Word, sentence: _Sentence) -> bool:
    previous = sentence.before(token)
    return previous is not None and previous.ent_iob_ in {"B", "I"}


def _form_in_context(token: Word, sentence: _Sentence) -> str:
    if _after_noun_cue(token, sentence):
        return "noun"
    previous = sentence.before(token)
    if previous is not None and previous.lower_ in sentence.lexicon.group("verb_cues"):
        return "verb"
    following = sentence.after(token)
    if following is None:
        return "noun"
    starts_phrase = following.lower_ in sentence.lexicon.group("determiners") or (
        following.ent_iob_ == "B" and following.ent_type_ != "DATE"
    )
    return "verb" if starts_phrase else "noun"


def _after_noun_cue(token: Word, sentence: _Sentence) -> bool:
    """An article, number, genitive, or an adverb of degree before it."""
    previous = sentence.before(token)
    if previous is None:
        return False
    word, group = previous.lower_, sentence.lexicon.group
    genitive = word in {"'s", "’s"}
    number = previous.like_num and not previous.ent_type_
    return genitive or number or word in group("noun_cues") or word in group("degree_adverbs")


def _mention(sense: Sense, start: int, end: int, token: Word, sentence: _Sentence) -> Mention:
    event_type = _type_in_context(sense.type, token, sentence)
    return Mention(
        start, end, event_type, round(sense.score, 3), sense.form, sense.tag, sense.lemma
    )


def _type_in_context(event_type: str, token: Word, sentence: _Sentence) -> str:
    """Support that is material is AID."""
    if event_type != "SUPPORT":
        return event_type
    low, high = max(sentence.start, token.i - CONTEXT), min(sentence.end, token.i + CONTEXT + 1)
    words = sentence.doc[low:high]
    material = sentence.lexicon.group("material")
    stems = tuple(w.removesuffix("*") for w in material if w.endswith("*"))
    return "AID" if any(_is_listed(t.lower_, material, stems) for t in words) else event_type


def _is_listed(word: str, words: frozenset[str], stems: tuple[str, ...]) -> bool:
    return word in words or word.startswith(stems)


def _matches(
    sentence: _Sentence,
    tokens: Sequence[Word],
    index: int,
    keys: Sequence[Sequence[str]],
    present: frozenset[str],
) -> Iterator[tuple[Pattern, list[int]]]:
    """The patterns that start at `index`, each with the token offsets of its words.

    `keys` are those of each token, `present` those of the whole sentence.
    """
    following = keys[index + 1] if index + 1 < len(keys) else ()
    opened = [_opened_by(key, sentence.lexicon.language) for key in keys[index]]
    for pattern in {id(p): p for some in opened for p in some.at(following, present)}.values():
        at = _match(pattern, sentence, tokens, index, keys)
        if at:
            yield pattern, at


@dataclass(frozen=True)
class _Opened:
    """The patterns that start with a word, each with its place in the lexicon.

    `seconds`: those that need a certain second word; `others`: those with a gap, an entity or a
    particle there, or with no second word, after one of the words that they end with.
    """

    seconds: Mapping[str, Sequence[tuple[int, Pattern]]]
    others: Sequence[tuple[frozenset[str], tuple[int, Pattern]]]

    def at(self, following: Sequence[str], present: frozenset[str]) -> list[Pattern]:
        """The patterns that may match where a word with these keys follows, in their order."""
        near = [found for key in following for found in self.seconds.get(key, ())]
        near += [found for last, found in self.others if not last or not last.isdisjoint(present)]
        return [pattern for _, pattern in sorted(near, key=itemgetter(0))]


@lru_cache(maxsize=10_000)
def _opened_by(key: str, language: str) -> _Opened:
    seconds: dict[str, list[tuple[int, Pattern]]] = {}
    others: list[tuple[frozenset[str], tuple[int, Pattern]]] = []
    for numbered in enumerate(load_lexicon(language).patterns.get(key, ())):
        words = numbered[1].words
        if len(words) == 1 or any(w in GAPS or w == "ENT" or w.endswith("$") for w in words[1]):
            others.append((_needed(words[-1]), numbered))
            continue
        for word in words[1]:
            seconds.setdefault(word, []).append(numbered)
    return _Opened(seconds, others)


def _needed(words: frozenset[str]) -> frozenset[str]:
    """The words one of which the sentence must have; none where it is an entity or a gap."""
    free = "ENT" in words or not words.isdisjoint(GAPS)
    return frozenset() if free else frozenset(w.removesuffix("$") for w in words)


@lru_cache(maxsize=50_000)
def _keys_of(lower: str, language: str) -> tuple[str, ...]:
    word = lower if len(lower) == 1 else lower.removesuffix(".")
    return tuple(dict.fromkeys((word, lemma(word, language))))


def _match(
    pattern: Pattern,
    sentence: _Sentence,
    tokens: Sequence[Word],
    index: int,
    keys: Sequence[Sequence[str]],
) -> list[int]:
    at = [tokens[index].i]
    position, gap = index + 1, 0
    for words in pattern.words[1:]:
        if not words.isdisjoint(GAPS):
            gap = max(GAPS[w] for w in words & GAPS.keys())
            at.append(at[-1])
            continue
        found = _next_match(words, sentence, tokens, position, gap, keys)
        if found is None:
            return []
        at.append(tokens[found].i)
        position, gap = found + 1, 0
    return at


def _next_match(
    words: frozenset[str],
    sentence: _Sentence,
    tokens: Sequence[Word],
    position: int,
    gap: int,
    keys: Sequence[Sequence[str]],
) -> int | None:
    for index in range(position, min(position + gap + 1, len(tokens))):
        token = tokens[index]
        if token.text in {";", ":", "."}:
            return None
        if "ENT" in words and token.ent_iob_ == "B" and token.ent_type_ != "DATE":
            return index
        if not words.isdisjoint(keys[index]):
            return index
        if f"{token.lower_}$" in words and _is_particle(sentence.after(token)):
            return index
    return None


def _is_particle(following: Word | None) -> bool:
    """No name, article or number follows, as after a preposition."""
    if following is None or not following.is_alpha:
        return following is None or not following.like_num
    dutch = load_lexicon("nl")
    articles = dutch.group("determiners") - dutch.group("complementizers")
    return following.lower_ not in articles and following.ent_iob_ != "B"


def _from_pattern(
    pattern: Pattern, sense: Sense, at: list[int], tokens: Sequence[Word], sentence: _Sentence
) -> Mention:
    lexicon = sentence.lexicon
    first, last = at[pattern.first], at[pattern.last]
    token, head = tokens[first - tokens[0].i], tokens[at[0] - tokens[0].i]
    trigger = tokens[first - tokens[0].i : last + 1 - tokens[0].i]
    tag = "" if sense.form == "noun" else _pattern_tag(trigger, head, lexicon)
    tagged = replace(sense, tag=tag, lemma=lemma(token.lower_, lexicon.language))
    return _mention(tagged, first, last + 1, token, sentence)


def _pattern_tag(trigger: Sequence[Word], head: Word, lexicon: Lexicon) -> str:
    """The past form among the trigger's words, else the form of the pattern's first word."""
    tags = (_tag(token, lexicon) for token in trigger)
    return next((tag for tag in tags if tag in PAST_TAGS), "") or _tag(head, lexicon)


def _tag(token: Word, lexicon: Lexicon) -> str:
    word, past_forms = token.lower_, lexicon.group("past_forms")
    if word in past_forms:
        return "past"
    if lexicon.language in {"sv", "nb"} and word.endswith("s") and word[:-1] in past_forms:
        return "past-pass"
    known = next((s.tag for s in lexicon.senses(token.text) if s.form == "verb"), "")
    if known:
        return known
    tag = verb_tag(word, lexicon.language)
    if lemma(word, lexicon.language) != word or not may_be_infinitive(word, lexicon.language):
        return tag
    return "inf"


def _select(candidates: Iterator[Mention]) -> Iterator[Mention]:
    """Where triggers overlap, the longer one stays, then the more certain one."""
    taken: set[int] = set()
    for mention in sorted(candidates, key=lambda m: (m.start - m.end, -m.score, m.start)):
        span = range(mention.start, mention.end)
        if taken.isdisjoint(span):
            taken.update(span)
            yield mention
