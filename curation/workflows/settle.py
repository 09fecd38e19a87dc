"""An adjudicator settles disputes in the terminal, a Document at a time."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from curation.adjudication.disputes import Candidate, Dispute
from curation.adjudication.settling import Settling
from curation.errors import UsageError
from curation.model import AnnotationSet, Document
from curation.store import Store
from curation.workflows.evidence import Evidence, Said, read_said
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
    """How many disputed Documents there were, and how many were settled or skipped.

    `choices` were stored; `dropped` ones were not, because not all in their Document was settled.
    `overtaken`: the uids of those whose text became another while they were being settled. What
    was chosen is kept with the text that it was about.
    """

    disputed: int
    settled: int
    skipped: int
    choices: int
    dropped: int = 0
    overtaken: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The fields by name."""
        return asdict(self)


def settle(
    workspace: Workspace,
    *,
    adjudicator: str,
    ask: Ask,
    clock: Callable[[], str],
    rules: Mapping[str, Sequence[str]] | None = None,
    again: Collection[str] = (),
) -> Settled:
    """Ask about every disputed Document, those with the fewest disputes first.

    What is settled of a Document is stored when nothing in it is open any more, with the time of
    `clock` at which it was begun: what others say later is newer. Those that an adjudicator has
    decided are asked about only if they are in `again`. Raises UsageError where one of these has no
    disputes.
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
    settled = skipped = choices = dropped = 0
    overtaken = []
    for place, (_, uid, work) in enumerate(sorted(open_ones, key=lambda o: o[:2]), 1):
        at = clock()
        document = _fresh(store, work, uid, again)
        if document is None:
            skipped += 1
            continue
        ended = _settle_one(work, document, ask, place, len(open_ones))
        if ended != "done":
            dropped += len(work.chosen)
        if ended == "quit":
            break
        if ended == "skip":
            skipped += 1
            continue
        if _keep(store, work.decided(adjudicator), document, at):
            settled += 1
            choices += len(work.chosen)
        else:
            overtaken.append(uid)
    return Settled(len(open_ones), settled, skipped, choices, dropped, tuple(overtaken))


def _fresh(store: Store, work: Settling, uid: str, again: Collection[str]) -> Document | None:
    """The Document as it is now, with what is said about it now in `work`.

    None where it need not be asked about any more. What others say may come in while earlier
    Documents are being settled, which can take hours.
    """
    with store.transaction() as repo:
        document = repo.document(uid)
        (said,) = read_said(repo, [uid])
    if not said.sets or not _is_asked(said, again):
        return None
    if said.sets != work.sets:
        # Annotators may be new, and what is fitted knows nothing of those.
        work.sets, work.competence = said.sets, {}
    return document if work.result.disputed else None


def _keep(store: Store, decided: AnnotationSet, document: Document, at: str) -> bool:
    """Store a word with the text that it is about; False where that is not the text of now."""
    with store.transaction(alone=True) as repo:
        repo.save_annotations(decided, at=at, revision=document.revision)
        now = repo.document(document.uid)
    return now is not None and now.revision == document.revision


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
