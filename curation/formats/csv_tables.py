"""CSV: a folder of five tables, for spreadsheets and statistics; everything is carried.

    documents.csv    annotations.csv    entities.csv    events.csv    arguments.csv

The columns are those of the parquet tables; `attributes` is a JSON object. RFC 4180: UTF-8, commas,
every text in quotes, CRLF after a row; line breaks in a text stay as they are.

An empty cell says that there is no value. A cell that a spreadsheet would take for a formula, or
that begins with an apostrophe, or that is an empty text, has an apostrophe before it, which
spreadsheets do not show and `read_csv` takes away.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pyarrow as pa

from curation.errors import InputError
from curation.formats.alignment import AlignmentPolicy
from curation.formats.files import placed
from curation.formats.losses import LossCertificate
from curation.formats.order import canonical
from curation.formats.parquet import SCHEMAS, records_to_tables, tables_to_records
from curation.formats.tables import TABLES
from curation.messages import shown
from curation.model import Document, Record

__all__ = ["read_csv", "write_csv"]

_ESCAPED = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n'\0]|\Z")
"""What a cell begins with that gets an apostrophe: OWASP's list for CSV injection, and the rest."""
_LARGEST = 2**31 - 1
"""Characters of a cell; Python's own limit is that of a short news story."""


def write_csv(
    records: Iterable[Record], destination: Path, policy: AlignmentPolicy
) -> LossCertificate:
    """Writes the folder; nothing is lost, under any policy."""
    del policy  # characters need no alignment
    tables, certificate = records_to_tables(records)
    with placed(destination) as folder:
        folder.mkdir()
        for name in TABLES:
            (folder / f"{name}.csv").write_bytes(_table(tables[name]))
    return LossCertificate("csv", certificate.spans_in, certificate.spans_out, certificate.losses)


def _table(table: Any) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    writer.writerow(table.schema.names)
    writer.writerows([_cell(value) for value in row.values()] for row in table.to_pylist())
    return text.getvalue().encode()


def _cell(value: Any) -> str | int | float:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return json.dumps({a["name"]: a["value"] for a in value}, ensure_ascii=False)
    if isinstance(value, str) and _ESCAPED.match(value):
        return f"'{value}"
    return value  # type: ignore[no-any-return]  # of the schema's types only texts and numbers


def read_csv(path: Path, documents: Mapping[str, Document]) -> list[Record]:
    """The records in a folder that `write_csv` wrote; `documents` are not needed.

    Raises InputError, with the file and the row, where something is missing or of another kind.
    """
    del documents
    tables = {name: _read_table(path / f"{name}.csv", name) for name in TABLES}
    return canonical(tables_to_records(tables, where=str(path)))


def _read_table(path: Path, name: str) -> Any:
    schema = SCHEMAS[name]
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=str(path)) from error
    except UnicodeDecodeError as error:
        raise InputError(f"not UTF-8 at byte {error.start}", where=str(path)) from error
    rows = _rows(text, str(path))
    _, header = next(rows, (0, []))
    if missing := [column for column in schema.names if column not in header]:
        raise InputError(f"has no columns {', '.join(missing)}", where=str(path))
    found = [_row(cells, header, schema, where) for where, cells in rows]
    try:
        return pa.Table.from_pylist(found, schema=schema)
    except (pa.ArrowException, OverflowError) as error:
        raise InputError(str(error), where=str(path)) from error


def _rows(text: str, where: str) -> Iterator[tuple[str, list[str]]]:
    """Each row with its place; the limit of a cell is back where it was when this ends."""
    limit = csv.field_size_limit(_LARGEST)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        raise InputError(f"not CSV: {error}", where=where) from error
    finally:
        csv.field_size_limit(limit)
    return ((f"{where}, row {number}", row) for number, row in enumerate(rows, 1) if row)


def _row(cells: Sequence[str], header: Sequence[str], schema: Any, where: str) -> dict[str, Any]:
    if len(cells) != len(header):
        raise InputError(f"{len(cells)} cells under {len(header)} columns", where=where)
    found = dict(zip(header, cells, strict=True))
    return {field.name: _value(found[field.name], field, where) for field in schema}


def _value(cell: str, field: Any, where: str) -> Any:
    if cell == "" and str(field.type) in _MAY_LACK:
        return None
    try:
        return _READ[str(field.type)](cell)
    except (ValueError, AttributeError, KeyError, RecursionError) as error:
        raise InputError(f"{field.name}: {shown(cell)} is no {field.type}", where=where) from error


def _attributes(cell: str) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in json.loads(cell).items()]


_MAY_LACK = frozenset({"string", "int32", "double"})
_READ: Mapping[str, Callable[[str], Any]] = MappingProxyType(
    {
        "string": lambda cell: cell.removeprefix("'"),
        "int32": int,
        "double": float,
        "bool": lambda cell: {"true": True, "false": False}[cell.lower()],
        str(SCHEMAS["events"].field("attributes").type): _attributes,
    }
)
"""By the type of a column: a value from its cell."""
