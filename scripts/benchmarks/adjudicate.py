"""Adjudication of 10,000 documents by three annotators, from the database into the database.

Documents of 12 entities and 5 events with two arguments and two attributes each; every annotator
errs in a tenth of their answers. The second rule changes most gold sets, the last run none.
"""

from __future__ import annotations

import os
import random
import resource
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

AT = "2024-05-01T12:00:00+00:00"
LABELS = ("PER", "ORG", "LOC")
TYPES = ("CONSULT", "AGREE", "ACCUSE")
TENSES = ("past", "present", "future")
ENTITIES, EVENTS = 12, 5
WRONG = 0.1
LIMIT_S, LIMIT_MB = 30.0, 2048.0
AT_ONCE = 200
"""Documents that are stored together."""


def rows(count: int) -> list[dict]:
    """Rows of `scripts/bench adjudicate` for `count` documents."""
    from curation.adjudication import LAYERS
    from curation.store import open_store
    from curation.workflows.adjudicate import adjudicate_store

    found = []
    with tempfile.TemporaryDirectory() as name:
        store = open_store(f"sqlite:///{Path(name) / 'curation.db'}")
        _fill(store, count)
        for what, rule in (
            ("majority", "majority"),
            ("weighted", "weighted"),
            ("again", "weighted"),
        ):
            start = time.perf_counter()
            done = adjudicate_store(
                store,
                rules=dict.fromkeys(LAYERS, (rule,)),
                min_annotators=2,
                at=AT,
                processes=os.cpu_count() or 1,
            )
            took = time.perf_counter() - start
            assert done.documents == count
            assert (done.changed == 0) == (what == "again"), done.changed
            found.append(_row(f"{what}: {count:,} documents by three", took, count))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    found.append(_row("peak memory in MB, of the first process", peak, count, limit=LIMIT_MB))
    return found


def _row(what: str, took: float, n: int, *, limit: float = LIMIT_S) -> dict:
    return {
        "what": what,
        "ours_s": round(took, 3),
        "other": "limit",
        "other_s": limit,
        "ratio": round(limit / took, 3),
        "n": n,
    }


def _fill(store: Any, count: int) -> None:
    from curation.model import Document

    for first in range(0, count, AT_ONCE):
        with store.transaction() as repo:
            for number in range(first, min(first + AT_ONCE, count)):
                uid = f"doc-{number:05}"
                text = "x" * (ENTITIES * 20) + uid
                repo.add_document(Document(uid=uid, language="en", text=text), offset_map=[], at=AT)
                for made in _team(uid, random.Random(number)):
                    repo.save_annotations(made, at=AT)


def _team(uid: str, chance: random.Random) -> Iterator[Any]:
    """What three annotators make of the same truth."""
    truth = [
        (at * 20, at * 20 + chance.randint(3, 9), chance.choice(LABELS), chance.choice(TENSES))
        for at in range(ENTITIES)
    ]
    for name in ("anna", "ben", "cara"):
        yield _said(uid, name, truth, chance)


def _said(
    uid: str, name: str, truth: list[tuple[int, int, str, str]], chance: random.Random
) -> Any:
    from curation.model import AnnotationSet, Argument, Entity, Event, TextSpan

    def or_wrong(right: str, all_of: tuple[str, ...]) -> str:
        return chance.choice(all_of) if chance.random() < WRONG else right

    kept = [one for one in truth if chance.random() >= WRONG / 3]
    entities = tuple(
        Entity(
            id=f"T{i}", start=a, end=b + (chance.random() < WRONG / 3), label=or_wrong(c, LABELS)
        )
        for i, (a, b, c, _) in enumerate(kept)
    )
    events = tuple(
        Event(
            id=f"E{i}",
            type=or_wrong(TYPES[entity.start // 20 % 3], TYPES),
            trigger=TextSpan(start=entity.start + 12, end=entity.start + 15),
            arguments=(
                Argument(role=or_wrong("Actor", ("Recipient", "Location")), target=entity.id),
                Argument(role="Date", target=entities[i - 1].id),
            ),
            attributes={"tense": or_wrong(kept[i][3], TENSES), "polarity": "positive"},
        )
        for i, entity in enumerate(entities[:EVENTS])
    )
    return AnnotationSet(uid=uid, annotator=name, entities=entities, events=events)
