"""The guide explains what `curation evaluate` prints."""

from __future__ import annotations

from pathlib import Path

from curation.evaluation import evaluate

GUIDE = Path(__file__).parents[2] / "docs" / "evaluate.md"


def test_every_name_of_the_output_is_explained() -> None:
    """Scores by layer, edits and the rest stand in docs/evaluate.md by their names."""
    text = GUIDE.read_text(encoding="utf-8")
    found = evaluate([], {})
    layers = {name: scores for name, scores in found["layers"].items() if name != "attributes"}
    scores = [(k, name) for k, of in layers.items() for name in of if not name.startswith("by_")]
    assert len(scores) == 6
    names = [f"{layer} {name}" for layer, name in scores]
    names += ["by_label", "by_type", "by_language", "attributes NAME", "calibration error"]
    names += [*found["edits"], *(k for k in found if k not in {"layers", "n_documents"})]
    absent = [n for n in names if f"`{n}`" not in text and n != "calibration"]
    assert absent == []
