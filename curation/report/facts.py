"""What a report for project leads says: counts and measures, gathered elsewhere, frozen here.

Nothing in this module reads a store, a clock or a file; `ReportFacts` is all that
`curation.report.render` knows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from curation.report.findings import (
    Cause,
    Change,
    Count,
    Forecast,
    Frozen,
    Leakage,
    Offset,
    Steering,
)

__all__ = [
    "NONE",
    "Adjudication",
    "Argument",
    "Command",
    "Confusion",
    "Edits",
    "Example",
    "Figure",
    "Mark",
    "Measure",
    "Origin",
    "Pair",
    "Progress",
    "Release",
    "ReportFacts",
    "Split",
    "Status",
    "Survival",
    "View",
    "WorkTime",
]

NONE = "NONE"
"""Row and column of a confusion matrix for “the other annotator marked nothing here”."""

Colour = Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")]
Figure = Literal[
    "status", "agreement", "pairs", "confusion", "disagreements",
    "survival", "edits", "time", "adjudication", "splits", "releases", "forecast", "todo",
    "boundaries", "trend", "steering", "leakage",
]  # fmt: skip

_USERINFO = re.compile(r"(?<=://)[^/?#]*@")


class Origin(Frozen):
    """What the facts were read from, and when; both as text to show.

    `database` is its name, not a path of somebody's machine. A user name and password in a
    database URL are cut out: they never reach a report.
    """

    database: str
    time: str

    @field_validator("database")
    @classmethod
    def _without_credentials(cls, value: str) -> str:
        return _USERINFO.sub("", value)


class Progress(Frozen):
    """Work on annotations of one annotator or one language, counted in documents per annotator."""

    name: str
    assigned: Count
    done: Count
    skipped: Count


class Status(Frozen):
    """Where the documents stand. `by_status` counts documents and adds up to `documents`.

    `by_layer` is the same for each layer, by its name.
    """

    documents: Count = 0
    by_status: Mapping[str, Count] = Field(default_factory=dict)
    by_layer: Mapping[str, Mapping[str, Count]] = Field(default_factory=dict)
    languages: tuple[Progress, ...] = ()
    annotators: tuple[Progress, ...] = ()
    quarantine: Count = 0


class _Defined(Frozen):
    """A value that is either a number, or undefined for a reason; never a stand-in zero."""

    value: float | None
    reason: str | None = None

    @model_validator(mode="after")
    def _undefined_has_a_reason(self) -> Self:
        if self.value is None and not (self.reason or "").strip():
            raise ValueError("an undefined value needs its reason")
        return self


class Measure(_Defined):
    """One agreement measure over one slice of the data.

    `name` are the words that give the number again: `curation agreement --measure NAME`.
    `ci` is a 95 % interval; where it is None and the value is not, `reason` may say why.
    `target` is what the lead has set, if anything: it is drawn, and compared with the interval.
    `command` replaces the command shown, for slices that need more options.
    """

    name: str
    ci: tuple[float, float] | None = None
    ci_method: str | None = None
    n_documents: Count
    n_items: Count
    slice: Mapping[str, str] = Field(default_factory=dict)
    target: float | None = None
    command: str | None = None


class Pair(_Defined):
    """A measure between two annotators over the documents that both of them saw."""

    annotator_a: str
    annotator_b: str
    measure: str
    n_documents: Count


class Confusion(Frozen):
    """How often one annotator's label met the other's, `NONE` where there was no counterpart.

    `counts[i][j]`: first annotator said `labels[i]`, second said `labels[j]`, over aligned spans.
    """

    layer: str
    labels: tuple[str, ...]
    counts: tuple[tuple[Count, ...], ...]
    rows: str = "first annotator"
    columns: str = "second annotator"
    n_documents: Count = 0
    measure: str | None = None

    @model_validator(mode="after")
    def _square(self) -> Self:
        size = len(self.labels)
        if len(self.counts) != size or any(len(row) != size for row in self.counts):
            raise ValueError(f"confusion of {self.layer}: counts are not {size} by {size}")
        return self


class Mark(Frozen):
    """A labelled span, half-open in code points: entity and label, or trigger and type."""

    start: Count
    end: Count
    label: str

    @model_validator(mode="after")
    def _not_empty(self) -> Self:
        if self.start >= self.end:
            raise ValueError(f"[{self.start}, {self.end}) is an empty span")
        return self

    @property
    def key(self) -> tuple[int, int, str]:
        """What makes two marks the same."""
        return (self.start, self.end, self.label)


class Argument(Frozen):
    """A role that ties a trigger to an entity; both by index in the same View."""

    role: str
    trigger: Count
    entity: Count


class View(Frozen):
    """What one annotator marked in a document."""

    annotator: str
    entities: tuple[Mark, ...] = ()
    triggers: tuple[Mark, ...] = ()
    arguments: tuple[Argument, ...] = ()

    @model_validator(mode="after")
    def _arguments_point_at_marks(self) -> Self:
        for argument in self.arguments:
            if argument.trigger >= len(self.triggers) or argument.entity >= len(self.entities):
                raise ValueError(f"{self.annotator}: {argument.role} points at no mark")
        return self


class Example(Frozen):
    """A document that annotators disagree about, as each of them marked it."""

    uid: str
    language: str
    text: str
    views: tuple[View, ...]
    task_url: str | None = None

    @model_validator(mode="after")
    def _marks_are_inside(self) -> Self:
        size = len(self.text)
        for view in self.views:
            if any(mark.end > size for mark in (*view.entities, *view.triggers)):
                raise ValueError(
                    f"{self.uid}: {view.annotator} has a mark past the end of the text"
                )
        return self


class Survival(Frozen):
    """What became of the suggestions of one layer once a person was done with them.

    With `label` it is about that label (event type, role) of the layer only.
    """

    layer: str
    label: str | None = None
    kept: Count
    changed: Count
    removed: Count
    added: Count


class Edits(Frozen):
    """Single acts that turned suggestions into what was handed in, as `curation evaluate` counts.

    `from_nothing` is how many it would have taken without suggestions, `documents` how often a
    document was corrected (by each person who did).
    """

    documents: Count
    add: Count
    delete: Count
    relabel: Count
    move_boundary: Count
    relink: Count
    from_nothing: Count
    kept_share: float | None

    @property
    def total(self) -> int:
        """All acts that were done."""
        return self.add + self.delete + self.relabel + self.move_boundary + self.relink


class WorkTime(Frozen):
    """Minutes of work a task, over `n` tasks: median and quartiles; None where n is 0."""

    slice: Mapping[str, str] = Field(default_factory=dict)
    n: Count
    median: float | None
    q1: float | None
    q3: float | None


class Adjudication(Frozen):
    """Positions that were agreed or disputed, and how many disputes each rule settled."""

    agreed: Count = 0
    disputed: Count = 0
    by_rule: Mapping[str, Count] = Field(default_factory=dict)


class Split(Frozen):
    """One part of the split; `labels` counts items, `groups` what must stay together."""

    part: str
    documents: Count
    groups: Count
    labels: Mapping[str, Count] = Field(default_factory=dict)


class Release(Frozen):
    """An immutable, versioned dataset and the checksum it can be verified with."""

    version: str
    path: str
    sha256: str
    documents: Count


class Command(Frozen):
    """A command line and the number it gives; with `figure` it is shown beside that figure."""

    command: str
    gives: str
    figure: Figure | None = None


class ReportFacts(Frozen):
    """All that a report says. `colours` maps entity labels and event types to #rrggbb.

    `guidelines`: by month, how many of its documents were done by which version of the guideline.
    `no_leakage` says why there is no certificate.
    """

    title: str
    generated_from: Origin
    sample: bool = False
    status: Status = Status()
    measures: tuple[Measure, ...] = ()
    pairs: tuple[Pair, ...] = ()
    confusions: tuple[Confusion, ...] = ()
    examples: tuple[Example, ...] = ()
    forecasts: tuple[Forecast, ...] = ()
    causes: tuple[Cause, ...] = ()
    offsets: tuple[Offset, ...] = ()
    changes: tuple[Change, ...] = ()
    guidelines: Mapping[str, Mapping[str, Count]] = Field(default_factory=dict)
    steering: tuple[Steering, ...] = ()
    leakage: Leakage | None = None
    no_leakage: str | None = None
    survival: tuple[Survival, ...] = ()
    survival_by_label: tuple[Survival, ...] = ()
    edits: Edits | None = None
    work_time: tuple[WorkTime, ...] = ()
    adjudication: Adjudication = Adjudication()
    splits: tuple[Split, ...] = ()
    releases: tuple[Release, ...] = ()
    commands: tuple[Command, ...] = ()
    colours: Mapping[str, Colour] = Field(default_factory=dict)
    left_out: tuple[str, ...] = ()
