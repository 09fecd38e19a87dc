"""Reading and writing within one transaction; `Store.transaction()` hands out a Repository."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import inspect, text, update
from sqlmodel import SQLModel, col, select

from curation.model import AnnotationSet, Document
from curation.store import mapping
from curation.store.counting import current_sets
from curation.store.findings import FindingRepository
from curation.store.gold import SET_COLUMNS, Change, GoldRepository
from curation.store.pushing import CHUNK, parted
from curation.store.records import ReleaseRecord
from curation.store.remote import document_id
from curation.store.splitting import SplitRepository
from curation.store.tables import (
    AnnotationSetRow,
    DocumentRow,
    ReleaseRow,
)

__all__ = ["Change", "Repository"]


class Repository(GoldRepository, FindingRepository, SplitRepository):
    """All reads and writes of one unit of work. Nothing is kept before the transaction ends."""

    # Documents

    def add_document(
        self, document: Document, *, offset_map: list[Any], at: str
    ) -> tuple[Change, Document]:
        """Store a Document: new, unchanged, or a new revision beside the older ones."""
        row = self._current_row(document.uid)
        if row is None:
            self._session.add(
                mapping.document_to_row(document, offset_map=offset_map, ingested_at=at)
            )
            self._session.flush()
            return "new", document
        if row.sha256 == document.sha256:
            return "unchanged", mapping.row_to_document(row)
        row.current = False
        self._session.add(row)
        self._session.flush()
        revised = document.model_copy(update={"revision": row.revision + 1})
        self._session.add(mapping.document_to_row(revised, offset_map=offset_map, ingested_at=at))
        self._session.flush()
        return "revised", revised

    def _current_row(self, uid: str) -> DocumentRow | None:
        query = select(DocumentRow).where(DocumentRow.uid == uid, col(DocumentRow.current))
        return self._session.exec(query).first()

    def documents(self, uids: Iterable[str] | None = None) -> Iterator[Document]:
        """Current revisions in uid order; all, or those of `uids`."""
        query = select(DocumentRow).where(col(DocumentRow.current)).order_by(DocumentRow.uid)
        for part in parted(query, uids):
            for row in self._session.exec(part.execution_options(yield_per=CHUNK)):
                yield mapping.row_to_document(row)

    def document(self, uid: str, revision: int | None = None) -> Document | None:
        """One Document: its current or the given revision."""
        if revision is not None and (uid, revision) in self._documents:
            return self._documents[uid, revision]
        query = select(DocumentRow).where(DocumentRow.uid == uid)
        if revision is None:
            query = query.where(col(DocumentRow.current))
        else:
            query = query.where(DocumentRow.revision == revision)
        row = self._session.exec(query).first()
        return mapping.row_to_document(row) if row else None

    def uids(self) -> list[str]:
        """The uids of all Documents, sorted."""
        query = select(DocumentRow.uid).where(col(DocumentRow.current)).order_by(DocumentRow.uid)
        return list(self._session.exec(query))

    def languages(self) -> dict[str, str]:
        """Language by uid."""
        query = select(DocumentRow.uid, DocumentRow.language).where(col(DocumentRow.current))
        return dict(self._session.exec(query).all())

    def uid_of_text(self, sha256: str) -> str | None:
        """The uid whose current text has that hash, if any."""
        query = select(DocumentRow.uid).where(
            DocumentRow.sha256 == sha256, col(DocumentRow.current)
        )
        return self._session.exec(query.order_by(DocumentRow.uid)).first()

    def clusters(self) -> dict[str, str]:
        """Near-duplicate cluster by uid, of the Documents that are in one."""
        query = select(DocumentRow.uid, DocumentRow.cluster).where(
            col(DocumentRow.current), col(DocumentRow.cluster).is_not(None)
        )
        return {uid: cluster for uid, cluster in self._session.exec(query) if cluster}

    def set_clusters(self, clusters: Mapping[str, str]) -> None:
        """Replace the near-duplicate clusters of all Documents."""
        rows = self._session.exec(select(DocumentRow).where(col(DocumentRow.current)))
        for row in rows:
            wanted = clusters.get(row.uid)
            if row.cluster != wanted:
                row.cluster = wanted
                self._session.add(row)

    # AnnotationSets

    def save_annotations(
        self,
        annotations: AnnotationSet,
        *,
        at: str,
        revision: int | None = None,
        payload_id: int | None = None,
    ) -> Change:
        """Store what an annotator says about a Document; an older saying of theirs is kept.

        Raises KeyError where the Document is not here.
        """
        row_id = document_id(self._session, annotations.uid, revision)
        body = mapping.annotations_body(annotations)
        older = self._current_set(row_id, annotations.annotator, annotations.kind)
        same = older and older.body == body and older.provenance == dict(annotations.provenance)
        if same:
            return "unchanged"
        self._append_set(
            annotations, older, document=row_id, body=body, payload_id=payload_id, at=at
        )
        return "revised" if older else "new"

    def annotation_sets(
        self, *kinds: str, annotator: str | None = None, uids: Iterable[str] | None = None
    ) -> Iterator[AnnotationSet]:
        """Current sets on current revisions, by uid, then annotator."""
        row = AnnotationSetRow
        query = current_sets(kinds, *SET_COLUMNS)
        if annotator is not None:
            query = query.where(col(row.annotator) == annotator)
        for part in parted(query, uids):
            for found in self._session.execute(part.execution_options(yield_per=CHUNK)):
                yield mapping.row_to_annotations(*found)

    def annotated(self, kind: str) -> dict[str, str]:
        """By uid: the annotator of the current set of `kind` (the last one by name)."""
        query = (
            select(DocumentRow.uid, AnnotationSetRow.annotator)
            .join(DocumentRow, col(AnnotationSetRow.document_id) == col(DocumentRow.id))
            .where(
                AnnotationSetRow.kind == kind,
                col(AnnotationSetRow.current),
                col(DocumentRow.current),
            )
            .order_by(AnnotationSetRow.annotator)
        )
        return dict(self._session.exec(query).all())

    def retire_predictions(self, uid: str, *, keep: str) -> None:
        """Take `current` from the predictions for a Document by every pipeline but `keep`."""
        statement = (
            update(AnnotationSetRow)
            .where(col(AnnotationSetRow.document_id) == document_id(self._session, uid, None))
            .where(col(AnnotationSetRow.kind) == "model", col(AnnotationSetRow.current))
            .where(col(AnnotationSetRow.annotator) != keep)
            .values(current=False)
        )
        self._session.execute(statement)

    def integrity_problems(self) -> list[str]:
        """Tables that are missing, and what SQLite's own check finds wrong with its file."""
        bind = self._session.connection()
        missing = sorted(set(SQLModel.metadata.tables) - set(inspect(bind).get_table_names()))
        problems = [f"no table {name}" for name in missing]
        if bind.dialect.name != "sqlite":
            return problems
        found = self._session.execute(text("PRAGMA quick_check")).scalars()
        return [*problems, *(line for line in found if line != "ok")]

    # Releases

    def releases(self) -> list[ReleaseRecord]:
        """All releases, oldest first."""
        rows = self._session.exec(select(ReleaseRow).order_by(ReleaseRow.created_at))
        return [ReleaseRecord(r.version, r.path, r.sha256, r.documents, r.created_at) for r in rows]

    def add_release(self, release: ReleaseRecord) -> None:
        """Remember a release."""
        self._session.add(
            ReleaseRow(
                version=release.version,
                path=release.path,
                sha256=release.sha256,
                documents=release.documents,
                created_at=release.created_at,
            )
        )
