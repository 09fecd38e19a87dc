"""Character spans on token borders, and nested spans in a flat layer; plain functions over ints."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

from curation.errors import InputError
from curation.formats.losses import Loss
from curation.formats.order import place
from curation.model import AnnotationSet, Entity, Event
from curation.spans import Span

__all__ = ["AlignedItem", "AlignmentPolicy", "align", "flatten", "hold_strict", "token_range"]

AlignmentPolicy = Literal["strict", "expand", "drop"]
"""What happens to a span whose borders are not token borders: refuse all, move it, leave it out."""

Item = TypeVar("Item", Entity, Event)


@dataclass(frozen=True, slots=True)
class AlignedItem(Generic[Item]):
    """An item and the tokens it covers: half-open [first, last) in the token list."""

    item: Item
    first: int
    last: int


def token_range(borders: Sequence[Span], start: int, end: int) -> tuple[int, int]:
    """The half-open range of the tokens that share a character with [start, end)."""
    first = bisect_right(borders, start, key=lambda span: span.end)
    last = bisect_left(borders, end, key=lambda span: span.start)
    return first, last


def align(
    items: Iterable[Item],
    borders: Sequence[Span],
    annotations: AnnotationSet,
    policy: AlignmentPolicy,
) -> tuple[list[AlignedItem[Item]], list[Loss]]:
    """The items on tokens, and a Loss for each that had to be moved or dropped.

    `borders` are the tokens that are not whitespace, in text order. "strict" drops here as "drop"
    does: `hold_strict` refuses the export when all of it has been seen.
    """
    aligned: list[AlignedItem[Item]] = []
    losses: list[Loss] = []
    for item in items:
        first, last = token_range(borders, item.start, item.end)
        tokens = Span(borders[first].start, borders[last - 1].end)
        if (item.start, item.end) != tokens:
            losses.append(_unaligned(item, tokens, annotations, policy))
            if policy != "expand":
                continue
        aligned.append(AlignedItem(item, first, last))
    return aligned, losses


def _unaligned(
    item: Entity | Event, tokens: Span, annotations: AnnotationSet, policy: AlignmentPolicy
) -> Loss:
    return Loss(
        uid=annotations.uid,
        annotator=annotations.annotator,
        item=item.id,
        reason="moved" if policy == "expand" else "unaligned",
        start=item.start,
        end=item.end,
        detail=f"the tokens are [{tokens.start}, {tokens.end})",
    )


def flatten(
    items: Sequence[AlignedItem[Entity]], annotations: AnnotationSet, *, dropped: bool
) -> tuple[list[AlignedItem[Entity]], list[Loss]]:
    """Entities of which no two share a token: the longest first, then the first in the text.

    The others each give a Loss: "overlap" if `dropped`, else "flattened".
    """
    kept: list[AlignedItem[Entity]] = []
    losses: list[Loss] = []
    holder: dict[int, str] = {}
    for aligned in sorted(items, key=lambda a: (a.first - a.last, a.first)):
        tokens = range(aligned.first, aligned.last)
        winner = next((holder[t] for t in tokens if t in holder), None)
        if winner is None:
            kept.append(aligned)
            holder |= dict.fromkeys(tokens, aligned.item.id)
        else:
            losses.append(_covered(aligned.item, winner, annotations, dropped=dropped))
    kept.sort(key=lambda a: a.first)
    return kept, sorted(losses, key=lambda loss: (loss.start, -loss.end, loss.item))


def _covered(entity: Entity, winner: str, annotations: AnnotationSet, *, dropped: bool) -> Loss:
    return Loss(
        uid=annotations.uid,
        annotator=annotations.annotator,
        item=entity.id,
        reason="overlap" if dropped else "flattened",
        start=entity.start,
        end=entity.end,
        detail=f"{winner} covers some of its tokens",
    )


def hold_strict(policy: AlignmentPolicy, losses: Iterable[Loss]) -> None:
    """Raises InputError under the policy "strict" where a span was not aligned, or not flat."""
    misfits = [loss for loss in losses if loss.reason in {"unaligned", "overlap"}]
    if policy != "strict" or not misfits:
        return
    shown = "; ".join(
        f"{place(loss.uid)}, {loss.annotator}, {loss.item} [{loss.start}, {loss.end}): "
        f"{loss.detail}"
        for loss in misfits[:5]
    )
    more = f"; and {len(misfits) - 5} more" if len(misfits) > 5 else ""
    raise InputError(
        f"{len(misfits)} spans do not fit the format: {shown}{more}",
        hint="mend the spans, or choose the policy expand or drop",
    )
