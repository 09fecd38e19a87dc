"""Units rated by annotators: characters and shared triggers."""

import numpy as np

from curation.agreement.units import attribute_ratings, character_ratings
from curation.model import AnnotationSet, Event, TextSpan


def _spelled(spans, length, **options):
    """Each annotator's categories, character by character; "." for none, "?" for unseen."""
    numbers = {}
    sets = [None if s is None else frozenset(s) for s in spans]
    rated = character_ratings(sets, length, numbers, **options)
    names = {number: "+".join(labels) or "." for labels, number in numbers.items()} | {-1: "?"}
    return [
        [names[c] for c, w in zip(row, rated.weights, strict=True) for _ in range(int(w))]
        for row in rated.categories
    ]


def test_characters_carry_the_labels_over_them():
    """Nested labels combine; characters without any have a category of their own."""
    rows = _spelled([[(0, 4, "ORG"), (2, 4, "LOC")], [(1, 3, "ORG")], None], 5)
    assert rows == [
        ["ORG", "ORG", "LOC+ORG", "LOC+ORG", "."],
        [".", "ORG", "ORG", ".", "."],
        ["?"] * 5,
    ]


def test_without_background_only_marked_characters_stay():
    """Characters that nobody marked are left out; an empty set is seen, and marks nothing."""
    rows = _spelled([[(1, 3, "PER")], frozenset()], 5, background=False)
    assert rows == [["PER", "PER"], [".", "."]]


def test_a_label_called_like_the_background_is_a_label():
    """No label name collides with the category of unmarked characters."""
    rated = character_ratings([frozenset({(0, 1, "")}), frozenset({(0, 1, ".")})], 2, {})
    assert len(np.unique(rated.categories)) == 3


def _event(start, kind, **attributes):
    span = TextSpan(start=start, end=start + 2)
    return Event(id=f"E{start}", type=kind, trigger=span, attributes=attributes)


def test_attributes_are_rated_on_shared_triggers():
    """Who lacks the trigger does not rate; who lacks the value rates ""; valueless units go."""
    anna = AnnotationSet(
        uid="d",
        annotator="anna",
        events=(_event(0, "AID", tense="past"), _event(5, "AID"), _event(9, "AID", tense="past")),
    )
    boris = AnnotationSet(
        uid="d", annotator="boris", events=(_event(0, "AID", tense="future"), _event(5, "AID"))
    )
    numbers = {}
    rated = attribute_ratings([anna, boris, None], "tense", numbers)
    past, future = numbers["past"], numbers["future"]
    assert rated.categories.tolist() == [[past, past], [future, -1], [-1, -1]]
    assert rated.n_units == 1
