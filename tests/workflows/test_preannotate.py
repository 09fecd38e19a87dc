"""Proposals that are stored as they are made."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest
from pushing import AT

from curation.ontology import Ontology
from curation.preannotate import documents as documents_module
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
