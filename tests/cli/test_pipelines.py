"""The option --pipeline of `preannotate` and `evaluate`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

Run = Callable[..., Any]

LINE = {
    "id": "a",
    "language": "en",
    "text": "Mary Wilson flew from London to Germany.",
    "annotator": "anna",
    "entities": [{"id": "T1", "start": 32, "end": 39, "label": "LOC"}],
    "events": [],
}


def test_stdin_is_annotated_by_the_pipeline_that_is_named(run: Run) -> None:
    """--pipeline fast signs what it says; without it the accurate pipeline does."""
    for options, annotator in (
        (["--pipeline", "fast"], "curation-fast-"),
        ([], "curation-accurate-"),
    ):
        ran = run("preannotate", "--stdin", *options, stdin=json.dumps(LINE) + "\n")
        assert ran.code == 0
        assert ran.json["annotator"].startswith(annotator)


def test_a_workspace_is_annotated_by_the_pipeline_that_is_named(run: Run, tmp_path: Path) -> None:
    """--pipeline goes before what curation.toml names for a language."""
    workspace = tmp_path / "ws"
    assert run("init", workspace).code == 0
    settings = workspace / "curation.toml"
    named = settings.read_text(encoding="utf-8") + '\n[pipelines.en]\nname = "not_installed"\n'
    settings.write_text(named, encoding="utf-8")
    assert run("ingest", "-w", workspace, "-", stdin=LINE["text"]).code == 0
    assert run("preannotate", "-w", workspace).code == 2
    ran = run("preannotate", "-w", workspace, "--pipeline", "fast", "--json")
    assert (ran.code, ran.json["documents"]) == (0, 1)


def test_settings_name_the_fast_pipeline(run: Run, tmp_path: Path) -> None:
    """[pipelines.en] name = "fast" is what doctor shows and preannotate takes."""
    workspace = tmp_path / "ws"
    assert run("init", workspace).code == 0
    settings = workspace / "curation.toml"
    named = settings.read_text(encoding="utf-8") + '\n[pipelines.en]\nname = "fast"\n'
    settings.write_text(named, encoding="utf-8")
    assert "curation-fast-0.1.0" in run("doctor", "-w", workspace).out


def test_gold_is_scored_against_the_pipeline_that_is_named(run: Run, tmp_path: Path) -> None:
    """With --pipeline fast `evaluate` finds the one gold name; an unknown pipeline is said."""
    gold = tmp_path / "gold.jsonl"
    gold.write_text(json.dumps(LINE) + "\n", encoding="utf-8")
    scored = run("evaluate", gold, "--pipeline", "fast", "--json").json["layers"]["entities"]
    assert scored["exact"]["tp"] == 1
    assert run("evaluate", gold, "--pipeline", "no_such").code == 2
