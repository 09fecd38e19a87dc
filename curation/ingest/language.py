"""Which of the workspace's languages a text is in.

py3langid (naive Bayes over byte n-grams, with its softmax tempered by length) ranks all its
languages once; the ranking is then restricted to the ones asked for. It has one label for Norwegian
Bokmål, "no"; Nynorsk counts as Bokmål where only Bokmål is asked for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from curation.errors import UsageError

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

__all__ = ["detect", "match_language", "rank"]

_SAMPLE = 20_000
"""Code points looked at: more of a text no longer changes the answer."""

_NOT_ITS_LETTERS = {"sv": "æø", "nb": "äö", "no": "äö", "nn": "äö", "da": "äö"}
"""Letters of a neighbour's alphabet: where n-grams of a few words cannot decide, these do."""
_NOT_ITS_LETTERS_FACTOR = 0.1
"""Not smaller, because a foreign name in a text brings its letters along."""

_NORWEGIAN = ("no", "nb", "nn")


def detect(text: str, languages: Sequence[str] = ()) -> tuple[str, float]:
    """The most probable of `languages` (of all that are known, if empty), and its probability.

    The probability is among `languages` only: foreign text gets one of them all the same, see
    `rank`. Text without a letter gives the first language with 1/n. Raises UsageError where none
    of `languages` is known.
    """
    ranking = rank(text)
    if not languages:
        return next(iter(ranking.items()))
    mass = {language: _mass(language, languages, ranking) for language in languages}
    lowered = text[:_SAMPLE].lower()
    known = {
        language: value * _letters(language, lowered)
        for language, value in mass.items()
        if value is not None
    }
    if not known:
        raise UsageError(f"no language among {', '.join(languages)} can be detected")
    total = sum(known.values())
    if not total:
        return next(iter(known)), 1 / len(known)
    best = max(known, key=lambda language: known[language])
    return best, known[best] / total


def rank(text: str) -> Mapping[str, float]:
    """Every language that the model knows, most probable first; Bokmål and "no" are "nb"."""
    return _ranked(text[:_SAMPLE])


@lru_cache(maxsize=1)
def _ranked(sample: str) -> Mapping[str, float]:
    pairs = _identifier().rank(sample)
    found = {"nb" if label == "no" else label: float(value) for label, value in pairs}
    return MappingProxyType(found)


def match_language(code: str, languages: Sequence[str]) -> str | None:
    """The one of `languages` that `code` means ("EN", "en_GB" -> "en"; "no" -> "nb"), or None.

    With no `languages`, the code itself in lower case, with hyphens.
    """
    wanted = code.strip().lower().replace("_", "-")
    primary = wanted.split("-", maxsplit=1)[0]
    tries = (wanted, primary, {"no": "nb", "nb": "no"}.get(primary, primary))
    if not languages:
        return tries[-1] if primary == "no" else wanted
    by_code = {language.lower(): language for language in languages}
    return next((by_code[t] for t in tries if t in by_code), None)


def _mass(language: str, languages: Sequence[str], ranking: Mapping[str, float]) -> float | None:
    primary = language.lower().split("-", maxsplit=1)[0]
    if primary not in _NORWEGIAN:
        return ranking.get(primary)
    if primary == "nn":
        return ranking["nn"]
    return ranking["nb"] if "nn" in languages else max(ranking["nb"], ranking["nn"])


def _letters(language: str, lowered: str) -> float:
    others = _NOT_ITS_LETTERS.get(language.lower().split("-", maxsplit=1)[0], "")
    found = any(letter in lowered for letter in others)
    own = any(letter in lowered for letter in "äöæø" if letter not in others)
    return _NOT_ITS_LETTERS_FACTOR if found and not own else 1.0


@cache
def _identifier() -> LanguageIdentifier:
    # Reading the model takes a second: only a command that detects languages pays for it.
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
