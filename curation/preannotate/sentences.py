"""Sentence boundaries by rule, made for news: headlines, bylines, abbreviations, ordinals.

A sentence ends at final punctuation before something that can start one, and at a line break
unless the next line goes on in lower case, as in hard-wrapped text. What has no boundary for
`LONGEST` tokens, as lists and tables may, is cut there: the rules after it look at whole sentences.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from spacy.attrs import SPACY
from spacy.tokens import Doc

from curation.preannotate.extensions import add_factory
from curation.preannotate.lexicon import load_lexicon
from curation.preannotate.words import texts_of

__all__ = ["set_boundaries"]

_FINAL = frozenset({".", "!", "?", "…", "?!", "!?", "...", "。", "！", "？", "؟", "।", "۔"})
_LAST = frozenset("".join(_FINAL))
"""What a token that ends a sentence ends with."""
_CLOSING = frozenset({*"\"'”’»“)]}›‘", "''"})
NOT_A_START = -1
LONGEST = 400
"""Tokens of the longest sentence."""
_NEVER_FIRST = frozenset(",;:.-")


def make_sentences(language: str) -> Callable[[Doc], Doc]:
    """The component; abbreviations come from the language's lexicon."""
    abbreviations = load_lexicon(language).abbreviations
    return lambda doc: set_boundaries(doc, abbreviations)


add_factory("curation_sentences", make_sentences)


def set_boundaries(doc: Doc, abbreviations: frozenset[str] = frozenset()) -> Doc:
    """Mark each token as starting a sentence or not."""
    words = _Words(texts_of(doc), doc.to_array(SPACY).tolist(), abbreviations)
    starts = [1 if start else NOT_A_START for start in words.starts()]
    if starts:
        # one array: setting `Token.is_sent_start` looks through the whole Doc each time
        doc.from_array(["SENT_START"], np.array(starts, dtype=np.int64).astype(np.uint64))
    return doc


@dataclass(frozen=True)
class _Words:
    """The tokens of a text, and after which of them there is a space."""

    texts: Sequence[str]
    spaced: Sequence[bool]
    abbreviations: frozenset[str]

    def starts(self) -> Iterator[bool]:
        begun = ended = broken = False
        first = 0
        for index, text in enumerate(self.texts):
            if text.isspace():
                broken = broken or self._breaks(index)
                yield index == 0
                continue
            closes = ended and not broken and self._closes(index)
            follows = begun and not closes and (broken or (ended and _can_start(text)))
            start = index == 0 or follows or index - first >= LONGEST
            first = index if start else first
            yield start
            ended = closes or (text[-1] in _LAST and self._ends(index))
            begun, broken = True, False

    def _breaks(self, index: int) -> bool:
        """One line break before lower case is a wrapped line; any other break ends the sentence."""
        count = self.texts[index].count("\n")
        if count != 1 or index + 1 >= len(self.texts):
            return bool(count)
        return not self.texts[index + 1][0].islower()

    def _closes(self, index: int) -> bool:
        """A closing quote or bracket: it stands at the word before it."""
        return self.texts[index] in _CLOSING and not self.spaced[index - 1]

    def _ends(self, index: int) -> bool:
        text = self.texts[index]
        if text != ".":
            return text in _FINAL or _ends_glued(text.lower(), self.abbreviations)
        if index == 0 or (not self.spaced[index] and self._glued(index)):
            return False
        previous = self.texts[index - 1]
        initial = len(previous) == 1 and previous.isupper()
        abbreviated = initial or previous.lower() in self.abbreviations
        return self.spaced[index - 1] or not abbreviated

    def _glued(self, index: int) -> bool:
        """The full stop stands inside something, as in "3.5" or "e.g"."""
        return index + 1 < len(self.texts) and self.texts[index + 1][0].isalnum()


def _can_start(text: str) -> bool:
    return not text[0].islower() and text not in _NEVER_FIRST


def _ends_glued(word: str, abbreviations: frozenset[str]) -> bool:
    """Some tokenizers leave the full stop on words that are also abbreviations ("hand.")."""
    bare = word.removesuffix(".")
    return bare != word and len(bare) > 3 and "." not in bare and bare not in abbreviations
