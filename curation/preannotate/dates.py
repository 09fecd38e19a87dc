"""DATE entities by rule: calendar expressions found, parsed, and resolved to ISO values.

`find_dates(text, language)` gives spans with what they say; `resolve(expression, published)`
makes an ISO value of it, seen from the publication date. Durations are no dates.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from curation.preannotate.calendar_names import Calendar, load_calendar

__all__ = ["DateExpression", "NormalisedDate", "Precision", "find_dates", "resolve"]

Precision = Literal["day", "week", "month", "year", "decade"]

_YEAR = r"(?:1[5-9]|20)\d\d"
_DAY = r"(?:0?[1-9]|[12]\d|3[01])"
_WORD = re.compile(r"\w+")
_CLOCK = r"(?:[01]?\d|2[0-3])[:.][0-5]\d"
_ISO = re.compile(r"^(\d{4})-(\d\d)(?:-(\d\d))?")
_UNITS_AFTER = re.compile(
    r"^\s?(?:%|‰|€|\$|£|km|kg|ha\b|mw|kr\b|eur|usd|mil|mld|tis|meter|metr|euro|dollar|dolár|soldat|"
    r"people|troops|soldiers|personer|mensen|ľudí|ludi)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class DateExpression:
    """What a calendar expression says; [start, end) in code points.

    `shift` counts `unit`s from the publication date (d day, w week, k weekend, m month, y year,
    s season); with a `weekday` or `month` it is what "last" or "next" says.
    """

    start: int
    end: int
    year: int | None = None
    month: int | None = None
    day: int | None = None
    weekday: int | None = None
    shift: int | None = None
    unit: str | None = None

    @property
    def certain(self) -> bool:
        """It has a number beside a name, or is a full numeric date."""
        return sum(x is not None for x in (self.year, self.month, self.day)) > 1


@dataclass(frozen=True)
class NormalisedDate:
    """ISO 8601 value cut to its precision: 2020-01-13, 2020-W03, 2020-01, 2020, 202X."""

    value: str
    precision: Precision


def find_dates(text: str, language: str) -> Iterator[DateExpression]:
    """The calendar expressions in `text`, in order, not overlapping."""
    calendar = load_calendar(language)
    for match in _matches(text, language):
        if _plausible(match, text, calendar):
            yield _expression(match, calendar)


def _matches(text: str, language: str) -> Iterator[re.Match[str]]:
    """What the pattern's `finditer` gives; tried only at words that can open an expression."""
    pattern, openers = _pattern(language), _openers(language)
    end = 0
    for word in _WORD.finditer(text):
        start = word.start()
        if start < end or not (text[start].isdigit() or word[0].lower() in openers):
            continue
        match = pattern.match(text, start)
        if match:
            end = match.end()
            yield match


@lru_cache(maxsize=64)
def _openers(language: str) -> frozenset[str]:
    """First words of all expressions that do not begin with a digit, in lower case."""
    c = load_calendar(language)
    decade = re.sub(r"\\[a-z]", " ", c.decade)
    phrases = (c.months, c.short_months, c.weekdays, c.short_weekdays, c.modifiers, c.relative)
    listed = (*c.articles, *c.year_words, *_WORD.findall(decade), *(p for m in phrases for p in m))
    return frozenset(first[0].lower() for phrase in listed if (first := _WORD.match(phrase)))


def _choice(words: Iterable[str]) -> str:
    ordered = sorted(set(words), key=lambda w: (-len(w), w))
    escaped = (re.escape(w).replace(r"\ ", r"\s+") for w in ordered)
    return "(?:" + "|".join(escaped) + ")" if ordered else "(?!)"


@lru_cache(maxsize=64)
def _pattern(language: str) -> re.Pattern[str]:
    return re.compile(
        rf"(?<![\w.:/€$£-])(?<![€$£]\s)(?:{'|'.join(_alternatives(load_calendar(language)))})"
        r"(?![\w])(?![-–/:]\d)",
        re.IGNORECASE,
    )


def _alternatives(c: Calendar) -> Iterator[str]:
    month = _choice(c.months)
    any_month = rf"(?:{month}|{_choice(c.short_months)}\.?)"
    weekday = _choice(c.weekdays)
    any_weekday = rf"(?:{weekday}|{_choice(c.short_weekdays)}\.?)"
    lead = rf"(?:{any_weekday}[,.]?\s+)?"
    if c.articles:
        lead += rf"(?:{_choice(c.articles)}\s+)?"
    link = rf"(?:{_choice(c.month_links)}\s+)?" if c.month_links else ""
    year = rf"(?:,?\s+{link}(?P<Y#>{_YEAR}))?(?:,?\s+{_CLOCK})?"
    modifier = _choice(c.modifiers)
    yield r"(?P<iso>\d{4}-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)(?:T[\d:.]+Z?)?"
    yield rf"(?P<num>{_DAY}\s?[./-]\s?{_DAY}\s?[./-]\s?{_YEAR})"
    of = r"(?:of\s+)?" if c.month_first else ""
    days = rf"(?P<D1>{_DAY}){c.ordinal}(?:\s?[-–]\s?{_DAY}{c.ordinal})?"
    yield rf"{lead}{days}\s*{of}(?P<M1>{any_month})" + year.replace("#", "1")
    if c.month_first:
        yield rf"{lead}(?P<M2>{any_month})\s+(?P<D2>{_DAY}){c.ordinal}" + year.replace("#", "2")
    yield rf"(?P<M3>{any_month}),?\s+{link}(?P<Y3>{_YEAR})"
    yield rf"(?:(?P<mod4>{modifier})\s+)?(?P<M4>{month})"
    yield rf"(?:(?P<mod5>{modifier})\s+)?(?P<W5>{weekday})"
    yield rf"(?P<mod6>{modifier})\s+(?P<unit6>{_choice(c.units)})"
    yield rf"(?P<rel>{_choice(c.relative)})"
    yield rf"(?P<decade>{c.decade})"
    words = rf"(?P<yw>{_choice(c.year_words)}\s+)?" if c.year_words else ""
    yield rf"{words}(?P<Y7>{_YEAR})(?:\s?[-–]\s?(?:{_YEAR}|\d\d))?"


def _group(match: re.Match[str], prefix: str) -> str | None:
    names = match.re.groupindex
    return next((match[n] for n in names if n.startswith(prefix) and match[n]), None)


def _plausible(match: re.Match[str], text: str, calendar: Calendar) -> bool:
    if match["Y7"]:
        return _plausible_year(match, text)
    if match["M4"]:
        return _plausible_month(match, text, calendar)
    if match["W5"]:
        return _plausible_weekday(match, text, calendar)
    return True


def _plausible_year(match: re.Match[str], text: str) -> bool:
    year, after = match["Y7"], text[match.end() : match.end() + 12]
    if "yw" in match.re.groupindex and match["yw"]:
        return True
    if int(year) > 2050 or year.endswith("00") or int(year) < 1700:
        return False
    decimals = re.match(r"[.,]\d|\s\d{3}\b", after)
    return not decimals and not _UNITS_AFTER.match(after)


def _plausible_month(match: re.Match[str], text: str, calendar: Calendar) -> bool:
    name = match["M4"]
    if match["mod4"]:
        return True
    if name[0].isupper() is not calendar.capitalised and not name.isupper():
        return False
    return name.lower() not in calendar.guarded or _before(match, text) in calendar.prepositions


def _plausible_weekday(match: re.Match[str], text: str, calendar: Calendar) -> bool:
    name = match["W5"]
    if calendar.capitalised and name.islower():
        return False
    return name.lower() not in calendar.guarded or _before(match, text) in calendar.prepositions


def _before(match: re.Match[str], text: str) -> str:
    words = text[max(0, match.start() - 20) : match.start()].split()
    return words[-1].lower() if words else ""


def _expression(match: re.Match[str], c: Calendar) -> DateExpression:
    at = (match.start(), match.end())
    if match["iso"]:
        parts = _ISO.match(match["iso"])
        assert parts
        return DateExpression(
            *at, int(parts[1]), int(parts[2]), int(parts[3]) if parts[3] else None
        )
    if match["num"]:
        return _numeric(match["num"], at, c)
    if match["rel"]:
        shift, unit = c.relative[_key(match["rel"])]
        return DateExpression(*at, shift=shift, unit=unit)
    if match["decade"]:
        return _decade(match["decade"], at)
    return _named(match, at, c)


def _key(phrase: str) -> str:
    return " ".join(phrase.lower().split())


def _numeric(digits: str, at: tuple[int, int], c: Calendar) -> DateExpression:
    first, second, year = (int(x) for x in re.findall(r"\d+", digits))
    swap = second > 12 or (c.month_first and "/" in digits and first <= 12)
    month, day = (first, second) if swap else (second, first)
    return DateExpression(*at, year, month, day)


def _decade(phrase: str, at: tuple[int, int]) -> DateExpression:
    number = re.search(r"(?:19|20)?\d0", phrase)
    assert number
    full = number[0] if len(number[0]) == 4 else "19" + number[0]
    return DateExpression(*at, year=int(full), unit="decade")


def _named(match: re.Match[str], at: tuple[int, int], c: Calendar) -> DateExpression:
    month, weekday = _group(match, "M"), _group(match, "W")
    year, day = _group(match, "Y"), _group(match, "D")
    modifier, unit = _group(match, "mod"), _group(match, "unit")
    return DateExpression(
        *at,
        year=int(year) if year else None,
        month=_month(month, c),
        day=int(day) if day else None,
        weekday=c.weekdays[weekday.lower()] if weekday else None,
        shift=c.modifiers[_key(modifier)] if modifier else None,
        unit=c.units[unit.lower()] if unit else None,
    )


def _month(name: str | None, c: Calendar) -> int | None:
    if name is None:
        return None
    key = name.lower().rstrip(".")
    return c.months.get(key) or c.short_months[key]


def resolve(expression: DateExpression, published: str | None) -> NormalisedDate | None:
    """The ISO value; None where it needs a publication date more precise than is known.

    Without a year the latest one not after `published` is taken, as news mostly tells of the past.
    """
    if expression.unit == "decade":
        return NormalisedDate(f"{expression.year}"[:3] + "X", "decade")
    if expression.year is not None:
        return _absolute(expression.year, expression.month, expression.day)
    if expression.month is not None:
        return _yearless(expression, published)
    return _relative(expression, published)


def _absolute(year: int, month: int | None, day: int | None) -> NormalisedDate | None:
    if month is None:
        return NormalisedDate(f"{year:04}", "year")
    if month > 12:
        return None
    if day is None:
        return NormalisedDate(f"{year:04}-{month:02}", "month")
    try:
        return NormalisedDate(datetime.date(year, month, day).isoformat(), "day")
    except ValueError:
        return None


def _yearless(expression: DateExpression, published: str | None) -> NormalisedDate | None:
    if published is None or len(published) < 7 or expression.month is None:
        return None
    year, month = int(published[:4]), int(published[5:7])
    later = expression.month > month
    if expression.shift == 1:
        year += 0 if later else 1
    elif later:
        year -= 1
    return _absolute(year, expression.month, expression.day)


def _relative(expression: DateExpression, published: str | None) -> NormalisedDate | None:
    shift = expression.shift or 0
    if expression.unit in {"y", "s"} and published:
        return NormalisedDate(f"{int(published[:4]) + shift:04}", "year")
    if expression.unit == "m" and published and len(published) >= 7:
        months = int(published[:4]) * 12 + int(published[5:7]) - 1 + shift
        return NormalisedDate(f"{months // 12:04}-{months % 12 + 1:02}", "month")
    if published is None or len(published) < 10:
        return None
    return _from_day(expression, shift, datetime.date.fromisoformat(published))


def _from_day(
    expression: DateExpression, shift: int, published: datetime.date
) -> NormalisedDate | None:
    if expression.weekday is not None:
        day = _weekday(expression.weekday, shift, published)
        return NormalisedDate(day.isoformat(), "day")
    if expression.unit == "d":
        day = published + datetime.timedelta(days=shift)
        return NormalisedDate(day.isoformat(), "day")
    if expression.unit in {"w", "k"}:
        year, week, _ = (published + datetime.timedelta(weeks=shift)).isocalendar()
        return NormalisedDate(f"{year:04}-W{week:02}", "week")
    return None


def _weekday(weekday: int, shift: int, published: datetime.date) -> datetime.date:
    """The latest such day not after `published`; the next one after it where `shift` is 1."""
    back = (published.weekday() - weekday) % 7
    day = published - datetime.timedelta(days=back)
    return day + datetime.timedelta(weeks=1) if shift > 0 else day
