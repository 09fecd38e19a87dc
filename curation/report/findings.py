"""What a report says beyond counts and measures: forecast, to-do list, offsets, leakage.

As in `curation.report.facts` nothing here reads a store, a clock or a file.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

__all__ = [
    "Cause",
    "CauseExample",
    "Change",
    "Count",
    "Forecast",
    "Frozen",
    "Leakage",
    "NearPair",
    "Offset",
    "Steering",
]

Count = Annotated[int, Field(ge=0)]
Bounds = tuple[float, float]


class Frozen(BaseModel):
    """Facts do not change once they are gathered, and hold no number that is none."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Forecast(Frozen):
    """When the tasks that are `left` are done; days as ISO dates, see `curation.forecast`.

    `kind` says whose tasks: an annotator's, those of a language, or all. `hours` are `left` times
    the median of `n_timed` tasks with a time. `latest` is None where the pace does not bound it.
    """

    kind: Literal["annotator", "language", "all"]
    name: str = ""
    left: Count
    done: Count
    days: Count
    per_week: float | None = None
    earliest: str | None = None
    likely: str | None = None
    latest: str | None = None
    reason: str | None = None
    hours: float | None = None
    n_timed: Count = 0


class CauseExample(Frozen):
    """A disagreement in its text: `said` by annotator."""

    uid: str
    before: str
    inside: str
    after: str
    said: tuple[tuple[str, str], ...]


class Cause(Frozen):
    """One cause of disagreement and by how much `measure` would rise without it.

    `n_counted` of the `n` disagreements are looked at by the measure. `labels` are those that the
    cause is about.
    """

    layer: str
    cause: str
    detail: str
    n: Count
    n_counted: Count
    rise: float
    measure: str
    labels: tuple[str, ...] = ()
    examples: tuple[CauseExample, ...] = ()


class Offset(Frozen):
    """How often boundaries of one layer and label differ by so many code points.

    Start and end of the first annotator less those of the second; annotators in the order of
    their names.
    """

    layer: str
    label: str
    start: int
    end: int
    n: Count


class Change(Frozen):
    """A measure in `b` less the same in `a`, two values of a dimension, with its interval."""

    name: str
    dimension: str
    a: str
    b: str
    value: float | None
    ci: Bounds | None = None
    n_documents: tuple[Count, ...] = ()
    reason: str | None = None


class Steering(Frozen):
    """Exact F1 of what was handed in with the suggestion, of those who saw it and who did not."""

    layer: str
    n_assisted: Count
    n_unassisted: Count
    assisted: float | None
    assisted_ci: Bounds | None = None
    unassisted: float | None
    unassisted_ci: Bounds | None = None
    difference: float | None
    difference_ci: Bounds | None = None


class NearPair(Frozen):
    """Two Documents of different parts, and the share of the shorter text that both have."""

    uids: tuple[str, str]
    parts: tuple[str, str]
    similarity: float


class Leakage(Frozen):
    """What the parts have in common, of the Documents that a release has.

    `above` counts pairs of texts above the `threshold`, `suspects` those that may be translations,
    `events` Documents that report what another part reports, by type. `distances`: by part, how
    far its labels are from those of the whole (Jensen-Shannon divergence in bits).
    """

    holds: bool
    threshold: float
    highest: float
    above: Count
    suspects: Count
    documents: Mapping[str, Count]
    nearest: tuple[NearPair, ...] = ()
    events: Mapping[str, Count] = Field(default_factory=dict)
    distances: Mapping[str, Mapping[str, float]] = Field(default_factory=dict)
