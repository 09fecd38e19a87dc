"""How many of the first fifty findings of an audit are errors that were put in at random.

Three of a hundred labels are replaced by another one, by seed: of entities in the dev sets (ten
neighbouring sentences a document, 5,000 of them drawn by the seed), of entities and events in the
sample corpus. Only these count as errors; what else is wrong in the data counts as a false alarm.
`ours_s` is an audit with all that belongs to it, from AnnotationSets on.
"""

from __future__ import annotations

import gzip
import random
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from curation.formats.conll import read_conll
from curation.formats.jsonl import read_records
from curation.formats.reading import Reading
from curation.model import AnnotationSet, Document
from curation.ontology import load_ontology
from curation.samples import annotation_files
from curation.workflows.audit import NO_PIPELINE, Material, find, with_proposals
from curation.workflows.workspace import default_ontology_file

ROOT = Path(__file__).resolve().parents[2]
DEV = ROOT.parent / "shared" / "data" / "ner" / "dev"
RATE, FIRST, LIMIT_S = 0.03, 50, 60.0
SENTENCES, TOGETHER = 5000, 10
SEEDS = (1, 2, 3, 4, 5)

Pair = tuple[Document, AnnotationSet]
Place = tuple[str, str, int, int, str]


class Measured(NamedTuple):
    """Of one seed: how many were put in among so many labels, and how many were found first."""

    labels: int
    wrong: int
    hits: int
    shown: int
    seconds: float


def rows(dev: Path | None = None) -> list[dict]:
    """Rows of `scripts/bench audit`."""
    folder = dev or DEV
    found = []
    if folder.is_dir():
        blocks = [*_dev(folder)]
        for pipeline in (NO_PIPELINE, "fast"):
            measured = [_measured(_drawn(blocks, seed), seed, pipeline) for seed in SEEDS]
            found.append(_row(f"dev, {SENTENCES} sentences", pipeline, measured))
    else:
        print(f"bench: {folder} is not here; its rows are left out", file=sys.stderr)
    for name in ("anna", "ben"):
        for pipeline in (NO_PIPELINE, "fast"):
            measured = [_measured(_sample(name), seed, pipeline) for seed in SEEDS]
            found.append(_row(f"sample corpus, {name} as gold", pipeline, measured))
    others = [said for name in ("anna", "ben", "cyril") for _, said in _sample(name)]
    measured = [_measured(_sample("anna"), seed, NO_PIPELINE, others) for seed in SEEDS]
    found.append(_row("sample corpus, gold beside its three annotators", NO_PIPELINE, measured))
    return found


def _dev(folder: Path) -> Iterator[Pair]:
    for path in sorted(folder.glob("*.iob2.gz")):
        name = path.name.partition(".")[0]
        with gzip.open(path, "rt", encoding="utf-8") as file:
            sentences = file.read().strip("\n").split("\n\n")
        for first in range(0, len(sentences), TOGETHER):
            block = "\n\n".join(sentences[first : first + TOGETHER])
            text = f"# newdoc id = {name}-{first:05}\n{block}\n"
            yield from _pairs(text, name[:2], str(path))


def _pairs(text: str, language: str, where: str) -> Iterator[Pair]:
    for item in read_conll(
        text, {}, where=where, annotator="gold", language=lambda _text: language, documents={}
    ):
        if isinstance(item, Reading) and item.record.annotations is not None:
            yield item.record.document, item.record.annotations


def _drawn(blocks: Sequence[Pair], seed: int) -> list[Pair]:
    return random.Random(seed).sample(blocks, SENTENCES // TOGETHER)


def _sample(name: str) -> list[Pair]:
    records = (record for _, record in read_records(annotation_files()[name]))
    return [(r.document, r.annotations) for r in records if r.annotations is not None]


def _measured(
    pairs: Sequence[Pair], seed: int, pipeline: str, others: Sequence[AnnotationSet] = ()
) -> Measured:
    corrupted, wrong, labels = corrupt(pairs, seed)
    said: dict[str, list[AnnotationSet]] = {}
    for one in others:
        said.setdefault(one.uid, []).append(one)
    start = time.perf_counter()
    ontology = load_ontology(default_ontology_file())
    material = with_proposals(Material(corrupted, others=said, ontology=ontology), pipeline)
    first = find(material)[:FIRST]
    seconds = time.perf_counter() - start
    hits = sum((f.uid, f.layer, f.start, f.end, f.now) in wrong for f in first)
    return Measured(labels, len(wrong), hits, len(first), seconds)


def corrupt(pairs: Sequence[Pair], seed: int) -> tuple[list[Pair], set[Place], int]:
    """The pairs with wrong labels in them, where these are, and how many labels there are."""
    drawn = random.Random(seed)
    labels = sorted({e.label for _, said in pairs for e in said.entities})
    types = sorted({e.type for _, said in pairs for e in said.events})
    items = [(said.uid, item.id) for _, said in pairs for item in said.items]
    chosen = set(drawn.sample(items, round(RATE * len(items))))
    wrong: set[Place] = set()

    def other(now: str, names: Sequence[str]) -> str:
        return drawn.choice([name for name in names if name != now])

    def spoilt(said: AnnotationSet) -> AnnotationSet:
        entities, events = list(said.entities), list(said.events)
        for i, e in enumerate(entities):
            if (said.uid, e.id) in chosen:
                entities[i] = e.model_copy(update={"label": other(e.label, labels)})
                wrong.add((said.uid, "entities", *entities[i].key))
        for i, v in enumerate(events):
            if (said.uid, v.id) in chosen:
                events[i] = v.model_copy(update={"type": other(v.type, types)})
                wrong.add((said.uid, "triggers", *events[i].key))
        return said.model_copy(update={"entities": tuple(entities), "events": tuple(events)})

    return [(document, spoilt(said)) for document, said in pairs], wrong, len(items)


def _row(what: str, pipeline: str, measured: Sequence[Measured]) -> dict:
    """Means over the seeds, each of them, and the most that so few errors allow."""
    precision = [m.hits / m.shown for m in measured]
    base = statistics.mean(m.wrong / m.labels for m in measured)
    took = statistics.median(m.seconds for m in measured)
    return {
        "what": f"{what}; second opinion: {pipeline}",
        "ours_s": round(took, 2),
        "other": "limit",
        "other_s": LIMIT_S,
        "ratio": round(LIMIT_S / took, 2),
        "n": round(statistics.mean(m.labels for m in measured)),
        f"precision_at_{FIRST}": round(statistics.mean(precision), 3),
        "by_seed": [round(p, 3) for p in precision],
        "at_most": round(statistics.mean(min(1, m.wrong / m.shown) for m in measured), 3),
        "base_rate": round(base, 4),
        "times_base": round(statistics.mean(precision) / base, 1),
        "corrupted": round(statistics.mean(m.wrong for m in measured)),
    }
