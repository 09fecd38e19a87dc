"""Every export format by name: what it writes, what it reads back, and what it loses.

Importing this costs nothing: spaCy and pyarrow load in the exporter that needs them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import MappingProxyType

from curation.errors import InputError, UsageError
from curation.formats.alignment import AlignmentPolicy
from curation.formats.files import write_bytes
from curation.formats.jsonl import read_records, write_jsonl
from curation.formats.losses import LossCertificate, spans_of
from curation.formats.order import noted
from curation.formats.tables import TABLES, table_path
from curation.model import Document, Record

__all__ = ["EXPORTERS", "Exporter", "Parts", "exporter"]

PARQUET_PART = "train"
"""The part that the parquet exporter writes: a loader shows data without parts as "train"."""

Export = Callable[[Iterable[Record], Path, AlignmentPolicy], LossCertificate]
Read = Callable[[Path, Mapping[str, Document]], list[Record]]


@dataclass(frozen=True, slots=True)
class Parts:
    """A folder of parts: write one of them, read it, and tell which files are its own."""

    export: Callable[[Iterable[Record], Path, str], LossCertificate]
    read: Callable[[Path, str], list[Record]]
    files: Callable[[Path, str], list[Path]]


@dataclass(frozen=True, slots=True)
class Exporter:
    """One format.

    `export(records, destination, policy)` writes `destination` whole or not at all; it is a file
    with `suffix`, or a folder where `suffix` is empty. `read(path, documents)` gives the records
    back; `documents`, by uid, are the texts for a format that has none.
    """

    name: str
    suffix: str
    description: str
    export: Export
    read: Read
    texts: Callable[[Path], Mapping[str, Document]] | None = None
    """Of a format without texts: Documents with what it has of them, to count by, not to keep."""
    parts: Parts | None = None
    """How several parts share a folder where each is not simply a file or folder of its own."""


def exporter(name: str) -> Exporter:
    """The exporter of that name; UsageError lists the names there are."""
    if name not in EXPORTERS:
        raise UsageError(f"no format {name!r}; the formats are {', '.join(EXPORTERS)}")
    return EXPORTERS[name]


def _export_jsonl(
    records: Iterable[Record], destination: Path, policy: AlignmentPolicy
) -> LossCertificate:
    del policy  # characters need no alignment
    spans: list[int] = []
    write_jsonl(noted(records, lambda record: spans.append(spans_of(record))), destination)
    return LossCertificate("jsonl", sum(spans), sum(spans))


def _read_jsonl(path: Path, documents: Mapping[str, Document]) -> list[Record]:
    del documents
    return _sound(record for _, record in read_records(path))


def _export_spacy(
    records: Iterable[Record], destination: Path, policy: AlignmentPolicy
) -> LossCertificate:
    from curation.formats.spacy_docbin import records_to_docbin

    data, certificate = records_to_docbin(records, policy=policy)
    write_bytes(destination, data)
    return certificate


def _read_spacy(path: Path, documents: Mapping[str, Document]) -> list[Record]:
    from curation.formats.spacy_docbin import docbin_to_records

    del documents
    return docbin_to_records(_bytes(path), where=str(path))


def _tagged(name: str, description: str) -> Exporter:
    """A format of tokens with tags, by the name of its layout."""

    def export(
        records: Iterable[Record], destination: Path, policy: AlignmentPolicy
    ) -> LossCertificate:
        from curation.formats.iob2 import tagged_lines
        from curation.formats.tagged import LAYOUTS

        return tagged_lines(destination, records, policy, LAYOUTS[name])

    def read(path: Path, documents: Mapping[str, Document]) -> list[Record]:
        from curation.formats.iob2 import read_iob2, stand_ins
        from curation.formats.tagged import LAYOUTS

        lines, layout = _lines(path), LAYOUTS[name]
        known = stand_ins(lines, str(path), layout) if layout.texts else {}
        return _sound(read_iob2(lines, {**known, **documents}, str(path), layout))

    def texts(path: Path) -> Mapping[str, Document]:
        from curation.formats.iob2 import stand_ins
        from curation.formats.tagged import LAYOUTS

        return stand_ins(_lines(path), str(path), LAYOUTS[name])

    return Exporter(name, f".{name}", description, export, read, texts)


def _lines(path: Path) -> list[str]:
    try:
        return _bytes(path).decode().split("\n")
    except UnicodeDecodeError as error:
        raise InputError(f"not UTF-8 at byte {error.start}", where=str(path)) from error


def _export_brat(
    records: Iterable[Record], destination: Path, policy: AlignmentPolicy
) -> LossCertificate:
    from curation.formats.brat_folder import write_folder

    del policy  # characters need no alignment
    return write_folder(records, destination)


def _read_brat(path: Path, documents: Mapping[str, Document]) -> list[Record]:
    from curation.formats.brat_folder import read_folder

    del documents
    return read_folder(path)


def _export_parquet(
    records: Iterable[Record], destination: Path, policy: AlignmentPolicy
) -> LossCertificate:
    from curation.formats.parquet import write_tables

    del policy
    return write_tables(destination, PARQUET_PART, records)


def _read_parquet(path: Path, documents: Mapping[str, Document]) -> list[Record]:
    from curation.formats.parquet import read_tables

    del documents
    return read_tables(path, PARQUET_PART)


def _export_tables(records: Iterable[Record], folder: Path, part: str) -> LossCertificate:
    from curation.formats.parquet import write_tables

    return write_tables(folder, part, records)


def _read_tables(folder: Path, part: str) -> list[Record]:
    from curation.formats.parquet import read_tables

    return read_tables(folder, part)


def _files_of_tables(folder: Path, part: str) -> list[Path]:
    return [folder / table_path(table, part) for table in TABLES]


def _exports(module: str, function: str) -> Export:
    """That function of a module which is imported when it is called."""

    def export(
        records: Iterable[Record], destination: Path, policy: AlignmentPolicy
    ) -> LossCertificate:
        certificate: LossCertificate = getattr(import_module(module), function)(
            records, destination, policy
        )
        return certificate

    return export


def _reads(module: str, function: str) -> Read:
    """All that such a function yields, or one InputError with all errors among it."""

    def read(path: Path, documents: Mapping[str, Document]) -> list[Record]:
        return _sound(getattr(import_module(module), function)(path, documents))

    return read


def _texts(module: str, function: str) -> Callable[[Path], Mapping[str, Document]]:
    def texts(path: Path) -> Mapping[str, Document]:
        found: Mapping[str, Document] = getattr(import_module(module), function)(path)
        return found

    return texts


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=str(path)) from error


def _sound(found: Iterable[Record | InputError]) -> list[Record]:
    """All the records, or one InputError with everything that is wrong with them."""
    results = list(found)
    errors = [result for result in results if isinstance(result, InputError)]
    if errors:
        raise InputError("; ".join(str(error) for error in errors))
    return [result for result in results if isinstance(result, Record)]


EXPORTERS: Mapping[str, Exporter] = MappingProxyType(
    {
        e.name: e
        for e in (
            Exporter(
                "jsonl",
                ".jsonl",
                "canonical JSON Lines: everything, one line per document and annotator",
                _export_jsonl,
                _read_jsonl,
            ),
            Exporter(
                "spacy",
                ".spacy",
                "spaCy DocBin: flat entities in ents, all entities and events in spans",
                _export_spacy,
                _read_spacy,
            ),
            _tagged("iob2", "token and IOB2 tag per line: flat entities only"),
            _tagged("bilou", "token and BILOU tag per line: flat entities only"),
            _tagged("conll", "IOB2 with the text of every sentence: flat entities only"),
            Exporter(
                "brat",
                "",
                "folder of brat standoff, a .txt and an .ann each: everything",
                _export_brat,
                _read_brat,
            ),
            Exporter(
                "standoff",
                ".standoff.jsonl",
                "JSON Lines with offsets and the hash of each text, without the text",
                _exports("curation.formats.standoff", "write_standoff"),
                _reads("curation.formats.standoff", "records_of"),
                texts=_texts("curation.formats.standoff", "placeholders"),
            ),
            Exporter(
                "parquet",
                "",
                "folder of five parquet tables, as Hugging Face datasets loads them: everything",
                _export_parquet,
                _read_parquet,
                parts=Parts(_export_tables, _read_tables, _files_of_tables),
            ),
            Exporter(
                "csv",
                "",
                "folder of five CSV tables, safe to open in a spreadsheet: everything",
                _exports("curation.formats.csv_tables", "write_csv"),
                _reads("curation.formats.csv_tables", "read_csv"),
            ),
            Exporter(
                "dygie",
                ".jsonl",
                "DyGIE++ JSON Lines: sentences of tokens, entities, events and their arguments",
                _exports("curation.formats.dygie", "write_dygie"),
                _reads("curation.formats.dygie", "read_dygie"),
                texts=_texts("curation.formats.dygie", "dygie_texts"),
            ),
            Exporter(
                "oneie",
                ".jsonl",
                "OneIE JSON Lines: one sentence each, with entities, events and their arguments",
                _exports("curation.formats.oneie", "write_oneie"),
                _reads("curation.formats.oneie", "read_oneie"),
                texts=_texts("curation.formats.oneie", "oneie_texts"),
            ),
            Exporter(
                "cas-json",
                "",
                "folder of UIMA CAS JSON, as INCEpTION opens it: everything",
                _exports("curation.formats.cas", "write_json"),
                _reads("curation.formats.cas", "read_json"),
            ),
            Exporter(
                "cas-xmi",
                "",
                "folder of UIMA CAS XMI, as INCEpTION opens it: everything",
                _exports("curation.formats.cas", "write_xmi"),
                _reads("curation.formats.cas", "read_xmi"),
            ),
        )
    }
)
"""The formats; the names feed the help text."""
