"""Fits the calibration of scores on annotated documents and writes calibration.toml.

A logistic regression for each layer over the features of curation/preannotate/scores.py, L2 with
the strength below. Prints the expected calibration error out of fold (folds by document, so that no
document is judged by weights that saw it), and of `--check` files, which play no part in the fit.

Fit on documents that nobody tuned the lexicons and rules on: on tests/data/events, which they were
tuned on, almost every trigger is right, and scores fitted there promise too much elsewhere. Without
files it takes the sample annotations of the package, each annotator's by itself: a score is then
the share of such proposals that people keep.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT)]
OUTPUT = ROOT / "curation" / "preannotate" / "calibration.toml"
SEED = 13
FOLDS = 5
C = 0.1
"""Inverse strength of the L2 penalty: of 0.02 to 1, near the least log loss of every layer."""
LEAST = 60
"""Fewer outcomes than these are no table."""


class Outcome(NamedTuple):
    """What was proposed: its table, its features, whether it was right, in which document."""

    table: str
    features: dict[str, float]
    right: bool
    uid: str


def outcomes(paths: Iterable[Path], pipeline: str, stage: str) -> Iterator[Outcome]:
    """Over the annotated documents in `paths`, of the tables of one stage."""
    from curation.formats.registry import exporter
    from curation.preannotate.pipeline import load_pipeline

    docs: dict[str, Any] = {}
    for path in paths:
        for record in exporter("jsonl").read(path, {}):
            document, gold = record.document, record.annotations
            if gold is None:
                continue
            if document.uid not in docs:
                nlp = load_pipeline(document.language, pipeline=pipeline)
                doc = nlp.make_doc(document.text)
                doc._.published = document.published
                for _, component in nlp.pipeline:
                    doc = component(doc)
                docs[document.uid] = doc
            yield from _STAGES[stage](docs[document.uid], gold, document.uid)


def _entities(doc: Any, gold: Any, uid: str) -> Iterator[Outcome]:
    from curation.preannotate.scores import entity_features

    right = {e.key for e in gold.entities}
    for span in doc.ents:
        if span._.score is not None:
            key = (span.start_char, span.end_char, span.label_)
            table = f"entities.{span._.component}"
            yield Outcome(table, dict(entity_features(span)), key in right, uid)


def _triggers(doc: Any, gold: Any, uid: str) -> Iterator[Outcome]:
    from curation.preannotate.scores import trigger_features

    right = {e.key for e in gold.events}
    for mention in doc._.events:
        features = dict(trigger_features(mention, doc.lang_))
        yield Outcome("triggers", features, _key(doc, mention) in right, uid)


def _arguments(doc: Any, gold: Any, uid: str) -> Iterator[Outcome]:
    from curation.agreement.items import arguments
    from curation.preannotate.scores import argument_features, entity_score

    right = arguments(gold)
    scores = {(e.start, e.end): entity_score(e._.score, e._.component, e.label_) for e in doc.ents}
    for mention in doc._.events:
        for filler in mention.fillers:
            span = doc[filler.start : filler.end]
            entity = scores.get((filler.start, filler.end))
            features = argument_features(filler, mention, entity, doc.lang_)
            key = (span.start_char, span.end_char, filler.role, *_key(doc, mention))
            yield Outcome("arguments", dict(features), key in right, uid)


def _key(doc: Any, mention: Any) -> tuple[int, int, str]:
    trigger = doc[mention.start : mention.end]
    return trigger.start_char, trigger.end_char, mention.type


_STAGES = {"entities": _entities, "triggers": _triggers, "arguments": _arguments}


def fit(found: Sequence[Outcome]) -> dict[str, float]:
    """Weights by name of feature."""
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    names = sorted({name for o in found for name in o.features} - {"constant"})
    matrix = np.array([[o.features.get(name, 0.0) for name in names] for o in found])
    model = LogisticRegression(C=C, max_iter=1000, random_state=SEED)
    model.fit(matrix, [o.right for o in found])
    weights = [("constant", model.intercept_[0]), *zip(names, model.coef_[0], strict=True)]
    return {name: round(float(w), 3) for name, w in weights if abs(w) >= 0.0005}


def score(weights: dict[str, float], features: dict[str, float]) -> float:
    """As `certainty.calibrated` computes it."""
    from math import exp

    return 1 / (1 + exp(-sum(weights.get(name, 0.0) * v for name, v in features.items())))


def out_of_fold(found: Sequence[Outcome]) -> Iterator[tuple[float, bool]]:
    """Scores of each outcome by weights fitted on other documents."""
    uids = sorted({o.uid for o in found})
    fold = {uid: i % FOLDS for i, uid in enumerate(uids)}
    for held in range(FOLDS):
        weights = fit([o for o in found if fold[o.uid] != held])
        yield from ((score(weights, o.features), o.right) for o in found if fold[o.uid] == held)


def summary(judged: Iterable[tuple[float, bool]]) -> str:
    """Error, log loss and share right of (score, right)."""
    from math import log

    from curation.calibration import expected_calibration_error

    pairs = list(judged)
    loss = sum(-log(s if right else 1 - s) for s, right in pairs) / len(pairs)
    right = sum(right for _, right in pairs) / len(pairs)
    error = expected_calibration_error(pairs)["ece"]
    return f"ece {error:.3f}, log loss {loss:.3f}, right {right:.3f}, n {len(pairs)}"


def calibrate(paths: list[Path], check: list[Path]) -> None:
    """Fit stage by stage: arguments read the scores of entities and triggers."""
    from curation.preannotate import certainty

    tables: dict[str, tuple[dict[str, float], str]] = {}
    for stage, pipelines in (("entities", ("accurate", "fast")), ("triggers", ("accurate",)),
                             ("arguments", ("accurate",))):  # fmt: skip
        for pipeline in pipelines:
            held: dict[str, list[Outcome]] = defaultdict(list)
            for outcome in outcomes(check, pipeline, stage):
                held[outcome.table].append(outcome)
            groups: dict[str, list[Outcome]] = defaultdict(list)
            for outcome in outcomes(paths, pipeline, stage):
                groups[outcome.table].append(outcome)
            for table, found in sorted(groups.items()):
                if len(found) < LEAST or table in tables:
                    continue
                said = summary(out_of_fold(found))
                print(f"{table}: out of fold: {said}")
                weights = fit(found)
                tables[table] = (weights, said)
                if held[table]:
                    seen = ((score(weights, o.features), o.right) for o in held[table])
                    print(f"{table}: check: {summary(seen)}")
        OUTPUT.write_text(_toml(tables), encoding="utf-8")
        certainty._weights.cache_clear()


def _toml(tables: dict[str, tuple[dict[str, float], str]]) -> str:
    lines = [
        "# Made by scripts/calibrate.py; do not edit. Weights of a logistic regression, by table",
        "# and feature: see curation/preannotate/certainty.py.",
    ]
    for table, (weights, said) in tables.items():
        lines += ["", f"# out of fold, by document: {said}", f'["{table}".weights]']
        lines += [f'"{name}" = {weight}' for name, weight in weights.items()]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Parses the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("gold", nargs="*", type=Path, help="canonical files with annotations")
    parser.add_argument("--check", nargs="*", type=Path, default=[], help="files only to measure")
    options = parser.parse_args()
    samples = sorted((ROOT / "curation" / "samples" / "annotations").glob("*.jsonl"))
    calibrate(options.gold or samples, options.check)


if __name__ == "__main__":
    main()
