"""The tables of counts, by the name of their section."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from curation.report.documents import differences
from curation.report.escape import Cell
from curation.report.facts import Example, Figure, ReportFacts, Survival
from curation.report.figures import Limits, Table, table

__all__ = ["command_for", "tables"]

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
}


def command_for(facts: ReportFacts, figure: Figure) -> str:
    """The command that gives the numbers of a figure: the caller's, else the usual one."""
    chosen = (c.command for c in facts.commands if c.figure == figure)
    return next(chosen, _COMMANDS[figure])


def tables(facts: ReportFacts, shown: Sequence[Example], limits: Limits) -> dict[str, Table]:
    """The tables of counts, by the name of their section."""
    status = [command_for(facts, "status")]
    progress = ("name", "assigned", "done", "skipped")
    people = [(p.name, p.assigned, p.done, p.skipped) for p in facts.status.annotators]
    languages = [(p.name, p.assigned, p.done, p.skipped) for p in facts.status.languages]
    states = list(facts.status.by_status.items())
    return {
        "states": table("status", ("status", "documents"), states, status, limits),
        "annotators": table("annotators", progress, people, status, limits),
        "languages": table("languages", progress, languages, status, limits),
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
    return table("pre-annotation-by-label", columns, rows, command, limits)


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
    rows = [
        (", ".join(f"{k} {v}" for k, v in t.slice.items()) or "all", t.n, t.median, t.q1, t.q3)
        for t in facts.work_time
    ]
    return table("minutes-a-task", columns, rows, [command_for(facts, "time")], limits)


def _split_table(facts: ReportFacts, limits: Limits) -> Table:
    place = {label: n for n, label in enumerate(facts.colours)}
    found = {label for s in facts.splits for label in s.labels}
    labels = sorted(found, key=lambda label: (place.get(label, len(place)), label))
    columns = ("part", "documents", "groups", *labels[: limits.matrix])
    rows: list[tuple[Cell, ...]] = [
        (s.part, s.documents, s.groups, *(s.labels.get(k, 0) for k in labels[: limits.matrix]))
        for s in facts.splits
    ]
    return table("splits", columns, rows, [command_for(facts, "splits")], limits)


def _disagreement_table(facts: ReportFacts, shown: Sequence[Example], limits: Limits) -> Table:
    columns = ("uid", "language", "layer", "start", "end", "text", "annotator", "labels")
    rows = [row for example in shown for row in _differing_rows(example)]
    return table("disagreements", columns, rows, [command_for(facts, "disagreements")], limits)


def _differing_rows(example: Example) -> Iterator[tuple[Cell, ...]]:
    for d in differences(example):
        for view, labels in zip(example.views, d.labels, strict=True):
            said = ", ".join(labels) or None
            yield (
                example.uid, example.language, d.layer, d.start, d.end, d.surface,
                view.annotator, said,
            )  # fmt: skip
