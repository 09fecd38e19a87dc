"""The choices in events: the type of each, the roles of its arguments, its attributes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from curation.audit.choices import Choice, Place
from curation.audit.corpus import Reading
from curation.audit.features import span_features
from curation.audit.opinions import PROPOSAL, VOTES, best_event, label_opinions, voted
from curation.audit.words import stem
from curation.model import AnnotationSet, Argument, Entity, Event
from curation.spans import overlap

__all__ = ["argument_place", "attribute_choices", "role_choices", "type_choices"]

_WINDOW = 5


def type_choices(corpus: Sequence[Reading]) -> Iterator[Choice]:
    """Which type each event has."""
    for reading in corpus:
        for event in reading.annotations.events:
            roles = ", ".join(sorted({a.role for a in event.arguments}))
            hints = _trigger_hints(reading, event) | {"roles": roles}
            hints |= dict(label_opinions(reading, "triggers", event))
            yield Choice(
                place=reading.place("triggers", event),
                group=reading.group(event.start),
                value=event.type,
                features=_trigger_features(reading, event),
                hints=hints,
            )


def role_choices(corpus: Sequence[Reading]) -> Iterator[Choice]:
    """Which role each argument has."""
    for reading in corpus:
        for event in reading.annotations.events:
            for argument in event.arguments:
                filler = reading.entities[argument.target]
                yield _role_choice(reading, event, argument, filler)


def attribute_choices(corpus: Sequence[Reading], name: str) -> Iterator[Choice]:
    """Which value the attribute `name` has of each event that has one."""
    for reading in corpus:
        for event in reading.annotations.events:
            if name not in event.attributes:
                continue
            hints = _trigger_hints(reading, event) | {"type": event.type}
            hints |= dict(_opinions(reading, event, lambda _, e: e.attributes.get(name, "nothing")))
            yield Choice(
                place=reading.place("attributes", event, name),
                group=reading.group(event.start),
                value=event.attributes[name],
                features=(*_trigger_features(reading, event), f"type={event.type}"),
                hints=hints,
            )


def _trigger_hints(reading: Reading, event: Event) -> dict[str, str]:
    words = reading.words
    lower = [words.at(i) for i in words.range_of(event)]
    language = reading.language
    return {
        "name": f"{language}\0" + " ".join(lower),
        "stem": f"{language}\0{stem(lower)}",
        "beginning": f"{language}\0{lower[0][:5]}",
        "name here": f"{reading.uid}\0{stem(lower)}",
    }


def _trigger_features(reading: Reading, event: Event) -> tuple[str, ...]:
    words = reading.words
    found = words.range_of(event)
    near = range(found.start - _WINDOW, found.stop + _WINDOW)
    bag = (f"near={words.at(i)} {reading.language}" for i in near if i not in found)
    fillers = (f"{a.role}={reading.entities[a.target].label}" for a in event.arguments)
    return (*span_features(words, found, reading.language), *bag, *fillers)


def argument_place(reading: Reading, event: Event, argument: Argument) -> Place:
    """The filler, with its role and the trigger as the part that tells it from others."""
    filler = reading.entities[argument.target]
    trigger = f'"{reading.surface(event.start, event.end)}" [{event.start}, {event.end})'
    part = f"{argument.role} of {trigger}"
    return Place(reading.uid, "arguments", filler.start, filler.end, event.id, part)


def _role_choice(reading: Reading, event: Event, argument: Argument, filler: Entity) -> Choice:
    words = reading.words
    trigger, found = words.range_of(event), words.range_of(filler)
    side = "before" if filler.start < event.start else "behind"
    gap = range(found.stop, trigger.start) if side == "before" else range(trigger.stop, found.start)
    before = words.at(found.start - 1)
    lemma = stem([words.at(i) for i in trigger])
    key = f"{event.type} {filler.label}"
    features = (
        key,
        f"{key} {side}",
        f"{key} {side} {before}",
        f"{filler.label} {side}",
        f"{filler.label} {before}",
        f"{side} {before} {reading.language}",
        f"{filler.label} {side} {min(len(gap), 8)}",
        f"t={lemma} {side}",
        f"t={lemma} {side} {before}",
        f"type={event.type}",
        f"type={event.type} {side}",
        f"s={' '.join(words.at(i) for i in found)}",
        f"+={words.at(found.stop)} {side}",
        *(f"gap={words.at(i)} {side} {reading.language}" for i in gap[:8]),
    )
    hints = {
        "filler": f"{event.type}\0{filler.label}\0{side}",
        "preposition": f"{filler.label}\0{side}\0{before}\0{reading.language}",
        "trigger": f"{reading.language}\0{lemma}\0{filler.label}\0{side}",
        "label": filler.label,
    }
    hints |= dict(_opinions(reading, event, lambda said, e: _role_in(said, e, filler)))
    place = argument_place(reading, event, argument)
    return Choice(place, reading.group(event.start), argument.role, features, hints)


def _opinions(
    reading: Reading, event: Event, answer: Callable[[AnnotationSet, Event], str]
) -> Iterator[tuple[str, str]]:
    """As hints: the answer of the pipeline and of the others, where they have such an event."""
    found = best_event(reading.proposal, event)
    if reading.proposal is not None and found is not None:
        yield PROPOSAL, answer(reading.proposal, found)
    pairs = ((said, best_event(said, event)) for said in reading.others)
    answers = [answer(said, theirs) for said, theirs in pairs if theirs is not None]
    if answers:
        yield VOTES, voted(answers)


def _role_in(said: AnnotationSet, event: Event, filler: Entity) -> str:
    entities = {e.id: e for e in said.entities}
    roles = {a.role for a in event.arguments if overlap(entities[a.target], filler)}
    return ", ".join(sorted(roles)) or "nothing"
