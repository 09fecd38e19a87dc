"""Text to tokens by the tokenizer of a pipeline, remembering every word that it has met.

spaCy's tokenizer remembers how it cut a word only until a text's first special case ("U.S.", an
emoticon, a line break); after that every word is cut anew. Asked for a word alone, it remembers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from weakref import WeakKeyDictionary

from spacy.language import Language
from spacy.tokenizer import Tokenizer
from spacy.tokens import Doc

__all__ = ["REMEMBERED", "make_doc"]

REMEMBERED = 20_000
"""Words whose tokens are remembered, of one pipeline (about 4 MB)."""
_LONGEST = 40
"""Characters of the longest word that is worth remembering."""
_ENDLESS = 1000
_PIECE = 100
_met: WeakKeyDictionary[Language, set[str]] = WeakKeyDictionary()


def make_doc(nlp: Language, text: str) -> Doc:
    """What `nlp.make_doc` gives, sooner; only what no language calls a word is cut into pieces.

    spaCy takes punctuation off a word one by one, and looks at all of it each time.
    """
    new = set(text.split())
    if isinstance(nlp.tokenizer, Tokenizer):
        new = _remember(nlp, nlp.tokenizer, new)
    if max(map(len, new), default=0) <= _ENDLESS:
        return nlp.make_doc(text)
    pieces = [nlp.make_doc(piece) for piece in _pieces(text)]
    return Doc.from_docs(pieces, ensure_whitespace=False)


def _pieces(text: str) -> Iterator[str]:
    """The text, cut within runs that are too long."""
    start = 0
    for run in re.finditer(r"\S+", text):
        long = run.end() - run.start() > _ENDLESS
        for end in range(run.start() + _PIECE, run.end(), _PIECE) if long else ():
            yield text[start:end]
            start = end
    yield text[start:]


def _remember(nlp: Language, tokenizer: Tokenizer, words: set[str]) -> set[str]:
    """Those of the words that were not met before."""
    met = _met.setdefault(nlp, set())
    new = words - met
    if not new or len(met) >= REMEMBERED:
        return new
    tokenizer.max_cache_size = 2 * REMEMBERED  # parts of words have entries of their own
    for word in new:
        if len(word) <= _LONGEST:
            tokenizer(word)
            met.add(word)
    return new
