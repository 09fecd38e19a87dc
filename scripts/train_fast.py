"""Trains the small, quick recogniser: corpora, and raw text that the shipped encoder labels."""

from __future__ import annotations

import argparse
import gzip
import json
import os
import random
import sys
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ner.data import Sentence
    from ner.fast_data import Text, Vocabulary
    from ner.fast_training import FastSettings

ROOT = Path(__file__).resolve().parents[1]
# numpy's threads and torch's would wait for each other
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
sys.path[:0] = [str(ROOT), str(Path(__file__).resolve().parent)]

SHARED = ROOT.parent / "shared"
OUTPUT = ROOT / "curation" / "preannotate" / "models" / "fast"
TAUGHT_WEIGHT = 0.7
"""What an error costs where the label is the teacher's, against the corpora's 1."""

Sets = dict[str, "list[Sentence]"]


def _read(shared: Path, part: str) -> Sets:
    from ner.data import read_iob2

    paths = sorted((shared / "data" / "ner" / part).glob("*.iob2.gz"))
    return {path.name.split(".")[0]: read_iob2(path) for path in paths}


def _label(options: argparse.Namespace, dev: Sets, target: Path) -> None:
    """Raw text of every language with the teacher's names, written once."""
    from ner.fast_data import LANGUAGES
    from ner.teacher import dev_sentences, label, raw_texts

    from curation.preannotate.ner import load_model

    known = dev_sentences(dev)
    teacher = load_model(threads=options.threads)
    unfinished = target.with_suffix(".part")
    with gzip.open(unfinished, "wt", encoding="utf-8") as handle:
        for language in LANGUAGES:
            path = options.shared / "data" / "raw" / f"{language}.jsonl.gz"
            texts = raw_texts(path, known.get(language, ()), options.characters, options.seed)
            for item in label(teacher, texts, language):
                handle.write(json.dumps(item, ensure_ascii=False) + "\n")
            print(f"labelled {language}", flush=True)
    unfinished.replace(target)


def _corpus_texts(train: Sets, vocabulary: Vocabulary, rng: random.Random) -> Iterator[Text]:
    """The corpora as running text."""
    from ner.data import draw_sentences, paragraphs
    from ner.fast_data import make_text

    for drawn in draw_sentences(train, rng, keep_empty=0.8):
        for paragraph in paragraphs(drawn, rng):
            text = make_text(paragraph, drawn[0].language, 1.0, vocabulary)
            if text:
                yield text


def _taught_texts(path: Path, vocabulary: Vocabulary) -> Iterator[Text]:
    from ner.fast_data import make_text
    from ner.teacher import read_labelled

    for language, paragraph in read_labelled(path):
        text = make_text(paragraph, language, TAUGHT_WEIGHT, vocabulary)
        if text:
            yield text


def _facts(taught: list[Text]) -> dict[str, Any]:
    from curation.preannotate.ner import MODEL_FOLDER

    teacher = json.loads((MODEL_FOLDER / "config.json").read_text(encoding="utf-8"))
    return {
        "teacher": teacher["version"],
        "taught": len(taught),
        "taught_tokens": sum(len(text.words) for text in taught),
    }


def _train(options: argparse.Namespace, settings: FastSettings) -> None:
    """Everything, from the data to the model folder."""
    import torch
    from ner.fast_data import Vocabulary
    from ner.fast_release import base_config, dev_score, release
    from ner.fast_training import train
    from ner.release import dev_items

    torch.set_num_threads(settings.threads)
    torch.manual_seed(settings.seed)
    train_sets, dev = _read(options.shared, "train"), _read(options.shared, "dev")
    options.work.mkdir(parents=True, exist_ok=True)
    labelled = options.work / "teacher.jsonl.gz"
    if not labelled.is_file():
        _label(options, dev, labelled)
    vocabulary = Vocabulary()
    taught = list(_taught_texts(labelled, vocabulary))
    texts = [*_corpus_texts(train_sets, vocabulary, random.Random(settings.seed)), *taught]
    print(f"{len(texts)} texts, {sum(len(t.words) for t in texts)} tokens", flush=True)
    config = base_config(settings, options.version, list(train_sets)) | _facts(taught)
    items = dev_items(dev, 1)
    network, seen = train(texts, vocabulary, settings, lambda n: dev_score(n, config, items))
    release(network, config | seen, items, options.output)


def main() -> None:
    """Entry."""
    from ner.fast_training import FastSettings

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, default=SHARED, help="folder with the data")
    parser.add_argument("--work", type=Path, default=ROOT / "build" / "fast", help="labelled text")
    parser.add_argument("--output", type=Path, default=OUTPUT, help="model folder")
    parser.add_argument("--minutes", type=float, default=15.0, help="time budget of the training")
    parser.add_argument("--characters", type=int, default=900_000, help="raw text per language")
    parser.add_argument("--seed", type=int, default=20240612)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--version", default="0.1.0")
    options = parser.parse_args()
    given = {f.name: getattr(options, f.name) for f in fields(FastSettings) if f.name in options}
    settings = FastSettings(**given)
    print(settings, flush=True)
    _train(options, settings)


if __name__ == "__main__":
    main()
