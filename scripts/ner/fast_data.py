"""Running text with labelled names as arrays of word types, over the tokens that spaCy makes."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import spacy
from spacy.language import Language

from curation.preannotate.fast import rows_of

from .data import LABEL_IDS, Paragraph

Array = npt.NDArray[np.int64]
LANGUAGES = ("sk", "sv", "en", "nb", "nl")


@dataclass(frozen=True)
class Text:
    """Word types and labels of one text; `weight` is what an error in it costs."""

    words: Array
    labels: Array
    language: int
    weight: float


@dataclass
class Vocabulary:
    """Every word type met, and the rows of its features."""

    ids: dict[str, int] = field(default_factory=dict)
    bags: list[list[list[int]]] = field(default_factory=list)

    def add(self, word: str) -> int:
        """The number of a word."""
        number = self.ids.setdefault(word, len(self.bags))
        if number == len(self.bags):
            self.bags.append(rows_of(word))
        return number

    def batch(self, types: Iterable[int]) -> tuple[Array, Array]:
        """Rows of all bags one after the other, and where each bag starts."""
        bags = [bag for number in types for bag in self.bags[number]]
        rows = np.asarray([row for bag in bags for row in bag])
        return rows, np.cumsum([0, *(len(bag) for bag in bags[:-1])])


@lru_cache(maxsize=8)
def tokenizer(language: str) -> Language:
    """The tokenizer that the model will meet."""
    return spacy.blank(language)


def token_labels(paragraph: Paragraph, tokens: Iterable[tuple[int, int]]) -> Iterator[int]:
    """The label of each token: that of the first labelled character in it."""
    previous = "O"
    for start, end in tokens:
        label = next((mark for mark in paragraph.labels[start:end] if mark != "O"), "O")
        if label[0] == "I" and previous[1:] != label[1:]:
            label = f"B{label[1:]}"
        previous = label
        yield LABEL_IDS[label]


def make_text(
    paragraph: Paragraph, language: str, weight: float, vocabulary: Vocabulary
) -> Text | None:
    """A paragraph as arrays; None where it has no tokens."""
    doc = tokenizer(language).make_doc(paragraph.text)
    if not len(doc):
        return None
    places = [(token.idx, token.idx + len(token)) for token in doc]
    return Text(
        words=np.asarray([vocabulary.add(token.text) for token in doc]),
        labels=np.asarray(list(token_labels(paragraph, places))),
        language=1 + LANGUAGES.index(language),
        weight=weight,
    )


def batches(texts: Sequence[Text], tokens: int, rng: random.Random) -> Iterator[list[Text]]:
    """Shuffled texts in batches of about so many tokens."""
    order = list(texts)
    rng.shuffle(order)
    batch: list[Text] = []
    size = 0
    for text in order:
        batch.append(text)
        size += len(text.words)
        if size >= tokens:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
