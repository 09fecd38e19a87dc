"""Answers of one key each: pressed on a terminal, read from what is piped in elsewhere."""

from __future__ import annotations

import sys

import typer

__all__ = ["one_key"]


def one_key(end: str = "q") -> str:
    """The next key, in lower case; `end` where nothing more comes, or at Ctrl-C and Ctrl-D."""
    try:
        key = typer.getchar() if sys.stdin.isatty() else _piped()
    except (KeyboardInterrupt, EOFError):
        return end
    return key.lower() or end


def _piped() -> str:
    while (key := sys.stdin.read(1)).isspace():
        pass
    return key
