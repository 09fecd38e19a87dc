"""The tables of counts, by the name of their section."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from curation.report.documents import differences
from curation.report.escape import Cell
from curation.report.facts import (
    Example,
    Figure,
    Progress,
    ReportFacts,
    Survival,
    WorkTime,
)
from curation.report.figures import Limits, Rough, Table, table
from curation.report.findings import Forecast
from curation.report.todo import todo_table
from curation.report.trends import changes_table

__all__ = ["command_for", "tables", "time_title"]

_COMMANDS: Mapping[Figure, str] = {
    "status": "curation status --json",
    "agreement": "curation agreement --json",
    "pairs": "curation agreement --json",
    "confusion": "curation report --json",
    "disagreements": "curation agreement --json",
    "survival": "curation report --json",
    "edits": "curation report --json",
    "time": "curation report --json",
    "adjudication": "curation adjudicate --json",
    "splits": "curation split --json",
    "releases": "curation status --json",
    "forecast": "curation report --json",
    "todo": "curation agreement --json",
    "boundaries": "curation agreement --json",
    "trend": "curation agreement --by month --by guideline",
    "steering": "curation agreement",
    "leakage": "curation split --check",
}


def command_for(facts: ReportFacts, figure: Figure) -> str:
    """The command that gives the numbers of a figure: the caller's, else the usual one."""
    chosen = (c.command for c in facts.commands if c.figure == figure)
    return next(chosen, _COMMANDS[figure])


def tables(facts: ReportFacts, shown: Sequence[Example], limits: Limits) -> dict[str, Table]:
    """The tables of counts, by the name of their section."""
    return {
        "states": _state_table(facts, limits),
        "annotators": _progress_table(facts, "annotator", facts.status.annotators, limits),
        "languages": _progress_table(facts, "language", facts.status.languages, limits),
        "disagreements": _disagreement_table(facts, shown, limits),
        "survival": _survival_table(facts, limits),
        "survival_by_label": _label_table(facts, limits),
        "edits": _edits_table(facts, limits),
        "work_time": _time_table(facts, limits),
        "rules": table(
            "adjudication",
            ("decided by", "decisions"),
            list(facts.adjudication.by_rule.items()),
            [command_for(facts, "adjudication")],
            limits,
        ),
        "splits": _split_table(facts, limits),
        "steering": _steering_table(facts, limits),
        "nearest": _near_table(facts, limits),
        "distances": _distance_table(facts, limits),
        "todo": todo_table(facts, command_for(facts, "todo"), limits),
        "guideline_changes": changes_table(
            facts, ["guideline", "month"], command_for(facts, "trend"), limits
        ),
        "assisted_changes": changes_table(
            facts, ["assisted"], "curation agreement --by assisted", limits
        ),
        "releases": table(
            "releases",
            ("version", "documents", "path", "sha256"),
            [(r.version, r.documents, r.path, r.sha256) for r in facts.releases],
            [command_for(facts, "releases")],
            limits,
        ),
        "commands": table(
            "commands",
            ("number", "command"),
            [(c.gives, c.command) for c in facts.commands],
            [],
            limits,
        ),
    }


def _state_table(facts: ReportFacts, limits: Limits) -> Table:
    of = facts.status
    layers = [*of.by_layer][: limits.matrix]
    states = dict.fromkeys([*of.by_status, *(s for k in layers for s in of.by_layer[k])])
    rows: list[tuple[Cell, ...]] = [
        (state, of.by_status.get(state, 0), *(of.by_layer[k].get(state, 0) for k in layers))
        for state in states
    ]
    columns = ("status", "documents", *layers)
    return table("status", columns, rows, [command_for(facts, "status")], limits)


def _progress_table(
    facts: ReportFacts, kind: str, progress: Sequence[Progress], limits: Limits
) -> Table:
    """Counts, and where there is a forecast the pace and when nothing is left."""
    forecasts = {f.name: f for f in facts.forecasts if f.kind == kind}
    columns = [kind, "assigned", "done", "skipped"]
    commands = [command_for(facts, "status")]
    if forecasts:
        columns += ["left", "done a week", "hours left", "done by", "earliest", "latest"]
        commands.append(command_for(facts, "forecast"))
    rows: list[tuple[Cell, ...]] = [
        (p.name, p.assigned, p.done, p.skipped, *_foreseen(forecasts.get(p.name), bool(forecasts)))
        for p in progress
    ]
    return table(f"{kind}s", columns, rows, commands, limits, {0: kind})


def _foreseen(of: Forecast | None, wanted: bool) -> tuple[Cell, ...]:
    if of is None:
        return (None,) * 6 if wanted else ()
    if of.likely is None:
        return (of.left, None, None, f"undefined: {of.reason}" if of.left else "done", None, None)
    pace = None if of.per_week is None else Rough(round(of.per_week, 1))
    hours = None if of.hours is None else Rough(round(of.hours, 1))
    return (of.left, pace, hours, of.likely, of.earliest, of.latest or "not bounded")


def _survival_table(facts: ReportFacts, limits: Limits) -> Table:
    columns = ("layer", "kept", "changed", "removed", "added")
    rows = [(s.layer, s.kept, s.changed, s.removed, s.added) for s in facts.survival]
    return table("pre-annotation", columns, rows, [command_for(facts, "survival")], limits)


def _label_table(facts: ReportFacts, limits: Limits) -> Table:
    columns = ("layer", "label", "kept", "changed", "removed", "added", "kept share")
    rows = [
        (s.layer, s.label, s.kept, s.changed, s.removed, s.added, _kept_share(s))
        for s in facts.survival_by_label
    ]
    command = [command_for(facts, "survival")]
    return table("pre-annotation-by-label", columns, rows, command, limits, {1: "label"})


def _kept_share(s: Survival) -> Cell:
    suggested = s.kept + s.changed + s.removed
    return s.kept / suggested if suggested else "undefined: none suggested"


def _edits_table(facts: ReportFacts, limits: Limits) -> Table:
    columns = (
        "documents", "add", "delete", "relabel", "move boundary", "relink", "all",
        "from nothing", "kept share",
    )  # fmt: skip
    e = facts.edits
    rows: list[tuple[Cell, ...]] = []
    if e is not None:
        share: Cell = "undefined: none suggested" if e.kept_share is None else e.kept_share
        acts = (e.add, e.delete, e.relabel, e.move_boundary, e.relink)
        rows.append((e.documents, *acts, e.total, e.from_nothing, share))
    return table("edits", columns, rows, [command_for(facts, "edits")], limits)


def _time_table(facts: ReportFacts, limits: Limits) -> Table:
    columns = ("tasks of", "tasks", "median minutes", "first quartile", "third quartile")
    rows = [(time_title(t), t.n, t.median, t.q1, t.q3) for t in facts.work_time]
    return table("minutes-a-task", columns, rows, [command_for(facts, "time")], limits)


def time_title(of: WorkTime) -> str:
    """Which tasks a time is of."""
    return ", ".join(f"{k} {v}" for k, v in of.slice.items()) or "all"


def _steering_table(facts: ReportFacts, limits: Limits) -> Table:
    columns = (
        "layer", "tasks with", "tasks without", "with", "low", "high", "without", "low", "high",
        "difference", "low", "high",
    )  # fmt: skip
    rows: list[tuple[Cell, ...]] = [
        (
            s.layer, s.n_assisted, s.n_unassisted,
            s.assisted, *(s.assisted_ci or (None, None)),
            s.unassisted, *(s.unassisted_ci or (None, None)),
            s.difference, *(s.difference_ci or (None, None)),
        )
        for s in facts.steering
        if s.n_assisted and s.n_unassisted
    ]  # fmt: skip
    return table("steering", columns, rows, [command_for(facts, "steering")], limits)


def _near_table(facts: ReportFacts, limits: Limits) -> Table:
    found = facts.leakage.nearest if facts.leakage else ()
    rows = [(*p.uids, *p.parts, p.similarity) for p in found]
    columns = ("document", "other document", "part", "other part", "similarity")
    return table("nearest texts", columns, rows, [command_for(facts, "leakage")], limits)


def _distance_table(facts: ReportFacts, limits: Limits) -> Table:
    parts = facts.leakage.distances if facts.leakage else {}
    kinds = [*dict.fromkeys(k for of in parts.values() for k in of)][: limits.matrix]
    counts = facts.leakage.documents if facts.leakage else {}
    rows: list[tuple[Cell, ...]] = [
        (part, counts.get(part), *(of.get(k) for k in kinds)) for part, of in parts.items()
    ]
    columns = ("part", "documents", *kinds)
    return table("distances", columns, rows, [command_for(facts, "leakage")], limits)


def _split_table(facts: ReportFacts, limits: Limits) -> Table:
    """A row for documents, for groups and for each label; a column for each part."""
    place = {label: n for n, label in enumerate(facts.colours)}
    found = {label for s in facts.splits for label in s.labels}
    labels = sorted(found, key=lambda label: (place.get(label, len(place)), label))
    parts = facts.splits[: limits.matrix]
    counts: list[tuple[Cell, ...]] = [
        (label, *(s.labels.get(label, 0) for s in parts)) for label in labels
    ]
    rows: list[tuple[Cell, ...]] = [
        ("documents", *(s.documents for s in parts)),
        ("groups", *(s.groups for s in parts)),
        *counts,
    ]
    columns = ("number of", *(s.part for s in parts))
    command = [command_for(facts, "splits")]
    return table("splits", columns, rows if parts else [], command, limits, {0: "label"})


def _disagreement_table(facts: ReportFacts, shown: Sequence[Example], limits: Limits) -> Table:
    columns = ("uid", "language", "layer", "start", "end", "text", "annotator", "labels")
    rows = [row for example in shown for row in _differing_rows(example)]
    by = {1: "language", 6: "annotator"}
    return table("disagreements", columns, rows, [command_for(facts, "disagreements")], limits, by)


def _differing_rows(example: Example) -> Iterator[tuple[Cell, ...]]:
    for d in differences(example):
        for view, labels in zip(example.views, d.labels, strict=True):
            said = ", ".join(labels) or None
            yield (
                example.uid, example.language, d.layer, d.start, d.end, d.surface,
                view.annotator, said,
            )  # fmt: skip
