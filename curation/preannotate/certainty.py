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

__all__ = ["Features", "calibrated", "least_certain", "line", "logit", "on_line", "task_score"]

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
    return fallback if weights is None else _probability(_log_odds(weights, features))


def line(table: str, features: Features, varying: str) -> tuple[float, float] | None:
    """The log odds by one varying feature, as (intercept, slope); None without such a table.

    `features` are the others. `on_line` gives the same score as `calibrated` with all of them: to
    work out anew for every proposal what most have in common takes five times as long.
    """
    weights = _weights().get(table)
    return None if weights is None else (_log_odds(weights, features), weights.get(varying, 0.0))


def on_line(known: tuple[float, float] | None, value: float, fallback: float) -> float:
    """The probability at a value of the varying feature; `fallback` where there is no line."""
    return fallback if known is None else _probability(known[0] + known[1] * value)


def _log_odds(weights: Mapping[str, float], features: Features) -> float:
    return sum([weights.get(name, 0.0) * value for name, value in features.items()])


def _probability(log_odds: float) -> float:
    return round(1 / (1 + math.exp(-log_odds)), 4)


@lru_cache(maxsize=1)
def _weights() -> Mapping[str, Mapping[str, float]]:
    source = resources.files(__package__).joinpath("calibration.toml")
    if not source.is_file():
        return {}
    tables = tomllib.loads(source.read_text(encoding="utf-8"))
    return {name: table["weights"] for name, table in tables.items()}


def logit(score: float) -> float:
    """Log odds; scores of 0 and 1 count as one in a thousand from there."""
    if score < _EDGE:
        score = _EDGE
    elif score > 1 - _EDGE:
        score = 1 - _EDGE
    return math.log(score / (1 - score))
