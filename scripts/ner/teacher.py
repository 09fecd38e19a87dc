"""Raw text labelled by the shipped encoder, for its small pupil to learn from."""

from __future__ import annotations

import gzip
import json
import random
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from curation.preannotate.ner import NerModel

from .data import Paragraph, Sentence

CHARACTERS = 4000
"""Longest piece of a document, in characters, that is kept together."""
_SQUASH = re.compile(r"\W+")
_LEAST = 25
"""Shorter sentences of the dev sets ("He said.") are everybody's."""


def squash(text: str) -> str:
    """Letters and digits alone: the same for a text and its tokens."""
    return _SQUASH.sub("", text).casefold()


def dev_sentences(dev: dict[str, list[Sentence]]) -> dict[str, list[str]]:
    """The squashed sentences of the dev sets by language."""
    known: dict[str, list[str]] = {}
    for sentences in dev.values():
        for sentence in sentences:
            text = squash("".join(sentence.tokens))
            if len(text) >= _LEAST:
                known.setdefault(sentence.language, []).append(text)
    return known


def raw_texts(path: Path, dev: Iterable[str], characters: int, seed: int) -> Iterator[str]:
    """Documents of a raw file in random order, without lines that are in the dev sets.

    Stops after `characters`.
    """
    with gzip.open(path, "rt", encoding="utf-8") as handle:
        texts = [json.loads(line)["text"] for line in handle]
    random.Random(seed).shuffle(texts)
    held_out = "\0".join(dev)
    for text in texts:
        lines = [line for line in text.splitlines() if not _known(line, held_out)]
        for part in _parts(lines):
            characters -= len(part)
            yield part
        if characters <= 0:
            return


def _known(line: str, held_out: str) -> bool:
    """Whether a line, or a sentence of it, is one of the dev sets'."""
    pieces = [line, *re.split(r"(?<=[.!?])\s+", line)]
    return any(len(s := squash(piece)) >= _LEAST and s in held_out for piece in pieces)


def _parts(lines: Iterable[str]) -> Iterator[str]:
    part = ""
    for line in lines:
        if part and len(part) + len(line) > CHARACTERS:
            yield part
            part = ""
        part = f"{part}\n{line}" if part else line
    if part.strip():
        yield part


def label(teacher: NerModel, texts: Iterable[str], language: str) -> Iterator[dict[str, object]]:
    """Texts with the teacher's names, as JSON objects."""
    kept = list(texts)
    for text, names in zip(kept, teacher.predict(kept), strict=True):
        yield {"language": language, "text": text, "names": [list(name) for name in names]}


def read_labelled(path: Path) -> Iterator[tuple[str, Paragraph]]:
    """(language, text with a label per character) of the labelled file."""
    with gzip.open(path, "rt", encoding="utf-8") as handle:
        for line in handle:
            item = json.loads(line)
            yield item["language"], _paragraph(item["text"], item["names"])


def _paragraph(text: str, names: Iterable[tuple[int, int, str, float]]) -> Paragraph:
    labels = ["O"] * len(text)
    for start, end, name, _ in names:
        labels[start] = f"B-{name}"
        labels[start + 1 : end] = [f"I-{name}"] * (end - start - 1)
    return Paragraph(text, labels)
