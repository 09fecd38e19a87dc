"""From Documents to AnnotationSets, streaming: `annotate` is what the workflows call."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice, takewhile

from spacy.language import Language
from spacy.tokens import Doc

from curation.garbage import seldom_collected
from curation.migration import migrate
from curation.model import AnnotationSet, Document
from curation.ontology import Migrations
from curation.preannotate.certainty import task_score
from curation.preannotate.pipeline import BUILT_IN, DEFAULT, load_pipeline, pipeline_name
from curation.preannotate.results import doc_to_annotations
from curation.preannotate.tokenizing import make_doc

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

    def annotated(window: list[Document]) -> Iterator[tuple[int, AnnotationSet | Failure]]:
        for language, indices in _by_language(window).items():
            name = chosen.get(language, default)
            nlp = load(language, pipeline=name, label_map=maps.get(language))
            own = maps.get(language, {}) if (name or DEFAULT) in BUILT_IN else {}
            found = _annotate_group(nlp, [window[i] for i in indices], batch_size)
            yield from zip(indices, (_renamed(f, own) for f in found), strict=True)

    for window in _windows(documents, 4 * batch_size):
        results: dict[int, AnnotationSet | Failure] = {}
        interruption: KeyboardInterrupt | None = None
        try:
            with seldom_collected():  # not around a `yield`: who takes the results has other needs
                results.update(annotated(window))
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
    annotator = pipeline_name(nlp)
    try:
        docs = nlp.pipe((_make_doc(nlp, d) for d in batch), batch_size=len(batch))
        for doc, document in zip(docs, batch, strict=True):
            result = doc_to_annotations(doc, uid=document.uid, annotator=annotator)
            done += 1
            yield result
    except Exception:
        yield from (_annotate_one(nlp, document, annotator) for document in batch[done:])


def _annotate_one(nlp: Language, document: Document, annotator: str) -> AnnotationSet | Failure:
    try:
        doc = nlp(_make_doc(nlp, document))
        return doc_to_annotations(doc, uid=document.uid, annotator=annotator)
    except Exception as error:
        lines = str(error).splitlines() or [""]
        return Failure(document.uid, f"{type(error).__name__}: {lines[0]}")


def _make_doc(nlp: Language, document: Document) -> Doc:
    doc = make_doc(nlp, document.text)
    doc._.published = document.published
    return doc
