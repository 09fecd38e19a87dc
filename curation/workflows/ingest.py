"""From files to stored Documents: one transaction a file, then near-duplicate clusters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

from curation.adjudication import ADJUDICATOR
from curation.errors import CurationError, InputError
from curation.ingest.near_duplicates import clusters
from curation.ingest.prepare import Prepared, prepare
from curation.ingest.readers import FileResult, ReadOptions, read_files
from curation.ingest.records import RawDocument
from curation.messages import counted
from curation.model import Document
from curation.store import Repository, Store
from curation.workflows.agreement import PEOPLE

__all__ = ["Ingested", "ingest"]


@dataclass(frozen=True)
class Ingested:
    """What a call read: records = new + unchanged + revised + duplicates + refused.

    `unchanged` are here already word for word; `revised` had another text before; `duplicates`
    stood twice in this call. `problems` and `notes` are lines for a person.
    """

    records: int
    new: int
    unchanged: int
    revised: int
    duplicates: int
    refused: int
    skipped: int
    documents: int
    near_duplicates: int
    flagged: int
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The fields by name."""
        return asdict(self)


def ingest(
    store: Store,
    paths: Sequence[Path],
    *,
    languages: Sequence[str],
    at: str,
    stdin: BinaryIO | None = None,
    options: ReadOptions | None = None,
    cut_boilerplate: bool = False,
    dry_run: bool = False,
    source: str | None = None,
    license_name: str | None = None,
) -> Ingested:
    """Read `paths` and `stdin` into the store, each file whole or not at all.

    `source` and `license_name` are for new Documents whose input names none.
    """
    options = options or ReadOptions(languages=tuple(languages))
    tally: Counter[str] = Counter()
    problems: list[str] = []
    notes: list[str] = []
    for found in read_files(paths, stdin=stdin, options=options):
        problems += map(str, found.problems)
        tally["records"] += found.records
        tally["duplicates"] += found.duplicates
        if found.skipped:
            tally["skipped"] += 1
            notes.append(f"{found.skipped.where}: skipped, {found.skipped.reason}")
        if found.annotated:
            notes.append(
                f"{found.where}: {found.annotated} lines have annotations, which were left behind; "
                "this command reads documents only"
            )
        done, errors, said = _file(
            store,
            found,
            languages,
            options=options,
            at=at,
            cut=cut_boilerplate,
            dry_run=dry_run,
            origin=_Origin(source, license_name),
        )
        tally += done
        problems += errors
        notes += said
    with store.transaction() as repo:
        if tally["new"] + tally["revised"] and not dry_run:
            repo.set_clusters(_near_duplicates(repo))
        documents = len(repo.uids())
        near = len(repo.clusters())
    accounted = tally["new"] + tally["unchanged"] + tally["revised"] + tally["duplicates"]
    return Ingested(
        records=tally["records"],
        new=tally["new"],
        unchanged=tally["unchanged"],
        revised=tally["revised"],
        duplicates=tally["duplicates"],
        refused=tally["records"] - accounted,
        skipped=tally["skipped"],
        documents=documents,
        near_duplicates=near,
        flagged=tally["flagged"],
        problems=tuple(problems),
        notes=tuple(notes),
    )


def _near_duplicates(repo: Repository) -> dict[str, str]:
    """Cluster by uid, of Documents that have a near-duplicate."""
    found = clusters((d.uid, d.text) for d in repo.documents())
    sizes = Counter(found.values())
    return {uid: cluster for uid, cluster in found.items() if sizes[cluster] > 1}


_SAID = (*PEOPLE, ADJUDICATOR, "gold")


@dataclass(frozen=True)
class _Origin:
    """What is true of every Document of a call that does not say otherwise."""

    source: str | None
    license_name: str | None

    def of(self, document: Document) -> Document:
        """The Document with this source and licence where it has none."""
        meta = dict(document.meta)
        if self.license_name and not {"license", "licence"} & meta.keys():
            meta["license"] = self.license_name
        return document.model_copy(update={"source": document.source or self.source, "meta": meta})


class _DryRun(CurationError):
    """Ends a transaction that must leave nothing."""


def _file(
    store: Store,
    found: FileResult,
    languages: Sequence[str],
    *,
    options: ReadOptions,
    at: str,
    cut: bool,
    dry_run: bool,
    origin: _Origin,
) -> tuple[Counter[str], list[str], list[str]]:
    """One file in one transaction: counts, problems, notes."""
    tally: Counter[str] = Counter()
    errors: list[str] = []
    notes: list[str] = []
    try:
        with store.transaction(alone=not dry_run) as repo:
            for raw in found.documents():
                made = prepare(
                    raw,
                    languages=languages,
                    cut_boilerplate=cut,
                    limit_bytes=options.limit_bytes,
                )
                if isinstance(made, InputError):
                    errors.append(str(made))
                    continue
                notes += [f"{raw.where}: {note}" for note in made.notes]
                before = repo.document(made.document.uid)
                notes += _superseded(repo, before, made.document)
                tally[_add(repo, raw, made, origin, at, new=before is None)] += 1
                tally["flagged"] += bool(made.document.meta.get("flags"))
            if errors and not options.keep_good:
                raise InputError("; ".join(errors))
            if dry_run:
                raise _DryRun
    except _DryRun:
        return tally, errors, notes
    except InputError as error:
        return Counter(), errors or [str(error)], notes
    return tally, errors, notes


def _superseded(repo: Repository, before: Document | None, document: Document) -> Iterator[str]:
    """What people said of another text under this uid, which does not count any more."""
    if before is None or before.sha256 == document.sha256:
        return
    kinds = [s.kind for s in repo.annotation_sets(*_SAID, uids=[document.uid])]
    if not kinds:
        return
    said = counted(sum(kind != "gold" for kind in kinds), "annotation set")
    gold = " and its gold" if "gold" in kinds else ""
    yield (
        f"{document.uid}: another text than before; kept with the older revision, and not counted "
        f"any more: {said}{gold}"
    )


def _add(
    repo: Repository, raw: RawDocument, made: Prepared, origin: _Origin, at: str, *, new: bool
) -> str:
    """Store a Document; the same text under a uid it has from its file name stays one Document."""
    document = origin.of(made.document)
    if new and _named_by_file(raw):
        known = repo.uid_of_text(document.sha256)
        if known is not None:
            return "unchanged"
    change, _ = repo.add_document(document, offset_map=made.offset_map.to_json(), at=at)
    return change


def _named_by_file(raw: RawDocument) -> bool:
    """Whether the uid is only a file's place, which may be given differently next time."""
    return Path(raw.where).suffix == ".txt"
