"""`curation import`: annotations that a team has already."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from curation.cli.common import (
    JsonOption,
    WorkspaceOption,
    counts,
    emit,
    open_workspace,
    progress,
    warn,
)
from curation.messages import counted

if TYPE_CHECKING:
    from curation.workflows.import_team import ImportedTeam, Taking
    from curation.workflows.workspace import Workspace

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True, help="Bring in annotations that you have already.")

AnnotatorOption = Annotated[
    str | None, typer.Option("--annotator", help="Whose annotations these are.")
]

MapOption = Annotated[
    list[str] | None,
    typer.Option(
        "--map",
        help="GPE=LOC: rename a label, type, role or attribute; GPE= leaves it out; "
        "tense:Past=past renames a value of what is called tense here. Negation=polarity and "
        "polarity:true=negative: brat's Negation. Repeat.",
        show_default=False,
    ),
]
RepairOption = Annotated[
    bool,
    typer.Option(
        "--repair", help="Leave out what the ontology does not allow, instead of the whole record."
    ),
]
LanguageOption = Annotated[
    str | None,
    typer.Option(help="The language of new documents.", show_default="detected"),
]


@app.command("jsonl")
def jsonl_cli(
    files: Annotated[list[Path], typer.Argument(help="Files of canonical lines.")],
    *,
    annotator: AnnotatorOption = None,
    repair: RepairOption = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Import canonical lines, as `curation export jsonl` writes them: documents and annotations.

    A line or a file that cannot be used is told with its place, and the others go in. Exit code 2
    where one was refused.

    Example: `curation import jsonl anna.jsonl --annotator anna`
    """
    from curation.workflows.importing import import_jsonl
    from curation.workflows.workspace import now

    opened = open_workspace(workspace)
    with progress("importing") as advance:
        result = import_jsonl(
            opened.store,
            files,
            ontology=opened.ontology,
            annotator=_name(annotator),
            at=now(),
            repair=repair,
            advance=advance,
        )
    for problem in result.problems:
        warn(f"refused: {problem}")
    emit(
        result.to_json(),
        [
            f"{counted(result.records, 'record')}, {result.refused} refused; new documents: "
            f"{result.documents}",
            f"annotations: {result.new} new, {result.unchanged} unchanged, {result.revised} "
            f"revised; {counted(result.bare, 'document')} without any",
            *([f"left out: {counts(result.left_out)}"] if result.left_out else []),
        ],
        as_json=as_json,
    )
    if result.refused:
        raise typer.Exit(2)


@app.command("label-studio")
def label_studio_cli(
    file: Annotated[Path, typer.Argument(help="A JSON export of a Label Studio project.")],
    *,
    annotator: AnnotatorOption = None,
    text_field: Annotated[
        str, typer.Option(help="The field of a task's data that holds the text.")
    ] = "text",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Import an export of Label Studio, for servers that cannot be reached from here.

    Payloads are kept verbatim and interpreted like those of `curation pull`. Tasks that
    `curation push --to-file` wrote find their documents; the texts of others become documents.
    A file of the same name that begins with the same task is the same project, exported again: what
    changed in it is revised, and it keeps its --annotator. Exit code 2 where a task was refused or
    an annotation went to quarantine.

    Example: `curation import label-studio project-3.json --annotator anna`
    """
    from curation.workflows.importing import import_label_studio
    from curation.workflows.workspace import now

    opened = open_workspace(workspace)
    with progress("importing") as advance:
        result = import_label_studio(
            opened.store,
            file,
            settings=opened.settings,
            ontology=opened.ontology,
            annotator=_name(annotator),
            text_field=text_field,
            at=now(),
            advance=advance,
        )
    for problem in result.problems:
        warn(problem)
    emit(
        result.to_json(),
        [
            f"{counted(result.tasks, 'task')} ({result.refused} refused), "
            f"{counted(result.annotations, 'annotation')}:",
            f"{result.new} new, {result.revised} revised, {result.unchanged} unchanged, "
            f"{result.quarantined} quarantined",
            f"repairs: {counts(result.repairs)}",
        ],
        as_json=as_json,
    )
    if result.problems:
        raise typer.Exit(2)


@app.command("brat")
def brat_cli(
    folders: Annotated[
        list[Path], typer.Argument(help="One folder an annotator, or the folder that holds them.")
    ],
    *,
    annotator: AnnotatorOption = None,
    names: MapOption = None,
    repair: RepairOption = False,
    language: LanguageOption = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Import brat standoff: folders of .txt and .ann files, each called after its annotator.

    Entities, events with their roles and attributes go in; notes, relations and normalisations
    stay in the provenance. Labels that the ontology does not have are refused, all at once. Exit
    code 2 where anything was refused.

    Example: `curation import brat annotations/anna annotations/ben --map GPE=LOC`
    """
    from curation.workflows.import_team import import_brat

    opened = open_workspace(workspace)
    taking = _taking(opened, annotator, names, language, repair=repair)
    _tell(import_brat(opened.store, folders, taking), as_json=as_json)


@app.command("iob2")
def iob2_cli(
    files: Annotated[list[Path], typer.Argument(help="CoNLL-style files: a token a line.")],
    *,
    column: Annotated[
        list[str] | None,
        typer.Option(
            help="anna=1: whose the tags in a column are, counted from 0, the token; -1 is the "
            "last. Repeat.",
            show_default="the last",
        ),
    ] = None,
    annotator: AnnotatorOption = None,
    names: MapOption = None,
    repair: RepairOption = False,
    language: LanguageOption = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Import CoNLL-style files with BIO (IOB2), IOB1 or BILOU tags, one column an annotator.

    Without --column and --annotator, each file is called after its annotator. Documents begin at
    "# newdoc id = …" or -DOCSTART-; blank lines end sentences. Labels that the ontology does not
    have are refused, all at once. Exit code 2 where anything was refused.

    Example: `curation import iob2 double.conll --column anna=1 --column ben=2`
    """
    from curation.errors import UsageError
    from curation.workflows.import_team import import_iob2
    from curation.workflows.team_files import columns_of

    if column and annotator:
        raise UsageError("--column says whose the annotations are; leave out --annotator")
    opened = open_workspace(workspace)
    taking = _taking(opened, annotator, names, language, repair=repair)
    result = import_iob2(opened.store, files, columns_of(column or ()), taking)
    _tell(result, as_json=as_json)


def _taking(
    opened: Workspace,
    annotator: str | None,
    names: list[str] | None,
    language: str | None,
    *,
    repair: bool,
) -> Taking:
    from curation.errors import UsageError
    from curation.formats.reading import names_of
    from curation.names import language_problem
    from curation.workflows.import_team import Taking
    from curation.workflows.workspace import now

    if language is not None and (problem := language_problem(language)):
        raise UsageError(f"--language: {problem}")
    return Taking(
        settings=opened.settings,
        ontology=opened.ontology,
        annotator=_name(annotator),
        names=names_of(names or ()),
        language=language,
        at=now(),
        repair=repair,
    )


def _tell(result: ImportedTeam, *, as_json: bool) -> None:
    for name in result.unused:
        warn(f"--map {name}=…: the input has no {name}")
    for problem in result.problems:
        warn(f"refused: {problem}")
    emit(
        result.to_json(),
        [
            f"annotation sets: {result.records} by {', '.join(result.annotators) or 'nobody'}, "
            f"{result.refused} refused, {result.unseen} not seen",
            f"{result.new} new, {result.unchanged} unchanged, {result.revised} revised; "
            f"new documents: {result.documents}",
            f"{counted(result.entities, 'entity')}, {counted(result.events, 'event')}; "
            f"left out: {counts(result.left_out)}; repaired: {counts(result.repaired)}",
        ],
        as_json=as_json,
    )
    if result.refused:
        raise typer.Exit(2)


def _name(annotator: str | None) -> str | None:
    from curation.errors import UsageError
    from curation.names import annotator_problem

    if annotator is not None and (problem := annotator_problem(annotator)):
        raise UsageError(f"--annotator: {problem}")
    return annotator
