"""The tokens and entities of a Doc as plain values, for rules that look at each many times.

spaCy makes a Token or Span anew at each access; read once, what they say costs a fifth of that.
The names are spaCy's own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from spacy.attrs import ENT_IOB, ENT_TYPE, IS_ALPHA, LIKE_NUM, LOWER, ORTH, SENT_START, SPACY
from spacy.tokens import Doc

__all__ = ["Name", "Reading", "Word", "read", "text_of", "texts_of"]

_IDENTITY = (ORTH, SPACY, ENT_TYPE, ENT_IOB, SENT_START)
"""What makes two documents the same to the rules."""
_SPACES = ("", " ")
_IOB = ("", "I", "O", "B")


# Not frozen: that makes one four times as slow to build.
@dataclass(slots=True, eq=False)
class Word:
    """A token of a document; `i` is its place there."""

    i: int
    text: str
    lower_: str
    whitespace_: str
    ent_type_: str
    ent_iob_: str
    is_sent_start: bool
    is_alpha: bool
    like_num: bool

    def __len__(self) -> int:
        return len(self.text)

    @property
    def is_space(self) -> bool:
        """It is white space."""
        return self.text.isspace()

    @property
    def is_digit(self) -> bool:
        """It has digits alone."""
        return self.text.isdigit()

    @property
    def is_lower(self) -> bool:
        """It is in lower case."""
        return self.text.islower()

    @property
    def is_upper(self) -> bool:
        """It is in capitals."""
        return self.text.isupper()


@dataclass(frozen=True, eq=False)
class Name:
    """An entity: the words from `start` up to `end` of `doc`."""

    doc: Sequence[Word]
    start: int
    end: int
    label_: str

    def __len__(self) -> int:
        return self.end - self.start

    @property
    def first(self) -> Word:
        """Its first word."""
        return self.doc[self.start]

    @property
    def last(self) -> Word:
        """Its last word."""
        return self.doc[self.end - 1]

    @property
    def text(self) -> str:
        """As it is written."""
        inner = self.doc[self.start : self.end - 1]
        return "".join(w.text + w.whitespace_ for w in inner) + self.last.text


@dataclass(frozen=True)
class Reading:
    """The words, entities and sentences (first word, word after the last) of a document."""

    words: Sequence[Word]
    names: Sequence[Name]
    sentences: Sequence[tuple[int, int]]
    analysed: dict[Any, Any] = field(default_factory=dict, compare=False, repr=False)
    """What one component works out and the next one needs too."""


_latest: dict[bytes, Reading] = {}
"""The Reading of the latest document, by what is in it: components come one after the other."""


def read(doc: Doc) -> Reading:
    """What `doc` says now; the same object as before where nothing has changed since."""
    identity: bytes = doc.to_array(_IDENTITY).tobytes()
    reading = _latest.get(identity)
    if reading is None:
        reading = _read(doc)
        _latest.clear()
        _latest[identity] = reading
    return reading


def _read(doc: Doc) -> Reading:
    words = list(_words(doc))
    names = [Name(words, e.start, e.end, e.label_) for e in doc.ents]
    return Reading(words, names, [(s.start, s.end) for s in doc.sents])


def _words(doc: Doc) -> Iterator[Word]:
    columns = doc.to_array((ORTH, LOWER, ENT_TYPE, ENT_IOB, SPACY, SENT_START, IS_ALPHA, LIKE_NUM))
    orths, lowers, labels, iobs, spaced = columns[:, :5].T.tolist()
    starts, alphas, numbers = (columns[:, 5:] == 1).T.tolist()
    string = doc.vocab.strings.__getitem__
    return map(
        Word,
        count(),
        map(string, orths),
        map(string, lowers),
        map(_SPACES.__getitem__, spaced),
        map(string, labels),
        map(_IOB.__getitem__, iobs),
        starts,
        alphas,
        numbers,
    )


def texts_of(doc: Doc) -> list[str]:
    """The text of each token."""
    strings = doc.vocab.strings
    return [strings[orth] for orth in doc.to_array(ORTH).tolist()]


def text_of(doc: Doc, tokens: Sequence[str] | None = None) -> str:
    """What `doc.text` gives; spaCy puts that together from a Token for each word, at every call.

    `tokens` are the texts of the tokens, where they are known already.
    """
    words = texts_of(doc) if tokens is None else tokens
    spaced = doc.to_array(SPACY).tolist()
    return "".join([w + _SPACES[s] for w, s in zip(words, spaced, strict=True)])
