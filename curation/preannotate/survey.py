"""What a pipeline can do for a language, and what it cannot."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from spacy.language import Language

from curation.preannotate import date_component
from curation.preannotate.lexicon import load_lexicon
from curation.preannotate.pipeline import (
    BUILT_IN,
    DEFAULT,
    DEFAULT_LABELS,
    LABELS,
    load_pipeline,
    pipeline_name,
)

__all__ = ["Served", "survey"]

_RULES = "curation-rules"
_NAMERS = frozenset({"ner", "beam_ner", "entity_ruler"})
"""spaCy's factories of components that set entities."""


@dataclass(frozen=True, slots=True)
class Served:
    """How a language is served: `labels` says which of the pipeline's labels become which here.

    `proposed` are the entity labels and event types that can come of it. `missing` are lines on
    what is not there and what to do about it.
    """

    language: str
    pipeline: str
    labels: Mapping[str, str]
    proposed: frozenset[str]
    left_out: tuple[str, ...]
    missing: tuple[str, ...]


def survey(
    language: str,
    *,
    pipeline: str | None,
    label_map: Mapping[str, str],
    known: Collection[str],
) -> Served:
    """What serves `language`; `known` are the entity labels of the ontology, and earlier ones.

    Raises UsageError where the pipeline is not installed or cannot be loaded.
    """
    nlp = load_pipeline(language, pipeline=pipeline, label_map=label_map)
    built_in = (pipeline or DEFAULT) in BUILT_IN
    own = set(LABELS) if built_in else _labels_of(nlp)
    mapping = {**DEFAULT_LABELS, **label_map}
    labels = {label: mapping[label] for label in sorted(own) if mapping.get(label)}
    missing = []
    if nlp.meta["name"] == _RULES:
        missing.append("the recogniser's model did not come along: reinstall curation")
    if not built_in and not labels:
        missing.append(
            "it finds no entities under a label that is known here: name its labels in "
            f"[pipelines.{language}.labels]"
        )
    if not built_in and nlp.lang not in (language, "xx"):
        missing.append(f"it is made for {nlp.lang!r}")
    strange = sorted({here for here in labels.values() if here not in known})
    if strange:
        missing.append(f"the ontology has no {', '.join(strange)}: these are not proposed")
    event_types = load_lexicon(language).types
    if not event_types:
        missing.append(f"no lexicon for {language}: no events are proposed")
    left_out = tuple(sorted(own - labels.keys()))
    proposed = event_types.union(labels.values(), [date_component.LABEL])
    return Served(language, pipeline_name(nlp), labels, proposed, left_out, tuple(missing))


def _labels_of(nlp: Language) -> set[str]:
    """The entity labels of a spaCy package."""
    return {
        label
        for name in nlp.pipe_names
        if nlp.get_pipe_meta(name).factory in _NAMERS
        for label in nlp.pipe_labels[name]
    }
