"""Settling disputes while others go on working."""

from __future__ import annotations

from pathlib import Path

import pytest

from curation.adjudication import LAYERS
from curation.model import AnnotationSet, Document
from curation.store import Store
from curation.testing import annotation_set
from curation.workflows.settle import Answer, Question, Settled, settle
from curation.workflows.workspace import Workspace, init_workspace

TEXT = "Anna Berg met Peter Lind."
FIRST, SECOND = (f"2024-05-0{day}T12:00:00+00:00" for day in (1, 2))
RULES = dict.fromkeys(LAYERS, ("majority",))


def said(name: str, label: str, uid: str) -> AnnotationSet:
    """What somebody says about one name of a document."""
    return annotation_set(TEXT, [("Anna Berg", label)], [], uid=uid, annotator=name)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """Two annotators differ over two documents."""
    made, _ = init_workspace(tmp_path / "w", workspace_id="abcd", name="Test", environment={})
    with made.store.transaction() as repo:
        for uid in ("d1", "d2"):
            document = Document(uid=uid, language="en", text=TEXT)
            repo.add_document(document, offset_map=[], at=FIRST)
            repo.save_annotations(said("anna", "PER", uid), at=FIRST)
            repo.save_annotations(said("ben", "ORG", uid), at=FIRST)
    return made


def first(question: Question) -> Answer:
    """The candidate that stands first."""
    return question.dispute.candidates[0]


def settled(workspace: Workspace, ask: object) -> Settled:
    """Settle everything as eva."""
    return settle(workspace, adjudicator="eva", ask=ask, clock=lambda: SECOND, rules=RULES)  # type: ignore[arg-type]


def words(store: Store) -> dict[str, str]:
    """The label that the adjudicator chose, by document whose text is that of now."""
    with store.transaction() as repo:
        return {s.uid: s.entities[0].label for s in repo.annotation_sets("adjudicator")}


def test_a_word_stays_with_the_text_that_it_is_about(workspace: Workspace) -> None:
    """A text that changes while it is decided does not get the word about the earlier one."""

    def ask(question: Question) -> Answer:
        if question.document.uid == "d1":
            with workspace.store.transaction() as repo:
                changed = Document(uid="d1", language="en", text="No name.")
                repo.add_document(changed, offset_map=[], at=SECOND)
        return first(question)

    done = settled(workspace, ask)
    assert (done.disputed, done.settled, done.overtaken) == (2, 1, ("d1",))
    assert words(workspace.store).keys() == {"d2"}


def test_what_came_in_meanwhile_is_asked_about(workspace: Workspace) -> None:
    """A document is shown with what is said when its turn comes, not when the first one's came."""
    asked = []

    def ask(question: Question) -> Answer:
        if not asked:
            with workspace.store.transaction() as repo:
                repo.save_annotations(said("ben", "LOC", "d2"), at=SECOND)
        asked.append({c.value for c in question.dispute.candidates})
        return first(question)

    assert settled(workspace, ask).settled == 2
    assert asked == [{"PER", "ORG"}, {"PER", "LOC"}]


def test_what_was_decided_meanwhile_is_not_asked_about(workspace: Workspace) -> None:
    """A document that another adjudicator decided, or on which all agree by now, is passed over."""

    def ask(question: Question) -> Answer:
        other = said("otto", "LOC", "d2").model_copy(update={"kind": "adjudicator"})
        with workspace.store.transaction() as repo:
            repo.save_annotations(other, at=SECOND)
        return first(question)

    done = settled(workspace, ask)
    assert (done.settled, done.skipped) == (1, 1)
    assert words(workspace.store)["d2"] == "LOC"


def test_agreement_that_came_in_meanwhile_needs_no_word(workspace: Workspace) -> None:
    """Nothing is stored in an adjudicator's name where nothing was asked."""

    def ask(question: Question) -> Answer:
        with workspace.store.transaction() as repo:
            repo.save_annotations(said("ben", "PER", "d2"), at=SECOND)
        return first(question)

    done = settled(workspace, ask)
    assert (done.settled, done.skipped) == (1, 1)
    assert words(workspace.store).keys() == {"d1"}
