"""From what people said in a Document to counts, so that no Document is needed twice.

Every figure about annotators is made of sums of these counts over Documents.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from itertools import combinations
from typing import TypeAlias

from curation.adjudication import Agreed, Ballot, ballots_of, decide
from curation.adjudication.competence import Pattern, pattern_of
from curation.agreement.items import Item, arguments, entities, triggers
from curation.corrections import survival
from curation.model import AnnotationSet
from curation.spans import Span, overlapping

__all__ = ["FATES", "Counts", "OpenItem", "Read", "Row"]

_ITEMS: Mapping[str, Callable[[AnnotationSet], frozenset[Item]]] = {
    "entities": entities,
    "events": triggers,
    "arguments": arguments,
}
_LAYER = {"entities": "entities", "triggers": "events", "arguments": "arguments"}
"""Names of layers in corrections -> here, where they are those of adjudication."""

FATES = ("kept", "changed", "removed", "added")
LEAVE_OUT_FROM = 3
"""How many must have done a Document for the others of one to be two at least."""

OpenItem: TypeAlias = tuple[str, str, int, int]
"""Annotator, label (type, role), start, end: what somebody said where no rule decides."""
Row: TypeAlias = tuple[int, ...]


@dataclass(frozen=True)
class Read:
    """One Document: what people said, one set each, gold, and what was suggested to whom.

    `still_open`: by layer, what was said at the positions that are not decided.
    """

    sets: Sequence[AnnotationSet]
    gold: AnnotationSet | None = None
    still_open: Mapping[str, Set[OpenItem]] = field(default_factory=dict)
    suggested: Mapping[str, AnnotationSet] = field(default_factory=dict)


@dataclass
class Counts:
    """Rows of counts by what they are about, and in them by the number of the Document.

    ("pair", layer, a, b): matched, items of a, items of b; a comes before b. ("gold", layer, a):
    matched, items of a where gold has decided, items of gold, items of a elsewhere. ("without",
    layer, a): the same with what `rules` make of the others' votes, and how many positions these
    leave open. ("fate", layer, a): kept, changed, removed, added.
    `patterns`: the answers at the positions of Documents that `least` people did.
    """

    rules: Mapping[str, Sequence[str]]
    least: int = 2
    documents: int = 0
    rows: defaultdict[tuple[str, ...], dict[int, Row]] = field(
        default_factory=lambda: defaultdict(dict)
    )
    patterns: defaultdict[str, dict[int, Counter[Pattern]]] = field(
        default_factory=lambda: defaultdict(dict)
    )
    people: set[str] = field(default_factory=set)

    def add(self, read: Read) -> None:
        """Count one more Document."""
        number, self.documents = self.documents, self.documents + 1
        by_name = {s.annotator: s for s in sorted(read.sets, key=lambda s: s.annotator)}
        self.people |= set(by_name)
        for layer, items_of in _ITEMS.items():
            found = {name: items_of(said) for name, said in by_name.items()}
            for a, b in combinations(found, 2):
                both = len(found[a] & found[b])
                self.rows["pair", layer, a, b][number] = (both, len(found[a]), len(found[b]))
            if read.gold is not None:
                self._gold(number, layer, found, items_of(read.gold), read.still_open)
        if len(by_name) >= min(self.least, LEAVE_OUT_FROM):
            self._positions(number, list(by_name.values()))
        for name, suggested in read.suggested.items():
            self._fates(number, name, suggested, by_name[name])

    def _gold(
        self,
        number: int,
        layer: str,
        found: Mapping[str, frozenset[Item]],
        gold: frozenset[Item],
        still_open: Mapping[str, Set[OpenItem]],
    ) -> None:
        for name, mine in found.items():
            decided = mine - {*_undecided(name, layer, mine, still_open)}
            row = len(decided & gold), len(decided), len(gold), len(mine) - len(decided)
            self.rows["gold", layer, name][number] = row

    def _fates(self, number: int, name: str, suggested: AnnotationSet, said: AnnotationSet) -> None:
        for row in survival([(suggested, said)]):
            if row.label is None:
                counts = (row.kept, row.changed, row.removed, row.added)
                self.rows["fate", _LAYER[row.layer], name][number] = counts

    def _positions(self, number: int, sets: Sequence[AnnotationSet]) -> None:
        ballots = ballots_of(sets)
        votes = {"entities": ballots.entities, "events": [e.trigger for e in ballots.events]}
        for layer, some in votes.items():
            if len(sets) >= self.least:
                self.patterns[layer][number] = Counter(map(pattern_of, some))
            if len(sets) >= LEAVE_OUT_FROM:
                for said in sets:
                    row = self._without(said.annotator, layer, some)
                    self.rows["without", layer, said.annotator][number] = row

    def _without(self, name: str, layer: str, ballots: Sequence[Ballot]) -> Row:
        matched = mine = theirs = still_open = 0
        for ballot in ballots:
            others = {who: value for who, value in ballot.votes.items() if who != name}
            outcome = decide(others, self.rules[layer])
            if not isinstance(outcome, Agreed):
                still_open += 1
                continue
            said = ballot.votes[name]
            mine += said is not None
            theirs += outcome.value is not None
            matched += said is not None and said == outcome.value
        return matched, mine, theirs, still_open


def _undecided(
    name: str, layer: str, mine: Set[Item], still_open: Mapping[str, Set[OpenItem]]
) -> Iterator[Item]:
    """The items of an annotator at positions that are open, arguments of open events included."""
    events = still_open.get("events", frozenset())
    own = still_open.get(layer, frozenset())
    for item in mine:
        start, end, label, *trigger = item
        if not trigger:
            if (name, label, start, end) in own:
                yield item
        elif (name, trigger[2], trigger[0], trigger[1]) in events or _near(
            (name, label, start, end), own
        ):
            yield item


def _near(item: OpenItem, others: Set[OpenItem]) -> bool:
    """Whether one of the same annotator and role shares words with it.

    An argument is told by the words of its entity's position, which may be another annotator's.
    """
    span = Span(item[2], item[3])
    return any(o[:2] == item[:2] and overlapping(Span(o[2], o[3]), span) for o in others)
