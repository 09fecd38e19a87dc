"""`curation verify`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from curation.cli.common import JsonOption, counts, emit, open_workspace
from curation.messages import counted

if TYPE_CHECKING:
    from curation.model import Document
    from curation.workflows.verify import Documents

__all__ = ["verify_cli"]


def verify_cli(
    path: Annotated[Path, typer.Argument(help="A release, an export, or a folder of exports.")],
    *,
    documents: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.jsonl", help="The texts, for formats that have none, such as iob2."
        ),
    ] = None,
    workspace: Annotated[
        Path | None,
        typer.Option("--workspace", "-w", metavar="DIR", help="Where the texts are."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Read data back and hold them against what is said about them.

    Of an export: SHA-256, and the sums of its loss certificate, for every document and annotator.
    Of a release: its checksums, and every number in its card. Exit code 1 where something differs.
    Texts for formats without any come from --documents or --workspace; without them spans are
    counted, and offsets are not looked up.

    Examples: `curation verify train.spacy`, `curation verify exports/1.0.0`
    """
    from curation.errors import CheckFailed
    from curation.workflows.verify import verify

    found = verify(path, _texts(documents, workspace))
    checked = counts({k: n for k, n in found.checked.items() if k != "without_texts"})
    lines = [f"{found.kind} {path}: {checked}", *found.problems]
    if found.checked.get("without_texts"):
        lines.append("offsets were not looked up: give the texts by --documents or --workspace")
    emit(found.to_json(), [*lines, *(["all of it holds"] if found.holds else [])], as_json=as_json)
    if not found.holds:
        raise CheckFailed(f"{path}: {counted(len(found.problems), 'problem')}")


def _texts(documents: Path | None, workspace: Path | None) -> Documents | None:
    if documents is None and workspace is None:
        return None

    opened = None if workspace is None else open_workspace(workspace)

    def read() -> Mapping[str, Document]:
        if documents is not None:
            from curation.formats.registry import exporter

            found = (record.document for record in exporter("jsonl").read(documents, {}))
            return {document.uid: document for document in found}
        assert opened is not None
        with opened.store.transaction() as repo:
            return {document.uid: document for document in repo.documents()}

    return read
