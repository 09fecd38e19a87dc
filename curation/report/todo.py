"""The to-do list of the guideline: causes of disagreement, the one that costs most first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from curation.report.escape import Cell, shorten
from curation.report.facts import ReportFacts
from curation.report.figures import Limits, Table, table
from curation.report.findings import Cause, CauseExample

__all__ = ["Todo", "todo", "todo_table"]

_WORDS: Mapping[str, tuple[str, str]] = {
    "boundary": ("Say where", "starts and where it ends"),
    "label": ("Say how to tell", "apart"),
    "missed": ("Say when", "is to be marked: one annotator did, the other did not"),
    "split": ("Say when", "is one item and when it is two"),
    "type": ("Say how to tell the event types", "apart"),
    "role": ("Say how to tell the roles", "apart"),
    "swapped": ("Say who is who of", "where two roles of an event are exchanged"),
    "attribute": ("Say how the answers to", "are chosen"),
}
_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Todo:
    """One thing to write into the guideline: words before and after the names it is about."""

    before: str
    names: str
    after: str
    cause: Cause
    examples: tuple[CauseExample, ...]


def todo(facts: ReportFacts, limits: Limits) -> tuple[Todo, ...]:
    """The causes with the largest rise, those that raise nothing left out."""
    causes = [c for c in facts.causes if c.rise > 0][: min(_SHOWN, limits.rows)]
    return tuple(_todo(cause, limits) for cause in causes)


def _todo(cause: Cause, limits: Limits) -> Todo:
    before, after = _WORDS.get(cause.cause, (cause.cause, ""))
    examples = tuple(
        CauseExample(
            uid=shorten(e.uid, limits.name),
            before=e.before[-80:],
            inside=shorten(e.inside, 160),
            after=e.after[:80],
            said=tuple((shorten(n, 60), shorten(words, 160)) for n, words in e.said[:4]),
        )
        for e in cause.examples[:3]
    )
    return Todo(before, shorten(cause.detail, limits.name), after, cause, examples)


def todo_table(facts: ReportFacts, command: str, limits: Limits) -> Table:
    """All causes that the facts have."""
    columns = ("layer", "cause", "what", "disagreements", "counted", "gain", "measure")
    rows: list[tuple[Cell, ...]] = [
        (c.layer, c.cause, c.detail, c.n, c.n_counted, c.rise, c.measure) for c in facts.causes
    ]
    return table("guideline to-do", columns, rows, [command], limits)
