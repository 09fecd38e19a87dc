"""Documents that belong together: groups that never straddle two parts.

Always: near-duplicates, revisions and translations. On request: what comes from one source, and
what reports one event. A group is what is linked, directly or through others.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, TypeAlias, get_args

from curation.splits.forest import Forest
from curation.splits.similar import Near, Reading, join, shingled
from curation.splits.stories import Story
from curation.splits.translations import translations

__all__ = ["BY", "EVENT_DAYS", "SIMILARITY", "By", "Grouping", "group", "same_event", "same_text"]

By: TypeAlias = Literal["source", "event", "month"]
BY: tuple[By, ...] = get_args(By)

SIMILARITY = 0.5
"""Part of the shorter text's shingles in the other from which two Documents belong together."""
EVENT_DAYS = 3
"""Days between two reports of one event, at most."""
WIDTH = 5
"""Words in a shingle."""

Link: TypeAlias = tuple[int, int]


@dataclass(frozen=True)
class Grouping:
    """The group of each uid, named by the smallest uid in it, and how many links of each kind.

    Links that join nothing new are not counted.
    """

    groups: Mapping[str, str]
    links: Mapping[str, int]


def group(
    stories: Sequence[Story],
    *,
    by: Collection[str] = (),
    similarity: float = SIMILARITY,
    days: int = EVENT_DAYS,
) -> Grouping:
    """Groups of the stories; `month` in `by` makes none, see `months`.

    `similarity`: the part of the shorter text's 5-word shingles that the other has. The order of
    the stories does not matter.
    """
    ordered = sorted(stories, key=lambda s: s.uid)
    forest = Forest(len(ordered))
    finders: dict[str, Callable[[], Iterable[Link]]] = {
        "near-duplicate": lambda: _alike(ordered, lambda s: s.cluster),
        "revision": lambda: _alike(ordered, lambda s: s.address),
        "translation": lambda: _translated(ordered),
    }
    if "source" in by:
        finders["source"] = lambda: _alike(ordered, lambda s: s.source)
    if "event" in by:
        finders["event"] = lambda: ((a, b) for _, a, b in same_event(ordered, days))
    links: dict[str, int] = {}
    for kind, find in finders.items():
        before = len(set(forest.roots().tolist()))
        for a, b in find():
            forest.join(a, b)
        if kind == "near-duplicate":
            same_text(ordered, similarity, forest)
        links[kind] = before - len(set(forest.roots().tolist()))
    roots = forest.roots().tolist()
    return Grouping(
        {s.uid: ordered[root].uid for s, root in zip(ordered, roots, strict=True)}, links
    )


def same_text(stories: Sequence[Story], similarity: float, forest: Forest) -> None:
    """Join what shares so much of its shingles, and what is the same without a word."""
    (found,) = shingled([s.text for s in stories], Reading(WIDTH))
    join(found, Near(1.0, similarity), forest)
    for a, b in _alike(stories, lambda s: s.text):
        forest.join(a, b)


def _alike(stories: Sequence[Story], key: Callable[[Story], str | None]) -> Iterator[Link]:
    first: dict[str, int] = {}
    for number, story in enumerate(stories):
        found = key(story)
        if found is not None and first.setdefault(found, number) != number:
            yield first[found], number


def _translated(stories: Sequence[Story]) -> Iterator[Link]:
    found = translations((s.clues for s in stories), [s.language for s in stories])
    return ((t.first, t.second) for t in found)


def same_event(stories: Sequence[Story], days: int) -> Iterator[tuple[str, int, int]]:
    """Type and two reports of one event: an actor in common, no two places, dates that are near.

    Enough of them to link all that belongs together. Stories whose day is not known report no
    event of another.
    """
    window = timedelta(days=days)
    dated = sorted((s.day, n) for n, s in enumerate(stories) if s.day is not None)
    last: dict[tuple[str, str], dict[str, tuple[date, int]]] = defaultdict(dict)
    for day, number in dated:
        for happening in stories[number].happenings:
            for actor in sorted(happening.actors):
                seen = last[happening.type, actor]
                for place in [p for p, (then, _) in seen.items() if day - then > window]:
                    del seen[place]
                places = sorted(happening.places) or [""]
                fits = seen if "" in places else [p for p in (*places, "") if p in seen]
                others = (seen[p][1] for p in fits)
                yield from ((happening.type, n, number) for n in others if n != number)
                seen.update(dict.fromkeys(places, (day, number)))
