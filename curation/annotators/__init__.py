"""What each annotator's work looks like, in figures with intervals.

Documents are turned into counts one by one (counts), counts into figures (estimates), competence
by its own model (competence); the figures are frozen data, with or without names (figures).
"""

from curation.annotators.counts import Counts, Read
from curation.annotators.estimates import Estimator
from curation.annotators.figures import (
    LAYERS,
    NOTICES,
    AnnotatorFigures,
    AnnotatorsPage,
    Figure,
    Pace,
    Quartiles,
    Suggestions,
    anonymous,
    pace_of,
)

__all__ = [
    "LAYERS",
    "NOTICES",
    "AnnotatorFigures",
    "AnnotatorsPage",
    "Counts",
    "Estimator",
    "Figure",
    "Pace",
    "Quartiles",
    "Read",
    "Suggestions",
    "anonymous",
    "pace_of",
]
