"""Texts that a tokenizer would take for ever for."""

from __future__ import annotations

import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.preannotate.tokenizing import make_doc


@pytest.mark.parametrize("piece", ['"', "'s", "(", "a-", "x", "👩‍👩‍👧"])
def test_a_run_without_white_space_is_cut(piece: str) -> None:
    """No token is longer than a piece, and the text and its white space stay."""
    text = f"He said  {piece * 20_000} and left.\n"
    doc = make_doc(spacy.blank("en"), text)
    assert doc.text == text
    assert max(len(token.text) for token in doc) <= 100
    assert [t.text for t in doc][-4:] == ["and", "left", ".", "\n"]


@settings(derandomize=True, deadline=None)
@given(st.lists(st.sampled_from(["word ", "U.S.", ",", "\n", "x" * 990, "é"]), max_size=12))
def test_other_texts_have_the_tokens_of_the_pipeline(parts: list[str]) -> None:
    """Long words that a language can have are left whole."""
    text, nlp = "".join(parts), spacy.blank("en")
    if all(len(word) <= 1000 for word in text.split()):
        assert [t.idx for t in make_doc(nlp, text)] == [t.idx for t in nlp.make_doc(text)]
    assert make_doc(nlp, text).text == text
