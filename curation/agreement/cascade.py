"""The event cascade: trigger found, type, argument found, role, attributes.

Events are aligned one to one by their triggers (`matching.align`), so that a type can differ on
an event that both found. End to end each step counts against everything that was marked;
`given=before` counts it against what agreed in the step before:

    step        right where                          given=before, of
    trigger     the event is aligned
    type        and has the same type                aligned events
    argument    and both fill it with the same span  arguments of events of the same type
    role        and in the same role                 fillers that both found
    attribute   and the value is the same            events of the same type

Fillers of an event are aligned one to one too; `match` says when they are the same: exact spans,
the same last word (head), or any overlap.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from curation.agreement.coefficients import Ratings
from curation.agreement.columns import Ints, Marks, codes
from curation.agreement.pairing import Alignment, align_marks
from curation.agreement.panel import Group, Panel
from curation.agreement.registry import Measure
from curation.agreement.tables import Table, f1_score, of_ratings

__all__ = ["cascade_table", "fillers_of"]

Floats: TypeAlias = NDArray[np.float64]
Bools: TypeAlias = NDArray[np.bool_]


@dataclass(frozen=True)
class _Step:
    """One pair of annotators at one step.

    `units`: documents of what came before (aligned events, or fillers that both found), with what
    either says of it; `right`: where they agree, and the steps before held. `marked`: documents
    of all items of each side; `given`: of those left by the step before.
    """

    document: Ints
    said: tuple[Ints, Ints]
    right: Bools
    marked: tuple[Ints, Ints]
    given: tuple[Ints, Ints]


def cascade_table(measure: Measure, panel: Panel, group: Group) -> Table:
    """F1 of a step, or a chance-corrected coefficient over its units; pairs are pooled."""
    steps = [_step(measure, panel, pair) for pair in combinations(group, 2)]
    if measure.family != "f1":
        return _coefficient(measure, panel, group, steps)
    n = len(panel.uids)
    sums = np.zeros((1, n, 3))
    given = "given" in measure.parameters
    for step in steps:
        sums[0, :, 0] += np.bincount(step.document[step.right], minlength=n)
        for column, side in enumerate(step.given if given else step.marked, 1):
            sums[0, :, column] += np.bincount(side, minlength=n)
    items = sums[..., 1] + sums[..., 2] - sums[..., 0]
    names = ("matched", "first", "second")
    return Table(sums, items, panel.compared(group), f1_score, names=names)


def _coefficient(measure: Measure, panel: Panel, group: Group, steps: list[_Step]) -> Table:
    document = np.concatenate([s.document for s in steps])
    said = np.concatenate([np.stack(s.said) for s in steps], axis=1)
    q = int(said.max(initial=0)) + 1
    ratings = Ratings(said, np.ones(said.shape[1]))
    return of_ratings(measure, ratings, document, panel, group, q)


def _step(measure: Measure, panel: Panel, pair: Group) -> _Step:
    step = measure.parameters["step"]
    a, b, events = panel.aligned("triggers", pair)
    document = a["document"][events.first]
    types = a["label"][events.first], b["label"][events.second]
    same = types[0] == types[1]
    marked = a["document"], b["document"]
    if step == "trigger":
        return _Step(document, types, np.ones(len(same), dtype=np.bool_), marked, marked)
    if step == "type":
        return _Step(document, types, same, marked, (document, document))
    if step == "attribute":
        values = _values(measure, panel, pair, events)
        typed = document[same]
        said = values[0][same], values[1][same]
        return _Step(typed, said, said[0] == said[1], marked, (typed, typed))
    x, y, fillers = fillers_of(panel, pair)
    found = _found(x, y, fillers, measure.match or "exact")
    document = x["document"][fillers.first[found]]
    roles = x["label"][fillers.first[found]], y["label"][fillers.second[found]]
    both = panel.compared(pair)
    every = [panel.marks("arguments", i, both)["document"] for i in pair]
    if step == "argument":
        right = np.ones(len(document), dtype=np.bool_)
        return _Step(document, roles, right, (every[0], every[1]), (x["document"], y["document"]))
    return _Step(document, roles, roles[0] == roles[1], (every[0], every[1]), (document, document))


def _values(measure: Measure, panel: Panel, pair: Group, events: Alignment) -> tuple[Ints, Ints]:
    numbers = panel.attribute(measure.parameters["name"])[1]
    both = panel.compared(pair)
    triggers = panel.layer("triggers").by_annotator
    kept = [numbers[i][both[triggers[i]["document"]]] for i in pair]
    return kept[0][events.first], kept[1][events.second]


def fillers_of(panel: Panel, pair: Group, *, typed: bool = True) -> tuple[Marks, Marks, Alignment]:
    """Arguments of events that are aligned (and, `typed`, of one type), aligned in each event."""
    return panel.once(("fillers", pair, typed), lambda: _fillers_of(panel, pair, typed=typed))


def _fillers_of(panel: Panel, pair: Group, *, typed: bool) -> tuple[Marks, Marks, Alignment]:
    a, b, events = panel.aligned("triggers", pair)
    same = a["label"][events.first] == b["label"][events.second]
    same |= not typed
    both = panel.compared(pair)
    sides = []
    for i, triggers, rows in zip(pair, (a, b), (events.first, events.second), strict=True):
        arguments = panel.marks("arguments", i, both)
        sides.append(_of_events(arguments, triggers.take(rows[same])))
    (x, of_x), (y, of_y) = sides
    return x, y, align_marks(x, y, of_x, of_y)


def _of_events(arguments: Marks, events: Marks) -> tuple[Marks, Ints]:
    """The arguments of these events, and the number of the event of each."""
    names = {"document": "document", "start": "trigger_start", "end": "trigger_end"}
    columns = [[events[k], arguments[v]] for k, v in (names | {"label": "type"}).items()]
    coded = codes(*columns)
    known, wanted = coded[: len(events)], coded[len(events) :]
    order = np.argsort(known)
    at = np.searchsorted(known[order], wanted)
    at[at == len(order)] = 0
    held = known[order][at] == wanted if len(order) else np.zeros(len(wanted), dtype=np.bool_)
    number = order[at[held]] if len(order) else np.zeros(0, dtype=np.int64)
    return arguments.take(held), number


def _found(x: Marks, y: Marks, fillers: Alignment, match: str) -> Bools:
    """Which aligned fillers count as the same."""
    ends = x["end"][fillers.first] == y["end"][fillers.second]
    if match == "overlap":
        return np.ones(len(ends), dtype=np.bool_)
    starts = x["start"][fillers.first] == y["start"][fillers.second]
    same: Bools = ends if match == "head" else ends & starts
    return same
