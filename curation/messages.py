"""What a message says of many problems, of numbers, and of values from outside, on one line."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import islice

__all__ = ["around", "counted", "few", "shown"]

_MOST = 10
_LONGEST = 300
_LAST_SPACE = re.compile(r"\s\S*\Z")


def few(problems: Iterable[str], most: int = _MOST, between: str = "; ") -> str:
    """The first problems, each cut where it is very long, and how many more there are."""
    found = iter(problems)
    first = between.join(_cut(problem, _LONGEST) for problem in islice(found, most))
    more = sum(1 for _ in found)
    return f"{first}{between}and {more} more" if more else first


def counted(n: int, noun: str) -> str:
    """A number and what it counts: "1 entity", "2 entities", "2 days", "0 documents"."""
    changes = noun.endswith("y") and noun[-2] not in "aeiou"
    plural = f"{noun[:-1]}ies" if changes else f"{noun}s"
    return f"{n} {noun if n == 1 else plural}"


def shown(value: str, longest: int = 80) -> str:
    """A value in quotes, as much of it as tells it from others."""
    return repr(_cut(value, longest))


def around(before: str, after: str, longest: int) -> tuple[str, str]:
    """Of the text before and after some words as much as `longest` characters each.

    It is cut between words, within one only where there is nothing else; "…" stands for the rest.
    """
    return _end(before, longest), _beginning(after, longest)


def _end(text: str, longest: int) -> str:
    if len(text) <= longest:
        return text
    # With the character before, to see whether a word begins just there.
    parts = re.split(r"\s", text[len(text) - longest - 1 :], maxsplit=1)
    return f"… {parts[1]}" if len(parts) > 1 else f"…{text[len(text) - longest :]}"


def _beginning(text: str, longest: int) -> str:
    if len(text) <= longest:
        return text
    space = _LAST_SPACE.search(text[: longest + 1])
    return f"{text[: space.start()]} …" if space else f"{text[:longest]}…"


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[:longest] + "…"
