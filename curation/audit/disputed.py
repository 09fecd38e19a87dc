"""Where gold waits for a decision: what is missing there was not overlooked."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

from curation.audit.choices import Place
from curation.audit.findings import Finding

__all__ = ["in_dispute", "open_places"]

_SPAN = re.compile(r"\[(\d+), (\d+)\)\Z")
_LAYERS = {"entities": "entities", "events": "triggers", "arguments": "arguments"}
"""Of decisions, and of findings. A disputed attribute has no value that could be doubted."""


def open_places(
    uid: str, layer: str, candidates: Iterable[str], event: str | None = None
) -> Iterator[Place]:
    """Where the candidates of a disputed decision are: of "ORG [12, 20)" the span.

    `event` is the one whose argument is disputed, where it is known.
    """
    if layer not in _LAYERS:
        return
    for found in map(_SPAN.search, candidates):
        if found:
            yield Place(uid, _LAYERS[layer], int(found[1]), int(found[2]), event)


def in_dispute(findings: Iterable[Finding], places: Iterable[Place]) -> frozenset[str]:
    """The fingerprints of findings that have a character in common with one of their layer.

    A boundary's suggested span counts too. An argument of another event is another matter.
    """
    by_layer: dict[tuple[str, str], list[Place]] = defaultdict(list)
    for place in places:
        by_layer[place.uid, place.layer].append(place)
    return frozenset(
        one.fingerprint
        for one in findings
        if any(_meet(one, place) for place in by_layer.get((one.uid, one.layer), ()))
    )


def _meet(one: Finding, place: Place) -> bool:
    if None not in (one.item, place.item) and one.item != place.item:
        return False
    spans = [(one.start, one.end), *([one.span] if one.span else [])]
    return any(start < place.end and place.start < end for start, end in spans)
