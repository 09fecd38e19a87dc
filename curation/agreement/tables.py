"""Per-document sums of every measure: the tables that scores and intervals are made of.

A table has three axes: slices (all, then one a label), documents, sums. Rows of documents that
cannot be compared are zero, so tables of several pairs of annotators add up to a pooled one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from itertools import combinations
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from curation.agreement import items as extract
from curation.agreement.coefficients import Ratings, from_sums, sums_of
from curation.agreement.items import Item, by_label, item_label
from curation.agreement.keys import Keys, keys_of
from curation.agreement.matching import matched, matched_by_label
from curation.agreement.registry import Measure
from curation.agreement.units import attribute_ratings, character_ratings
from curation.errors import InputError
from curation.model import AnnotationSet

__all__ = ["Panel", "Table", "f1_score", "panel_of", "score_of"]

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
Group: TypeAlias = tuple[int, ...]
"""Positions of annotators in a panel."""
ItemRow: TypeAlias = list[frozenset[Item] | None]

_NO_KEYS = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True)
class Panel:
    """AnnotationSets arranged as documents x annotators; None: did not see it.

    Documents are in the order of their uids, annotators in the order of their names.
    """

    uids: tuple[str, ...]
    annotators: tuple[str, ...]
    sets: tuple[tuple[AnnotationSet | None, ...], ...]
    lengths: Mapping[str, int]
    _items: dict[str, list[ItemRow]] = field(default_factory=dict, repr=False, compare=False)
    _keys: dict[str, Keys] = field(default_factory=dict, repr=False, compare=False)
    _tables: dict[tuple[str, Group], Table] = field(default_factory=dict, repr=False, compare=False)

    def items(self, layer: str) -> list[ItemRow]:
        """Items of a layer, documents x annotators; made once."""
        if layer not in self._items:
            self._items[layer] = [
                [None if s is None else extract.items(s, layer) for s in row] for row in self.sets
            ]
        return self._items[layer]

    def keys(self, layer: str) -> Keys:
        """Items of "entities" or "triggers" as integers; made once."""
        if layer not in self._keys:
            self._keys[layer] = keys_of(self.sets, layer, len(self.annotators))
        return self._keys[layer]

    def table(self, measure: Measure, group: Group) -> Table:
        """The table of a measure for the annotators in `group`; made once."""
        key = str(measure), group
        if key not in self._tables:
            self._tables[key] = _maker(measure)(measure, self, group)
        return self._tables[key]

    @property
    def pairs(self) -> tuple[Group, ...]:
        """Every two annotators."""
        return tuple(combinations(range(len(self.annotators)), 2))

    def compared(self, group: Group) -> NDArray[np.bool_]:
        """Which documents two or more annotators of the group have seen."""
        seen = [sum(row[i] is not None for i in group) >= 2 for row in self.sets]
        return np.array(seen, dtype=np.bool_)


def panel_of(sets: Iterable[AnnotationSet], lengths: Mapping[str, int] | None = None) -> Panel:
    """Arranges sets; InputError where an annotator has two for one document."""
    by_place: dict[tuple[str, str], AnnotationSet] = {}
    for s in sets:
        if (s.uid, s.annotator) in by_place:
            raise InputError(
                f"{s.annotator} has two annotation sets for this document",
                where=s.uid,
                hint="compare one version at a time",
            )
        by_place[s.uid, s.annotator] = s
    uids = tuple(sorted({uid for uid, _ in by_place}))
    annotators = tuple(sorted({name for _, name in by_place}))
    rows = tuple(tuple(by_place.get((uid, name)) for name in annotators) for uid in uids)
    return Panel(uids, annotators, rows, lengths or {})


@dataclass(frozen=True)
class Table:
    """Sums of one measure over one group of annotators.

    `sums` is slices x documents x columns and `items` slices x documents; slice 0 is everything,
    slice i + 1 is `labels[i]`. `compared` tells which documents count at all.
    """

    sums: Floats
    items: Floats
    compared: NDArray[np.bool_]
    labels: tuple[str, ...] = ()


def f1_score(sums: Floats) -> Floats:
    """2·matched / (items of the first + items of the second); NaN where nobody marked anything."""
    marked = sums[..., 1] + sums[..., 2]
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(marked > 0, 2 * sums[..., 0] / marked, np.nan)


def score_of(measure: Measure) -> Callable[[Floats], Floats]:
    """Rows of sums -> values, for the tables of that measure."""
    if measure.family == "f1":
        return f1_score
    return lambda sums: from_sums(measure.family, sums)


def _maker(measure: Measure) -> Callable[[Measure, Panel, Group], Table]:
    if measure.family != "f1":
        return _coefficient_table
    return _argument_table if measure.layer == "arguments" else _span_table


def _span_table(measure: Measure, panel: Panel, group: Group) -> Table:
    """F1 of entities or triggers: what keys can count, and the rest document by document."""
    keys = panel.keys(measure.layer)
    labels = keys.labels if measure.by_label else ()
    slices = slice(0, 1 + len(labels))
    sums = np.zeros((1 + len(labels), len(panel.uids), 3))
    for pair in combinations(group, 2):
        first, second = (keys.within(i, panel.compared(pair)) for i in pair)
        sums[:, :, 0] += _matches(measure, panel, pair, (first, second))[slices]
        sums[:, :, 1] += keys.tally(first)[slices]
        sums[:, :, 2] += keys.tally(second)[slices]
    compared = panel.compared(group)
    marked = np.concatenate([keys.within(i, compared) for i in group] or [_NO_KEYS])
    return Table(sums, keys.tally(np.unique(marked))[slices], compared, labels)


def _matches(measure: Measure, panel: Panel, pair: Group, keys: tuple[Ints, Ints]) -> Floats:
    """Matched credit of two annotators: all and, if typed, each label x documents."""
    index = panel.keys(measure.layer)
    if measure.match == "exact":
        return index.tally(np.intersect1d(*keys, assume_unique=True))
    if measure.match == "boundary":
        return index.same_spans(*keys)[None, :]
    labels = index.labels if measure.by_label else ()
    credit = np.zeros((1 + len(labels), len(panel.uids)))
    for document, first, second in _shared(measure, panel, pair):
        credit[:, document] = _credit(measure, first, second, labels)
    return credit


def _credit(
    measure: Measure, first: frozenset[Item], second: frozenset[Item], labels: Sequence[str]
) -> list[float]:
    """Matched credit in one document: all, then each label."""
    if not measure.by_label:
        return [matched(first, second, measure.match)]
    found = matched_by_label(first, second, measure.match)
    return [found.total(), *(found[label] for label in labels)]


def _argument_table(measure: Measure, panel: Panel, group: Group) -> Table:
    rows = panel.items("arguments")
    roles = {item_label(item) for row in rows for s in row if s for item in s}
    labels = tuple(sorted(roles)) if measure.by_label else ()
    sums = np.zeros((1 + len(labels), len(rows), 3))
    marked: list[set[Item]] = [set() for _ in rows]
    for pair in combinations(group, 2):
        for document, first, second in _shared(measure, panel, pair):
            sums[:, document, 0] += _credit(measure, first, second, labels)
            sums[:, document, 1] += _sizes(first, labels)
            sums[:, document, 2] += _sizes(second, labels)
            marked[document] |= first | second
    distinct = np.array([_sizes(items, labels) for items in marked], dtype=np.float64)
    distinct = distinct.reshape(len(rows), 1 + len(labels)).T
    return Table(sums, distinct, panel.compared(group), labels)


def _sizes(items: Set[Item], labels: Sequence[str]) -> list[int]:
    """How many items: all, then each label."""
    counted = by_label(items) if labels else Counter()
    return [len(items), *(counted[label] for label in labels)]


def _shared(
    measure: Measure, panel: Panel, pair: Group
) -> list[tuple[int, frozenset[Item], frozenset[Item]]]:
    """(document, items of one, items of the other) wherever both have seen the document."""
    one, other = pair
    found = []
    for document, row in enumerate(panel.items(measure.layer)):
        first, second = row[one], row[other]
        if first is not None and second is not None:
            found.append((document, first, second))
    if "given" not in measure.parameters:
        return found
    return [(d, *_given_trigger(a, b, panel.items("triggers")[d], pair)) for d, a, b in found]


def _given_trigger(
    first: frozenset[Item], second: frozenset[Item], row: ItemRow, pair: Group
) -> tuple[frozenset[Item], frozenset[Item]]:
    """Only the arguments of triggers (span and type) that both annotators have."""
    both = (row[pair[0]] or frozenset()) & (row[pair[1]] or frozenset())
    return (
        frozenset(item for item in first if item[3:] in both),
        frozenset(item for item in second if item[3:] in both),
    )


def _coefficient_table(measure: Measure, panel: Panel, group: Group) -> Table:
    numbers: dict[Hashable, int] = {}
    compared = panel.compared(group)
    if measure.needs_lengths:
        compared &= np.array([uid in panel.lengths for uid in panel.uids], dtype=np.bool_)
    ratings = [
        _ratings(measure, panel, document, group, numbers) if compared[document] else None
        for document in range(len(panel.uids))
    ]
    q = len(numbers)
    sums = np.zeros((1, len(ratings), 2 + 2 * q))
    counts = np.zeros((1, len(ratings)))
    for document, rated in enumerate(ratings):
        if rated is not None:
            sums[0, document] = sums_of(measure.family, rated, q)
            counts[0, document] = rated.n_units
    return Table(sums, counts, compared)


def _ratings(
    measure: Measure, panel: Panel, document: int, group: Group, numbers: dict[Hashable, int]
) -> Ratings:
    if not measure.needs_lengths:
        sets = [panel.sets[document][i] for i in group]
        return attribute_ratings(sets, measure.parameters["name"], numbers)
    spans = [panel.items(measure.layer)[document][i] for i in group]
    with_background = measure.parameters.get("background") != "excluded"
    length = panel.lengths[panel.uids[document]]
    return character_ratings(spans, length, numbers, background=with_background)
