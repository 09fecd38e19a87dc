"""Other names for the people of a team: what leaves the house does not say who said it.

Annotators become A1, A2 … and adjudicators who did not annotate J1, J2 …, in the order of their
names: what is computed over them, and depends on their order, comes to the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from curation.adjudication import ADJUDICATOR
from curation.model import AnnotationSet
from curation.store import DecisionRecord

__all__ = ["Pseudonyms", "pseudonyms"]

_KEPT = ("assisted", "guideline", "sample")
"""What the provenance of a person's set keeps: no address, no time, no number of a server."""
_NAMED_RULES = ("prefer", ADJUDICATOR)


@dataclass(frozen=True)
class Pseudonyms:
    """What each person is called outside."""

    names: Mapping[str, str]

    def gold(self, gold: AnnotationSet) -> AnnotationSet:
        """The gold set, without addresses of the team's own server."""
        kept = {k: v for k, v in gold.provenance.items() if k != "sources"}
        if "annotators" in kept:
            kept["annotators"] = [self.names.get(name, name) for name in kept["annotators"]]
        if "adjudicator" in kept:
            kept["adjudicator"] = self.names.get(kept["adjudicator"], kept["adjudicator"])
        return gold.model_copy(update={"provenance": kept})

    def person(self, said: AnnotationSet) -> AnnotationSet:
        """A person's set under their other name."""
        kept = {k: said.provenance[k] for k in _KEPT if said.provenance.get(k) is not None}
        return said.model_copy(update={"annotator": self.names[said.annotator], "provenance": kept})

    def decision(self, decision: DecisionRecord) -> dict[str, Any]:
        """A decision as a JSON-able object, without its time, which is the store's."""
        said = asdict(decision) | {"rule": self._rule(decision.rule)}
        del said["since"]
        body = dict(decision.body)
        body["candidates"] = {
            value: sorted(map(self._voter, voters))
            for value, voters in body.get("candidates", {}).items()
        }
        return said | {"body": body}

    def _voter(self, name: str) -> str:
        return self._rule(name) if name not in self.names else self.names[name]

    def _rule(self, rule: str) -> str:
        """A rule with the name in it replaced: prefer:anna, adjudicator:eva."""
        kind, colon, name = rule.partition(":")
        if not colon or kind not in _NAMED_RULES:
            return rule
        return f"{kind}:{self.names.get(name, name)}"


def pseudonyms(
    annotators: Iterable[str], gold: Iterable[AnnotationSet], decisions: Iterable[DecisionRecord]
) -> Pseudonyms:
    """Other names for everybody who is named in what is released."""
    working = set(annotators)
    judging: set[str] = set()
    for one in gold:
        working.update(one.provenance.get("annotators", ()))
        judging.update(filter(None, [one.provenance.get("adjudicator")]))
    for decision in decisions:
        kind, _, name = decision.rule.partition(":")
        judging.update([name] if name and kind == ADJUDICATOR else [])
        working.update([name] if name and kind == "prefer" else [])
    return Pseudonyms(_numbered("A", working) | _numbered("J", judging - working))


def _numbered(letter: str, names: set[str]) -> dict[str, str]:
    width = len(str(len(names)))
    return {name: f"{letter}{n:0{width}}" for n, name in enumerate(sorted(names), 1)}
