"""Publication dates: metadata, header, dateline, with their precision."""

import pytest

from curation.ingest.dates import iso_date, published_from


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("2020", "2020"),
        (2020, "2020"),
        ("2020-01", "2020-01"),
        ("2020-01-13", "2020-01-13"),
        (" 2020-01-13T22:30:00+01:00 ", "2020-01-13"),
        ("2020-01-13 22:30", "2020-01-13"),
        ("20200113", "2020-01-13"),
        ("20200113T223000Z", "2020-01-13"),
        ("2020/1/13", "2020-01-13"),
        ("13.1.2020", "2020-01-13"),
        ("13. 1. 2020 22:30", "2020-01-13"),
        ("Mon, 13 Jan 2020 22:30:00 +0100", "2020-01-13"),
        ("2024-02-29", "2024-02-29"),
    ],
)
def test_dates_of_metadata_are_read_as_precise_as_written(written: object, value: str) -> None:
    """ISO dates of any precision, date-times, and the unambiguous European forms."""
    assert iso_date(written) == value


@pytest.mark.parametrize(
    "written",
    ["", None, "01/02/2020", "2020-13", "2023-02-29", "0000", "9999", "soon", 13, ["2020"], 2020.5],
)
def test_what_is_no_date_or_two_dates_gives_nothing(written: object) -> None:
    """Impossible days, ambiguous order, other types and far-off years are no dates."""
    assert iso_date(written) is None


def test_the_first_readable_key_wins() -> None:
    """A field that cannot be read does not hide one that can."""
    found = published_from("x", {"date": "yesterday", "datetime": "2020-01-13T10:00Z"})
    assert found is not None
    assert (found.value, found.origin, found.precision) == ("2020-01-13", "metadata", "day")


@pytest.mark.parametrize(
    ("text", "value", "precision"),
    [
        (" date 2020-01 Opprørsgeneralen", "2020-01", "month"),
        ("date 2020-01-13\nText", "2020-01-13", "day"),
        ("Date: 2020 Text", "2020", "year"),
    ],
)
def test_a_header_gives_its_date(text: str, value: str, precision: str) -> None:
    """The word "date" and an ISO date in front of the text."""
    found = published_from(text, {})
    assert found is not None
    assert (found.value, found.origin, found.precision) == (value, "header", precision)


@pytest.mark.parametrize(
    "text",
    [
        "Date 2020 was a year",
        "A date 2020-01 in the text",
        "date 2020-13 x",
        "date 2020-011 x",
        "update 2020-01",
    ],
)
def test_a_header_stands_at_the_start_and_is_a_date(text: str) -> None:
    """The same words elsewhere, or with an impossible date, are no header."""
    assert published_from(text, {}) is None


def test_metadata_is_stronger_than_the_text() -> None:
    """A date field is believed before a header."""
    found = published_from(" date 2020-01 x", {"published": "2019-12-31"})
    assert found is not None
    assert found.value == "2019-12-31"


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("BRATISLAVA 13. januára 2020 (TASR) - Vláda rokovala.", "2020-01-13"),
        ("Moskva 4. augusta 2017", "2017-08-04"),
        ("OSLO, 13. januar 2020 – Regjeringen møttes.", "2020-01-13"),
        ("STOCKHOLM den 13 januari 2020 (TT) Regeringen möttes.", "2020-01-13"),
        ("Den Haag, 13 maart 2020 | Nieuws", "2020-03-13"),
        ("MOSCOW, January 13, 2020 - Talks began.", "2020-01-13"),
        ("04 August 2017, 11:01", "2017-08-04"),
        ("Published: 13 Jan 2020 at 10:30", "2020-01-13"),
        ("13. 1. 2020 10:30", "2020-01-13"),
        ("2020-01-13", "2020-01-13"),
        ("January 2020", "2020-01"),
    ],
)
def test_a_dateline_gives_its_date(line: str, value: str) -> None:
    """A date that opens one of the first lines, in any of the five languages."""
    found = published_from(f"Title of the article\n\n{line}\n\nText.", {})
    assert found is not None
    assert (found.value, found.origin) == (value, "dateline")


@pytest.mark.parametrize(
    "line",
    [
        "04 August, 11:01",
        "On 13 January 2020 talks began in Moscow.",
        "Haftar sa 17. septembra 2019 stretol s Putinom.",
        "Talks were held on 13 January 2020 - officials said.",
        "13 January 2020: the day that changed everything",
        "March 2020 - a month to remember",
        "In 2020 the war ended - for now.",
        "31 February 2020",
        "Keďže ofenzívu ukončilo prímerie z októbra 2020, Wagner odišiel.",
    ],
)
def test_other_dates_are_no_datelines(line: str) -> None:
    """No year, a sentence, an impossible day: nothing is guessed."""
    assert published_from(f"Title\n{line}\nText.", {}) is None


def test_a_date_further_down_is_no_dateline() -> None:
    """Only the first five lines count."""
    assert published_from("a\nb\nc\nd\ne\n13 January 2020\n", {}) is None


def test_month_names_follow_the_languages() -> None:
    """A language that is not asked for lends no month names; an unknown one does no harm."""
    line = "Paris, 13 janvier 2020"
    assert published_from(line, {}) is None
    found = published_from(line, {}, languages=("fr", "xx", "not a language"))
    assert found is not None
    assert found.value == "2020-01-13"
