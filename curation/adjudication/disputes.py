"""What is disputed in one Document, told for a person who is to decide, and the rest prefilled.

The prefilled set has what is agreed and every candidate of what is not: who decides deletes what
is wrong. An attribute that is disputed is left out of it, because one value must be chosen.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from curation.adjudication.gold import NOTHING, Decision, Result
from curation.adjudication.positions import LAYERS, Ballot, EventBallots, ballots_of
from curation.adjudication.rules import Value
from curation.messages import around
from curation.model import AnnotationSet, Argument, Entity, Event, TextSpan

__all__ = [
    "Candidate",
    "Contested",
    "Dispute",
    "contest",
    "describe",
    "in_text_order",
    "rival_group",
]

Words: TypeAlias = tuple[int, int]

_MARK = "-disputed"
_RIVAL = re.compile(rf"([TE]\d+){_MARK}-\d+")
_CONTEXT = 32
"""Characters of the text that are told before and after the words."""
_LONGEST = 80
_YES, _NO = "yes", "no"
_AGREED = 1.0


@dataclass(frozen=True, slots=True)
class Candidate:
    """A value that some annotators give: a label, a type, "yes", an attribute's value, or nothing.

    `words` are those of an entity or a trigger; `nothing`: that nothing belongs there.
    """

    value: str
    words: Words | None
    annotators: tuple[str, ...]
    nothing: bool = False


@dataclass(frozen=True, slots=True)
class Dispute:
    """A position that is open. Of its candidates the one with most votes comes first.

    `name` is an argument's role or an attribute's name, `words` where in the text it is (of an
    event for its arguments and attributes), `filler` the entity of an argument, `beside` an entity
    that is agreed and that no candidate may overlap.
    """

    number: int
    layer: str
    place: str
    name: str
    words: Words
    candidates: tuple[Candidate, ...]
    filler: Words | None = None
    beside: Words | None = None


@dataclass(frozen=True, slots=True)
class Contested:
    """All disputes of one Document, and the set in which they are to be decided.

    A dispute comes after those that it depends on: entities, then events with what is in them.
    `notes` leads from ids of `prefilled` to the numbers of the disputes that they are part of, and
    to those who want them.
    """

    prefilled: AnnotationSet
    disputes: tuple[Dispute, ...]
    notes: Mapping[str, tuple[tuple[int, tuple[str, ...]], ...]] = field(default_factory=dict)


def rival_group(item_id: str) -> str | None:
    """What the ids of candidates for one position have in common; None where there is no other."""
    found = _RIVAL.fullmatch(item_id)
    return found[1] if found else None


def contest(sets: Sequence[AnnotationSet], result: Result, *, nested: bool = False) -> Contested:
    """What is open in `result`, which was made from `sets`.

    Where an event itself is open, its arguments and attributes are agreed where all say the same
    who marked it. `nested`: whether entities may overlap.
    """
    ballots = ballots_of(sets)
    clerk = _Clerk(result, {d.place: d for d in result.decisions}, nested)
    for ballot in ballots.entities:
        clerk.entity(ballot)
    for event in ballots.events:
        clerk.event(event)
    prefilled = AnnotationSet(
        uid=ballots.uid,
        annotator="adjudication",
        kind="adjudicator",
        entities=tuple(clerk.entities),
        events=tuple(clerk.events),
    )
    notes = {name: tuple(some) for name, some in clerk.notes.items()}
    return Contested(prefilled, tuple(clerk.disputes), notes)


def in_text_order(contested: Contested) -> Contested:
    """The same with disputes numbered as one meets them in the text, whatever their layers."""
    told = sorted(contested.disputes, key=lambda d: (d.words, LAYERS.index(d.layer)))
    numbers = {d.number: n for n, d in enumerate(told, 1)}
    return Contested(
        contested.prefilled,
        tuple(replace(d, number=numbers[d.number]) for d in told),
        {
            name: tuple(sorted((numbers[n], names) for n, names in some))
            for name, some in contested.notes.items()
        },
    )


@dataclass(slots=True)
class _Clerk:
    """Goes through the positions in order.

    `items` leads from the place of an entity to the ids that are prefilled there.
    """

    result: Result
    decisions: Mapping[str, Decision]
    nested: bool
    entities: list[Entity] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    disputes: list[Dispute] = field(default_factory=list)
    items: dict[str, list[str]] = field(default_factory=dict)
    spans: dict[str, Words] = field(default_factory=dict)
    notes: dict[str, list[tuple[int, tuple[str, ...]]]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def entity(self, ballot: Ballot) -> None:
        """The entity that is agreed, or every candidate."""
        keys = self._agreed(ballot) or _keys(ballot)
        self.spans[ballot.place] = _hull(keys)
        dispute = self._open(ballot, _hull(keys), beside=self._beside(ballot))
        made = self._named(ballot, keys, dispute)
        self.entities += [
            Entity(
                id=name,
                start=key[0],
                end=key[1],
                label=key[2],
                score=_AGREED if dispute is None else _share(ballot, key),
            )
            for name, key in made.items()
        ]

    def event(self, ballots: EventBallots) -> None:
        """The event that is agreed, or every candidate, with its arguments and attributes."""
        trigger = ballots.trigger
        agreed = self._agreed(trigger)
        keys = agreed or _keys(trigger)
        words = _hull(keys)
        dispute = self._open(trigger, words)
        if not agreed and dispute is None:
            return
        open_below = len(self.disputes)
        arguments = [a for b in ballots.arguments.values() for a in self._arguments(b, words)]
        attributes = self._attributes(ballots, words)
        below = self.disputes[open_below:]
        for name, key in self._named(trigger, keys, dispute, marked=bool(below)).items():
            score = _AGREED if dispute is None else _share(trigger, key)
            self.events.append(_event(name, key, score, arguments, attributes))
            if below:
                self.notes[name] += [(d.number, ()) for d in below]

    def _agreed(self, ballot: Ballot) -> list[tuple[int, int, str]]:
        """What gold has there, if it has something."""
        decision = self.decisions.get(ballot.place)
        if decision is None or decision.status != "agreed":
            return []
        return [item.key for item in self.result.gold.items if item.id == decision.item_id]

    def _named(
        self,
        ballot: Ballot,
        keys: Sequence[tuple[int, int, str]],
        dispute: Dispute | None,
        *,
        marked: bool = False,
    ) -> dict[str, tuple[int, int, str]]:
        """The items by ids that tell what is disputed, and which are candidates for one position.

        Nothing where it is agreed that nothing is there.
        """
        decision = self.decisions.get(ballot.place)
        if decision is not None and decision.status == "rejected":
            self.items[ballot.place] = []
            return {}
        mark = _MARK if dispute or marked else ""
        several = len(keys) > 1
        made = {
            f"{ballot.place}{mark}-{n}" if several else f"{ballot.place}{mark}": key
            for n, key in enumerate(keys, 1)
        }
        self.items[ballot.place] = list(made)
        if dispute is not None:
            for name, key in made.items():
                self.notes[name].append((dispute.number, _voters(ballot, key)))
        return made

    def _arguments(self, ballot: Ballot, words: Words) -> Iterator[Argument]:
        """The argument, at every entity that may turn out to fill it."""
        role, target = _argument_place(ballot)
        fillers = self.items.get(target, [])
        if not fillers or self._nothing(ballot):
            return
        if self._is_open(ballot) and len(set(ballot.votes.values())) > 1:
            self._dispute(ballot, words, role, filler=self.spans[target])
        score = _share(ballot, role) if self._is_open(ballot) else _AGREED
        for filler in fillers:
            yield Argument(role=role, target=filler, score=score)

    def _attributes(self, ballots: EventBallots, words: Words) -> dict[str, str]:
        found = {}
        for name, ballot in ballots.attributes.items():
            value = self._attribute(ballot, name)
            if value is not None:
                found[name] = value
            elif not self._nothing(ballot):
                self._dispute(ballot, words, name)
        return found

    def _attribute(self, ballot: Ballot, name: str) -> str | None:
        decision = self.decisions.get(ballot.place)
        if decision is None:
            values = set(ballot.votes.values())
            return str(values.pop()) if len(values) == 1 else None
        if decision.status != "agreed":
            return None
        event = str(decision.item_id).partition(":")[0]
        return next(e.attributes[name] for e in self.result.gold.events if e.id == event)

    def _is_open(self, ballot: Ballot) -> bool:
        decision = self.decisions.get(ballot.place)
        if decision is None:  # of an event that is open itself
            return len(set(ballot.votes.values())) > 1
        return decision.status == "disputed"

    def _nothing(self, ballot: Ballot) -> bool:
        decision = self.decisions.get(ballot.place)
        return decision is not None and decision.status == "rejected"

    def _open(self, ballot: Ballot, words: Words, **about: Words | None) -> Dispute | None:
        return self._dispute(ballot, words, "", **about) if self._is_open(ballot) else None

    def _dispute(self, ballot: Ballot, words: Words, name: str, **about: Words | None) -> Dispute:
        made = Dispute(
            number=len(self.disputes) + 1,
            layer=ballot.layer,
            place=ballot.place,
            name=name,
            words=words,
            candidates=tuple(_candidates(ballot)),
            **about,
        )
        self.disputes.append(made)
        return made

    def _beside(self, ballot: Ballot) -> Words | None:
        """The first entity of gold that a candidate overlaps, where none may."""
        if self.nested:
            return None
        return next(
            (
                (e.start, e.end)
                for e in self.result.gold.entities
                for start, end, _ in _keys(ballot)
                if e.start < end and start < e.end
            ),
            None,
        )


def _argument_place(ballot: Ballot) -> tuple[str, str]:
    """Role and entity: roles may have colons in them."""
    role, _, target = ballot.place.partition(":")[2].rpartition(":")
    return role, target


def _event(
    name: str,
    key: tuple[int, int, str],
    share: float,
    arguments: Sequence[Argument],
    attributes: Mapping[str, str],
) -> Event:
    return Event(
        id=name,
        type=key[2],
        trigger=TextSpan(start=key[0], end=key[1]),
        arguments=tuple(arguments),
        attributes=attributes,
        score=share,
    )


def _ordered(ballot: Ballot) -> list[Value]:
    """The values by their votes, nothing last."""
    counts = Counter(ballot.votes.values())
    return sorted(counts, key=lambda v: (v is None, -counts[v], repr(v)))


def _keys(ballot: Ballot) -> list[tuple[int, int, str]]:
    return [value for value in _ordered(ballot) if isinstance(value, tuple)]


def _hull(keys: Sequence[tuple[int, int, str]]) -> Words:
    return min(k[0] for k in keys), max(k[1] for k in keys)


def _voters(ballot: Ballot, value: Value) -> tuple[str, ...]:
    return tuple(sorted(who for who, said in ballot.votes.items() if said == value))


def _share(ballot: Ballot, value: Value) -> float:
    return len(_voters(ballot, value)) / len(ballot.votes)


def _candidates(ballot: Ballot) -> Iterator[Candidate]:
    for value in _ordered(ballot):
        voters = _voters(ballot, value)
        if isinstance(value, tuple):
            yield Candidate(value[2], (value[0], value[1]), voters)
        elif ballot.layer == "arguments":
            yield Candidate(_NO if value is None else _YES, None, voters, value is None)
        else:
            yield Candidate(NOTHING if value is None else str(value), None, voters, value is None)


def describe(dispute: Dispute, text: str, *, anonymous: bool = False) -> str:
    """The dispute on one line: number, words in context, candidates with their annotators.

    `anonymous`: with how many they are instead. Nothing in it can start a line of its own.
    """
    said = " · ".join(
        f"{_value(c, dispute, text)}: {_who(c.annotators, anonymous)}" for c in dispute.candidates
    )
    beside = f" (overlaps {_quoted(text, dispute.beside)}, agreed)" if dispute.beside else ""
    return (
        f"{dispute.number}. {_context(text, dispute.words)} — {_asked(dispute, text)}{said}{beside}"
    )


def _asked(dispute: Dispute, text: str) -> str:
    if dispute.filler is not None:
        return f"{_clean(dispute.name)} {_quoted(text, dispute.filler)}? "
    return f"{_clean(dispute.name)}? " if dispute.name else ""


def _value(candidate: Candidate, dispute: Dispute, text: str) -> str:
    """With its words, where the candidates are about other ones."""
    spans = {c.words for c in dispute.candidates if c.words}
    if candidate.words is None or len(spans) == 1:
        return _clean(candidate.value)
    return f"{_clean(candidate.value)} {_quoted(text, candidate.words)}"


def _who(annotators: Sequence[str], anonymous: bool) -> str:
    if anonymous:
        return f"{len(annotators)} annotator{'s' * (len(annotators) > 1)}"
    return ", ".join(map(_clean, annotators))


def _context(text: str, words: Words) -> str:
    start, end = words
    # One character more tells whether something is left out.
    before, after = text[max(0, start - _CONTEXT - 1) : start], text[end : end + _CONTEXT + 1]
    left, right = around(_clean(before), _clean(after), _CONTEXT)
    return f"{left}{_quoted(text, words)}{right}".strip()


def _quoted(text: str, words: Words) -> str:
    found = _clean(text[slice(*words)])
    return f"«{found if len(found) <= _LONGEST else found[:_LONGEST] + '…'}»"


def _clean(text: str) -> str:
    """On one line, without characters that would turn the text around."""
    return "".join(c if c.isprintable() else " " for c in text)
