"""The one span convention: half-open [start, end) in Unicode code points.

Span relations are plain functions over ints, so that any pair of offsets can use them.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

from curation.errors import OffsetMismatch

__all__ = [
    "HasSpan",
    "Span",
    "contains",
    "equal",
    "from_utf16",
    "locate_surface",
    "overlap",
    "overlapping",
    "to_utf16",
    "trim_whitespace",
]


class HasSpan(Protocol):
    """Anything with half-open code-point offsets."""

    @property
    def start(self) -> int:
        """First code point."""

    @property
    def end(self) -> int:
        """One past the last code point."""


class Span(NamedTuple):
    """Half-open [start, end) in code points of a text."""

    start: int
    end: int


def equal(a: HasSpan, b: HasSpan) -> bool:
    """Same start and same end."""
    return a.start == b.start and a.end == b.end


def overlap(a: HasSpan, b: HasSpan) -> int:
    """Code points that both cover; 0 for touching or separate spans."""
    return max(0, min(a.end, b.end) - max(a.start, b.start))


def overlapping(a: HasSpan, b: HasSpan) -> bool:
    """At least one code point in common."""
    return a.start < b.end and b.start < a.end


def contains(outer: HasSpan, inner: HasSpan) -> bool:
    """Every code point of `inner` is in `outer`."""
    return outer.start <= inner.start and inner.end <= outer.end


def trim_whitespace(text: str, span: HasSpan) -> Span:
    """The span without whitespace at its borders; empty (start == end) if nothing else is in it."""
    surface = text[span.start : span.end]
    left = len(surface) - len(surface.lstrip())
    right = len(surface) - len(surface.rstrip())
    if left == len(surface):
        return Span(span.start, span.start)
    return Span(span.start + left, span.end - right)


def to_utf16(text: str, offset: int) -> int:
    """Code-point offset -> UTF-16 code-unit offset, as JavaScript counts."""
    return offset + sum(1 for character in text[:offset] if ord(character) > 0xFFFF)


def from_utf16(text: str, offset: int) -> int:
    """UTF-16 code-unit offset -> code-point offset.

    Raises OffsetMismatch where the offset is past the end or splits a surrogate pair.
    """
    units = 0
    for index, character in enumerate(text):
        if units == offset:
            return index
        units += 2 if ord(character) > 0xFFFF else 1
        if units > offset:
            raise OffsetMismatch(f"UTF-16 offset {offset} splits the character at {index}")
    if units == offset:
        return len(text)
    raise OffsetMismatch(f"UTF-16 offset {offset} is past the end of the text ({units} units)")


def locate_surface(text: str, span: HasSpan, surface: str, *, window: int = 200) -> Span | None:
    """Where `surface` stands, if exactly one place within `window` of `span` has it; else None."""
    low = max(0, span.start - window)
    region = text[low : span.end + window]
    first = region.find(surface) if surface else -1
    if first < 0 or region.find(surface, first + 1) >= 0:
        return None
    return Span(low + first, low + first + len(surface))
