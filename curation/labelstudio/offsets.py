"""Where a region really stands: offsets of unknown unit checked against the surface they bring."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from curation.errors import OffsetMismatch
from curation.labelstudio.payload import Repair
from curation.spans import Span, from_utf16, locate_surface, trim_whitespace

__all__ = ["Place", "settle"]


class Place(NamedTuple):
    """A region's offsets as they came, and the surface that came along (None: none came)."""

    region: str
    start: int
    end: int
    surface: str | None

    @property
    def span(self) -> Span:
        """The offsets alone."""
        return Span(self.start, self.end)


def settle(places: Sequence[Place], text: str) -> tuple[dict[str, Span], list[Repair], list[str]]:
    """Region id -> span in code points; the repairs made; what could not be decided.

    Offsets count as UTF-16 units only if that explains every region and code points do not:
    one region alone could match by chance.
    """
    repairs: list[Repair] = []
    if not all(_matches(text, place) for place in places):
        converted = [_as_code_points(text, place) for place in places]
        if all(place and _matches(text, place) for place in converted):
            known = [place for place in converted if place]
            repairs = [
                Repair("utf-16 offsets", old.region, f"{old.span} is {new.span} in code points")
                for old, new in zip(places, known, strict=True)
                if old.span != new.span
            ]
            places = known
    spans: dict[str, Span] = {}
    problems: list[str] = []
    for place in places:
        _settle_one(place, text, spans, repairs, problems)
    return spans, repairs, problems


def _settle_one(
    place: Place, text: str, spans: dict[str, Span], repairs: list[Repair], problems: list[str]
) -> None:
    span: Span | None = place.span
    if not _matches(text, place):
        span = _relocated(text, place)
        if span is None:
            problems.append(f"region {place.region}: {_mismatch(text, place)}")
            return
        repairs.append(Repair("relocated", place.region, f"{place.span} is {span} by its surface"))
    assert span is not None
    trimmed = trim_whitespace(text, span)
    if trimmed.start == trimmed.end:
        problems.append(f"region {place.region}: {tuple(span)} covers only whitespace")
        return
    if trimmed != span:
        repairs.append(Repair("trimmed", place.region, f"{tuple(span)} is {tuple(trimmed)}"))
    spans[place.region] = trimmed


def _mismatch(text: str, place: Place) -> str:
    if place.surface is None:
        return f"{tuple(place.span)} is not in the text ({len(text)} code points)"
    found = text[max(0, place.start) : max(0, place.end)]
    return (
        f"{tuple(place.span)} holds {found[:60]!r}, not {place.surface[:60]!r}, "
        "which stands nowhere near, or more than once"
    )


def _matches(text: str, place: Place) -> bool:
    if not 0 <= place.start < place.end <= len(text):
        return False
    found, surface = text[place.start : place.end], place.surface
    return surface is None or found == surface or found in _surfaces(surface)


def _surfaces(surface: str) -> tuple[str, ...]:
    r"""The ways to read a surface: the editor writes a line break as the two characters \n."""
    unescaped = surface.replace("\\n", "\n")
    return tuple(dict.fromkeys((surface, unescaped, unescaped.replace("\r\n", "\n"))))


def _as_code_points(text: str, place: Place) -> Place | None:
    try:
        start, end = from_utf16(text, place.start), from_utf16(text, place.end)
    except OffsetMismatch:
        return None
    return place._replace(start=start, end=end)


def _relocated(text: str, place: Place) -> Span | None:
    if place.surface is None or place.start < 0:
        return None
    found = {locate_surface(text, place.span, s) for s in _surfaces(place.surface)} - {None}
    return found.pop() if len(found) == 1 else None
