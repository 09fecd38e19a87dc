"""Is this the text that a hash was made of, but for how it was stored?

Copies of one text differ in what nobody sees: line ends, Unicode normalisation, a byte order mark,
white space at the ends of lines. Each way to undo that is tried, and only the hash decides.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from itertools import product

from curation.model import text_sha256

__all__ = ["Change", "matching", "variants"]

Change = Callable[[str], str]

_BREAK = re.compile(r"\r\n|\r|\n")
_SAME = ""
_LINE_ENDS: Mapping[str, Change] = {
    _SAME: lambda text: text,
    "line ends LF": lambda text: _BREAK.sub("\n", text),
    "line ends CRLF": lambda text: _BREAK.sub("\r\n", text),
}
_UNICODE: Mapping[str, Change] = {
    _SAME: lambda text: text,
    "NFC": lambda text: unicodedata.normalize("NFC", text),
    "NFD": lambda text: unicodedata.normalize("NFD", text),
}
_SPACE: Mapping[str, Change] = {
    _SAME: lambda text: text,
    "white space at the end": str.rstrip,
    "white space at both ends": str.strip,
    "one line break at the end": lambda text: text.rstrip() + "\n",
    "white space at the ends of lines": lambda text: re.sub(r"[^\S\r\n]+(?=[\r\n]|\Z)", "", text),
    "white space at the ends of lines and of the text": lambda text: re.sub(
        r"[^\S\r\n]+(?=[\r\n]|\Z)", "", text
    ).rstrip(),
}


def matching(
    text: str, sha256: str, more: Mapping[str, Change] | None = None
) -> tuple[str, str] | None:
    """The text with that hash and what was changed for it ("" where nothing), or None.

    `more`: further ways to store a text, tried alone.
    """
    for change, candidate in variants(text, more or {}):
        if text_sha256(candidate) == sha256:
            return candidate, change
    return None


def variants(text: str, more: Mapping[str, Change]) -> Iterator[tuple[str, str]]:
    """(what was changed, the text so changed); the text as it is comes first."""
    yield _SAME, text
    tried = {text}
    bare = text.removeprefix("\ufeff")
    ways = product(_LINE_ENDS.items(), _UNICODE.items(), _SPACE.items())
    for (ends, one), (form, two), (space, three) in ways:
        candidate = three(two(one(bare)))
        mark = "byte order mark" if bare != text else _SAME
        if candidate not in tried:
            tried.add(candidate)
            yield ", ".join(name for name in (mark, ends, form, space) if name), candidate
    for name, change in more.items():
        if (candidate := change(text)) not in tried:
            yield name, candidate
