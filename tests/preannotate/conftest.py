"""A pipeline of the rules alone, over entities that the test gives."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache

import pytest
import spacy
from spacy.language import Language
from spacy.tokens import Doc

from curation.preannotate import (  # noqa: F401 - each registers its spaCy component
    arguments,
    attributes,
    date_component,
    sentences,
    triggers,
)

Annotate = Callable[..., Doc]


@lru_cache(maxsize=8)
def rules(language: str) -> Language:
    """The rule components without the recogniser; entities come from `doc.user_data`."""
    nlp = spacy.blank(language)
    for name in ("sentences", "dates", "triggers", "arguments", "attributes"):
        nlp.add_pipe(f"curation_{name}")
    return nlp


def annotate_with(language: str, text: str, names: Iterable[tuple[int, int, str]]) -> Doc:
    """Run the rules over `text` with entities at code-point offsets."""
    nlp = rules(language)
    doc = nlp.make_doc(text)
    spans = [doc.char_span(s, e, label=label, alignment_mode="expand") for s, e, label in names]
    doc.ents = [span for span in spans if span is not None]
    for _, component in nlp.pipeline:
        doc = component(doc)
    return doc


@pytest.fixture(scope="session")
def annotated() -> Annotate:
    """`annotated("en", "…", PER=["Ana Duarte"])`: the first place of each surface is a name."""

    def run(language: str, text: str, **surfaces: list[str]) -> Doc:
        names = [
            (text.index(surface), text.index(surface) + len(surface), label)
            for label, found in surfaces.items()
            for surface in found
        ]
        return annotate_with(language, text, names)

    return run


@pytest.fixture(scope="session")
def annotated_at() -> Annotate:
    """`annotated_at("en", "…", [(0, 3, "PER")])`: names at code-point offsets."""
    return annotate_with


@pytest.fixture(scope="session")
def rules_of() -> Callable[..., Language]:
    """`rules_of("en")`, in place of `load_pipeline`: the rules alone, so that no model loads."""
    return lambda language, **_: rules(language)
