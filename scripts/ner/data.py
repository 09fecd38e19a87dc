"""Reads IOB2 files and turns sentences into paragraphs of labelled subword pieces."""

from __future__ import annotations

import gzip
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tokenizers import Tokenizer

LABELS: tuple[str, ...] = ("O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC")
LABEL_IDS: dict[str, int] = {label: index for index, label in enumerate(LABELS)}
IGNORE = -100

#: How often a sentence of a file is drawn per epoch: languages balanced, silver data held down.
FILE_WEIGHTS: dict[str, float] = {
    "en-silver": 0.6,
    "en-uner-ewt": 2.0,
    "nb-norne-ndt": 0.9,
    "nl-conll2002": 0.9,
    "sk-uner-snk": 1.0,
    "sk-wikigoldsk": 2.0,
    "sv-uner-talbanken": 0.7,
    "sv-webbnyheter2012": 1.7,
}
NO_SPACE_BEFORE = frozenset(
    [",", ".", ";", ":", "!", "?", ")", "]", "}", "%", "…", "...", "»", "n't", "n’t"]
    + [quote + ending for quote in "'’" for ending in ("s", "re", "ve", "ll", "d", "m")]
)
NO_SPACE_AFTER = frozenset(["(", "[", "{", "«", "„", "$", "£", "#", "@"])
TOGGLES = frozenset(['"', "'", "“", "”", "''", "``"])


@dataclass(frozen=True)
class Sentence:
    """One tokenised sentence with IOB2 tags and the language it is in."""

    tokens: tuple[str, ...]
    tags: tuple[str, ...]
    language: str

    @property
    def has_entities(self) -> bool:
        """Whether any token is inside an entity."""
        return any(tag != "O" for tag in self.tags)


@dataclass
class Paragraph:
    """Running text with a label per character: ``B-X`` on the first of an entity, ``I-X`` after."""

    text: str = ""
    labels: list[str] = field(default_factory=list)

    def add(self, piece: str, label: str) -> None:
        """Appends ``piece``; its first character gets ``label``, the rest its inside form."""
        inside = "I" + label[1:] if label != "O" else "O"
        self.text += piece
        self.labels += [label, *([inside] * (len(piece) - 1))] if piece else []

    def spans(self) -> set[tuple[int, int, str]]:
        """Entities as (start, end, type), read back from the characters."""
        found: set[tuple[int, int, str]] = set()
        start = 0
        for end in range(1, len(self.labels) + 1):
            open_label = self.labels[start]
            if end < len(self.labels) and self.labels[end] == "I" + open_label[1:] != "IO":
                continue
            if open_label != "O":
                found.add((start, end, open_label[2:]))
            start = end
        return found


@dataclass(frozen=True)
class Example:
    """Piece ids with one label id (or ``IGNORE``) each."""

    ids: list[int]
    labels: list[int]


def read_iob2(path: Path) -> list[Sentence]:
    """Reads a gzipped ``token TAB tag`` file; the file name starts with the language."""
    language = path.name.split("-", 1)[0]
    sentences: list[Sentence] = []
    tokens: list[str] = []
    tags: list[str] = []
    with gzip.open(path, "rt", encoding="utf-8") as handle:
        for line in [*handle, "\n"]:
            if line.strip():
                token, _, tag = line.rstrip("\n").partition("\t")
                tokens.append(token)
                tags.append(tag or "O")
            elif tokens:
                sentences.append(Sentence(tuple(tokens), tuple(tags), language))
                tokens, tags = [], []
    return sentences


def _joins_hyphen(sentence: Sentence, index: int, rng: random.Random) -> bool:
    """English tokenisers split ``Wal-Mart``: glue such a hyphen (index) to its neighbours."""
    if sentence.language != "en" or not 0 < index < len(sentence.tokens) - 1:
        return False
    if sentence.tokens[index] not in {"-", "/"}:
        return False
    before, after = sentence.tokens[index - 1], sentence.tokens[index + 1]
    if not (before[-1].isalnum() and after[0].isalnum()):
        return False
    return sentence.tags[index].startswith("I-") or rng.random() < 0.4


def _gaps(sentence: Sentence, rng: random.Random) -> list[str]:
    """The white space before each token as running text would have it."""
    gaps: list[str] = []
    open_quotes: set[str] = set()
    glue_next = True
    for index, token in enumerate(sentence.tokens):
        glue = glue_next or token in NO_SPACE_BEFORE
        glue_next = token in NO_SPACE_AFTER
        if token in TOGGLES:
            closes = "any" in open_quotes
            open_quotes ^= {"any"}
            glue, glue_next = (True, False) if closes else (glue, True)
        elif token == "„":
            open_quotes.add("any")
        elif _joins_hyphen(sentence, index, rng):
            glue = glue_next = True
        gaps.append("" if glue else " ")
    return gaps


def add_sentence(
    paragraph: Paragraph, sentence: Sentence, rng: random.Random, *, spaced: bool, upper: bool
) -> None:
    """Writes ``sentence`` at the end of ``paragraph``; ``spaced`` keeps a space at every token."""
    gaps = [" "] * len(sentence.tokens) if spaced else _gaps(sentence, rng)
    for index, (token, tag) in enumerate(zip(sentence.tokens, sentence.tags, strict=True)):
        if token == "|" and index == len(sentence.tokens) - 1 and not spaced:
            continue
        gap = gaps[index] if index else ""
        paragraph.add(gap, "I" + tag[1:] if tag.startswith("I-") else "O")
        paragraph.add(token.upper() if upper else token, tag)


def paragraphs(sentences: Sequence[Sentence], rng: random.Random) -> Iterator[Paragraph]:
    """Joins one to four neighbouring sentences, in mixed spacing and now and then in capitals."""
    index = 0
    while index < len(sentences):
        count = rng.choices([1, 2, 3, 4], [0.5, 0.2, 0.15, 0.15])[0]
        spaced, upper = rng.random() < 0.2, rng.random() < 0.02
        paragraph, words = Paragraph(), 0
        for sentence in sentences[index : index + count]:
            if words and words + len(sentence.tokens) > 140:
                break
            paragraph.add(rng.choice([" ", " ", "\n"]) if paragraph.text else "", "O")
            add_sentence(paragraph, sentence, rng, spaced=spaced, upper=upper)
            words += len(sentence.tokens)
            index += 1
        yield paragraph


def draw_sentences(
    files: dict[str, list[Sentence]], rng: random.Random, keep_empty: float
) -> Iterator[list[Sentence]]:
    """Draws each file's share of one epoch, in file order so that neighbours stay neighbours."""
    for name, sentences in files.items():
        weight = FILE_WEIGHTS.get(name, 1.0)
        drawn: list[Sentence] = []
        while weight > 0:
            share = min(weight, 1.0)
            drawn += [
                sentence
                for sentence in sentences
                if rng.random() < (share if sentence.has_entities else share * keep_empty)
            ]
            weight -= 1.0
        yield drawn


def visible_start(text: str, start: int, end: int) -> int:
    """Where a piece begins once the white space that it carries is left out."""
    while start < end and text[start].isspace():
        start += 1
    return start


def encode(tokenizer: Tokenizer, items: Sequence[Paragraph], max_length: int) -> Iterator[Example]:
    """Labels every piece by its first visible character; a bare word marker is ignored."""
    marker = tokenizer.token_to_id("▁")
    for item, encoding in zip(
        items, tokenizer.encode_batch([item.text for item in items]), strict=True
    ):
        labels: list[int] = []
        for piece, (begin, end), special in zip(
            encoding.ids, encoding.offsets, encoding.special_tokens_mask, strict=True
        ):
            start = visible_start(item.text, begin, end)
            usable = not special and piece != marker and start < end
            labels.append(LABEL_IDS[item.labels[start]] if usable else IGNORE)
        ids = encoding.ids
        if len(ids) > max_length:
            ids = [*ids[: max_length - 1], ids[-1]]
            labels = [*labels[: max_length - 1], IGNORE]
        yield Example(ids, labels)


def batches(
    examples: Iterable[Example], pieces: int, rng: random.Random, pool: int = 3000
) -> Iterator[list[Example]]:
    """Cuts shuffled examples into batches of alike length and at most ``pieces`` padded pieces."""
    shuffled = list(examples)
    rng.shuffle(shuffled)
    ready: list[list[Example]] = []
    for first in range(0, len(shuffled), pool):
        batch: list[Example] = []
        for example in sorted(shuffled[first : first + pool], key=lambda item: len(item.ids)):
            if batch and (len(batch) + 1) * len(example.ids) > pieces:
                ready.append(batch)
                batch = []
            batch.append(example)
        ready.append(batch)
    rng.shuffle(ready)
    yield from ready
