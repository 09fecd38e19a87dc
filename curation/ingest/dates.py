"""The publication date of a text, as precise as it is written: "2020", "2020-01", "2020-01-13".

Looked for in the metadata, then in a header such as ` date 2020-01 `, then in a dateline. A day and
month without a year give nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from email.utils import parsedate_tz
from functools import cache
from typing import Any, Literal

__all__ = ["DATE_KEYS", "Published", "iso_date", "published_from"]

DATE_KEYS = (
    "published",
    "date",
    "pub_date",
    "pubdate",
    "publication_date",
    "published_at",
    "date_published",
    "datePublished",
    "datetime",
    "timestamp",
)
"""Metadata keys that hold a publication date, the first that can be read wins."""

LANGUAGES = ("sk", "sv", "en", "nb", "nl")

_SMALL_WORDS = frozenset({"al", "de", "del", "den", "dňa", "el", "la", "of", "on", "op", "the"})
_DATELINE_LINES = 5
_DATELINE_WIDTH = 200
_ISO = re.compile(r"(\d{4})(?:[-/.](\d{1,2})(?:[-/.](\d{1,2}))?)?(?:[T ]\d{1,2}:.*)?", re.DOTALL)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:T\d{4,6}.*)?")
_DAY_FIRST = re.compile(r"(\d{1,2})\. ?(\d{1,2})\. ?(\d{4})(?:[, ]+\d{1,2}[:.]\d{2}.*)?")
# A year alone counts only after a colon: "Date 2020 was ..." can be a sentence.
_HEADER = re.compile(
    r"\s*date(?::[ \t]*(?=\d)|[ \t]+(?=\d{4}-))(\d{4}(?:-\d{2}(?:-\d{2})?)?)(?![\w-])",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Published:
    """An ISO date of reduced precision, where it was found, and the words it was read from."""

    value: str
    origin: Literal["metadata", "header", "dateline"]
    written: str

    @property
    def precision(self) -> Literal["year", "month", "day"]:
        """How much of the date is known."""
        return "year" if len(self.value) == 4 else "month" if len(self.value) == 7 else "day"


def published_from(
    text: str, meta: Mapping[str, Any], *, languages: Sequence[str] = LANGUAGES
) -> Published | None:
    """The publication date, or None. `languages`: whose month names a dateline may use."""
    for key in DATE_KEYS:
        value = iso_date(meta.get(key))
        if value:
            return Published(value, "metadata", str(meta[key]))
    return _in_header(text) or _in_dateline(text, tuple(languages))


def iso_date(value: object) -> str | None:
    """`value` of a metadata field as an ISO date; None where it is no date or could be two.

    Read are ISO 8601 dates and times, "20200113", "2020/1/13", "13.1.2020" and RFC 5322 dates.
    "01/02/2020" is not: it means two different days.
    """
    written = str(value).strip() if isinstance(value, (str, int)) else ""
    if match := _COMPACT.fullmatch(written):
        return _iso(*match.groups())
    if match := _ISO.fullmatch(written):
        return _iso(*match.groups())
    if match := _DAY_FIRST.fullmatch(written):
        return _iso(match[3], match[2], match[1])
    fields = parsedate_tz(written) if "," in written else None
    return _iso(*fields[:3]) if fields else None


def header_span(text: str) -> tuple[int, int] | None:
    """Where a ` date 2020-01 ` header stands, from its first letter on; None without one."""
    match = _HEADER.match(text)
    if not match or not iso_date(match[1]):
        return None
    return match.start() + len(match[0]) - len(match[0].lstrip()), match.end()


def _in_header(text: str) -> Published | None:
    span = header_span(text)
    if not span:
        return None
    written = text[slice(*span)]
    value = iso_date(written[4:].lstrip(": \t"))
    return Published(value, "header", written) if value else None


def _iso(year: int | str, month: int | str | None, day: int | str | None) -> str | None:
    """ISO form of what is known, None where the calendar has no such day."""
    try:
        known = date(int(year), int(month or 1), int(day or 1))
    except ValueError:
        return None
    if not 1500 <= known.year <= 2200:
        return None
    return known.isoformat()[: 10 if day else 7 if month else 4]


def _in_dateline(text: str, languages: tuple[str, ...]) -> Published | None:
    patterns = _dateline_patterns(languages)
    for line in _first_lines(text):
        for pattern in patterns:
            match = pattern.match(line)
            value = _from_groups(match.groupdict(), languages) if match else None
            if match and value and _is_place(match["before"] or ""):
                return Published(value, "dateline", match["date"])
    return None


def _is_place(words: str) -> bool:
    """Whether what stands before the date can be a place or a label, and is no sentence."""
    found = re.findall(r"[^\W\d_]+", words)
    return len(found) <= 4 and all(w[0].isupper() or w in _SMALL_WORDS for w in found)


def _first_lines(text: str) -> Iterator[str]:
    lines = (line.strip() for line in text[:4000].split("\n"))
    filled = (line[:_DATELINE_WIDTH] for line in lines if line)
    for _, line in zip(range(_DATELINE_LINES), filled, strict=False):
        yield line


def _from_groups(found: Mapping[str, str | None], languages: tuple[str, ...]) -> str | None:
    month = found.get("month") or _months(languages).get(_folded(found.get("name") or ""))
    return _iso(found["year"] or "", month, found.get("day")) if month else None


@cache
def _dateline_patterns(languages: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
    """A line that opens with a date: after at most a place, before a dash, a time or nothing."""
    names = "|".join(sorted(map(re.escape, _months(languages)), key=len, reverse=True))
    name = rf"(?P<name>{names})\.?"
    year, day = r"(?P<year>\d{4})", r"(?P<day>\d{1,2})(?:\.|st|nd|rd|th)?"
    dates = (
        rf"{day} ?{name},? {year}",
        rf"{name} {day},? {year}",
        rf"{year}-(?P<month>\d{{2}})-(?P<day>\d{{2}})",
        r"(?P<day>\d{1,2})\. ?(?P<month>\d{1,2})\. ?(?P<year>\d{4})",
        rf"{name} {year}(?=$)",
    )
    before = r"(?P<before>[^\W\d_][^\d\n–—|;!?]{1,40}?\s+\(?)??"
    after = r"(?=\)?,?\s*(?:$|[–—|(/\u2022-]|(?:(?:o|at|kl\.?|om)\s+)?\d{1,2}[:.]\d{2}\b))"
    return tuple(re.compile(rf"{before}(?P<date>{d}){after}", re.IGNORECASE) for d in dates)


@cache
def _months(languages: tuple[str, ...]) -> dict[str, str]:
    """Month names and abbreviations of CLDR, in both grammatical forms -> number."""
    from babel import Locale, UnknownLocaleError  # loads CLDR only when needed

    found: dict[str, str] = {}
    for language in languages:
        try:
            months = Locale.parse(language.replace("-", "_")).months
        except (UnknownLocaleError, ValueError):
            continue
        forms = (months[context][width] for context in months for width in ("wide", "abbreviated"))
        found |= {_folded(name): str(number) for form in forms for number, name in form.items()}
    return {name: number for name, number in found.items() if len(name) >= 3}


def _folded(name: str) -> str:
    return name.casefold().rstrip(".")
