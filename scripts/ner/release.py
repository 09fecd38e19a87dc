"""From a checkpoint to the folder that ships: ONNX, tokenizer, calibration, scores, card."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from curation.preannotate.ner import Found, NerModel

from .card import render_card
from .data import LABELS, Paragraph, Sentence, add_sentence
from .onnx_graph import write_onnx
from .scoring import Table, by_language, count, mean_f1
from .vocabulary import read_bundle, widen

FILL = 48
"""A window that holds this many pieces ends at the next line, as paragraphs did in training."""

Items = list[tuple[str, Paragraph]]


class _Remembering(NerModel):
    """Runs every window once, so that temperatures can be tried without the network."""

    def __init__(self, folder: Path, threads: int) -> None:
        super().__init__(folder, threads)
        self._known: dict[tuple[int, ...], npt.NDArray[np.float32]] = {}

    def _run(self, windows: Sequence[Any]) -> list[npt.NDArray[np.float32]]:
        new = [window for window in windows if tuple(window.ids) not in self._known]
        for window, logits in zip(new, super()._run(new), strict=True):
            self._known[tuple(window.ids)] = logits
        return [self._known[tuple(window.ids)] for window in windows]


def dev_items(dev: dict[str, list[Sentence]], together: int, *, spaced: bool = False) -> Items:
    """The dev sets as running text, ``together`` neighbouring sentences to a text."""
    rng = random.Random(0)
    items: Items = []
    for source, sentences in dev.items():
        for first in range(0, len(sentences), together):
            paragraph = Paragraph()
            for sentence in sentences[first : first + together]:
                paragraph.add("\n" if paragraph.text else "", "O")
                add_sentence(paragraph, sentence, rng, spaced=spaced, upper=False)
            items.append((source, paragraph))
    return items


def _predict(model: NerModel, items: Items) -> list[list[Found]]:
    """The model's names for every text."""
    return list(model.predict([paragraph.text for _, paragraph in items]))


def score(model: NerModel, items: Items) -> Table:
    """Exact scores of the shipped model."""
    return count(
        (source, paragraph.spans(), {(name.start, name.end, name.label) for name in names})
        for (source, paragraph), names in zip(items, _predict(model, items), strict=True)
    )


def _outcomes(model: NerModel, items: Items) -> list[tuple[float, bool]]:
    """(score, exactly right) of every found name."""
    return [
        (name.score, (name.start, name.end, name.label) in gold)
        for (_, paragraph), names in zip(items, _predict(model, items), strict=True)
        for gold in [paragraph.spans()]
        for name in names
    ]


def _loss(outcomes: Iterable[tuple[float, bool]]) -> float:
    """Mean negative log likelihood of being right or wrong."""
    terms = [
        -math.log(min(max(value if right else 1 - value, 1e-4), 1.0)) for value, right in outcomes
    ]
    return sum(terms) / len(terms)


def calibration_error(outcomes: Sequence[tuple[float, bool]], bins: int = 10) -> float:
    """Expected calibration error over equal bins of the score."""
    cells: list[list[tuple[float, bool]]] = [[] for _ in range(bins)]
    for value, right in outcomes:
        cells[min(int(value * bins), bins - 1)].append((value, right))
    return sum(
        abs(sum(v for v, _ in cell) - sum(r for _, r in cell)) / len(outcomes) for cell in cells
    )


def fit_temperature(model: NerModel, items: Items) -> tuple[float, float]:
    """The temperature under which scores predict exactness best, and the error that is left."""
    losses: dict[float, float] = {}
    for temperature in [round(0.7 + 0.1 * step, 1) for step in range(13)]:
        model.temperature = temperature
        losses[temperature] = _loss(_outcomes(model, items))
    model.temperature = min(losses, key=lambda value: losses[value])
    return model.temperature, calibration_error(_outcomes(model, items))


def _shrink_tokenizer(source: Path, target: Path) -> None:
    """Minified JSON with piece scores to five decimals."""
    data = json.loads(source.read_text(encoding="utf-8"))
    data["model"]["vocab"] = [[piece, round(value, 5)] for piece, value in data["model"]["vocab"]]
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    target.write_text(text, encoding="utf-8")


@dataclass(frozen=True)
class Wider:
    """A bundle with the whole vocabulary, and how many pieces of it ship."""

    bundle: Path
    pieces: int


def _add_pieces(state: dict[str, npt.NDArray[Any]], wider: Wider, tokenizer: Path) -> None:
    """Widens the table of word embeddings, and the tokenizer in its place."""
    rows = widen(tokenizer, read_bundle(wider.bundle), wider.pieces, tokenizer)
    state["words.weight"] = np.concatenate([state["words.weight"], rows])


def _rounded(table: Table) -> dict[str, dict[str, dict[str, float]]]:
    """A table as plain numbers, counts included so that scores can be recomputed."""
    return {
        source: {
            label: {"f1": round(cell.f1, 4), "tp": cell.tp, "fp": cell.fp, "fn": cell.fn}
            for label, cell in row.items()
        }
        for source, row in sorted(table.items())
    }


def release(
    checkpoint: Path,
    tokenizer: Path,
    dev: dict[str, list[Sentence]],
    sources: Sequence[str],
    folder: Path,
    version: str,
    threads: int = 2,
    wider: Wider | None = None,
) -> None:
    """Writes the whole model folder."""
    folder.mkdir(parents=True, exist_ok=True)
    saved = torch.load(checkpoint, weights_only=True)
    state = {name: tensor.float().numpy() for name, tensor in saved["model"].items()}
    layers = sum(name.endswith(".qkv.weight") for name in state)
    _shrink_tokenizer(tokenizer, folder / "tokenizer.json")
    if wider:
        _add_pieces(state, wider, folder / "tokenizer.json")
        _shrink_tokenizer(folder / "tokenizer.json", folder / "tokenizer.json")
    write_onnx(state, layers, saved["max_length"], folder / "model.onnx")
    config: dict[str, Any] = {
        "name": "curation-ner",
        "version": version,
        "labels": list(LABELS),
        "max_length": saved["max_length"],
        "fill": FILL,
        "temperature": 1.0,
        "layers": layers,
        "pieces": len(state["words.weight"]),
        "seed": saved["seed"],
        "steps": saved["step"],
        "chosen": saved.get("chosen", "checkpoint"),
        "trained_on": sorted(sources),
    }
    target = folder / "config.json"
    target.write_text(json.dumps(config), encoding="utf-8")
    model = _Remembering(folder, threads)
    items = dev_items(dev, 1)
    table = score(model, items)
    config["temperature"], config["calibration_error"] = fit_temperature(model, items[::3])
    config["calibration_error"] = round(config["calibration_error"], 4)
    joined, spaced = (
        mean_f1(score(model, dev_items(dev, 10))),
        mean_f1(score(model, dev_items(dev, 1, spaced=True))),
    )
    config["dev"] = {
        "measure": "exact span and label",
        "mean_f1": round(mean_f1(table), 4),
        "mean_f1_ten_sentences_per_text": round(joined, 4),
        "mean_f1_space_at_every_token": round(spaced, 4),
        "by_language": _rounded(by_language(table)),
        "by_source": _rounded(table),
    }
    target.write_text(json.dumps(config, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    (folder / "MODEL_CARD.md").write_text(render_card(config, table), encoding="utf-8")
    print(json.dumps(config["dev"], indent=1))
