"""What texts in different languages have in common: names, numbers and dates, in one spelling."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from unicodedata import combining, normalize

__all__ = ["clues", "folded"]

_STEM = 5
"""Letters of a name that inflection leaves alone, as in Bratislava, Bratislave, Bratislavou."""
_CACHE = 1 << 16
_WORD = re.compile(r"[^\W_]+")
_THOUSANDS = re.compile(r"\d{1,3}(?:[.,\u202f\xa0]\d{3})+")
_LETTERS = str.maketrans({"ø": "o", "đ": "d", "ł": "l", "æ": "ae", "œ": "oe", "ß": "ss", "þ": "th"})
_MONTHS = {
    name: month
    for month, names in enumerate(
        (
            "jan led",
            "feb",
            "mar mrt maa",
            "apr",
            "may maj mai mei",
            "jun",
            "jul",
            "aug",
            "sep",
            "oct okt",
            "nov",
            "dec des",
        ),
        1,
    )
    for name in names.split()
}
"""The first letters of month names, folded: sk, sv, en, nb, nl agree on nearly all."""


@lru_cache(maxsize=_CACHE)
def folded(word: str) -> str:
    """Casefolded, without accents; ø, æ and their like as plain letters."""
    if word.isascii():
        return word.lower()
    plain = normalize("NFKD", word.casefold()).translate(_LETTERS)
    return "".join(c for c in plain if not combining(c))


def clues(text: str) -> set[str]:
    """Capitalised words by their stems, numbers of two digits or more, days of a month."""
    found: set[str] = set()
    words = text.split()
    # What begins with a small ASCII letter is passed over here, as quickly as can be.
    for place in [i for i, word in enumerate(words) if word < "[" or word >= "{"]:
        word = words[place]
        first = word[0]
        if first.isupper():
            found.update(_stems(word))
        elif first.isdigit():
            found.update(_numbers(words, place))
        elif inside := word.lstrip("“„”\"'‘‚«»([–-"):
            if inside[0].isupper():
                found.update(_stems(inside))
            elif inside[0].isdigit():
                found.update(_numbers([inside], 0))
    return found


@lru_cache(maxsize=_CACHE)
def _stems(word: str) -> tuple[str, ...]:
    """The beginnings of the capitalised words in a word, folded."""
    parts = _WORD.findall(word)
    return tuple(folded(part)[:_STEM] for part in parts if part[0].isupper() and len(part) > 1)


def _numbers(words: Sequence[str], place: int) -> list[str]:
    """The number at a place, and the day of a month that it may be part of."""
    word = words[place].rstrip(".,;:!?)”\"'’%")
    before = words[place - 1] if place else ""
    after = words[place + 1] if place + 1 < len(words) else ""
    found = []
    if word.isdigit() and len(word) <= 2:
        months = (_month(after), _month(before) if before[:1].isupper() else 0)
        found += [f"{int(word)} of {month}" for month in months if month]
    elif not found and len(word) > 1:
        found.append(_number(word))
    thousands = after[:3]
    if word.isdigit() and len(word) <= 3 and len(thousands) == 3 and thousands.isdigit():
        found.append(word + thousands)
    elif word.isdigit() and len(word) == 2:
        found.append(word)
    return found


@lru_cache(maxsize=_CACHE)
def _number(word: str) -> str:
    """Without separators of thousands, the decimal one a point."""
    if _THOUSANDS.fullmatch(word):
        return re.sub(r"\D", "", word)
    return re.sub(r"\D+", ".", word).strip(".")


@lru_cache(maxsize=_CACHE)
def _month(word: str) -> int:
    """Its number; 0 of a word that names no month."""
    return _MONTHS.get(folded(word)[:3], 0)
