"""A disagreed document made ready for the template: cut to size, with what differs marked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from curation.report.documents import (
    ArgumentKey,
    Difference,
    Key,
    Segment,
    argument_keys,
    differences,
    numbers,
    segments,
    unshared,
)
from curation.report.escape import safe_url, shorten
from curation.report.facts import Example, Mark, View
from curation.report.figures import Limits

_ARGUMENTS = 12
"""How many arguments of one event are shown."""

_DEPTH = 6
"""How many marks of one annotator may cover the same character and still be drawn."""

__all__ = ["SideBySide", "ranked", "side_by_side"]


@dataclass(frozen=True, slots=True)
class _Argument:
    role: str
    filler: str
    label: str
    differs: bool
    number: int | None


@dataclass(frozen=True, slots=True)
class _Event:
    label: str
    surface: str
    differs: bool
    number: int | None
    arguments: tuple[_Argument, ...]
    arguments_left_out: int


@dataclass(frozen=True, slots=True)
class _View:
    annotator: str
    segments: tuple[Segment, ...]
    events: tuple[_Event, ...]
    n_entities: int
    n_triggers: int
    marks_left_out: int


@dataclass(frozen=True, slots=True)
class SideBySide:
    """A document as the template draws it; `found` is what the filters choose it by.

    Marks and arguments carry numbers, None for what is left out: from these the arrows are drawn.
    """

    uid: str
    language: str
    task_url: str | None
    n: int
    views: tuple[_View, ...]
    differences: tuple[Difference, ...]
    differences_left_out: int
    characters_left_out: int
    found: Mapping[str, tuple[str, ...]]


def _n_disagreements(example: Example) -> int:
    return sum(map(len, unshared(example.views)))


def ranked(examples: Iterable[Example]) -> list[Example]:
    """Most disagreements first: a count, since ratios would only bring up short documents."""
    counted = [(-_n_disagreements(e), e.uid, e) for e in examples]
    return [e for _, _, e in sorted(counted, key=lambda c: c[:2])]


def side_by_side(example: Example, limits: Limits) -> SideBySide:
    """The document cut to the limits, with what was cut counted."""
    differing = differences(example)
    marks, arguments = unshared(example.views)
    labels = {m.label for v in example.views for m in (*v.entities, *v.triggers)}
    return SideBySide(
        uid=shorten(example.uid, limits.name),
        language=shorten(example.language, 35),
        task_url=safe_url(example.task_url) if len(example.task_url or "") <= 2000 else None,
        n=len(marks) + len(arguments),
        views=tuple(
            _view(example.text, v, limits, marks, arguments) for v in example.views[: limits.matrix]
        ),
        differences=differing[: limits.marks],
        differences_left_out=max(0, len(differing) - limits.marks),
        characters_left_out=max(0, len(example.text) - limits.text),
        found={
            "language": (example.language,),
            "label": tuple(labels),
            "annotator": tuple(v.annotator for v in example.views[: limits.matrix]),
        },
    )


def _view(
    text: str,
    view: View,
    limits: Limits,
    marks: frozenset[Key],
    arguments: frozenset[ArgumentKey],
) -> _View:
    cut = text[: limits.text]
    entities = _kept(view.entities, cut, limits)
    triggers = _kept(view.triggers, cut, limits)
    shown = View(annotator=view.annotator, entities=entities, triggers=triggers)
    left_out = len(view.entities) + len(view.triggers) - len(entities) - len(triggers)
    return _View(
        annotator=shorten(view.annotator, limits.name),
        segments=segments(cut, shown, marks),
        events=tuple(_events(text, view, limits, marks, arguments, numbers(shown))),
        n_entities=len(view.entities),
        n_triggers=len(view.triggers),
        marks_left_out=left_out,
    )


def _kept(marks: tuple[Mark, ...], text: str, limits: Limits) -> tuple[Mark, ...]:
    """Marks in text order, without those past the cut, the limit or the depth."""
    inside = sorted((m for m in marks if m.end <= len(text)), key=lambda m: (m.start, -m.end))
    kept: list[Mark] = []
    for mark in inside:
        covering = sum(other.end > mark.start for other in kept)
        if covering < _DEPTH and len(kept) < limits.marks:
            kept.append(mark)
    return tuple(kept)


def _events(
    text: str,
    view: View,
    limits: Limits,
    marks: frozenset[Key],
    differing: frozenset[ArgumentKey],
    numbered: Mapping[Key, int],
) -> Iterator[_Event]:
    keyed = list(zip(view.arguments, argument_keys(view), strict=True))
    for i, trigger in list(enumerate(view.triggers))[: limits.marks]:
        own = [(a, key) for a, key in keyed if a.trigger == i]
        arguments = tuple(
            _Argument(
                role=a.role,
                filler=shorten(text[slice(*key[2][:2])], limits.name),
                label=key[2][2],
                differs=key in differing,
                number=numbered.get(("entity", *key[2])),
            )
            for a, key in own[:_ARGUMENTS]
        )
        surface = shorten(text[trigger.start : trigger.end], limits.name)
        yield _Event(
            label=trigger.label,
            surface=surface,
            differs=("trigger", *trigger.key) in marks,
            number=numbered.get(("trigger", *trigger.key)),
            arguments=arguments,
            arguments_left_out=len(own) - len(arguments),
        )
