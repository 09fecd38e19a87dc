"""What is said of each annotator's work: values as frozen data, and names that tell no one.

A figure is a number with its interval, or the reason why there is none. Nothing here ranks.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from statistics import quantiles
from typing import Any

__all__ = [
    "LAYERS",
    "LEAST",
    "NOTICES",
    "TOO_FEW",
    "AnnotatorFigures",
    "AnnotatorsPage",
    "Figure",
    "Pace",
    "Quartiles",
    "Suggestions",
    "anonymous",
    "pace_of",
    "pseudonyms",
]

LAYERS = ("entities", "events", "arguments")
"""As adjudication names them; events are their triggers: span and type."""

LEAST = 5
"""Documents, or tasks, from which on there is a figure: as for intervals of agreement."""
TOO_FEW = "too few documents"

NOTICES = (
    "These figures do not say who works well. Documents differ in length and difficulty, languages "
    "in how well suggestions fit, and not everybody had the same documents or the same share of "
    "suggestions.",
    "Agreement is not being right: of two who differ, either may be right, or both.",
    "Gold is made of the annotators' own votes, so agreement with gold is agreement with oneself "
    "in part. The others' gold is what the rules make of the votes of all but the one.",
    "Accepting a suggestion may be right or careless, and so may changing it; the figures cannot "
    "tell.",
    "Times are Label Studio's: from opening a task to handing it in, breaks included.",
    "Intervals are 95% and speak of other documents by the same people. Where two overlap, the "
    "difference may be chance.",
)
"""What the numbers do not say; shown wherever they are."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A number of one layer with its 95% interval; where there is none, `reason` says why.

    `measure` names what it is, `n_documents` are those it is over, `n` its items: of the kind that
    the measure counts. `left_out` are not counted because gold has not decided them: the
    annotator's own items, for the others' gold positions.
    """

    layer: str
    measure: str
    value: float | None
    ci: tuple[float, float] | None
    ci_method: str | None
    reason: str | None
    n_documents: int
    n: int
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class Quartiles:
    """The median of what there is, and the middle half of it."""

    q1: float
    median: float
    q3: float


@dataclass(frozen=True, slots=True)
class Pace:
    """Time over `n` tasks, None where these are too few: seconds a task, and words a minute."""

    n: int
    seconds: Quartiles | None
    words_per_minute: Quartiles | None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Suggestions:
    """What became of the suggestions of one layer: counts, and shares with intervals.

    `shares`: kept, changed and removed are shares of what was suggested, added is the share of
    what was handed in that was drawn beside it.
    """

    layer: str
    kept: int
    changed: int
    removed: int
    added: int
    n_documents: int
    shares: Mapping[str, Figure]


@dataclass(frozen=True, slots=True)
class AnnotatorFigures:
    """One annotator. Counts are of Documents, `words` of those that are done.

    `others`: mean over the others of exact F1; `gold`: exact F1 with what gold decided;
    `gold_without`: with what the rules decide from the others' votes alone; `competence`: the
    chance of a right answer by the model of Dawid & Skene. `assisted` of the done had suggestions.
    """

    annotator: str
    assigned: int
    done: int
    skipped: int
    words: int
    assisted: int
    languages: Mapping[str, int]
    pace: Mapping[str, Pace]
    suggestions: tuple[Suggestions, ...]
    others: tuple[Figure, ...]
    gold: tuple[Figure, ...]
    gold_without: tuple[Figure, ...]
    competence: tuple[Figure, ...]


@dataclass(frozen=True)
class AnnotatorsPage:
    """All annotators by name, and what holds for all of it.

    `read`: how many Documents were read item by item, of how many; suggestions, agreement and
    competence are over these. `resamples` are those of agreement, `refits` those of competence.
    """

    annotators: tuple[AnnotatorFigures, ...]
    read: tuple[int, int]
    seed: int
    resamples: int
    refits: int
    sample: bool = False
    is_anonymous: bool = False
    notices: Sequence[str] = NOTICES

    def to_json(self) -> dict[str, Any]:
        """The fields by name; `documents_read` and `documents_there` for `read`."""
        data = {k: v for k, v in asdict(self).items() if k not in ("read", "is_anonymous")}
        documents = {"documents_read": self.read[0], "documents_there": self.read[1]}
        return {"anonymous": self.is_anonymous} | documents | data


def pace_of(tasks: Iterable[tuple[float, int]]) -> Pace:
    """Pace over (seconds, words) of tasks; those without a time must be left out before."""
    timed = list(tasks)
    if not timed:
        return Pace(0, None, None, "no times recorded")
    if len(timed) < LEAST:
        return Pace(len(timed), None, None, "too few tasks")
    speeds = [60 * words / seconds for seconds, words in timed]
    return Pace(len(timed), _quartiles(seconds for seconds, _ in timed), _quartiles(speeds))


def _quartiles(values: Iterable[float]) -> Quartiles:
    return Quartiles(*quantiles(values, n=4, method="inclusive"))


def pseudonyms(names: Iterable[str], *, secret: str, seed: int) -> dict[str, str]:
    """Name -> "annotator A" and so on, in an order that `secret` and `seed` decide."""

    def place(name: str) -> str:
        return hashlib.sha256(f"{secret}\n{seed}\n{name}".encode()).hexdigest()

    shuffled = sorted(set(names), key=lambda name: (place(name), name))
    return {name: f"annotator {_letters(n)}" for n, name in enumerate(shuffled)}


def _letters(number: int) -> str:
    """A to Z, then AA, AB and so on."""
    more, last = divmod(number, 26)
    return (_letters(more - 1) if more else "") + chr(ord("A") + last)


def anonymous(page: AnnotatorsPage, *, secret: str) -> AnnotatorsPage:
    """The page without names, and without languages: few read each of them."""
    names = pseudonyms((a.annotator for a in page.annotators), secret=secret, seed=page.seed)
    told = sorted(_renamed(page.annotators, names), key=lambda a: (len(a.annotator), a.annotator))
    return replace(page, annotators=tuple(told), is_anonymous=True)


def _renamed(
    annotators: Iterable[AnnotatorFigures], names: Mapping[str, str]
) -> Iterator[AnnotatorFigures]:
    for one in annotators:
        yield replace(one, annotator=names[one.annotator], languages={})
