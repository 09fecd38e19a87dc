"""Gold for one Document: every position decided, with who said what and by which rule."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Literal, TypeAlias

from curation.adjudication.competence import Competence
from curation.adjudication.positions import Ballot, EventBallots, ballots_of
from curation.adjudication.rules import Agreed, Disputed, Value, decide
from curation.model import AnnotationSet, Argument, Entity, Event, TextSpan

__all__ = ["ADJUDICATOR", "NOTHING", "Decision", "Result", "adjudicate"]

Status = Literal["agreed", "rejected", "disputed"]
NOTHING = "nothing"
"""What a candidate is called that says that nothing belongs at a position."""
ADJUDICATOR = "adjudicator"
"""The rule of what a person decided over the annotators; "adjudicator:NAME" where it is known."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided about one position of one layer, by which rule, and who said what.

    `item_id` is the gold item it is about: "T3", "E1", for an argument "E1:Actor:T3", for an
    attribute "E1:tense". It is None where gold has no such item; `votes` say what it was.
    `probability` is that of the outcome, where annotators were weighed. `overruled` is what the
    rules would have decided, where an adjudicator decided otherwise. `place` is that of its ballot,
    `event` the gold event of an argument that is not in gold.
    """

    layer: str
    status: Status
    item_id: str | None
    rule: str
    votes: tuple[tuple[str, str | None], ...]
    probability: float | None = None
    overruled: str | None = None
    place: str = ""
    event: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Voters for and against the outcome, and every candidate with its voters."""
        candidates: dict[str, list[str]] = {}
        for annotator, value in self.votes:
            candidates.setdefault(NOTHING if value is None else value, []).append(annotator)
        said = {
            "probability": self.probability,
            "overruled": self.overruled,
            "event": self.event,
        }
        return {"candidates": candidates} | {k: v for k, v in said.items() if v is not None}


@dataclass(frozen=True, slots=True)
class Result:
    """Gold for one Document, all decisions behind it, and how many are open."""

    gold: AnnotationSet
    decisions: tuple[Decision, ...]

    @property
    def disputed(self) -> int:
        """Positions that no rule decided."""
        return sum(d.status == "disputed" for d in self.decisions)


def adjudicate(
    sets: Sequence[AnnotationSet],
    rules: Mapping[str, Sequence[str]],
    *,
    competence: Mapping[str, Competence | None] | None = None,
    nested: bool = False,
    name: str = "gold",
    final: AnnotationSet | None = None,
    rulings: Mapping[str, Value] | None = None,
) -> Result:
    """Gold from the sets of all annotators who saw one Document.

    `rules` gives the rules of each of `LAYERS`, `competence` what the rule "weighted" goes by, by
    layer; without it that rule decides nothing. Arguments and attributes are decided among those
    who marked the event; they fall with it. Entities overlap only where they may be `nested`.

    `final` is the set of an adjudicator: gold is what it says, at every position. Where the rules
    come to the same, they are named; elsewhere the rule is "adjudicator:NAME". `rulings` are single
    values, by the place of a ballot, that an adjudicator has chosen there.
    """
    judge = None if final is None else f"{ADJUDICATOR}:{final.annotator}"
    if final is not None:
        sets = [*sets, final.model_copy(update={"annotator": judge})]
    ballots = ballots_of(sets)
    clerk = _Clerk(rules, competence or {}, nested, judge, rulings or {})
    for ballot in _ruled_first(ballots.entities, clerk.rulings):
        clerk.entity(ballot)
    for event in ballots.events:
        clerk.event(event)
    gold = AnnotationSet(
        uid=ballots.uid,
        annotator=name,
        kind="gold",
        entities=tuple(clerk.entities.values()),
        events=tuple(clerk.events),
        provenance={"annotators": [who for who in ballots.annotators if who != judge]}
        | ({} if final is None else {"adjudicator": final.annotator}),
    )
    names = gold.canonical_ids()
    return Result(gold.sorted(), tuple(_decision(found, names) for found in clerk.decided))


_Decided: TypeAlias = tuple[Ballot, Agreed | Disputed, str]
"""A ballot, what came of it, and the words of the entity that it is about."""


def _ruled_first(ballots: Sequence[Ballot], rulings: Mapping[str, Value]) -> Sequence[Ballot]:
    """What was chosen last takes its words before others can."""
    if not rulings:
        return ballots
    age = {place: n for n, place in enumerate(reversed(list(rulings)))}
    return sorted(ballots, key=lambda b: age.get(b.place, len(age)))


def _decision(found: _Decided, names: Mapping[str, str]) -> Decision:
    """The decision with the ids that gold has in the end, or none where gold lacks the item."""
    ballot, outcome, of = found
    layer, place = ballot.layer, ballot.place
    words = {value: _words(value, of) for value in set(ballot.votes.values()) if value is not None}
    said = tuple((name, words.get(value)) for name, value in sorted(ballot.votes.items()))
    agreed = isinstance(outcome, Agreed) and outcome.value is not None
    item = _gold_item(layer, place, names) if agreed or layer == "attributes" else None
    open_event = layer == "arguments" and item is None
    event = names.get(place.partition(":")[0]) if open_event else None
    if isinstance(outcome, Disputed):
        return Decision(layer, "disputed", item, "", said, place=place, event=event)
    return Decision(
        layer,
        "agreed" if agreed else "rejected",
        item,
        outcome.rule,
        said,
        outcome.probability,
        None if outcome.overruled is None else _words(outcome.overruled.value, of),
        place,
        event,
    )


def _gold_item(layer: str, place: str, names: Mapping[str, str]) -> str | None:
    """Roles and attributes keep their names, whatever these look like."""
    item, colon, rest = place.partition(":")
    if item not in names:
        return None
    if layer != "arguments":
        return f"{names[item]}{colon}{rest}"
    role, _, target = rest.rpartition(":")
    return f"{names[item]}:{role}:{names.get(target, target)}"


@dataclass(slots=True)
class _Clerk:
    """Decides the positions of one Document in order, and writes down each decision.

    `words` leads from the place of an entity to its words, `empty` has those where nothing is.
    """

    rules: Mapping[str, Sequence[str]]
    competence: Mapping[str, Competence | None]
    nested: bool
    judge: str | None
    rulings: Mapping[str, Value]
    entities: dict[str, Entity] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    decided: list[_Decided] = field(default_factory=list)
    words: dict[str, str] = field(default_factory=dict)
    empty: set[str] = field(default_factory=set)
    taken: list[tuple[int, int]] = field(default_factory=list)

    def entity(self, ballot: Ballot) -> None:
        """Gold gets the entity, unless it would overlap one that gold has."""
        outcome = self._outcome(ballot)
        place = ballot.place
        self.words[place] = _span(min(_key(v) for v in ballot.votes.values() if v is not None))
        if isinstance(outcome, Agreed) and outcome.value is None:
            self.empty.add(place)
        elif isinstance(outcome, Agreed):
            start, end, label = _key(outcome.value)
            if self._take(start, end):
                self.entities[place] = Entity(id=place, start=start, end=end, label=label)
                self.words[place] = _span((start, end))
            else:
                outcome = Disputed((outcome.value,))
        self._record(ballot, outcome)

    def event(self, ballots: EventBallots) -> None:
        """Gold gets the event with what is agreed of its arguments and attributes."""
        outcome = self._outcome(ballots.trigger)
        self._record(ballots.trigger, outcome)
        if not isinstance(outcome, Agreed) or outcome.value is None:
            return
        start, end, event_type = _key(outcome.value)
        self.events.append(
            Event(
                id=ballots.trigger.place,
                type=event_type,
                trigger=TextSpan(start=start, end=end),
                arguments=self._arguments(ballots.arguments),
                attributes=self._attributes(ballots.attributes),
            )
        )

    def _arguments(self, ballots: Mapping[tuple[str, str], Ballot]) -> tuple[Argument, ...]:
        found = []
        for (role, target), ballot in ballots.items():
            outcome = self._outcome(ballot)
            nothing = isinstance(outcome, Agreed) and outcome.value is None
            if target in self.empty and not nothing:
                outcome = Agreed(None, "no entity")
            elif isinstance(outcome, Agreed) and not nothing:
                if target in self.entities:
                    found.append(Argument(role=role, target=target))
                else:
                    outcome = Disputed((outcome.value,))
            self._record(ballot, outcome, self.words[target])
        return tuple(found)

    def _attributes(self, ballots: Mapping[str, Ballot]) -> dict[str, str]:
        values = {}
        for name, ballot in ballots.items():
            outcome = self._outcome(ballot)
            if isinstance(outcome, Agreed) and outcome.value is not None:
                values[name] = str(outcome.value)
            self._record(ballot, outcome)
        return values

    def _outcome(self, ballot: Ballot) -> Agreed | Disputed:
        if ballot.place in self.rulings:
            return Agreed(self.rulings[ballot.place], ADJUDICATOR)
        if self.judge is None or self.judge not in ballot.votes:
            return self._by_rules(ballot)
        votes = {who: value for who, value in ballot.votes.items() if who != self.judge}
        value = ballot.votes[self.judge]
        outcome = self._by_rules(replace(ballot, votes=votes)) if votes else None
        if not isinstance(outcome, Agreed):
            return Agreed(value, self.judge)
        if outcome.value == value:
            return outcome
        return Agreed(value, self.judge, overruled=Agreed(outcome.value, outcome.rule))

    def _by_rules(self, ballot: Ballot) -> Agreed | Disputed:
        fitted = self.competence.get(ballot.layer)
        weigh = None if fitted is None else partial(fitted.weigh, ballot)
        return decide(ballot.votes, self.rules[ballot.layer], weigh)

    def _take(self, start: int, end: int) -> bool:
        """Whether the words are free, or may be shared; they are taken then."""
        if self.nested:
            return True
        place = bisect_left(self.taken, (start, end))
        before, after = self.taken[:place][-1:], self.taken[place : place + 1]
        if any(e > start for _, e in before) or any(s < end for s, _ in after):
            return False
        self.taken.insert(place, (start, end))
        return True

    def _record(self, ballot: Ballot, outcome: Agreed | Disputed, of: str = "") -> None:
        self.decided.append((ballot, outcome, of))


def _words(value: Value, of: str) -> str:
    if value is None:
        return NOTHING
    said = f"{value[2]} {_span(value)}" if isinstance(value, tuple) else str(value)
    return f"{said} {of}".rstrip()


def _span(key: tuple[Any, ...]) -> str:
    return f"[{key[0]}, {key[1]})"


def _key(value: Value) -> tuple[int, int, str]:
    if not isinstance(value, tuple):
        raise TypeError(f"not a span key: {value!r}")
    return value
