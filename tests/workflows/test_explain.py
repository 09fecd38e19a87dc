"""`curation explain`: every decision in plain words."""

from __future__ import annotations

from pathlib import Path

import pytest

from curation.adjudication import LAYERS
from curation.errors import UsageError
from curation.model import Argument, Document, Event, TextSpan
from curation.store import Store, open_store
from curation.testing import annotation_set
from curation.workflows.adjudicate import adjudicate_store
from curation.workflows.explain import explain

AT = "2024-05-01T12:00:00+00:00"
TEXT = "Anna Berg met Peter Lind in Oslo."
SAID = {
    "anna": [("Anna Berg", "PER"), ("Peter Lind", "PER"), ("Oslo", "LOC")],
    "ben": [("Anna Berg", "PER"), ("Peter Lind", "ORG"), ("Oslo", "ORG")],
    "cara": [("Anna Berg", "PER"), ("Peter Lind", "PER"), ("Lind", "LOC")],
}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """One document that three have annotated, adjudicated by majority."""
    made = open_store(f"sqlite:///{tmp_path / 'curation.db'}")
    with made.transaction() as repo:
        repo.add_document(Document(uid="feed:1", language="en", text=TEXT), offset_map=[], at=AT)
        for name, keys in SAID.items():
            one = annotation_set(TEXT, keys, [], uid="feed:1", annotator=name, kind="person")
            proposed = {"origin": "prediction", "component": "ner@1"} if name == "anna" else {}
            entities = tuple(e.model_copy(update=proposed) for e in one.entities)
            target = next(e.id for e in entities if e.start == 0)
            event = Event(
                id="E1",
                type="CONSULT",
                trigger=TextSpan(start=10, end=13),
                arguments=(Argument(role="Actor", target=target),),
                attributes={"tense": "future" if name == "ben" else "past"},
            )
            update = {"entities": entities, "events": (event,), "provenance": {"url": f"u/{name}"}}
            repo.save_annotations(one.model_copy(update=update), at=AT)
    rules = dict.fromkeys(LAYERS, ("majority",))
    adjudicate_store(made, rules=rules, min_annotators=2, at=AT, nested=True)
    return made


def test_every_decision_says_who_was_for_it_and_who_against(store: Store) -> None:
    """An outcome has its rule, its supporters, the other candidates and the words it is about."""
    found = explain(store, "feed:1")
    assert (found.decided_at, [v.url for v in found.voters]) == (AT, ["u/anna", "u/ben", "u/cara"])
    told = {
        (d.layer, d.words, d.outcome): (d.rule, d.supporters, d.against) for d in found.decisions
    }
    everyone = ("anna", "ben", "cara")
    assert told["entities", "Anna Berg", "PER [0, 9)"] == ("unanimous", everyone, {})
    assert told["entities", "Peter Lind", "PER [14, 24)"] == (
        "majority", ("anna", "cara"), {"ORG [14, 24)": ("ben",)},
    )  # fmt: skip
    assert told["entities", "Oslo", None] == (
        "", (), {"LOC [28, 32)": ("anna",), "ORG [28, 32)": ("ben",), "nothing": ("cara",)},
    )  # fmt: skip
    assert told["entities", "Lind", "nothing"] == (
        "majority", ("anna", "ben"), {"LOC [20, 24)": ("cara",)},
    )  # fmt: skip
    assert told["arguments", "Anna Berg", "Actor [0, 9)"][0] == "unanimous"
    assert told["attributes", "met", "past"] == (
        "majority", ("anna", "cara"), {"future": ("ben",)},
    )  # fmt: skip


def test_an_item_brings_what_hangs_on_it(store: Store) -> None:
    """An event's id gives its arguments and attributes too, and a uid may have a colon in it."""
    layers = [d.layer for d in explain(store, "feed:1:E1").decisions]
    assert layers == ["events", "arguments", "attributes"]


def test_a_kept_proposal_is_named(store: Store) -> None:
    """Where one of the supporters left what a component proposed, the component is told."""
    told = {d.words: d.proposed_by for d in explain(store, "feed:1").decisions}
    assert (told["Peter Lind"], told["Oslo"], told["met"]) == ("ner@1", None, None)


@pytest.mark.parametrize(
    ("target", "said"),
    [("nowhere", "no document 'nowhere'"), ("feed:1:T9", "no item 'T9'; items: T1")],
)
def test_what_is_not_there_is_said(store: Store, target: str, said: str) -> None:
    """A document or an item that does not exist is an error that names those that do."""
    with pytest.raises(UsageError, match=said):
        explain(store, target)


def test_without_gold_the_command_to_run_is_named(store: Store) -> None:
    """A document that was not adjudicated has nothing to explain yet."""
    with store.transaction() as repo:
        repo.add_document(Document(uid="two", language="en", text=TEXT), offset_map=[], at=AT)
    with pytest.raises(UsageError, match="curation adjudicate"):
        explain(store, "two")


def test_roles_and_attributes_keep_names_that_look_like_something_else(tmp_path: Path) -> None:
    """Roles and attributes with colons, or called like an id or a place, are explained."""
    made = open_store(f"sqlite:///{tmp_path / 'odd.db'}")
    with made.transaction() as repo:
        repo.add_document(Document(uid="d", language="en", text=TEXT), offset_map=[], at=AT)
        for name in ("anna", "ben"):
            one = annotation_set(
                TEXT, [("Anna Berg", "PER"), ("Peter Lind", "[0, 4)")], [], uid="d", annotator=name
            )
            event = Event(
                id="E1",
                type="CONSULT",
                trigger=TextSpan(start=10, end=13),
                arguments=tuple(
                    Argument(role=role, target=one.entities[1].id)
                    for role in ("a:b", "T1", "[0, 4)")
                ),
                attributes={"te:nse": "past"},
            )
            repo.save_annotations(one.model_copy(update={"events": (event,)}), at=AT)
    rules = dict.fromkeys(LAYERS, ("majority",))
    adjudicate_store(made, rules=rules, min_annotators=2, at=AT)
    found = explain(made, "d:E1").decisions
    assert {(d.item, d.outcome, d.words) for d in found} == {
        ("E1", "CONSULT [10, 13)", "met"),
        ("E1:a:b:T2", "a:b [14, 24)", "Peter Lind"),
        ("E1:T1:T2", "T1 [14, 24)", "Peter Lind"),
        ("E1:[0, 4):T2", "[0, 4) [14, 24)", "Peter Lind"),
        ("E1:te:nse", "past", "met"),
    }
    assert [d.words for d in explain(made, "d:T2").decisions] == ["Peter Lind"]


def test_an_open_argument_names_its_event(tmp_path: Path) -> None:
    """An argument that waits for its disputed entity says so, and which event it is of."""
    made = open_store(f"sqlite:///{tmp_path / 'other.db'}")
    with made.transaction() as repo:
        repo.add_document(Document(uid="d", language="en", text=TEXT), offset_map=[], at=AT)
        for name, label in (("anna", "PER"), ("ben", "ORG")):
            one = annotation_set(TEXT, [("Anna Berg", label)], [], uid="d", annotator=name)
            event = Event(
                id="E1",
                type="CONSULT",
                trigger=TextSpan(start=10, end=13),
                arguments=(Argument(role="Actor", target=one.entities[0].id),),
            )
            repo.save_annotations(one.model_copy(update={"events": (event,)}), at=AT)
    adjudicate_store(made, rules=dict.fromkeys(LAYERS, ("majority",)), min_annotators=2, at=AT)
    (found,) = (d for d in explain(made, "d").decisions if d.layer == "arguments")
    assert (found.outcome, found.event, found.against) == (
        None, 'E1 "met"', {"Actor [0, 9)": ("anna", "ben")},
    )  # fmt: skip
    assert found in explain(made, "d:E1").decisions
