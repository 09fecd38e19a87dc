"""Sentence boundaries by rule, made for news: headlines, bylines, abbreviations, ordinals.

A sentence ends at final punctuation before something that can start one, and at a line break
unless the next line goes on in lower case, as in hard-wrapped text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from spacy.tokens import Doc, Token

from curation.preannotate.extensions import add_factory
from curation.preannotate.lexicon import load_lexicon

__all__ = ["set_boundaries"]

_FINAL = frozenset({".", "!", "?", "…", "?!", "!?", "...", "。", "！", "？", "؟", "।", "۔"})
_CLOSING = frozenset({*"\"'”’»“)]}›‘", "''"})
NOT_A_START = -1
_NEVER_FIRST = frozenset(",;:.-")


def make_sentences(language: str) -> Callable[[Doc], Doc]:
    """The component; abbreviations come from the language's lexicon."""
    abbreviations = load_lexicon(language).abbreviations
    return lambda doc: set_boundaries(doc, abbreviations)


add_factory("curation_sentences", make_sentences)


def set_boundaries(doc: Doc, abbreviations: frozenset[str] = frozenset()) -> Doc:
    """Mark each token as starting a sentence or not."""
    starts = [1 if start else NOT_A_START for start in _starts(doc, abbreviations)]
    if starts:
        # one array: setting `Token.is_sent_start` looks through the whole Doc each time
        doc.from_array(["SENT_START"], np.array(starts, dtype=np.int64).astype(np.uint64))
    return doc


def _starts(doc: Doc, abbreviations: frozenset[str]) -> Iterator[bool]:
    begun = ended = broken = False
    for token in doc:
        if token.is_space:
            broken = broken or _breaks(token)
            yield token.i == 0
            continue
        closes = ended and not broken and _closes(token)
        follows = begun and not closes and (broken or (ended and _can_start(token)))
        yield token.i == 0 or follows
        ended = closes or _ends(token, abbreviations)
        begun, broken = True, False


def _breaks(space: Token) -> bool:
    """One line break before lower case is a wrapped line; any other break ends the sentence."""
    count: int = space.text.count("\n")
    doc = space.doc
    if count != 1 or space.i + 1 >= len(doc):
        return bool(count)
    following: str = doc[space.i + 1].text
    return not following[0].islower()


def _closes(token: Token) -> bool:
    """A closing quote or bracket: it stands at the word before it."""
    return token.text in _CLOSING and not token.doc[token.i - 1].whitespace_


def _can_start(token: Token) -> bool:
    return not token.text[0].islower() and token.text not in _NEVER_FIRST


def _ends(token: Token, abbreviations: frozenset[str]) -> bool:
    if token.text != ".":
        return token.text in _FINAL or _ends_glued(token.lower_, abbreviations)
    if token.i == 0 or (not token.whitespace_ and _glued(token)):
        return False
    previous = token.doc[token.i - 1]
    initial = len(previous.text) == 1 and previous.text.isupper()
    return bool(previous.whitespace_) or not (initial or previous.lower_ in abbreviations)


def _ends_glued(word: str, abbreviations: frozenset[str]) -> bool:
    """Some tokenizers leave the full stop on words that are also abbreviations ("hand.")."""
    bare = word.removesuffix(".")
    return bare != word and len(bare) > 3 and "." not in bare and bare not in abbreviations


def _glued(token: Token) -> bool:
    """The full stop stands inside something, as in "3.5" or "e.g"."""
    following: str = token.doc[token.i + 1 : token.i + 2].text
    return following[:1].isalnum()
