"""Tokens of a text by spaCy's rules for its language, with their places."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import spacy
from spacy.tokenizer import Tokenizer

from curation.spans import Span

__all__ = ["blank", "borders", "final_marks", "tokenize", "word_indices"]


@lru_cache(maxsize=32)
def blank(language: str) -> Any:
    """The blank spaCy pipeline for a BCP 47 tag; the multilingual one where it has none."""
    primary = re.split(r"[-_]", language.lower())[0]
    name = primary if re.fullmatch(r"[a-z]{2,3}", primary) else "xx"
    try:
        pipeline = spacy.blank(name)
        # Some languages need a further package, and ask for it only when they see a text.
        pipeline.tokenizer("a b")
    except ImportError:
        return spacy.blank("xx")
    return pipeline


def tokenize(text: str, language: str) -> Any:
    """The spaCy Doc of `text`: its `.text` is `text`, character by character."""
    tokenizer = blank(language).tokenizer
    doc = tokenizer(text)
    # spaCy's own tokenizer never changes a text; those of some languages do.
    if type(tokenizer) is Tokenizer or doc.text == text:
        return doc
    return blank("xx").tokenizer(text)


@lru_cache(maxsize=1)
def final_marks() -> frozenset[str]:
    """The characters that end a sentence, in all scripts that spaCy knows."""
    return frozenset(spacy.pipeline.Sentencizer.default_punct_chars) | {"…"}


def word_indices(doc: Any) -> list[int]:
    """The tokens that are not whitespace."""
    spaces = doc.to_array("IS_SPACE").tolist()
    return [index for index, space in enumerate(spaces) if not space]


def borders(doc: Any, indices: Sequence[int]) -> list[Span]:
    """Where those tokens stand in the text, in code points."""
    places = doc.to_array(["IDX", "LENGTH"]).tolist()
    return [Span(start, start + length) for start, length in map(places.__getitem__, indices)]
