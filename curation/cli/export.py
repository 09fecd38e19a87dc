"""`curation export`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from curation.cli.common import (
    JsonOption,
    WorkspaceOption,
    alignment_policy,
    emit,
    open_workspace,
    progress,
)
from curation.cli.left_out import left_out
from curation.messages import counted

if TYPE_CHECKING:
    from curation.workflows.export import Exported

__all__ = ["export_cli"]

_FORMATS = "jsonl, spacy, iob2, bilou, conll, brat, parquet, csv, dygie, oneie, cas-json, cas-xmi."
"""Said here as well: to ask the registry would cost every command its import."""


def export_cli(
    format_name: Annotated[str, typer.Argument(metavar="FORMAT", help=_FORMATS)],
    destination: Annotated[
        Path, typer.Argument(help="The file; the folder for formats of several files.")
    ],
    *,
    workspace: WorkspaceOption = None,
    annotator: Annotated[
        str | None, typer.Option(help="One annotator's work instead of gold.")
    ] = None,
    part: Annotated[str | None, typer.Option(help="One part only.")] = None,
    all_parts: Annotated[
        bool, typer.Option("--all-parts", help="A folder with every part, each a file of its own.")
    ] = False,
    policy: Annotated[
        str, typer.Option(help="For spans off token borders: strict, expand or drop.")
    ] = "expand",
    as_of: Annotated[
        str | None,
        typer.Option(
            metavar="WHEN", help="Gold of a day, a time (UTC where it names no zone) or a release."
        ),
    ] = None,
    include_disputed: Annotated[
        bool,
        typer.Option(
            "--include-disputed",
            help="Documents with open disputes too, without what is disputed, and marked as such.",
        ),
    ] = False,
    stand_off: Annotated[
        bool,
        typer.Option("--stand-off", help="For jsonl: offsets and hashes without the texts."),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Write gold, or one annotator's work, in a format, with what it cost beside it.

    What could not be carried is in DESTINATION.losses.json, item by item; `curation verify` holds
    the two against each other.

    Examples: `curation export spacy train.spacy --part train`,
    `curation export bilou parts --all-parts --policy drop`
    """
    from curation.errors import UsageError
    from curation.workflows.export import export, export_parts
    from curation.workflows.workspace import now

    if part is not None and all_parts:
        raise UsageError("--part and --all-parts: one of them")
    name = _stand_off(format_name) if stand_off else format_name
    options: dict[str, Any] = {
        "now": now(),
        "annotator": annotator,
        "policy": alignment_policy(policy),
        "as_of": as_of,
        "include_disputed": include_disputed,
    }
    store = open_workspace(workspace).store
    with progress("exporting") as advance:
        options["advance"] = advance
        if all_parts:
            made = export_parts(store, name, destination, **options)
        else:
            made = {"": export(store, name, destination, part=part, **options)}
    data = _data(made, destination, all_parts=all_parts)
    lines = [line for part, one in made.items() for line in _lines(name, part, one)]
    place = "folder" if destination.is_dir() else "file"
    emit(data, [*lines, f"{place}: {destination.resolve()}"], as_json=as_json)


def _stand_off(format_name: str) -> str:
    from curation.errors import UsageError

    if format_name != "jsonl":
        raise UsageError(f"--stand-off is for jsonl, not for {format_name}")
    return "standoff"


def _data(made: Mapping[str, Exported], destination: Path, *, all_parts: bool) -> dict[str, Any]:
    path = {"path": str(destination.resolve())}
    if not all_parts:
        return path | made[""].to_json()
    return path | {
        "documents": sum(one.documents for one in made.values()),
        "left_out": sum(one.left_out for one in made.values()),
        "parts": {part: one.to_json() for part, one in made.items()},
    }


def _lines(name: str, part: str, made: Exported) -> Iterator[str]:
    certificate = made.certificate
    of = f" in {part}" if part else ""
    skipped = left_out(made.left_out, option="--include-disputed")
    losses = ", ".join(f"{reason} {n}" for reason, n in certificate.by_reason.items())
    if made.withdrawn:
        skipped += f"; {made.withdrawn} withdrawn left out"
    yield f"{name}: {counted(made.documents, 'document')}{of}{skipped}"
    yield (
        f"{certificate.spans_in} spans in, {certificate.spans_out} out; "
        f"losses and changes: {losses or 'none'}"
    )
