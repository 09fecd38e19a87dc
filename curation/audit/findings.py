"""What an audit finds: one Finding for each item that is probably wrong, likeliest first."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from math import prod
from typing import Any

from curation.audit.choices import Place
from curation.audit.corpus import Reading

__all__ = ["KINDS", "Finding", "at", "fingerprint", "is_fingerprint", "merged"]

KINDS = {
    "label": "an entity's label differs from what like names and contexts have",
    "type": "an event's type differs from what like triggers have",
    "role": "an argument's role differs from what like arguments have",
    "attribute": "an attribute differs from what like events have",
    "missed": "not marked, and marked elsewhere",
    "spurious": "marked, and not elsewhere",
    "boundary": "a word more or less belongs to it elsewhere",
    "constraint": "the ontology does not allow it, or it is hardly meant",
    "time": "the work on it took far less or far more than usual",
    "acceptance": "far more suggestions were kept than usual",
}
"""What each kind of finding says."""

_DIGITS = 12
_FINGERPRINT = re.compile(rf"[0-9a-f]{{{_DIGITS}}}")
_CONTEXT = 40
_PLACES = 6
"""Further decimals of a score are noise of the machine."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong with probability `score`.

    `item` is its id in the set of `annotator`, None where nothing is marked; [start, end) is what
    it covers, of an argument the filler, and `surface`, `before`, `after` the text there and
    around; a finding about a whole Document covers nothing. `part` is the role of an argument and
    its trigger, the name of an attribute. `now` is the value that it has, `suggested`
    the one that it should probably have, `span` the one that it should cover; None where there is
    none. `fingerprint` is the same in a later run unless the item changed. `kinds` are all that
    speak against it, the likeliest first.
    """

    kinds: tuple[str, ...]
    uid: str
    annotator: str
    layer: str
    item: str | None
    start: int
    end: int
    part: str
    surface: str
    before: str
    after: str
    now: str | None
    suggested: str | None
    span: tuple[int, int] | None
    score: float
    reasons: tuple[str, ...]
    fingerprint: str

    @property
    def kind(self) -> str:
        """What speaks most against it."""
        return self.kinds[0]

    def to_json(self) -> dict[str, Any]:
        """The fields by name, and `kind`."""
        return {"fingerprint": self.fingerprint, "kind": self.kind} | asdict(self)


def at(
    reading: Reading,
    place: Place,
    kind: str,
    *,
    score: float,
    reasons: Sequence[str],
    now: str | None = None,
    suggested: str | None = None,
    span: tuple[int, int] | None = None,
) -> Finding:
    """A Finding about what is at `place`, with the text around it and its fingerprint."""
    text, start, end = reading.document.text, place.start, place.end
    whole = start == end
    return Finding(
        kinds=(kind,),
        uid=reading.uid,
        annotator=reading.annotations.annotator,
        layer=place.layer,
        item=place.item,
        start=start,
        end=end,
        part=place.part,
        surface=text[start:end],
        before="" if whole else text[max(0, start - _CONTEXT) : start],
        after="" if whole else text[end : end + _CONTEXT],
        now=now,
        suggested=suggested,
        span=span,
        score=round(score, _PLACES),
        reasons=tuple(reasons),
        fingerprint=fingerprint(reading, place, now),
    )


def fingerprint(reading: Reading, place: Place, now: str | None) -> str:
    """Of an item as it is now, in this text; what is suggested plays no part.

    So whoever found an item right is not asked again when another kind of evidence comes along.
    """
    where = (place.layer, str(place.start), str(place.end), place.part)
    fields = (reading.uid, reading.document.sha256, *where, repr(now))
    return sha256("\0".join(fields).encode(errors="surrogatepass")).hexdigest()[:_DIGITS]


def is_fingerprint(text: str) -> bool:
    """Whether it has the form of one."""
    return _FINGERPRINT.fullmatch(text) is not None


def merged(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """One Finding for each item, likeliest first.

    Evidence of several kinds is taken as independent: an item is right if all of them are wrong
    about it. What the strongest one suggests is kept.
    """
    same: dict[tuple[str, str, str], list[Finding]] = {}
    for one in findings:
        same.setdefault((one.annotator, one.uid, one.fingerprint), []).append(one)
    found = [_one(sorted(several, key=_order)) for several in same.values()]
    return tuple(sorted(found, key=_order))


def _one(several: Sequence[Finding]) -> Finding:
    if len(several) == 1:
        return several[0]
    # Constraints only say that something is wrong.
    opinion = next((one for one in several if one.kind != "constraint"), several[0])
    return replace(
        opinion,
        kinds=tuple(dict.fromkeys(one.kind for one in several)),
        score=round(1 - prod(1 - one.score for one in several), _PLACES),
        reasons=tuple(dict.fromkeys(reason for one in several for reason in one.reasons)),
    )


def _order(one: Finding) -> tuple[object, ...]:
    span = one.span or (0, 0)
    place = (one.uid, one.layer, one.start, one.end, one.part, one.annotator)
    return (-one.score, *place, one.kind, one.suggested or "", span)
