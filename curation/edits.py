"""What a person has to do to turn predictions into what they should be, counted in single acts."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from curation.agreement.items import Item, arguments, entities, triggers
from curation.agreement.matching import align
from curation.model import AnnotationSet

__all__ = ["Edits", "edits"]


def edits(pairs: Iterable[tuple[AnnotationSet, AnnotationSet]]) -> dict[str, Any]:
    """The counts of `Edits` over (what it should be or became, what was predicted)."""
    tally = Edits()
    for right, guess in pairs:
        stay = tally.align(entities(right), entities(guess))
        triggers_stay = tally.align(triggers(right), triggers(guess))
        tally.link(right, guess, stay, triggers_stay)
    return tally.to_json()


@dataclass
class Edits:
    """Single acts of a person who turns predictions into gold.

    add, delete, relabel, move_boundary: of entities and triggers, aligned one to one by overlap
    (one item can need a new label and a new boundary). relink: arguments to add, arguments to
    remove between items that stay, and roles to change. from_nothing: acts without predictions,
    one for every gold entity, trigger and argument. kept_share: predicted entities and triggers
    that stay as they are. Attributes are not counted here.
    """

    counts: Counter[str] = field(default_factory=Counter)

    def align(self, gold: frozenset[Item], guess: frozenset[Item]) -> dict[Item, Item]:
        """Counts the acts of one layer; gives predicted item -> gold item."""
        pairs, missing, spurious = align(gold, guess)
        self.counts["add"] += len(missing)
        self.counts["delete"] += len(spurious)
        self.counts["relabel"] += sum(g[2] != p[2] for g, p in pairs)
        self.counts["move_boundary"] += sum(g[:2] != p[:2] for g, p in pairs)
        self.counts["kept"] += sum(g == p for g, p in pairs)
        self.counts["predicted"] += len(guess)
        self.counts["from_nothing"] += len(gold)
        return {p: g for g, p in pairs}

    def link(
        self,
        right: AnnotationSet,
        guess: AnnotationSet,
        entity_of: Mapping[Item, Item],
        trigger_of: Mapping[Item, Item],
    ) -> None:
        """Counts the acts on arguments, after `align` has said which items stay."""
        wanted = _roles(arguments(right))
        given = _roles(_moved(guess, entity_of, trigger_of))
        for ends in wanted.keys() | given.keys():
            mine, theirs = wanted[ends], given[ends]
            self.counts["relink"] += max(len(mine - theirs), len(theirs - mine))
        self.counts["from_nothing"] += len(arguments(right))

    def to_json(self) -> dict[str, Any]:
        """The counts, and the share of predicted items kept; None where nothing was predicted."""
        names = ("add", "delete", "relabel", "move_boundary", "relink", "from_nothing")
        predicted = self.counts["predicted"]
        kept_share = self.counts["kept"] / predicted if predicted else None
        return {name: self.counts[name] for name in names} | {"kept_share": kept_share}


def _roles(items: Iterable[Item]) -> defaultdict[Item, set[int | str]]:
    """(filler span, trigger) -> roles between them."""
    roles: defaultdict[Item, set[int | str]] = defaultdict(set)
    for item in items:
        roles[item[:2] + item[3:]].add(item[2])
    return roles


def _moved(
    guess: AnnotationSet, entity_of: Mapping[Item, Item], trigger_of: Mapping[Item, Item]
) -> frozenset[Item]:
    """Predicted arguments between items that stay, in terms of the gold items they become."""
    spans = {e.id: entity_of.get((e.start, e.end, e.label)) for e in guess.entities}
    moved = set()
    for event in guess.events:
        trigger = trigger_of.get(event.key)
        for argument in event.arguments:
            filler = spans.get(argument.target)
            if trigger is not None and filler is not None:
                moved.add((filler[0], filler[1], argument.role, *trigger))
    return frozenset(moved)
