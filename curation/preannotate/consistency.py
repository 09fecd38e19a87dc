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
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from babel import Locale, UnknownLocaleError
from spacy.language import Language
from spacy.tokens import Doc, Span

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


def apply_rules(doc: Doc, names: list[Name], words: Words, blocked: set[int]) -> list[Name]:
    """The names after all rules; `blocked` tokens belong to entities of other labels."""
    names = [_without_title(doc, _without_tail(doc, name, words), words) for name in names]
    names = [name for name in names if not _is_common(doc, name, words)]
    names = _with_agencies(doc, names, words, blocked)
    names = _with_surnames(doc, names, words, blocked)
    return _one_label(doc, names)


def _without_title(doc: Doc, name: Name, words: Words) -> Name:
    if name.label != "PER":
        return name
    start = name.start
    while start < name.end - 1 and (
        words.is_title(doc[start].text) or (start > name.start and words.is_body(doc[start].text))
    ):
        start += 1
        while start < name.end - 1 and not doc[start].text[0].isalnum():
            start += 1
    # a title alone before lower-case rest is no name ("Prince of the city")
    return replace(name, start=start) if doc[start].text[0].isupper() else name


def _without_tail(doc: Doc, name: Name, words: Words) -> Name:
    end = name.end
    if name.label == "PER" and doc.lang_ == "en" and end - name.start > 1:
        end -= doc[end - 1].text in _POSSESSIVE
    while end - name.start > 1 and doc[end - 1].text in words.tails:
        end -= 1
    return replace(name, end=end)


def _is_common(doc: Doc, name: Name, words: Words) -> bool:
    text = doc[name.start : name.end].text
    if any(char.islower() for char in text) and not any(char.isupper() for char in text):
        if doc.lang_ == "en":
            return words.is_demonym(text.capitalize(), "en")
        return any(char.isupper() for char in doc.text)
    return name.end - name.start == 1 and words.is_demonym(text, doc.lang_)


def _taken(names: Iterable[Name], blocked: set[int]) -> set[int]:
    """Tokens of entities."""
    return blocked.union(*(range(name.start, name.end) for name in names))


def _shouted(doc: Doc, index: int) -> bool:
    """Whether the words around a token are in capitals too, as in some headlines."""
    around = [
        doc[i].text
        for i in range(max(0, index - 3), min(len(doc), index + 4))
        if i != index and doc[i].is_alpha and len(doc[i]) > 3
    ]
    return bool(around) and sum(word.isupper() for word in around) * 2 > len(around)


def _is_agency(text: str, words: Words) -> bool:
    return text.rstrip("s:").isupper() and words.is_body(text)


def _relabelled(doc: Doc, names: list[Name], words: Words) -> list[Name]:
    """Known bodies as ORG, known countries as LOC; a surname of a person here stays."""
    surnames = {
        _stem(doc[name.end - 1].text, doc.lang_)
        for name in names
        if name.label == "PER" and name.end - name.start > 1
    }
    countries = _countries(doc.lang_)
    result = []
    for name in names:
        text = doc[name.start : name.end].text
        single = name.end - name.start == 1
        if single and words.is_body(text) and _stem(text, doc.lang_) not in surnames:
            result.append(replace(name, label="ORG"))
        elif text in countries and (
            name.label == "ORG" or name.score < _SURE or text not in words.given_names | surnames
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


def _with_agencies(doc: Doc, names: list[Name], words: Words, blocked: set[int]) -> list[Name]:
    fixed = _relabelled(doc, names, words)
    texts = [token.text for token in doc]
    taken = _taken(fixed, blocked)
    new = [
        Name(index, index + 1, "ORG", 0.8, COMPONENT)
        for index, text in enumerate(texts)
        if not text.islower()
        and index not in taken
        and _is_agency(text, words)
        and not _shouted(doc, index)
    ]
    short = {name.end + 1: name for name in fixed if name.label == "ORG" and _bracketed(doc, name)}
    fixed = [
        replace(name, label="ORG") if name.start in short and name.end == name.start + 1 else name
        for name in fixed
    ]
    new += [
        Name(index, index + 1, "ORG", short[index].score, COMPONENT)
        for index in sorted(short.keys() - _taken([*fixed, *new], blocked))
    ]
    return [*fixed, *new]


def _bracketed(doc: Doc, name: Name) -> bool:
    """Whether a name is followed by capitals in brackets: "Court of Justice (CJ)"."""
    tokens = [token.text for token in doc[name.end : name.end + 3]]
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


def _with_surnames(doc: Doc, names: list[Name], words: Words, blocked: set[int]) -> list[Name]:
    known: dict[str, float] = {}
    for name in names:
        last = doc[name.end - 1].text
        sure = name.label == "PER" and name.end - name.start > 1 and name.score >= _SURE
        if sure and len(last) > 3 and last[0].isupper() and not last.isupper():
            stem = _stem(last, doc.lang_)
            known[stem] = max(known.get(stem, 0.0), name.score)
    if not known:
        return names
    names = [_as_person(doc, name, known, words) for name in names]
    texts = [token.text for token in doc]
    lower = {text for text in texts if text.islower()}
    taken = _taken(names, blocked)
    new = [
        Name(index, index + 1, "PER", round(0.9 * known[stem], 4), COMPONENT)
        for index, text in enumerate(texts)
        if text[0].isupper()
        and index not in taken
        and (stem := _stem(text, doc.lang_)) in known
        and text.lower() not in lower
    ]
    return [*names, *new]


def _as_person(doc: Doc, name: Name, known: dict[str, float], words: Words) -> Name:
    """A lone surname, or a title and a surname, that was less surely something else."""
    start = name.start + (name.end - name.start == 2 and words.is_title(doc[name.start].text))
    sure = known.get(_stem(doc[start].text, doc.lang_), 0.0) if name.end - start == 1 else 0.0
    return replace(name, start=start, label="PER") if sure > name.score else name


def _one_label(doc: Doc, names: list[Name]) -> list[Name]:
    sums: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    surfaces = [doc[name.start : name.end].text.casefold() for name in names]
    for name, surface in zip(names, surfaces, strict=True):
        sums[surface][name.label] += name.score
    result = []
    for name, surface in zip(names, surfaces, strict=True):
        scores = sums[surface]
        best = max(sorted(scores), key=lambda label: scores[label])
        clear = scores[best] >= _CLEAR * sum(scores.values())
        result.append(replace(name, label=best) if clear else name)
    return result


def _read(doc: Doc) -> Iterator[Name]:
    for ent in doc.ents:
        if ent.label_ in LABELS:
            score = 1.0 if ent._.score is None else float(ent._.score)
            yield Name(ent.start, ent.end, ent.label_, score, ent._.component or "")


def _write(doc: Doc, names: Iterable[Name], others: list[Span]) -> None:
    ordered = sorted(names, key=lambda name: name.start)
    spans = [Span(doc, name.start, name.end, label=name.label) for name in ordered]
    doc.ents = sorted([*others, *spans], key=lambda span: span.start)
    for name, span in zip(ordered, spans, strict=True):
        span._.score = name.score
        span._.component = name.component or None


def make_consistency(nlp: Language, name: str) -> Callable[[Doc], Doc]:  # noqa: ARG001 - spaCy's
    """Makes the component."""
    words = load_words()

    def consistency(doc: Doc) -> Doc:
        others = [ent for ent in doc.ents if ent.label_ not in LABELS]
        blocked: set[int] = {i for ent in others for i in range(ent.start, ent.end)}
        _write(doc, apply_rules(doc, list(_read(doc)), words, blocked), others)
        return doc

    return consistency


Language.factory(COMPONENT, requires=["doc.ents"], assigns=["doc.ents"], func=make_consistency)
