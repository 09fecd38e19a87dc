"""`curation hydrate`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from curation.cli.common import JsonOption, counts, emit, warn

__all__ = ["hydrate_cli"]


def hydrate_cli(
    standoff: Annotated[
        Path, typer.Argument(metavar="STANDOFF.jsonl", help="Lines without texts.")
    ],
    *,
    texts: Annotated[
        Path,
        typer.Option(help="Your copies: a folder of .txt files, or JSON Lines with id and text."),
    ],
    to: Annotated[Path, typer.Option(metavar="OUT.jsonl", help="The file to write.")],
    as_json: JsonOption = False,
) -> None:
    """Put your own copies of the texts back into a stand-off export, where their hashes agree.

    A text is found by its name or its hash. Where only line ends, Unicode normalisation or white
    space at the ends differ, that is undone and counted. Exit code 1 where texts are missing or
    differ; the others are written.

    Example: `curation hydrate gold.jsonl --texts articles --to whole.jsonl`
    """
    from curation.errors import CheckFailed
    from curation.workflows.hydrate import hydrate

    done = hydrate(standoff, texts, to)
    lines = [f"{done.written} of {done.lines} lines have their texts: {to.resolve()}"]
    if done.changed:
        lines.append(f"as they were after a change: {counts(done.changed)}")
    emit({"path": str(to.resolve()), **done.to_json()}, lines, as_json=as_json)
    if not done.complete:
        for problem in (*done.missing, *done.different, *done.refused):
            warn(problem)
        raise CheckFailed(
            f"{len(done.missing)} texts are missing, {len(done.different)} differ, "
            f"{len(done.refused)} lines cannot be used"
        )
