"""Parts that do not leak: groups, assignment, balance, and a certificate of what is shared."""

from curation.splits.assignment import Assignment, Unit, assign

__all__ = ["Assignment", "Unit", "assign"]
