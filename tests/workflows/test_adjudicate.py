"""`curation adjudicate` over time: an adjudicator's word, new annotations, other rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from curation.adjudication import LAYERS
from curation.model import AnnotationSet, Document
from curation.store import Store, open_store
from curation.testing import annotation_set
from curation.workflows import evidence
from curation.workflows.adjudicate import Adjudicated, adjudicate_store
from curation.workflows.explain import explain

TEXT = "Anna Berg met Peter Lind in Oslo."
FIRST, SECOND, THIRD = (f"2024-05-0{day}T12:00:00+00:00" for day in (1, 2, 3))
MAJORITY = dict.fromkeys(LAYERS, ("majority",))
KEYS = {
    "anna": [("Anna Berg", "PER"), ("Peter Lind", "PER"), ("Oslo", "LOC")],
    "ben": [("Anna Berg", "PER"), ("Peter Lind", "ORG")],
    "cara": [("Anna Berg", "PER"), ("Peter Lind", "ORG")],
    "eva": [("Anna Berg", "PER"), ("Peter Lind", "PER")],
}


def said(name: str, kind: str = "person", keys: str | None = None) -> AnnotationSet:
    """What somebody says about the document."""
    return annotation_set(TEXT, KEYS[keys or name], [], uid="d1", annotator=name, kind=kind)


def save(store: Store, *sets: AnnotationSet, at: str) -> None:
    """Store what several say."""
    with store.transaction() as repo:
        for one in sets:
            repo.save_annotations(one, at=at)


def run(store: Store, at: str, rules: Mapping[str, Sequence[str]] = MAJORITY) -> Adjudicated:
    """Adjudicate as the command does."""
    return adjudicate_store(store, rules=rules, min_annotators=2, ontology="1.0", at=at)


def gold(store: Store, at: str | None = None) -> list[tuple[str, str]]:
    """Words and labels of gold, now or then."""
    with store.transaction() as repo:
        (found,) = repo.gold(at=at)
    return [(TEXT[e.start : e.end], e.label) for e in found.entities]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """One document, that two have annotated differently."""
    made = open_store(f"sqlite:///{tmp_path / 'curation.db'}")
    with made.transaction() as repo:
        repo.add_document(Document(uid="d1", language="en", text=TEXT), offset_map=[], at=FIRST)
    save(made, said("anna"), said("ben"), at=FIRST)
    return made


def test_an_adjudicator_settles_every_dispute(store: Store) -> None:
    """What an adjudicator says is gold, by a rule with their name where no rule came to it."""
    assert run(store, FIRST).disputed_documents == 1
    assert gold(store) == [("Anna Berg", "PER")]
    save(store, said("eva", "adjudicator"), at=SECOND)
    done = run(store, SECOND)
    assert (done.disputed_documents, done.adjudicated, done.complete) == (0, 1, 1)
    assert done.by_rule == {"adjudicator:eva": 2, "unanimous": 1}
    assert gold(store) == [("Anna Berg", "PER"), ("Peter Lind", "PER")]
    found = explain(store, "d1")
    told = {(d.words, d.outcome): (d.rule, d.supporters, d.since) for d in found.decisions}
    assert told["Peter Lind", "PER [14, 24)"] == (
        "adjudicator:eva", ("adjudicator:eva", "anna"), SECOND,
    )  # fmt: skip
    assert told["Oslo", "nothing"][0] == "adjudicator:eva"
    assert [(v.name, v.adjudicator) for v in found.voters if v.adjudicator] == [("eva", True)]


def test_a_word_stands_and_what_speaks_against_it_is_listed(store: Store) -> None:
    """A third annotator does not move an adjudicated document; the contradiction is told."""
    save(store, said("eva", "adjudicator"), at=SECOND)
    assert run(store, SECOND).contradictions == ()
    before = gold(store)
    save(store, said("cara"), at=THIRD)
    done = run(store, THIRD)
    (found,) = done.contradictions
    assert (found.uid, found.decided, found.overruled, found.adjudicator, found.by) == (
        "d1", "PER [14, 24)", "ORG [14, 24)", "eva", ("cara",),
    )  # fmt: skip
    assert gold(store) == before
    decision = next(d for d in explain(store, "d1").decisions if d.words == "Peter Lind")
    assert (decision.outcome, decision.overruled) == ("PER [14, 24)", "ORG [14, 24)")


def test_the_newest_adjudicator_counts(store: Store) -> None:
    """Of two adjudicators the one who spoke last decides."""
    save(store, said("eva", "adjudicator"), at=SECOND)
    save(store, said("anna", "adjudicator"), at=THIRD)
    run(store, THIRD)
    assert gold(store) == [("Anna Berg", "PER"), ("Peter Lind", "PER"), ("Oslo", "LOC")]


def test_an_adjudicator_alone_makes_gold(store: Store) -> None:
    """A document that only an adjudicator has done has gold, too few annotators or not."""
    with store.transaction() as repo:
        repo.add_document(Document(uid="d2", language="en", text="No."), offset_map=[], at=FIRST)
    save(store, AnnotationSet(uid="d2", annotator="eva", kind="adjudicator"), at=FIRST)
    assert run(store, FIRST).adjudicated == 1
    with store.transaction() as repo:
        assert [g.uid for g in repo.gold()] == ["d1", "d2"]


def test_gold_grows_with_annotations_and_rules(store: Store) -> None:
    """A third annotator or another policy recomputes gold; what was decided before keeps its time;
    the gold of before can still be had; running it again changes nothing.
    """
    run(store, FIRST)
    save(store, said("cara"), at=SECOND)
    assert run(store, SECOND).changed == 1
    assert gold(store) == [("Anna Berg", "PER"), ("Peter Lind", "ORG")]
    assert run(store, THIRD).changed == 0
    prefer = dict.fromkeys(LAYERS, ("prefer:anna",))
    assert run(store, THIRD, prefer).changed == 1
    assert gold(store) == [("Anna Berg", "PER"), ("Peter Lind", "PER"), ("Oslo", "LOC")]
    assert gold(store, at=FIRST) == [("Anna Berg", "PER")]
    assert gold(store, at=SECOND) == [("Anna Berg", "PER"), ("Peter Lind", "ORG")]


def test_a_decision_keeps_its_time(store: Store) -> None:
    """Where another item of the document changes, what is decided as before keeps its time."""
    run(store, FIRST)
    save(store, said("eva", "adjudicator"), at=SECOND)
    with store.transaction() as repo:
        (before,) = (d for d in repo.decisions() if d.status == "agreed")
    save(store, said("cara"), at=THIRD)
    rules = MAJORITY | {"events": ("prefer:anna",)}
    run(store, SECOND, rules)
    run(store, THIRD, rules)
    times = {d.outcome: d.since for d in explain(store, "d1").decisions}
    assert before.since == FIRST
    assert times["PER [14, 24)"] == SECOND


def test_every_decision_of_gold_has_its_provenance(store: Store) -> None:
    """Each item of gold has a decision with a rule, voters and a time; gold names its ontology."""
    save(store, said("eva", "adjudicator"), said("cara"), at=SECOND)
    run(store, SECOND)
    with store.transaction() as repo:
        (found,) = repo.gold()
        decisions = {d.item_id: d for d in repo.decisions() if d.status == "agreed"}
    assert {e.id for e in found.entities} == decisions.keys()
    assert all(d.rule and d.body["candidates"] and d.since for d in decisions.values())
    assert found.provenance["ontology"] == "1.0"
    assert found.provenance["adjudicator"] == "eva"


def test_two_at_the_same_time_make_one_gold_set(store: Store, tmp_path: Path) -> None:
    """Two that adjudicate at once leave one gold set: the second sees what the first did."""
    url = f"sqlite:///{tmp_path / 'curation.db'}"
    start = Barrier(2)

    def work() -> int:
        start.wait()
        return run(open_store(url), SECOND).changed

    for keys in ("anna", "eva") * 3:
        save(store, said("anna", keys=keys), at=FIRST)
        with ThreadPoolExecutor(2) as pool:
            assert sum(f.result() for f in [pool.submit(work), pool.submit(work)]) == 1
        with store.transaction() as repo:
            assert len(list(repo.gold())) == 1


def test_several_processes_make_the_same_gold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Thousands of documents are shared out to processes; what is stored and told is the same."""
    store, other = (open_store(f"sqlite:///{tmp_path / name}.db") for name in ("one", "other"))
    for one in (store, other):
        with one.transaction() as repo:
            for number in range(600):
                made = Document(uid=f"n{number}", language="en", text=f"{TEXT} {number}")
                repo.add_document(made, offset_map=[], at=FIRST)
                for name in ("anna", "ben", "cara")[: 2 + number % 2]:
                    repo.save_annotations(said(name).model_copy(update={"uid": made.uid}), at=FIRST)
    monkeypatch.setattr(evidence, "_MANY", 100)
    weighted = dict.fromkeys(LAYERS, ("weighted", "majority"))
    together = adjudicate_store(other, rules=weighted, min_annotators=2, at=FIRST, processes=2)
    assert adjudicate_store(store, rules=weighted, min_annotators=2, at=FIRST) == together
    with store.transaction() as mine, other.transaction() as theirs:
        assert list(mine.gold()) == list(theirs.gold())
        assert mine.decisions() == theirs.decisions()
