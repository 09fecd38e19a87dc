"""Tables: .csv with a comma, semicolon or tab, and .tsv; one document in each row."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence

from curation.errors import InputError
from curation.ingest.jsonlines import BLANK
from curation.ingest.records import RawDocument, ReadOptions, missing, raw_document
from curation.ingest.sources import Source, utf8_problem

__all__ = ["read_table"]

_DELIMITERS = {"csv": ",;\t|", "tsv": "\t"}
_QUOTES = "is a quotation mark not closed, or not doubled inside a quoted cell?"


def read_table(source: Source, options: ReadOptions) -> Iterator[RawDocument | InputError | str]:
    """Documents and errors in row order; BLANK for an empty row.

    Rows are numbered as a spreadsheet shows them: the header is row 1, and a cell with line breaks
    is still in one row.
    """
    with source.open() as handle:
        if problem := utf8_problem(handle, source.where):
            yield problem
            return
    csv.field_size_limit(max(csv.field_size_limit(), 4 * options.limit_bytes))
    with source.open() as handle:
        text = io.TextIOWrapper(handle, encoding="utf-8-sig", newline="")
        try:
            yield from _rows(text, source, options)
        finally:
            text.detach()


def _rows(
    text: io.TextIOWrapper, source: Source, options: ReadOptions
) -> Iterator[RawDocument | InputError | str]:
    header: list[str] | None = None
    number = 0
    try:
        delimiter = _delimiter(text, _DELIMITERS[source.kind], options.text_column)
        reader = csv.reader(text, delimiter=delimiter, strict=True)
        for number, row in enumerate(reader, 1):  # the error names the last row read
            if not any(cell.strip() for cell in row):
                yield BLANK
            elif header is None:
                header = _header(row, options)
                if problem := _header_problem(header, options, source.where):
                    yield problem
                    return
            else:
                yield _record(row, header, options, f"{source.where}, row {number}")
    except csv.Error as error:
        yield InputError(
            f"not CSV: {error}", where=f"{source.where}, row {number + 1}", hint=_QUOTES
        )


def _delimiter(text: io.TextIOWrapper, candidates: str, text_column: str) -> str:
    """The delimiter whose header has the text column; failing that, the one with most columns."""
    first_line = text.readline(100_000)
    text.seek(0)
    headers = {c: next(csv.reader([first_line], delimiter=c), []) for c in candidates}
    wanted = text_column.casefold()
    with_text = [c for c in candidates if wanted in (h.strip().casefold() for h in headers[c])]
    return max(with_text or candidates, key=lambda c: len(headers[c]))


def _header(row: Sequence[str], options: ReadOptions) -> list[str]:
    """Column names without spaces around; those that options name, in the options' spelling."""
    names = {name.casefold(): name for name in options.named_columns}
    stripped = [cell.strip() for cell in row]
    return [
        name if name in names.values() else names.get(name.casefold(), name) for name in stripped
    ]


def _header_problem(header: Sequence[str], options: ReadOptions, where: str) -> InputError | None:
    where = f"{where}, row 1"
    if absent := [name for name in options.named_columns if name not in header]:
        return missing(absent, tuple(header), where)
    if twice := [name for name in dict.fromkeys(header) if name and header.count(name) > 1]:
        names = ", ".join(map(ascii, twice))
        return InputError(f"two columns have the same name: {names}", where=where)
    return None


def _record(
    row: Sequence[str], header: Sequence[str], options: ReadOptions, where: str
) -> RawDocument | InputError:
    if len(row) != len(header):
        message = f"{len(row)} cells under {len(header)} columns"
        return InputError(message, where=where, hint="quote cells that hold the delimiter")
    cells = zip(header, row, strict=True)
    named = {name or f"column {i}": cell for i, (name, cell) in enumerate(cells, 1)}
    kept = {k: v for k, v in named.items() if v.strip() or k in options.named_columns}
    return raw_document(kept, options, where)
