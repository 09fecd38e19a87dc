"""Label probabilities to IOB2 sequences: what both recognisers read names off with.

Labels are in the order O, B-X, I-X, B-Y, I-Y …
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

__all__ = ["Array", "by_type", "decode", "log_softmax", "transitions"]

Array = npt.NDArray[np.float32]


def log_softmax(values: Array) -> Array:
    """Log probabilities of each row of logits."""
    shifted = values - values.max(axis=-1, keepdims=True)
    result: Array = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return result


def by_type(log_probabilities: Array) -> Array:
    """Log probability of being outside, and of being in a name of each type."""
    inside = np.logaddexp(log_probabilities[:, 1::2], log_probabilities[:, 2::2])
    return np.concatenate([log_probabilities[:, :1], inside], axis=1)


def transitions(labels: Sequence[str]) -> Array:
    """0 where one label may follow another in IOB2, a large negative number elsewhere."""
    table = np.zeros((len(labels), len(labels)), np.float32)
    for column, label in enumerate(labels):
        if label.startswith("I-"):
            for row, previous in enumerate(labels):
                if previous[2:] != label[2:]:
                    table[row, column] = -1e4
    return table


def decode(words: Array, allowed: Array, *, anywhere: bool) -> npt.NDArray[np.int64]:
    """The best valid sequence; `anywhere` lets it start inside a name."""
    best: npt.NDArray[np.int64] = words.argmax(axis=1).astype(np.int64)
    start = np.zeros(allowed.shape[0], np.float32) if anywhere else allowed[0]
    if start[best[0]] == 0 and not allowed[best[:-1], best[1:]].any():
        return best
    score = words[0] + start
    back = np.zeros(words.shape, np.int64)
    for index in range(1, len(words)):
        paths = score[:, None] + allowed
        back[index] = paths.argmax(axis=0)
        score = paths.max(axis=0) + words[index]
    best[-1] = score.argmax()
    for index in range(len(words) - 1, 0, -1):
        best[index - 1] = back[index, best[index]]
    return best
