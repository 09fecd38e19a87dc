"""Proposals by the pipelines for Documents that have none, stored as they are made."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any

from curation.migration import migrate
from curation.model import AnnotationSet, Document
from curation.ontology import Ontology
from curation.preannotate.documents import Failure, annotate
from curation.preannotate.parallel import Workers
from curation.preannotate.pipeline import DEFAULT
from curation.settings import Pipeline
from curation.store import Store

__all__ = ["WORTH_A_WORKER", "Preannotated", "preannotate", "predictions", "worker_count"]

_BATCH = 50
_POOL_BATCH = 1000
WORTH_A_WORKER = 200
"""Documents that pay for the start of a process."""
_MOST_WORKERS = 8


@dataclass(frozen=True)
class Preannotated:
    """How many Documents got proposals now, had them, or failed, and what was proposed now.

    `already_by`: by the pipeline that had made them. `left_out`: labels and types that pipelines
    gave and the ontology does not have.
    """

    documents: int
    already: int
    already_by: Mapping[str, int]
    left_out: Mapping[str, int]
    entities: int
    events: int
    arguments: int
    failures: tuple[tuple[str, str], ...] = ()
    interrupted: bool = False

    def to_json(self) -> dict[str, Any]:
        """The fields by name."""
        return asdict(self)


def predictions(
    documents: Iterable[Document],
    pipelines: Mapping[str, Pipeline],
    ontology: Ontology | None,
    default: str | None = None,
    workers: Workers | None = None,
    left_out: Counter[str] | None = None,
) -> Iterator[AnnotationSet | Failure]:
    """What the pipelines say; with an ontology, in its words, and only what it has room for.

    Labels and types that it has no room for are counted in `left_out`.
    """
    for found in (workers.annotate if workers else annotate)(
        documents,
        pipelines={language: p.name for language, p in pipelines.items()},
        default=default,
        label_maps={language: p.labels for language, p in pipelines.items()},
    ):
        if isinstance(found, Failure) or ontology is None:
            yield found
            continue
        now = migrate(found, ontology.migrations)
        if left_out is not None:
            left_out.update(e.label for e in now.entities if e.label not in ontology.entity_names)
            left_out.update(e.type for e in now.events if e.type not in ontology.event_names)
        yield _within(now, ontology)


def _within(found: AnnotationSet, ontology: Ontology) -> AnnotationSet:
    """Without what a team's own ontology does not have."""
    if not list(ontology.problems(found)):
        return found
    entities = tuple(e for e in found.entities if e.label in ontology.entity_names)
    labels = {e.id: e.label for e in entities}
    roles = {r.name: r.fillers for r in ontology.roles}
    values = {a.name: a.values for a in ontology.attributes}
    events = [
        e.model_copy(
            update={
                "arguments": tuple(
                    a for a in e.arguments if labels.get(a.target) in roles.get(a.role, ())
                ),
                "attributes": {k: v for k, v in e.attributes.items() if v in values.get(k, ())},
            }
        )
        for e in found.events
        if e.type in ontology.event_names
    ]
    return found.model_copy(update={"entities": entities, "events": tuple(events)})


def preannotate(
    store: Store,
    *,
    pipelines: Mapping[str, Pipeline],
    ontology: Ontology,
    at: str,
    default: str | None = None,
    again: bool = False,
    workers: int | None = None,
    advance: Callable[[], None] = lambda: None,
) -> Preannotated:
    """Pre-annotate Documents without current proposals (all, with `again`), in batches.

    `workers` processes work at it; without a number, `worker_count` says how many.

    Each batch is one transaction: a run that was stopped goes on where it was. At Ctrl-C what is
    made of the batch in hand is stored, and the result says so.
    """
    with store.transaction() as repo:
        have = {} if again else repo.annotated("model")
        uids = [uid for uid in repo.uids() if uid not in have]
    names = {default or DEFAULT, *(p.name for p in pipelines.values())}
    count = workers or worker_count(len(uids), names)
    with Workers(count) if count > 1 else nullcontext() as pool:
        return _in_batches(store, uids, have, pool, pipelines, ontology, default, at, advance)


def worker_count(documents: int, pipelines: Set[str]) -> int:
    """How many processes pay for so many documents.

    Starting one costs as much as a hundred documents of `fast`. The network of the other
    recognisers works on every core as it is.
    """
    if pipelines != {"fast"}:
        return 1
    return min(os.cpu_count() or 1, _MOST_WORKERS, max(1, documents // WORTH_A_WORKER))


def _in_batches(
    store: Store,
    uids: list[str],
    have: Mapping[str, str],
    pool: Workers | None,
    pipelines: Mapping[str, Pipeline],
    ontology: Ontology,
    default: str | None,
    at: str,
    advance: Callable[[], None],
) -> Preannotated:
    counts = dict.fromkeys(("documents", "entities", "events", "arguments"), 0)
    failures: list[tuple[str, str]] = []
    left_out: Counter[str] = Counter()
    interrupted = False
    remaining = iter(uids)
    while not interrupted and (
        batch := list(islice(remaining, _BATCH if pool is None else _POOL_BATCH))
    ):
        with store.transaction() as repo:
            # by language, as the pipelines run: what is made at an interruption has no gaps
            documents = sorted(repo.documents(batch), key=lambda d: d.language)
        made: list[AnnotationSet] = []
        try:
            for found in predictions(documents, pipelines, ontology, default, pool, left_out):
                if isinstance(found, Failure):
                    failures.append((found.uid, found.reason))
                else:
                    made.append(found)
                advance()
        except KeyboardInterrupt:
            interrupted = True
        _save(store, made, at)
        counts["documents"] += len(made)
        counts["entities"] += sum(len(a.entities) for a in made)
        counts["events"] += sum(len(a.events) for a in made)
        counts["arguments"] += sum(len(e.arguments) for a in made for e in a.events)
    return Preannotated(
        **counts,
        already=len(have),
        already_by=Counter(have.values()),
        left_out=dict(sorted(left_out.items())),
        failures=tuple(failures),
        interrupted=interrupted,
    )


def _save(store: Store, made: Iterable[AnnotationSet], at: str) -> None:
    with store.transaction(alone=True) as repo:
        for annotations in made:
            repo.retire_predictions(annotations.uid, keep=annotations.annotator)
            repo.save_annotations(annotations, at=at)
