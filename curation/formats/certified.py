"""An export and its loss certificate: both are put in place when both are whole.

The certificate stands beside the data, as NAME.losses.json:

    format, policy    what was written, and what was done with spans off token borders
    sha256            of the file; of a folder, that of the lines of `sha256sum` over its files
    documents         how many Documents went in
    spans_in, spans_out, dropped, by_reason, losses     as in `LossCertificate`
    sets              [{"uid", "annotator", "spans_in", "spans_out"}]: the same sum for every set;
                      a Document that nobody has seen has null for the annotator
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from curation.errors import InputError
from curation.formats.alignment import AlignmentPolicy
from curation.formats.checksums import file_sha256
from curation.formats.files import placed, write_lines
from curation.formats.losses import DROPPED, LossCertificate, spans_of
from curation.formats.order import noted
from curation.formats.registry import Exporter
from curation.model import Record

__all__ = [
    "SUFFIX",
    "Certified",
    "certificate_lines",
    "certificate_path",
    "certify",
    "certify_part",
    "data_sha256",
    "hold_free",
]

SUFFIX = ".losses.json"
"""What the name of a certificate has more than that of its data."""

SetKey = tuple[str, str | None]


@dataclass(frozen=True)
class Certified:
    """A loss certificate with what it is about."""

    certificate: LossCertificate
    policy: AlignmentPolicy
    sha256: str
    documents: int
    sets: Mapping[SetKey, int] = field(default_factory=dict, repr=False)
    """Spans that went in, by (uid, annotator)."""

    def to_json(self, *, sets: bool = True) -> dict[str, Any]:
        """The certificate as one JSON-able object; without the sums of every set on request."""
        said = self.certificate.to_json()
        name = said.pop("format")
        head = {"format": name, "policy": self.policy, "sha256": self.sha256}
        data = {**head, "documents": self.documents, **said}
        return {**data, "sets": self._sums()} if sets else data

    def _sums(self) -> list[dict[str, Any]]:
        gone = Counter(
            (loss.uid, loss.annotator or None)
            for loss in self.certificate.losses
            if loss.reason in DROPPED
        )
        return [
            {"uid": key[0], "annotator": key[1], "spans_in": n, "spans_out": n - gone[key]}
            for key, n in self.sets.items()
        ]


def certificate_path(data: Path) -> Path:
    """Where the certificate of an export stands."""
    return data.with_name(data.name + SUFFIX)


def certify(
    exporter: Exporter, records: Iterable[Record], destination: Path, policy: AlignmentPolicy
) -> Certified:
    """Write `destination` and its certificate beside it.

    Raises InputError, and leaves everything as it was, where the records do not fit the format or
    `destination` is a folder that no export made.
    """
    hold_free(destination)
    with placed(destination) as building:
        counting = _Counting(records)
        certificate = exporter.export(counting.records, building, policy)
        made = Certified(
            certificate, policy, data_sha256(building), counting.documents, counting.sets
        )
        _write(certificate_path(building), made)
    return made


def certify_part(
    exporter: Exporter,
    records: Iterable[Record],
    folder: Path,
    part: str,
    policy: AlignmentPolicy,
) -> Certified:
    """Write one part into a folder of parts: PART.suffix, PART/, or where its loader looks for it.

    The certificate is PART.losses.json or PART.suffix.losses.json, in `folder`.
    """
    if exporter.parts is None:
        return certify(exporter, records, folder / f"{part}{exporter.suffix}", policy)
    counting = _Counting(records)
    certificate = exporter.parts.export(counting.records, folder, part)
    digest = data_sha256(folder, exporter.parts.files(folder, part))
    made = Certified(certificate, policy, digest, counting.documents, counting.sets)
    _write(certificate_path(folder / part), made)
    return made


def _write(path: Path, made: Certified) -> None:
    write_lines(path, certificate_lines(made.to_json()))


def certificate_lines(said: Mapping[str, Any]) -> Iterator[str]:
    """A certificate as JSON that is read by people too: a line for each loss, and for each set."""
    lists = [key for key, value in said.items() if isinstance(value, list)]
    head = {key: value for key, value in said.items() if key not in lists}
    yield json.dumps(head, ensure_ascii=False, indent=1).removesuffix("\n}") + ","
    for key in lists:
        rows = [json.dumps(row, ensure_ascii=False) for row in said[key]]
        end = "" if key == lists[-1] else ","
        yield f' "{key}": [{"".join(f"{chr(10)}  {row}," for row in rows).removesuffix(",")}]{end}'
    yield "}"


class _Counting:
    """Tells of records that pass by how many Documents, sets and spans they were."""

    def __init__(self, records: Iterable[Record]) -> None:
        self._spans: dict[SetKey, int] = {}
        self.records = noted(records, self._note)

    def _note(self, record: Record) -> None:
        said = record.annotations
        key = (record.document.uid, None if said is None else said.annotator)
        self._spans[key] = spans_of(record)

    @property
    def documents(self) -> int:
        return len({uid for uid, _ in self._spans})

    @property
    def sets(self) -> dict[SetKey, int]:
        return dict(sorted(self._spans.items(), key=lambda item: (item[0][0], item[0][1] or "")))


def hold_free(destination: Path) -> None:
    """Raises InputError where something stands that no export made: it would be lost."""
    if not destination.exists() or certificate_path(destination).is_file():
        return
    if destination.is_file():
        raise InputError(
            "is a file that no export made",
            where=str(destination),
            hint="name another file, or remove this one",
        )
    if not destination.is_dir():
        return  # a device or a pipe: refused where it would be written
    inside = [path.name for path in destination.iterdir()]
    if inside and not any(name.endswith(SUFFIX) for name in inside):
        raise InputError(
            "is a folder with something else in it",
            where=str(destination),
            hint="name a new folder, or remove this one",
        )


def data_sha256(path: Path, files: Sequence[Path] | None = None) -> str:
    """Hex SHA-256 of a file; of a folder, over the lines `HASH  PATH` of `files`, else of all.

    Raises InputError where something cannot be read.
    """
    if not path.is_dir():
        return file_sha256(path)
    chosen = [p for p in path.rglob("*") if p.is_file()] if files is None else files
    named = sorted((file.relative_to(path).as_posix(), file) for file in chosen)
    lines = "".join(f"{file_sha256(file)}  {name}\n" for name, file in named)
    return hashlib.sha256(lines.encode(errors="surrogateescape")).hexdigest()
