"""`curation demo`."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from curation.cli.common import JsonOption, emit, safe, say, warn

__all__ = ["demo_cli"]


def demo_cli(
    folder: Annotated[Path, typer.Argument(help="The workspace to make.")] = Path("workspace"),
    *,
    corpus: Annotated[
        Path | None,
        typer.Option(help="Your own documents instead of the samples.", show_default=False),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Run the whole job on this machine: documents to release, with a real Label Studio.

    On the sample corpus with sample annotations; with --corpus on your documents, up to the point
    where people annotate. Run again, it goes on where it was and doubles nothing.

    Example: `curation demo demo-workspace`
    """
    from curation.workflows.demo import run_on_corpus, run_on_samples

    tell = warn if as_json else say
    if corpus is None:
        tell("sample documents and sample annotations: everything in this run is invented")
        outcome = run_on_samples(folder, os.environ, tell)
    else:
        outcome = run_on_corpus(folder, corpus, os.environ, tell)
    lines = [
        "",
        f"Label Studio   {outcome.url}",
        f"login          {outcome.login}",
        f"passwords      {outcome.credentials}",
        f"workspace      {outcome.workspace}",
        *([f"release        {outcome.release}"] if outcome.release else []),
        *([f"report         {outcome.report}"] if outcome.report else []),
        "",
        "next: label the documents in the browser, then:" if corpus else "next:",
        *(f"  {step}" for step in outcome.next_steps),
    ]
    emit(asdict(outcome), map(safe, lines), as_json=as_json)
