"""From Documents to AnnotationSets, streaming: `annotate` is what the workflows call."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, takewhile
from operator import itemgetter
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc, Span

from curation.migration import migrate
from curation.model import AnnotationSet, Argument, Document, Entity, Event, TextSpan
from curation.ontology import Migrations
from curation.preannotate.arguments import COMPONENT as ARGUMENTS
from curation.preannotate.certainty import task_score
from curation.preannotate.dates import resolve
from curation.preannotate.extensions import Filler, Mention
from curation.preannotate.pipeline import BUILT_IN, DEFAULT, load_pipeline, pipeline_name
from curation.preannotate.scores import argument_score, entity_score, trigger_score
from curation.preannotate.tokenizing import make_doc
from curation.preannotate.triggers import COMPONENT as TRIGGERS

__all__ = ["Failure", "annotate", "doc_to_annotations", "task_score"]

WINDOW_CHARACTERS = 2_000_000


@dataclass(frozen=True)
class Failure:
    """A document on which the pipeline raised, and the reason in one line."""

    uid: str
    reason: str


def annotate(
    documents: Iterable[Document],
    *,
    pipelines: Mapping[str, str] | None = None,
    default: str | None = None,
    label_maps: Mapping[str, Mapping[str, str]] | None = None,
    load: Callable[..., Language] = load_pipeline,
    batch_size: int = 32,
) -> Iterator[AnnotationSet | Failure]:
    """What the pipelines say about each document, in input order.

    `pipelines` names one per language, built-in ("accurate", "fast") or an installed spaCy package;
    other languages get `default`, and without it "accurate". `label_maps` says, per language, what
    the labels of its pipeline are called here.
    At most four batches, or two million characters, are in memory at a time. A document on which
    its pipeline raises gives a Failure. UsageError where a named package is not installed.
    Where it is interrupted, what is done of the documents in hand comes first, up to a gap.
    """
    chosen, maps = pipelines or {}, label_maps or {}
    for window in _windows(documents, 4 * batch_size):
        results: dict[int, AnnotationSet | Failure] = {}
        interruption: KeyboardInterrupt | None = None
        try:
            for language, indices in _by_language(window).items():
                name = chosen.get(language, default)
                nlp = load(language, pipeline=name, label_map=maps.get(language))
                group = [window[i] for i in indices]
                own = maps.get(language, {}) if (name or DEFAULT) in BUILT_IN else {}
                for index, found in zip(
                    indices, _annotate_group(nlp, group, batch_size), strict=True
                ):
                    results[index] = _renamed(found, own)
        except KeyboardInterrupt as raised:
            interruption = raised
        yield from (results[i] for i in takewhile(results.__contains__, range(len(window))))
        if interruption:
            raise interruption


def _renamed(found: AnnotationSet | Failure, labels: Mapping[str, str]) -> AnnotationSet | Failure:
    """Labels of a built-in pipeline as they are called here; its rules go by its own names."""
    if not labels or isinstance(found, Failure):
        return found
    return migrate(found, Migrations(entities=labels))


def _windows(documents: Iterable[Document], most: int) -> Iterator[list[Document]]:
    window: list[Document] = []
    size = 0
    for document in documents:
        window.append(document)
        size += len(document.text)
        if len(window) >= most or size >= WINDOW_CHARACTERS:
            yield window
            window, size = [], 0
    if window:
        yield window


def _by_language(window: Iterable[Document]) -> dict[str, list[int]]:
    groups: dict[str, list[int]] = {}
    for index, document in enumerate(window):
        groups.setdefault(document.language, []).append(index)
    return groups


def _annotate_group(
    nlp: Language, group: list[Document], batch_size: int
) -> Iterator[AnnotationSet | Failure]:
    remaining = iter(group)
    while batch := list(islice(remaining, batch_size)):
        yield from _annotate_batch(nlp, batch)


def _annotate_batch(nlp: Language, batch: list[Document]) -> Iterator[AnnotationSet | Failure]:
    """A batch together; from where that raises on one by one, so that only the culprit fails."""
    done = 0
    try:
        docs = nlp.pipe([_make_doc(nlp, d) for d in batch], batch_size=len(batch))
        for doc, document in zip(docs, batch, strict=True):
            result = _result(nlp, doc, document)
            done += 1
            yield result
    except Exception:
        yield from (_annotate_one(nlp, document) for document in batch[done:])


def _annotate_one(nlp: Language, document: Document) -> AnnotationSet | Failure:
    try:
        return _result(nlp, nlp(_make_doc(nlp, document)), document)
    except Exception as error:
        lines = str(error).splitlines() or [""]
        return Failure(document.uid, f"{type(error).__name__}: {lines[0]}")


def _make_doc(nlp: Language, document: Document) -> Doc:
    doc = make_doc(nlp, document.text)
    doc._.published = document.published
    return doc


def _result(nlp: Language, doc: Doc, document: Document) -> AnnotationSet:
    return doc_to_annotations(doc, uid=document.uid, annotator=pipeline_name(nlp))


def doc_to_annotations(doc: Doc, *, uid: str, annotator: str) -> AnnotationSet:
    """What a pipeline put on `doc`, as an AnnotationSet of a model.

    The ISO values of DATE entities stand in the provenance, by entity id.
    """
    spans = [e for e in doc.ents if e.text.strip()]
    entities = [_entity(e, f"T{i}") for i, e in enumerate(spans, 1)]
    # Entities of a doc stand in text order and do not overlap: their ids are canonical as they
    # come; so are those of events and the order of arguments, by these keys.
    mentions = sorted(doc._.events, key=lambda m: (m.start, -m.end, m.type))
    numbers = {(e.start, e.end): i for i, e in enumerate(spans)}
    language = doc.lang_
    events = tuple(
        _event(mention, f"E{i}", doc, language, numbers, entities)
        for i, mention in enumerate(mentions, 1)
    )
    return AnnotationSet(
        uid=uid,
        annotator=annotator,
        kind="model",
        entities=tuple(entities),
        events=events,
        provenance=_dates(spans, doc._.published),
    )


def _entity(span: Span, entity_id: str) -> Entity:
    said = span._
    component, label = said.component, span.label_
    return Entity(
        id=entity_id,
        start=span.start_char,
        end=span.end_char,
        label=label,
        score=entity_score(said.score, component, label),
        component=component,
    )


def _event(
    mention: Mention,
    event_id: str,
    doc: Doc,
    language: str,
    numbers: Mapping[tuple[int, int], int],
    entities: Sequence[Entity],
) -> Event:
    trigger = doc[mention.start : mention.end]
    known = [(f.role, numbers.get((f.start, f.end), -1), f) for f in mention.fillers]
    fillers = sorted((found for found in known if found[1] >= 0), key=itemgetter(0, 1))
    return Event(
        id=event_id,
        type=mention.type,
        trigger=TextSpan(start=trigger.start_char, end=trigger.end_char),
        arguments=tuple(
            _argument(filler, mention, entities[number], language) for _, number, filler in fillers
        ),
        attributes=mention.attributes,
        score=trigger_score(mention, language),
        component=TRIGGERS,
    )


def _argument(filler: Filler, mention: Mention, entity: Entity, language: str) -> Argument:
    score = argument_score(filler, mention, entity.score, language)
    return Argument(role=filler.role, target=entity.id, score=score, component=ARGUMENTS)


def _dates(spans: Iterable[Span], published: str | None) -> dict[str, Any]:
    values: dict[str, dict[str, str]] = {}
    for number, span in enumerate(spans, 1):
        said = span._.date if span.label_ == "DATE" else None
        normalised = resolve(said, published) if said else None
        if normalised:
            values[f"T{number}"] = {"value": normalised.value, "precision": normalised.precision}
    return {"dates": values} if values else {}
