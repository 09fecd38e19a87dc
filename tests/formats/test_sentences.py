"""Where sentences of tokens begin and end."""

from __future__ import annotations

from itertools import pairwise

import pytest
from formats.test_round_trip import record_lists
from hypothesis import given, settings

from curation.formats.sentences import sentence_ranges, split
from curation.formats.tokens import borders, tokenize, word_indices
from curation.model import Record
from curation.testing import annotation_set, document


def sentences(text: str, language: str = "en") -> list[str]:
    """The sentences of a text, from the first to the last character of their tokens."""
    doc = tokenize(text, language)
    places = borders(doc, word_indices(doc))
    return [
        text[places[r.start].start : places[r.stop - 1].end] for r in sentence_ranges(text, places)
    ]


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", ["He left.", "She stayed!", "Why?", "Nobody knows."]),
        ("en", ["“We won.”", "Then he left (at last).", "End"]),
        ("en", ["It cost 3.5 million.", "J. Smith paid."]),
        ("en", ["Wait...", "He left."]),
        ("sk", ["Stalo sa to 5. mája v Nitre.", "Potom odišiel."]),
        ("de", ["Er ging.", "Sie blieb."]),
        ("ar", ["هل جاء؟", "نعم."]),
        ("hi", ["वह आया।", "वह गया।"]),
    ],
)
def test_sentences_end_at_final_marks(language: str, expected: list[str]) -> None:
    """A final mark ends a sentence unless lower case follows, or an initial stands before it."""
    assert sentences(" ".join(expected), language) == expected


def test_chinese_needs_no_blank() -> None:
    """Final marks of scripts without blanks end sentences too."""
    assert sentences("他走了。她留下。", "zh") == ["他走了。", "她留下。"]


@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\u2028", "\x85"])
def test_a_line_break_ends_a_headline_and_not_a_full_line(line_break: str) -> None:
    """A break before a capital ends the sentence; a single one before lower case does not."""
    assert sentences(f"Talks fail{line_break}Kyiv said so") == ["Talks fail", "Kyiv said so"]
    wrapped = f"Talks fail{line_break}in Geneva"
    assert sentences(wrapped) == [wrapped]
    assert sentences(f"Talks fail{line_break * 2}in Geneva") == ["Talks fail", "in Geneva"]


def test_nothing_has_no_sentences() -> None:
    """A text without tokens has none."""
    assert sentences(" \n\t") == sentences("") == []


def test_what_spans_three_sentences_joins_them() -> None:
    """All borders within an entity are gone, those at its ends are not."""
    text = "One. Two. Three. Four. Five."
    made = Record(
        document=document(text), annotations=annotation_set(text, [("Two. Three. Four.", "X")])
    )
    found, losses = split(made, "strict")
    assert [" ".join(s.words) for s in found] == ["One .", "Two . Three . Four .", "Five ."]
    assert [s.first for s in found] == [0, 2, 8]
    assert losses == []


@settings(max_examples=60, deadline=None, derandomize=True)
@given(records=record_lists())
def test_sentences_share_out_all_tokens_and_items(records: list[Record]) -> None:
    """Every token is in one sentence, in order, and every item that is kept wholly within one."""
    for made in records:
        found, losses = split(made, "expand")
        places = [place for s in found for place in s.places]
        assert all(a.end <= b.start for a, b in pairwise(places))
        words = "".join(word for s in found for word in s.words)
        assert "".join(words.split()) == "".join(made.document.text.split())
        kept = 0
        for s in found:
            tokens = range(s.first, s.first + len(s.words))
            items = [*s.entities, *(e.aligned for e in s.events)]
            assert all(item.first in tokens and item.last - 1 in tokens for item in items)
            kept += len(items)
        size = 0 if made.annotations is None else len(made.annotations.items)
        assert kept == size
        assert {loss.reason for loss in losses} <= {"moved", "argument", "attributes"}
