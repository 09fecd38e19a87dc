"""Annotations without what the ontology does not allow, on demand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from curation.model import AnnotationSet, Argument, Entity, Event
from curation.ontology import Ontology

__all__ = ["allowed"]

_FALLEN = "arguments of what is left out"


def allowed(annotations: AnnotationSet, ontology: Ontology) -> tuple[AnnotationSet, Counter[str]]:
    """The set without what `ontology.problems` names, and how much of that there was by reason.

    Arguments go with their event and with their filler. The provenance says what was left out.
    """
    sieve = _Sieve(annotations, ontology)
    entities = {e.id: e for e in annotations.entities if sieve.lets_through(e.id, e)}
    found = (sieve.event(event, entities) for event in annotations.events)
    events = tuple(event for event in found if event is not None)
    if not sieve.left_out:
        return annotations, sieve.left_out
    said = {"left_out": dict(sorted(sieve.left_out.items()))}
    changed = {
        "entities": tuple(entities.values()),
        "events": events,
        "provenance": {**annotations.provenance, **said},
    }
    return annotations.model_copy(update=changed), sieve.left_out


class _Sieve:
    """Asks the ontology about one part at a time, so that its rules stand in one place."""

    def __init__(self, annotations: AnnotationSet, ontology: Ontology) -> None:
        self.left_out: Counter[str] = Counter()
        self._ontology = ontology
        self._none = annotations.model_copy(update={"entities": (), "events": ()})

    def lets_through(self, name: str, *items: Entity | Event) -> bool:
        """Whether nothing is wrong with these items; the reasons are counted without `name`."""
        part = {
            "entities": tuple(i for i in items if isinstance(i, Entity)),
            "events": tuple(i for i in items if isinstance(i, Event)),
        }
        problems = self._ontology.problems(self._none.model_copy(update=part))
        reasons = [problem.removeprefix(f"{name}: ") for problem in problems]
        self.left_out.update(reasons)
        return not reasons

    def event(self, event: Event, entities: Mapping[str, Entity]) -> Event | None:
        """The event with what is allowed of it; None where its type is not."""
        bare = event.model_copy(update={"arguments": (), "attributes": {}})
        if not self.lets_through(event.id, bare):
            self.left_out[_FALLEN] += len(event.arguments)
            return None
        arguments = tuple(a for a in event.arguments if self._argument(a, bare, entities))
        attributes = {
            name: value
            for name, value in event.attributes.items()
            if self.lets_through(event.id, bare.model_copy(update={"attributes": {name: value}}))
        }
        return bare.model_copy(update={"arguments": arguments, "attributes": attributes})

    def _argument(self, argument: Argument, bare: Event, entities: Mapping[str, Entity]) -> bool:
        if argument.target not in entities:
            self.left_out[_FALLEN] += 1
            return False
        event = bare.model_copy(update={"arguments": (argument,)})
        return self.lets_through(bare.id, entities[argument.target], event)
