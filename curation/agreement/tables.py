"""Per-document sums of every measure: the tables that scores and intervals are made of.

A table has three axes: slices (all, then one a label), documents, sums. Rows of documents that
cannot be compared are zero, so tables of several pairs of annotators add up to a pooled one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import combinations
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from curation.agreement.coefficients import Ratings, from_sums, sums_by_document
from curation.agreement.columns import Ints, Marks, codes
from curation.agreement.distances import jaccard_distance, masi_distance
from curation.agreement.pairing import credit
from curation.agreement.panel import Group, Panel
from curation.agreement.registry import Measure

__all__ = [
    "Score",
    "Table",
    "f1_score",
    "marked_by_label",
    "of_ratings",
    "on_shared_triggers",
    "union_of",
]

Floats: TypeAlias = NDArray[np.float64]
Bools: TypeAlias = NDArray[np.bool_]
Score: TypeAlias = Callable[[Floats], Floats]


@dataclass(frozen=True)
class Table:
    """Sums of one measure over one group of annotators, and the score that reads them.

    `sums` is slices x documents x columns and `items` slices x documents; slice 0 is everything,
    slice i + 1 is `labels[i]`. `compared` tells which documents count at all.
    """

    sums: Floats
    items: Floats
    compared: Bools
    score: Score
    labels: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    """What the columns count, where a reader wants to see the counts."""
    spread: Score | None = None
    """Rows of sums -> population standard deviation of what the score is the mean of."""


def f1_score(sums: Floats) -> Floats:
    """2·matched / (items of the first + items of the second); NaN where nobody marked anything."""
    marked = sums[..., 1] + sums[..., 2]
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(marked > 0, 2 * sums[..., 0] / marked, np.nan)


def span_table(measure: Measure, panel: Panel, group: Group) -> Table:
    """F1 of entities, triggers or arguments, counts pooled over pairs."""
    layer = panel.layer(measure.layer)
    labels = layer.labels if measure.by_label else ()
    shape = (1 + len(labels), len(panel.uids))
    sums = np.zeros((*shape, 3))
    for pair in combinations(group, 2):
        sides = _sides(measure, panel, pair)
        sums[:, :, 0] += credit(*sides, measure.match, len(panel.uids), len(labels))
        for column, side in enumerate(sides, 1):
            sums[:, :, column] += marked_by_label(side, *shape)
    distinct = _distinct(measure, panel, group, sums)
    names = ("matched", "first", "second")
    return Table(sums, distinct, panel.compared(group), f1_score, labels, names)


def _distinct(measure: Measure, panel: Panel, group: Group, sums: Floats) -> Floats:
    """Different items of all in the group: (all, then each label) x documents."""
    if len(group) == 2 and measure.match == "exact":
        found: Floats = sums[:, :, 1] + sums[:, :, 2] - sums[:, :, 0]
        return found
    given = "given" in measure.parameters
    every = panel.once(
        ("distinct", measure.layer, given, group),
        lambda: _every(measure, panel, group),
    )
    return every[: sums.shape[0]]


def _every(measure: Measure, panel: Panel, group: Group) -> Floats:
    shape = (1 + len(panel.layer(measure.layer).labels), len(panel.uids))
    marked = [side for pair in combinations(group, 2) for side in _sides(measure, panel, pair)]
    return marked_by_label(union_of(marked), *shape) if marked else np.zeros(shape)


def _sides(measure: Measure, panel: Panel, pair: Group) -> tuple[Marks, Marks]:
    """Both annotators' items of documents that both have seen."""
    both = panel.compared(pair)
    a, b = (panel.marks(measure.layer, i, both) for i in pair)
    if measure.layer != "arguments" or "given" not in measure.parameters:
        return a, b
    on_a, on_b = on_shared_triggers(panel, pair, [a, b])
    return a.take(on_a), b.take(on_b)


_TRIGGERS = {
    "document": "document",
    "trigger_start": "start",
    "trigger_end": "end",
    "type": "label",
}
"""Columns of arguments -> those of the triggers they hang on."""


def on_shared_triggers(panel: Panel, pair: Group, arguments: Sequence[Marks]) -> list[Bools]:
    """Which arguments hang on a trigger, span and type, that both annotators have."""
    both = panel.compared(pair)
    x, y = (panel.marks("triggers", i, both) for i in pair)
    columns = ([*(m[k] for m in arguments), x[t], y[t]] for k, t in _TRIGGERS.items())
    cuts = np.cumsum([len(m) for m in (*arguments, x)])
    *parts, of_x, of_y = np.split(codes(*columns), cuts)
    shared = np.intersect1d(of_x, of_y)
    return [np.isin(part, shared) for part in parts]


def marked_by_label(marks: Marks, slices: int, documents: int) -> Floats:
    """How many items: (all, then each label) x documents."""
    counts = np.zeros((slices, documents))
    counts[0] = np.bincount(marks["document"], minlength=documents)
    if slices > 1:
        cells = marks["label"] * documents + marks["document"]
        counts[1:] = np.bincount(cells, minlength=(slices - 1) * documents).reshape(-1, documents)
    return counts


_KEYS = ("document", "start", "end", "label", "trigger_start", "trigger_end", "type")


def union_of(marks: Sequence[Marks]) -> Marks:
    """Different items of several annotators."""
    names = [name for name in _KEYS if name in marks[0].columns]
    joined = Marks({name: np.concatenate([m[name] for m in marks]) for name in names})
    keys = [m.key for m in marks if m.key is not None]
    same = len(keys) == len(marks)
    coded = np.concatenate(keys) if same else codes(*([joined[n]] for n in names))
    return joined.take(np.unique(coded, return_index=True)[1])


def of_ratings(
    measure: Measure, ratings: Ratings, document: Ints, panel: Panel, group: Group, q: int
) -> Table:
    """A chance-corrected measure over rated units."""
    n = len(panel.uids)
    family = measure.family
    sums = sums_by_document(family, ratings, q, document, n)
    pairable = np.where((ratings.categories >= 0).sum(axis=0) >= 2, ratings.weights, 0.0)
    items = np.bincount(document, pairable, n)[None, :].astype(np.float64)
    return Table(sums[None], items, panel.compared(group), lambda rows: from_sums(family, rows))


def unit_table(measure: Measure, panel: Panel, group: Group) -> Table:
    """Labels over each character or word."""
    unit = measure.parameters["unit"]
    rated = panel.rated(unit, measure.layer)
    categories = rated.ratings.categories[list(group)]
    kept = (categories >= 0).sum(axis=0) >= 2
    if measure.parameters.get("background") == "excluded":
        kept &= (categories > 0).any(axis=0)
    ratings = Ratings(categories[:, kept], rated.ratings.weights[kept])
    q = len(rated.categories)
    distance = measure.parameters.get("distance", "nominal")
    document = rated.document[kept]
    if distance == "nominal":
        table = of_ratings(measure, ratings, document, panel, group, q)
    else:
        between = _DISTANCES[distance]
        apart = np.array([[between(a, b) for b in rated.categories] for a in rated.categories])
        table = _distance_table(ratings, document, panel, group, apart)
    measurable = panel.measurable(unit)
    return Table(table.sums, table.items, table.compared & measurable, table.score)


_DISTANCES: Mapping[str, Callable[[Set[Any], Set[Any]], float]] = {
    "masi": masi_distance,
    "jaccard": jaccard_distance,
}


def _distance_table(
    ratings: Ratings, document: Ints, panel: Panel, group: Group, apart: Floats
) -> Table:
    """Alpha with distances between categories: sums [disagreement, ratings, marginals]."""
    n, q = len(panel.uids), len(apart)
    hot = (ratings.categories[:, :, None] == np.arange(q)).sum(axis=0).astype(np.float64)
    raters = hot.sum(axis=1)
    within = (hot * (hot @ apart)).sum(axis=1) / np.maximum(raters - 1, 1) * ratings.weights
    columns = [within, raters * ratings.weights, *(hot * ratings.weights[:, None]).T]
    sums = np.stack([np.bincount(document, c, n) for c in columns], axis=1).astype(np.float64)
    items = np.bincount(document, ratings.weights, n)[None, :].astype(np.float64)

    def score(rows: Floats) -> Floats:
        total, margins = rows[..., 1], rows[..., 2:]
        chance = ((margins @ apart) * margins).sum(axis=-1)
        with np.errstate(invalid="ignore", divide="ignore"):
            value = 1 - (rows[..., 0] / total) / (chance / (total * (total - 1)))
        return np.where(chance > 0, value, np.nan)

    return Table(sums[None], items, panel.compared(group), score)


def attribute_table(measure: Measure, panel: Panel, group: Group) -> Table:
    """Values of an attribute on triggers (span and type): units are those that have it somewhere.

    Who did not find a trigger does not rate it; who left the attribute out rates it "".
    """
    values, numbers = panel.attribute(measure.parameters["name"])
    marks = [panel.layer("triggers").by_annotator[i] for i in group]
    coded = codes(*([m[name] for m in marks] for name in ("document", "start", "end", "label")))
    units, first, place = np.unique(coded, return_index=True, return_inverse=True)
    categories = np.full((len(group), len(units)), -1, dtype=np.int64)
    cuts = np.cumsum([len(m) for m in marks])[:-1]
    for row, (at, i) in enumerate(zip(np.split(place, cuts), group, strict=True)):
        categories[row, at] = numbers[i]
    document = np.concatenate([m["document"] for m in marks])[first]
    kept = (categories > 0).any(axis=0)
    ratings = Ratings(categories[:, kept], np.ones(int(kept.sum())))
    return of_ratings(measure, ratings, document[kept], panel, group, len(values))
