"""What every command shares: options, output, and errors that become one line and an exit code."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO, TypeVar

import typer

from curation.errors import UsageError
from curation.messages import few

if TYPE_CHECKING:
    from curation.formats.alignment import AlignmentPolicy
    from curation.workflows.workspace import Workspace

__all__ = [
    "WIDTH",
    "JsonOption",
    "WorkspaceOption",
    "alignment_policy",
    "counts",
    "emit",
    "folded",
    "json_text",
    "open_workspace",
    "progress",
    "safe",
    "say",
    "stdin_bytes",
    "warn",
]

WorkspaceOption = Annotated[
    Path | None,
    typer.Option(
        "--workspace",
        "-w",
        help="The workspace; else $CURATION_WORKSPACE, else the nearest one above.",
        show_default=False,
    ),
]
JsonOption = Annotated[
    bool, typer.Option("--json", help="Print one JSON document on stdout, messages on stderr.")
]

T = TypeVar("T")
WIDTH = 80
"""Columns of what is printed, on a terminal as in a pipe."""


def open_workspace(given: Path | None) -> Workspace:
    """The workspace that the command is about."""
    from curation.settings import find_workspace
    from curation.workflows.workspace import open_workspace as opened

    return opened(find_workspace(given, os.environ, Path.cwd()), os.environ)


def alignment_policy(given: str) -> AlignmentPolicy:
    """What `--policy` names; UsageError where there is no such policy."""
    from typing import get_args

    from curation.formats.alignment import AlignmentPolicy

    chosen: AlignmentPolicy | None = next(
        (p for p in get_args(AlignmentPolicy) if p == given), None
    )
    if chosen is None:
        raise UsageError(f"--policy {given!r}: one of {', '.join(get_args(AlignmentPolicy))}")
    return chosen


def safe(text: object) -> str:
    """One line of `text` without control characters, which could drive a terminal.

    Line breaks become visible: in a value they would begin a line of its own making.
    """
    seen = {"\n": "\\n", "\r": "\\r", "\t": "\t"}
    return "".join(
        c if c.isprintable() else seen.get(c, "\N{REPLACEMENT CHARACTER}") for c in str(text)
    )


def say(text: object = "") -> None:
    """A line of the command's result, on stdout."""
    typer.echo(safe(text))


def warn(text: object) -> None:
    """A message, on stderr."""
    typer.echo(safe(text), err=True)


_UNSAFE = re.compile("[\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""What could drive a terminal, turn its text around, or be no text at all: only in strings."""


def _escaped(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"


def json_text(data: Any, indent: int | None = None) -> str:
    """JSON in which what could drive a terminal is escaped; readers get the same data."""
    return _UNSAFE.sub(_escaped, json.dumps(data, ensure_ascii=False, indent=indent))


def emit(data: Any, lines: Iterable[str], *, as_json: bool) -> None:
    """The result: as one JSON document, or as lines for a person."""
    if as_json:
        typer.echo(json_text(data, indent=2))
        return
    for line in lines:
        say(line)


def counts(found: Mapping[str, int]) -> str:
    """Counts by name on one line, the first of very many; "none" where there are none."""
    return few((f"{name} {n}" for name, n in found.items()), most=30, between=", ") or "none"


def stdin_bytes() -> BinaryIO:
    """What is piped in; UsageError where stdin is closed, or a terminal with nobody to ask."""
    if sys.stdin is None or sys.stdin.closed or sys.stdin.isatty():
        raise UsageError("nothing to read on stdin: pipe text in, such as: curation … < FILE")
    return sys.stdin.buffer


def folded(text: str, indent: int = 0) -> list[str]:
    """`text` as lines of 80 columns; those after the first one begin with `indent` spaces.

    What has no space, such as a path, stays whole.
    """
    import textwrap

    lines = textwrap.wrap(
        text,
        WIDTH,
        subsequent_indent=" " * indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
    if len(lines) > 1 and len(lines[0]) < indent:
        lines[:2] = [lines[0].ljust(indent) + lines[1].lstrip()]
    return lines


@contextmanager
def progress(what: str, total: int | None = None) -> Iterator[Any]:
    """A function that advances a progress bar by one; the bar shows on a terminal only."""
    if not sys.stderr.isatty():
        yield lambda _count=1: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda count=1: bar.advance(task, count)
