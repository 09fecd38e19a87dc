"""Where sentences end."""

from __future__ import annotations

import pytest
import spacy

from curation.preannotate.sentences import make_sentences


def split(language: str, text: str) -> list[str]:
    """The sentences of a text, without space around them."""
    doc = make_sentences(language)(spacy.blank(language)(text))
    return [s.text.strip() for s in doc.sents]


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "It rained. Nobody came.", ["It rained.", "Nobody came."]),
        ("en", "Flood in Graz\nMany left.", ["Flood in Graz", "Many left."]),
        ("en", "The river rose\nand fell again.", ["The river rose\nand fell again."]),
        ("en", "J. K. Ray won.", ["J. K. Ray won."]),
        ("en", "“It is over.” She left.", ["“It is over.”", "She left."]),
        ("sk", "Prišla 17. septembra. Odišla.", ["Prišla 17. septembra.", "Odišla."]),
        ("nb", "Hun kom 3. mai. Han gikk.", ["Hun kom 3. mai.", "Han gikk."]),
        ("sv", "Det var ca. 3.5 meter. Sen gick de.", ["Det var ca. 3.5 meter.", "Sen gick de."]),
        ("nl", "Het ging van de hand. Toen niet.", ["Het ging van de hand.", "Toen niet."]),
        ("nl", "Is het zo? Ja!", ["Is het zo?", "Ja!"]),
    ],
)
def test_sentences_end_where_a_reader_ends_them(
    language: str, text: str, expected: list[str]
) -> None:
    """Full stops of ordinals, initials and abbreviations do not end a sentence; line breaks do."""
    assert split(language, text) == expected


@pytest.mark.parametrize("text", ["", " ", "\n\n", "\t \n 😀"])
def test_text_without_words_has_no_trouble(text: str) -> None:
    """Empty text and bare whitespace give at most one sentence and no error."""
    assert len(split("en", text)) <= 1


def test_a_list_without_end_is_cut() -> None:
    """What goes on for thousands of words without a boundary is cut, not looked at as a whole."""
    found = split("en", "and so on " * 500)
    assert len(found) == 4
    assert {len(s.split()) for s in found[:-1]} == {400}
