"""The recogniser without spaCy: text in, scored character spans out.

A text is cut into units (lines, sentences, at most `_UNIT` characters), units are packed into
windows of at most `max_length` pieces, and where a window starts or ends inside a line it sees
pieces of its neighbours that it does not label. Piece probabilities are joined to words, so that
a word is in a name or not as a whole, and the best valid IOB2 sequence is read off.

Numbers do not depend on what else is in a batch: activations are quantised per piece.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from curation.errors import InputError
from curation.preannotate.tags import Array, by_type, decode, log_softmax, transitions

__all__ = [
    "MODEL_FOLDER",
    "Found",
    "NerModel",
    "limit_threads",
    "load_model",
    "read_config",
    "trim",
]

MODEL_FOLDER = Path(__file__).parent / "models" / "ner"

_UNIT = 500
"""Longest unit in characters."""
_CONTEXT = 40
"""Pieces seen, and not labelled, on a side where a window cuts a line."""
_WINDOWS = 48
"""Windows held at a time; they bound the memory."""
_BATCH = 8
_limit: dict[str, int] = {}
"""The "threads" of a process that shares the machine with others like it."""

_SENTENCE_END = re.compile(r"[.!?…][\"'”’“»)\]]*\s+")
_SPACE = re.compile(r"\s+")
_LINE = re.compile(r"[^\n\r\u2028\u2029]+")
_ENDLESS = re.compile(r"[^\s\u3000-\u9fff\uf900-\uffef]{500,}")
"""What holds no name: encoded data, a rule of dashes; scripts that write no spaces are text."""
_ABBREVIATION = re.compile(
    r"(?:(?:\b\w\.){2,}|\b[^\W\d_]\.|\b[IVX]{2,5}\.|\b(?:Inc|Corp|Co|Ltd|Jr|Sr|Bros|St|Dr|jr|sr|spol|r\.o|a\.s|o\.z)\.)$"
)


class Found(NamedTuple):
    """A name in a text: half-open code-point offsets, label and calibrated score."""

    start: int
    end: int
    label: str
    score: float


class _Word(NamedTuple):
    start: int
    end: int
    label: int
    score: float


@dataclass(frozen=True)
class _Unit:
    """Pieces of one stretch of text; `fresh` where a line starts."""

    ids: Sequence[int]
    starts: Sequence[int]
    ends: Sequence[int]
    fresh: bool


@dataclass(frozen=True)
class _Window:
    """Pieces to run; those in [first, last) are labelled, the others are context."""

    text: int
    ids: list[int]
    first: int
    last: int
    starts: list[int]
    ends: list[int]
    fresh: bool


def _stretches(text: str) -> Iterator[tuple[int, int, bool]]:
    """(start, end, starts a line) of the units of a text, in order, white space left out."""
    for line in _LINE.finditer(text):
        start, fresh = line.start(), True
        while start < line.end():
            skipped = _SPACE.match(text, start) or _ENDLESS.match(text, start)
            if skipped:
                start = min(skipped.end(), line.end())
                continue
            end = _cut(text, start, line.end())
            yield start, end, fresh
            start, fresh = end, False


def _cut(text: str, start: int, limit: int) -> int:
    """Where the unit that starts here ends: a sentence, else the last space within reach."""
    reach = min(limit, start + _UNIT)
    sentence = _SENTENCE_END.search(text, min(start + 1, reach), reach)
    if sentence:
        return sentence.end()
    if reach == limit:
        return limit
    spaces = list(_SPACE.finditer(text, start + _UNIT // 2, reach))
    return spaces[-1].end() if spaces else reach


def _same_word(text: str, index: int) -> bool:
    """Whether the characters before and at `index` belong to one word."""
    return 0 < index < len(text) and _wordy(text[index - 1]) and _wordy(text[index])


def _wordy(char: str) -> bool:
    return char.isalnum() or char == "_" or unicodedata.category(char)[0] == "M"


def trim(text: str, start: int, end: int) -> tuple[int, int]:
    """Narrow [start, end) to what belongs to a name: no outer space, quotes or punctuation.

    A period stays after an abbreviation, and a bracket where its partner is inside.
    """
    while start < end and not _wordy(text[start]):
        start += 1
    while start < end and not _wordy(text[end - 1]):
        inside = text[start:end]
        if inside.endswith(".") and _ABBREVIATION.search(inside):
            break
        if inside.endswith(")") and inside.count("(") == inside.count(")"):
            break
        end -= 1
    return start, end


class NerModel:
    """Tokenizer, network and label set of one model folder."""

    def __init__(self, folder: Path, threads: int = 2) -> None:
        self.config = read_config(folder, "the recogniser's model", "scripts/train_ner.py")
        self.labels: list[str] = self.config["labels"]
        self.max_length: int = self.config["max_length"]
        self.fill: int = self.config["fill"]
        self.temperature: float = self.config["temperature"]
        self.version: str = self.config["version"]
        self._tokenizer, self._session = _open(folder, threads)
        self._marker: int = self._tokenizer.token_to_id("▁")
        self._allowed = transitions(self.labels)

    def predict(self, texts: Sequence[str]) -> Iterator[list[Found]]:
        """The names in each text, in order; memory is bounded by the longest text's names."""
        words: list[list[_Word]] = [[] for _ in texts]
        ready = 0
        stream = (w for i, text in enumerate(texts) for w in self._windows(i, text))
        while chunk := list(islice(stream, _WINDOWS)):
            for window, logits in zip(chunk, self._run(chunk), strict=True):
                words[window.text] += self._label(texts[window.text], window, logits)
            while ready < chunk[-1].text:
                yield self._collect(texts[ready], words[ready])
                words[ready] = []
                ready += 1
        for index in range(ready, len(texts)):
            yield self._collect(texts[index], words[index])

    # -- text to windows -------------------------------------------------------------------

    def _units(self, text: str) -> Iterator[_Unit]:
        room = self.max_length - 2 - 2 * _CONTEXT
        stretches = _stretches(text)
        while some := list(islice(stretches, 64)):
            encodings = self._tokenizer.encode_batch(
                [text[start:end] for start, end, _ in some], add_special_tokens=False
            )
            for (start, _, fresh), encoding in zip(some, encodings, strict=True):
                unit = self._unit(text, start, encoding)
                for first in range(0, len(unit.ids), room):
                    part = slice(first, first + room)
                    yield _Unit(
                        unit.ids[part], unit.starts[part], unit.ends[part], fresh and not first
                    )

    def _unit(self, text: str, offset: int, encoding: Any) -> _Unit:
        starts, ends = [], []
        for piece, (begin, end) in zip(encoding.ids, encoding.offsets, strict=True):
            first, last = begin + offset, end + offset
            while first < last and text[first].isspace():
                first += 1
            starts.append(last if piece == self._marker else first)
            ends.append(last)
        return _Unit(encoding.ids, starts, ends, fresh=True)

    def _windows(self, index: int, text: str) -> Iterator[_Window]:
        core: list[_Unit] = []
        before: _Unit | None = None
        size = 0
        for unit in self._units(text):
            margin = (0 if not core or core[0].fresh else _CONTEXT) + _CONTEXT
            full = size + len(unit.ids) + margin > self.max_length - 2
            if core and (full or (unit.fresh and size >= self.fill)):
                yield self._window(index, core, before, unit)
                before, core, size = core[-1], [], 0
            core.append(unit)
            size += len(unit.ids)
        if core:
            yield self._window(index, core, before, None)

    def _window(
        self, index: int, core: list[_Unit], before: _Unit | None, after: _Unit | None
    ) -> _Window:
        left = before.ids[-_CONTEXT:] if before and not core[0].fresh else []
        right = after.ids[:_CONTEXT] if after and not after.fresh else []
        ids = [piece for unit in core for piece in unit.ids]
        return _Window(
            text=index,
            ids=[0, *left, *ids, *right, 2],
            first=1 + len(left),
            last=1 + len(left) + len(ids),
            starts=[start for unit in core for start in unit.starts],
            ends=[end for unit in core for end in unit.ends],
            fresh=core[0].fresh,
        )

    # -- windows to words ------------------------------------------------------------------

    def _run(self, windows: Sequence[_Window]) -> list[Array]:
        """Logits of the labelled pieces of each window; windows of alike length run together."""
        order = sorted(range(len(windows)), key=lambda i: len(windows[i].ids))
        results: list[Array] = [np.zeros((0, len(self.labels)), np.float32)] * len(windows)
        for first in range(0, len(order), _BATCH):
            part = order[first : first + _BATCH]
            length = max(len(windows[i].ids) for i in part)
            ids = np.ones((len(part), length), np.int64)
            for row, i in enumerate(part):
                ids[row, : len(windows[i].ids)] = windows[i].ids
            mask = (ids != 1).astype(np.int64)
            logits = self._session.run(None, {"ids": ids, "mask": mask})[0]
            for row, i in enumerate(part):
                results[i] = logits[row, windows[i].first : windows[i].last]
        return results

    def _label(self, text: str, window: _Window, logits: Array) -> Iterator[_Word]:
        """One label and score per word, the best valid sequence of the window."""
        kept = [i for i, (s, e) in enumerate(zip(window.starts, window.ends, strict=True)) if s < e]
        if not kept:
            return
        heads = [
            n
            for n, i in enumerate(kept)
            if n == 0
            or window.starts[i] != window.ends[kept[n - 1]]
            or not _same_word(text, window.starts[i])
        ]
        words = _join(log_softmax(logits[kept]), np.asarray(heads))
        best = decode(words, self._allowed, anywhere=not window.fresh)
        types = np.exp(by_type(log_softmax(logits[kept] / self.temperature)))
        bounds = [*heads, len(kept)]
        for n, label in enumerate(best):
            if n and not label and not best[n - 1]:
                continue  # one word outside is enough to part two names
            span = kept[bounds[n] : bounds[n + 1]]
            kind = (int(label) + 1) // 2
            score = float(types[bounds[n] : bounds[n + 1], kind].mean())
            yield _Word(window.starts[span[0]], window.ends[span[-1]], int(label), score)

    def _collect(self, text: str, words: Iterable[_Word]) -> list[Found]:
        """Words to names, trimmed; a name that trimming empties is dropped."""
        found: list[Found] = []
        for group in _groups(words):
            start, end = trim(text, group[0].start, group[-1].end)
            if start < end and (not found or start >= found[-1].end):
                label = self.labels[group[0].label].partition("-")[2]
                score = sum(word.score for word in group) / len(group)
                found.append(Found(start, end, label, round(min(score, 1.0), 4)))
        return found


def _groups(words: Iterable[_Word]) -> Iterator[list[_Word]]:
    """Runs of words that make one name: labels 2k-1 (first) and 2k (inside) are of one type."""
    group: list[_Word] = []
    for word in words:
        if (
            group
            and word.label
            and word.label % 2 == 0
            and word.label // 2 == (group[0].label + 1) // 2
        ):
            group.append(word)
            continue
        if group:
            yield group
        group = [word] if word.label else []
    if group:
        yield group


def _join(pieces: Array, heads: npt.NDArray[np.int64]) -> Array:
    """Mean over the pieces of a word; a later piece speaks of the type alone."""
    later = np.ones(len(pieces), bool)
    later[heads] = False
    values = pieces.copy()
    types = by_type(pieces[later])[:, 1:]
    values[later, 1::2] = types
    values[later, 2::2] = types
    sizes = np.diff([*heads, len(pieces)])[:, None]
    result: Array = (np.add.reduceat(values, heads, axis=0) / sizes).astype(np.float32)
    return result


def read_config(folder: Path, what: str, script: str) -> dict[str, Any]:
    """The settings of a model folder; InputError, naming `what` and who makes it, where unread."""
    path = folder / "config.json"
    try:
        config: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(
            f"{what} cannot be read: {error}",
            where=str(path),
            hint=f"reinstall the package, or make the model with {script}",
        ) from error
    return config


def _open(folder: Path, threads: int) -> tuple[Any, Any]:
    """Tokenizer and session; the libraries load here and not before."""
    import onnxruntime
    from tokenizers import Tokenizer

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = min(threads, _limit.get("threads", threads))
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(
        str(folder / "model.onnx"), options, providers=["CPUExecutionProvider"]
    )
    return Tokenizer.from_file(str(folder / "tokenizer.json")), session


def limit_threads(most: int) -> None:
    """Networks that this process opens from now on use at most so many cores each."""
    _limit["threads"] = max(most, 1)


@lru_cache(maxsize=4)
def load_model(folder: Path = MODEL_FOLDER, threads: int = 2) -> NerModel:
    """The model of a folder, opened once per process and shared by every language."""
    return NerModel(folder, threads)
