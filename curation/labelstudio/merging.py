"""What says the same thing twice becomes one; what contradicts itself is a problem."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from curation.model import Argument, Entity, Event
from curation.spans import contains, overlapping

__all__ = ["merge_entities", "merge_events"]

_Report = Callable[[str, str, str], None]
_Problem = Callable[[str, str], None]


def merge_entities(
    entities: Sequence[Entity], nested: bool, repair: _Report, problem: _Problem
) -> tuple[list[Entity], dict[str, str]]:
    """The entities that stay, and for each that went: the id of the one that stands for it.

    Equal ones become the first of them. Where entities may not overlap (`nested` false), one
    within another of the same label gives way to the longer; any other overlap is a problem.
    """
    moved: dict[str, str] = {}
    first: dict[tuple[int, int, str], Entity] = {}
    for entity in entities:
        kept = first.setdefault(entity.key, entity)
        if kept is not entity:
            moved[entity.id] = kept.id
            repair("merged duplicate", entity.id, f"says the same as {kept.id}")
    distinct = list(first.values())
    if not nested:
        distinct = _without_overlap(distinct, moved, repair, problem)
    return distinct, {old: _last(moved, new) for old, new in moved.items()}


def _without_overlap(
    entities: Sequence[Entity], moved: dict[str, str], repair: _Report, problem: _Problem
) -> list[Entity]:
    kept: list[Entity] = []
    near: list[Entity] = []
    for entity in sorted(entities, key=lambda e: (e.start, -e.end)):
        # What ends before this one starts ends before all that follow.
        near = [other for other in near if other.end > entity.start]
        rivals = [other for other in near if overlapping(other, entity)]
        outer = [r for r in rivals if r.label == entity.label and contains(r, entity)]
        if outer and len(rivals) == 1:
            moved[entity.id] = outer[0].id
            repair("overlap", entity.id, f"lies within {outer[0].id} of the same label")
            continue
        for rival in rivals:
            problem(entity.id, f"{entity.label} overlaps {rival.label} {rival.id}")
        kept.append(entity)
        near.append(entity)
    stays = {entity.id for entity in kept}
    return [entity for entity in entities if entity.id in stays]


def _last(moved: Mapping[str, str], name: str) -> str:
    while name in moved:
        name = moved[name]
    return name


def merge_events(
    events: Sequence[Event], moved: Mapping[str, str], repair: _Report, problem: _Problem
) -> list[Event]:
    """The events with arguments at the entities that stay; equal triggers and types become one."""
    first: dict[tuple[int, int, str], Event] = {}
    for event in events:
        kept = first.get(event.key)
        if kept is None:
            first[event.key] = event
            continue
        repair("merged duplicate", event.id, f"says the same as {kept.id}")
        if dict(kept.attributes) != dict(event.attributes):
            problem(event.id, f"the same event as {kept.id}, with other attributes")
        both = (*kept.arguments, *event.arguments)
        first[event.key] = kept.model_copy(update={"arguments": both})
    return [_distinct_arguments(event, moved, repair) for event in first.values()]


def _distinct_arguments(event: Event, moved: Mapping[str, str], repair: _Report) -> Event:
    arguments: dict[tuple[str, str], Argument] = {}
    for argument in event.arguments:
        target = moved.get(argument.target, argument.target)
        key = (argument.role, target)
        if key in arguments:
            repair("merged duplicate", event.id, f"{argument.role} {target} stands twice")
        elif target == argument.target:
            arguments[key] = argument
        else:
            arguments[key] = argument.model_copy(update={"target": target})
    kept = tuple(arguments.values())
    return event if kept == event.arguments else event.model_copy(update={"arguments": kept})
