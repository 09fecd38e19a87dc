"""The spaCy component that finds event triggers from the lexicon of the language.

No trigger: a word inside a name; a capitalised word within a sentence ("Ministry of Defence");
a word in a blocked phrase; an auxiliary. Where a word can be verb or noun, its neighbours decide.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

from spacy.tokens import Doc, Span, Token

from curation.preannotate.extensions import Mention, add_factory, store_mentions
from curation.preannotate.lexicon import Lexicon, Pattern, Sense, load_lexicon
from curation.preannotate.morphology import PAST_TAGS, lemma, verb_tag

__all__ = ["find_mentions"]

COMPONENT = "curation_triggers"
GAPS = {"..": 6, "...": 14}
CONTEXT = 4
LEAST = 0.5


def make_triggers(language: str) -> Callable[[Doc], Doc]:
    """The component for `language`."""
    lexicon = load_lexicon(language)
    return lambda doc: store_mentions(doc, find_mentions(doc, lexicon))


add_factory(COMPONENT, make_triggers)


def find_mentions(doc: Doc, lexicon: Lexicon) -> Iterator[Mention]:
    """The event mentions of a document, in text order; their triggers do not overlap."""
    if not lexicon.words:
        return
    for sentence in doc.sents:
        yield from _sentence_mentions(sentence, lexicon)


def _sentence_mentions(sentence: Span, lexicon: Lexicon) -> Iterator[Mention]:
    tokens = list(sentence)
    title = _is_title_case(tokens)
    candidates: list[Mention] = []
    blocked: set[int] = set()
    for index, token in enumerate(tokens):
        if not token.text[0].isalpha():
            continue
        for pattern, at in _matches(tokens, index, lexicon):
            if pattern.sense is None:
                blocked.update(range(at[0], at[-1] + 1))
            else:
                candidates.append(_from_pattern(pattern, pattern.sense, at, tokens, lexicon))
        if _may_trigger(token, title):
            candidates.extend(_from_word(token, lexicon))
    yield from _select(m for m in candidates if blocked.isdisjoint(range(m.start, m.end)))


def _is_title_case(tokens: Sequence[Token]) -> bool:
    """A headline in title case, where capitals say nothing about names."""
    words = [t for t in tokens if t.is_alpha and len(t) > 3]
    capitals = sum(t.text[0].isupper() for t in words)
    return len(words) > 2 and capitals > 0.7 * len(words)


def _may_trigger(token: Token, title: bool) -> bool:
    if token.ent_iob_ in {"B", "I"}:
        return False
    return title or not token.text[0].isupper() or _opens_clause(token)


def _opens_clause(token: Token) -> bool:
    """First word of the sentence, or after a quote, colon or dash."""
    if token.is_sent_start:
        return True
    previous = token.nbor(-1)
    return previous.is_space or (not previous.is_alpha and not previous.like_num)


def _from_word(token: Token, lexicon: Lexicon) -> Iterator[Mention]:
    senses = lexicon.senses(token.text)
    if not senses or token.lower_ in lexicon.group("never"):
        return
    sense = _choose(token, senses, lexicon)
    if sense is not None:
        yield _mention(sense, token.i, token.i + 1, token, lexicon)


def _choose(token: Token, senses: Sequence[Sense], lexicon: Lexicon) -> Sense | None:
    """The reading that fits the neighbours, if it is certain enough."""
    forms = {s.form for s in senses}
    if len(forms) > 1:
        passive = any(s.tag.endswith("-pass") for s in senses)
        form = "verb" if passive else _form_in_context(token, lexicon)
        senses = [s for s in senses if s.form == form] or senses
    elif "verb" in forms:
        senses = [_verb_in_context(s, token, lexicon) for s in senses]
    best = max(senses, key=lambda s: s.score)
    return best if best.score >= LEAST else None


def _verb_in_context(sense: Sense, token: Token, lexicon: Lexicon) -> Sense:
    """Less certain after an article or the like; then a past form is an adjective."""
    if _after_noun_cue(token, lexicon):
        if sense.tag in {"past", "part"}:
            return replace(sense, score=sense.score * 0.8, form="participle")
        return replace(sense, score=sense.score * (0.4 if sense.tag in {"inf", "pres"} else 1))
    if lexicon.language == "en" and sense.tag in {"inf", "pres"}:
        doubtful = _form_in_context(token, lexicon) == "noun" and not _after_name(token)
        return replace(sense, score=sense.score * (0.8 if doubtful else 1))
    return sense


def _after_name(token: Token) -> bool:
    previous = _word_before(token)
    return previous is not None and previous.ent_iob_ in {"B", "I"}


def _form_in_context(token: Token, lexicon: Lexicon) -> str:
    if _after_noun_cue(token, lexicon):
        return "noun"
    previous = _word_before(token)
    if previous is not None and previous.lower_ in lexicon.group("verb_cues"):
        return "verb"
    following = token.doc[token.i + 1] if token.i + 1 < len(token.doc) else None
    if following is None:
        return "noun"
    starts_phrase = following.lower_ in lexicon.group("determiners") or (
        following.ent_iob_ == "B" and following.ent_type_ != "DATE"
    )
    return "verb" if starts_phrase else "noun"


def _after_noun_cue(token: Token, lexicon: Lexicon) -> bool:
    """An article, number, genitive, or an adverb of degree before it."""
    previous = _word_before(token)
    if previous is None:
        return False
    genitive = previous.lower_ in {"'s", "’s"}
    number = previous.like_num and not previous.ent_type_
    cues = lexicon.group("noun_cues") | lexicon.group("degree_adverbs")
    return genitive or number or previous.lower_ in cues


def _word_before(token: Token) -> Token | None:
    return None if token.is_sent_start or token.i == 0 else token.doc[token.i - 1]


def _mention(sense: Sense, start: int, end: int, token: Token, lexicon: Lexicon) -> Mention:
    event_type = _type_in_context(sense.type, token, lexicon)
    return Mention(
        start, end, event_type, round(sense.score, 3), sense.form, sense.tag, sense.lemma
    )


def _type_in_context(event_type: str, token: Token, lexicon: Lexicon) -> str:
    """Support that is material is AID."""
    if event_type != "SUPPORT":
        return event_type
    low, high = max(token.sent.start, token.i - CONTEXT), min(token.sent.end, token.i + CONTEXT + 1)
    words = token.doc[low:high]
    material = lexicon.group("material")
    stems = tuple(w.removesuffix("*") for w in material if w.endswith("*"))
    return "AID" if any(_is_listed(t.lower_, material, stems) for t in words) else event_type


def _is_listed(word: str, words: frozenset[str], stems: tuple[str, ...]) -> bool:
    return word in words or word.startswith(stems)


def _matches(
    tokens: Sequence[Token], index: int, lexicon: Lexicon
) -> Iterator[tuple[Pattern, list[int]]]:
    """The patterns that start at `index`, each with the token offsets of its words."""
    keys = _keys(tokens[index], lexicon.language)
    if lexicon.patterns.keys().isdisjoint(keys):
        return
    for pattern in {id(p): p for key in keys for p in lexicon.patterns.get(key, ())}.values():
        at = _match(pattern, tokens, index, lexicon.language)
        if at:
            yield pattern, at


def _keys(token: Token, language: str) -> tuple[str, ...]:
    return _keys_of(token.lower_, language)


@lru_cache(maxsize=100_000)
def _keys_of(lower: str, language: str) -> tuple[str, ...]:
    word = lower if len(lower) == 1 else lower.removesuffix(".")
    return tuple(dict.fromkeys((word, lemma(word, language))))


def _match(pattern: Pattern, tokens: Sequence[Token], index: int, language: str) -> list[int]:
    at = [tokens[index].i]
    position, gap = index + 1, 0
    for words in pattern.words[1:]:
        if not words.isdisjoint(GAPS):
            gap = max(GAPS[w] for w in words & GAPS.keys())
            at.append(at[-1])
            continue
        found = _next_match(words, tokens, position, gap, language)
        if found is None:
            return []
        at.append(tokens[found].i)
        position, gap = found + 1, 0
    return at


def _next_match(
    words: frozenset[str], tokens: Sequence[Token], position: int, gap: int, language: str
) -> int | None:
    for index in range(position, min(position + gap + 1, len(tokens))):
        token = tokens[index]
        if token.text in {";", ":", "."}:
            return None
        if "ENT" in words and token.ent_iob_ == "B" and token.ent_type_ != "DATE":
            return index
        if not words.isdisjoint(_keys(token, language)):
            return index
        if f"{token.lower_}$" in words and _is_particle(token):
            return index
    return None


def _is_particle(token: Token) -> bool:
    """No name, article or number follows, as after a preposition."""
    following = token.doc[token.i + 1] if token.i + 1 < len(token.doc) else None
    if following is None or not following.is_alpha:
        return following is None or not following.like_num
    articles = load_lexicon("nl").group("determiners")
    return following.lower_ not in articles and following.ent_iob_ != "B"


def _from_pattern(
    pattern: Pattern, sense: Sense, at: list[int], tokens: Sequence[Token], lexicon: Lexicon
) -> Mention:
    first, last = at[pattern.first], at[pattern.last]
    token, head = tokens[first - tokens[0].i], tokens[at[0] - tokens[0].i]
    tag = "" if sense.form == "noun" else _pattern_tag(token, head, lexicon)
    tagged = replace(sense, tag=tag, lemma=lemma(token.lower_, lexicon.language))
    return _mention(tagged, first, last + 1, token, lexicon)


def _pattern_tag(trigger: Token, head: Token, lexicon: Lexicon) -> str:
    """The form of the trigger where it is a past one, else that of the pattern's first word."""
    own = _tag(trigger, lexicon)
    return own if own in PAST_TAGS else _tag(head, lexicon)


def _tag(token: Token, lexicon: Lexicon) -> str:
    if token.lower_ in lexicon.group("past_forms"):
        return "past"
    known = next((s.tag for s in lexicon.senses(token.text) if s.form == "verb"), "")
    if known:
        return known
    tag = verb_tag(token.lower_, lexicon.language)
    return "inf" if tag != "ing" and lemma(token.lower_, lexicon.language) == token.lower_ else tag


def _select(candidates: Iterator[Mention]) -> Iterator[Mention]:
    """Where triggers overlap, the longer one stays, then the more certain one."""
    taken: set[int] = set()
    for mention in sorted(candidates, key=lambda m: (m.start - m.end, -m.score, m.start)):
        span = range(mention.start, mention.end)
        if taken.isdisjoint(span):
            taken.update(span)
            yield mention
