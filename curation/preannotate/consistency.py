"""`curation_consistency`: what the annotation guideline says and a whole document can tell.

Works on PER, ORG and LOC of `doc.ents` and leaves other labels alone. In this order:

1. titles are cut off persons ("General Khalifa Haftar" -> "Khalifa Haftar"), and words such as
   "and" off the end of any name;
2. demonyms are dropped, and outside of English every name without a capital;
3. known agencies and bodies, and capitals in brackets after an organisation, are organisations,
   and names of countries and continents are locations;
4. a surname of a person found elsewhere in the document is that person, unless it was found as
   something else with a higher score;
5. one surface has one label in a document, the one with the larger sum of scores.
"""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from babel import Locale, UnknownLocaleError
from spacy.attrs import IDX
from spacy.language import Language
from spacy.tokens import Doc, Span

from curation.preannotate.words import text_of, texts_of

__all__ = ["COMPONENT", "Name", "Words", "apply_rules", "load_words"]

COMPONENT = "curation_consistency"
LABELS = frozenset({"PER", "ORG", "LOC"})

for _name in ("score", "component"):
    if not Span.has_extension(_name):
        Span.set_extension(_name, default=None)

_CAPITALS = re.compile(r"^[A-ZÀ-ÖØ-ÞĀ-Ž][A-ZÀ-ÖØ-ÞĀ-Ž0-9&]{1,7}$")
_SURE = 0.7
"""Least score of a person whose surname is looked for."""
_CLEAR = 0.6
"""Least share of the scores with which a label wins a surface."""
_ENDINGS: dict[str, tuple[str, ...]] = {
    "sk": (
        *("ovými", "ovej", "ovou", "ovi", "ová", "ovú", "ými", "ého", "ému", "ých", "ou", "om"),
        *("ej", "ov", "ým", "ám", "mi", "ý", "á", "ú", "a", "u", "e", "i", "y"),
    ),
    "en": (),
}
_GENITIVE = ("s",)
_POSSESSIVE = frozenset({"'s", "’s"})


@dataclass(frozen=True)
class Name:
    """An entity by token offsets, with what is known about it."""

    start: int
    end: int
    label: str
    score: float
    component: str


@dataclass(frozen=True)
class Words:
    """The word lists of consistency.toml, folded."""

    titles: frozenset[str]
    title_stems: tuple[str, ...]
    agencies: frozenset[str]
    tails: frozenset[str]
    bodies: frozenset[str]
    body_stems: tuple[str, ...]
    given_names: frozenset[str]
    demonyms: dict[str, frozenset[str]]
    demonym_stems: dict[str, tuple[str, ...]]

    def is_title(self, word: str) -> bool:
        """Whether a word, or the last part of a hyphenated one, is a title or office."""
        folded = word.casefold().rstrip(".")
        tail = folded.rpartition("-")[2] or folded
        return (
            folded in self.titles
            or tail in self.titles
            or (bool(self.title_stems) and folded.startswith(self.title_stems))
        )

    def is_body(self, word: str) -> bool:
        """Whether a word is an agency in capitals or another known body."""
        bare = word[:-1].rstrip(":") if word.endswith("s") else word
        return (
            word in self.agencies
            or bare in self.agencies
            or word in self.bodies
            or word.startswith(self.body_stems)
        )

    def is_demonym(self, word: str, language: str) -> bool:
        """Whether a capitalised word is an adjective or a people's name in the language."""
        return word in self.demonyms.get(language, ()) or word.startswith(
            self.demonym_stems.get(language, ("\0",))
        )


@lru_cache(maxsize=1)
def load_words() -> Words:
    """Reads consistency.toml once."""
    path = Path(__file__).with_suffix(".toml")
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    titles, title_stems = _starred(word.casefold() for word in data["titles"])
    bodies, body_stems = _starred(data["bodies"])
    demonyms = {language: _starred(words) for language, words in data["demonyms"].items()}
    return Words(
        titles=titles,
        title_stems=title_stems,
        agencies=frozenset(data["agencies"]),
        tails=frozenset(data["tails"]),
        bodies=bodies,
        body_stems=body_stems,
        given_names=frozenset(data["given_names"]),
        demonyms={language: words for language, (words, _) in demonyms.items()},
        demonym_stems={language: stems or ("\0",) for language, (_, stems) in demonyms.items()},
    )


def _starred(words: Iterable[str]) -> tuple[frozenset[str], tuple[str, ...]]:
    """Whole words, and the stems of those that end in a star."""
    listed = list(words)
    return (
        frozenset(word for word in listed if not word.endswith("*")),
        tuple(word[:-1] for word in listed if word.endswith("*")),
    )


@dataclass(frozen=True)
class _Text:
    """A document's text, its tokens and where they start: asking a Doc for a token takes long."""

    text: str
    tokens: list[str]
    starts: list[int]
    language: str

    def surface(self, name: Name) -> str:
        """A name as it is written."""
        if name.end - name.start == 1:
            return self.tokens[name.start]
        first, last = self.starts[name.start], self.starts[name.end - 1]
        return self.text[first : last + len(self.tokens[name.end - 1])]


def apply_rules(doc: Doc, names: list[Name], words: Words, blocked: set[int]) -> list[Name]:
    """The names after all rules; `blocked` tokens belong to entities of other labels."""
    tokens = texts_of(doc)
    text = _Text(text_of(doc, tokens), tokens, doc.to_array(IDX).tolist(), doc.lang_)
    names = [_without_title(text, _without_tail(text, name, words), words) for name in names]
    names = [name for name in names if not _is_common(text, name, words)]
    names = _with_agencies(text, names, words, blocked)
    names = _with_surnames(text, names, words, blocked)
    return _one_label(text, names)


def _without_title(text: _Text, name: Name, words: Words) -> Name:
    if name.label != "PER":
        return name
    start = name.start
    while start < name.end - 1 and (
        words.is_title(text.tokens[start])
        or (start > name.start and words.is_body(text.tokens[start]))
    ):
        start += 1
        while start < name.end - 1 and not text.tokens[start][0].isalnum():
            start += 1
    # a title alone before lower-case rest is no name ("Prince of the city")
    cut = start > name.start and text.tokens[start][0].isupper()
    return replace(name, start=start) if cut else name


def _without_tail(text: _Text, name: Name, words: Words) -> Name:
    end = name.end
    if name.label == "PER" and text.language == "en" and end - name.start > 1:
        end -= text.tokens[end - 1] in _POSSESSIVE
    while end - name.start > 1 and text.tokens[end - 1] in words.tails:
        end -= 1
    return replace(name, end=end) if end < name.end else name


def _is_common(text: _Text, name: Name, words: Words) -> bool:
    written = text.surface(name)
    if any(char.islower() for char in written) and not any(char.isupper() for char in written):
        if text.language == "en":
            return words.is_demonym(written.capitalize(), "en")
        return any(char.isupper() for char in text.text)
    return name.end - name.start == 1 and words.is_demonym(written, text.language)


def _taken(names: Iterable[Name], blocked: set[int]) -> set[int]:
    """Tokens of entities."""
    return blocked.union(*(range(name.start, name.end) for name in names))


def _shouted(text: _Text, index: int) -> bool:
    """Whether the words around a token are in capitals too, as in some headlines."""
    around = [
        text.tokens[i]
        for i in range(max(0, index - 3), min(len(text.tokens), index + 4))
        if i != index and text.tokens[i].isalpha() and len(text.tokens[i]) > 3
    ]
    return bool(around) and sum(word.isupper() for word in around) * 2 > len(around)


def _is_agency(text: str, words: Words) -> bool:
    return text.rstrip("s:").isupper() and words.is_body(text)


def _relabelled(text: _Text, names: list[Name], words: Words) -> list[Name]:
    """Known bodies as ORG, known countries as LOC; a surname of a person here stays."""
    surnames = {
        _stem(text.tokens[name.end - 1], text.language)
        for name in names
        if name.label == "PER" and name.end - name.start > 1
    }
    countries = _countries(text.language)
    result = []
    for name in names:
        written = text.surface(name)
        single = name.end - name.start == 1
        if single and words.is_body(written) and _stem(written, text.language) not in surnames:
            result.append(replace(name, label="ORG"))
        elif written in countries and (
            name.label == "ORG"
            or name.score < _SURE
            or not (written in words.given_names or written in surnames)
        ):
            result.append(replace(name, label="LOC"))
        else:
            result.append(name)
    return result


@lru_cache(maxsize=8)
def _countries(language: str) -> frozenset[str]:
    """CLDR's names of countries and continents, with the genitive of English and Scandinavia."""
    try:
        territories = Locale.parse(language or "en").territories
    except (UnknownLocaleError, ValueError):
        return frozenset()
    names = {
        name for code, name in territories.items() if code not in {"EU", "EZ", "UN", "ZZ", "001"}
    }
    genitives = {f"{name}s" for name in names} if language in {"nb", "sv", "da"} else set()
    return frozenset(names | genitives)


def _with_agencies(text: _Text, names: list[Name], words: Words, blocked: set[int]) -> list[Name]:
    fixed = _relabelled(text, names, words)
    taken = _taken(fixed, blocked)
    new = [
        Name(index, index + 1, "ORG", 0.8, COMPONENT)
        for index, token in enumerate(text.tokens)
        if not token.islower()
        and index not in taken
        and _is_agency(token, words)
        and not _shouted(text, index)
    ]
    short = {name.end + 1: name for name in fixed if name.label == "ORG" and _bracketed(text, name)}
    fixed = [
        replace(name, label="ORG") if name.start in short and name.end == name.start + 1 else name
        for name in fixed
    ]
    new += [
        Name(index, index + 1, "ORG", short[index].score, COMPONENT)
        for index in sorted(short.keys() - _taken([*fixed, *new], blocked))
    ]
    return [*fixed, *new]


def _bracketed(text: _Text, name: Name) -> bool:
    """Whether a name is followed by capitals in brackets: "Court of Justice (CJ)"."""
    tokens = text.tokens[name.end : name.end + 3]
    return (
        len(tokens) == 3
        and tokens[0] == "("
        and tokens[2] == ")"
        and bool(_CAPITALS.match(tokens[1]))
    )


def _stem(word: str, language: str) -> str:
    """A surname without its case ending."""
    for ending in _ENDINGS.get(language, _GENITIVE):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)]
    return word


def _with_surnames(text: _Text, names: list[Name], words: Words, blocked: set[int]) -> list[Name]:
    known: dict[str, float] = {}
    for name in names:
        last = text.tokens[name.end - 1]
        sure = name.label == "PER" and name.end - name.start > 1 and name.score >= _SURE
        if sure and len(last) > 3 and last[0].isupper() and not last.isupper():
            stem = _stem(last, text.language)
            known[stem] = max(known.get(stem, 0.0), name.score)
    if not known:
        return names
    names = [_as_person(text, name, known, words) for name in names]
    lower = {token for token in text.tokens if token.islower()}
    taken = _taken(names, blocked)
    new = [
        Name(index, index + 1, "PER", round(0.9 * known[stem], 4), COMPONENT)
        for index, token in enumerate(text.tokens)
        if token[0].isupper()
        and index not in taken
        and (stem := _stem(token, text.language)) in known
        and token.lower() not in lower
    ]
    return [*names, *new]


def _as_person(text: _Text, name: Name, known: dict[str, float], words: Words) -> Name:
    """A lone surname, or a title and a surname, that was less surely something else."""
    start = name.start + (name.end - name.start == 2 and words.is_title(text.tokens[name.start]))
    sure = (
        known.get(_stem(text.tokens[start], text.language), 0.0) if name.end - start == 1 else 0.0
    )
    return replace(name, start=start, label="PER") if sure > name.score else name


def _one_label(text: _Text, names: list[Name]) -> list[Name]:
    sums: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    surfaces = [text.surface(name).casefold() for name in names]
    for name, surface in zip(names, surfaces, strict=True):
        sums[surface][name.label] += name.score
    result = []
    for name, surface in zip(names, surfaces, strict=True):
        scores = sums[surface]
        best = max(sorted(scores), key=lambda label: scores[label])
        clear = scores[best] >= _CLEAR * sum(scores.values())
        result.append(replace(name, label=best) if clear and best != name.label else name)
    return result


def _read(doc: Doc) -> Iterator[Name]:
    for ent in doc.ents:
        if ent.label_ in LABELS:
            said = ent._
            score = 1.0 if said.score is None else float(said.score)
            yield Name(ent.start, ent.end, ent.label_, score, said.component or "")


def _write(doc: Doc, names: Iterable[Name], others: list[Span], before: Collection[Name]) -> None:
    """Sets the entities; what is known of those that were there `before` stays with them."""
    ordered = sorted(names, key=lambda name: name.start)
    spans = [Span(doc, name.start, name.end, label=name.label) for name in ordered]
    doc.ents = sorted([*others, *spans], key=lambda span: span.start)
    kept = set(before)
    for name, span in zip(ordered, spans, strict=True):
        if name in kept:
            continue
        said = span._
        said.score = name.score
        said.component = name.component or None


def make_consistency(nlp: Language, name: str) -> Callable[[Doc], Doc]:  # noqa: ARG001 - spaCy's
    """Makes the component."""
    words = load_words()

    def consistency(doc: Doc) -> Doc:
        others = [ent for ent in doc.ents if ent.label_ not in LABELS]
        blocked: set[int] = {i for ent in others for i in range(ent.start, ent.end)}
        names = list(_read(doc))
        _write(doc, apply_rules(doc, names, words, blocked), others, names)
        return doc

    return consistency


Language.factory(COMPONENT, requires=["doc.ents"], assigns=["doc.ents"], func=make_consistency)
