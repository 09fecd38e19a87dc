"""What a message says of many problems, and of values from outside: enough, and on one line."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

__all__ = ["few", "shown"]

_MOST = 10
_LONGEST = 300


def few(problems: Iterable[str], most: int = _MOST, between: str = "; ") -> str:
    """The first problems, each cut where it is very long, and how many more there are."""
    found = iter(problems)
    first = between.join(_cut(problem, _LONGEST) for problem in islice(found, most))
    more = sum(1 for _ in found)
    return f"{first}{between}and {more} more" if more else first


def shown(value: str, longest: int = 80) -> str:
    """A value in quotes, as much of it as tells it from others."""
    return repr(_cut(value, longest))


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[:longest] + "…"
