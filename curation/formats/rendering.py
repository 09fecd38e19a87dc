"""Templates of what a release says of itself, as Markdown and YAML that no value can break out of.

A value that a template prints is escaped for Markdown, unless the template asks for YAML, code or
a paragraph, which are escaped in their own way.
"""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

__all__ = ["escape_code", "escape_markdown", "render", "yaml_scalar"]


class _Escaped(str):
    """Text that is already safe where the template puts it."""

    __slots__ = ()


def render(template: str, **values: Any) -> str:
    """The template of that name, filled; the same values give the same text."""
    return _environment().get_template(template).render(**values)


@cache
def _environment() -> Environment:
    # Autoescape would escape for HTML; `finalize` escapes for Markdown instead, everywhere.
    environment = Environment(  # noqa: S701
        loader=PackageLoader("curation.formats"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_finalize,
    )
    environment.filters["yaml"] = lambda value: _Escaped(yaml_scalar(str(value)))
    environment.filters["code"] = lambda value: _Escaped(escape_code(str(value)))
    environment.filters["number"] = lambda value: _Escaped(f"{value:.3f}")
    environment.filters["paragraphs"] = lambda value: _Escaped(_paragraphs(str(value)))
    environment.filters["said"] = lambda value: _Escaped(_paragraphs(value) or "*Not said.*")
    return environment


def _finalize(value: Any) -> Any:
    if isinstance(value, _Escaped | int):
        return value
    return escape_markdown(str(value))


def _paragraphs(text: str) -> str:
    parts = re.split(r"\n\s*\n", text.strip())
    return "\n\n".join(filter(None, (_no_list(escape_markdown(part)) for part in parts)))


def _no_list(line: str) -> str:
    """A paragraph that begins as a list item or a ruler would: it stays a paragraph."""
    return re.sub(r"^(\d*)([-+=.)])", r"\1\\\2", line)


def escape_markdown(text: str) -> str:
    """`text` as plain words in one line of Markdown, also in a table: no markup, HTML or links."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    line = re.sub(r"([\\`*_{}\[\]()#|~!$@:])", r"\\\1", line)
    line = line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"(?i)\bwww\.", lambda match: match[0][:-1] + r"\.", line)


def escape_code(text: str) -> str:
    """`text` as a code span that also holds in a table."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return "`" + line.replace("`", "'").replace("|", r"\|") + "`"


def yaml_scalar(text: str) -> str:
    """`text` as a double-quoted YAML scalar, on one line; what does not print is escaped."""
    quoted = json.dumps(text, ensure_ascii=False)
    return "".join(c if c.isprintable() else _yaml_escape(ord(c)) for c in quoted)


def _yaml_escape(code: int) -> str:
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
