"""`curation agreement`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from curation.cli.common import JsonOption, WorkspaceOption, emit, open_workspace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from curation.agreement.report import AgreementReport, Estimate

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
        list[str] | None, typer.Option(help="Slices to add: language, label.", show_default="none")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Measure how far annotators agree, with 95% intervals from resampled documents.

    Undefined values are said with their reason, never as 0.

    Example: `curation agreement --from anna.jsonl ben.jsonl`
    """
    from curation.errors import UsageError
    from curation.workflows import agreement as workflow
    from curation.workflows.team_files import columns_of

    if files and not from_file:
        raise UsageError("files to compare stand after --from: curation agreement --from A B")
    if from_file:
        compared = workflow.read_files([*from_file, *(files or [])], columns_of(column or ()))
    else:
        compared = workflow.read_store(open_workspace(workspace).store)
    slices = by or (["language", "label"] if as_json else [])
    if unknown := set(slices) - {"language", "label"}:
        raise UsageError(f"--by {min(unknown)}: slices are language and label")
    report = workflow.measure(
        compared, measures=measure, seed=seed, resamples=resamples, slices=slices
    )
    emit(report.to_json(), _lines(report, sample=_sample(compared.sets)), as_json=as_json)


def _sample(sets) -> bool:  # type: ignore[no-untyped-def]
    return any(s.kind == "sample" for s in sets)


def _lines(report: AgreementReport, *, sample: bool) -> Iterator[str]:
    if sample:
        yield "sample annotations: these numbers are about invented annotators"
    yield f"annotators: {', '.join(report.annotators) or 'none'}"
    names = [_name(estimate) for estimate in report.measures]
    width = max(40, *map(len, names), 0)
    yield f"{'measure':<{width}} {'value':>6}  {'95% interval':<14} {'docs':>4} {'items':>5}"
    for name, estimate in zip(names, report.measures, strict=True):
        yield f"{name:<{width}} {_values(estimate)}"
    if report.pairs:
        yield ""
        yield "pairs, f1(layer=entities,match=exact):"
    for pair in report.pairs:
        if pair.estimate.name == "f1(layer=entities,match=exact)":
            pair_names = f"{pair.annotator_a} - {pair.annotator_b}"
            yield (
                f"  {pair_names:<{width - 2}} {_number(pair.estimate.value):>6}  "
                f"{_interval(pair.estimate):<14} {pair.estimate.n_documents:>4}"
            )
    yield ""
    count = len(report.disagreements)
    yield f"{count} disagreements; --json lists them, curation report shows them in the text"


def _name(estimate: Estimate) -> str:
    where = " ".join(f"{k}={v}" for k, v in estimate.slice.items())
    return f"{estimate.name} {where}".strip()


def _values(estimate: Estimate) -> str:
    values = (
        f"{_number(estimate.value):>6}  {_interval(estimate):<14} "
        f"{estimate.n_documents:>4} {estimate.n_items:>5}"
    )
    if not estimate.reason:
        return values
    missing = "no value" if estimate.value is None else "no interval"
    return f"{values}  {missing}: {estimate.reason}"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _interval(estimate: Estimate) -> str:
    if estimate.ci is None:
        return "-"
    return f"{estimate.ci[0]:.3f}-{estimate.ci[1]:.3f}"
