"""What in a text does not belong to the article: flagged with its span, cut only when asked.

Two kinds of evidence: the wording of a line (copyright, "read more", "share", agency credits, in
Slovak, Swedish, English, Norwegian and Dutch), and paragraphs that say again what stood before.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from curation.ingest.boilerplate_patterns import LINE_PATTERNS, TITLE_SUFFIX
from curation.ingest.dates import header_span
from curation.ingest.offsets import OffsetMap, remove
from curation.spans import Span

__all__ = ["Flag", "cut", "flag"]

FlagKind = Literal["boilerplate", "header", "repeated-paragraph"]

LONGEST_LINE = 200
"""A longer line is a paragraph of its own, whatever words it begins with."""
REPEATED = 40
"""Characters from which a line counts as a paragraph that cannot be repeated by chance."""
FOOTER_LINES = 8
FOOTER_LINE = 80
"""Lines after a copyright line, and characters of each, that can be the rest of a page footer."""

_QUOTED = re.compile(r"[„“”\"»«'‘](.+)[“”\"«»'’]")


@dataclass(frozen=True, slots=True)
class Flag:
    """A stretch [start, end) of the text that looks out of place, and why."""

    kind: FlagKind
    start: int
    end: int
    reason: str


@dataclass(frozen=True, slots=True)
class _Line:
    """A line that is not blank: its span without the whitespace around, and its words."""

    start: int
    end: int
    text: str


def flag(text: str) -> tuple[Flag, ...]:
    """What looks like boilerplate or repetition, in text order; flags do not overlap."""
    lines = list(_lines(text))
    found = [*_header(text), *_repeated(text, lines), *_doubled(lines)]
    found += [*_worded(lines), *_title_suffix(lines), *_self_description(lines)]
    found += _footer(lines, found)
    return tuple(_disjoint(found))


def cut(text: str, flags: Iterable[Flag]) -> tuple[str, OffsetMap]:
    """`text` without the flagged stretches and the empty lines they leave, and the offset map."""
    spans: list[Span] = []
    for item in sorted(flags, key=lambda f: f.start):
        if spans and not text[spans[-1].end : item.start].strip():
            spans[-1] = Span(spans[-1].start, max(spans[-1].end, item.end))
        else:
            spans.append(Span(item.start, item.end))
    return remove(text, (_with_line_break(text, span) for span in spans))


def _lines(text: str) -> Iterator[_Line]:
    position = 0
    for line in text.split("\n"):
        words = line.strip()
        if words:
            start = position + len(line) - len(line.lstrip())
            yield _Line(start, start + len(words), words)
        position += len(line) + 1


def _blocks(text: str, lines: Iterable[_Line]) -> Iterator[_Line]:
    """Lines with no blank line between them, as one."""
    block: list[_Line] = []
    for line in lines:
        if block and text.count("\n", block[-1].end, line.start) > 1:
            yield _joined(text, block)
            block = []
        block.append(line)
    if block:
        yield _joined(text, block)


def _joined(text: str, block: Sequence[_Line]) -> _Line:
    start, end = block[0].start, block[-1].end
    return _Line(start, end, text[start:end])


def _header(text: str) -> Iterator[Flag]:
    span = header_span(text)
    if span:
        yield Flag("header", *span, "a date in front of the text")


def _worded(lines: Iterable[_Line]) -> Iterator[Flag]:
    short = (line for line in lines if len(line.text) <= LONGEST_LINE)
    for line in short:
        for reason, pattern in LINE_PATTERNS.items():
            if pattern.search(line.text):
                yield Flag("boilerplate", line.start, line.end, reason)
                break


def _title_suffix(lines: Sequence[_Line]) -> Iterator[Flag]:
    title = lines[0] if len(lines) > 1 and len(lines[0].text) <= LONGEST_LINE else None
    match = TITLE_SUFFIX.search(title.text) if title else None
    if title and match:
        start = title.start + match.start()
        yield Flag("boilerplate", start, title.end, "site or section name after the title")


def _self_description(lines: Sequence[_Line]) -> Iterator[Flag]:
    """A last line that is one quotation of four or more sentences of at most three words."""
    match = _QUOTED.fullmatch(lines[-1].text) if len(lines) > 2 else None
    sentences = [s.split() for s in match[1].split(".") if s.strip()] if match else []
    if len(sentences) >= 4 and max(map(len, sentences)) <= 3:
        last = lines[-1]
        yield Flag("boilerplate", last.start, last.end, "a self-description of the author")


def _footer(lines: Sequence[_Line], found: Sequence[Flag]) -> Iterator[Flag]:
    """Short lines without a sentence after the last copyright line, up to the end of the text."""
    marks = {f.start for f in found if f.reason == "copyright line"}
    last = max((i for i, line in enumerate(lines) if line.start in marks), default=len(lines))
    rest = lines[last + 1 :]
    if len(rest) <= FOOTER_LINES and all(_is_footer(line.text) for line in rest):
        for line in rest:
            yield Flag("boilerplate", line.start, line.end, "page footer after the copyright line")


def _is_footer(line: str) -> bool:
    return len(line) <= FOOTER_LINE and line[-1] not in '.!?…”"“'


def _doubled(lines: Iterable[_Line]) -> Iterator[Flag]:
    """A line that is the same words twice: the second half."""
    for line in lines:
        half, odd = divmod(len(line.text) - 1, 2)
        first, second = line.text[:half], line.text[half + 1 :]
        if not odd and len(first) >= REPEATED and first == second and line.text[half].isspace():
            start = line.start + half + 1
            yield Flag("repeated-paragraph", start, line.end, "repeats the first half of its line")


def _repeated(text: str, lines: Sequence[_Line]) -> Iterator[Flag]:
    """Blocks between blank lines, and lines, that are one or more earlier ones put together."""
    for units in (_blocks(text, lines), lines):
        earlier: dict[str, int] = {}
        lengths: dict[str, set[int]] = {}
        for unit in units:
            folded = " ".join(unit.text.split())
            if len(folded) < REPEATED:
                continue
            if origins := _segmented(folded, earlier, lengths):
                yield Flag("repeated-paragraph", unit.start, unit.end, _repeats(origins))
            earlier.setdefault(folded, unit.start)
            lengths.setdefault(folded[:REPEATED], set()).add(len(folded))


def _repeats(origins: Sequence[int]) -> str:
    places = ", ".join(map(str, origins))
    many = "paragraph" if len(origins) == 1 else "paragraphs"
    return f"repeats the {many} at {places}"


def _segmented(
    folded: str, earlier: Mapping[str, int], lengths: Mapping[str, set[int]]
) -> list[int]:
    """Places of the earlier paragraphs that, joined with spaces, are `folded`; [] if none are.

    `lengths`: of the earlier paragraphs that begin with the same characters.
    """
    origins: list[int] = []
    position = 0
    while position < len(folded):
        head = folded[position : position + REPEATED]
        rest = len(folded) - position
        pieces = (folded[position : position + n] for n in lengths.get(head, ()) if n <= rest)
        fitting = [
            p for p in pieces if p in earlier and folded[position + len(p) :][:1] in ("", " ")
        ]
        if not fitting:
            return []
        longest = max(fitting, key=len)
        origins.append(earlier[longest])
        position += len(longest) + 1
    return origins


def _disjoint(found: Iterable[Flag]) -> Iterator[Flag]:
    """Flags in text order; of two that overlap the one that starts first, then the longer."""
    end = 0
    for item in sorted(found, key=lambda f: (f.start, -f.end, f.kind)):
        if item.start >= end:
            yield item
            end = item.end


def _with_line_break(text: str, span: Span) -> Span:
    """The span with the whitespace that would be left over without it."""
    start, end = span
    before, after = text[:start].rstrip(" \t"), text[end:].lstrip(" \t")
    opens_line = not before or before.endswith("\n")
    closes_line = not after or after.startswith("\n")
    if not closes_line:
        return Span(len(before) if opens_line else start, len(text) - len(after.lstrip()))
    if not opens_line:
        return Span(len(before), end)
    if not after.strip():
        return Span(len(before.rstrip()), len(text))
    following = after.lstrip("\n \t")
    return Span(len(before), len(text) - len(following) - _indent(after, following))


def _indent(after: str, following: str) -> int:
    """Spaces and tabs in front of the next line, which stay with it."""
    gap = after[: len(after) - len(following)]
    return len(gap) - gap.rfind("\n") - 1
