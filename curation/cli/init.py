"""`curation init`."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Annotated

import typer

from curation.cli.common import JsonOption, emit

__all__ = ["init_cli"]


def init_cli(
    folder: Annotated[Path, typer.Argument(help="The folder to make a workspace.")] = Path(),
    *,
    name: Annotated[
        str, typer.Option(help="What to call it.", show_default="the folder's name")
    ] = "",
    language: Annotated[
        list[str] | None,
        typer.Option(help="A language of the documents; repeat.", show_default="sk sv en nb nl"),
    ] = None,
    annotator: Annotated[
        list[str] | None,
        typer.Option(help="Someone who labels: `NAME <E-MAIL>`; repeat.", show_default=False),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Make a folder a workspace: settings, ontology, database.

    A folder that is one already is left as it is.

    Example: `curation init news --language sk --annotator "anna <anna@example.org>"`
    """
    from curation.workflows.workspace import init_workspace

    made, new = init_workspace(
        folder,
        workspace_id=secrets.token_hex(4),
        name=name or folder.resolve().name or "workspace",
        annotators=_annotators(annotator or []),
        languages=language,
        environment=os.environ,
    )
    place = made.settings.folder
    said = "made" if new else "was there already, nothing changed"
    emit(
        {"workspace": str(place), "new": new},
        [
            f"workspace {place} {said}",
            f"settings: {place / 'curation.toml'}",
            f"next: curation ingest --workspace {folder} YOUR_DOCUMENTS",
        ],
        as_json=as_json,
    )


def _annotators(given: list[str]) -> list:  # type: ignore[type-arg]
    from email.utils import parseaddr

    from pydantic import ValidationError

    from curation.errors import UsageError
    from curation.settings import Annotator

    found = []
    for text in given:
        name, email = parseaddr(text)
        try:
            found.append(Annotator(name=name, email=email))
        except ValidationError as error:
            raise UsageError(
                f'--annotator {text!r}: write "NAME <E-MAIL>", such as "anna <anna@example.org>"'
            ) from error
    return found
