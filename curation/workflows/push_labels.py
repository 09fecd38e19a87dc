"""The ontology brought to a project that is there: names of before stay while they are in use.

Label Studio shows a region only where its label is in the labelling configuration.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from curation.errors import LabelStudioRefused
from curation.labelstudio.payload import Payload
from curation.labelstudio.port import LabelStudioPort
from curation.messages import few, shown
from curation.ontology import Attribute, EntityLabel, EventType, Ontology
from curation.ontology_xml import ENTITIES, EVENTS, ontology_to_xml

__all__ = ["OntologyRefused", "bring_labels", "with_former_names"]

_BAD = 400
_GREY = "#9e9e9e"

_InUse = Mapping[str, Mapping[str, int]]
"""Control of the labelling configuration -> label -> how many annotations and drafts have it."""


class OntologyRefused(LabelStudioRefused):
    """A project's server does not take the ontology for it; other projects may take it."""


def bring_labels(
    client: LabelStudioPort,
    project: Payload,
    annotator: str,
    ontology: Ontology,
    render: Callable[[Ontology], str] = ontology_to_xml,
) -> Iterator[str]:
    """Give the project the ontology's labels if it has others; notes on what is in use there.

    `render` makes the labelling configuration.
    Raises OntologyRefused where what was annotated fits no labels that it could be given.
    """
    there = str(project.get("label_config") or "").strip()
    # The server cuts off the line break at the end.
    if there == render(ontology).strip() and not ontology.migrations:
        return
    number = int(project["id"])
    in_use = client.labels_in_use(number)
    wanted = with_former_names(ontology, in_use)
    xml = render(wanted)
    if there == xml.strip():
        return
    try:
        client.update_project(number, label_config=xml)
    except LabelStudioRefused as error:
        if error.status != _BAD:
            raise
        raise OntologyRefused(
            f"{annotator}: the project does not take the ontology, so nothing was sent to it; "
            f"change there what the server names, {client.project_url(number)}: {error}",
            status=_BAD,
        ) from None
    if left := _told(in_use, wanted, of=ontology):
        yield f"{annotator}: names of before stay, in grey, while they are in use: {left}"
    if lacking := _told(in_use, wanted):
        yield (
            f"{annotator}: the ontology lacks labels that are in use: {lacking}; these "
            "regions show no label, say in [migrations] what it is called now, and push again"
        )


def with_former_names(ontology: Ontology, in_use: _InUse) -> Ontology:
    """The ontology with those names of its [migrations] that are in use, last, grey, without keys.

    Their definitions say what they are called now.
    """
    names = ontology.migrations
    entities = tuple(
        EntityLabel(name=old, definition=_now(new), colour=_GREY)
        for old, new in _former(names.entities, in_use.get(ENTITIES, {}))
    )
    events = tuple(
        EventType(name=old, definition=_now(new), colour=_GREY)
        for old, new in _former(names.events, in_use.get(EVENTS, {}))
    )
    return ontology.model_copy(
        update={
            "entities": (*ontology.entities, *entities),
            "events": (*ontology.events, *events),
            "attributes": tuple(
                _with_former_values(a, _former(names.attributes.get(a.name, {}), used))
                for a in ontology.attributes
                for used in [in_use.get(a.name, {})]
            ),
        }
    )


def _with_former_values(attribute: Attribute, former: Iterable[tuple[str, str]]) -> Attribute:
    found = dict(former)
    if not found:
        return attribute
    told = "; ".join(f"{old}: {_now(new)}" for old, new in found.items())
    return attribute.model_copy(
        update={
            "values": (*attribute.values, *found),
            "definition": f"{attribute.definition} ({told})",
        }
    )


def _former(names: Mapping[str, str], used: Mapping[str, int]) -> Iterator[tuple[str, str]]:
    yield from ((old, new) for old, new in names.items() if old in used)


def _now(name: str) -> str:
    return f"now called {name}; use that" if name else "given up; do not use it"


def _told(in_use: _InUse, wanted: Ontology, *, of: Ontology | None = None) -> str:
    """Labels in use that `wanted` has and `of` has not; without `of`, that `wanted` has not."""
    names = _controls(wanted)
    before: Mapping[str, Any] = _controls(of) if of else {}
    return few(
        (
            f"{shown(label)} ({count})"
            for control in sorted(names.keys() & in_use.keys())
            for label, count in sorted(in_use[control].items())
            if (label in names[control]) == (of is not None)
            and label not in before.get(control, ())
        ),
        between=", ",
    )


def _controls(ontology: Ontology) -> dict[str, frozenset[str]]:
    """What can be chosen in each control of the labelling configuration."""
    return {
        ENTITIES: ontology.entity_names,
        EVENTS: ontology.event_names,
        **{a.name: frozenset(a.values) for a in ontology.attributes},
    }
