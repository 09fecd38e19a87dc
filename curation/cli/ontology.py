"""`curation ontology …`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from curation.cli.common import JsonOption, WorkspaceOption, emit, open_workspace, warn

if TYPE_CHECKING:
    from curation.ontology import Ontology
    from curation.workflows.ontology_use import Use

__all__ = ["app"]

app = typer.Typer(
    no_args_is_help=True, help="Check the ontology and turn it into a Label Studio configuration."
)

FileArgument = Annotated[
    Path | None,
    typer.Argument(help="An ontology's TOML.", show_default="the workspace's, else news.toml"),
]


def _load(file: Path | None, workspace: Path | None) -> tuple[Ontology, Path]:
    from curation.errors import WorkspaceError
    from curation.ontology import load_ontology
    from curation.workflows.workspace import default_ontology_file

    path = file
    if path is None:
        try:
            path = open_workspace(workspace).settings.ontology_path
        except WorkspaceError:
            if workspace is not None:
                raise
            path = default_ontology_file()
    return load_ontology(path), path


@app.command("check")
def check_cli(
    file: FileArgument = None, *, workspace: WorkspaceOption = None, as_json: JsonOption = False
) -> None:
    """Check an ontology and say what is in it; exit code 2 where it contradicts itself.

    Example: `curation ontology check label_config/news.toml`
    """
    ontology, path = _load(file, workspace)
    counts = {
        "entities": len(ontology.entities),
        "events": len(ontology.events),
        "roles": len(ontology.roles),
        "attributes": len(ontology.attributes),
    }
    said = ", ".join(f"{n} {what}" for what, n in counts.items())
    emit(
        {"file": str(path), "name": ontology.name, "version": ontology.version, **counts},
        [f"{path}: ontology {ontology.name} {ontology.version} is sound: {said}"],
        as_json=as_json,
    )


@app.command("xml")
def xml_cli(
    file: FileArgument = None, *, workspace: WorkspaceOption = None, as_json: JsonOption = False
) -> None:
    """Print the Label Studio labelling configuration of an ontology.

    Example: `curation ontology xml label_config/news.toml > label_config/news.xml`
    """
    from curation.ontology_xml import ontology_to_xml

    xml = ontology_to_xml(_load(file, workspace)[0])
    if as_json:
        emit({"xml": xml}, [], as_json=True)
    else:
        typer.echo(xml, nl=not xml.endswith("\n"))


@app.command("import-xml")
def import_xml_cli(
    file: Annotated[Path, typer.Argument(help="A Label Studio labelling configuration.")],
    *,
    name: Annotated[str, typer.Option(help="What to call the ontology.")] = "imported",
    as_json: JsonOption = False,
) -> None:
    """Print an ontology's TOML made from a team's existing Label Studio configuration.

    What has no counterpart is said on stderr.

    Example: `curation ontology import-xml config.xml --name ours > label_config/ours.toml`
    """
    from curation.errors import InputError, OntologyError
    from curation.ontology_toml import ontology_to_toml
    from curation.ontology_xml import xml_to_ontology

    try:
        xml = file.read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=str(file)) from error
    except UnicodeDecodeError as error:
        raise InputError(f"not UTF-8 at byte {error.start}", where=str(file)) from error
    try:
        ontology, notes = xml_to_ontology(xml, name=name)
    except OntologyError as error:
        raise OntologyError(f"{file}: {error}") from error
    for note in notes:
        warn(note)
    toml = ontology_to_toml(ontology)
    emit({"toml": toml, "notes": notes}, toml.rstrip().split("\n"), as_json=as_json)


@app.command("diff")
def diff_cli(
    old: Annotated[Path, typer.Argument(help="The ontology before.")],
    new: Annotated[Path, typer.Argument(help="The ontology after.")],
    *,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what was added, removed and changed between two ontologies.

    In a workspace also how many stored annotations use each name that was removed, by whom, and
    what the new ontology's [migrations] make of it.

    Example: `curation ontology diff old.toml label_config/news.toml`
    """
    from curation.ontology import differences, load_ontology

    before, after = load_ontology(old), load_ontology(new)
    found = list(differences(before, after))
    affected = _uses(workspace, before, after)
    told = [use.line() for use in affected or ()]
    emit(
        {
            "differences": found,
            "uses": None if affected is None else [u.to_json() for u in affected],
        },
        [*(found or ["no difference"]), *told, *_next_step(affected or [])],
        as_json=as_json,
    )


def _uses(workspace: Path | None, old: Ontology, new: Ontology) -> list[Use] | None:
    """None outside a workspace."""
    from curation.errors import WorkspaceError
    from curation.workflows.ontology_use import uses

    try:
        opened = open_workspace(workspace)
    except WorkspaceError:
        if workspace is not None:
            raise
        return None
    return uses(opened.store, old, new)


def _next_step(affected: list[Use]) -> list[str]:
    open_ends = [use.name for use in affected if use.count and use.becomes is None]
    if open_ends:
        names = ", ".join(open_ends)
        return [f"name {names} in [migrations] of the new ontology, then: curation replay"]
    if any(use.count for use in affected):
        return ["all of these are in [migrations]; convert what is stored with: curation replay"]
    return []
