"""Matching and alignment of two annotators over a whole panel: `matching` without Python loops.

Items are compared within groups (a document, or a label of a document). Items that hang together
by overlap form components; nearly all have at most one item of a side, and count themselves. The
few that are left are solved one by one, as in `matching`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from curation.agreement.columns import Ints, Marks, codes
from curation.agreement.matching import assigned, largest

__all__ = ["Alignment", "align_marks", "components_of", "credit"]

Floats: TypeAlias = NDArray[np.float64]
Bools: TypeAlias = NDArray[np.bool_]

_LIMIT = 2**62
_NONE = np.zeros(0, dtype=np.int64)


def components_of(group: Ints, start: Ints, end: Ints) -> Ints:
    """Number of the component of every item: overlapping items of one group, and what they reach.

    Touching items do not overlap.
    """
    if not len(group):
        return _NONE
    width = int(end.max()) + 1
    if int(group.max()) >= _LIMIT // width:
        ranks = np.unique(np.concatenate([start, end]), return_inverse=True)[1]
        start, end, width = ranks[: len(start)], ranks[len(start) :], len(ranks) + 1
        group = np.unique(group, return_inverse=True)[1]
    low, high = group * width + start, group * width + end
    order = np.argsort(low, kind="stable")
    reach = np.maximum.accumulate(high[order])
    first = np.ones(len(order), dtype=np.bool_)
    first[1:] = low[order][1:] >= reach[:-1]
    found = np.empty(len(order), dtype=np.int64)
    found[order] = np.cumsum(first) - 1
    return found


def credit(a: Marks, b: Marks, match: str, documents: int, labels: int = 0) -> Floats:
    """Matched credit: (all, then each of `labels`) x documents.

    `labels` is 0 for the modes in which items of different labels match.
    """
    if match in _IDENTICAL:
        return _identical(a, b, match, documents, labels)
    if match == "boundary":
        return _tally(_same_spans(a, b)[0], a["document"], documents)
    if match == "partial":
        same, rest_a, rest_b = _same_spans(a, b)
        whole = _tally(same, a["document"], documents)
        return whole + _overlapping(a.take(rest_a), b.take(rest_b), documents) / 2
    if match == "overlap_any":
        return _overlapping(a, b, documents)
    return _overlapping(a, b, documents, labels)


_TRIGGER = ("trigger_start", "trigger_end", "type")
_IDENTICAL = {
    "exact": ("start", "end", "label", *_TRIGGER),
    "strict": ("start", "end", "label", "filler", *_TRIGGER),
    "head": ("end", "label", *_TRIGGER),
    "span": ("start", "end", "trigger_start", "trigger_end"),
}
"""What must be equal. The head of a filler is its last word: fillers that end alike."""


def _identical(a: Marks, b: Marks, match: str, documents: int, labels: int) -> Floats:
    """Rows that both have, as often as both have them."""
    if match == "exact" and a.key is not None and b.key is not None:
        taken = np.flatnonzero(np.isin(a.key, b.key, assume_unique=True))
    else:
        names = [n for n in ("document", *_IDENTICAL[match]) if n in a.columns]
        taken = _shared(codes(*([a[n], b[n]] for n in names)), len(a))[0]
    counts = _tally(taken, a["document"], documents)
    if not labels:
        return counts
    by_label = np.bincount(
        a["label"][taken] * documents + a["document"][taken], minlength=labels * documents
    )
    return np.concatenate([counts, by_label.reshape(labels, documents)])


def _shared(coded: Ints, n_first: int) -> tuple[Ints, Ints]:
    """Positions of the first and of the second side that pair off by equal codes."""
    first, second = _numbered(coded[:n_first]), _numbered(coded[n_first:])
    both = codes([first[0], second[0]], [first[1], second[1]])
    return np.intersect1d(both[:n_first], both[n_first:], assume_unique=True, return_indices=True)[
        1:
    ]


def _numbered(coded: Ints) -> tuple[Ints, Ints]:
    """The codes, and how many equal ones stood before each."""
    order = np.argsort(coded, kind="stable")
    ordered = coded[order]
    new = np.ones(len(order), dtype=np.bool_)
    new[1:] = ordered[1:] != ordered[:-1]
    begins = np.flatnonzero(new)
    sizes = np.diff(np.append(begins, len(order)))
    repeated = np.empty(len(order), dtype=np.int64)
    repeated[order] = np.arange(len(order)) - np.repeat(begins, sizes)
    return coded, repeated


def _same_spans(a: Marks, b: Marks) -> tuple[Ints, Bools, Bools]:
    """Positions of a with a twin of the same spans in b; masks of what is left of both."""
    names = [n for n in ("document", "start", "end", *_TRIGGER[:2]) if n in a.columns]
    first, second = _shared(codes(*([a[n], b[n]] for n in names)), len(a))
    rest_a, rest_b = np.ones(len(a), dtype=np.bool_), np.ones(len(b), dtype=np.bool_)
    rest_a[first], rest_b[second] = False, False
    return first, rest_a, rest_b


def _tally(rows: Ints, document: Ints, documents: int) -> Floats:
    return np.bincount(document[rows], minlength=documents)[None, :].astype(np.float64)


def _overlapping(a: Marks, b: Marks, documents: int, labels: int | None = None) -> Floats:
    """Largest one-to-one matching; with `labels` (even 0) among items of the same types."""
    typed = labels is not None
    total = np.zeros((1 + (labels or 0), documents))
    if not len(a) or not len(b):
        return total
    document = np.concatenate([a["document"], b["document"]])
    label = np.concatenate([a["label"], b["label"]])
    group = codes([document], [label]) if typed else document
    if "type" in a.columns and typed:
        group = codes([group], [np.concatenate([a["type"], b["type"]])])
    for component, matches in _matches(a, b, group):
        total[0] += np.bincount(document[component], matches, documents)
        if labels:
            cells = label[component] * documents + document[component]
            total[1:] += np.bincount(cells, matches, labels * documents).reshape(labels, -1)
    return total


def _matches(a: Marks, b: Marks, group: Ints) -> Iterator[tuple[Ints, Floats]]:
    """(an item of each component, its matches), the components in two lots."""
    doubled: Bools = np.zeros(len(group), dtype=np.bool_)
    if "trigger_start" in a.columns:
        group, doubled = _within_triggers(a, b, group)
    ids = components_of(
        group, np.concatenate([a["start"], b["start"]]), np.concatenate([a["end"], b["end"]])
    )
    n = int(ids.max()) + 1
    ours, theirs = (np.bincount(side, minlength=n) for side in (ids[: len(a)], ids[len(a) :]))
    least = np.minimum(ours, theirs)
    hard = least > 1
    hard = hard | ((np.bincount(ids, doubled, n) > 0) & (least > 0))
    member = np.unique(ids, return_index=True)[1]
    yield member[~hard], least[~hard].astype(np.float64)
    sizes = [float(largest(*both)) for both in _members(a, b, ids, hard)]
    yield member[hard], np.array(sizes)


def _within_triggers(a: Marks, b: Marks, group: Ints) -> tuple[Ints, Bools]:
    """Groups by overlapping triggers; and where these hold several triggers of one side."""
    starts = np.concatenate([a["trigger_start"], b["trigger_start"]])
    ends = np.concatenate([a["trigger_end"], b["trigger_end"]])
    ids = components_of(group, starts, ends)
    side = np.repeat([0, 1], [len(a), len(b)])
    distinct = np.unique(codes([ids], [side], [starts], [ends]), return_index=True)[1]
    n = int(ids.max(initial=-1)) + 1
    several = np.zeros(n, dtype=np.bool_)
    for one in (0, 1):
        several |= np.bincount(ids[distinct][side[distinct] == one], minlength=n) > 1
    return ids, several[ids]


def _members(a: Marks, b: Marks, ids: Ints, hard: Bools) -> Iterator[tuple[list[Any], list[Any]]]:
    """Items of both sides of every hard component, in the order of the components."""
    for first, second in _positions(ids, len(a), hard):
        yield [_item(a, i) for i in first], [_item(b, i) for i in second]


def _positions(ids: Ints, n_first: int, wanted: Bools) -> Iterator[tuple[list[int], list[int]]]:
    """Positions on either side of the items of each wanted component."""
    rows = np.flatnonzero(wanted[ids])
    rows = rows[np.argsort(ids[rows], kind="stable")]
    cuts = np.flatnonzero(np.diff(ids[rows])) + 1
    for members in np.split(rows, cuts) if len(rows) else ():
        yield members[members < n_first].tolist(), (members[members >= n_first] - n_first).tolist()


def _item(marks: Marks, row: int) -> tuple[int, ...]:
    names = ("start", "end", "label", "trigger_start", "trigger_end", "type")
    return tuple(int(marks[n][row]) for n in names if n in marks.columns)


@dataclass(frozen=True)
class Alignment:
    """Positions in the items of two annotators: `first[i]` is aligned with `second[i]`.

    `only_first` and `only_second` have no counterpart.
    """

    first: Ints
    second: Ints
    only_first: Ints
    only_second: Ints


def align_marks(a: Marks, b: Marks, group_a: Ints, group_b: Ints) -> Alignment:
    """`matching.align` within every group, by (start, end, label)."""
    coded = codes([group_a, group_b], *([a[name], b[name]] for name in ("start", "end", "label")))
    same_a, same_b = np.intersect1d(
        coded[: len(a)], coded[len(a) :], assume_unique=True, return_indices=True
    )[1:]
    free_a, free_b = _others(same_a, len(a)), _others(same_b, len(b))
    more_a, more_b = _aligned_rest(a.take(free_a), b.take(free_b), group_a[free_a], group_b[free_b])
    first = np.concatenate([same_a, free_a[more_a]])
    second = np.concatenate([same_b, free_b[more_b]])
    order = np.argsort(first, kind="stable")
    return Alignment(first[order], second[order], _others(first, len(a)), _others(second, len(b)))


def _others(taken: Ints, n: int) -> Ints:
    free = np.ones(n, dtype=np.bool_)
    free[taken] = False
    return np.flatnonzero(free)


def _aligned_rest(a: Marks, b: Marks, group_a: Ints, group_b: Ints) -> tuple[Ints, Ints]:
    """Positions on either side of what overlaps and is aligned."""
    if not len(a) or not len(b):
        return _NONE, _NONE
    ids = components_of(
        np.concatenate([group_a, group_b]),
        np.concatenate([a["start"], b["start"]]),
        np.concatenate([a["end"], b["end"]]),
    )
    n = int(ids.max()) + 1
    ids_a, ids_b = ids[: len(a)], ids[len(a) :]
    ours, theirs = np.bincount(ids_a, minlength=n), np.bincount(ids_b, minlength=n)
    alone = (ours == 1) & (theirs == 1)
    simple = [np.flatnonzero(alone[side]) for side in (ids_a, ids_b)]
    firsts, seconds = (
        rows[np.argsort(side[rows])] for rows, side in zip(simple, (ids_a, ids_b), strict=True)
    )
    hard = (ours > 0) & (theirs > 0) & ~alone
    pairs = list(_assigned(a, b, _positions(ids, len(a), hard)))
    more = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    return np.concatenate([firsts, more[:, 0]]), np.concatenate([seconds, more[:, 1]])


def _assigned(
    a: Marks, b: Marks, components: Iterator[tuple[list[int], list[int]]]
) -> Iterator[tuple[int, int]]:
    """Positions that `matching` pairs off within each component."""
    for first, second in components:
        ours = {(int(a["start"][i]), int(a["end"][i]), int(a["label"][i])): i for i in first}
        theirs = {(int(b["start"][j]), int(b["end"][j]), int(b["label"][j])): j for j in second}
        for x, y in assigned([*ours], [*theirs]):
            yield ours[x], theirs[y]
