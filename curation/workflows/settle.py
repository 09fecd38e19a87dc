"""An adjudicator settles disputes in the terminal, a Document at a time."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from curation.adjudication.disputes import Candidate, Dispute
from curation.adjudication.settling import Settling
from curation.errors import UsageError
from curation.model import Document
from curation.workflows.evidence import Evidence, Said
from curation.workflows.workspace import Workspace

__all__ = ["Ask", "Question", "Settled", "settle"]


@dataclass(frozen=True)
class Question:
    """A dispute that is to be settled; `left` are those that are open in its Document.

    `place` of `documents` that wait.
    """

    document: Document
    dispute: Dispute
    left: int
    place: int
    documents: int


Answer = Candidate | Literal["nothing", "undo", "skip", "quit"]
Ask = Callable[[Question], Answer]


@dataclass(frozen=True)
class Settled:
    """How many disputed Documents there were, and how many were settled or skipped."""

    disputed: int
    settled: int
    skipped: int
    choices: int

    def to_json(self) -> dict[str, Any]:
        """The fields by name."""
        return asdict(self)


def settle(
    workspace: Workspace,
    *,
    adjudicator: str,
    ask: Ask,
    at: str,
    rules: Mapping[str, Sequence[str]] | None = None,
    again: Collection[str] = (),
) -> Settled:
    """Ask about every disputed Document, those with the fewest disputes first.

    What is settled of a Document is stored when nothing in it is open any more. Those that an
    adjudicator has decided are asked about only if they are in `again`. Raises UsageError where one
    of these has no disputes.
    """
    store = workspace.store
    chosen = rules or workspace.rules
    evidence = Evidence(store, workspace.settings.adjudication.min_annotators)
    competence = evidence.competence(chosen)
    nested = workspace.ontology.nested_entities
    open_ones: list[tuple[int, str, Settling]] = []
    for one in evidence:
        if one.sets and _is_asked(one, again):
            work = Settling(one.sets, chosen, competence, nested)
            if count := work.result.disputed:
                open_ones.append((count, one.uid, work))
    _check_again(again, {uid for _, uid, _ in open_ones})
    settled = skipped = choices = 0
    for place, (_, uid, work) in enumerate(sorted(open_ones, key=lambda o: o[:2]), 1):
        with store.transaction() as repo:
            document = repo.document(uid)
        if document is None:
            raise RuntimeError(f"{uid}: disputed, and not there")
        ended = _settle_one(work, document, ask, place, len(open_ones))
        if ended == "quit":
            break
        if ended == "skip":
            skipped += 1
            continue
        with store.transaction() as repo:
            repo.save_annotations(work.decided(adjudicator), at=at)
        settled += 1
        choices += len(work.chosen)
    return Settled(len(open_ones), settled, skipped, choices)


def _is_asked(said: Said, again: Collection[str]) -> bool:
    return said.uid in again if again else said.final is None


def _check_again(again: Collection[str], disputed: Collection[str]) -> None:
    for uid in again:
        if uid not in disputed:
            raise UsageError(f"{uid}: no such document, or nothing in it is disputed")


def _settle_one(
    work: Settling, document: Document, ask: Ask, place: int, documents: int
) -> Literal["done", "skip", "quit"]:
    while disputes := work.disputes():
        answer = ask(Question(document, disputes[0], len(disputes), place, documents))
        if isinstance(answer, Candidate):
            work.choose(disputes[0], answer)
        elif answer == "nothing":
            work.choose(disputes[0], None)
        elif answer == "undo":
            work.undo()
        else:
            return answer
    return "done"
