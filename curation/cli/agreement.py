"""`curation agreement`."""

from __future__ import annotations

import gc
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from curation.cli.common import JsonOption, WorkspaceOption, emit, json_text, open_workspace

if TYPE_CHECKING:
    from curation.agreement.facts import Facts
    from curation.agreement.report import AgreementReport
    from curation.ontology import Ontology
    from curation.workflows.agreement import Compared

__all__ = ["agreement_cli"]


def agreement_cli(
    files: Annotated[
        list[Path] | None, typer.Argument(help="More files for --from.", show_default=False)
    ] = None,
    *,
    workspace: WorkspaceOption = None,
    from_file: Annotated[
        list[Path] | None,
        typer.Option(
            "--from",
            help="Canonical files, folders of brat (one an annotator) or CoNLL-style files to "
            "compare; needs no workspace.",
        ),
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option(
            help="anna=1: whose a column of tags in the files is, as in `curation import iob2`.",
            show_default=False,
        ),
    ] = None,
    measure: Annotated[
        list[str] | None,
        typer.Option(help='A measure by name, such as "f1(layer=entities,match=exact)"; repeat.'),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the resampling.")] = 0,
    resamples: Annotated[int, typer.Option(min=1, help="Resamples for the intervals.")] = 2000,
    by: Annotated[
        list[str] | None,
        typer.Option(
            help="Slices to add: label, language, source, month, published, round, guideline, "
            "assisted, length; all of them with --json.",
            show_default="none",
        ),
    ] = None,
    min_documents: Annotated[
        int | None,
        typer.Option(min=1, help="Smaller slices have no value.", show_default="as set, else 5"),
    ] = None,
    target: Annotated[
        list[str] | None,
        typer.Option(help="A target, such as PER=0.9; beside those in curation.toml."),
    ] = None,
    gate: Annotated[bool, typer.Option(help="Exit 1 when a target is missed.")] = False,
    bands: Annotated[
        bool, typer.Option(help="Name the usual bands of chance-corrected values.")
    ] = False,
    short: Annotated[
        bool, typer.Option("--short", help="Only the ladder, the targets and the first causes.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Measure how far annotators agree, with 95% intervals from resampled documents.

    Says what costs most agreement, and which documents to discuss. Undefined values are said with
    their reason, never as 0. With --gate ends with 1 when the interval of a label lies below its
    target.

    Example: `curation agreement --from anna.jsonl ben.jsonl`
    """
    from curation.errors import UsageError
    from curation.workflows import agreement as workflow

    if short and as_json:
        raise UsageError("--short is of the text; --json has everything")
    with _everything_kept():
        compared, ontology = _compared(files, from_file, column, workspace)
        targets = {**compared.settings.targets, **dict(map(_target, target or ()))}
        workflow.check_targets(compared, targets, ontology() if targets else None)
        if gate:
            _require_measurable(compared, targets)
        least = min_documents or compared.settings.min_documents
        slices = [*(by or (workflow.SLICES if as_json else ()))]
        if targets and "label" not in slices:
            slices.append("label")
        report = workflow.measure(
            compared,
            measures=_measures(measure, targets),
            seed=seed,
            resamples=resamples,
            slices=slices,
            min_documents=least,
            full=as_json,
        )
        facts = workflow.facts(report, compared, targets)
        if as_json:
            for piece in _pieces(_data(report, facts, compared, bands=bands)):
                typer.echo(piece, nl=False)
            typer.echo()
        else:
            from curation.cli.agreement_text import lines

            shown = lines(
                report,
                facts,
                compared,
                by=by or [],
                named=measure is not None,
                bands=bands,
                short=short,
            )
            emit(None, shown, as_json=False)
    if gate and facts.missed:
        raise typer.Exit(1)


@contextmanager
def _everything_kept() -> Iterator[None]:
    """Without the search for cyclic garbage: there is none, and it goes over every span anew."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _require_measurable(compared: Compared, targets: Mapping[str, float]) -> None:
    """A gate holds nothing back where nothing is measured."""
    from curation.errors import UsageError

    if not targets:
        raise UsageError("--gate: no target; give --target PER=0.9 or [agreement.targets]")
    if not compared.shared:
        raise UsageError("--gate: nothing was measured, for no document has two annotators")


def _measures(named: list[str] | None, targets: Mapping[str, float]) -> list[str] | None:
    """Those asked for by name, and those that targets are about."""
    from curation.agreement.measure import HEADLINES
    from curation.agreement.registry import parse_measure

    if not named or not targets:
        return named
    return list(dict.fromkeys([*(str(parse_measure(name)) for name in named), *HEADLINES]))


def _compared(
    files: list[Path] | None,
    from_file: list[Path] | None,
    column: list[str] | None,
    workspace: Path | None,
) -> tuple[Compared, Callable[[], Ontology | None]]:
    """What is compared, and what reads the workspace's ontology."""
    from curation.errors import UsageError
    from curation.workflows import agreement as workflow
    from curation.workflows.team_files import columns_of

    if files and not from_file:
        raise UsageError("files to compare stand after --from: curation agreement --from A B")
    if from_file:
        paths = [*from_file, *(files or [])]
        return workflow.read_files(paths, columns_of(column or ())), lambda: None
    opened = open_workspace(workspace)
    compared = workflow.read_store(opened.store, opened.settings.agreement)
    return compared, lambda: opened.ontology


def _target(given: str) -> tuple[str, float]:
    from curation.errors import UsageError

    name, sign, value = given.rpartition("=")
    try:
        wanted = float(value)
    except ValueError:
        wanted = -1.0
    if not sign or not name or not 0 < wanted <= 1:
        raise UsageError(f"--target {given}: write NAME=VALUE with a value above 0, at most 1")
    return name, wanted


def _data(
    report: AgreementReport, facts: Facts, compared: Compared, *, bands: bool
) -> Mapping[str, object]:
    from curation.agreement.listed import Disagreements
    from curation.agreement.targets import BAND_WARNING, band_of

    data = replace(report, disagreements=Disagreements.none()).to_json() | facts.to_json()
    data["disagreements"] = report.disagreements.json(json_text)
    data["annotators_compared"] = list(report.annotators)
    data["sample"] = any(s.kind == "sample" for s in compared.sets)
    data["seed"], data["resamples"] = report.seed, report.resamples
    if bands:
        named = {e.name: band_of(e) for e in report.measures if not e.slice}
        data["bands"] = {"warning": BAND_WARNING, "of": {k: v for k, v in named.items() if v}}
    return data


def _pieces(data: Mapping[str, object]) -> Iterator[str]:
    """The JSON object `data` piece by piece: a large project has more in it than there is memory.

    Compact, for it is read by programs. What is an iterator gives the JSON of a list's items.
    """
    separator = "{"
    for key, value in data.items():
        yield f"{separator}{json.dumps(key)}: "
        yield from _listed(value) if isinstance(value, Iterator) else [json_text(value)]
        separator = ", "
    yield "}"


def _listed(pieces: Iterator[str]) -> Iterator[str]:
    yield "["
    separator = ""
    for piece in pieces:
        yield separator + piece
        separator = ", "
    yield "]"
