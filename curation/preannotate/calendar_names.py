"""Calendar vocabulary of a language: CLDR names from Babel, and inflections from calendars/*.toml.

A language without a file of its own gets what CLDR has.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

from babel import Locale, UnknownLocaleError

__all__ = ["Calendar", "load_calendar"]


@dataclass(frozen=True)
class Calendar:
    """What the date patterns of one language are made of; all names in lower case.

    `months`, `weekdays` (Monday is 0): full names and inflections -> number; `short_months`,
    `short_weekdays`: abbreviations, which count only beside a number. `modifiers`: "last" -> -1.
    `units`: "week" -> "w". `relative`: "yesterday" -> (-1, "d"). `guarded`: names that are dates
    only after one of `prepositions`. `capitalised`: whether month names have a capital.
    """

    months: Mapping[str, int]
    weekdays: Mapping[str, int]
    short_months: Mapping[str, int]
    short_weekdays: Mapping[str, int]
    modifiers: Mapping[str, int]
    units: Mapping[str, str]
    relative: Mapping[str, tuple[int, str]]
    guarded: frozenset[str]
    prepositions: frozenset[str]
    capitalised: bool
    year_words: tuple[str, ...]
    month_links: tuple[str, ...]
    articles: tuple[str, ...]
    ordinal: str
    decade: str
    month_first: bool


@lru_cache(maxsize=64)
def load_calendar(language: str) -> Calendar:
    """The calendar of `language`; an empty one where CLDR does not know the language."""
    data = _read(language)
    locale = _locale(language)
    months = _names(locale, "months", "wide") | _listed(data, "months")
    weekdays = _names(locale, "days", "wide") | _listed(data, "weekdays")
    return Calendar(
        months=months,
        weekdays=weekdays,
        short_months=_short(_names(locale, "months", "abbreviated"), months)
        | _listed(data, "short_months"),
        short_weekdays=_listed(data, "short_weekdays"),
        modifiers=_phrases(data, "modifiers"),
        units={word: unit for unit, words in data.get("units", {}).items() for word in words},
        relative=_relative(data),
        guarded=frozenset(data.get("guarded", "").split()),
        prepositions=frozenset(data.get("prepositions", "").split()),
        capitalised=data.get("capitalised", False),
        year_words=tuple(data.get("year_words", "").split()),
        month_links=tuple(data.get("month_links", "").split()),
        articles=tuple(data.get("articles", "").split()),
        ordinal=data.get("ordinal", r"\.?"),
        decade=data.get("decade", r"(?!)"),
        month_first=data.get("month_first", False),
    )


def _read(language: str) -> Mapping[str, Any]:
    source = resources.files(__package__).joinpath("calendars", f"{language}.toml")
    return tomllib.loads(source.read_text(encoding="utf-8")) if source.is_file() else {}


def _locale(language: str) -> Locale | None:
    try:
        return Locale.parse(language.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return None


def _names(locale: Locale | None, kind: str, width: str) -> dict[str, int]:
    if locale is None:
        return {}
    table = getattr(locale, kind)
    found: dict[str, int] = {}
    for context in ("stand-alone", "format"):
        names = table.get(context, {}).get(width, {})
        found |= {name.lower().rstrip("."): number for number, name in names.items()}
    return {name: number for name, number in found.items() if _is_name(name)}


def _is_name(name: str) -> bool:
    """CLDR gives some languages numbers for names ("1月"); those are no words."""
    return len(name) > 1 and not any(c.isdigit() for c in name)


def _short(names: Mapping[str, int], full: Mapping[str, int]) -> dict[str, int]:
    return {name: number for name, number in names.items() if name not in full}


def _listed(data: Mapping[str, Any], key: str) -> dict[str, int]:
    return {
        name: int(number) for number, names in data.get(key, {}).items() for name in names.split()
    }


def _phrases(data: Mapping[str, Any], key: str) -> dict[str, int]:
    return {
        phrase: int(shift) for shift, phrases in data.get(key, {}).items() for phrase in phrases
    }


_CODE = re.compile(r"^([+-]?\d+)([a-z])$")


def _relative(data: Mapping[str, Any]) -> dict[str, tuple[int, str]]:
    found: dict[str, tuple[int, str]] = {}
    for code, phrases in data.get("relative", {}).items():
        match = _CODE.match(code)
        assert match, f"calendar code {code!r}"
        found |= _coded(phrases, int(match[1]), match[2])
    return found


def _coded(phrases: Iterable[str], shift: int, unit: str) -> dict[str, tuple[int, str]]:
    return dict.fromkeys(phrases, (shift, unit))
