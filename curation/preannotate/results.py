"""What a pipeline put on a Doc, as an AnnotationSet.

This runs on top of every pipeline, so it reads spaCy's objects column by column, and has all that
belongs to a document validated at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import Any

from spacy.attrs import IDX, IS_SPACE, LENGTH
from spacy.tokens import Doc, Span

from curation.model import AnnotationSet
from curation.preannotate.arguments import COMPONENT as ARGUMENTS
from curation.preannotate.dates import resolve
from curation.preannotate.extensions import Filler, Mention, span_values
from curation.preannotate.scores import argument_score, entity_score, trigger_score
from curation.preannotate.triggers import COMPONENT as TRIGGERS

__all__ = ["doc_to_annotations"]

_Values = dict[str, Any]


def doc_to_annotations(doc: Doc, *, uid: str, annotator: str) -> AnnotationSet:
    """What a pipeline put on `doc`, as an AnnotationSet of a model.

    The ISO values of DATE entities stand in the provenance, by entity id.
    """
    starts, lengths, blank = doc.to_array((IDX, LENGTH, IS_SPACE)).T.tolist()
    spans = [e for e in doc.ents if not all(blank[e.start : e.end])]
    entities = _entities(doc, spans)
    return AnnotationSet.model_validate(
        {
            "uid": uid,
            "annotator": annotator,
            "kind": "model",
            "entities": tuple(entities),
            "events": tuple(_events(doc, spans, entities, starts, lengths)),
            "provenance": _dates(doc, spans),
        }
    )


def _entities(doc: Doc, spans: Sequence[Span]) -> list[_Values]:
    """Entities of a doc stand in text order and do not overlap: ids are canonical as they come."""
    scores, components = (span_values(doc, name, spans) for name in ("score", "component"))
    labels = [span.label_ for span in spans]
    return [
        {
            "id": f"T{number}",
            "start": span.start_char,
            "end": span.end_char,
            "label": label,
            "score": entity_score(score, component, label),
            "component": component,
        }
        for number, (span, label, score, component) in enumerate(
            zip(spans, labels, scores, components, strict=True), 1
        )
    ]


def _events(
    doc: Doc,
    spans: Sequence[Span],
    entities: Sequence[_Values],
    starts: Sequence[int],
    lengths: Sequence[int],
) -> list[_Values]:
    """Their ids, and the order of their arguments, are canonical by these keys.

    `starts` and `lengths` are those of the tokens, in code points.
    """
    mentions = sorted(doc._.events, key=lambda m: (m.start, -m.end, m.type))
    numbers = {(e.start, e.end): i for i, e in enumerate(spans)}
    language = doc.lang_
    return [
        {
            "id": f"E{number}",
            "type": mention.type,
            "trigger": {
                "start": starts[mention.start],
                "end": starts[mention.end - 1] + lengths[mention.end - 1],
            },
            "arguments": _arguments(mention, numbers, entities, language),
            "attributes": mention.attributes,
            "score": trigger_score(mention, language),
            "component": TRIGGERS,
        }
        for number, mention in enumerate(mentions, 1)
    ]


def _arguments(
    mention: Mention,
    numbers: Mapping[tuple[int, int], int],
    entities: Sequence[_Values],
    language: str,
) -> tuple[_Values, ...]:
    if not mention.fillers:
        return ()
    known = [(f.role, numbers.get((f.start, f.end), -1), f) for f in mention.fillers]
    fillers = sorted((found for found in known if found[1] >= 0), key=itemgetter(0, 1))
    return tuple(
        [_argument(filler, mention, entities[number], language) for _, number, filler in fillers]
    )


def _argument(filler: Filler, mention: Mention, entity: _Values, language: str) -> _Values:
    score = argument_score(filler, mention, entity["score"], language)
    return {"role": filler.role, "target": entity["id"], "score": score, "component": ARGUMENTS}


def _dates(doc: Doc, spans: Sequence[Span]) -> _Values:
    dated = [(i, span) for i, span in enumerate(spans, 1) if span.label_ == "DATE"]
    expressions = span_values(doc, "date", [span for _, span in dated])
    published = doc._.published
    values: dict[str, dict[str, str]] = {}
    for (number, _), expression in zip(dated, expressions, strict=True):
        normalised = resolve(expression, published) if expression else None
        if normalised:
            values[f"T{number}"] = {"value": normalised.value, "precision": normalised.precision}
    return {"dates": values} if values else {}
