"""Writing the files of a release into an empty folder."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from curation import __version__
from curation.agreement.report import AgreementReport
from curation.changes import Changes
from curation.formats.alignment import AlignmentPolicy
from curation.formats.card import render_card
from curation.formats.certified import SUFFIX, certify_part
from curation.formats.changelog import changelog
from curation.formats.checksums import file_sha256, write_checksums
from curation.formats.citation import citation_file
from curation.formats.croissant import FileFacts, croissant_text
from curation.formats.datasheet import datasheet, guideline, licence_notice
from curation.formats.files import write_bytes
from curation.formats.registry import exporter
from curation.formats.release_facts import AgreementLine, CardFacts, said_of
from curation.formats.tables import SHARED
from curation.model import Record
from curation.ontology import parse_ontology
from curation.report.render import render_report
from curation.workflows.release_content import Content, shared_records
from curation.workflows.release_folder import MANIFEST
from curation.workflows.release_page import agreement_page

__all__ = [
    "Extras",
    "agreement_lines",
    "data_files",
    "described",
    "lines_format",
    "write_data",
    "write_release",
]


@dataclass(frozen=True)
class Extras:
    """What else a release is made from: measured, checked and compared before it is written.

    `leakage` is the certificate as JSON. `changes` is what changed since the release before,
    `earlier` the CHANGELOG of that.
    """

    report: AgreementReport
    leakage: Mapping[str, Any]
    changes: Changes | None = None
    earlier: str = ""


def agreement_lines(measures: Iterable[Mapping[str, Any]]) -> tuple[AgreementLine, ...]:
    """The lines of the card, from agreement.json: measures over everything."""
    return tuple(
        AgreementLine(
            m["name"],
            m["value"],
            None if m["ci"] is None else (m["ci"][0], m["ci"][1]),
            m["n_documents"],
            m["n_items"],
            m["reason"],
        )
        for m in measures
        if not m["slice"]
    )


def write_data(
    folder: Path, content: Content, facts: CardFacts, policy: AlignmentPolicy
) -> dict[str, dict[str, int]]:
    """The data in every format and part, with their certificates; losses by format and reason."""
    losses: dict[str, dict[str, int]] = {}
    for name in facts.formats:
        losses[name] = _write_format(folder, name, content.parts, policy)
    if facts.shared_sets:
        _write_annotators(folder / SHARED, content, facts)
    return losses


def _write_format(
    folder: Path, name: str, parts: Mapping[str, Sequence[Record]], policy: AlignmentPolicy
) -> dict[str, int]:
    chosen = exporter(name)
    counted: Counter[str] = Counter()
    # Tables lie where loaders look for them, from the top of the folder on.
    place = folder if chosen.parts is not None else folder / name
    for part, records in parts.items():
        made = certify_part(chosen, records, place, part, policy)
        counted.update(made.certificate.by_reason)
    return dict(sorted(counted.items()))


def _write_annotators(folder: Path, content: Content, facts: CardFacts) -> None:
    """What people said of the released Documents: as lines, and as tables where gold has them."""
    names = (lines_format(facts.stand_off), *(n for n in facts.formats if n == "parquet"))
    for part, records in shared_records(content).items():
        for name in names if records else ():
            certify_part(exporter(name), records, folder, part, "expand")


def lines_format(stand_off: bool) -> str:
    """The format that is one line for a set: with the text, or without."""
    return "standoff" if stand_off else "jsonl"


def write_release(folder: Path, content: Content, facts: CardFacts, extras: Extras) -> str:
    """Everything besides the data, which lie there already, and SHA256SUMS, whose text it gives."""
    report = extras.report.to_json() | {"seed": extras.report.seed}
    _write_json(folder / "agreement.json", report)
    _write_json(folder / "splits.json", _split_manifest(content))
    _write_json(folder / "decisions.json", list(content.decisions))
    _write_json(folder / "losses.json", facts.losses)
    _write_json(folder / "leakage.json", extras.leakage)
    _write_json(folder / "tombstones.json", list(content.tombstones))
    page = agreement_page(content, facts, extras.report)
    write_bytes(folder / "agreement.html", render_report(page).encode())
    write_bytes(folder / "ontology.toml", content.ontology)
    ontology = parse_ontology(content.ontology.decode("utf-8-sig"), where="ontology.toml")
    write_bytes(folder / "guideline.md", content.guideline or guideline(ontology).encode())
    changes = changelog(facts.version, facts.previous, extras.changes, extras.earlier)
    write_bytes(folder / "CHANGELOG.md", changes.encode())
    for name, text in described(folder, facts).items():
        write_bytes(folder / name, text.encode())
    return write_checksums(folder)


def described(folder: Path, facts: CardFacts) -> dict[str, str]:
    """The files that are views of the facts, by name, of the data in `folder`."""
    manifest = {
        "curation": __version__,
        "version": facts.version,
        "parts": [part.name for part in facts.counts.parts],
        "said": said_of(facts),
    }
    return {
        "README.md": render_card(facts),
        "datasheet.md": datasheet(facts),
        "CITATION.cff": citation_file(facts),
        "LICENSE": licence_notice(facts),
        "croissant.json": croissant_text(facts, list(data_files(folder, facts))),
        MANIFEST: _json_text(manifest),
    }


def data_files(folder: Path, facts: CardFacts) -> Iterator[FileFacts]:
    """The files of data in a release, without their certificates."""
    for name in sorted({*facts.formats, "data", SHARED}):
        for path in sorted((folder / name).rglob("*")):
            if path.is_file() and not path.name.endswith(SUFFIX):
                where = path.relative_to(folder).as_posix()
                yield FileFacts(where, file_sha256(path), path.stat().st_size)


def _write_json(path: Path, data: Any) -> None:
    write_bytes(path, _json_text(data).encode())


def _json_text(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _split_manifest(content: Content) -> dict[str, Any]:
    return {part: [_placed(content, r) for r in rs] for part, rs in content.parts.items()}


def _placed(content: Content, record: Record) -> dict[str, Any]:
    document, gold = record.document, record.annotations
    where = content.splits[document.uid]
    readers = [] if gold is None else gold.provenance.get("annotators", [])
    return {
        "annotators": len(readers),
        "uid": document.uid,
        "sha256": document.sha256,
        "group": where.group,
        "seed": where.seed,
        "cluster": content.clusters.get(document.uid),
    }
