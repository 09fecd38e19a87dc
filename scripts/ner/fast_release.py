"""From a trained small network to the folder that ships: numbers, calibration, scores, card."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from curation.preannotate.fast import FastModel
from curation.preannotate.ner import Found

from .card import SOURCES
from .data import LABELS
from .fast_data import LANGUAGES, tokenizer
from .fast_training import FastSettings, Network
from .release import Items, _rounded, fit_temperature, score
from .scoring import by_language, mean_f1, render

CARD = """# curation-fast {version}

Finds persons (PER), organisations (ORG) and locations (LOC) in Slovak, Swedish, Norwegian Bokmål,
Dutch and English news, several times quicker than `curation_recogniser` and less well. The spaCy
component `curation_fast_recogniser` wraps it; numpy is all it needs.

## What it is

spaCy's HashEmbedCNN with character n-grams: hashed rows for the word, its n-grams of 3 to 5
characters, its beginning, end and shape, mixed by a maxout layer; {depth} residual maxout layers of
width {width} over three words each ({reach} words of context on a side); a label for every token,
the best valid IOB2 sequence read off. Rows are 8-bit integers with a scale each, matrices 16-bit
floats: {size:.1f} MB. A vector for the language is added; languages other than the five get one
of no language.

A name's score is the mean probability of its type over its tokens, at temperature {temperature}
(fitted on the dev sets; expected calibration error {calibration_error}).

## Data

The corpora below, joined to running text, and {taught} passages of raw text ({taught_tokens}
tokens) that `curation-ner {teacher}` labelled; lines of the dev sets were taken out of them first.
All were cut by the tokenizers of the five languages. What the teacher gets wrong, its pupil learnt
too.

| set | what | licence |
|---|---|---|
{sources}

No text of any of them is part of this package. Several sources are share-alike, some do not license
their text for redistribution; whoever redistributes the weights under other terms than this package
should judge for themselves what follows from that.

## Scores on the dev sets (exact span and label, the shipped model, without later rules)

F1 (precision/recall), one sentence per text, spaced as running text:

{table}

These sets also chose the checkpoint and the temperature, so they flatter slightly.

## Limits

- Much weaker than `accurate`, ORG above all; names of unfamiliar shape are missed or mislabelled.
- It sees {reach} words on each side and nothing of the rest of the document.
- The limits of `accurate` hold here too: few Slovak articles, old corpora, Latin script.

## How to remake it

    pip install torch safetensors tokenizers onnx onnxruntime numpy spacy
    python scripts/train_fast.py --minutes {minutes:g} --seed {seed}

The budget sets the learning-rate schedule; this model saw {tokens_seen} tokens in {steps} steps,
beside other work on two cores. The data are looked for in `../shared`, or where `--shared` says.
"""

_TAUGHT = (
    ("raw English", "ECB+ (web news) and MEANTIME (Wikinews)", "none to republish; CC BY 4.0"),
    ("raw Norwegian", "newspapers of NARC and NDT", "texts may not be republished alone"),
    ("raw Dutch", "CoNLL-2002 (De Morgen) and MEANTIME", "none to republish; CC BY 4.0"),
    ("raw Slovak", "Universal NER v1 over SNK, joined sentences", "CC BY-SA 4.0"),
    ("raw Swedish", "Webbnyheter 2012, blocks of sentences", "CC BY 4.0"),
)

Arrays = dict[str, npt.NDArray[Any]]


class Measured:
    """A model folder with what the scoring of the large model expects; texts are cut once."""

    def __init__(self, folder: Path, items: Items) -> None:
        self.model = _Remembering(folder)
        self._docs = {
            paragraph.text: tokenizer(source[:2]).make_doc(paragraph.text)
            for source, paragraph in items
        }

    @property
    def temperature(self) -> float:
        """What logits are divided by."""
        return self.model.temperature

    @temperature.setter
    def temperature(self, value: float) -> None:
        self.model.temperature = value

    def predict(self, texts: Sequence[str]) -> Iterator[list[Found]]:
        """The names in each text."""
        return (self.model.predict(self._docs[text]) for text in texts)


class _Remembering(FastModel):
    """Runs every text once, so that temperatures can be tried without the network."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._logits: dict[tuple[str, ...], Any] = {}

    def logits(self, words: Sequence[str], language: str) -> Any:
        """The logits, from memory where they are known."""
        key = (language, *words)
        if key not in self._logits:
            self._logits[key] = super().logits(words, language)
        return self._logits[key].copy()


def arrays_of(network: Network) -> Arrays:
    """The weights as they ship."""
    state = {name: tensor.detach().numpy() for name, tensor in network.state_dict().items()}
    rows = state["table.weight"]
    scales = np.maximum(np.abs(rows).max(axis=1), 1e-8) / 127
    arrays: Arrays = {
        "rows": np.round(rows / scales[:, None]).astype(np.int8),
        "scales": scales.astype(np.float16),
        "language": state["language.weight"],
        "out.w": state["out.weight"].T,
        "out.b": state["out.bias"],
    }
    for index in range(-1, len(network.dilations)):
        ours, theirs = ("mix", "mix") if index < 0 else (f"layer{index}", f"layers.{index}")
        arrays[f"{ours}.w"] = state[f"{theirs}.linear.weight"].T
        arrays[f"{ours}.b"] = state[f"{theirs}.linear.bias"]
        arrays[f"{ours}.g"] = state[f"{theirs}.norm.weight"]
        arrays[f"{ours}.o"] = state[f"{theirs}.norm.bias"]
    return {
        name: np.ascontiguousarray(values if name == "rows" else values.astype(np.float16))
        for name, values in arrays.items()
    }


def write(network: Network, config: dict[str, Any], folder: Path) -> None:
    """Weights and configuration."""
    folder.mkdir(parents=True, exist_ok=True)
    np.savez(folder / "model.npz", **arrays_of(network))
    text = json.dumps(config, indent=1, ensure_ascii=False)
    (folder / "config.json").write_text(text + "\n", encoding="utf-8")


def base_config(settings: FastSettings, version: str, sources: Sequence[str]) -> dict[str, Any]:
    """The configuration before anything is measured."""
    return {
        "name": "curation-fast",
        "version": version,
        "labels": list(LABELS),
        "languages": ["", *LANGUAGES],
        "temperature": 1.0,
        "trained_on": sorted(sources),
        **asdict(settings),
    }


def dev_score(network: Network, config: dict[str, Any], items: Items) -> float:
    """Mean F1 of the network as it would ship."""
    with tempfile.TemporaryDirectory() as place:
        write(network, config, Path(place))
        table = score(Measured(Path(place), items), items)
    print(render(table), flush=True)
    return mean_f1(table)


def release(network: Network, config: dict[str, Any], items: Items, folder: Path) -> None:
    """Writes the whole model folder."""
    write(network, config, folder)
    model = Measured(folder, items)
    temperature, error = fit_temperature(model, items)
    table = score(model, items)
    final = {
        **config,
        "temperature": temperature,
        "calibration_error": round(error, 4),
        "dev": {
            "measure": "exact span and label",
            "mean_f1": round(mean_f1(table), 4),
            "by_language": _rounded(by_language(table)),
            "by_source": _rounded(table),
        },
    }
    write(network, final, folder)
    sources = [(name, *SOURCES[name]) for name in config["trained_on"]]
    rows = (f"| {' | '.join(row)} |" for row in (*sources, *_TAUGHT))
    card = CARD.format(
        **final,
        depth=len(config["dilations"]),
        reach=sum(config["dilations"]),
        size=(folder / "model.npz").stat().st_size / 1e6,
        sources="\n".join(rows),
        table=render(table),
    )
    (folder / "MODEL_CARD.md").write_text(card, encoding="utf-8")
    print(json.dumps(final["dev"], indent=1))
