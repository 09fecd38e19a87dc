"""One component of a pipeline by itself, and the names it finds."""

from __future__ import annotations

import spacy
from spacy.tokens import Doc

__all__ = ["names", "piped"]


def piped(component: str, language: str, *texts: str) -> list[Doc]:
    """Documents after the component, in a blank pipeline."""
    nlp = spacy.blank(language)
    nlp.add_pipe(component)
    return list(nlp.pipe(texts))


def names(doc: Doc) -> set[tuple[str, str]]:
    """Entities as (text, label)."""
    return {(ent.text, ent.label_) for ent in doc.ents}
