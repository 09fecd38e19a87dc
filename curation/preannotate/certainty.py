"""How certain proposals are; kept apart from the pipelines, which take long to import.

What the components say (a probability of the recogniser, the strength of a lexicon's entry, the
guess of a rule) becomes the share of such proposals that people kept: a logistic regression over a
few features for each layer (Platt 1999), whose weights stand in calibration.toml. That is made by
scripts/calibrate.py; a feature without a weight there, such as a new language, counts as 0.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib import resources

from curation.model import AnnotationSet

__all__ = ["Features", "calibrated", "least_certain", "logit", "task_score"]

LEAST = 3
"""How many of the least certain scores make the score of a task."""
_EDGE = 1e-3

Features = Mapping[str, float]
"""Values by name; a name such as "role=Actor" has the value 1."""


def task_score(annotations: AnnotationSet) -> float:
    """How certain a set is, in [0, 1]: the mean of its three least certain scores.

    The queue is ordered by it, least certain first. 1.0 where nothing has a score.
    """
    return least_certain(item.score for item in annotations.items if item.score is not None)


def least_certain(scores: Iterable[float]) -> float:
    """The `task_score` of a set with these scores."""
    least = sorted(scores)[:LEAST]
    return sum(least) / len(least) if least else 1.0


def calibrated(table: str, features: Features, fallback: float) -> float:
    """The probability that a proposal is right; `fallback` where the table is not there."""
    weights = _weights().get(table)
    if weights is None:
        return fallback
    total = sum([weights.get(name, 0.0) * value for name, value in features.items()])
    return round(1 / (1 + math.exp(-total)), 4)


@lru_cache(maxsize=1)
def _weights() -> Mapping[str, Mapping[str, float]]:
    source = resources.files(__package__).joinpath("calibration.toml")
    if not source.is_file():
        return {}
    tables = tomllib.loads(source.read_text(encoding="utf-8"))
    return {name: table["weights"] for name, table in tables.items()}


def logit(score: float) -> float:
    """Log odds; scores of 0 and 1 count as one in a thousand from there."""
    inside = min(max(score, _EDGE), 1 - _EDGE)
    return math.log(inside / (1 - inside))
