"""CHANGELOG.md: what changed from release to release, the newest first."""

from __future__ import annotations

from curation.changes import Changes
from curation.formats.rendering import render

__all__ = ["TITLE", "changelog"]

TITLE = "# Changes\n"


def changelog(version: str, previous: str, changes: Changes | None, earlier: str = "") -> str:
    """The text of CHANGELOG.md.

    `previous` is the release before, "" where there is none; `changes` is None where it is the
    first, or was not compared; `earlier` is the text of that release's own file.
    """
    section = render(
        "changelog.md.j2",
        version=version,
        previous=previous,
        changes=changes,
        layers=[] if changes is None else _layers(changes),
    )
    older = earlier.removeprefix(TITLE).lstrip("\n")
    return f"{TITLE}\n{section.rstrip()}\n" + (f"\n{older}" if older else "")


def _layers(changes: Changes) -> list[tuple[str, object]]:
    return [("entities", changes.entities), ("events", changes.events)]
