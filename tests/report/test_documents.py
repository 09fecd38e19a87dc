"""Cutting texts at the boundaries of marks, and telling what differs."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from curation.report.documents import differences, keys, segments, unshared
from curation.report.facts import Argument, Example, Mark, View

_MARK = (
    st.tuples(st.integers(0, 11), st.integers(1, 12), st.sampled_from(["PER", "ORG"]))
    .filter(lambda t: t[0] < t[1])
    .map(lambda t: Mark(start=t[0], end=t[1], label=t[2]))
)
_VIEW = st.builds(
    View,
    annotator=st.just("anna"),
    entities=st.lists(_MARK, max_size=6).map(tuple),
    triggers=st.lists(_MARK, max_size=3).map(tuple),
    arguments=st.just(()),
)
TEXT = "abcdefghijkl"


@given(_VIEW)
def test_segments_are_the_text(view: View) -> None:
    """Whatever nests or crosses, the segments put together are the text, and none is empty."""
    found = segments(TEXT, view, frozenset())
    assert "".join(s.text for s in found) == TEXT
    assert all(s.text for s in found)


@given(_VIEW)
def test_each_mark_starts_and_ends_once(view: View) -> None:
    """Between its first and its last piece each mark covers just its own characters."""
    pieces = [(p, s.text) for s in segments(TEXT, view, frozenset()) for p in s.pieces]
    assert sum(p.first for p, _ in pieces) == sum(p.last for p, _ in pieces) == len(keys(view))
    assert sum(len(text) for _, text in pieces) == sum(k[2] - k[1] for k in keys(view))


def test_longer_mark_is_outside() -> None:
    """Of two marks that start together the longer one comes first, that is, outside."""
    view = View(
        annotator="anna",
        entities=(Mark(start=0, end=2, label="IN"), Mark(start=0, end=4, label="OUT")),
    )
    first, second, rest = segments("abcdef", view, frozenset())
    assert [p.label for p in first.pieces] == ["OUT", "IN"]
    assert [(p.label, p.first, p.last) for p in second.pieces] == [("OUT", False, True)]
    assert (rest.text, rest.pieces) == ("ef", ())


def test_empty_text() -> None:
    """A text without characters has no segments."""
    assert segments("", View(annotator="anna"), frozenset()) == ()


def _example() -> Example:
    anna = View(
        annotator="anna",
        entities=(Mark(start=0, end=3, label="PER"), Mark(start=4, end=7, label="LOC")),
        triggers=(Mark(start=8, end=11, label="MEET"),),
        arguments=(Argument(role="Actor", trigger=0, entity=0),),
    )
    boris = View(
        annotator="boris",
        entities=(Mark(start=4, end=7, label="LOC"), Mark(start=0, end=3, label="ORG")),
        triggers=(Mark(start=8, end=11, label="MEET"),),
        arguments=(Argument(role="Actor", trigger=0, entity=1),),
    )
    return Example(uid="d", language="en", text="Eva Rim met.", views=(anna, boris))


def test_what_is_not_shared() -> None:
    """Other labels differ, and so do arguments whose filler differs; order does not matter."""
    marks, arguments = unshared(_example().views)
    assert marks == {("entity", 0, 3, "PER"), ("entity", 0, 3, "ORG")}
    assert arguments == {
        ("Actor", (8, 11, "MEET"), (0, 3, "PER")),
        ("Actor", (8, 11, "MEET"), (0, 3, "ORG")),
    }


def test_differences_by_span() -> None:
    """One row for the disputed span, with what each annotator called it."""
    (found,) = differences(_example())
    assert (found.surface, found.start, found.end) == ("Eva", 0, 3)
    assert found.labels == (("PER",), ("ORG",))


def test_one_view_disagrees_with_nobody() -> None:
    """A document that one annotator did has no disagreements, and none at all has none either."""
    assert unshared(_example().views[:1]) == (frozenset(), frozenset())
    assert unshared(()) == (frozenset(), frozenset())
