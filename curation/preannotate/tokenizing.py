"""Text to tokens by the tokenizer of a pipeline, remembering every word that it has met.

spaCy's tokenizer remembers how it cut a word only until a text's first special case ("U.S.", an
emoticon, a line break); after that every word is cut anew. Asked for a word alone, it remembers.
"""

from __future__ import annotations

from weakref import WeakKeyDictionary

from spacy.language import Language
from spacy.tokenizer import Tokenizer
from spacy.tokens import Doc

__all__ = ["REMEMBERED", "make_doc"]

REMEMBERED = 20_000
"""Words whose tokens are remembered, of one pipeline (about 4 MB)."""
_LONGEST = 40
"""Characters of the longest word that is worth remembering."""
_met: WeakKeyDictionary[Language, set[str]] = WeakKeyDictionary()


def make_doc(nlp: Language, text: str) -> Doc:
    """What `nlp.make_doc` gives, sooner."""
    if isinstance(nlp.tokenizer, Tokenizer):
        _remember(nlp, nlp.tokenizer, text)
    return nlp.make_doc(text)


def _remember(nlp: Language, tokenizer: Tokenizer, text: str) -> None:
    met = _met.setdefault(nlp, set())
    if len(met) >= REMEMBERED:
        return
    tokenizer.max_cache_size = 2 * REMEMBERED  # parts of words have entries of their own
    for word in set(text.split()) - met:
        if len(word) <= _LONGEST:
            tokenizer(word)
            met.add(word)
