"""Text from outside in CSV, JSON inside scripts, addresses and control characters."""

from __future__ import annotations

import csv
import io
import json
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.report.escape import (
    breakable,
    csv_href,
    csv_text,
    printable,
    safe_url,
    script_json,
    shorten,
)


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "  =1", "＝1"])
def test_formula_gets_an_apostrophe(cell: str) -> None:
    """A text that a spreadsheet would calculate starts with an apostrophe."""
    text = csv_text(["a"], [[cell]])
    assert list(csv.reader(io.StringIO(text, newline="")))[1] == ["'" + cell]


def test_numbers_stay_numbers() -> None:
    """A negative number of ours is no formula; nothing is an empty cell."""
    assert csv_text(["a", "b", "c"], [[-0.25, 3, None]]) == "a,b,c\r\n-0.25,3,\r\n"


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=2, max_size=4))
def test_csv_reads_back(cells: list[str]) -> None:
    """What a CSV reader gets is the text, but for the apostrophe."""
    (line,) = csv.reader(io.StringIO(csv_text(cells, []), newline=""))
    assert [c.removeprefix("'") for c in line] == [c.removeprefix("'") for c in cells]


def test_csv_address_carries_utf8() -> None:
    """The data: address decodes to the CSV with a byte order mark; half a pair does no harm."""
    href = csv_href(["č"], [["a,b"], ["\ud800"]])
    assert unquote(href.partition(",")[2]) == '\ufeffč\r\n"a,b"\r\n?\r\n'


def test_json_cannot_leave_its_script() -> None:
    """No tag, comment or line separator survives in the text, and the value reads back."""
    value = {"x": "</script><!-- & \u2028\u2029 ]]>"}
    text = script_json(value)
    assert not set("<>&\u2028\u2029") & set(text)
    assert json.loads(text) == value


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "data:text/html,x", "//host", "http:", "http://[", "file:///etc", None],
)
def test_only_web_addresses_become_links(url: str | None) -> None:
    """Anything but http(s) with a host is dropped."""
    assert safe_url(url) is None


def test_task_address_is_kept() -> None:
    """An address of Label Studio stays as it is."""
    assert (
        safe_url("https://ls.example/projects/1?task=2") == "https://ls.example/projects/1?task=2"
    )


def test_controls_are_replaced_one_for_one() -> None:
    """NUL, ESC and half a surrogate pair become U+FFFD; newline and tab stay."""
    assert printable("a\x00\x1b\ud83d\n\tb") == "a\ufffd\ufffd\ufffd\n\tb"


@given(st.text(), st.integers(min_value=1, max_value=30))
def test_shorten_keeps_its_limit(text: str, limit: int) -> None:
    """The result is never longer than the limit, and is the text where that fits."""
    short = shorten(text, limit)
    assert len(short) <= limit
    assert (short == text) == (len(text) <= limit)


def test_breakable_escapes() -> None:
    """Breaks are added to the escaped text, so that none of it is markup."""
    assert str(breakable("<b>,x")) == "&lt;b&gt;,<wbr>x"
