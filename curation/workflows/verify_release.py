"""Does a release hold what it says: checksums, every format, and every number in its papers.

What a release says of itself is made again from its data and compared, line by line: a number that
was changed is found even where the checksums were made to fit.
"""

from __future__ import annotations

import difflib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from curation import __version__
from curation.errors import CurationError, InputError
from curation.formats.certified import certificate_path
from curation.formats.checksums import verify_checksums
from curation.formats.order import place
from curation.formats.registry import exporter
from curation.formats.release_facts import CardFacts, SourceFacts, count_for_card, said_to
from curation.formats.tables import SHARED
from curation.messages import shown
from curation.model import AnnotationSet, Record
from curation.workflows.release_build import agreement_lines, described, lines_format
from curation.workflows.release_content import every_record, measure_said
from curation.workflows.release_folder import (
    MANIFEST,
    ReleaseFolder,
    lines_of,
    read_json,
    read_lines,
    read_release,
)
from curation.workflows.release_leakage import leakage_facts, leakage_json
from curation.workflows.verify import Verified, verify_export
from curation.workflows.verify_items import other_items, unlike

__all__ = ["verify_release"]

_WHOLE = ("csv", "brat", "cas-json", "cas-xmi")
"""Formats that carry everything, a folder for each part."""

_OF_SHAPE = (KeyError, TypeError, ValueError, AttributeError)
"""What reading a file gives that has other keys or types than it was written with."""

_SHOWN = 5
"""Lines of a file that are told where it says something else."""


def verify_release(folder: Path) -> Verified:
    """Everything that does not hold of the release in `folder`.

    Raises InputError where it is no release at all.
    """
    problems = verify_checksums(folder)
    checked = Counter(files=len((folder / "SHA256SUMS").read_bytes().splitlines()))
    try:
        found = read_release(folder)
        said = _said(found)
    except (CurationError, *_OF_SHAPE) as error:
        return Verified(str(folder), "release", dict(checked), (*problems, str(error)))
    check = _Check(folder, found, said)
    for group in check.groups:
        try:
            problems += list(group())
        except CurationError as error:
            problems.append(str(error))
        except _OF_SHAPE as error:
            # Its files are from outside: one with other keys or types is no reason to stop.
            what = f"{type(error).__name__}: {error}"
            problems.append(f"{group.__name__}: a file has not the shape it had ({what})")
    return Verified(str(folder), "release", dict(checked + check.checked), tuple(problems))


def _said(found: ReleaseFolder) -> dict[str, Any]:
    where = str(found.path / MANIFEST)
    if not found.manifest:
        raise InputError("is missing", where=where, hint="an older program made this release")
    try:
        return said_to(found.manifest["said"])
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"is not a manifest: {error}", where=where) from error


@dataclass
class _Check:
    """The checks of one release; `checked` counts what was looked at."""

    folder: Path
    found: ReleaseFolder
    said: Mapping[str, Any]

    def __post_init__(self) -> None:
        self.checked: Counter[str] = Counter(documents=len(every_record(self.found.parts)))

    @property
    def groups(self) -> tuple[Callable[[], Iterator[str]], ...]:
        """All of them."""
        return (
            *(self.formats, self.annotators, self.parts, self.tombstones),
            *(self.agreement, self.leakage, self.papers),
        )

    def formats(self) -> Iterator[str]:
        """Each format read back against its certificate; complete ones against each other."""
        for name in self.said["formats"]:
            for part, records in self.found.parts.items():
                yield from self._format(name, part, records)

    def _format(self, name: str, part: str, records: list[Record]) -> Iterator[str]:
        chosen = exporter(name)
        data = self.folder / part
        if chosen.parts is None:
            data = self.folder / name / f"{part}{chosen.suffix}"
        where = data.relative_to(self.folder).as_posix()
        documents = {r.document.uid: r.document for r in records}
        try:
            verified = verify_export(
                data, lambda: documents, lambda found, lost: other_items(found, records, lost)
            )
        except CurationError as error:
            yield f"{where}: {error}"
            return
        self.checked["exports"] += 1
        yield from (f"{name} {place(where)}: {problem}" for problem in verified.problems)
        if chosen.parts is not None and not verified.problems:
            yield from self._same(where, chosen.parts.read(self.folder, part), records)
        elif name in _WHOLE and not verified.problems:
            yield from self._same(where, chosen.read(data, {}), records)

    def _same(self, where: str, found: list[Record], records: list[Record]) -> Iterator[str]:
        yield from (f"{place(where)}: {problem}" for problem in unlike(found, records))

    def annotators(self) -> Iterator[str]:
        """What annotators said: as lines and tables, each by its certificate, both the same."""
        lines, tables = exporter(lines_format(self.said["stand_off"])), exporter("parquet").parts
        folder = self.folder / SHARED
        for part, records in self._shared().items() if self.said["shared_sets"] else ():
            if not records:
                continue
            yield from self._exported(folder / f"{part}{lines.suffix}")
            if tables is not None and "parquet" in self.said["formats"]:
                yield from self._exported(folder / part)
                yield from self._same(f"{SHARED}/{part}", tables.read(folder, part), records)

    def _exported(self, data: Path) -> Iterator[str]:
        verified = verify_export(data)
        self.checked["exports"] += 1
        where = data.relative_to(self.folder).as_posix()
        yield from (f"{place(where)}: {problem}" for problem in verified.problems)

    def parts(self) -> Iterator[str]:
        """No Document, text or group in two parts, and splits.json says where each is."""
        manifest = read_json(self.folder / "splits.json")
        rows = [(part, row) for part, members in manifest.items() for row in members]
        for key in ("uid", "sha256", "group", "cluster"):
            yield from _straddling(rows, key)
        stated = {(part, row["uid"], row["sha256"]) for part, row in rows}
        there = {
            (part, r.document.uid, self.found.hashes.get(r.document.uid, ""))
            for part, records in self.found.parts.items()
            for r in records
        }
        for part, uid, _ in sorted(stated ^ there):
            yield f"splits.json: {place(uid)} in {part}: the data say something else"
        yield from self._readers(rows)

    def _readers(self, rows: list[tuple[str, Any]]) -> Iterator[str]:
        """How many annotators each Document had, where gold says who they were."""
        if self.said["stand_off"]:
            return
        counted = {
            r.document.uid: len(r.annotations.provenance.get("annotators", ()))
            for r in every_record(self.found.parts)
            if r.annotations is not None
        }
        for _, row in rows:
            if row["uid"] in counted and row["annotators"] != counted[row["uid"]]:
                said = shown(str(row["annotators"]))
                yield (
                    f"splits.json: {place(row['uid'])}: annotators {said}, "
                    f"the data say {counted[row['uid']]}"
                )

    def tombstones(self) -> Iterator[str]:
        """What was withdrawn is not in the data, and says from where and why."""
        there = {r.document.uid for r in every_record(self.found.parts)}
        for stone in read_json(self.folder / "tombstones.json"):
            if not all(isinstance(stone[key], str) for key in ("uid", "part", "reason")):
                raise TypeError("tombstones.json")
            if stone["uid"] in there:
                yield f"tombstones.json: {place(stone['uid'])} was withdrawn, and is in the data"

    def agreement(self) -> Iterator[str]:
        """The measures again, where what annotators said is in the release."""
        if not self.said["shared_sets"]:
            return
        stated = read_json(self.folder / "agreement.json")["measures"]
        sets = self._annotators()
        documents = {r.document.uid: r.document for r in every_record(self.found.parts)}
        again = measure_said(documents, sets, self._clusters(), {m["name"] for m in stated})
        made = {_key(m): m for m in json.loads(json.dumps(again.to_json()["measures"]))}
        for measure in stated:
            self.checked["measures"] += 1
            if made.get(_key(measure)) != measure:
                yield f"agreement.json: {measure['name']} {measure['slice']}: comes to other values"

    def _annotators(self) -> list[AnnotationSet]:
        return [
            record.annotations
            for records in self._shared().values()
            for record in records
            if record.annotations is not None
        ]

    def _shared(self) -> dict[str, list[Record]]:
        """What annotators said, by part; a part of which nobody said anything has no file."""
        stand_off = self.said["stand_off"]
        files = {
            part: lines_of(self.folder / SHARED, part, stand_off=stand_off)
            for part in self.found.parts
        }
        return {
            part: read_lines(file, stand_off=stand_off) if file.is_file() else []
            for part, file in files.items()
        }

    def _clusters(self) -> dict[str, str]:
        manifest = read_json(self.folder / "splits.json")
        rows = (row for members in manifest.values() for row in members)
        return {row["uid"]: row["cluster"] for row in rows if row["cluster"]}

    def leakage(self) -> Iterator[str]:
        """The certificate of leakage, made again from the released texts, where these are there."""
        stated = self._leaked()
        if self.said["stand_off"]:
            return
        threshold = stated.get("threshold")
        again = leakage_json(self.found.parts, self._clusters(), threshold=threshold)
        self.checked["leakage"] += 1
        for key in sorted(again.keys() | stated.keys()):
            if again.get(key) != stated.get(key):
                yield f"leakage.json: {key}: the texts come to something else"

    def _leaked(self) -> dict[str, Any]:
        found = read_json(self.folder / "leakage.json")
        return found if isinstance(found, dict) else {}

    def papers(self) -> Iterator[str]:
        """Card, Croissant, datasheet, licences, citation and manifest, made again."""
        losses = self._losses()
        if losses != read_json(self.folder / "losses.json"):
            yield "losses.json: the certificates come to something else"
        facts = self._facts(losses)
        same = self.found.manifest.get("curation") == __version__
        for name, expected in described(self.folder, facts).items():
            self.checked["papers"] += 1
            yield from _otherwise(self.folder / name, expected, whole=same)

    def _losses(self) -> dict[str, dict[str, int]]:
        found: dict[str, dict[str, int]] = {}
        for name in self.said["formats"]:
            chosen = exporter(name)
            counted: Counter[str] = Counter()
            for part in self.found.parts:
                inside = self.folder / name / f"{part}{chosen.suffix}"
                data = inside if chosen.parts is None else self.folder / part
                counted.update(read_json(certificate_path(data))["by_reason"])
            found[name] = dict(sorted(counted.items()))
        return found

    def _facts(self, losses: Mapping[str, Mapping[str, int]]) -> CardFacts:
        """What was said, with all that can be counted counted again."""
        ontology = self.found.ontology
        manifest = read_json(self.folder / "splits.json")
        seeds = {row["seed"] for members in manifest.values() for row in members}
        agreement = read_json(self.folder / "agreement.json")["measures"]
        facts = CardFacts(
            **self.said,
            counts=count_for_card(
                self.found.parts,
                self._shared() if self.said["shared_sets"] else None,
                _readers(manifest) if self.said["stand_off"] else None,
            ),
            agreement=agreement_lines(agreement),
            losses=losses,
            leakage=leakage_facts(self._leaked()),
        )
        if ontology is not None:
            facts = replace(
                facts,
                ontology=ontology.name,
                ontology_version=ontology.version,
                guideline=ontology.guideline,
            )
        if not facts.stand_off:  # which may withhold the name of a source
            recounted = tuple(_recounted(facts.sources, every_record(self.found.parts)))
            facts = replace(facts, sources=recounted)
        return replace(facts, split_seed=seeds.pop() if len(seeds) == 1 else None)


def _readers(manifest: Mapping[str, Any]) -> list[int]:
    rows = [row for members in manifest.values() for row in members]
    return [row["annotators"] for row in rows if row["annotators"]]


def _key(measure: Mapping[str, Any]) -> tuple[str, str]:
    return measure["name"], json.dumps(measure["slice"], sort_keys=True)


def _recounted(sources: tuple[SourceFacts, ...], records: list[Record]) -> Iterator[SourceFacts]:
    """Each source with as many Documents as there are; one with several terms as it was said."""
    names = Counter(r.document.source or "not named" for r in records)
    often = Counter(source.name for source in sources)
    for source in sources:
        if often[source.name] == 1:
            yield replace(source, documents=names[source.name])
        else:
            yield source


def _straddling(rows: list[tuple[str, Any]], key: str) -> Iterator[str]:
    parts: dict[str, set[str]] = {}
    for part, row in rows:
        if row[key]:
            parts.setdefault(row[key], set()).add(part)
    for value, found in sorted(parts.items()):
        if len(found) > 1:
            yield f"splits.json: {key} {shown(value)} is in {' and '.join(sorted(found))}"


def _otherwise(path: Path, expected: str, *, whole: bool) -> Iterator[str]:
    """Where a file says something else than the data come to.

    Of a release that another version of this program made only rows of tables are compared: it may
    have put things in other words.
    """
    try:
        found = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        yield f"{path.name}: cannot be read: {error}"
        return
    wanted = expected.split("\n")
    if not whole:
        rows = [line for line in wanted if line.startswith("|")]
        wrong = [("", row) for row in rows if row not in found] if path.name == "README.md" else []
    else:
        wrong = list(_other_lines(found, wanted))
    for said, counted in wrong[:_SHOWN]:
        yield f"{path.name}: says {_told(said)}, the data come to {_told(counted)}"
    if len(wrong) > _SHOWN:
        yield f"{path.name}: and {len(wrong) - _SHOWN} more lines"


def _told(line: str) -> str:
    return shown(line) if line.strip() else "nothing"


def _other_lines(found: list[str], wanted: list[str]) -> Iterator[tuple[str, str]]:
    """(what stands there, what should) of each line that differs."""
    matcher = difflib.SequenceMatcher(None, found, wanted, autojunk=False)
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag != "equal":
            yield from _side_by_side(found[a:b], wanted[c:d])


def _side_by_side(found: list[str], wanted: list[str]) -> Iterator[tuple[str, str]]:
    for i in range(max(len(found), len(wanted))):
        said = found[i] if i < len(found) else ""
        yield said, wanted[i] if i < len(wanted) else ""
