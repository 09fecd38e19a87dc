"""Pipelines: what runs over a document, in which order, and under which name.

    sentences -> recogniser -> consistency -> dates -> triggers -> arguments -> attributes

The recogniser may be that of an installed spaCy package instead, with its labels mapped.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import spacy
from spacy.language import Language
from spacy.tokens import Doc, Span

from curation.errors import UsageError
from curation.preannotate import (  # noqa: F401 - each registers its spaCy component
    arguments,
    attributes,
    date_component,
    sentences,
    triggers,
)
from curation.preannotate.extensions import register

__all__ = ["DEFAULT_LABELS", "load_pipeline", "pipeline_name"]

VERSION = "0.1.0"
MAX_LENGTH = 100_000_000
DEFAULT_LABELS: Mapping[str, str] = {
    "PERSON": "PER", "PER": "PER", "PRS": "PER", "persName": "PER",
    "ORG": "ORG", "orgName": "ORG",
    "GPE": "LOC", "LOC": "LOC", "FAC": "LOC", "GPE_LOC": "LOC", "GPE_ORG": "LOC",
    "placeName": "LOC", "geogName": "LOC", "LOCATION": "LOC",
    "DATE": "DATE",
}  # fmt: skip
"""Labels of spaCy packages (OntoNotes, WikiNER, SUC, NorNE, NKJP) in terms of the ontology."""
_ALIASES = {"no": "nb"}


def load_pipeline(
    language: str, *, pipeline: str | None = None, label_map: Mapping[str, str] | None = None
) -> Language:
    """The pipeline for `language` (made once), or one around the spaCy package `pipeline`.

    Raises UsageError where that package is not installed, with the line that installs it.
    """
    code = language.replace("_", "-").partition("-")[0].lower()
    labels = tuple(sorted((label_map or DEFAULT_LABELS).items()))
    return _load(_ALIASES.get(code, code), pipeline, labels if pipeline else ())


@lru_cache(maxsize=16)
def _load(language: str, package: str | None, labels: tuple[tuple[str, str], ...]) -> Language:
    register()
    nlp = _package(package, labels) if package else _blank(language)
    nlp.max_length = MAX_LENGTH
    for name in ("dates", "triggers", "arguments", "attributes"):
        nlp.add_pipe(f"curation_{name}", config={"language": language})
    return nlp


def _blank(language: str) -> Language:
    nlp = _tokenizer(language)
    nlp.add_pipe("curation_sentences", config={"language": language})
    accurate = _has_model()
    if accurate:
        _add_recogniser(nlp)
    nlp.meta["name"] = "curation-accurate" if accurate else "curation-rules"
    nlp.meta["version"] = VERSION
    return nlp


def _tokenizer(language: str) -> Language:
    """The tokenizer of the language; the multilingual one where spaCy has none."""
    try:
        return spacy.blank(language)
    except (ImportError, ValueError):
        return spacy.blank("xx")


def _has_model() -> bool:
    """Whether the recogniser's model came along; a checkout without it still does the rest."""
    module = f"{__package__}.ner"
    if importlib.util.find_spec(module) is None:
        return False
    folder: Path = importlib.import_module(module).MODEL_FOLDER
    return (folder / "config.json").is_file()


def _add_recogniser(nlp: Language) -> None:
    for name in ("recogniser", "consistency"):
        importlib.import_module(f"{__package__}.{name}")
        nlp.add_pipe(f"curation_{name}")


def _package(name: str, labels: tuple[tuple[str, str], ...]) -> Language:
    try:
        nlp = spacy.load(name)
    except OSError as error:
        raise UsageError(
            f"spaCy pipeline {name!r} is not installed: run `python -m pip install {name}`, or "
            "take its name out of curation.toml"
        ) from error
    if not {"parser", "senter", "sentencizer"} & set(nlp.pipe_names):
        nlp.add_pipe("curation_sentences")
    nlp.add_pipe("curation_labels", config={"labels": dict(labels)})
    nlp.meta["name"] = f"curation-{nlp.lang}_{nlp.meta['name']}"
    return nlp


def rename_entities(doc: Doc, labels: Mapping[str, str]) -> Doc:
    """Give entities the label that stands for theirs; leave out those without a counterpart."""
    kept = [e for e in doc.ents if e.label_ in labels]
    doc.ents = [Span(doc, e.start, e.end, label=labels[e.label_]) for e in kept]
    for entity in doc.ents:
        entity._.component = "ner"
    return doc


def _make_labels(nlp: Language, name: str, labels: dict[str, str]) -> Any:  # noqa: ARG001 - spaCy
    return lambda doc: rename_entities(doc, labels)


Language.factory("curation_labels", default_config={"labels": {}}, func=_make_labels)


def pipeline_name(nlp: Language) -> str:
    """Name and version of a pipeline, as an annotator is called: "curation-accurate-0.1.0"."""
    return f"{nlp.meta['name']}-{nlp.meta['version']}"
