"""croissant.json: the release as Croissant 1.1 with the fields of its RAI extension.

https://docs.mlcommons.org/croissant/docs/croissant-spec-1.1.html, croissant-rai-spec.html. Every
file of data is a FileObject with its hash; every table of a part is a RecordSet, or without tables
every file of JSON Lines.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from curation.formats.citation import citation_text, first_line
from curation.formats.licences import is_stated, spdx_url
from curation.formats.release_facts import CardFacts
from curation.formats.tables import TABLES, table_features, table_path

__all__ = ["CONFORMS_TO", "FileFacts", "croissant", "croissant_text"]

CONFORMS_TO = (
    "http://mlcommons.org/croissant/1.1",
    "http://mlcommons.org/croissant/RAI/1.0",
)

_CONTEXT: Mapping[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "arrayShape": "cr:arrayShape",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "containedIn": "cr:containedIn",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "description": {"@container": "@language"},
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isArray": "cr:isArray",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "name": {"@container": "@language"},
    "parentField": "cr:parentField",
    "path": "cr:path",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}

_TYPES = {"string": "sc:Text", "int32": "sc:Integer", "float64": "sc:Float", "bool": "sc:Boolean"}
_MEDIA = {
    ".parquet": "application/x-parquet",
    ".jsonl": "application/jsonlines",
    ".json": "application/json",
    ".csv": "text/csv",
    ".xml": "application/xml",
    ".xmi": "application/xml",
    ".zip": "application/zip",
}
_LINES = (("id", "sc:Text"), ("language", "sc:Text"), ("text", "sc:Text"))
_HASHES = (
    ("id", "sc:Text"),
    ("language", "sc:Text"),
    ("sha256", "sc:Text"),
    ("length", "sc:Integer"),
)


@dataclass(frozen=True, slots=True)
class FileFacts:
    """A file of a release, by its path in the folder; `size` in bytes."""

    path: str
    sha256: str
    size: int


def croissant_text(facts: CardFacts, files: Sequence[FileFacts]) -> str:
    """The text of croissant.json."""
    return json.dumps(croissant(facts, files), ensure_ascii=False, indent=1) + "\n"


def croissant(facts: CardFacts, files: Sequence[FileFacts]) -> dict[str, Any]:
    """The description as one JSON-able object; `files` are those of data."""
    known = {file.path for file in files}
    said = {
        "@context": dict(_CONTEXT),
        "@type": "sc:Dataset",
        "conformsTo": list(CONFORMS_TO),
        "name": _name(facts.name),
        "alternateName": facts.name,
        "description": first_line(facts.description),
        "url": facts.url,
        "version": facts.version,
        "datePublished": facts.released,
        "license": _license(facts),
        "citeAs": citation_text(facts),
        "creator": [{"@type": "sc:Person", "name": name} for name in facts.authors],
        "inLanguage": list(facts.counts.languages),
        "keywords": ["named entity recognition", "event extraction", "news"],
        "isLiveDataset": False,
    }
    return (
        {key: value for key, value in said.items() if value not in ("", [], None)}
        | _responsible(facts)
        | {
            "distribution": [_file(file) for file in files],
            "recordSet": [_splits(facts), *_record_sets(facts, known)],
        }
    )


def _name(name: str) -> str:
    """Croissant takes letters, digits, blanks and the like."""
    return re.sub(r"[^\w .,-]+", "-", name).strip("-") or "dataset"


def _license(facts: CardFacts) -> str | None:
    if not is_stated(facts.license):
        return None
    return spdx_url(facts.license) or facts.license


def _file(file: FileFacts) -> dict[str, Any]:
    suffix = file.path[file.path.rfind(".") :]
    return {
        "@type": "cr:FileObject",
        "@id": file.path,
        "name": file.path,
        "contentUrl": file.path,
        "contentSize": f"{file.size} B",
        "encodingFormat": _MEDIA.get(suffix, "text/plain" if suffix != ".spacy" else _BINARY),
        "sha256": file.sha256,
    }


_BINARY = "application/octet-stream"


def _splits(facts: CardFacts) -> dict[str, Any]:
    return {
        "@type": "cr:RecordSet",
        "@id": "splits",
        "name": "splits",
        "description": "The parts of the data.",
        "dataType": "cr:Split",
        "key": {"@id": "splits/name"},
        "field": [
            {
                "@type": "cr:Field",
                "@id": "splits/name",
                "name": "name",
                "dataType": "sc:Text",
            }
        ],
        "data": [{"splits/name": part.name} for part in facts.counts.parts],
    }


def _record_sets(facts: CardFacts, files: set[str]) -> Iterator[dict[str, Any]]:
    for part in facts.counts.parts:
        for table in TABLES if "parquet" in facts.formats else ():
            path = str(table_path(table, part.name))
            if path in files and part.rows[table]:
                yield _table(table, part.name, path)
        lines = f"jsonl/{part.name}.jsonl"
        if facts.stand_off:
            lines = f"standoff/{part.name}.standoff.jsonl"
        if "parquet" not in facts.formats and lines in files:
            yield _lines(part.name, lines, _HASHES if facts.stand_off else _LINES)


def _table(table: str, part: str, path: str) -> dict[str, Any]:
    name = f"{table}_{part}"
    return {
        "@type": "cr:RecordSet",
        "@id": name,
        "name": name,
        "description": f"Table {table}, part {part}.",
        "field": [_column(name, path, *column) for column in table_features()[table]],
    }


def _column(record_set: str, path: str, column: str, kind: str) -> dict[str, Any]:
    found = {
        "@type": "cr:Field",
        "@id": f"{record_set}/{column}",
        "name": column,
        "source": {"fileObject": {"@id": path}, "extract": {"column": column}},
    }
    if kind != "pairs":
        return found | {"dataType": _TYPES[kind]}
    return found | {
        "repeated": True,
        "subField": [_inner(record_set, path, column, key) for key in ("name", "value")],
    }


def _inner(record_set: str, path: str, column: str, key: str) -> dict[str, Any]:
    return {
        "@type": "cr:Field",
        "@id": f"{record_set}/{column}/{key}",
        "name": key,
        "dataType": "sc:Text",
        "source": {
            "fileObject": {"@id": path},
            "extract": {"column": column},
            "transform": {"jsonPath": key},
        },
    }


def _lines(part: str, path: str, columns: Sequence[tuple[str, str]]) -> dict[str, Any]:
    name = f"records_{part}"
    return {
        "@type": "cr:RecordSet",
        "@id": name,
        "name": name,
        "description": f"Lines of part {part}; entities and events are in the file.",
        "field": [
            {
                "@type": "cr:Field",
                "@id": f"{name}/{key}",
                "name": key,
                "dataType": kind,
                "source": {"fileObject": {"@id": path}, "extract": {"column": key}},
            }
            for key, kind in columns
        ],
    }


def _responsible(facts: CardFacts) -> dict[str, Any]:
    """The fields of the RAI extension; those of which nothing is known are left out."""
    sheet = facts.sheet
    said: dict[str, Any] = {
        "dataCollection": sheet.get("collection", ""),
        "dataCollectionTimeframe": sheet.get("timeframe", ""),
        "dataPreprocessingProtocol": sheet.get("preprocessing", ""),
        "dataAnnotationProtocol": _protocol(facts),
        "dataAnnotationPlatform": "Label Studio, with curation" if facts.blind else "",
        "dataAnnotationAnalysis": _analysis(facts),
        "annotationsPerItem": _readers(facts),
        "annotatorDemographics": sheet.get("demographics", ""),
        "machineAnnotationTools": list(facts.machines),
        "personalSensitiveInformation": sheet.get("sensitive", ""),
        "dataBiases": sheet.get("biases", ""),
        "dataUseCases": sheet.get("uses", ""),
        "dataLimitations": list(_limitations(facts)),
        "dataReleaseMaintenancePlan": sheet.get("maintenance", ""),
    }
    return {f"rai:{key}": value for key, value in said.items() if value}


def _protocol(facts: CardFacts) -> str:
    apart = ", each without sight of the others" if facts.blind else ""
    return (
        f"{facts.annotators} annotators worked by guideline version {facts.guideline} and ontology "
        f"{facts.ontology} {facts.ontology_version}{apart}; differences were adjudicated. "
        "guideline.md has the guideline."
    )


def _analysis(facts: CardFacts) -> list[str]:
    return [
        f"{line.measure} = {line.value:.3f}"
        + (f" (95 % interval {line.ci[0]:.3f} to {line.ci[1]:.3f})" if line.ci else "")
        + f", {line.n_documents} documents"
        for line in facts.agreement
        if line.value is not None
    ]


def _readers(facts: CardFacts) -> str:
    return ", ".join(
        f"{count} documents by {readers}" for readers, count in facts.counts.readers.items()
    )


def _limitations(facts: CardFacts) -> Iterator[str]:
    if facts.sample:
        yield "The annotations are samples, not fit to train or to evaluate a system."
    for line in facts.failed:
        yield f"Released against its gate: {line.condition}; found: {line.found}."
    if facts.waiting:
        yield f"{facts.waiting} documents with open disputes are left out."
    if facts.sheet.get("limitations"):
        yield facts.sheet["limitations"]
