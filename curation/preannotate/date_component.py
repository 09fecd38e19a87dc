"""The spaCy component that adds DATE entities to those of the recogniser."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial

from spacy.tokens import Doc, Span, Token

from curation.preannotate.dates import DateExpression, find_dates
from curation.preannotate.extensions import add_factory
from curation.preannotate.words import text_of

__all__ = ["add_dates"]

COMPONENT = "curation_dates"
LABEL = "DATE"
CERTAIN, LIKELY = 0.95, 0.85


def make_dates(language: str) -> Callable[[Doc], Doc]:
    """The component for `language`."""
    return lambda doc: add_dates(doc, language)


add_factory(COMPONENT, make_dates)


def add_dates(doc: Doc, language: str) -> Doc:
    """Add DATE spans; against another entity the longer one stays, and at a tie the entity."""
    text = text_of(doc)
    found = list(find_dates(text, language))
    _split_tokens(doc, found)
    spans = list(_date_spans(doc, text, found))
    dated = {i: s for s in spans for i in range(s.start, s.end)}
    others = [e for e in doc.ents if not _replaced(e, dated)]
    taken = {i for e in others for i in range(e.start, e.end)}
    kept = [s for s in spans if taken.isdisjoint(range(s.start, s.end))]
    doc.ents = sorted((*others, *kept), key=lambda e: e.start)
    return doc


def _split_tokens(doc: Doc, found: Iterable[DateExpression]) -> None:
    """Cut a full stop off a number where an expression ends before it, as in "3. mai 2021."."""
    loose = [
        token
        for token in map(partial(_token_at, doc), found)
        if token is not None and token.text[-1] == "." and token.text[:-1].isdigit()
    ]
    if not loose:
        return
    with doc.retokenize() as retokenizer:
        for token in loose:
            retokenizer.split(token, [token.text[:-1], "."], heads=[(token, 0), (token, 0)])


def _token_at(doc: Doc, expression: DateExpression) -> Token | None:
    """The token in which the expression ends, if it goes on by one character."""
    span = doc.char_span(expression.start, expression.end, alignment_mode="expand")
    return span[-1] if span is not None and span.end_char == expression.end + 1 else None


def _date_spans(doc: Doc, text: str, found: Iterable[DateExpression]) -> Iterator[Span]:
    end = 0
    for expression in found:
        span = doc.char_span(expression.start, expression.end, label=LABEL, alignment_mode="expand")
        if span is None or span.start < end or not _aligned(span, text, expression):
            continue
        end = span.end
        span._.score = CERTAIN if expression.certain else LIKELY
        span._.component = COMPONENT
        span._.date = expression
        yield span


def _aligned(span: Span, text: str, expression: DateExpression) -> bool:
    """Expansion may add punctuation that the tokenizer left on a word, never letters or digits."""
    before = text[span.start_char : expression.start]
    after = text[expression.end : span.end_char]
    return not any(c.isalnum() for c in before + after)


def _replaced(entity: Span, dated: Mapping[int, Span]) -> bool:
    """A DATE replaces a shorter entity inside it, and any DATE that another recogniser found."""
    date = dated.get(entity.start) or dated.get(entity.end - 1)
    if date is None:
        return False
    inside = date.start <= entity.start and entity.end <= date.end
    return entity.label_ == LABEL or (inside and len(date) > len(entity))
