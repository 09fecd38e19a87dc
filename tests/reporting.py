"""A workspace to report on: the sample corpus in the middle of the work, without a server."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from curation import samples
from curation.formats.registry import exporter
from curation.model import AnnotationSet
from curation.settings import Annotator
from curation.store.records import ReleaseRecord
from curation.testing import FakeLabelStudio
from curation.workflows.adjudicate import adjudicate_workspace
from curation.workflows.ingest import ingest
from curation.workflows.push import push
from curation.workflows.split import split_store
from curation.workflows.workspace import Workspace, init_workspace, open_workspace

__all__ = ["AT", "NOW", "sample_workspace"]

AT = "2026-03-01T09:00:00+00:00"
NOW = "2026-05-20T09:00:00+00:00"
_FIRST_DAY = date(2026, 3, 14)
_LEFT = {"anna": 3, "ben": 6, "cyril": 0}


def sample_workspace(folder: Path) -> Workspace:
    """25 documents in five languages, 51 of 60 tasks done in three months by two guidelines."""
    made, _ = init_workspace(
        folder, workspace_id="5a3b1e00", name="Sample corpus", annotators=list(_annotators()),
        rules=("majority", "prefer:anna"), environment={},
    )  # fmt: skip
    settings = folder / "curation.toml"
    settings.write_text(
        settings.read_text(encoding="utf-8").replace(
            'attributes = ["majority", "prefer:anna"]', 'attributes = ["majority"]'
        ),
        encoding="utf-8",
    )
    made = open_workspace(folder, {})
    ingest(
        made.store, [samples.documents_dir()], languages=made.settings.languages, at=AT,
        source="sample", license_name="cc0-1.0",
    )  # fmt: skip
    said = {name: list(_read(name)) for name in samples.annotation_files()}
    with made.store.transaction() as repo:
        for one in said["anna"]:
            repo.save_annotations(_proposal(one), at=AT)
    client = FakeLabelStudio()
    push(made.store, client, settings=made.settings, ontology=made.ontology, at=AT)
    with made.store.transaction() as repo:
        for name, sets in said.items():
            for i, one in enumerate(sets[: len(sets) - _LEFT[name]]):
                repo.save_annotations(_worked(one, i), at=NOW)
    adjudicate_workspace(made, at=NOW)
    split_store(made.store, parts=made.settings.splits.parts, seed=13, at=NOW)
    with made.store.transaction() as repo:
        repo.add_release(ReleaseRecord("1.0.0", "exports/1.0.0", "ab" * 32, 19, NOW))
    return made


def _annotators() -> Iterator[Annotator]:
    for name in samples.annotation_files():
        uids = tuple(sorted(one.uid for one in _read(name)))
        yield Annotator(name=name, email=f"{name}@example.org", documents=uids, sample=True)


def _read(name: str) -> Iterator[AnnotationSet]:
    for record in exporter("jsonl").read(samples.annotation_files()[name], {}):
        if record.annotations is not None:
            yield record.annotations.model_copy(update={"kind": "sample", "annotator": name})


def _proposal(said: AnnotationSet) -> AnnotationSet:
    """Every fifth entity and every fourth event is missing."""
    kept = tuple(e for i, e in enumerate(said.entities) if i % 5)
    names = {e.id for e in kept}
    events = tuple(
        e.model_copy(
            update={"arguments": tuple(a for a in e.arguments if a.target in names), "origin": None}
        )
        for i, e in enumerate(said.events)
        if i % 4
    )
    return said.model_copy(
        update={"annotator": "model-1", "kind": "model", "entities": kept, "events": events}
    )


def _worked(said: AnnotationSet, number: int) -> AnnotationSet:
    """As pulled: when it was handed in, by which guideline, how long it took, and from what."""
    day = _FIRST_DAY + timedelta(days=3 * number + len(said.annotator) % 3)
    assisted = number % 3 > 0
    provenance = {
        "url": f"http://127.0.0.1:8080/tasks/{number}",
        "updated_at": f"{day.isoformat()}T10:00:00Z",
        "lead_time": 200.0 + 15 * number + (0 if assisted else 120),
        "assisted": assisted,
        "parent_prediction": number + 1 if assisted else None,
        "guideline": "1.0" if number < 12 else "1.1",
    }
    origin = "manual" if not assisted else "prediction"
    return said.model_copy(
        update={
            "provenance": provenance,
            "entities": tuple(e.model_copy(update={"origin": origin}) for e in said.entities),
            "events": tuple(e.model_copy(update={"origin": origin}) for e in said.events),
        }
    )
