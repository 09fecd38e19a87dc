"""Characters on tokens, and nested entities in a flat layer."""

from __future__ import annotations

import subprocess
import sys

import pytest

from curation.formats.alignment import AlignedItem, AlignmentPolicy, align, flatten, token_range
from curation.model import AnnotationSet, Entity
from curation.spans import Span

# "Khalifa  Haftar,met": two spaces between the first tokens, none before the last two.
BORDERS = [Span(0, 7), Span(9, 15), Span(15, 16), Span(16, 19)]
SET = AnnotationSet(uid="a", annotator="anna")


def entity(start: int, end: int, name: str = "T1") -> Entity:
    """An entity of these offsets."""
    return Entity(id=name, start=start, end=end, label="PER")


@pytest.mark.parametrize(
    ("start", "end", "tokens"),
    [
        (0, 7, (0, 1)),
        (0, 15, (0, 2)),
        (9, 15, (1, 2)),
        (15, 16, (2, 3)),
        (8, 15, (1, 2)),
        (7, 10, (1, 2)),
        (6, 16, (0, 3)),
        (0, 19, (0, 4)),
        (7, 9, (1, 1)),
    ],
)
def test_tokens_are_those_that_share_a_character(
    start: int, end: int, tokens: tuple[int, int]
) -> None:
    """A token that only touches the span is not in its range."""
    assert token_range(BORDERS, start, end) == tokens


@pytest.mark.parametrize(
    ("policy", "kept", "reason"),
    [("expand", 2, "moved"), ("drop", 1, "unaligned"), ("strict", 1, "unaligned")],
)
def test_an_item_inside_a_token_is_moved_or_dropped(
    policy: AlignmentPolicy, kept: int, reason: str
) -> None:
    """Each policy keeps the aligned item, and says what it did with the other."""
    items = [entity(0, 7), entity(10, 15, "T2")]
    aligned, losses = align(items, BORDERS, SET, policy)
    assert [(a.item.id, a.first, a.last) for a in aligned] == [("T1", 0, 1), ("T2", 1, 2)][:kept]
    assert [(x.item, x.reason, x.start, x.end) for x in losses] == [("T2", reason, 10, 15)]


@pytest.mark.parametrize(
    ("ranges", "kept"),
    [
        ({"T1": (0, 2), "T2": (1, 4)}, ["T2"]),
        ({"T1": (0, 2), "T2": (1, 3)}, ["T1"]),
        ({"T1": (0, 1), "T2": (1, 2)}, ["T1", "T2"]),
        ({"T1": (0, 4), "T2": (0, 1), "T3": (3, 4)}, ["T1"]),
        ({"T1": (0, 1), "T2": (0, 1)}, ["T1"]),
        ({"T1": (0, 2), "T2": (1, 4), "T3": (0, 1)}, ["T3", "T2"]),
    ],
)
def test_the_longest_entity_wins_then_the_first(
    ranges: dict[str, tuple[int, int]], kept: list[str]
) -> None:
    """Of overlapping entities the one with most tokens stays; touching ones do not overlap."""
    items = [
        AlignedItem(entity(first * 2, last * 2, name), first, last)
        for name, (first, last) in ranges.items()
    ]
    flat, losses = flatten(items, SET, dropped=True)
    assert [a.item.id for a in flat] == kept
    assert {x.item for x in losses} == set(ranges) - set(kept)
    assert {x.reason for x in losses} <= {"overlap"}


def test_the_registry_loads_no_heavy_library() -> None:
    """Asking which formats there are imports neither spaCy nor pyarrow."""
    code = (
        "import sys, curation.formats.registry, curation.formats.card\n"
        "sys.exit(' '.join({'spacy', 'pyarrow', 'numpy', 'pandas'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr.strip() == ""
