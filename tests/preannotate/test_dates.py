"""Calendar expressions: what is found, what is not, and what it means."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.preannotate.dates import DateExpression, find_dates, resolve


def found(language: str, text: str) -> list[str]:
    """The surfaces of the dates in a text."""
    return [text[d.start : d.end] for d in find_dates(text, language)]


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("sk", "Rada zasadala v utorok.", ["utorok"]),
        ("sk", "Most otvorili 17. septembra 1998.", ["17. septembra 1998"]),
        ("sk", "Platí to od roku 2019.", ["roku 2019"]),
        ("sk", "Uzávera trvá od októbra 2020.", ["októbra 2020"]),
        ("sk", "V minulom roku a tento týždeň.", ["minulom roku", "tento týždeň"]),
        ("sk", "Išli do stredu mesta v stredu.", ["stredu"]),
        ("sv", "Hon kom i april.", ["april"]),
        ("sv", "Bron öppnade den 3 mars 2021.", ["den 3 mars 2021"]),
        ("sv", "Mötet hölls på onsdagen.", ["onsdagen"]),
        ("sv", "Förra året och den här veckan.", ["Förra året", "den här veckan"]),
        ("sv", "Rovern landade på Mars.", []),
        ("en", "Published 04 August, 11:01.", ["04 August, 11:01"]),
        ("en", "It may march on in May.", ["May"]),
        ("en", "May said so. The March was long.", []),
        ("en", "On Tuesday, March 3rd, 2020, it fell.", ["Tuesday, March 3rd, 2020"]),
        ("en", "Last week and next month.", ["Last week", "next month"]),
        ("en", "The sun shone for three weeks.", []),
        ("en", "They paid 2000 soldiers and €1999.", []),
        ("en", "In the 1990s and in 2011.", ["the 1990s", "2011"]),
        ("nb", "Hun kom 3. mai 2021.", ["3. mai 2021"]),
        ("nb", "De møttes i går og i 2019.", ["i går", "2019"]),
        ("nl", "Zij kwam op 3 mei 2020 aan.", ["3 mei 2020"]),
        ("nl", "Vorige week en zondag.", ["Vorige week", "zondag"]),
        ("en", " date 2020-01 Rain fell.", ["2020-01"]),
        ("en", "Seen 2020-01-03 and 3/4/2020.", ["2020-01-03", "3/4/2020"]),
        ("de", "Am 3. Oktober 1990 und am Montag.", ["3. Oktober 1990", "Montag"]),
        ("pl", "Było to 3 maja 2021.", ["3 maja 2021"]),
        ("tlh", "2019 qaStaHvIS", ["2019"]),
        ("en", "", []),
    ],
)
def test_dates_are_found_without_preposition(language: str, text: str, expected: list[str]) -> None:
    """Calendar expressions are found whole, without preposition; durations and homographs never."""
    assert found(language, text) == expected


@pytest.mark.parametrize(
    ("language", "text", "published", "value"),
    [
        ("sk", "17. septembra", "2023-10-01", "2023-09-17"),
        ("sk", "17. decembra", "2023-10-01", "2022-12-17"),
        ("sk", "v utorok", "2023-09-29", "2023-09-26"),
        ("en", "next Tuesday", "2023-09-29", "2023-10-03"),
        ("en", "yesterday", "2020-03-01", "2020-02-29"),
        ("sv", "i april", "2020-01", "2019-04"),
        ("sv", "förra året", "2020", "2019"),
        ("en", "this week", "2020-01-01", "2020-W01"),
        ("en", "last month", "2020-01", "2019-12"),
        ("en", "the 1990s", None, "199X"),
        ("en", "3/4/2020", None, "2020-03-04"),
        ("nb", "3.4.2020", None, "2020-04-03"),
        ("nl", "roku 2019", None, "2019"),
    ],
)
def test_dates_resolve_against_publication(
    language: str, text: str, published: str | None, value: str
) -> None:
    """Yearless and relative expressions are resolved to the latest past one, or as they say."""
    (date,) = find_dates(text, language)
    normalised = resolve(date, published)
    assert normalised is not None
    assert normalised.value == value


@pytest.mark.parametrize(
    ("expression", "published"),
    [
        (DateExpression(0, 1, weekday=1), "2020"),
        (DateExpression(0, 1, weekday=1), None),
        (DateExpression(0, 1, month=4), "2020"),
        (DateExpression(0, 1, 2021, 2, 30), None),
    ],
)
def test_what_cannot_be_known_is_none(expression: DateExpression, published: str | None) -> None:
    """Too vague a publication date, or a day that does not exist, gives None."""
    assert resolve(expression, published) is None


@given(st.text(max_size=80), st.sampled_from(["sk", "sv", "en", "nb", "nl", "ar"]))
def test_any_text_gives_ordered_spans_inside_it(text: str, language: str) -> None:
    """Spans are never empty, never overlap and lie in the text."""
    end = 0
    for date in find_dates(text, language):
        assert end <= date.start < date.end <= len(text)
        end = date.end
