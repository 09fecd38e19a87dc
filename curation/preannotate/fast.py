"""`curation_fast_recogniser`: names by a small convolutional network, many documents a second.

A word's vector is looked up once and kept: hashed rows for the word, its character n-grams,
beginning, end and shape, mixed by a maxout layer (spaCy's HashEmbedCNN with n-grams). Residual
maxout layers over neighbouring words follow, then a label for every token, read off as the best
valid IOB2 sequence. It was taught by `curation_recogniser` and by the same corpora, and runs over
the tokens of any pipeline; numpy is all it needs.

A score is the mean probability of the name's type over its tokens, at a temperature fitted on the
dev sets; the model card says how far scores and reality are apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
import numpy.typing as npt
from spacy.language import Language
from spacy.tokens import Doc

from curation.preannotate.ner import Found, read_config, trim
from curation.preannotate.recogniser import Recogniser
from curation.preannotate.tags import Array, by_type, decode, log_softmax, transitions
from curation.preannotate.words import text_of, texts_of

__all__ = ["COMPONENT", "MODEL_FOLDER", "FastModel", "FastRecogniser", "load_fast", "rows_of"]

COMPONENT = "curation_fast_recogniser"
MODEL_FOLDER = Path(__file__).parent / "models" / "fast"

TABLES = (("word", 20000), ("ngram", 30000), ("prefix", 3000), ("suffix", 4000), ("shape", 2000))
"""Groups of features and how many hashed rows each has, one after the other in one table."""
_FIRST = {name: sum(size for _, size in TABLES[:i]) for i, (name, _) in enumerate(TABLES)}
_SIZE = dict(TABLES)
_KEPT_WORDS = 40_000
"""Vectors of so many words are remembered (15 MB); then the memory starts afresh."""
_TOKENS = 2000
"""Tokens run at a time; they bound the memory of a long document."""
_LONGEST = 24
_SURE_OUTSIDE = -0.05
"""Log probability from which a token is taken to be no part of a name."""
Indices = npt.NDArray[np.int64]
_DIGIT = re.compile(r"\d")


def rows_of(word: str) -> list[list[int]]:
    """The rows of each group of features of a word, in the order of `TABLES`."""
    plain = _DIGIT.sub("0", word[:_LONGEST].lower())
    marked = f"<{plain}>"
    grams = {marked[i : i + n] for n in (3, 4, 5) for i in range(len(marked) - n + 1)}
    return [
        [_row("word", plain), _row("word", f"{plain}\0")],
        [_row("ngram", gram) for gram in sorted(grams)] or [_row("ngram", plain)],
        [_row("prefix", word[:3])],
        [_row("suffix", plain[-4:])],
        [_row("shape", _shape(word))],
    ]


def _row(table: str, text: str) -> int:
    key = crc32(text.encode("utf-8", "surrogatepass"))
    return _FIRST[table] + (key * 2654435761 >> 7) % _SIZE[table]


def _shape(word: str) -> str:
    """Classes of characters, runs of more than three cut: "Xxxx", "d.d", "XX-xxx"."""
    marks: list[str] = []
    for char in word[:_LONGEST]:
        mark = _mark(char)
        if marks[-3:] != [mark] * 3:
            marks.append(mark)
    return "".join(marks)


def _mark(char: str) -> str:
    if char.isalpha():
        return "X" if char.isupper() else "x"
    return "d" if char.isdigit() else char


class FastModel:
    """The network of one model folder, in numpy."""

    def __init__(self, folder: Path = MODEL_FOLDER) -> None:
        self.config = read_config(
            folder, "the model of the fast recogniser", "scripts/train_fast.py"
        )
        self.labels: list[str] = self.config["labels"]
        self.languages: list[str] = self.config["languages"]
        self.temperature: float = self.config["temperature"]
        self.version: str = self.config["version"]
        with np.load(folder / "model.npz") as arrays:
            self.weights = {name: arrays[name] for name in arrays.files}
        for name, values in self.weights.items():
            if values.dtype == np.float16:
                self.weights[name] = values.astype(np.float32)
        self._known: dict[str, int] = {}
        self._vectors: Array = np.zeros((1024, self.weights["mix.b"].shape[0] // 3), np.float32)
        self._allowed = transitions(self.labels)

    def logits(self, words: Sequence[str], language: str) -> Array:
        """One row of label logits per word."""
        return np.concatenate(
            [self._run(words, first, language) for first in range(0, max(len(words), 1), _TOKENS)]
        )

    def _run(self, words: Sequence[str], first: int, language: str) -> Array:
        """The logits of one stretch, computed with words of context on both sides."""
        reach = sum(self.config["dilations"])
        start, end = max(0, first - reach), first + _TOKENS + reach
        hidden = self._embed(words[start:end], language)
        for index, dilation in enumerate(self.config["dilations"]):
            hidden += self._layer(f"layer{index}", _window(hidden, dilation))
        result: Array = hidden @ self.weights["out.w"] + self.weights["out.b"]
        return result[first - start : first - start + _TOKENS]

    def _layer(self, name: str, values: Array) -> Array:
        """Maxout of three pieces, and layer normalisation."""
        mixed = values @ self.weights[f"{name}.w"]
        mixed += self.weights[f"{name}.b"]
        gain, offset = self.weights[f"{name}.g"], self.weights[f"{name}.o"]
        return _normalised(_maxout(mixed), gain, offset)

    def _embed(self, words: Sequence[str], language: str) -> Array:
        new = [word for word in dict.fromkeys(words) if word not in self._known]
        if new:
            self._learn(new, words)
        vectors: Array = self._vectors[[self._known[word] for word in words]]
        known = language if language in self.languages else ""
        vectors += self.weights["language"][self.languages.index(known)]
        return vectors

    def _learn(self, new: list[str], words: Sequence[str]) -> None:
        """Works out the vectors of words not met before, and keeps them."""
        if len(self._known) + len(new) > _KEPT_WORDS:
            self._known.clear()
            new = list(dict.fromkeys(words))
        first = len(self._known)
        needed = first + len(new)
        if needed > len(self._vectors):
            grown = np.zeros((max(needed, 2 * len(self._vectors)), self._vectors.shape[1]), "f")
            grown[:first] = self._vectors[:first]
            self._vectors = grown
        self._vectors[first:needed] = self._layer("mix", self._features(new))
        self._known.update((word, first + i) for i, word in enumerate(new))

    def _features(self, words: Sequence[str]) -> Array:
        """The means of the rows of each group of features, side by side."""
        bags = [rows for word in words for rows in rows_of(word)]
        rows = np.asarray([row for bag in bags for row in bag])
        starts = np.cumsum([0, *(len(bag) for bag in bags[:-1])])
        values = self.weights["rows"][rows] * self.weights["scales"][rows, None]
        sums = np.add.reduceat(values, starts, axis=0)
        means = sums / np.asarray([len(bag) for bag in bags], np.float32)[:, None]
        result: Array = means.reshape(len(words), -1).astype(np.float32)
        return result

    def predict(self, doc: Doc) -> list[Found]:
        """The names in a document, trimmed of outer quotes and punctuation."""
        words = texts_of(doc)
        if not words:
            return []
        with _one_thread().limit(limits=1, user_api="blas"):
            logits = self.logits(words, doc.lang_)
        spaces = [i for i, word in enumerate(words) if word.isspace()]
        logits[spaces, 1:] = -50.0
        best = best_labels(logits, self._allowed)
        names = list(names_of(best))
        if not names:
            return []
        types = np.exp(by_type(log_softmax(logits / self.temperature)))
        return list(self._found(doc, text_of(doc, words), names, types))

    def _found(
        self, doc: Doc, text: str, names: Iterable[tuple[int, int, int]], types: Array
    ) -> Iterator[Found]:
        for first, last, kind in names:
            end_token = doc[last - 1]
            start, end = trim(text, doc[first].idx, end_token.idx + len(end_token))
            if start < end:
                score = float(types[first:last, kind].mean())
                yield Found(start, end, self.labels[2 * kind][2:], round(min(score, 1.0), 4))


@lru_cache(maxsize=1)
def _one_thread() -> Any:
    """Holds numpy to one thread: on matrices this small two mostly wait for each other."""
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


def _window(hidden: Array, dilation: int) -> Array:
    """Each vector between those `dilation` places before and after it."""
    count, width = hidden.shape
    values = np.zeros((count, 3 * width), np.float32)
    values[dilation:, :width] = hidden[:-dilation]
    values[:, width : 2 * width] = hidden
    values[:-dilation, 2 * width :] = hidden[dilation:]
    return values


def _maxout(values: Array) -> Array:
    """The largest of three pieces, which lie side by side."""
    width = values.shape[1] // 3
    result: Array = np.maximum(values[:, :width], values[:, width : 2 * width])
    np.maximum(result, values[:, 2 * width :], out=result)
    return result


def _normalised(values: Array, gain: Array, offset: Array) -> Array:
    values -= values.mean(axis=1, keepdims=True)
    spread = np.einsum("ij,ij->i", values, values) / np.float32(values.shape[1])
    values *= (1.0 / np.sqrt(spread + np.float32(1e-5)))[:, None]
    values *= gain
    values += offset
    return values


def best_labels(logits: Array, allowed: Array) -> list[int]:
    """The best valid sequence; only stretches that break a rule are searched."""
    log_probabilities = log_softmax(logits)
    best = log_probabilities.argmax(axis=1)
    broken = np.flatnonzero(allowed[np.concatenate([[0], best[:-1]]), best])
    if len(broken):
        sure = np.flatnonzero((best == 0) & (log_probabilities[:, 0] > _SURE_OUTSIDE))
        for first, last in {_around(sure, place, len(best)) for place in broken}:
            best[first:last] = decode(log_probabilities[first:last], allowed, anywhere=False)
    result: list[int] = best.tolist()
    return result


def _around(sure: Indices, place: int, count: int) -> tuple[int, int]:
    """The stretch about `place` between two tokens that are surely outside of names."""
    after = int(np.searchsorted(sure, place))
    first = int(sure[after - 1]) + 1 if after else 0
    return first, int(sure[after]) if after < len(sure) else count


def names_of(labels: Iterable[int]) -> Iterator[tuple[int, int, int]]:
    """(first token, token after the last, number of the type) of each name in valid labels."""
    first, kind = 0, 0
    index = -1
    for index, label in enumerate(labels):
        starts = label % 2 == 1
        if kind and (starts or not label):
            yield first, index, kind
            kind = 0
        if starts:
            first, kind = index, (label + 1) // 2
    if kind:
        yield first, index + 1, kind


class FastRecogniser:
    """The component; entities that are already on a document win over new ones."""

    def __init__(
        self, name: str = COMPONENT, *, min_score: float = 0.0, model: str | Path | None = None
    ) -> None:
        self.folder = Path(model) if model else MODEL_FOLDER
        self._writer = Recogniser(name, min_score=min_score)

    def __call__(self, doc: Doc) -> Doc:
        """Sets the entities of one document."""
        return self._writer.annotate(doc, load_fast(self.folder).predict(doc))


def make_fast_recogniser(
    nlp: Language,  # noqa: ARG001 - spaCy's signature
    name: str,
    min_score: float,
    model: str | None,
) -> FastRecogniser:
    """Makes the component; the model is read when a first document is processed."""
    return FastRecogniser(name, min_score=min_score, model=model)


Language.factory(
    COMPONENT,
    assigns=["doc.ents", "span._.score", "span._.component"],
    default_config={"min_score": 0.0, "model": None},
    func=make_fast_recogniser,
)


@lru_cache(maxsize=4)
def load_fast(folder: Path = MODEL_FOLDER) -> FastModel:
    """The model of a folder, read once per process and shared by every language."""
    return FastModel(folder)
