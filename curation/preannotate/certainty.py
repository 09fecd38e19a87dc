"""How certain proposals are; kept apart from the pipelines, which take long to import."""

from __future__ import annotations

from curation.model import AnnotationSet

__all__ = ["task_score"]

LEAST = 3
"""How many of the least certain scores make the score of a task."""


def task_score(annotations: AnnotationSet) -> float:
    """How certain a set is, in [0, 1]: the mean of its three least certain scores.

    The queue is ordered by it, least certain first. 1.0 where nothing has a score.
    """
    scores = sorted(item.score for item in annotations.items if item.score is not None)
    least = scores[:LEAST]
    return sum(least) / len(least) if least else 1.0
