"""Tag schemes for flat entities: IOB2 and BILOU, both ways.

IOB2     B- begins an entity, I- goes on with it
BILOU    B- begins, I- is inside, L- is the last token; U- is an entity of one token
both     O is outside
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Literal

__all__ = ["Scheme", "chunks", "continues", "is_tag", "tags", "unfinished", "wrong_after"]

Scheme = Literal["iob2", "bilou"]

_TAGS: Mapping[Scheme, re.Pattern[str]] = MappingProxyType(
    {"iob2": re.compile(r"O|[BI]-.+"), "bilou": re.compile(r"O|[BILU]-.+")}
)


def tags(size: int, spans: Iterable[tuple[int, int, str]], scheme: Scheme) -> list[str]:
    """The tags of `size` tokens; `spans` are (first, end, label), half-open, and do not overlap."""
    found = ["O"] * size
    for first, end, label in spans:
        found[first:end] = [f"I-{label}"] * (end - first)
        found[first] = f"B-{label}"
        if scheme == "bilou":
            found[end - 1] = f"U-{label}" if end - first == 1 else f"L-{label}"
    return found


def is_tag(tag: str, scheme: Scheme) -> bool:
    """Whether the scheme has such a tag."""
    return bool(_TAGS[scheme].fullmatch(tag))


def continues(tag: str) -> bool:
    """Whether the tag goes on with the entity of the token before."""
    return tag[0] in "IL"


def unfinished(tag: str, scheme: Scheme) -> bool:
    """Whether the entity of the tag must go on with the next token."""
    return scheme == "bilou" and tag[0] in "BI"


def wrong_after(before: str, tag: str, scheme: Scheme) -> str:
    """Why `tag` cannot follow `before` in a sentence; "" where it can."""
    if continues(tag):
        open_before = before[0] in "BI" and before[2:] == tag[2:]
        return "" if open_before else f"{tag} continues nothing"
    return f"{before} is not ended by L-" if unfinished(before, scheme) else ""


def chunks(sentence: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    """(first, end, label) of every entity, half-open, in tags that follow their scheme."""
    starts = [i for i, tag in enumerate(sentence) if tag != "O" and not continues(tag)]
    for first in starts:
        end = first + 1
        while end < len(sentence) and continues(sentence[end]):
            end += 1
        yield first, end, sentence[first][2:]
