"""Trains the small convolutional recogniser within a time budget."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from curation.preannotate.fast import TABLES

from .data import LABELS
from .fast_data import LANGUAGES, Array, Text, Vocabulary, batches

GAP = 8
"""Empty places between the texts of a batch, so that none sees its neighbours."""


@dataclass(frozen=True)
class FastSettings:
    """What the training depends on."""

    minutes: float = 15.0
    seed: int = 20240612
    width: int = 96
    rows: int = 64
    dilations: tuple[int, ...] = (1, 1, 2, 3)
    rate: float = 2e-3
    tokens: int = 4000
    dropout: float = 0.2
    word_dropout: float = 0.15
    threads: int = 2


class Maxout(nn.Module):
    """The largest of three linear pieces, normalised."""

    def __init__(self, inputs: int, width: int) -> None:
        super().__init__()
        self.linear = nn.Linear(inputs, 3 * width)
        self.norm = nn.LayerNorm(width)
        self.width = width

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        """One vector of `width` per row."""
        one, two, three = self.linear(values).split(self.width, dim=1)
        result: torch.Tensor = self.norm(torch.maximum(torch.maximum(one, two), three))
        return result


class Network(nn.Module):
    """What `curation.preannotate.fast.FastModel` runs in numpy."""

    def __init__(self, settings: FastSettings) -> None:
        super().__init__()
        self.dilations = settings.dilations
        self.table = nn.EmbeddingBag(sum(n for _, n in TABLES), settings.rows, mode="mean")
        nn.init.normal_(self.table.weight, std=0.1)
        self.mix = Maxout(len(TABLES) * settings.rows, settings.width)
        self.language = nn.Embedding(1 + len(LANGUAGES), settings.width)
        nn.init.normal_(self.language.weight, std=0.02)
        self.layers = nn.ModuleList(
            Maxout(3 * settings.width, settings.width) for _ in settings.dilations
        )
        self.out = nn.Linear(settings.width, len(LABELS))
        self.dropout = nn.Dropout(settings.dropout)
        self.word_dropout = settings.word_dropout

    def forward(
        self, bags: tuple[Array, Array], places: Array, languages: Array, inside: Array
    ) -> torch.Tensor:
        """Label logits of every place; those not `inside` a text are kept empty."""
        found = self.table(*map(torch.from_numpy, bags)).view(
            -1, len(TABLES), self.table.embedding_dim
        )
        if self.training and self.word_dropout:
            found = torch.cat([self._forgetful(found[:, :1]), found[:, 1:]], dim=1)
        words = self.mix(found.flatten(1))[torch.from_numpy(places)]
        mask = torch.from_numpy(inside)[:, None]
        hidden = (self.dropout(words) + self.language(torch.from_numpy(languages))) * mask
        for layer, dilation in zip(self.layers, self.dilations, strict=True):
            hidden = hidden + self.dropout(layer(_window(hidden, dilation))) * mask
        logits: torch.Tensor = self.out(hidden)
        return logits

    def _forgetful(self, vectors: torch.Tensor) -> torch.Tensor:
        """Words forgotten now and then, so that their parts are learnt."""
        kept = torch.rand(len(vectors), 1, 1) >= self.word_dropout
        return vectors * kept


def _window(hidden: torch.Tensor, dilation: int) -> torch.Tensor:
    before = functional.pad(hidden[:-dilation], (0, 0, dilation, 0))
    after = functional.pad(hidden[dilation:], (0, 0, 0, dilation))
    return torch.cat([before, hidden, after], dim=1)


@dataclass(frozen=True)
class Batch:
    """One stretch of texts with gaps between them."""

    bags: tuple[Array, Array]
    places: Array
    languages: Array
    inside: np.ndarray[tuple[int], np.dtype[np.float32]]
    labels: torch.Tensor
    weights: torch.Tensor


def _collate(texts: Sequence[Text], vocabulary: Vocabulary, rng: random.Random) -> Batch:
    length = sum(len(text.words) + GAP for text in texts)
    words, languages, labels = (np.zeros(length, np.int64) for _ in range(3))
    inside, weights = (np.zeros(length, np.float32) for _ in range(2))
    start = 0
    for text in texts:
        here = slice(start, start + len(text.words))
        words[here], labels[here] = text.words, text.labels
        languages[here] = 0 if rng.random() < 0.1 else text.language
        inside[here], weights[here] = 1.0, text.weight
        start = here.stop + GAP
    types, places = np.unique(words, return_inverse=True)
    return Batch(
        bags=vocabulary.batch(types.tolist()),
        places=places,
        languages=languages,
        inside=inside,
        labels=torch.from_numpy(labels),
        weights=torch.from_numpy(weights),
    )


def _endless(
    texts: Sequence[Text], settings: FastSettings, rng: random.Random
) -> Iterator[list[Text]]:
    while True:
        yield from batches(texts, settings.tokens, rng)


def _rate(progress: float) -> float:
    """Warm-up over a fiftieth, then half a cosine to a hundredth."""
    if progress < 0.02:
        return progress / 0.02 + 0.01
    return 0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * min(progress, 1.0)))


def train(
    texts: Sequence[Text],
    vocabulary: Vocabulary,
    settings: FastSettings,
    measure: Callable[[Network], float],
) -> tuple[Network, dict[str, float]]:
    """The network of the best of the last measurements, and what was seen on the way."""
    rng = random.Random(settings.seed)
    network = Network(settings)
    optimizer = torch.optim.AdamW(
        network.parameters(), lr=settings.rate, weight_decay=0.01, fused=True
    )
    begin = time.monotonic()
    best, seen = -1.0, 0
    state, facts = network.state_dict(), {"steps": 0.0}
    checks = [0.8, 1.0]
    for steps, some in enumerate(_endless(texts, settings, rng)):
        progress = (time.monotonic() - begin) / (60 * settings.minutes)
        if checks and progress >= checks[0]:
            checks.pop(0)
            score = measure(network)
            print(f"{progress:.2f} step {steps}, {seen} tokens: dev {score:.4f}", flush=True)
            if score > best:
                best, state = score, {k: v.clone() for k, v in network.state_dict().items()}
                facts = {"steps": steps, "tokens_seen": seen, "chosen_mean_f1": round(score, 4)}
            begin += _since(begin, progress, settings)
        if not checks:
            break
        for group in optimizer.param_groups:
            group["lr"] = settings.rate * _rate(progress)
        _step(network, optimizer, _collate(some, vocabulary, rng))
        seen += sum(len(text.words) for text in some)
    network.load_state_dict(state)
    return network, facts


def _since(begin: float, progress: float, settings: FastSettings) -> float:
    """Seconds that a measurement took, which are not part of the budget."""
    return time.monotonic() - begin - progress * 60 * settings.minutes


def _step(network: Network, optimizer: torch.optim.Optimizer, batch: Batch) -> None:
    network.train()
    logits = network(batch.bags, batch.places, batch.languages, batch.inside)
    losses = functional.cross_entropy(logits, batch.labels, reduction="none", label_smoothing=0.03)
    loss = (losses * batch.weights).sum() / batch.weights.sum()
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    nn.utils.clip_grad_norm_(network.parameters(), 1.0)
    optimizer.step()
    network.eval()
