"""The training loop: a fixed time budget, linear decay over it, checkpoints and their mean."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional

from .augment import Names, read_places, resegmenting
from .data import (
    IGNORE,
    LABELS,
    Example,
    Paragraph,
    Sentence,
    add_sentence,
    batches,
    draw_sentences,
    encode,
    paragraphs,
    visible_start,
)
from .model import Recogniser
from .scoring import Spans, Table, count, mean_f1, render

PENALISED = 0.15
"""Share of the longer pieces that `resegment`ed paragraphs do without."""


@dataclass(frozen=True)
class Settings:
    """Everything that decides a training, but the data."""

    seed: int = 20240611
    minutes: float = 60.0
    steps: int = 0
    learning_rate: float = 1.5e-4
    head_factor: float = 5.0
    warmup: float = 0.06
    smoothing: float = 0.03
    weight_decay: float = 0.01
    pieces: int = 1600
    max_length: int = 256
    keep_empty: float = 0.6
    threads: int = 2
    checkpoint_minutes: float = 8.0
    replace_names: float = 0.0
    resegment: float = 0.0
    places: str = ""
    until: int = 0


def collate(batch: list[Example]) -> tuple[Tensor, Tensor, Tensor]:
    """Pads ids with 1 and labels with ``IGNORE``; the third tensor says where pieces are."""
    length = max(len(example.ids) for example in batch)
    ids = torch.ones(len(batch), length, dtype=torch.long)
    labels = torch.full((len(batch), length), IGNORE, dtype=torch.long)
    for row, example in enumerate(batch):
        ids[row, : len(example.ids)] = torch.tensor(example.ids)
        labels[row, : len(example.ids)] = torch.tensor(example.labels)
    return ids, labels, ids != 1


def epoch_batches(
    files: dict[str, list[Sentence]], tokenizer: Tokenizer, settings: Settings
) -> Iterator[list[Example]]:
    """Batches without end; every epoch draws, changes, joins and cuts the sentences anew."""
    rng = random.Random(settings.seed)
    names = Names(files, read_places(Path(settings.places)) if settings.places else ())
    while True:
        examples: list[Example] = []
        other = resegmenting(tokenizer, PENALISED, rng)
        for drawn in draw_sentences(files, rng, settings.keep_empty):
            changed = [names.replaced(sentence, settings.replace_names, rng) for sentence in drawn]
            parts: dict[bool, list[Paragraph]] = {True: [], False: []}
            for item in paragraphs(changed, rng):
                parts[rng.random() < settings.resegment].append(item)
            examples += encode(tokenizer, parts[False], settings.max_length)
            examples += encode(other, parts[True], settings.max_length)
        print(f"epoch of {len(examples)} paragraphs", flush=True)
        yield from batches(examples, settings.pieces, rng)


def _optimiser(model: Recogniser, settings: Settings) -> torch.optim.AdamW:
    """AdamW with a faster head and no decay on biases and norms."""
    groups: dict[tuple[float, float], list[Tensor]] = {}
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            factor = settings.head_factor if name.startswith("head") else 1.0
            decay = settings.weight_decay if parameter.dim() > 1 else 0.0
            groups.setdefault((factor, decay), []).append(parameter)
    rate = settings.learning_rate
    return torch.optim.AdamW(
        [
            {"params": params, "lr": rate * factor, "peak": rate * factor, "weight_decay": decay}
            for (factor, decay), params in groups.items()
        ]
    )


def _set_rate(optimiser: torch.optim.AdamW, progress: float, warmup: float) -> None:
    """Linear warm-up, then linear decay to zero."""
    factor = progress / warmup if progress < warmup else (1.0 - progress) / (1.0 - warmup)
    for group in optimiser.param_groups:
        group["lr"] = group["peak"] * max(factor, 0.002)


def greedy_spans(paragraph: Paragraph, tokenizer: Tokenizer, best: list[int]) -> Spans:
    """Piece labels to character spans in the simplest way, for choosing among checkpoints."""
    encoding = tokenizer.encode(paragraph.text)
    marker = tokenizer.token_to_id("▁")
    spans: list[list[int | str]] = []
    for piece, (begin, end), label in zip(encoding.ids, encoding.offsets, best, strict=False):
        start = visible_start(paragraph.text, begin, end)
        if piece == marker or start >= end:
            continue
        name = LABELS[label]
        if name == "O":
            spans.append([start, end, "O"])
        elif name[0] == "I" and spans and spans[-1][2] == name[2:]:
            spans[-1][1] = end
        else:
            spans.append([start, end, name[2:]])
    return {(int(s), int(e), str(kind)) for s, e, kind in spans if kind != "O"}


@torch.inference_mode()
def evaluate(
    model: Recogniser, tokenizer: Tokenizer, dev: dict[str, list[Sentence]], stride: int = 1
) -> Table:
    """Scores sentences of the dev sets, spaced as running text."""
    model.eval()
    rng = random.Random(0)
    items: list[tuple[str, Paragraph]] = []
    for source, sentences in dev.items():
        for sentence in sentences[::stride]:
            paragraph = Paragraph()
            add_sentence(paragraph, sentence, rng, spaced=False, upper=False)
            items.append((source, paragraph))
    examples = list(encode(tokenizer, [item for _, item in items], 512))
    order = sorted(range(len(items)), key=lambda index: len(examples[index].ids))
    found: dict[int, Spans] = {}
    for first in range(0, len(order), 32):
        chunk = order[first : first + 32]
        ids, _, attend = collate([examples[index] for index in chunk])
        for index, row in zip(chunk, model(ids, attend).argmax(-1).tolist(), strict=True):
            found[index] = greedy_spans(items[index][1], tokenizer, row)
    model.train()
    return count((source, item.spans(), found[i]) for i, (source, item) in enumerate(items))


def _mean_state(paths: list[Path]) -> dict[str, Tensor]:
    """The mean of the weights in some checkpoints."""
    states = [torch.load(path, weights_only=True)["model"] for path in paths]
    return {name: torch.stack([state[name] for state in states]).mean(0) for name in states[0]}


def train(
    model: Recogniser,
    tokenizer: Tokenizer,
    files: dict[str, list[Sentence]],
    dev: dict[str, list[Sentence]],
    settings: Settings,
    folder: Path,
) -> Path:
    """Trains to the end of the budget and returns the better of the last weights and a mean."""
    folder.mkdir(parents=True, exist_ok=True)
    optimiser = _optimiser(model, settings)
    model.train()
    begin = saved = time.monotonic()
    due = [0.85, 0.9, 0.95, 1.0]
    kept: list[Path] = []
    loss = 0.0
    for step, batch in enumerate(epoch_batches(files, tokenizer, settings), start=1):
        elapsed = time.monotonic() - begin
        progress = step / settings.steps if settings.steps else elapsed / settings.minutes / 60
        _set_rate(optimiser, min(progress, 1.0), settings.warmup)
        loss = 0.98 * loss + 0.02 * _learn(model, optimiser, batch, settings)
        if step % 50 == 0:
            mean = loss / (1 - 0.98**step)
            print(f"step {step} progress {progress:.3f} loss {mean:.4f}", flush=True)
        if step == settings.until:
            return _save(model, step, settings, folder / "final.pt")
        if progress >= due[0]:
            due.pop(0)
            kept.append(_save(model, step, settings, folder / f"snapshot-{len(kept)}.pt"))
        elif time.monotonic() - saved > settings.checkpoint_minutes * 60:
            _save(model, step, settings, folder / "latest.pt")
            score = mean_f1(evaluate(model, tokenizer, dev, stride=5))
            print(f"step {step} checkpoint, a fifth of dev: {score:.4f}", flush=True)
            saved = time.monotonic()
        if not due:
            break
    return _choose(model, tokenizer, dev, kept, folder)


def _learn(
    model: Recogniser, optimiser: torch.optim.AdamW, batch: list[Example], settings: Settings
) -> float:
    """One step; returns the loss."""
    ids, labels, attend = collate(batch)
    logits = model(ids, attend)
    loss = functional.cross_entropy(
        logits.flatten(0, 1),
        labels.flatten(),
        ignore_index=IGNORE,
        label_smoothing=settings.smoothing,
    )
    optimiser.zero_grad(set_to_none=True)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimiser.step()
    return loss.item()


def _save(model: Recogniser, step: int, settings: Settings, path: Path) -> Path:
    """Writes the weights with the settings that led to them."""
    torch.save({"model": model.state_dict(), "step": step, **asdict(settings)}, path)
    return path


def _choose(
    model: Recogniser,
    tokenizer: Tokenizer,
    dev: dict[str, list[Sentence]],
    kept: list[Path],
    folder: Path,
) -> Path:
    """Compares the last weights with the mean of the snapshots on dev and saves the better.

    A third of dev is enough to choose; the exported model is measured on all of it.
    """
    last = torch.load(kept[-1], weights_only=True)
    candidates = {"last": last["model"], "mean": _mean_state(kept)}
    scores: dict[str, float] = {}
    for name, state in candidates.items():
        model.load_state_dict(state)
        table = evaluate(model, tokenizer, dev, stride=3)
        scores[name] = mean_f1(table)
        print(f"candidate {name}\n{render(table)}", flush=True)
    best = max(scores, key=lambda name: scores[name])
    print(f"chosen: {best} of {scores} after {last['step']} steps", flush=True)
    path = folder / "final.pt"
    torch.save({**last, "model": candidates[best], "chosen": best}, path)
    return path
