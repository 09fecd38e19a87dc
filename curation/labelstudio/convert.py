"""AnnotationSet <-> Label Studio results, Document -> Label Studio task. Pure functions.

`result_to_annotations` stands in `reading`; it is repeated here as the other direction.
"""

from __future__ import annotations

from collections.abc import Iterator

from curation.errors import InputError
from curation.labelstudio.payload import Conversion, Payload, Repair, region_id
from curation.labelstudio.reading import result_to_annotations
from curation.messages import few
from curation.model import AnnotationSet, Argument, Document, Entity, Event
from curation.ontology import Ontology
from curation.ontology_xml import ENTITIES, EVENTS, TEXT

__all__ = [
    "Conversion",
    "Repair",
    "annotations_to_result",
    "document_to_task",
    "rendering_problems",
    "result_to_annotations",
]

_SAMPLE_NOTICE = "sample text, written for this tool"


def annotations_to_result(
    annotations: AnnotationSet, text: str, ontology: Ontology
) -> list[Payload]:
    """The `result` that shows `annotations` over `text`: entities, events, then relations.

    Region ids are the ids of the entities and events. Raises InputError, naming the items,
    where the labelling configuration of `ontology` could not show one.
    """
    problems = list(rendering_problems(annotations, text, ontology))
    if problems:
        raise InputError(few(problems), where=annotations.uid)
    return [
        *(_labelled(entity, entity.label, ENTITIES, text) for entity in annotations.entities),
        *(region for event in annotations.events for region in _event_regions(event, text)),
        *(
            _relation(event, argument)
            for event in annotations.events
            for argument in event.arguments
        ),
    ]


def rendering_problems(annotations: AnnotationSet, text: str, ontology: Ontology) -> Iterator[str]:
    """What Label Studio could not show of `annotations`, one line each.

    A role filled by an entity that the ontology does not allow there can be shown, and so is none.
    """
    yield from annotations.problems(text)
    disallowed = {
        f"{event.id}: a {entity.label} cannot be {argument.role}"
        for event in annotations.events
        for argument in event.arguments
        if (entity := annotations.entity(argument.target))
    }
    yield from (p for p in ontology.problems(annotations) if p not in disallowed)


def document_to_task(
    document: Document,
    *,
    prediction: AnnotationSet | None,
    ontology: Ontology,
    annotator: str,
    model_version: str,
    score: float | None = None,
) -> Payload:
    """The task for `document`, with `prediction` as its suggestion if there is one.

    `score` (0 to 1) is the confidence of the whole prediction. `uid`, `sha256` and `revision` in
    the task's data tell later which text was annotated. Raises InputError like
    `annotations_to_result`.
    """
    task: Payload = {"data": _task_data(document, annotator)}
    if prediction is not None:
        shown: Payload = {
            "model_version": model_version,
            "result": annotations_to_result(prediction, document.text, ontology),
        }
        task["predictions"] = [shown if score is None else shown | {"score": score}]
    return task


def _task_data(document: Document, annotator: str) -> Payload:
    sample = bool(document.meta.get("sample"))
    seen = [document.published, document.language, document.uid, _SAMPLE_NOTICE if sample else None]
    return {
        TEXT: document.text,
        "uid": document.uid,
        "title": str(document.meta.get("title") or document.uid),
        "notice": " · ".join(part for part in seen if part),
        "language": document.language,
        "published": document.published or "",
        "sha256": document.sha256,
        "revision": document.revision,
        "annotator": annotator,
    }


def _event_regions(event: Event, text: str) -> Iterator[Payload]:
    shown = _labelled(event, event.type, EVENTS, text)
    yield shown
    span = {name: shown["value"][name] for name in ("start", "end", "text")}
    for name, value in sorted(event.attributes.items()):
        yield {
            "id": shown["id"],
            "from_name": name,
            "to_name": TEXT,
            "type": "choices",
            "value": {**span, "choices": [value]},
        }


def _labelled(item: Entity | Event, label: str, group: str, text: str) -> Payload:
    start, end = item.start, item.end
    return {
        "id": region_id(item.id),
        "from_name": group,
        "to_name": TEXT,
        "type": "labels",
        "value": {"start": start, "end": end, "text": text[start:end], "labels": [label]},
        **_provenance(item),
    }


def _relation(event: Event, argument: Argument) -> Payload:
    return {
        "type": "relation",
        "from_id": region_id(event.id),
        "to_id": region_id(argument.target),
        "direction": "right",
        "labels": [argument.role],
        **_provenance(argument),
    }


def _provenance(item: Entity | Event | Argument) -> Payload:
    found: Payload = {} if item.score is None else {"score": item.score}
    if item.component is not None:
        found["meta"] = {"component": item.component}
    if item.origin is not None:
        found["origin"] = item.origin
    return found
