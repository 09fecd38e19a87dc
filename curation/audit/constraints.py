"""What the ontology does not allow, and what it allows but is hardly meant.

A rule that many break is no rule of theirs. Were a share e of all items wrong, and do a share b of
comparable ones break the rule besides this one, it is an error with the probability e / (e + b).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from curation.audit.corpus import Reading
from curation.audit.events import argument_place
from curation.audit.findings import Finding, at
from curation.model import Argument, Entity, Event
from curation.ontology import Ontology

__all__ = ["ACTOR", "LOCATION", "constraints"]

ACTOR, LOCATION = "Actor", "Location"
_SURE = 0.95
_WRONG = 0.03
_PLACE = 0.3
"""A place that is the Location everywhere else and Actor here: three in ten at most."""


def constraints(
    corpus: Sequence[Reading],
    ontology: Ontology,
    *,
    suspects: Mapping[tuple[str, str], float] = MappingProxyType({}),
) -> Iterator[Finding]:
    """Unknown names, missing roles, fillers that their role does not take, places that act.

    `suspects` are entities, by uid and id, whose label is wrong with that probability: where it is
    probable, a filler that does not fit is the label's fault and not the role's.
    """
    yield from _unknown(corpus, ontology)
    yield from _required(corpus, ontology)
    yield from _fillers(corpus, ontology, suspects)
    yield from _acting_places(corpus)
    yield from _both(corpus)


def _unknown(corpus: Sequence[Reading], ontology: Ontology) -> Iterator[Finding]:
    """Labels, types, roles and values that the ontology does not have."""
    values = {a.name: a.values for a in ontology.attributes}
    for reading in corpus:
        for entity in reading.annotations.entities:
            if entity.label not in ontology.entity_names:
                yield _entity(reading, entity, 1.0, f"{entity.label} is not in the ontology")
        for event in reading.annotations.events:
            if event.type not in ontology.event_names:
                yield _event(reading, event, 1.0, f"{event.type} is not in the ontology")
            for argument in event.arguments:
                if ontology.role(argument.role) is None:
                    reason = f"role {argument.role} is not in the ontology"
                    yield _argument(reading, event, argument, 1.0, reason)
            for name, value in event.attributes.items():
                if value not in values.get(name, ()):
                    place = reading.place("attributes", event, name)
                    reasons = [f"{name} {value} is not in the ontology"]
                    yield at(reading, place, "constraint", now=value, score=1.0, reasons=reasons)


def _required(corpus: Sequence[Reading], ontology: Ontology) -> Iterator[Finding]:
    """Events without a role that their type must have."""
    needed = {e.name: e.required for e in ontology.events if e.required}
    lacking = [
        (reading, event, role)
        for reading in corpus
        for event in reading.annotations.events
        for role in needed.get(event.type, ())
        if role not in {a.role for a in event.arguments}
    ]
    without = Counter((event.type, role) for _, event, role in lacking)
    every = Counter(e.type for reading in corpus for e in reading.annotations.events)
    for reading, event, role in lacking:
        score = _kept(without[event.type, role], every[event.type])
        yield _event(reading, event, score, f"{event.type} must have a {role}")


def _fillers(
    corpus: Sequence[Reading], ontology: Ontology, suspects: Mapping[tuple[str, str], float]
) -> Iterator[Finding]:
    """Arguments that are filled by a label that the role does not take."""
    takes = {role.name: role.fillers for role in ontology.roles}
    every = [(r, e, a, r.entities[a.target].label) for r, e, a in _arguments(corpus)]
    total = Counter(argument.role for _, _, argument, _ in every)
    broken = [x for x in every if x[2].role in takes and x[3] not in takes[x[2].role]]
    count = Counter((argument.role, label) for _, _, argument, label in broken)
    for reading, event, argument, label in broken:
        score = _kept(count[argument.role, label], total[argument.role])
        reason = f"a {label} cannot be {argument.role}"
        if suspects.get((reading.uid, argument.target), 0.0) > 0.5:
            yield _entity(reading, reading.entities[argument.target], score, reason)
        else:
            yield _argument(reading, event, argument, score, reason)


def _acting_places(corpus: Sequence[Reading]) -> Iterator[Finding]:
    """Places that act here and are only where something happens elsewhere."""
    uses: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for reading, _, argument in _arguments(corpus):
        uses[_filler(reading, argument)][argument.role] += 1
    for reading, event, argument in _arguments(corpus):
        used = uses[_filler(reading, argument)]
        where = used[LOCATION]
        if argument.role != ACTOR or not where:
            continue
        acting = used.total() - where
        yield _argument(
            reading,
            event,
            argument,
            _PLACE * where / (where + acting),
            f"it is {LOCATION} {where} times elsewhere, otherwise {acting - 1} times",
        )


def _both(corpus: Sequence[Reading]) -> Iterator[Finding]:
    """One entity that is Actor and Location of one event."""
    for reading, event, argument in _arguments(corpus):
        others = {a.role for a in event.arguments if a.target == argument.target}
        if argument.role == ACTOR and LOCATION in others:
            reason = f"it is {LOCATION} of the same event"
            yield _argument(reading, event, argument, _SURE, reason)


def _arguments(corpus: Sequence[Reading]) -> Iterator[tuple[Reading, Event, Argument]]:
    for reading in corpus:
        for event in reading.annotations.events:
            yield from ((reading, event, argument) for argument in event.arguments)


def _filler(reading: Reading, argument: Argument) -> str:
    entity = reading.entities[argument.target]
    return reading.surface(entity.start, entity.end).lower()


def _entity(reading: Reading, entity: Entity, score: float, reason: str) -> Finding:
    place = reading.place("entities", entity)
    return at(reading, place, "constraint", now=entity.label, score=score, reasons=[reason])


def _event(reading: Reading, event: Event, score: float, reason: str) -> Finding:
    place = reading.place("triggers", event)
    return at(reading, place, "constraint", now=event.type, score=score, reasons=[reason])


def _argument(
    reading: Reading, event: Event, argument: Argument, score: float, reason: str
) -> Finding:
    place = argument_place(reading, event, argument)
    return at(reading, place, "constraint", now=argument.role, score=score, reasons=[reason])


def _kept(broken: int, every: int) -> float:
    """The probability of an error where `broken` of `every` break a rule, this one left out."""
    return _SURE * _WRONG / (_WRONG + (broken - 1) / every)
