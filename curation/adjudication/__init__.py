"""From several AnnotationSets of one Document to gold, with a reason for every decision.

Items of all annotators are aligned into positions, one item an annotator at most (positions); at
each position the rules are tried in order (rules), one of them weighing annotators by their
competence (competence). A rule answers Agreed or nothing; what no rule agrees on is Disputed,
ties included, and is never in gold (gold).
"""

from curation.adjudication.competence import (
    Competence,
    Pattern,
    fit_competence,
    fit_patterns,
    pattern_of,
)
from curation.adjudication.gold import ADJUDICATOR, NOTHING, Decision, Result, adjudicate
from curation.adjudication.positions import LAYERS, Ballot, ballots_of
from curation.adjudication.rules import Agreed, Disputed, check_rules, decide, weighs

__all__ = [
    "ADJUDICATOR",
    "LAYERS",
    "NOTHING",
    "Agreed",
    "Ballot",
    "Competence",
    "Decision",
    "Disputed",
    "Pattern",
    "Result",
    "adjudicate",
    "ballots_of",
    "check_rules",
    "decide",
    "fit_competence",
    "fit_patterns",
    "pattern_of",
    "weighs",
]
