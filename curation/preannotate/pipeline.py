"""Pipelines: what runs over a document, in which order, and under which name.

    sentences -> recogniser -> consistency -> dates -> triggers -> arguments -> attributes

The built-in pipelines differ in their recogniser: "accurate", the default, has a fine-tuned
encoder, "fast" a small convolutional network. It may be that of an installed spaCy package
instead, with its labels mapped.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

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

__all__ = ["BUILT_IN", "DEFAULT", "DEFAULT_LABELS", "LABELS", "load_pipeline", "pipeline_name"]

VERSION = "0.1.0"
DEFAULT = "accurate"
BUILT_IN: Mapping[str, str] = {"accurate": "recogniser", "fast": "fast"}
"""Names of the pipelines that need no spaCy package, and the module of each one's recogniser."""
LABELS = ("PER", "ORG", "LOC", "DATE")
"""Entities of the built-in pipelines."""
MAX_LENGTH = 100_000_000
MOST_WORDS = 50_000
"""New words that a pipeline may meet; spaCy keeps every one, so it is made anew after them."""
_words_at_start: WeakKeyDictionary[Language, int] = WeakKeyDictionary()
DEFAULT_LABELS: Mapping[str, str] = {
    "PERSON": "PER", "PER": "PER", "PRS": "PER", "persName": "PER",
    "ORG": "ORG", "orgName": "ORG",
    "GPE": "LOC", "LOC": "LOC", "FAC": "LOC", "GPE_LOC": "LOC", "GPE_ORG": "LOC",
    "placeName": "LOC", "geogName": "LOC", "LOCATION": "LOC",
    "DATE": "DATE",
}  # fmt: skip
"""Labels of spaCy packages (OntoNotes, WikiNER, SUC, NorNE, NKJP) in terms of the ontology."""
_ALIASES = {"no": "nb"}
_PUBLISHED = re.compile(r"[a-z]{2,3}_[a-z_]+_(sm|md|lg|trf)")


def load_pipeline(
    language: str, *, pipeline: str | None = None, label_map: Mapping[str, str] | None = None
) -> Language:
    """The pipeline for `language` (made once): "accurate", "fast", or one around a spaCy package.

    A spaCy package goes by its name, or by the folder where it was saved. `label_map` comes on top
    of `DEFAULT_LABELS`; a label mapped to "" is left out. Raises UsageError where the package is
    not installed, with the line that installs it, or cannot be loaded.
    """
    code = language.replace("_", "-").partition("-")[0].lower()
    name = pipeline or DEFAULT
    labels = tuple(sorted({**DEFAULT_LABELS, **(label_map or {})}.items()))
    wanted = (_ALIASES.get(code, code), name, () if name in BUILT_IN else labels)
    nlp = _load(*wanted)
    if len(nlp.vocab.strings) - _words_at_start[nlp] > MOST_WORDS:
        _load.cache_clear()
        nlp = _load(*wanted)
    return nlp


@lru_cache(maxsize=16)
def _load(language: str, name: str, labels: tuple[tuple[str, str], ...]) -> Language:
    register()
    nlp = _blank(language, name) if name in BUILT_IN else _package(name, labels)
    nlp.max_length = MAX_LENGTH
    for rules in ("dates", "triggers", "arguments", "attributes"):
        nlp.add_pipe(f"curation_{rules}", config={"language": language})
    _words_at_start[nlp] = len(nlp.vocab.strings)
    return nlp


def _blank(language: str, name: str) -> Language:
    nlp = _tokenizer(language)
    nlp.add_pipe("curation_sentences", config={"language": language})
    complete = _has_model(name)
    if complete:
        _add_recogniser(nlp, name)
    nlp.meta["name"] = f"curation-{name}" if complete else "curation-rules"
    nlp.meta["version"] = VERSION
    return nlp


def _tokenizer(language: str) -> Language:
    """The tokenizer of the language; the multilingual one where spaCy has none."""
    try:
        return spacy.blank(language)
    except (ImportError, ValueError):
        return spacy.blank("xx")


def _has_model(name: str) -> bool:
    """Whether the recogniser's model came along; a checkout without it still does the rest."""
    folder: Path = importlib.import_module(f"{__package__}.{BUILT_IN[name]}").MODEL_FOLDER
    return (folder / "config.json").is_file()


def _add_recogniser(nlp: Language, name: str) -> None:
    for module in (BUILT_IN[name], "consistency"):
        nlp.add_pipe(importlib.import_module(f"{__package__}.{module}").COMPONENT)


def _package(name: str, labels: tuple[tuple[str, str], ...]) -> Language:
    nlp = _open_package(name)
    if not {"parser", "senter", "sentencizer"} & set(nlp.pipe_names):
        nlp.add_pipe("curation_sentences")
    nlp.add_pipe("curation_labels", config={"labels": {k: v for k, v in labels if v}})
    nlp.meta["name"] = f"curation-{nlp.lang}_{nlp.meta['name']}"
    return nlp


def _open_package(name: str) -> Language:
    try:
        return spacy.load(name)
    except OSError as error:
        if spacy.util.is_package(name) or Path(name).is_dir():
            raise _broken(name, error) from error
        raise UsageError(
            f"no pipeline {name!r}: {' and '.join(BUILT_IN)} come along, and {_others(name)}"
        ) from error
    except Exception as error:
        # A package brings code and settings of its own, which may fail in any way.
        raise _broken(name, error) from error


def _others(name: str) -> str:
    """What else can be named; what spaCy's makers publish is not on PyPI, spaCy fetches it."""
    if _PUBLISHED.fullmatch(name):
        return f"`python -m spacy download {name}` installs that one"
    return "others are an installed spaCy package's name, or its folder"


def _broken(name: str, error: Exception) -> UsageError:
    lines = str(error).splitlines() or [type(error).__name__]
    return UsageError(
        f"spaCy pipeline {name!r} cannot be loaded: {lines[0]}; install what it needs, or take its "
        "name out of curation.toml"
    )


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
