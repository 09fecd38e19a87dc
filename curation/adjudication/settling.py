"""One person settles the disputes of one Document, one after the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from curation.adjudication.competence import Competence
from curation.adjudication.disputes import Candidate, Dispute, contest
from curation.adjudication.gold import Result, adjudicate
from curation.adjudication.rules import Value
from curation.model import AnnotationSet

__all__ = ["Settling"]


@dataclass(slots=True)
class Settling:
    """The disputes of one Document while they are settled; those chosen, by place, in order.

    What is chosen may settle others (an argument falls with its event) or open new ones (those of
    an event that is kept; an entity that the chosen one overlaps), so they are asked for anew.
    """

    sets: Sequence[AnnotationSet]
    rules: Mapping[str, Sequence[str]]
    competence: Mapping[str, Competence | None]
    nested: bool = False
    chosen: dict[str, Value] = field(default_factory=dict)

    @property
    def result(self) -> Result:
        """What rules and choices come to."""
        return adjudicate(
            self.sets,
            self.rules,
            competence=self.competence,
            nested=self.nested,
            rulings=self.chosen,
        )

    def disputes(self) -> tuple[Dispute, ...]:
        """What is open, to be settled from the first on."""
        return contest(self.sets, self.result, nested=self.nested).disputes

    def choose(self, dispute: Dispute, candidate: Candidate | None) -> None:
        """Settle `dispute`; None: nothing belongs there."""
        self.chosen.pop(dispute.place, None)
        self.chosen[dispute.place] = _value(dispute, candidate)

    def undo(self) -> bool:
        """Take the last choice back; False where there is none."""
        if not self.chosen:
            return False
        self.chosen.popitem()
        return True

    def decided(self, adjudicator: str) -> AnnotationSet:
        """What the adjudicator says about the Document; ValueError while something is open."""
        result = self.result
        if result.disputed:
            raise ValueError(f"{result.gold.uid}: {result.disputed} disputes are open")
        changes = {"annotator": adjudicator, "kind": "adjudicator", "provenance": {}}
        return result.gold.model_copy(update=changes)


def _value(dispute: Dispute, candidate: Candidate | None) -> Value:
    """The vote that the candidate stands for."""
    if candidate is None or candidate.nothing:
        return None
    if candidate.words is not None:
        return (*candidate.words, candidate.value)
    return dispute.name if dispute.layer == "arguments" else candidate.value
