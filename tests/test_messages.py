"""What a message says of values from outside is enough, and cut where a reader expects it."""

from __future__ import annotations

import pytest

from curation.messages import around


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
