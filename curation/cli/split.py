"""`curation split`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from curation.cli.common import JsonOption, WorkspaceOption, counts, emit, open_workspace
from curation.cli.left_out import waiting
from curation.errors import UsageError
from curation.messages import counted

if TYPE_CHECKING:
    from curation.splits.leakage import LeakageCertificate, NamePair, TextPair
    from curation.workflows.split import Folds, SplitSummary
    from curation.workflows.workspace import Workspace

__all__ = ["split_cli"]

_SHOWN = 5
"""Of pairs and withheld documents, how many are printed; JSON has all."""
_FAR = 0.05
"""A share this far from the one wanted is told."""


def split_cli(
    *,
    workspace: WorkspaceOption = None,
    seed: Annotated[
        int | None, typer.Option(help="Seed for new assignments.", show_default="curation.toml")
    ] = None,
    frozen: Annotated[
        list[str] | None,
        typer.Option(
            "--frozen",
            metavar="PART",
            help="Keep this part as it is for good; once it has documents it takes no others.",
        ),
    ] = None,
    by: Annotated[
        list[str] | None,
        typer.Option(
            "--by",
            metavar="KIND",
            help="Keep together what has one source, reports one event, or is of one month.",
            show_default="curation.toml",
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be, and store nothing.")
    ] = False,
    check: Annotated[
        bool,
        typer.Option("--check", help="Only look at what the parts share; exit code 1 for leakage."),
    ] = False,
    threshold: Annotated[
        float | None,
        typer.Option(
            min=0.0,
            max=1.0,
            help="For --check: most of a text's 5-word shingles that another part may have.",
            show_default="curation.toml",
        ),
    ] = None,
    kfold: Annotated[
        int | None,
        typer.Option("--kfold", metavar="N", help="Make N folds instead; parts stay as they are."),
    ] = None,
    to: Annotated[
        Path | None,
        typer.Option("--to", metavar="FILE", help="For --kfold: write the manifest here."),
    ] = None,
    withdraw: Annotated[
        list[str] | None,
        typer.Option("--withdraw", metavar="UID", help="Only take this document out of its part."),
    ] = None,
    why: Annotated[
        str | None,
        typer.Option("--why", help="For --withdraw: the reason; it stays in this workspace."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Give gold documents a part, without leakage between parts and with the same labels in each.

    Near-duplicates, translations and revisions always have the same part. Documents that have a
    part keep it: running it again only places what is new. Those of them with open disputes wait
    outside releases and exports. What belongs together with documents of two parts, or of a frozen
    one, is withheld and listed. Exit code 1 where texts that changed now belong together across
    parts, or, with --check, share more than the threshold.

    Examples: `curation split --seed 7`, `curation split --frozen test`,
    `curation split --check --threshold 0.4`, `curation split --kfold 5 --to folds.json`,
    `curation split --withdraw sk-17 --why "the person asked for it"`
    """
    _fitting(check=check, threshold=threshold, kfold=kfold, to=to, withdraw=withdraw, why=why)
    opened = open_workspace(workspace)
    chosen = opened.settings.splits
    kinds = _kinds(by) or chosen.by
    seed = chosen.seed if seed is None else seed
    if check:
        _check(opened, threshold, as_json=as_json)
    elif withdraw:
        _withdraw(opened, withdraw, why or "", as_json=as_json)
    elif kfold is not None:
        _folds(opened, kfold, seed, kinds, to, as_json=as_json)
    else:
        parts = tuple(chosen.frozen) + tuple(frozen or ())
        _split(opened, seed, parts, kinds, dry_run=dry_run, as_json=as_json)


def _fitting(**given: Any) -> None:
    """UsageError where options do not go together."""
    verbs = [
        name for name in ("check", "kfold", "withdraw") if given[name] not in (None, False, [])
    ]
    if len(verbs) > 1:
        raise UsageError(f"--{verbs[0]} and --{verbs[1]} are two commands; give one of them")
    for option, verb in (("threshold", "check"), ("to", "kfold"), ("why", "withdraw")):
        if given[option] is not None and verb not in verbs:
            raise UsageError(f"--{option} goes with --{verb}")
    if "withdraw" in verbs and not (given["why"] or "").strip():
        raise UsageError("--withdraw needs --why, with the reason that is kept")


def _kinds(given: list[str] | None) -> tuple[str, ...]:
    from curation.splits.grouping import BY

    wrong = [kind for kind in given or () if kind not in BY]
    if wrong:
        raise UsageError(f"--by {wrong[0]!r}: one of {', '.join(BY)}")
    return tuple(given or ())


def _split(
    opened: Workspace,
    seed: int,
    frozen: tuple[str, ...],
    by: tuple[str, ...],
    *,
    dry_run: bool,
    as_json: bool,
) -> None:
    from curation.workflows.split import split_store
    from curation.workflows.workspace import now

    chosen = opened.settings.splits
    result = split_store(
        opened.store,
        parts=chosen.parts,
        seed=seed,
        at=now(),
        frozen=frozen,
        by=by,
        similarity=chosen.max_similarity,
        days=chosen.event_days,
        dry_run=dry_run,
    )
    emit(result.to_json(), _split_lines(result), as_json=as_json)
    if result.straddling:
        raise typer.Exit(1)


def _split_lines(result: SplitSummary) -> Iterator[str]:
    yield f"{counted(result.added, 'document')} {'would be ' if result.dry_run else ''}placed"
    if result.disputed:
        yield f"{result.disputed} more wait for a part until their disputes are settled"
    yield from _size_lines(result)
    yield from waiting(result.waiting)
    joined = {kind: n for kind, n in result.links.items() if n}
    if joined:
        yield f"kept together by {counts(joined)}"
    yield from _balance_lines(result.leakage)
    yield from (
        f"{part} has no {trait}, though enough documents have it" for trait, part in result.missing
    )
    yield from _withheld_lines(result)
    yield from _headline(result.leakage)
    yield from (f"{group}: what belongs together is in two parts" for group in result.straddling)


def _size_lines(result: SplitSummary) -> Iterator[str]:
    """Each part with its share of the documents, and the one that it should have."""
    total = sum(result.parts.values())
    far = False
    for part, n in result.parts.items():
        wanted, share = result.wanted.get(part), n / total if total else 0.0
        aim = "not in curation.toml" if wanted is None else f"wanted {wanted:.0%}"
        kept = ", frozen" if part in result.frozen else ""
        groups = result.groups.get(part, 0)
        size = f"{counted(n, 'document')} in {counted(groups, 'group')}"
        yield f"{part}: {size}, {share:.0%} ({aim}){kept}"
        far = far or (wanted is not None and abs(share - wanted) > _FAR)
    if far:
        yield "sizes are off: groups stay whole, placed documents stay, and every label that can"
        yield "be in every part is; with more documents parts come nearer to their shares"


def _withheld_lines(result: SplitSummary) -> Iterator[str]:
    if result.withheld:
        yield f"{counted(len(result.withheld), 'document')} withheld, in no part"
    yield from _few(f"  {uid}: {why}" for uid, why in result.withheld.items())
    for uid, why in result.withdrawn.items():
        yield f"{uid}: withdrawn, {why}"
    yield from (f"{uid}: is gold again and back in its part" for uid in result.restored)


def _few(lines: Iterator[str]) -> Iterator[str]:
    every = list(lines)
    yield from every[:_SHOWN]
    if len(every) > _SHOWN:
        yield f"  … and {len(every) - _SHOWN} more, with --json"


def _balance_lines(found: LeakageCertificate) -> Iterator[str]:
    """A row for each label: its share of the whole, and of each part."""
    parts = list(found.labels)
    kinds = [kind for kind in ("language", "length", "label", "type") if _values(found, kind)]
    if not kinds:
        return
    names = {kind: sorted(_values(found, kind)) for kind in kinds}
    width = max(len(name) for values in names.values() for name in values) + 2
    yield " " * width + "".join(f"{part:>10}" for part in ["all", *parts])
    for kind in kinds:
        totals = {part: sum(found.labels[part].get(kind, {}).values()) for part in parts}
        yield (
            f"{kind:<{width}}"
            + " " * 10
            + "".join(f"{found.distances[part].get(kind, 0):>10.4f}" for part in parts)
        )
        for name in names[kind]:
            each = [found.labels[part].get(kind, {}).get(name, 0) for part in parts]
            shares = [sum(each) / sum(totals.values())]
            shares += [n / t if t else 0 for n, t in zip(each, totals.values(), strict=True)]
            yield f"  {name:<{width - 2}}" + "".join(f"{100 * share:>9.1f}%" for share in shares)
    yield "beside each kind: Jensen-Shannon divergence from the whole, in bits, 0 to 1"


def _values(found: LeakageCertificate, kind: str) -> set[str]:
    return {name for kinds in found.labels.values() for name in kinds.get(kind, {})}


def _headline(found: LeakageCertificate) -> Iterator[str]:
    yield (
        f"leakage: {counted(found.above, 'pair')} of texts in different parts share more than "
        f"{100 * found.threshold:g}%"
    )
    yield (
        f"of the shorter one's 5-word shingles, the closest {100 * found.highest:.1f}%; "
        f"suspected translations: {found.suspects}"
    )


def _check(opened: Workspace, threshold: float | None, *, as_json: bool) -> None:
    from curation.workflows.split import certificate

    chosen = opened.settings.splits
    found = certificate(
        opened.store,
        similarity=chosen.max_similarity if threshold is None else threshold,
        days=chosen.event_days,
    )
    emit(found.to_json(), _check_lines(found), as_json=as_json)
    if not found.holds:
        raise typer.Exit(1)


def _check_lines(found: LeakageCertificate) -> Iterator[str]:
    yield f"parts: {counts(found.documents)}"
    yield from _headline(found)
    yield from _few(_text_line(pair) for pair in found.nearest)
    if found.translations:
        yield "suspected translations"
        yield from _few(_name_line(pair) for pair in found.translations)
    if found.names:
        yield "most names in common"
        yield from _few(_name_line(pair) for pair in found.names)
    if found.events:
        yield f"documents that report an event which another part reports: {counts(found.events)}"
    yield from _balance_lines(found)


def _text_line(pair: TextPair) -> str:
    shared = ", ".join(pair.names)
    return f"  {100 * pair.similarity:5.1f}%  {_ends(pair)}" + (f": {shared}" if shared else "")


def _name_line(pair: NamePair) -> str:
    return f"  {pair.score:6.2f}  {_ends(pair)}: {', '.join(pair.shared)}"


def _ends(pair: TextPair | NamePair) -> str:
    (a, b), (one, other) = pair.uids, pair.parts
    return f"{a} ({one}), {b} ({other})"


def _folds(
    opened: Workspace,
    k: int,
    seed: int,
    by: tuple[str, ...],
    to: Path | None,
    *,
    as_json: bool,
) -> None:
    from curation.cli.common import json_text
    from curation.formats.files import write_bytes
    from curation.workflows.split import fold_store

    chosen = opened.settings.splits
    if "month" in by:
        raise UsageError("--kfold: folds have no order of time; leave month out of --by")
    made = fold_store(
        opened.store,
        k,
        seed=seed,
        by=by,
        similarity=chosen.max_similarity,
        days=chosen.event_days,
    )
    if to is not None:
        write_bytes(to, (json_text(made.to_json(), indent=1) + "\n").encode())
    emit(made.to_json(), _fold_lines(made, to), as_json=as_json)


def _fold_lines(made: Folds, to: Path | None) -> Iterator[str]:
    for fold, rows in made.folds.items():
        groups = len({row["group"] for row in rows})
        yield f"fold {fold}: {counted(len(rows), 'document')} in {counted(groups, 'group')}"
    if made.left_out:
        yield f"{counted(len(made.left_out), 'document')} left out: they belong to a frozen part"
    yield f"written to {to}" if to else "--to FILE or --json has the documents of each"


def _withdraw(opened: Workspace, uids: list[str], why: str, *, as_json: bool) -> None:
    from curation.workflows.split import withdraw
    from curation.workflows.workspace import now

    made = withdraw(opened.store, uids, why=why.strip(), at=now())
    data = {"withdrawn": [{"uid": t.uid, "part": t.part, "reason": t.reason} for t in made]}
    lines = [f"{t.uid}: withdrawn from {t.part}" for t in made]
    before = [f"{uid}: withdrawn before" for uid in uids if uid not in {t.uid for t in made}]
    emit(data, [*lines, *before], as_json=as_json)
