"""Scores that say how often such proposals are right."""

from __future__ import annotations

import tomllib
from importlib import resources

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.tokens import Doc, Span
from spacy.vocab import Vocab

from curation.model import AnnotationSet, Entity
from curation.preannotate import certainty
from curation.preannotate.certainty import calibrated, logit, task_score
from curation.preannotate.documents import annotate
from curation.preannotate.extensions import Filler, Mention
from curation.preannotate.scores import (
    argument_features,
    argument_score,
    entity_features,
    entity_score,
    trigger_score,
)
from curation.testing import document

probabilities = st.floats(0, 1)
TABLES = {
    "entities.curation_recogniser",
    "entities.curation_fast_recogniser",
    "entities.curation_dates",
    "triggers",
    "arguments",
}


@pytest.fixture
def weights(monkeypatch: pytest.MonkeyPatch) -> None:
    """Weights of the test's own."""
    tables = {"triggers": {"constant": 0.5, "strength": 2.0, "form=noun": -1.0}}
    monkeypatch.setattr(certainty, "_weights", lambda: tables)


@pytest.mark.usefixtures("weights")
def test_score_is_the_logistic_of_the_weighted_sum() -> None:
    """0.5 + 2·1 - 1 = 1.5 gives 0.8176; a feature without a weight counts as nothing."""
    features = {"constant": 1.0, "strength": 1.0, "form=noun": 1.0, "language=xx": 1.0}
    assert calibrated("triggers", features, 0.3) == 0.8176


@pytest.mark.usefixtures("weights")
def test_component_that_nobody_calibrated_keeps_its_score() -> None:
    """Without a table the score is what the component said."""
    assert calibrated("entities.somebody", {"constant": 1.0}, 0.3) == 0.3


def test_log_odds_are_finite() -> None:
    """Certainty, and its opposite, do not run to infinity."""
    assert logit(0.5) == 0.0
    assert logit(1.0) == pytest.approx(-logit(0.0))
    assert 5 < logit(1.0) == logit(0.9999)


def test_table_is_shipped_with_its_error() -> None:
    """Every component that scores has its weights, and each table says its error out of fold."""
    source = resources.files("curation.preannotate").joinpath("calibration.toml")
    text = source.read_text(encoding="utf-8")
    assert set(tomllib.loads(text)) == TABLES
    assert text.count("# out of fold, by document: ece 0.0") == len(TABLES)


def mention(strength: float, words: int = 1) -> Mention:
    """A verb that means CONSULT."""
    return Mention(5, 5 + words, "CONSULT", strength, "verb")


def test_weaker_entries_are_less_certain() -> None:
    """The order of strengths stays: a weak entry, or a far filler, is less certain."""
    assert trigger_score(mention(0.55), "en") < trigger_score(mention(0.85), "en")
    near, far = (Filler("Actor", start, start + 1, 0.75) for start in (4, 40))
    scores = [argument_score(f, mention(0.85), 0.9, "en") for f in (near, far)]
    assert scores[0] > scores[1]
    doubtful = argument_score(near, mention(0.85), 0.3, "en")
    assert doubtful < scores[0]


def test_every_proposal_has_a_score() -> None:
    """Names, dates, triggers and arguments all come with a probability, none of them certain."""
    text = "Minister Anna Berg met Peter Lind in Oslo on Monday. Police arrested Ivan Petrov."
    (found,) = annotate([document(text)])
    assert isinstance(found, AnnotationSet)
    arguments = [a for event in found.events for a in event.arguments]
    assert found.entities
    assert arguments
    scores = [item.score for item in (*found.items, *arguments)]
    assert all(score is not None and 0 < score < 1 for score in scores)


def scored(*scores: float | None) -> AnnotationSet:
    """A set with entities of these scores."""
    entities = tuple(
        Entity(id=f"T{i}", start=i, end=i + 1, label="PER", score=score)
        for i, score in enumerate(scores)
    )
    return AnnotationSet(uid="d", annotator="m", kind="model", entities=entities)


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        ((0.9, 0.2, 0.8, 0.5), 0.5),
        ((0.9, 0.7), 0.8),
        ((0.6, None), 0.6),
        ((None,), 1.0),
        ((), 1.0),
    ],
)
def test_task_is_as_certain_as_its_least_certain_items(
    scores: tuple[float | None, ...], expected: float
) -> None:
    """The mean of the three least certain scores; 1 where nothing is scored."""
    assert task_score(scored(*scores)) == pytest.approx(expected)


@settings(derandomize=True, deadline=None)
@given(strength=probabilities, label=st.sampled_from(["PER", "ORG", "LOC", "DATE", "OTHER"]))
def test_the_short_way_to_the_score_of_an_entity_gives_the_same(
    strength: float, label: str
) -> None:
    """What entities of a component and label have in common is worked out once, to no effect."""
    component = "curation_fast_recogniser"
    span = Span(Doc(Vocab(), words=["Anna"]), 0, 1, label=label)
    span._.score = strength
    whole = calibrated(f"entities.{component}", entity_features(span), strength)
    assert entity_score(strength, component, label) == pytest.approx(whole, abs=1e-4)


@settings(derandomize=True, deadline=None)
@given(
    entity=st.none() | probabilities,
    role=st.sampled_from(["Actor", "Recipient", "Location", "Date"]),
    start=st.integers(0, 40),
    language=st.sampled_from(["en", "sk", "xx"]),
    strength=st.sampled_from([0.55, 0.85]),
)
def test_the_short_way_to_the_score_of_an_argument_gives_the_same(
    entity: float | None, role: str, start: int, language: str, strength: float
) -> None:
    """Also where the filler stands in, before or far behind the trigger, or has no score."""
    filler = Filler(role, start, start + 1, 0.7)
    features = argument_features(filler, mention(strength), entity, language)
    whole = calibrated("arguments", features, filler.score)
    found = argument_score(filler, mention(strength), entity, language)
    assert found == pytest.approx(whole, abs=1e-4)
