"""The calibrated scores of what a pipeline found, by the features that calibration.toml weighs."""

from __future__ import annotations

from functools import lru_cache

from spacy.tokens import Span

from curation.preannotate.certainty import Features, calibrated, logit
from curation.preannotate.extensions import Filler, Form, Mention

__all__ = [
    "argument_features",
    "argument_score",
    "entity_features",
    "entity_score",
    "trigger_features",
    "trigger_score",
]

_REACHES = ((2, "near"), (6, "middle"))
_UNKNOWN = 0.5


def entity_score(given: float | None, component: str | None, label: str) -> float | None:
    """Of a name or date; None where its component gives no probability."""
    if given is None:
        return None
    return calibrated(f"entities.{component}", _entity_features(given, label), float(given))


def entity_features(span: Span) -> Features:
    """Its component's probability, and its label."""
    return _entity_features(span._.score, span.label_)


def _entity_features(strength: float, label: str) -> Features:
    return {"constant": 1.0, "strength": logit(strength), f"label={label}": 1.0}


def trigger_score(mention: Mention, language: str) -> float:
    """Of a trigger and its type."""
    words = mention.end - mention.start
    return _trigger_score(words, mention.type, mention.score, mention.form, language)


@lru_cache(maxsize=2000)
def _trigger_score(words: int, kind: str, strength: float, form: Form, language: str) -> float:
    """There are few different ones, each asked for again by the arguments of its event."""
    features = trigger_features(Mention(0, words, kind, strength, form), language)
    return calibrated("triggers", features, strength)


def trigger_features(mention: Mention, language: str) -> Features:
    """The strength of its entry in the lexicon, how it is used, type, language."""
    return {
        "constant": 1.0,
        "strength": logit(mention.score),
        "several words": float(mention.end - mention.start > 1),
        f"form={mention.form}": 1.0,
        f"type={mention.type}": 1.0,
        f"language={language}": 1.0,
    }


def argument_score(filler: Filler, mention: Mention, entity: float | None, language: str) -> float:
    """Of a role of an event; `entity` is the score of what fills it."""
    features = argument_features(filler, mention, entity, language)
    return calibrated("arguments", features, filler.score)


def argument_features(
    filler: Filler, mention: Mention, entity: float | None, language: str
) -> Features:
    """How certain the rule, the trigger and the filler are, the role, how far they are apart."""
    apart = max(filler.start - mention.end, mention.start - filler.end, 0)
    reach = next((name for most, name in _REACHES if apart <= most), "far")
    return {
        "constant": 1.0,
        "strength": logit(filler.score),
        "trigger": logit(trigger_score(mention, language)),
        "entity": logit(_UNKNOWN if entity is None else entity),
        f"role={filler.role}": 1.0,
        f"form={mention.form}": 1.0,
        f"distance={reach}": 1.0,
        f"language={language}": 1.0,
    }
