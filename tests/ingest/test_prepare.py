"""From a raw document to a Document."""

import pytest

from curation.errors import InputError
from curation.ingest.offsets import restore
from curation.ingest.prepare import Prepared, prepare
from curation.ingest.records import RawDocument
from curation.model import text_sha256

ENGLISH = "The government met on Monday and agreed on a plan for the coming year."
FIVE = ("sk", "sv", "en", "nb", "nl")


def prepared(text: str = ENGLISH, *, cut: bool = False, **fields: object) -> Prepared:
    """The result for a text that can be used."""
    raw = RawDocument("d", text, "d.txt", **fields)  # type: ignore[arg-type]  # fields vary by test
    result = prepare(raw, languages=FIVE, cut_boilerplate=cut)
    assert isinstance(result, Prepared)
    return result


def test_text_is_normalised_and_can_be_restored() -> None:
    """The document has the faithful text and its hash; the map leads back to the raw text."""
    raw = f"\ufeff{ENGLISH}\r\nCafe\u0301\r\n"
    result = prepared(raw)
    assert result.document.text == f"{ENGLISH}\nCafé\n"
    assert result.document.sha256 == text_sha256(f"{ENGLISH}\nCafé\n")
    assert restore(result.document.text, result.offset_map) == raw


def test_flags_are_recorded_and_nothing_is_cut() -> None:
    """By default the text stays whole, with the flag's offsets in it."""
    result = prepared(f"{ENGLISH}\r\nRead more\r\n")
    (found,) = result.document.meta["flags"]
    assert result.document.text[found["start"] : found["end"]] == "Read more"
    assert (found["kind"], found["reason"]) == ("boilerplate", "link to other articles")


def test_cut_text_can_be_restored() -> None:
    """Cut on request, recorded, said, and undone by the one composed map."""
    raw = f"\ufeff{ENGLISH}\r\nRead more\r\nCafe\u0301"
    result = prepared(raw, cut=True)
    assert result.document.text == f"{ENGLISH}\nCafé"
    assert restore(result.document.text, result.offset_map) == raw
    assert result.document.meta["flags"] == []
    assert [f["reason"] for f in result.document.meta["cut"]] == ["link to other articles"]
    assert result.notes == ("cut 10 characters of boilerplate",)


def test_a_text_that_is_all_boilerplate_is_not_cut_to_nothing() -> None:
    """Then nothing is cut, the flags stay, and a note says so."""
    result = prepared("Read more: Talks fail again in Moscow\n", cut=True)
    assert result.document.text == "Read more: Talks fail again in Moscow\n"
    assert len(result.document.meta["flags"]) == 1
    assert "nothing was cut" in result.notes[0]


def test_a_named_language_is_believed() -> None:
    """A language of the input wins over detection, in the workspace's spelling."""
    result = prepared(language="NO")
    assert (result.document.language, result.language_probability) == ("nb", 1.0)


def test_a_foreign_text_is_noted() -> None:
    """Text in a language that the workspace has not gets one of its languages and a note."""
    result = prepared("Le gouvernement a rencontré lundi le président de la République. " * 3)
    assert result.document.language in FIVE
    taken = f"taken as {result.document.language!r}"
    assert result.notes == (f"{taken}, looks like 'fr': no language of this workspace",)


def test_an_uncertain_language_is_noted() -> None:
    """A few words that could be two languages get the likelier one and a note."""
    result = prepared("Polisen har gripit en man.")
    assert result.document.language == "sv"
    assert result.notes[0].startswith("the language is uncertain: 'sv' with ")


@pytest.mark.parametrize(
    ("written", "published", "kept"),
    [("2020-01", "2020-01", None), ("2020-01-13T10:30Z", "2020-01-13", "2020-01-13T10:30Z")],
)
def test_a_date_field_keeps_what_it_says(written: str, published: str, kept: str | None) -> None:
    """The ISO date goes to the document, a time of day stays in the metadata."""
    document = prepared(published=written).document
    assert (document.published, document.meta["published_from"]) == (published, "metadata")
    assert document.meta.get("published_as_written") == kept


def test_a_date_that_cannot_be_read_is_noted_and_kept() -> None:
    """Nothing is guessed and nothing is lost."""
    result = prepared(published="01/02/2020")
    assert result.document.published is None
    assert result.document.meta["published_as_written"] == "01/02/2020"
    assert result.notes == ("the date '01/02/2020' cannot be read",)


def test_source_and_metadata_are_kept() -> None:
    """What the file said about the document is in it."""
    document = prepared(source="Agency", meta={"section": "world"}).document
    assert document.source == "Agency"
    assert document.meta == {"section": "world", "flags": []}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "d.txt: the text is empty"),
        (" \n\u2003", "d.txt: nothing but whitespace"),
        ("\ufeff \n", "d.txt: nothing but whitespace"),
        ("a\0", "d.txt: a NUL byte in line 1 of the text (not a text file, or damaged?"),
        ("\ud800", "d.txt: half of a surrogate pair at character 0 of the text"),
        ("é" * 3_000_000, "d.txt: 6.0 MB in one document, the limit is 5 MB"),
    ],
)
def test_texts_that_cannot_be_documents(text: str, said: str) -> None:
    """The problem is returned, with its place."""
    result = prepare(RawDocument("d", text, "d.txt"), languages=FIVE)
    assert isinstance(result, InputError)
    assert str(result).startswith(said)


def test_a_language_outside_the_workspace() -> None:
    """Is returned as a problem."""
    result = prepare(RawDocument("d", "x", "d.txt", language="da"), languages=FIVE)
    assert isinstance(result, InputError)
    assert "this workspace has sk, sv, en, nb, nl" in str(result)
