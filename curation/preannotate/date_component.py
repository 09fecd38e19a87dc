"""The spaCy component that adds DATE entities to those of the recogniser."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from spacy.tokens import Doc, Span

from curation.preannotate.dates import DateExpression, find_dates
from curation.preannotate.extensions import add_factory

__all__ = ["add_dates"]

COMPONENT = "curation_dates"
CERTAIN, LIKELY = 0.95, 0.85


def make_dates(language: str) -> Callable[[Doc], Doc]:
    """The component for `language`."""
    return lambda doc: add_dates(doc, language)


add_factory(COMPONENT, make_dates)


def add_dates(doc: Doc, language: str) -> Doc:
    """Add DATE spans; against another entity the longer one stays, and at a tie the entity."""
    spans = list(_date_spans(doc, language))
    dated = {i: s for s in spans for i in range(s.start, s.end)}
    others = [e for e in doc.ents if not _replaced(e, dated)]
    taken = {i for e in others for i in range(e.start, e.end)}
    kept = [s for s in spans if taken.isdisjoint(range(s.start, s.end))]
    doc.ents = sorted((*others, *kept), key=lambda e: e.start)
    return doc


def _date_spans(doc: Doc, language: str) -> Iterator[Span]:
    end = 0
    for expression in find_dates(doc.text, language):
        span = doc.char_span(
            expression.start, expression.end, label="DATE", alignment_mode="expand"
        )
        if span is None or span.start < end or not _aligned(span, expression):
            continue
        end = span.end
        span._.score = CERTAIN if expression.certain else LIKELY
        span._.component = COMPONENT
        span._.date = expression
        yield span


def _aligned(span: Span, expression: DateExpression) -> bool:
    """Expansion may add punctuation that the tokenizer left on a word, never letters or digits."""
    before = span.doc.text[span.start_char : expression.start]
    after = span.doc.text[expression.end : span.end_char]
    return not any(c.isalnum() for c in before + after)


def _replaced(entity: Span, dated: Mapping[int, Span]) -> bool:
    """A DATE replaces a shorter entity inside it, and any DATE that another recogniser found."""
    date = dated.get(entity.start) or dated.get(entity.end - 1)
    if date is None:
        return False
    inside = date.start <= entity.start and entity.end <= date.end
    return entity.label_ == "DATE" or (inside and len(date) > len(entity))
