"""What a message says of numbers and of values from outside."""

from __future__ import annotations

import pytest

from curation.messages import around, counted


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("on my ", " left", ("on my ", " left")),
        ("ab three ", " four fou", ("ab three ", " four fou")),
        ("one two three ", " four five six", ("… three ", " four …")),
        ("ab wo three ", " four fou r", ("… wo three ", " four fou …")),
        ("one\ntwo\tthree", "s four\nfive", ("… two\tthree", "s four …")),
        ("abcdefghijklmn", "opqrstuvwxyz", ("…fghijklmn", "opqrstuvw…")),
        ("", "", ("", "")),
    ],
)
def test_context_is_cut_between_words(before: str, after: str, expected: tuple[str, str]) -> None:
    """Nine characters each, fewer where a word would be cut; marks stand for what is left out."""
    assert around(before, after, 9) == expected


def test_one_is_singular() -> None:
    """A number and its noun go together."""
    assert [counted(n, "entity") for n in (0, 1, 2)] == ["0 entities", "1 entity", "2 entities"]
    assert [counted(n, "task") for n in (1, 11)] == ["1 task", "11 tasks"]
    assert counted(7, "day") == "7 days"
