"""Documents that were worked on far quicker or slower than usual, or accepted as they came.

Time: seconds a word, on a log scale, within one annotator; the modified z-score
0.6745 (x - median) / MAD, an outlier above 3.5 (Iglewicz & Hoaglin 1993, How to Detect and Handle
Outliers). Acceptance: the probability that so many suggestions of a document are kept, were each
kept as often as in the annotator's other documents (binomial). Neither is a probability that
something is wrong: the scores are set so that they stand behind what is probably an error.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from curation.audit.choices import Place
from curation.audit.corpus import Reading
from curation.audit.findings import Finding, at

__all__ = ["acceptance", "kept_of", "times"]

_LEAST = 8
_FAR = 3.5
_RARE = 0.01
_ROUGH = 0.1
"""MAD of logs is not less: clocks count time in which nothing is done."""
_HASTY, _SLOW = 0.4, 0.1


@dataclass(frozen=True, slots=True)
class _Task:
    reading: Reading
    seconds: float
    log_rate: float


def times(corpus: Sequence[Reading]) -> Iterator[Finding]:
    """Per annotator: the documents whose seconds a word are far from their median."""
    for tasks in _by_annotator(_timed(corpus)).values():
        if len(tasks) < _LEAST:
            continue
        middle = median(t.log_rate for t in tasks)
        mad = max(median(abs(t.log_rate - middle) for t in tasks), _ROUGH)
        for task in tasks:
            z = 0.6745 * (task.log_rate - middle) / mad
            if abs(z) > _FAR:
                usual = math.exp(middle) * max(1, len(task.reading.words))
                yield _time(task, z, usual)


def _timed(corpus: Sequence[Reading]) -> Iterator[_Task]:
    for reading in corpus:
        found = reading.annotations.provenance.get("lead_time")
        if isinstance(found, int | float) and not isinstance(found, bool) and 0 < found < math.inf:
            rate = found / max(1, len(reading.words))
            yield _Task(reading, float(found), math.log(rate))


def _by_annotator(tasks: Iterator[_Task]) -> Mapping[str, list[_Task]]:
    found: dict[str, list[_Task]] = {}
    for task in tasks:
        found.setdefault(task.reading.annotations.annotator, []).append(task)
    return found


def _time(task: _Task, z: float, usual: float) -> Finding:
    far = 1 - _FAR / abs(z)
    reason = (
        f"{task.seconds:.0f} s of work, where {usual:.0f} s are usual for so many words "
        f"(robust z {z:.1f})"
    )
    score = (_HASTY if z < 0 else _SLOW) * far
    return _whole(task.reading, "time", f"{task.seconds:.0f} s", score, reason)


def _whole(reading: Reading, kind: str, now: str, score: float, reason: str) -> Finding:
    place = Place(reading.uid, "document", 0, 0, None, reading.annotations.annotator)
    return at(reading, place, kind, now=now, score=score, reasons=[reason])


def acceptance(corpus: Sequence[Reading]) -> Iterator[Finding]:
    """Per annotator: the documents in which far more suggestions were kept than in the others."""
    found: dict[str, list[tuple[Reading, int, int]]] = {}
    for reading in corpus:
        if counts := kept_of(reading):
            found.setdefault(reading.annotations.annotator, []).append((reading, *counts))
    for tasks in found.values():
        all_kept, all_given = sum(t[1] for t in tasks), sum(t[2] for t in tasks)
        for reading, kept, given in tasks:
            rest = all_given - given
            if len(tasks) < _LEAST or not rest:
                continue
            share = (all_kept - kept + 1) / (rest + 2)
            if (chance := _at_least(kept, given, share)) < _RARE:
                yield _accepted(reading, kept, given, share, chance)


def kept_of(reading: Reading) -> tuple[int, int] | None:
    """(suggestions kept as they were, all of them); None where nothing was suggested.

    What was shown and is gone counts where that is known.
    """
    origins = [item.origin for item in reading.annotations.items]
    kept, changed = origins.count("prediction"), origins.count("prediction-changed")
    shown = len(reading.shown.items) if reading.shown else 0
    given = max(kept + changed, shown) if kept + changed else 0
    return (kept, given) if given else None


def _at_least(kept: int, given: int, share: float) -> float:
    """Binomial: the probability of `kept` or more of `given`."""
    terms = (
        math.comb(given, k) * share**k * (1 - share) ** (given - k) for k in range(kept, given + 1)
    )
    return math.fsum(terms)


def _accepted(reading: Reading, kept: int, given: int, share: float, chance: float) -> Finding:
    reason = f"{kept} of {given} suggestions kept as they came, where {share:.0%} are usual"
    score = _HASTY * (1 - math.sqrt(chance / _RARE))
    return _whole(reading, "acceptance", f"{kept} of {given}", score, reason)
