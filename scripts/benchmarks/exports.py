"""Exports from records in memory, side by side with the plain way, and the whole command.

The records are synthetic articles of 350 words with 20 entities and 5 events each. Reading the
store is no part of the first rows; the last ones are `curation export` in this process, on a
database. `mb_per_s` is of the file that is written.
"""

from __future__ import annotations

import gc
import json
import random
import re
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from curation.formats.jsonl import record_to_data
from curation.formats.order import Ordered
from curation.formats.registry import EXPORTERS
from curation.formats.tokens import blank
from curation.model import AnnotationSet, Argument, Document, Entity, Event, Record, TextSpan
from curation.samples import documents_dir
from curation.store import Store, open_store
from curation.workflows.export import export
from curation.workflows.exporting import Wanted, select

WORDS, REPEATS = 350, 5
AT = "2024-05-01T12:00:00+00:00"
ATTRIBUTES = {
    "genericity": "specific",
    "modality": "asserted",
    "polarity": "positive",
    "tense": "past",
}
SLOWER = ("iob2", "bilou", "conll", "brat", "parquet", "standoff")


def rows(many: int = 10_000, some: int = 2_000, few: int = 500) -> list[dict[str, Any]]:
    """Rows of `scripts/bench exports`: `many` for the command, `few` where texts are tokenized."""
    records = made(some)
    # The command holds 500 records at a time; the garbage collector is not to look at these here.
    gc.freeze()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        found = [_jsonl(records, place), *_docbin(records[:few], place)]
        found += [_other(name, records[:few], place) for name in SLOWER]
        found += _commands(many, place)
    return found


def made(count: int) -> list[Record]:
    """`count` records in order, the same at every call."""
    rng = random.Random(1)
    words: dict[str, list[str]] = {}
    for path in sorted(documents_dir().glob("*.txt")):
        words.setdefault(path.name[:2], []).extend(path.read_text("utf-8").split(" "))
    languages = islice(cycle(sorted(words)), count)
    texts = (
        (language, " ".join(islice(cycle(words[language]), 37 * i, 37 * i + WORDS)))
        for i, language in enumerate(languages)
    )
    found = (_record(f"{lang}-{i:06}", lang, text, rng) for i, (lang, text) in enumerate(texts))
    return sorted(found, key=lambda record: record.document.uid)


def _record(uid: str, language: str, text: str, rng: random.Random) -> Record:
    tokens = [found.span() for found in re.finditer(r"\w+", text)]
    starts = sorted(rng.sample(range(len(tokens) - 1), 20))
    entities = tuple(
        Entity(id=f"T{n}", start=tokens[i][0], end=tokens[i + 1][1], label=rng.choice("ABCDE") * 3)
        for n, i in enumerate(starts, 1)
    )
    events = tuple(
        Event(
            id=f"E{n}",
            type="CONSULT",
            trigger=TextSpan(start=tokens[i][0], end=tokens[i][1]),
            arguments=(Argument(role="Actor", target="T1"), Argument(role="Place", target="T2")),
            attributes=ATTRIBUTES,
        )
        for n, i in enumerate(starts[::4], 1)
    )
    said = AnnotationSet(uid=uid, annotator="gold", kind="gold", entities=entities, events=events)
    return Record(document=Document(uid=uid, language=language, text=text), annotations=said)


def _seconds(*runs: Callable[[], object]) -> list[float]:
    """Medians, run in turns so that a busy machine slows all alike."""
    took: list[list[float]] = [[] for _ in runs]
    for _ in range(REPEATS):
        for run, times in zip(runs, took, strict=True):
            start = time.perf_counter()
            run()
            times.append(time.perf_counter() - start)
    return [statistics.median(times) for times in took]


def _row(what: str, ours: float, other: str, other_s: float, n: int, size: int = 0) -> dict:
    row = {
        "what": what,
        "ours_s": round(ours, 4),
        "other": other,
        "other_s": round(other_s, 4),
        "ratio": round(other_s / ours, 3),
        "n": n,
        "documents_per_s": round(n / ours, 1),
    }
    return row | ({"mb_per_s": round(size / 1e6 / ours, 1)} if size else {})


def _exported(name: str, records: Sequence[Record], path: Path) -> Callable[[], object]:
    return lambda: EXPORTERS[name].export(Ordered(records), path, "expand")


def _jsonl(records: Sequence[Record], folder: Path) -> dict[str, Any]:
    path, plain = folder / "ours.jsonl", folder / "plain.jsonl"

    def other() -> None:
        with plain.open("w", encoding="utf-8") as stream:
            for record in records:
                stream.write(json.dumps(record_to_data(record), ensure_ascii=False) + "\n")

    took, other_s = _seconds(_exported("jsonl", records, path), other)
    assert path.read_bytes() == plain.read_bytes()
    name = "json.dumps of the same, without a check or an order"
    return _row("jsonl", took, name, other_s, len(records), path.stat().st_size)


def _docbin(records: Sequence[Record], folder: Path) -> list[dict[str, Any]]:
    """Against the plain way from texts, and against bare `to_bytes` of Docs that are there."""
    from spacy.tokens import DocBin

    path = folder / "ours.spacy"
    docs = [_doc(record) for record in records]

    def plain() -> bytes:
        return DocBin(docs=[_doc(record) for record in records]).to_bytes()

    def bare() -> bytes:
        return DocBin(docs=docs).to_bytes()

    took, other_s, bare_s = _seconds(_exported("spacy", records, path), plain, bare)
    n, size = len(records), path.stat().st_size
    way = "the same texts tokenized, entities set, DocBin(docs).to_bytes()"
    return [
        _row("spacy, from records", took, way, other_s, n, size),
        _row("spacy, from records", took, "DocBin(docs).to_bytes() of Docs made before", bare_s, n),
    ]


def _doc(record: Record) -> Any:
    from spacy.util import filter_spans

    assert record.annotations is not None
    doc = blank(record.document.language).make_doc(record.document.text)
    found = (
        doc.char_span(e.start, e.end, label=e.label, alignment_mode="expand")
        for e in record.annotations.entities
    )
    doc.set_ents(filter_spans([span for span in found if span is not None]))
    return doc


def _other(name: str, records: Sequence[Record], folder: Path) -> dict[str, Any]:
    path = folder / f"ours.{name}"
    ours = _exported(name, records, path)
    took, other_s = _seconds(ours, _exported("jsonl", records, folder / "beside.jsonl"))
    files = [path] if path.is_file() else [p for p in path.rglob("*") if p.is_file()]
    size = sum(file.stat().st_size for file in files)
    return _row(name, took, "jsonl of the same", other_s, len(records), size)


def _commands(count: int, folder: Path) -> list[dict[str, Any]]:
    """`curation export` of the whole database, with certificate, against reading alone."""
    store = open_store(f"sqlite:///{folder / 'curation.db'}")
    with store.transaction() as repo:
        for record in made(count):
            repo.add_document(record.document, offset_map=[], at=AT)
            if record.annotations is not None:
                repo.save_annotations(record.annotations, at=AT)
    found = []
    for name in ("jsonl", "spacy"):
        path = folder / f"all.{name}"
        start = time.perf_counter()
        export(store, name, path, now=AT)
        took = time.perf_counter() - start
        size = path.stat().st_size
        what = f"curation export {name}"
        found.append(_row(what, took, "reading the store", _reading(store), count, size))
    return found


def _reading(store: Store) -> float:
    start = time.perf_counter()
    with store.transaction() as repo:
        for _ in select(repo, Wanted()).records():
            pass
    return time.perf_counter() - start
