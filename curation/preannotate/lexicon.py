"""The event lexicon of a language: data in lexicons/*.toml, made into look-up tables.

A table per event type:

    [triggers.AGREE]
    verbs = "agree sign pay=paid,paid"    strong; irregular forms: past, participle, others
    nouns = "agreement deal"              strong
    weak_verbs, weak_nouns                the same, less certain
    heads = "avtal"                       last parts of compounds that mean the type
    patterns = ["[reach] an agreement"]   several words; the bracketed ones are the trigger

The last bracketed stretch is the trigger: "[go] on [strike]" gives "strike". A word matches a
surface form or lemma; `a|b` is a choice, `..` skips up to six words and `...` up to fourteen, `in$`
is "in" but no preposition, `ENT` is an entity; a leading `~` makes the pattern weak, `n:` a noun.
`[blocked]` lists patterns that are no event, or with a type before a colon, none of that type.
`[grammar]` lists the function words that the argument and attribute rules read.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from importlib import resources
from typing import Any

from curation.errors import OntologyError
from curation.preannotate.extensions import Form
from curation.preannotate.morphology import (
    lemma,
    noun_forms,
    slovak_derivations,
    verb_forms,
    verb_tag,
)

__all__ = ["Lexicon", "Pattern", "Sense", "load_lexicon", "parse_lexicon"]

STRONG, WEAK, COMPOUND = 0.85, 0.55, 0.75
_NONE: frozenset[str] = frozenset()


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
    """Several words that make one event; `first`, `last` are the trigger's words, inclusive.

    Without a sense they are no event: of the type `only`, or of any.
    """

    words: tuple[frozenset[str], ...]
    first: int
    last: int
    sense: Sense | None
    only: str = ""


@dataclass(frozen=True)
class Lexicon:
    """Look-up tables of one language; empty ones for a language without a lexicon."""

    language: str
    words: Mapping[str, tuple[Sense, ...]] = field(default_factory=dict)
    heads: re.Pattern[str] | None = None
    head_senses: Mapping[str, Sense] = field(default_factory=dict)
    patterns: Mapping[str, tuple[Pattern, ...]] = field(default_factory=dict)
    grammar: Mapping[str, frozenset[str]] = field(default_factory=dict)
    _together: dict[tuple[str, ...], frozenset[str]] = field(
        default_factory=dict, init=False, compare=False, repr=False
    )

    @property
    def types(self) -> frozenset[str]:
        """The event types that it has words for."""
        senses = [sense for found in self.words.values() for sense in found]
        patterns = [p.sense for found in self.patterns.values() for p in found if p.sense]
        return frozenset(s.type for s in [*senses, *self.head_senses.values(), *patterns])

    @property
    def abbreviations(self) -> frozenset[str]:
        """Words whose full stop does not end a sentence, in lower case and without it."""
        return self.group("abbreviations")

    def group(self, name: str) -> frozenset[str]:
        """The function words of that name; none where the language lists none."""
        return self.grammar.get(name, _NONE)

    def groups(self, *names: str) -> frozenset[str]:
        """The function words of several names together."""
        if names not in self._together:
            self._together[names] = frozenset().union(*map(self.group, names))
        return self._together[names]

    def senses(self, word: str) -> tuple[Sense, ...]:
        """All readings of a word, by its form, its lemma, or the last part of a compound."""
        return _senses(self.language, word)

    def look_up(self, word: str) -> tuple[Sense, ...]:
        """The same, not cached."""
        lower = word.lower()
        found = {(s.type, s.form): s for s in self._by_lemma(word, lower)}
        found |= {(s.type, s.form): s for s in self.words.get(lower, ())}
        found |= {(s.type, s.form): s for s in self._verbal_noun(lower)}
        return tuple(found.values()) or self._by_head(lower)

    def _by_lemma(self, word: str, lower: str) -> tuple[Sense, ...]:
        for base in dict.fromkeys((lemma(lower, self.language), lemma(word, self.language))):
            senses = self.words.get(base)
            if senses:
                found = (self._retagged(sense, lower) for sense in senses)
                return tuple(s for s in found if s.tag != "adjective")
        if self.language == "sk" and lower.startswith("ne") and len(lower) > 5:
            return self._by_lemma(word[2:], lower[2:])
        return ()

    def _verbal_noun(self, lower: str) -> tuple[Sense, ...]:
        """Slovak "o prepustení", which dictionaries take for a participle in the plural."""
        if self.language != "sk" or not lower.endswith(("ní", "tí")):
            return ()
        return tuple(s for s in self.words.get(lower[:-1] + "ie", ()) if s.form == "noun")

    def _retagged(self, sense: Sense, form: str) -> Sense:
        if sense.form == "noun":
            return sense
        tag = _present_in_s(form, sense.lemma, self.language) or verb_tag(form, self.language)
        return Sense(sense.type, sense.form, sense.score, tag, sense.lemma)

    def _by_head(self, lower: str) -> tuple[Sense, ...]:
        match = self.heads.match(lower) if self.heads else None
        return (self.head_senses[match["head"]],) if match else ()


@lru_cache(maxsize=50_000)
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
    _inflect(words, language)
    heads = dict(_all_heads(triggers))
    grammar = {name: frozenset(_items(value)) for name, value in data.get("grammar", {}).items()}
    return Lexicon(
        language=language,
        words={form: tuple(senses) for form, senses in words.items()},
        heads=_head_pattern(heads, grammar.get("noun_endings", frozenset())),
        head_senses=heads,
        patterns=_all_patterns(triggers, data.get("blocked", {}).get("patterns", ()), language),
        grammar=grammar,
    )


def _inflect(words: dict[str, list[Sense]], language: str) -> None:
    """Add the forms of nouns, except where the lexicon says that they are something else."""
    nouns = [s for senses in words.values() for s in senses if s.form == "noun"]
    known = frozenset(words)
    for sense in nouns:
        for form in noun_forms(sense.lemma, language):
            same = words.setdefault(form, [])
            if form not in known and all(s.type != sense.type for s in same):
                same.append(sense)


def _items(value: str | Sequence[str]) -> list[str]:
    return value.split() if isinstance(value, str) else list(value)


def _all_words(triggers: Mapping[str, Any], language: str) -> Iterator[tuple[str, Sense]]:
    for event_type, table in triggers.items():
        for score, prefix in ((STRONG, ""), (WEAK, "weak_")):
            for entry in _items(table.get(prefix + "verbs", "")):
                yield from _verb(entry, event_type, score, language)
            for noun in _items(table.get(prefix + "nouns", "")):
                yield noun, Sense(event_type, "noun", score, lemma=noun)
        for head in _items(table.get("heads", "")):
            yield head, Sense(event_type, "noun", STRONG, lemma=head)


def _verb(entry: str, event_type: str, score: float, language: str) -> Iterator[tuple[str, Sense]]:
    base, _, irregular = entry.partition("=")
    forms = irregular.split(",") if irregular else []
    for index, form in enumerate(forms):
        tag = ("past", "part")[index] if index < 2 else _further_tag(base, form, forms, language)
        yield form, Sense(event_type, "verb", score, tag, base)
    for form, tag in zip(forms, ("past-pass", "part-pass"), strict=False):
        if language in {"sv", "nb"} and not form.endswith("s"):
            yield form + "s", Sense(event_type, "verb", score, tag, base)
    for form, tag in verb_forms(base, language):
        yield form, Sense(event_type, "verb", score, tag, base)
    for form, _ in slovak_derivations(base) if language == "sk" else ():
        yield form, Sense(event_type, "participle", score, "part", base)


def _further_tag(base: str, form: str, forms: Sequence[str], language: str) -> str:
    """Of a form listed after past and participle; "greps" is the passive of "grep"."""
    if language in {"sv", "nb"} and form.endswith("s") and form[:-1] in forms[:2]:
        return ("past-pass", "part-pass")[forms.index(form[:-1])]
    in_s = _present_in_s(form, base, language)
    if in_s:
        return in_s
    return verb_tag(form, language)


def _present_in_s(form: str, base: str, language: str) -> str:
    """The tag of Swedish "möts", "beskjuts", whose endings look like those of a supine."""
    if language != "sv":
        return ""
    if base.endswith("as") and form == base[:-2] + "s":
        return "pres"
    return "pres-pass" if base.endswith("a") and form == base[:-1] + "s" else ""


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
    triggers: Mapping[str, Any], blocked: Sequence[str], language: str
) -> Mapping[str, tuple[Pattern, ...]]:
    table: dict[str, list[Pattern]] = {}
    for pattern in (
        *_trigger_patterns(triggers, language),
        *(_blocked(text) for text in blocked),
    ):
        for word in pattern.words[0]:
            table.setdefault(word, []).append(pattern)
    return {word: tuple(patterns) for word, patterns in table.items()}


def _trigger_patterns(triggers: Mapping[str, Any], language: str) -> Iterator[Pattern]:
    for event_type, table in triggers.items():
        for text in (*table.get("patterns", ()), *_separable(table, language)):
            score = WEAK if text.startswith("~") else STRONG
            bare = text.removeprefix("~")
            form: Form = "noun" if bare.startswith("n:") else "verb"
            yield _pattern(bare.removeprefix("n:"), Sense(event_type, form, score))


_PARTICLES = re.compile(
    "(aan|af|bij|binnen|dood|gevangen|goed|in|mee|neer|om|op|over|samen|tegen|terug|toe|uit|vast|vrij|weg)"
    "(?=..{3})"
)


def _separable(table: Mapping[str, Any], language: str) -> Iterator[str]:
    """Patterns of separated Dutch verbs: "viel aan", "viel ... aan", "aan te vallen"."""
    if language != "nl":
        return
    for entry in _items(table.get("verbs", "")):
        base, _, irregular = entry.partition("=")
        particle = _PARTICLES.match(base)
        forms = [f for f in irregular.split(",") if particle and f.startswith(particle[0])]
        if not particle or not forms:
            continue
        rest = [f[len(particle[0]) :] for f in forms]
        finite = [f for f in rest if not f.startswith("ge")]
        stem = base[len(particle[0]) :]
        yield f"[{particle[0]} te {stem}]"
        separated = "|".join(dict.fromkeys((*finite, stem)))
        yield f"[{separated} {particle[0]}$]"
        yield f"[{separated}] ... {particle[0]}$"


def _pattern(text: str, sense: Sense | None) -> Pattern:
    words = text.split()
    first, last = _trigger_words(words)
    return Pattern(tuple(frozenset(w.strip("[]").split("|")) for w in words), first, last, sense)


def _blocked(text: str) -> Pattern:
    """As "deal with", never an event; "AGREE: deal with" not one of AGREE."""
    event_type, colon, words = text.partition(": ")
    return replace(_pattern(words if colon else text, None), only=event_type if colon else "")


def _trigger_words(words: Sequence[str]) -> tuple[int, int]:
    """First and last word of the trigger: the last bracketed stretch, or all words."""
    groups: list[list[int]] = []
    inside = False
    for index, word in enumerate(words):
        if inside or word.startswith("["):
            if not groups or groups[-1][-1] != index - 1:
                groups.append([])
            groups[-1].append(index)
        inside = (inside or word.startswith("[")) and not word.endswith("]")
    if not groups:
        return 0, len(words) - 1
    return groups[-1][0], groups[-1][-1]
