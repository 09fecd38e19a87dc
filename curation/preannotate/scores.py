"""The calibrated scores of what a pipeline found, by the features that calibration.toml weighs."""

from __future__ import annotations

from functools import lru_cache

from spacy.tokens import Span

from curation.preannotate.certainty import Features, calibrated, line, logit, on_line
from curation.preannotate.extensions import Filler, Form, Mention

__all__ = [
    "argument_features",
    "argument_score",
    "entity_features",
    "entity_score",
    "trigger_features",
    "trigger_score",
]

_NEAR, _MIDDLE = 2, 6
"""Tokens between a trigger and what fills its role."""
_UNKNOWN = 0.5
"""A probability that says nothing: its log odds are 0."""


def entity_score(given: float | None, component: str | None, label: str) -> float | None:
    """Of a name or date; None where its component gives no probability."""
    if given is None:
        return None
    return on_line(_entity_line(component, label), logit(given), float(given))


@lru_cache(maxsize=200)
def _entity_line(component: str | None, label: str) -> tuple[float, float] | None:
    return line(f"entities.{component}", _entity_features(_UNKNOWN, label), "strength")


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
    strengths = filler.score, trigger_score(mention, language)
    known = _argument_line(*strengths, filler.role, mention.form, _reach(filler, mention), language)
    return on_line(known, logit(_UNKNOWN if entity is None else entity), filler.score)


@lru_cache(maxsize=5000)
def _argument_line(
    strength: float, trigger: float, role: str, form: Form, reach: str, language: str
) -> tuple[float, float] | None:
    features = _argument_features(strength, trigger, _UNKNOWN, role, form, reach, language)
    return line("arguments", features, "entity")


def argument_features(
    filler: Filler, mention: Mention, entity: float | None, language: str
) -> Features:
    """How certain the rule, the trigger and the filler are, the role, how far they are apart."""
    return _argument_features(
        filler.score,
        trigger_score(mention, language),
        _UNKNOWN if entity is None else entity,
        filler.role,
        mention.form,
        _reach(filler, mention),
        language,
    )


def _argument_features(
    strength: float,
    trigger: float,
    entity: float,
    role: str,
    form: Form,
    reach: str,
    language: str,
) -> Features:
    return {
        "constant": 1.0,
        "strength": logit(strength),
        "trigger": logit(trigger),
        "entity": logit(entity),
        f"role={role}": 1.0,
        f"form={form}": 1.0,
        f"distance={reach}": 1.0,
        f"language={language}": 1.0,
    }


def _reach(filler: Filler, mention: Mention) -> str:
    """How far a filler is from the trigger, on either side of it."""
    apart = filler.start - mention.end
    if apart < 0:
        apart = mention.start - filler.end
    return "near" if apart <= _NEAR else "middle" if apart <= _MIDDLE else "far"
