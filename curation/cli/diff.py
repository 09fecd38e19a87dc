"""`curation diff`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from curation.cli.common import JsonOption, WorkspaceOption, emit, open_workspace

if TYPE_CHECKING:
    from curation.changes import Changes, Tally
    from curation.workflows.diff import Difference

__all__ = ["change_lines", "diff_cli"]


def diff_cli(
    old: Annotated[str, typer.Argument(help="A release: its version, or a folder.")],
    new: Annotated[str, typer.Argument(help="The release to compare it with.")],
    *,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what changed from one release to another, and which version that calls for.

    Documents, entities and events that were added, removed or changed, by part and label. A label
    that means something else calls for a major version, more or other data for a minor one,
    mended errors for a patch. Folders need no workspace.

    Examples: `curation diff 1.0.0 1.1.0`, `curation diff exports/1.0.0 ~/received/1.1.0`
    """
    from curation.workflows.diff import diff

    folders = workspace is None and all(Path(name).is_dir() for name in (old, new))
    exports = None if folders else open_workspace(workspace).settings.exports
    found = diff(old, new, exports)
    emit(found.to_json(), _lines(found), as_json=as_json)


def _lines(found: Difference) -> Iterator[str]:
    yield f"from {found.old} to {found.new}"
    yield from change_lines(found.changes)
    if found.changes.advice is None:
        yield "nothing changed"
    elif found.advised:
        yield f"calls for a {found.changes.advice} version: {found.advised}"


def change_lines(changes: Changes) -> Iterator[str]:
    """What changed, one line for each thing."""
    for part, tally in changes.documents.items():
        yield f"documents {part}: {_told(tally, 'with another text')}"
    for where, count in changes.moved.items():
        yield f"documents moved from {where}: {count}"
    yield from _layer("entities", changes.entities)
    yield from _layer("events", changes.events)
    for pair, count in changes.relabelled.items():
        yield f"other label {pair}: {count}"
    for line in (*changes.meaning, *changes.ontology):
        yield f"ontology: {line}"


def _layer(name: str, layer: Mapping[str, Mapping[str, Tally]]) -> Iterator[str]:
    for part, by_label in layer.items():
        for label, tally in by_label.items():
            yield f"{name} {part} {label}: {_told(tally)}"


def _told(tally: Tally, changed: str = "changed") -> str:
    said = ((tally.added, "added"), (tally.removed, "removed"), (tally.changed, changed))
    return ", ".join(f"{count} {what}" for count, what in said if count)
