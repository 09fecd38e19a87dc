"""CSV tables: safe in a spreadsheet, the same in Python and pandas, and complete."""

from __future__ import annotations

import csv
import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from formats.test_round_trip import record_lists
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.errors import InputError
from curation.formats.order import canonical
from curation.formats.registry import EXPORTERS
from curation.model import Document, Event, Record
from curation.testing import annotation_set, document

CSV = EXPORTERS["csv"]
TEXT = "=SUM(A1)\r\nFico 👍🏽 met\nhim"


def record(text: str = TEXT, **fields: Any) -> Record:
    """A record with two entities and an event."""
    said = annotation_set(
        text,
        [("Fico", "PER"), ("him", "PER")],
        [("met", "@CONSULT", {"Actor": "Fico"})],
        uid=fields.get("uid", "d1"),
    )
    return Record(document=document(text, **fields), annotations=said)


def rows(path: Path) -> list[dict[str, str]]:
    """The rows of one table as Python's own reader has them."""
    with path.open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(records=record_lists())
def test_everything_comes_back(records: list[Record]) -> None:
    """Any records are read back as they were, and nothing is listed as lost."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "out"
        certificate = CSV.export(records, path, "strict")
        assert CSV.read(path, {}) == canonical(records)
    assert certificate.losses == ()
    assert certificate.spans_in == certificate.spans_out


@settings(max_examples=100, deadline=None, derandomize=True)
@given(source=st.text(st.characters(exclude_categories=["Cs"]), max_size=4))
def test_no_cell_begins_a_formula(source: str) -> None:
    """Whatever a text begins with, its cell is no formula, and is read back."""
    made = record(source=source)
    with tempfile.TemporaryDirectory() as folder:
        CSV.export([made], Path(folder) / "out", "expand")
        (row,) = rows(Path(folder) / "out" / "documents.csv")
        assert CSV.read(Path(folder) / "out", {}) == [made]
    assert row["source"].lstrip()[:1] not in {*"=+-@＝＋－＠"}
    assert row["source"][:1] not in {"\t", "\r", "\n"}
    assert row["source"] in {source, f"'{source}"}


@pytest.mark.parametrize("source", ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(1)", "\t=1", "\r=1"])
def test_formulas_have_an_apostrophe(source: str, tmp_path: Path) -> None:
    """Every beginning that spreadsheets take for a formula is neutralised."""
    CSV.export([record(source=source)], tmp_path / "out", "expand")
    (row,) = rows(tmp_path / "out" / "documents.csv")
    assert row["source"] == f"'{source}"
    assert row["text"] == f"'{TEXT}"
    assert rows(tmp_path / "out" / "events.csv")[0]["type"] == "'@CONSULT"


def test_nothing_and_an_empty_text_are_two_things(tmp_path: Path) -> None:
    """A missing source is an empty cell, an empty one an apostrophe."""
    records = [record(), Record(document=document("", uid="d2", source=""), has_events=False)]
    CSV.export(records, tmp_path / "out", "expand")
    assert [row["source"] for row in rows(tmp_path / "out" / "documents.csv")] == ["", "'"]
    assert [r.document.source for r in CSV.read(tmp_path / "out", {})] == [None, ""]


def test_pandas_has_the_counts_and_the_words(tmp_path: Path) -> None:
    """Pandas opens the tables with numbers as numbers, and the offsets point at the words."""
    pandas = pytest.importorskip("pandas", reason="comes with the dev extra")
    CSV.export([record(), record(TEXT + "!", uid="d2")], tmp_path / "out", "expand")
    tables = {p.stem: pandas.read_csv(p) for p in (tmp_path / "out").iterdir()}
    assert {name: len(table) for name, table in tables.items()} == {
        "documents": 2,
        "annotations": 2,
        "entities": 4,
        "events": 2,
        "arguments": 2,
    }
    texts = tables["documents"].set_index("uid")["text"].str.removeprefix("'")
    joined = tables["entities"].join(texts, on="uid")
    assert joined["start"].dtype == "int64"
    for row in joined.itertuples():
        assert row.text[row.start : row.end] == row.surface


def test_a_long_text_is_read(tmp_path: Path) -> None:
    """A cell may be larger than Python's own limit, which stays what it was."""
    limit = csv.field_size_limit()
    made = record(TEXT + "x" * (limit + 1))
    CSV.export([made], tmp_path / "out", "expand")
    assert CSV.read(tmp_path / "out", {}) == [made]
    assert csv.field_size_limit() == limit


def test_a_file_saved_by_a_spreadsheet_is_read(tmp_path: Path) -> None:
    """A byte order mark, columns in another order, more columns and "TRUE" do no harm."""
    made = record()
    CSV.export([made], tmp_path / "out", "expand")
    path = tmp_path / "out" / "annotations.csv"
    (row,) = rows(path)
    row["has_events"] = "TRUE"
    with path.open("w", newline="", encoding="utf-8-sig") as stream:
        writer = csv.DictWriter(stream, [*reversed(row), "note"])
        writer.writeheader()
        writer.writerow(row | {"note": "mine"})
    assert CSV.read(tmp_path / "out", {}) == [made]


BROKEN = [
    ("entities", '"uid"\r\n', r"entities\.csv: has no columns annotator, id, start"),
    ("entities", "+2,PER", r"entities\.csv, row 2: 5 cells under 10 columns"),
    ("entities", 'x,4,"PER","=Fi",,,', r"entities\.csv, row 2: start: 'x' is no int32"),
    ("entities", '0,4,"PER","a",7,,', "less than or equal to 1"),
    ("entities", '0,99999999999,"PER","a",,,', "entities"),
    ("entities", '5,4,"PER","a",,,', "greater than start"),
    ("entities", '0,4,"PER","a"b"c",,,', r"entities\.csv: not CSV"),
]


@pytest.mark.parametrize(("name", "end", "message"), BROKEN)
def test_what_is_wrong_is_named(name: str, end: str, message: str, tmp_path: Path) -> None:
    """A broken table gives an InputError with the file and the row."""
    CSV.export([record()], tmp_path / "out", "expand")
    path = tmp_path / "out" / f"{name}.csv"
    header = path.read_text(encoding="utf-8").splitlines()[0]
    row = end if end.startswith('"') else f'{header}\r\n"d1","anna","T1",{end}\r\n'
    path.write_text(row, encoding="utf-8", newline="")
    with pytest.raises(InputError, match=message):
        CSV.read(tmp_path / "out", {})


@pytest.mark.parametrize(
    ("name", "column", "value"),
    [
        ("annotations", "has_events", ""),
        ("annotations", "has_events", "maybe"),
        ("annotations", "provenance", "{"),
        ("documents", "sha256", "0"),
        ("events", "attributes", "[]"),
        ("events", "attributes", '{"a": 1}'),
        ("events", "attributes", ""),
        ("events", "type", ""),
        ("arguments", "target", "T9"),
    ],
)
def test_a_value_that_does_not_fit_is_refused(
    name: str, column: str, value: str, tmp_path: Path
) -> None:
    """No value of a table is believed before it is checked."""
    CSV.export([record()], tmp_path / "out", "expand")
    path = tmp_path / "out" / f"{name}.csv"
    found = rows(path)
    found[0][column] = value
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, list(found[0]))
        writer.writeheader()
        writer.writerows(found)
    with pytest.raises(InputError):
        CSV.read(tmp_path / "out", {})


def test_attributes_are_an_object(tmp_path: Path) -> None:
    """Attributes stand in one cell, as JSON."""
    made = record()
    assert made.annotations is not None
    (event,) = made.annotations.events
    told = Event(**(event.model_dump() | {"arguments": (), "tense": "past"}))
    said = made.annotations.model_copy(update={"events": (told,)})
    CSV.export([made.model_copy(update={"annotations": said})], tmp_path / "out", "expand")
    assert json.loads(rows(tmp_path / "out" / "events.csv")[0]["attributes"]) == {"tense": "past"}


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    """Nothing is half written where the place is taken by a file."""
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(InputError, match="cannot be written"):
        CSV.export([record()], tmp_path / "file" / "out", "expand")
    assert Document(uid="d1", language="en", text=TEXT) == record().document
