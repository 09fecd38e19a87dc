"""A workspace with the sample corpus, adjudicated and split, without a server."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from curation import samples
from curation.adjudication import LAYERS
from curation.formats.jsonl import read_records
from curation.model import AnnotationSet, Record
from curation.settings import FILE_NAME, Annotator
from curation.workflows.adjudicate import adjudicate_store
from curation.workflows.split import split_store
from curation.workflows.workspace import Workspace, init_workspace, open_workspace

AT = "2024-05-01T12:00:00+00:00"
SERVER = "http://label-studio.internal:8080"
NAMES = ("anna", "ben", "cyril")


def sample_records(name: str) -> list[Record]:
    """What one sample annotator said."""
    found = []
    for _, record in read_records(
        Path(str(samples.__file__)).parent / "annotations" / f"{name}.jsonl"
    ):
        assert isinstance(record, Record)
        found.append(record)
    return found


def with_urls(said: AnnotationSet, number: int) -> AnnotationSet:
    """A set with the provenance that a pull gives it."""
    url = f"{SERVER}/projects/1/data?task={number}"
    seen = {"url": url, "task": number, "updated_at": "2024-04-30T10:00:00Z", "lead_time": 12.5}
    return said.model_copy(update={"provenance": seen})


def workspace(
    folder: Path,
    *,
    release: str = "",
    names: Sequence[str] = NAMES,
    rules: Sequence[str] = ("majority", "prefer:anna"),
    languages: Sequence[str] = ("en", "sk"),
    source: str | None = None,
) -> Workspace:
    """Part of the sample corpus by these annotators; `release` are lines of [release]."""
    people = [Annotator(name=n, email=f"{n}@example.org") for n in names]
    made, _ = init_workspace(
        folder, workspace_id="abcd1234", name="Sample corpus", annotators=people, environment={}
    )
    settle(folder, release)
    with made.store.transaction() as repo:
        for name in names:
            for number, record in enumerate(sample_records(name)):
                if record.document.language not in languages:
                    continue
                document = record.document.model_copy(update={"source": source})
                repo.add_document(document, offset_map=[], at=AT)
                assert record.annotations is not None
                repo.save_annotations(with_urls(record.annotations, number), at=AT)
    adjudicate_store(made.store, rules=dict.fromkeys(LAYERS, tuple(rules)), min_annotators=1, at=AT)
    split_store(made.store, parts={"train": 0.6, "dev": 0.2, "test": 0.2}, seed=13, at=AT)
    return opened(folder)


def settle(folder: Path, release: str) -> None:
    """Put these lines under [release], instead of those there."""
    path = folder / FILE_NAME
    before, _, rest = path.read_text("utf-8").partition("[release]")
    kept = rest[rest.index("\n# The pipeline of") :]
    path.write_text(f"{before}[release]\n{release}\n{kept}", encoding="utf-8")


def opened(folder: Path) -> Workspace:
    """The workspace, read anew."""
    return open_workspace(folder, {k: v for k, v in os.environ.items() if k == "PATH"})
