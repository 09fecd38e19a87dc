"""The event lexicon of a language: data in lexicons/*.toml, made into look-up tables.

A table per event type:

    [triggers.AGREE]
    verbs = "agree sign pay=paid,paid"    strong; irregular forms: past, participle, others
    nouns = "agreement deal"              strong
    weak_verbs, weak_nouns                the same, less certain
    heads = "avtal"                       last parts of compounds that mean the type
    patterns = ["[reach] an agreement"]   several words; the bracketed ones are the trigger

A word of a pattern matches a surface form or lemma; `a|b` is a choice, `..` skips up to six words,
`ENT` is an entity, a leading `~` makes the pattern weak and a leading `n:` a noun.
`[grammar]` lists the function words that the argument and attribute rules read.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from typing import Any

from curation.errors import OntologyError
from curation.preannotate.extensions import Form
from curation.preannotate.morphology import lemma, slovak_derivations, verb_forms, verb_tag

__all__ = ["Lexicon", "Pattern", "Sense", "load_lexicon", "parse_lexicon"]

STRONG, WEAK, COMPOUND = 0.85, 0.55, 0.75
_MARKED = re.compile(r"\[(.*?)\]")


@dataclass(frozen=True)
class Sense:
    """One reading of a word: an event type, how it is used, how certain it is."""

    type: str
    form: Form
    score: float
    tag: str = ""
    lemma: str = ""


@dataclass(frozen=True)
class Pattern:
    """Several words that make one event; `first`, `last` are the trigger's words, inclusive."""

    words: tuple[frozenset[str], ...]
    first: int
    last: int
    sense: Sense | None


@dataclass(frozen=True)
class Lexicon:
    """Look-up tables of one language; empty ones for a language without a lexicon."""

    language: str
    words: Mapping[str, tuple[Sense, ...]] = field(default_factory=dict)
    heads: re.Pattern[str] | None = None
    head_senses: Mapping[str, Sense] = field(default_factory=dict)
    patterns: Mapping[str, tuple[Pattern, ...]] = field(default_factory=dict)
    grammar: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @property
    def abbreviations(self) -> frozenset[str]:
        """Words whose full stop does not end a sentence, in lower case and without it."""
        return self.group("abbreviations")

    def group(self, name: str) -> frozenset[str]:
        """The function words of that name; none where the language lists none."""
        return self.grammar.get(name, frozenset())

    def senses(self, word: str) -> tuple[Sense, ...]:
        """All readings of a word, by its form, its lemma, or the last part of a compound."""
        return _senses(self.language, word)

    def look_up(self, word: str) -> tuple[Sense, ...]:
        """The same, not cached."""
        lower = word.lower()
        found = self.words.get(lower) or self._by_lemma(word, lower)
        return found or self._by_head(lower)

    def _by_lemma(self, word: str, lower: str) -> tuple[Sense, ...]:
        for base in dict.fromkeys((lemma(lower, self.language), lemma(word, self.language))):
            senses = self.words.get(base)
            if senses:
                return tuple(self._retagged(sense, lower) for sense in senses)
        if self.language == "sk" and lower.startswith("ne") and len(lower) > 5:
            return self._by_lemma(word[2:], lower[2:])
        return ()

    def _retagged(self, sense: Sense, form: str) -> Sense:
        if sense.form == "noun":
            return sense
        return Sense(
            sense.type, sense.form, sense.score, verb_tag(form, self.language), sense.lemma
        )

    def _by_head(self, lower: str) -> tuple[Sense, ...]:
        match = self.heads.match(lower) if self.heads else None
        return (self.head_senses[match["head"]],) if match else ()


@lru_cache(maxsize=200_000)
def _senses(language: str, word: str) -> tuple[Sense, ...]:
    return load_lexicon(language).look_up(word)


@lru_cache(maxsize=32)
def load_lexicon(language: str) -> Lexicon:
    """The lexicon shipped for `language`; an empty one where there is none."""
    source = resources.files(__package__).joinpath("lexicons", f"{language}.toml")
    if not source.is_file():
        return Lexicon(language)
    return parse_lexicon(source.read_text(encoding="utf-8"), language)


def parse_lexicon(text: str, language: str) -> Lexicon:
    """The lexicon in the TOML `text`; OntologyError says what is wrong with it."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise OntologyError(f"lexicon {language}: not valid TOML: {error}") from error
    triggers: Mapping[str, Any] = data.get("triggers", {})
    words: dict[str, list[Sense]] = {}
    for form, sense in _all_words(triggers, language):
        if all((s.type, s.form) != (sense.type, sense.form) for s in words.setdefault(form, [])):
            words[form].append(sense)
    heads = dict(_all_heads(triggers))
    grammar = {name: frozenset(_items(value)) for name, value in data.get("grammar", {}).items()}
    return Lexicon(
        language=language,
        words={form: tuple(senses) for form, senses in words.items()},
        heads=_head_pattern(heads, grammar.get("noun_endings", frozenset())),
        head_senses=heads,
        patterns=_all_patterns(triggers, data.get("blocked", {}).get("patterns", ())),
        grammar=grammar,
    )


def _items(value: str | Sequence[str]) -> list[str]:
    return value.split() if isinstance(value, str) else list(value)


def _all_words(triggers: Mapping[str, Any], language: str) -> Iterator[tuple[str, Sense]]:
    for event_type, table in triggers.items():
        for score, prefix in ((STRONG, ""), (WEAK, "weak_")):
            for entry in _items(table.get(prefix + "verbs", "")):
                yield from _verb(entry, event_type, score, language)
            for noun in _items(table.get(prefix + "nouns", "")):
                yield noun, Sense(event_type, "noun", score, lemma=noun)


def _verb(entry: str, event_type: str, score: float, language: str) -> Iterator[tuple[str, Sense]]:
    base, _, irregular = entry.partition("=")
    for index, form in enumerate(irregular.split(",") if irregular else ()):
        tag = ("past", "part")[index] if index < 2 else verb_tag(form, language)
        yield form, Sense(event_type, "verb", score, tag, base)
    for form, tag in verb_forms(base, language):
        yield form, Sense(event_type, "verb", score, tag, base)
    for form, _ in slovak_derivations(base) if language == "sk" else ():
        yield form, Sense(event_type, "participle", score, "part", base)


def _all_heads(triggers: Mapping[str, Any]) -> Iterator[tuple[str, Sense]]:
    for event_type, table in triggers.items():
        for head in _items(table.get("heads", "")):
            yield head, Sense(event_type, "noun", COMPOUND, lemma=head)


def _head_pattern(heads: Mapping[str, Sense], endings: frozenset[str]) -> re.Pattern[str] | None:
    if not heads:
        return None
    longest_first = sorted(heads, key=len, reverse=True)
    tails = "|".join(sorted(endings, key=len, reverse=True))
    return re.compile(rf"^\w[\w-]{{2,}}(?P<head>{'|'.join(longest_first)})(?:{tails})?$")


def _all_patterns(
    triggers: Mapping[str, Any], blocked: Sequence[str]
) -> Mapping[str, tuple[Pattern, ...]]:
    table: dict[str, list[Pattern]] = {}
    for pattern in (*_trigger_patterns(triggers), *(_pattern(text, None) for text in blocked)):
        for word in pattern.words[0]:
            table.setdefault(word, []).append(pattern)
    return {word: tuple(patterns) for word, patterns in table.items()}


def _trigger_patterns(triggers: Mapping[str, Any]) -> Iterator[Pattern]:
    for event_type, table in triggers.items():
        for text in table.get("patterns", ()):
            score = WEAK if text.startswith("~") else STRONG
            bare = text.removeprefix("~")
            form: Form = "noun" if bare.startswith("n:") else "verb"
            yield _pattern(bare.removeprefix("n:"), Sense(event_type, form, score))


def _pattern(text: str, sense: Sense | None) -> Pattern:
    words = text.split()
    marked = [i for i, w in enumerate(words) if "[" in w or "]" in w] or [0, len(words) - 1]
    last = marked[0] if ".." in words[marked[0] : marked[-1]] else marked[-1]
    bare = tuple(frozenset(_MARKED.sub(r"\1", w).strip("[]").split("|")) for w in words)
    return Pattern(bare, marked[0], last, sense)
