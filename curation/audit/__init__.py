"""Likely errors in annotations, likeliest first.

What was decided is put as choices (entities, events, marking), each with what speaks for one
value or another; doubts weighs that, out of fold; finders say it in words. Constraints and
outliers need no learning. One item is one Finding, whatever speaks against it.
"""

from curation.audit.choices import Place
from curation.audit.corpus import Reading, readings
from curation.audit.disputed import in_dispute, open_places
from curation.audit.findings import KINDS, Finding, is_fingerprint, merged
from curation.audit.run import STEPS, audit

__all__ = [
    "KINDS",
    "STEPS",
    "Finding",
    "Place",
    "Reading",
    "audit",
    "in_dispute",
    "is_fingerprint",
    "merged",
    "open_places",
    "readings",
]
