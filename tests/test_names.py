"""Names of annotators and languages, in settings and imports alike."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from curation.messages import few, shown
from curation.names import annotator_problem, language_problem
from curation.settings import Annotator


def _setting_takes(name: str) -> bool:
    try:
        Annotator(name=name, email="a@example.org")
    except ValidationError:
        return False
    return True


def test_settings_and_imports_take_the_same_names() -> None:
    """Each character of the first planes, alone, at the end and inside, and every length."""
    some = [chr(c) for c in range(0x3100) if not 0xD800 <= c < 0xE000]
    names = [n for c in some for n in (c, f"a{c}", f"a{c}b")] + ["a" * n for n in (0, 40, 41)]
    assert [n for n in names if _setting_takes(n) != (annotator_problem(n) is None)] == []


@pytest.mark.parametrize(
    "name", ["", "zoe\nben   999  999  0", "\x1b[31m", " zoe", "a/b", "z" * 10_000, "\udcff", "a\n"]
)
def test_what_nobody_can_be_called(name: str) -> None:
    """The name is told on one short line, without what could drive a terminal."""
    told = annotator_problem(name)
    assert told is not None
    assert told.isprintable()
    assert len(told) < 300


@pytest.mark.parametrize(
    "code", ["e", "", "EN", "en_US", "xx-yy-zz nonsense", "en\n", "e" * 40, {"a": 1}, None]
)
def test_what_is_no_language(code: object) -> None:
    """Codes are those that settings take, of 35 characters at most."""
    assert language_problem(code) is not None


@pytest.mark.parametrize("code", ["en", "und", "nb", "zh-Hant-TW", "sr-Latn"])
def test_languages(code: str) -> None:
    """Codes of two or three letters, with subtags."""
    assert language_problem(code) is None


def test_many_problems_are_one_short_line() -> None:
    """The first ten and the number of the others; what is very long is cut."""
    assert few(["a", "b"]) == "a; b"
    assert few([]) == ""
    assert few(str(n) for n in range(12)) == "0; 1; 2; 3; 4; 5; 6; 7; 8; 9; and 2 more"
    assert few(["x" * 1000]) == "x" * 300 + "…"
    assert shown("x" * 1000, 3) == "'xxx…'"
