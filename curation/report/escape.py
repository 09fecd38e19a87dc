"""Making text from outside harmless where autoescaping of HTML is not enough."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from urllib.parse import quote, urlsplit

from markupsafe import Markup, escape

__all__ = [
    "Cell",
    "breakable",
    "content_hash",
    "csv_href",
    "csv_text",
    "printable",
    "safe_url",
    "script_json",
    "shorten",
]

Cell = str | int | float | None

# What HTML forbids or browsers change in passing: C0 and C1 controls but tab and newline,
# halves of surrogate pairs, noncharacters.
_FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_SCRIPT = {ord(c): f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"}


def printable(text: str) -> str:
    """The text with every code point that HTML cannot carry replaced by U+FFFD, one for one."""
    return _FORBIDDEN.sub("\ufffd", text)


def shorten(text: str, limit: int) -> str:
    """At most `limit` code points, the last of them an ellipsis where something was cut."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def script_json(value: object) -> str:
    """JSON that can stand inside <script>: no `<`, `>`, `&`, U+2028 or U+2029 as such."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False).translate(_SCRIPT)


def breakable(text: str) -> Markup:
    """The text, escaped, with leave to break a line after each comma; copying gives the text."""
    return escape(text).replace(",", Markup(",<wbr>"))


def safe_url(url: str | None) -> str | None:
    """The address if it is http(s) with a host, else None: `javascript:` never becomes a link."""
    try:
        parts = urlsplit(url or "")
    except ValueError:
        return None
    return url if parts.scheme in {"http", "https"} and parts.netloc else None


def csv_text(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """CSV (RFC 4180); a text that a spreadsheet would run as a formula gets an apostrophe."""
    lines = [columns, *rows]
    return "".join(",".join(map(_csv_cell, line)) + "\r\n" for line in lines)


def _csv_cell(value: Cell) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        return repr(value)  # our own number: a leading minus is a sign, not a formula
    text = "'" + value if value.lstrip(" ").startswith(_FORMULA) else value
    return '"' + text.replace('"', '""') + '"' if re.search('[",\r\n]', text) else text


def csv_href(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """A data: address of the CSV, with a byte order mark so that spreadsheets read UTF-8."""
    body = quote("\ufeff" + csv_text(columns, rows), safe="", errors="replace")
    return "data:text/csv;charset=utf-8," + body


def content_hash(text: str) -> str:
    """The source expression that lets exactly this inline script or style pass a CSP."""
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"
