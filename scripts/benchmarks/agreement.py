"""Agreement against the libraries that measure the same, side by side in one run.

Ours start from AnnotationSets; the others get their own kind of input, prepared before the clock
starts. Turns alternate, so that a busy machine slows both alike. A library that is not installed
is named on stderr and its row left out.
"""

from __future__ import annotations

import importlib
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from curation.agreement.coefficients import Ratings, from_sums, sums_of
from curation.agreement.exact import exact_f1
from curation.agreement.families import table_of
from curation.agreement.gamma import best_alignment_disorder, gamma
from curation.agreement.panel import panel_of
from curation.agreement.registry import parse_measure
from curation.model import AnnotationSet, Entity

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS, TOKENS, SPANS = 1000, 1000, 100
LABELS = ("DATE", "LOC", "MISC", "ORG", "PER")
GAMMA_DOCUMENTS, SAMPLES = 10, 30
WHOLE_DOCUMENTS, WHOLE_S, WHOLE_MB = 10_000, 20.0, 2000.0
EXACT = "f1(layer=entities,match=exact)"

Span = tuple[int, int, str]


def rows() -> list[dict]:
    """Rows of `scripts/bench agreement`."""
    spans = _corpus(DOCUMENTS)
    sets = list(_sets(spans))
    found = [*_exact(spans, sets), *_tokens(spans), *_gamma(spans)]
    return [*found, *_whole()]


def _corpus(count: int) -> list[tuple[list[Span], list[Span]]]:
    """Spans over tokens, two annotators a document: mostly alike, some moved or named otherwise."""
    drawn = random.Random(5)
    corpus = []
    for _ in range(count):
        firsts = sorted(drawn.sample(range(0, TOKENS - 5, 5), SPANS))
        one = [(at, at + drawn.randint(1, 3), drawn.choice(LABELS)) for at in firsts]
        corpus.append((one, [_again(span, drawn) for span in one if drawn.random() > 0.07]))
    return corpus


def _again(span: Span, drawn: random.Random) -> Span:
    """What a second annotator makes of it."""
    chance = drawn.random()
    if chance < 0.06:
        return span[0], span[1] + 1, span[2]
    return (span[0], span[1], drawn.choice(LABELS)) if chance < 0.12 else span


def _sets(corpus: Sequence[tuple[list[Span], list[Span]]]) -> Iterator[AnnotationSet]:
    for number, both in enumerate(corpus):
        for name, spans in zip(("anna", "ben"), both, strict=True):
            entities = tuple(
                Entity(id=f"T{i}", start=s, end=e, label=label)
                for i, (s, e, label) in enumerate(spans, 1)
            )
            yield AnnotationSet(uid=f"d{number:05}", annotator=name, entities=entities)


def _library(name: str) -> Any:
    """The module, or None with the reason on stderr."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return importlib.import_module(name)
        except ImportError as error:
            distribution = name.replace("_", "-")
            print(f"bench: {distribution} skipped: {error}; pip install it", file=sys.stderr)
            return None


def _seconds(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def _alternating(
    ours: Callable[[], object], other: Callable[[], object], repeats: int
) -> tuple[float, float]:
    pairs = [(_seconds(ours), _seconds(other)) for _ in range(repeats)]
    return statistics.median(a for a, _ in pairs), statistics.median(b for _, b in pairs)


def _row(what: str, took: tuple[float, float], other: str, n: int, *, least: float) -> dict:
    """`least`: what the ratio must reach."""
    ratio = took[1] / took[0]
    return {
        "what": what,
        "ours_s": round(took[0], 5),
        "other": other,
        "other_s": round(took[1], 5),
        "ratio": round(ratio, 2),
        "n": n,
        "least": least,
        "met": ratio >= least,
    }


# Exact F1


def _exact(
    corpus: Sequence[tuple[list[Span], list[Span]]], sets: list[AnnotationSet]
) -> Iterator[dict]:
    """Exact F1; values are compared before times are."""
    measure = parse_measure(EXACT)

    def counted() -> float:
        table = table_of(measure, panel_of(sets), (0, 1))
        return float(table.score(table.sums[0].sum(axis=0)[None, :])[0])

    value = exact_f1(sets)
    _same("exact F1 alone and with counts", value, counted(), 1e-12)
    for name, prepare, least in (("nervaluate", _nervaluate, 50.0), ("seqeval", _seqeval, 25.0)):
        if (library := _library(name)) is None:
            continue
        other = prepare(library, corpus)
        _same(f"exact F1 and {name}", value, other(), 1e-9)
        alone = "exact F1 from AnnotationSets"
        took = _alternating(lambda: exact_f1(sets), other, 3)
        yield _row(alone, took, name, len(corpus), least=least)
        took = _alternating(counted, other, 3)
        yield _row(f"{alone}, with counts by label", took, name, len(corpus), least=least)


def _same(what: str, ours: float | None, other: float, tolerance: float) -> None:
    if ours is None or abs(ours - other) > tolerance:
        sys.exit(f"bench: {what} differ: {ours} and {other}")


def _nervaluate(library: Any, corpus: Sequence[tuple[list[Span], list[Span]]]) -> Callable:
    # Its ends are inclusive.
    first, second = (
        [[{"label": x[2], "start": x[0], "end": x[1] - 1} for x in both[i]] for both in corpus]
        for i in (0, 1)
    )

    def run() -> float:
        found = library.Evaluator(first, second, tags=list(LABELS)).evaluate()
        return float(found["overall"]["strict"].f1)

    return run


def _seqeval(library: Any, corpus: Sequence[tuple[list[Span], list[Span]]]) -> Callable:
    del library
    score = importlib.import_module("seqeval.metrics").f1_score
    first, second = ([_tags(both[i]) for both in corpus] for i in (0, 1))
    return lambda: float(score(first, second))


def _tags(spans: Sequence[Span]) -> list[str]:
    tags = ["O"] * TOKENS
    for start, end, label in spans:
        tags[start:end] = [f"I-{label}"] * (end - start)
        tags[start] = f"B-{label}"
    return tags


# Alpha over tokens


def _tokens(corpus: Sequence[tuple[list[Span], list[Span]]]) -> Iterator[dict]:
    """Nominal alpha over every token, from the array of ratings."""
    if (library := _library("krippendorff")) is None:
        return
    categories = np.array([[c for both in corpus for c in _coded(both[i])] for i in (0, 1)])
    q = len(LABELS) + 1
    ratings = Ratings(categories, np.ones(categories.shape[1]))
    counts = np.stack([(categories == c).sum(axis=0) for c in range(q)], axis=1)

    def ours() -> float:
        return float(from_sums("alpha", sums_of("alpha", ratings, q)))

    def other() -> float:
        return float(library.alpha(value_counts=counts, level_of_measurement="nominal"))

    _same("alpha and krippendorff", ours(), other(), 1e-9)
    took = _alternating(ours, other, 5)
    what = "alpha over tokens"
    yield _row(what, took, "krippendorff on counts", categories.shape[1], least=50.0)


def _coded(spans: Sequence[Span]) -> list[int]:
    codes = [0] * TOKENS
    for start, end, label in spans:
        codes[start:end] = [1 + LABELS.index(label)] * (end - start)
    return codes


# Gamma


def _gamma(corpus: Sequence[tuple[list[Span], list[Span]]]) -> Iterator[dict]:
    """Gamma document by document; the disorders of the best alignments must be the same."""
    if (library := _library("pygamma_agreement")) is None:
        return
    unlike = library.CombinedCategoricalDissimilarity()  # once: each new one is compiled anew
    some = corpus[:GAMMA_DOCUMENTS]
    ours = [dict(zip("ab", both, strict=True)) for both in some]
    continua = [_continuum(library, both) for both in some]
    with _quiet():
        continua[0].compute_gamma(unlike, n_samples=SAMPLES)
    for units, continuum in zip(ours, continua, strict=True):
        theirs = continuum.get_best_alignment(unlike).disorder
        _same("disorder and pygamma-agreement", best_alignment_disorder(units), theirs, 1e-6)
    with _quiet():
        took = _alternating(
            lambda: [gamma(units, samples=SAMPLES) for units in ours],
            lambda: [c.compute_gamma(unlike, n_samples=SAMPLES).gamma for c in continua],
            3,
        )
    what = f"gamma, {SAMPLES} samples, {SPANS} spans; same disorder to 1e-6"
    yield _row(what, took, "pygamma-agreement", len(some), least=20.0)


@contextmanager
def _quiet() -> Iterator[None]:
    """Nothing on stdout, not even from the solver's own C library."""
    sys.stdout.flush()
    kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 1)
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)


def _continuum(library: Any, both: tuple[list[Span], list[Span]]) -> Any:
    segment = importlib.import_module("pyannote.core").Segment
    continuum = library.Continuum()
    for name, spans in zip("ab", both, strict=True):
        for start, end, label in spans:
            continuum.add(name, segment(start, end), label)
    return continuum


# The whole command

_COMMAND = "from curation.cli import main; main()"
_EVENTS = ("AID", "COERCE", "CONSULT", "PROTEST", "SANCTION", "THREATEN")
_ROLES = ("Actor", "Recipient", "Location", "Date")
_ANSWERS = {
    "polarity": ("positive", "negative"),
    "tense": ("past", "present", "future"),
    "modality": ("asserted", "other"),
    "genericity": ("specific", "generic"),
}


def _whole() -> list[dict]:
    """`curation agreement --from` as a process: time and memory against their limits."""
    with tempfile.TemporaryDirectory() as name:
        files = _written(Path(name), WHOLE_DOCUMENTS)
        command = [sys.executable, "-c", _COMMAND, "agreement", "--from", *files, "--json"]
        report = Path(name) / "report.json"
        start = time.perf_counter()
        with report.open("wb") as stream:
            subprocess.run(command, check=True, stdout=stream, cwd=ROOT)
        took = time.perf_counter() - start
        measures = len(json.loads(report.read_bytes())["measures"])
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    what = f"curation agreement --json, three annotators, {measures} estimates"
    memory = _row("its peak memory in MB", (peak, WHOLE_MB), "limit", WHOLE_DOCUMENTS, least=1.0)
    return [_row(what, (took, WHOLE_S), "limit", WHOLE_DOCUMENTS, least=1.0), memory]


def _written(folder: Path, count: int) -> list[str]:
    """A canonical file an annotator: 14 entities and 4 events a document of 60 to 400 words."""
    drawn = random.Random(1)
    paths = [folder / f"{name}.jsonl" for name in ("anna", "ben", "cleo")]
    streams = [path.open("w", encoding="utf-8") for path in paths]
    for number in range(count):
        words = drawn.randint(60, 400)
        entities = [(i, drawn.choice(LABELS)) for i in sorted(drawn.sample(range(words), 14))]
        events = [(i, drawn.choice(_EVENTS)) for i in sorted(drawn.sample(range(words), 4))]
        line = {
            "id": f"d{number:05}",
            "language": ("sk", "sv", "en", "nb", "nl")[number % 5],
            "text": "words " * words,
            "meta": {"source": f"paper {number % 7}", "published": f"2020-{number % 12 + 1:02}"},
        }
        for path, stream in zip(paths, streams, strict=True):
            said = _said(entities, events, drawn)
            stream.write(json.dumps(line | {"annotator": path.stem} | said) + "\n")
    for stream in streams:
        stream.close()
    return [str(path) for path in paths]


def _said(
    entities: Sequence[tuple[int, str]], events: Sequence[tuple[int, str]], drawn: random.Random
) -> dict[str, list[dict]]:
    """What one annotator makes of them, with misses, other borders and other names."""
    marked = [
        {
            "id": f"T{i}",
            "start": 6 * i,
            "end": 6 * i + (5 if drawn.random() > 0.05 else 3),
            "label": label if drawn.random() > 0.05 else drawn.choice(LABELS),
        }
        for i, label in entities
        if drawn.random() > 0.05 or i == entities[0][0]
    ]
    found = [
        {
            "id": f"E{i}",
            "type": kind if drawn.random() > 0.1 else drawn.choice(_EVENTS),
            "trigger": {"start": 6 * i, "end": 6 * i + 5},
            "arguments": [
                {"role": _ROLES[k % 4], "target": marked[(i + k) % len(marked)]["id"]}
                for k in range(2)
            ],
            **{
                name: values[i % len(values)] if drawn.random() > 0.1 else drawn.choice(values)
                for name, values in _ANSWERS.items()
            },
        }
        for i, kind in events
        if drawn.random() > 0.1
    ]
    return {"entities": marked, "events": found}
