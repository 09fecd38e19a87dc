"""`curation evaluate`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from curation.cli.common import JsonOption, emit, progress

__all__ = ["evaluate_cli"]


def evaluate_cli(
    gold: Annotated[list[Path], typer.Argument(help="Canonical files with gold annotations.")],
    *,
    predictions: Annotated[
        Path | None,
        typer.Option(help="Canonical file with predictions, instead of running a pipeline."),
    ] = None,
    pipeline: Annotated[
        str | None,
        typer.Option(
            help="accurate (as it is without this), fast, or an installed spaCy pipeline."
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Score pre-annotation against gold: entities, triggers, arguments, attributes, edits.

    Example: `curation evaluate gold.jsonl --json`
    """
    from curation.workflows.evaluate import evaluate_files

    with progress("evaluating") as advance:
        result = evaluate_files(gold, predictions=predictions, pipeline=pipeline, advance=advance)
    emit(result, _lines(result), as_json=as_json)


def _lines(result: dict[str, Any]) -> Iterator[str]:
    yield f"{result['n_documents']} documents"
    yield f"{'':<26} {'p':>6} {'r':>6} {'f1':>6} {'tp':>6} {'fp':>6} {'fn':>6}"
    for layer, scores in result["layers"].items():
        for name, score in scores.items():
            if "f1" in score:
                yield _prf(f"{layer} {name}", score)
            elif "accuracy" in score:
                value = "-" if score["accuracy"] is None else f"{score['accuracy']:.3f}"
                yield f"{layer + ' ' + name:<26} accuracy {value}, n {score['n']}"
            else:
                yield from (_prf(f"  {key}", value) for key, value in score.items())
    edits = ", ".join(f"{name} {value}" for name, value in result["edits"].items())
    yield f"edits: {edits}"
    for layer, found in result["calibration"].items():
        ece = "-" if found["ece"] is None else f"{found['ece']:.3f}"
        yield f"{layer + ' calibration error':<29} {ece}, n {found['n']}"


def _prf(name: str, score: dict[str, Any]) -> str:
    shown = ("-" if score[k] is None else f"{score[k]:.3f}" for k in ("p", "r", "f1"))
    p, r, f1 = shown
    return f"{name:<26} {p:>6} {r:>6} {f1:>6} {score['tp']:>6} {score['fp']:>6} {score['fn']:>6}"
