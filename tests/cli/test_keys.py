"""Keys that are piped in."""

from __future__ import annotations

import io
import sys

import pytest

from curation.cli.keys import one_key
from curation.errors import UsageError


def test_piped_keys_come_one_by_one_and_then_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blanks and lines between keys are no keys; after the last one comes the end."""
    monkeypatch.setattr(sys, "stdin", io.StringIO(" 1\n\nU"))
    assert [one_key() for _ in range(4)] == ["1", "u", "q", "q"]


def test_a_closed_stdin_is_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without any stdin nobody can answer."""
    monkeypatch.setattr(sys, "stdin", None)
    assert one_key() == "q"


@pytest.mark.parametrize("errors", ["strict", "surrogateescape"])
@pytest.mark.parametrize("garbage", [b"\xff\xfe1", b"\x001", b"\x1b[A1"])
def test_what_is_no_text_presses_no_key(
    monkeypatch: pytest.MonkeyPatch, garbage: bytes, errors: str
) -> None:
    """Binary data ends with a line that says what to pipe in, whatever the locale makes of it."""
    stdin = io.TextIOWrapper(io.BytesIO(garbage), encoding="utf-8", errors=errors)
    monkeypatch.setattr(sys, "stdin", stdin)
    with pytest.raises(UsageError, match="stdin is not text"):
        one_key()
