"""What a format could not carry: every span that was dropped or changed, one by one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

from curation.model import Record

__all__ = [
    "DROPPED",
    "LEFT_OUT",
    "Loss",
    "LossCertificate",
    "LossReason",
    "count_spans",
    "spans_of",
]

LossReason = Literal[
    "unaligned",
    "overlap",
    "not_carried",
    "moved",
    "flattened",
    "argument",
    "attributes",
    "unseen",
    "no_tokens",
    "withheld",
]
"""Why something is not in the output as it was in the input.

    unaligned     dropped: a border falls inside a token
    overlap       dropped: the format is flat, and a longer entity covers some of its tokens
    not_carried   dropped: the format has no place for it (an event in IOB2)
    moved         kept, with its borders on those of the tokens it touches, or of the first of them
    flattened     kept in the format's nested layer, absent from its flat one
    argument      an event's argument whose filler was dropped, or that has no place
    attributes    an event's attributes, for which the format has no place
    unseen        a document without annotations, left out where tags would say "nothing here"
    withheld      metadata or provenance that could hold words of a text that is not passed on
    no_tokens     a text of nothing but whitespace, left out where a document is made of sentences
"""

DROPPED: frozenset[str] = frozenset({"unaligned", "overlap", "not_carried"})
"""The reasons for which a span is missing from the output."""

LEFT_OUT: frozenset[str] = frozenset({"unseen", "no_tokens"})
"""The reasons for which a document, as one annotator has it, is missing; it has no spans then."""


@dataclass(frozen=True, slots=True)
class Loss:
    """One thing lost or changed. `start`, `end`: code points in the text of document `uid`.

    `item` is the id in the exported set (T1…, E1…), empty for a whole document.
    """

    uid: str
    annotator: str
    item: str
    reason: LossReason
    start: int
    end: int
    detail: str


@dataclass(frozen=True, slots=True)
class LossCertificate:
    """The balance of one export: spans in == spans out + spans dropped.

    A span is an entity or an event's trigger. Spans that were moved or flattened are listed, and
    are out; arguments and documents are listed, and are no spans.
    Raises ValueError when the sum does not hold, which is a mistake of the exporter.
    """

    format: str
    spans_in: int
    spans_out: int
    losses: tuple[Loss, ...] = ()

    def __post_init__(self) -> None:
        if self.spans_in != self.spans_out + self.dropped:
            raise ValueError(
                f"{self.format}: {self.spans_in} spans in, {self.spans_out} out, "
                f"{self.dropped} dropped: that does not add up"
            )

    @property
    def dropped(self) -> int:
        """Spans that are not in the output."""
        return sum(loss.reason in DROPPED for loss in self.losses)

    @property
    def by_reason(self) -> dict[LossReason, int]:
        """How many losses there are for each reason that occurs, in the order of the reasons."""
        counts = Counter(loss.reason for loss in self.losses)
        return {reason: counts[reason] for reason in get_args(LossReason) if counts[reason]}

    def to_json(self) -> dict[str, Any]:
        """The certificate as one JSON-able object."""
        return {
            "format": self.format,
            "spans_in": self.spans_in,
            "spans_out": self.spans_out,
            "dropped": self.dropped,
            "by_reason": dict(self.by_reason),
            "losses": [asdict(loss) for loss in self.losses],
        }


def spans_of(record: Record) -> int:
    """Entities and triggers in a record."""
    said = record.annotations
    return 0 if said is None else len(said.entities) + len(said.events)


def count_spans(records: Iterable[Record]) -> int:
    """Entities and triggers in all the records."""
    return sum(map(spans_of, records))
