"""Proposals that are stored as they are made."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest
from pushing import AT

from curation.ontology import Migrations, Ontology
from curation.preannotate import documents as documents_module
from curation.settings import Pipeline
from curation.store import Store
from curation.workflows.preannotate import Preannotated, preannotate, worker_count


def run(store: Store, news: Ontology, advance: Callable[[], None] = lambda: None) -> Preannotated:
    """One run of the quick pipeline."""
    return preannotate(store, pipelines={}, default="fast", ontology=news, at=AT, advance=advance)


def test_what_was_made_before_an_interruption_is_stored(store: Store, news: Ontology) -> None:
    """Ctrl-C in the middle of a batch loses nothing that was made, and the next run goes on."""

    def stop() -> None:
        raise KeyboardInterrupt

    first = run(store, news, stop)
    assert (first.documents, first.interrupted) == (1, True)
    second = run(store, news)
    assert (second.documents, second.already, second.interrupted) == (1, 2, False)


def test_an_interruption_inside_a_pipeline_keeps_the_documents_before_it(
    store: Store, news: Ontology, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Documents that the pipelines have done are stored, those after the interruption are not."""
    convert = documents_module.doc_to_annotations

    def interrupted(doc: object, *, uid: str, annotator: str) -> object:
        if uid == "c":
            raise KeyboardInterrupt
        return convert(doc, uid=uid, annotator=annotator)  # type: ignore[arg-type]

    monkeypatch.setattr(documents_module, "doc_to_annotations", interrupted)
    found = run(store, news)
    assert (found.documents, found.interrupted) == (1, True)
    with store.transaction() as repo:
        assert set(repo.annotated("model")) == {"a", "b"}


def test_processes_are_started_where_they_pay() -> None:
    """One is enough for few documents, and for pipelines that use every core by themselves."""
    cores = min(os.cpu_count() or 1, 8)
    assert worker_count(100_000, {"fast"}) == cores
    assert worker_count(100, {"fast"}) == 1
    assert worker_count(100_000, {"accurate", "fast"}) == 1


def renamed(news: Ontology, **migrations: dict[str, str]) -> Ontology:
    """The ontology with PERSON in place of PER."""
    entities = tuple(
        e.model_copy(update={"name": "PERSON"}) if e.name == "PER" else e for e in news.entities
    )
    roles = tuple(
        r.model_copy(update={"fillers": tuple({"PER": "PERSON"}.get(f, f) for f in r.fillers)})
        for r in news.roles
    )
    update = {"entities": entities, "roles": roles, "migrations": Migrations(**migrations)}
    return news.model_copy(update=update)


def test_proposals_are_in_the_words_of_a_renamed_label(store: Store, news: Ontology) -> None:
    """[migrations] rename what pipelines say too, with the arguments that go with it."""
    found = preannotate(
        store, pipelines={}, default="fast", ontology=renamed(news, entities={"PER": "PERSON"}),
        at=AT,
    )  # fmt: skip
    assert found.left_out == {}
    with store.transaction() as repo:
        (said,) = repo.annotation_sets("model", uids=["a"])
    assert "PERSON" in {e.label for e in said.entities}
    assert any(event.arguments for event in said.events)


def test_labels_of_a_built_in_pipeline_can_be_renamed(store: Store, news: Ontology) -> None:
    """[pipelines.en.labels] holds for "fast" as for a spaCy package; "" leaves out."""
    chosen = {"en": Pipeline(name="fast", labels={"PER": "PERSON", "LOC": ""})}
    found = preannotate(store, pipelines=chosen, default="fast", ontology=renamed(news), at=AT)
    with store.transaction() as repo:
        (said,) = repo.annotation_sets("model", uids=["a"])
    assert {e.label for e in said.entities} == {"PERSON"}
    assert set(found.left_out) == {"PER"}  # of the Slovak document, where nothing renames


def test_what_the_ontology_lacks_is_counted(store: Store, news: Ontology) -> None:
    """Nothing is dropped in silence: labels that have no name here are told with their number."""
    found = preannotate(store, pipelines={}, default="fast", ontology=renamed(news), at=AT)
    assert found.left_out["PER"] >= 2


def test_proposals_that_were_there_say_whose_they_are(store: Store, news: Ontology) -> None:
    """After a change of the pipeline one sees that the proposals are still the other's."""
    run(store, news)
    assert run(store, news).already_by == {"curation-fast-0.1.0": 2, "m-1": 1}
