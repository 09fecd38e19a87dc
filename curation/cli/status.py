"""`curation status`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from curation.cli.common import (
    WIDTH,
    JsonOption,
    WorkspaceOption,
    counts,
    emit,
    folded,
    open_workspace,
)
from curation.cli.left_out import waiting
from curation.messages import counted, few

if TYPE_CHECKING:
    from curation.settings import Settings
    from curation.workflows.status import DocumentStatus, Status

__all__ = ["status_cli"]

_SHOWN = 5
"""Of what is in quarantine, how many are printed."""
_FIELD, _NAME = 12, 20
"""Columns of the names of facts, and of annotators; a longer name stands above its numbers."""


def status_cli(
    *,
    workspace: WorkspaceOption = None,
    documents: Annotated[
        bool, typer.Option("--documents", help="List the documents, with links to their tasks.")
    ] = False,
    state: Annotated[
        list[str] | None,
        typer.Option(help="List only documents in this state; repeat.", show_default=False),
    ] = None,
    layer: Annotated[
        str | None,
        typer.Option(
            help="Whose state --state means: entities, events, arguments or attributes.",
            show_default="the whole document",
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Show where the work stands: documents by state, annotators, quarantine, splits, releases.

    Every document is, and every layer of it, in one state: unseen (given to nobody), open (given,
    and not begun), in work (a draft, or handed in and in quarantine), skipped (by all to whom it
    was given), single or double (done by one annotator, or by more), then adjudicated: disputed
    (some of it no rule decides), adjudicated (by a person) or gold (by rules alone). "empty" are
    those of them that were read and in which nothing was found.

    Example: `curation status --state disputed --layer events`
    """
    from curation.workflows.status import read_documents, read_status

    chosen = _states(state or (), layer)
    opened = open_workspace(workspace)
    if documents or chosen:
        found = read_documents(opened.store, states=chosen, layer=layer)
        data = {"documents": len(found), "by_document": [d.to_json() for d in found]}
        emit(data, _listed(found, narrowed=bool(chosen)), as_json=as_json)
        return
    status = read_status(opened.store, opened.settings)
    emit(status.to_json(), _summed(status, opened.settings), as_json=as_json)


def _states(given: Sequence[str], layer: str | None) -> list[str]:
    from curation.errors import UsageError
    from curation.workflows.status import LAYERS, STATES

    chosen = [state.replace("-", " ") for state in given]
    if unknown := [state for state in chosen if state not in STATES]:
        raise UsageError(f"--state {unknown[0]!r}: one of {', '.join(STATES)}")
    if layer is not None and layer not in LAYERS:
        raise UsageError(f"--layer {layer!r}: one of {', '.join(LAYERS)}")
    if layer is not None and not chosen:
        raise UsageError("--layer says whose --state is meant: give --state, too")
    return chosen


def _summed(status: Status, settings: Settings) -> Iterator[str]:
    kept = " (kept as they came)" if status.revisions else ""
    versions = ", ".join(str(r["version"]) for r in status.releases)
    yield from _field("workspace", str(settings.folder))
    yield from _field("documents", f"{status.documents}  ({counts(status.by_language)})")
    yield from _field("proposals", f"{counted(status.predictions, 'document')} pre-annotated")
    yield from _field("quarantine", str(status.quarantine))
    for held in status.quarantined[:_SHOWN]:
        yield from _field("", f"{held['uid']} by {held['annotator']}: {held['reason']}")
        if held["link"]:
            yield f"{'':<{_FIELD}}{held['link']}"
    if status.quarantine:
        yield from _field("", "mend them there, press Update, then: curation pull")
    if status.quarantine > _SHOWN:
        yield from _field("", f"the first {_SHOWN}; --json has all")
    yield from _field("repairs", counts(status.repairs))
    yield from _field("revisions", f"{counts(status.revisions)}{kept}")
    yield from _field("splits", counts(status.splits))
    if status.withdrawn:
        gone = (f"{uid} from {tombstone['part']}" for uid, tombstone in status.withdrawn.items())
        yield from _field("withdrawn", few(gone, between=", "))
    for line in waiting(status.splits_waiting):
        yield from _field("", line)
    yield from _field("releases", versions or "none")
    yield ""
    yield from _table(status)
    yield ""
    yield f"{'annotator':<20} {'assigned':>8} {'done':>8} {'skipped':>8}"
    for a in status.annotators:
        above = len(a.name) > _NAME
        if above:
            yield a.name
        yield f"{'' if above else a.name:<20} {a.assigned:>8} {a.done:>8} {a.skipped:>8}"


def _field(name: str, value: str) -> list[str]:
    return folded(f"{name:<{_FIELD}}{value}", _FIELD)


def _table(status: Status) -> Iterator[str]:
    from curation.workflows.status import STATES

    columns: dict[str, Mapping[str, int]] = {
        "documents": status.by_status,
        "of them empty": status.empty,
        **status.by_layer,
    }
    yield "  ".join([f"{'state':<11}", *columns])
    known = set(status.by_status).union(*status.by_layer.values())
    for state in (s for s in STATES if s in known):
        cells = (f"{of.get(state, 0) or '-':>{len(name)}}" for name, of in columns.items())
        yield "  ".join([f"{state:<11}", *cells])


def _listed(found: Sequence[DocumentStatus], *, narrowed: bool) -> Iterator[str]:
    if not found:
        yield "no documents in this state" if narrowed else "no documents"
    width = min(31, max((len(d.uid) for d in found), default=0))
    for document in found:
        said = f"  {document.state:<11}  {_note(document)}".rstrip()
        if len(document.uid) <= width or len(document.uid + said) <= WIDTH:
            yield from folded(f"{document.uid:<{width}}{said}", width + 15)
        else:
            yield document.uid
            yield from folded(" " * width + said, width + 15)
        for task in document.tasks:
            yield from folded(
                f"    {task['annotator'] or _NOBODY}: {task['state']}  {task['url']}", 6
            )


_NOBODY = "project of nobody"
_EMPTY = {
    ("entities", "events"): "read, and empty",
    ("entities",): "no entities",
    ("events",): "no events",
}


def _note(document: DocumentStatus) -> str:
    """In which layers it is in its state, where not in all, and what there is nothing of."""
    found = [layer for layer, state in document.layers.items() if state == document.state]
    where = [f"in {', '.join(found)}"] if len(found) < len(document.layers) else []
    return "; ".join([*where, *([_EMPTY[document.empty]] if document.empty else [])])
