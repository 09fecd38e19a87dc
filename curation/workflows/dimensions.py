"""By what agreement can be sliced: the value of each dimension for each document.

    language, source   of the document
    month              in which the last of its annotations was changed, from their provenance
    published          month of publication
    round              `provenance["round"]`, else the [agreement.rounds] that this date is in
    guideline          `provenance["guideline"]`: the ontology's version when it was pulled
    assisted           whether its annotators saw a proposal: yes, no
    length             words between white space, in fixed bins, so that runs can be compared

Where the annotations of one document differ in round, guideline or assistance it is "mixed".
Documents that nothing is known of are in no slice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from curation.model import AnnotationSet, Document
from curation.settings import Agreement

__all__ = ["DIMENSIONS", "LENGTHS", "dimensions_of"]

LENGTHS = ((100, "1: under 100 words"), (300, "2: 100-299 words"), (1000, "3: 300-999 words"))
"""Upper bounds (exclusive) of text lengths, and what they are called."""
_LONGEST = "4: 1000 words and more"

Sets: TypeAlias = Sequence[AnnotationSet]


@dataclass(frozen=True, slots=True)
class _Place:
    document: Document
    sets: Sets
    settings: Agreement


Reader: TypeAlias = Callable[[_Place], str | None]


def dimensions_of(
    documents: Mapping[str, Document],
    sets: Sequence[AnnotationSet],
    settings: Agreement,
    wanted: Sequence[str],
) -> dict[str, dict[str, str]]:
    """Dimension -> uid -> value, for those `wanted`."""
    by_uid: dict[str, list[AnnotationSet]] = {}
    for s in sets:
        by_uid.setdefault(s.uid, []).append(s)
    readers = {name: _READERS[name] for name in wanted if name in _READERS}
    found: dict[str, dict[str, str]] = {name: {} for name in readers}
    for uid, of in by_uid.items() if readers else ():
        place = _Place(documents[uid], of, settings)
        for name, read in readers.items():
            if (value := read(place)) is not None:
                found[name][uid] = value
    return found


def _source(at: _Place) -> str | None:
    return at.document.source


def _published(at: _Place) -> str | None:
    month = (at.document.published or "")[:7]
    return month if len(month) == 7 else None


def _length(at: _Place) -> str:
    words = len(at.document.text.split())
    return next((name for limit, name in LENGTHS if words < limit), _LONGEST)


def _changed(sets: Sets) -> str:
    return max((str(s.provenance.get("updated_at") or "") for s in sets), default="")


def _month(at: _Place) -> str | None:
    return _changed(at.sets)[:7] or None


def _round(at: _Place) -> str | None:
    named = _common(at.sets, "round")
    if named is not None or not at.settings.rounds:
        return named
    day = _changed(at.sets)[:10]
    begun = [
        (first, name) for name, first in at.settings.rounds.items() if first.isoformat() <= day
    ]
    return max(begun)[1] if begun else None


def _guideline(at: _Place) -> str | None:
    return _common(at.sets, "guideline")


def _assisted(at: _Place) -> str | None:
    found = {s.provenance.get("assisted") for s in at.sets} - {None}
    if len(found) > 1:
        return "mixed"
    return ("yes" if found.pop() else "no") if found else None


def _common(sets: Sets, name: str) -> str | None:
    """What all say; "mixed" where they differ, None where nobody says anything."""
    found = {str(s.provenance[name]) for s in sets if s.provenance.get(name) is not None}
    return "mixed" if len(found) > 1 else next(iter(found), None)


_READERS: Mapping[str, Reader] = {
    "source": _source,
    "month": _month,
    "published": _published,
    "round": _round,
    "guideline": _guideline,
    "assisted": _assisted,
    "length": _length,
}
DIMENSIONS = ("language", *_READERS)
"""Names of the dimensions."""
