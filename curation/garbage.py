"""How often Python looks for garbage while thousands of documents are worked on.

What is made for a document goes when the document is done, by itself. Python's search for objects
that only refer to each other finds next to nothing, and goes through all that is in hand, again
and again: a tenth of the time that pre-annotation takes, a quarter of a pull's.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

__all__ = ["ALLOCATIONS", "seldom_collected"]

ALLOCATIONS = 50_000
"""Objects more than before that make Python look for garbage; by itself it does so from 700 on."""
_lock = Lock()
_inside = 0
_usual = gc.get_threshold()


@contextmanager
def seldom_collected() -> Iterator[None]:
    """Within the block the search is rare; it is never off, so no garbage piles up.

    Blocks may lie in each other, and in several threads; after the last one the setting is as it
    was. A program that has turned the search off, or made it rarer still, keeps that.
    """
    _enter()
    try:
        yield
    finally:
        _leave()


def _enter() -> None:
    global _inside, _usual  # noqa: PLW0603 - the setting belongs to the process, and so does this
    with _lock:
        _inside += 1
        if _inside == 1:
            _usual = gc.get_threshold()
            if 0 < _usual[0] < ALLOCATIONS:
                gc.set_threshold(ALLOCATIONS, *_usual[1:])


def _leave() -> None:
    global _inside  # noqa: PLW0603 - as above
    with _lock:
        _inside -= 1
        if not _inside:
            gc.set_threshold(*_usual)
