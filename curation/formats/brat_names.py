"""What brat's reader and writer share: names that brat can hold, numbered roles, file names.

A name in an .ann file is of letters, digits, "-" and "_". Any other character is written as its
code point, `_x20_` for a blank; so is the last digit of a role, which brat would take for a number.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator

__all__ = ["escaped", "file_name", "numbered", "pieces", "unescaped", "unnumbered"]

_UNSAFE = re.compile(r"[^A-Za-z0-9_-]|_(?=x)")
_ESCAPE = re.compile(r"_x([0-9a-f]{0,6})_")
_EMPTY = "_x_"
_DIGITS = "0123456789"
_PLAIN_FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,79}(\.[A-Za-z0-9_-]{1,20}){0,3}")
# Windows has no files of these names; with one of them the folder could not be copied there.
_DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)
# What ends a line for some reader of text, and the tab, which ends a column.
_BREAKS = re.compile("[\t\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029]+")


def escaped(name: str, *, role: bool = False) -> str:
    """`name` as brat can hold it; `unescaped` gives it back."""
    safe = _UNSAFE.sub(lambda found: f"_x{ord(found[0]):x}_", name) or _EMPTY
    return f"{safe[:-1]}_x{ord(safe[-1]):x}_" if role and safe[-1] in _DIGITS else safe


def unescaped(name: str) -> str:
    """The name that was written so."""
    return _ESCAPE.sub(_character, name)


def _character(found: re.Match[str]) -> str:
    point = int(found[1] or "0", 16)
    if not found[1]:
        return ""
    return chr(point) if point < 0x110000 and not 0xD800 <= point < 0xE000 else found[0]


def numbered(roles: Iterable[str]) -> Iterator[str]:
    """The roles of an event as brat tells them apart: Actor, Actor2, Actor3."""
    seen: Counter[str] = Counter()
    for role in roles:
        seen[role] += 1
        yield role if seen[role] == 1 else f"{role}{seen[role]}"


def unnumbered(role: str) -> str:
    """The role without the number that brat gave it."""
    return role.rstrip(_DIGITS) or role


def pieces(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """[start, end) without the line breaks and tabs in it, as brat writes spans over lines.

    Pieces of nothing but white space are left out; at the ends that makes the hull smaller.
    """
    borders = [start]
    for found in _BREAKS.finditer(text, start, end):
        borders += found.span()
    borders.append(end)
    parts = zip(borders[::2], borders[1::2], strict=True)
    return [(first, last) for first, last in parts if text[first:last].strip()]


def file_name(name: str, taken: set[str]) -> str:
    """A name for the files of a document that is never a path; it is added to `taken`.

    The uid itself where it is plain, else what is plain of it and a hash. Names that differ only in
    small and large letters count as the same, as they do on some disks.
    """
    plain = bool(_PLAIN_FILE.fullmatch(name)) and not _DEVICES.fullmatch(name)
    found = name if plain else _hashed(name, 12)
    length = 12
    while found.casefold() in taken:
        found = _hashed(name, length)
        length += 4
    taken.add(found.casefold())
    return found


def _hashed(name: str, length: int) -> str:
    digest = hashlib.sha256(name.encode(errors="surrogatepass")).hexdigest()
    plain = re.sub(r"[^A-Za-z0-9]+", "-", name[:40]).strip("-")
    return f"{plain or 'document'}-{digest[:length]}"
