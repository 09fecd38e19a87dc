"""Offset maps: where a character of the kept text stood in the original, and back.

A map is the list of replacements that turned the original into the kept text; everything between
two replacements is unchanged. Each replacement keeps the piece it replaced, so the original can be
rebuilt from the kept text and the map alone.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import NamedTuple, Self

from curation.errors import InputError
from curation.spans import HasSpan, Span

__all__ = ["Edit", "OffsetMap", "compose", "normalise", "remove", "restore"]

# Every character below U+0300 is NFC by itself and never joins the character before it.
_CANDIDATES = re.compile(r"\A\ufeff|\r\n?|[\x00-\u02ff]?[^\x00-\u02ff]+")


class Edit(NamedTuple):
    """`original` at `original_start` became `kept_length` code points at `kept_start`."""

    original_start: int
    kept_start: int
    original: str
    kept_length: int

    @property
    def original_end(self) -> int:
        """One past the replaced piece, in the original."""
        return self.original_start + len(self.original)

    @property
    def kept_end(self) -> int:
        """One past what stands in its place, in the kept text."""
        return self.kept_start + self.kept_length


@dataclass(frozen=True, slots=True)
class OffsetMap:
    """Replacements in text order. No replacements: kept text and original are the same."""

    edits: tuple[Edit, ...] = ()

    def to_original(self, offset: int) -> int:
        """Where the kept character at `offset` begins in the original.

        Inside a replacement of several characters: where the replaced piece begins.
        """
        index = bisect_right(self.edits, offset, key=lambda e: e.kept_start) - 1
        if index < 0:
            return offset
        edit = self.edits[index]
        if offset < edit.kept_end:
            return edit.original_start
        return edit.original_end + offset - edit.kept_end

    def to_kept(self, offset: int) -> int:
        """Where the original character at `offset` begins in the kept text.

        Inside a replaced piece: where its replacement begins; in a piece that was cut: the place
        of the cut.
        """
        index = bisect_right(self.edits, offset, key=lambda e: e.original_start) - 1
        if index < 0:
            return offset
        edit = self.edits[index]
        if offset < edit.original_end:
            return edit.kept_start
        return edit.kept_end + offset - edit.original_end

    def span_to_original(self, span: HasSpan) -> Span:
        """The smallest original span whose characters gave all of `span`."""
        start = self.to_original(span.start)
        if span.end <= span.start:
            return Span(start, start)
        index = bisect_left(self.edits, span.end, key=lambda e: e.kept_start) - 1
        if index < 0:
            return Span(start, span.end)
        edit = self.edits[index]
        return Span(start, edit.original_end + max(0, span.end - edit.kept_end))

    def span_to_kept(self, span: HasSpan) -> Span:
        """The kept characters that `span` of the original gave; empty if all of it was cut."""
        start = self.to_kept(span.start)
        if span.end <= span.start:
            return Span(start, start)
        index = bisect_left(self.edits, span.end, key=lambda e: e.original_start) - 1
        if index < 0:
            return Span(start, span.end)
        edit = self.edits[index]
        return Span(start, edit.kept_end + max(0, span.end - edit.original_end))

    def to_json(self) -> list[list[int | str]]:
        """One `[unchanged, original, kept_length]` for each replacement.

        `unchanged` counts the code points since the replacement before.
        """
        ends = (0, *(e.original_end for e in self.edits))
        return [
            [e.original_start - end, e.original, e.kept_length]
            for e, end in zip(self.edits, ends, strict=False)
        ]

    @classmethod
    def from_json(cls, data: Iterable[Sequence[int | str]]) -> Self:
        """The map that `to_json` wrote. Raises InputError where it is not one."""
        return cls(tuple(_placed(_json_triple(item) for item in data)))


def _json_triple(item: Sequence[int | str]) -> tuple[int, str, int]:
    match item:
        case [int(gap), str(original), int(kept)] if gap >= 0 and kept >= 0:
            return gap, original, kept
    raise InputError(f"{item!r} is no entry of an offset map: [unchanged, original, kept_length]")


def _placed(triples: Iterable[tuple[int, str, int]]) -> Iterator[Edit]:
    original_end = kept_end = 0
    for gap, original, kept_length in triples:
        edit = Edit(original_end + gap, kept_end + gap, original, kept_length)
        yield edit
        original_end, kept_end = edit.original_end, edit.kept_end


def _from_replacements(found: Iterable[tuple[int, str, int]]) -> OffsetMap:
    """A map from (original_start, original, kept_length), in text order."""
    edits: list[Edit] = []
    shift = 0
    for start, original, kept_length in found:
        edits.append(Edit(start, start + shift, original, kept_length))
        shift += kept_length - len(original)
    return OffsetMap(tuple(edits))


def normalise(raw: str) -> tuple[str, OffsetMap]:
    r"""Newlines to `\n`, Unicode NFC, no byte order mark at the start; all else stays.

    NFC as in Unicode Standard Annex 15.
    """
    found = [item for match in _CANDIDATES.finditer(raw) for item in _replacements(match)]
    parts: list[str] = []
    position = 0
    for start, original, kept in found:
        parts += (raw[position:start], kept)
        position = start + len(original)
    parts.append(raw[position:])
    offset_map = _from_replacements((start, old, len(new)) for start, old, new in found)
    return "".join(parts), offset_map


def _replacements(match: re.Match[str]) -> Iterator[tuple[int, str, str]]:
    piece, start = match.group(), match.start()
    if piece[0] == "\r":
        yield start, piece, "\n"
    elif start == 0 and piece == "\ufeff":
        yield start, piece, ""
    elif not unicodedata.is_normalized("NFC", piece):
        yield from _recompositions(piece, start)


def _recompositions(piece: str, start: int) -> Iterator[tuple[int, str, str]]:
    starts = [i for i, character in enumerate(piece) if i == 0 or not _joins(character)]
    for low, high in zip(starts, [*starts[1:], len(piece)], strict=True):
        cluster = piece[low:high]
        composed = unicodedata.normalize("NFC", cluster)
        if composed != cluster:
            yield start + low, cluster, composed


@lru_cache(maxsize=4096)
def _joins(character: str) -> bool:
    """Whether normalisation can join or reorder `character` with the one before it."""
    first = unicodedata.normalize("NFD", character)[0]
    return unicodedata.combining(first) != 0 or first in _second_starters()


@cache
def _second_starters() -> frozenset[str]:
    """Characters of combining class 0 that compose with the one before, as in Hangul and Bengali.

    Read from the Unicode tables of this Python, because each version of Unicode adds some.
    """
    hangul = {*map(chr, range(0x1161, 0x1176)), *map(chr, range(0x11A8, 0x11C3))}
    parts = (unicodedata.decomposition(chr(code)).split() for code in range(sys.maxunicode + 1))
    seconds = {chr(int(p[1], 16)) for p in parts if len(p) == 2 and not p[0].startswith("<")}
    return frozenset(hangul | {c for c in seconds if not unicodedata.combining(c)})


def remove(text: str, spans: Iterable[HasSpan]) -> tuple[str, OffsetMap]:
    """`text` without `spans` (they may overlap), and the map from it to the shorter text."""
    merged: list[Span] = []
    for span in sorted(Span(s.start, s.end) for s in spans if s.start < s.end):
        if merged and span.start <= merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, span.end))
        else:
            merged.append(span)
    borders = [0, *(offset for span in merged for offset in span), len(text)]
    kept = "".join(text[a:b] for a, b in zip(borders[::2], borders[1::2], strict=True))
    cuts = ((span.start, text[span.start : span.end], 0) for span in merged)
    return kept, _from_replacements(cuts)


def restore(text: str, offset_map: OffsetMap) -> str:
    """The original, rebuilt from the kept text."""
    parts: list[str] = []
    position = 0
    for edit in offset_map.edits:
        parts += (text[position : edit.kept_start], edit.original)
        position = edit.kept_end
    parts.append(text[position:])
    return "".join(parts)


class _Piece(NamedTuple):
    """A replacement of one of two maps that follow each other, as a range of the text between."""

    start: int
    end: int
    earlier: Edit | None
    later: Edit | None


def compose(first: OffsetMap, second: OffsetMap) -> OffsetMap:
    """The map from the original of `first` to the kept text of `second`."""
    pieces = [
        *(_Piece(e.kept_start, e.kept_end, e, None) for e in first.edits),
        *(_Piece(e.original_start, e.original_end, None, e) for e in second.edits),
    ]
    pieces.sort(key=lambda piece: (piece.start, piece.end))
    return _from_replacements(_joined(first, group) for group in _groups(pieces))


def _groups(pieces: Iterable[_Piece]) -> Iterator[list[_Piece]]:
    group: list[_Piece] = []
    end = -1
    for piece in pieces:
        empty = piece.start == piece.end or (bool(group) and group[-1].start == group[-1].end)
        if group and (piece.start < end or (empty and piece.start == end)):
            group.append(piece)
        else:
            if group:
                yield group
            group, end = [piece], piece.end
        end = max(end, piece.end)
    if group:
        yield group


def _joined(first: OffsetMap, group: Sequence[_Piece]) -> tuple[int, str, int]:
    if len(group) == 1 and group[0].earlier:
        alone = group[0].earlier
        return alone.original_start, alone.original, alone.kept_length
    low, high = group[0].start, max(piece.end for piece in group)
    earlier = [piece.earlier for piece in group if piece.earlier]
    later = [piece.later for piece in group if piece.later]
    between = {e.original_start + i: c for e in later for i, c in enumerate(e.original)}
    parts: list[str] = []
    position = low
    for edit in earlier:
        parts += (between[i] for i in range(position, edit.kept_start))
        parts.append(edit.original)
        position = edit.kept_end
    parts += (between[i] for i in range(position, high))
    kept_length = high - low + sum(e.kept_length - len(e.original) for e in later)
    return _original_start(first, low, earlier), "".join(parts), kept_length


def _original_start(first: OffsetMap, low: int, earlier: Sequence[Edit]) -> int:
    if earlier and earlier[0].kept_start == low:
        return earlier[0].original_start
    return first.to_original(low)
