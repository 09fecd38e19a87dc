"""Answers of one key each: pressed on a terminal, read from what is piped in elsewhere."""

from __future__ import annotations

import sys

import typer

from curation.errors import UsageError

__all__ = ["one_key"]

_NO_KEYS = "stdin is not text; pipe the letters and digits of keys in"


def one_key(end: str = "q") -> str:
    """The next key, in lower case; `end` where nothing more comes, or at Ctrl-C and Ctrl-D."""
    if sys.stdin is None:
        return end
    try:
        key = typer.getchar() if sys.stdin.isatty() else _piped()
    except (KeyboardInterrupt, EOFError):
        return end
    return key.lower() or end


def _piped() -> str:
    try:
        while (key := sys.stdin.read(1)).isspace():
            pass
    except UnicodeDecodeError as error:
        raise UsageError(_NO_KEYS) from error
    # Undecodable bytes come as halves of characters where the locale says no encoding.
    if not key.isprintable():
        raise UsageError(_NO_KEYS)
    return key
