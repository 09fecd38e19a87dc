"""AnnotationSets arranged as documents x annotators, with what measures need of them, made once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from curation.agreement.columns import (
    Ints,
    Layer,
    Marks,
    attribute_codes,
    attributes_of,
    layer_of,
)
from curation.agreement.continuum import Rated, rated_units
from curation.agreement.pairing import Alignment, align_marks
from curation.agreement.words import Words, words_of
from curation.errors import InputError
from curation.model import AnnotationSet

__all__ = ["Group", "Panel", "panel_of"]

Bools: TypeAlias = NDArray[np.bool_]
Group: TypeAlias = tuple[int, ...]
"""Positions of annotators in a panel."""
T = TypeVar("T")


@dataclass(frozen=True)
class Panel:
    """Documents in the order of their uids x annotators in the order of their names.

    None: did not see it. `lengths` are in code points, `texts` the words come from.
    """

    uids: tuple[str, ...]
    annotators: tuple[str, ...]
    sets: tuple[tuple[AnnotationSet | None, ...], ...]
    lengths: Mapping[str, int]
    texts: Mapping[str, str] = field(default_factory=dict)
    _made: dict[Any, Any] = field(default_factory=dict, repr=False, compare=False)

    def once(self, key: Any, make: Callable[[], T]) -> T:
        """What `make` gives, kept under `key`."""
        if key not in self._made:
            self._made[key] = make()
        made: T = self._made[key]
        return made

    def layer(self, name: str) -> Layer:
        """Everybody's marks in "entities", "triggers" or "arguments"."""
        return self.once(("layer", name), lambda: layer_of(self.sets, name, len(self.annotators)))

    def marks(self, layer: str, annotator: int, documents: Bools) -> Marks:
        """One annotator's marks in the documents that are True."""
        marks = self.layer(layer).by_annotator[annotator]
        return marks if documents.all() else marks.take(documents[marks["document"]])

    @property
    def pairs(self) -> tuple[Group, ...]:
        """Every two annotators."""
        return tuple(combinations(range(len(self.annotators)), 2))

    @property
    def seen(self) -> Bools:
        """Documents x annotators."""
        shape = (len(self.uids), len(self.annotators))
        return self.once(
            "seen",
            lambda: np.array(
                [[s is not None for s in row] for row in self.sets], dtype=np.bool_
            ).reshape(shape),
        )

    def compared(self, group: Group) -> Bools:
        """Which documents two or more annotators of the group have seen."""
        found: Bools = self.seen[:, list(group)].sum(axis=1) >= 2
        return found

    @property
    def with_text(self) -> Bools:
        """Documents whose text is given."""
        return np.array([uid in self.texts for uid in self.uids], dtype=np.bool_)

    @property
    def words(self) -> Words:
        """The words of every document; none where the text is not given."""
        return self.once("words", lambda: words_of([self.texts.get(u, "") for u in self.uids]))

    def rated(self, unit: str, layer: str) -> Rated:
        """Characters or words under everybody's labels, in the documents that two have seen."""
        return self.once(("rated", unit, layer), lambda: self._rated(unit, layer))

    def _rated(self, unit: str, layer: str) -> Rated:
        counted = self.compared(tuple(range(len(self.annotators)))) & self.measurable(unit)
        marks = list(self.layer(layer).by_annotator)
        lengths = np.array([self.lengths.get(uid, 0) for uid in self.uids], dtype=np.int64)
        if unit == "token":
            marks = [self.words.snapped(m.take(counted[m["document"]])) for m in marks]
            lengths = self.words.counts
        labels = len(self.layer(layer).labels)
        return rated_units(marks, self.seen, lengths, counted, labels)

    def measurable(self, unit: str) -> Bools:
        """Documents whose units of that kind can be counted."""
        if unit == "token":
            return self.with_text
        return np.array([uid in self.lengths for uid in self.uids], dtype=np.bool_)

    def aligned(self, layer: str, pair: Group) -> tuple[Marks, Marks, Alignment]:
        """Both annotators' entities or triggers in documents that both saw, one to one."""
        return self.once(("aligned", layer, pair), lambda: self._aligned(layer, pair))

    def _aligned(self, layer: str, pair: Group) -> tuple[Marks, Marks, Alignment]:
        both = self.compared(pair)
        a, b = (self.marks(layer, i, both) for i in pair)
        return a, b, align_marks(a, b, a["document"], b["document"])

    @property
    def attribute_names(self) -> tuple[str, ...]:
        """Every name of an attribute that some event has, sorted."""
        everybody = range(len(self.annotators))
        return self.once(
            "attribute names",
            lambda: tuple(sorted({k for i in everybody for of in self._attributes(i) for k in of})),
        )

    def _attributes(self, annotator: int) -> list[Mapping[str, str]]:
        return self.once(
            ("attributes", annotator), lambda: attributes_of(row[annotator] for row in self.sets)
        )

    def attribute(self, name: str) -> tuple[tuple[str, ...], list[Ints]]:
        """Values of an attribute, and the number of that of each annotator's triggers."""
        return self.once(("attribute", name), lambda: self._attribute(name))

    def _attribute(self, name: str) -> tuple[tuple[str, ...], list[Ints]]:
        numbers: dict[str, int] = {"": 0}
        triggers = self.layer("triggers")
        found = [
            attribute_codes(self._attributes(i), name, len(marks), place, numbers)
            for i, (marks, place) in enumerate(
                zip(triggers.by_annotator, triggers.places, strict=True)
            )
        ]
        return tuple(numbers), found


def panel_of(
    sets: Iterable[AnnotationSet],
    lengths: Mapping[str, int] | None = None,
    texts: Mapping[str, str] | None = None,
) -> Panel:
    """Arranges sets; InputError where an annotator has two for one document."""
    given = list(sets)
    heads = [s.__dict__ for s in given]  # as in `columns`: attributes of models are slow
    places = [(of["uid"], of["annotator"]) for of in heads]
    by_place = dict(zip(places, given, strict=True))
    if len(by_place) < len(given):
        raise _twice(places)
    uids = tuple(sorted({uid for uid, _ in by_place}))
    annotators = tuple(sorted({name for _, name in by_place}))
    columns = ([by_place.get((uid, name)) for uid in uids] for name in annotators)
    rows = tuple(zip(*columns, strict=True))
    known = {uid: texts[uid] for uid in uids if uid in texts} if texts else {}
    return Panel(
        uids, annotators, rows, {u: len(t) for u, t in known.items()} | {**(lengths or {})}, known
    )


def _twice(places: Iterable[tuple[str, str]]) -> InputError:
    """Who has a second set for a document."""
    (uid, name), *_ = (place for place, n in Counter(places).items() if n > 1)
    return InputError(
        f"{name} has two annotation sets for this document",
        where=uid,
        hint="compare one version at a time",
    )
