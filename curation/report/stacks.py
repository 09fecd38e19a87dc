"""Stacked bars: where documents stand, whose tasks are done, what became of suggestions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from curation.report import charts
from curation.report.escape import shorten
from curation.report.facts import Progress, ReportFacts, Survival
from curation.report.figures import Limits

__all__ = ["Stack", "Stacks", "fates", "progress", "states"]

_SHADE = {
    "unseen": "p0", "open": "p1", "in work": "p2", "skipped": "px", "single": "p3",
    "double": "p4", "disputed": "pd", "adjudicated": "p5", "gold": "p6",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stack:
    """One bar: its parts in percent; `found` is what the filters choose it by."""

    title: str
    bars: tuple[charts.Bar, ...]
    n: int
    found: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Stacks:
    """Bars of the same parts. `legend`: class and word of each part, in their order."""

    legend: tuple[tuple[str, str], ...]
    rows: tuple[Stack, ...]
    unit: tuple[str, str]


def states(facts: ReportFacts, limits: Limits) -> Stacks:
    """Documents by state: as a whole, then each layer."""
    rows = {"all layers": facts.status.by_status, **facts.status.by_layer}
    known = [*_SHADE, *facts.status.by_status]
    names = [s for s in dict.fromkeys(known) if any(r.get(s) for r in rows.values())]
    legend = {name: _SHADE.get(name, f"p{1 + i % 6}") for i, name in enumerate(names)}
    made = [
        _stack(title, [(legend[s], of.get(s, 0)) for s in names], {}, limits)
        for title, of in rows.items()
    ]
    words = tuple((kind, shorten(name, limits.name)) for name, kind in legend.items())
    return Stacks(words[: limits.rows], tuple(made), ("document", "documents"))


def progress(rows: Iterable[Progress], kind: str, limits: Limits) -> Stacks:
    """Tasks that are done, skipped and left, by annotator or by language."""
    legend = (("p5", "done"), ("px", "skipped"), ("p0", "left"))
    made = (
        _stack(
            p.name,
            [("p5", p.done), ("px", p.skipped), ("p0", max(0, p.assigned - p.done - p.skipped))],
            {kind: p.name},
            limits,
        )
        for p in rows
    )
    return Stacks(legend, tuple(made)[: limits.rows], ("task", "tasks"))


def fates(rows: Sequence[Survival], limits: Limits) -> Stacks:
    """Suggestions kept, changed and removed, and what was added by hand."""
    legend = (("p5", "kept"), ("p2", "changed"), ("p0", "removed"), ("px", "added by hand"))
    made = (
        _stack(
            s.label or s.layer,
            [("p5", s.kept), ("p2", s.changed), ("p0", s.removed), ("px", s.added)],
            {"label": s.label} if s.label else {},
            limits,
        )
        for s in rows
    )
    return Stacks(legend, tuple(made)[: limits.rows], ("item", "items"))


def _stack(
    title: str, parts: list[tuple[str, int]], found: Mapping[str, str], limits: Limits
) -> Stack:
    n = sum(count for _, count in parts)
    bars = tuple(bar for bar in charts.bars(parts) if bar.n)
    return Stack(shorten(title, limits.name), bars, n, found)
