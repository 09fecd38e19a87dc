"""Gold sets with their decisions, and what sets were in force at a time: a part of a Repository.

Gold is append-only. Thousands of Documents have hundreds of thousands of decisions: they are
compared and written many Documents at a time, by statements of their own.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Literal

from sqlalchemy import Text, column, func, insert, or_, select, table, type_coerce
from sqlalchemy.orm import aliased
from sqlmodel import col

from curation.model import AnnotationSet
from curation.store import mapping
from curation.store.counting import current_sets, set_query
from curation.store.pulling import CurrentSet
from curation.store.pushing import CHUNK, PushRepository, parted
from curation.store.records import DecisionRecord, GoldRecord, StoredDecision
from curation.store.tables import AnnotationSetRow, DecisionRow, DocumentRow

__all__ = ["SET_COLUMNS", "Change", "GoldRepository", "gold_record"]

SET_COLUMNS = (
    AnnotationSetRow.annotator,
    AnnotationSetRow.kind,
    AnnotationSetRow.body,
    AnnotationSetRow.provenance,
)
"""What `mapping.row_to_annotations` takes after the uid."""

Change = Literal["new", "unchanged", "revised"]

_FIELDS = ("layer", "status", "item_id", "rule", "body")
_ADD_DECISION = insert(table("decision", *map(column, ("set_id", *_FIELDS, "since"))))
"""With the body as JSON text."""


class GoldRepository(PushRepository):
    """What adjudication writes, and what it made at an earlier time."""

    def save_gold(self, made: Sequence[GoldRecord], *, at: str) -> list[Change]:
        """Store gold sets with the decisions that made them; what is unchanged is left alone.

        A decision that is as it was keeps its time, where another of its Document changed. Raises
        KeyError where a Document is not here.
        """
        uids = [gold.uid for gold in made]
        rows, known = self._current_gold(uids), self._stored_decisions(uids)
        return [self._save_one(gold, *rows[gold.uid], known[gold.uid], at) for gold in made]

    def _save_one(
        self,
        gold: GoldRecord,
        row_id: int,
        older: CurrentSet | None,
        before: Sequence[tuple[StoredDecision, str]],
        at: str,
    ) -> Change:
        same = older and older.body == gold.body and older.provenance == dict(gold.provenance)
        if same and tuple(stored for stored, _ in before) == gold.decisions:
            return "unchanged"
        head = AnnotationSet(
            uid=gold.uid, annotator=gold.annotator, kind="gold", provenance=gold.provenance
        )
        set_id = self._append_set(
            head, older, document=row_id, body=gold.body, payload_id=None, at=at
        )
        since: dict[StoredDecision, list[str]] = defaultdict(list)
        for stored, time in before:
            since[_lasting(stored)].append(time)
        added = []
        for stored in gold.decisions:
            earlier = since and since[_lasting(stored)]
            time = earlier.pop(0) if earlier else at
            added.append(
                {"set_id": set_id, "since": time, **dict(zip(_FIELDS, stored, strict=True))}
            )
        if added:
            self._connection.execute(_ADD_DECISION, added)
        return "revised" if older else "new"

    def _current_gold(self, uids: Iterable[str]) -> dict[str, tuple[int, CurrentSet | None]]:
        """By uid, the current revision's row and the gold set that is there."""
        row = AnnotationSetRow
        query = select(
            col(DocumentRow.uid),
            col(DocumentRow.id),
            col(row.id),
            col(row.body),
            col(row.provenance),
        ).outerjoin(
            row,
            (col(row.document_id) == col(DocumentRow.id))
            & (col(row.kind) == "gold")
            & col(row.current),
        )
        query = query.where(col(DocumentRow.current))
        return {
            uid: (row_id, None if set_id is None else CurrentSet(set_id, body, provenance))
            for part in parted(query, uids)
            for uid, row_id, set_id, body, provenance in self._session.execute(part)
        }

    def _stored_decisions(self, uids: Iterable[str]) -> dict[str, list[tuple[StoredDecision, str]]]:
        """By uid, the decisions behind the current gold as they are stored, and since when."""
        row = DecisionRow
        fields = (col(row.layer), col(row.status), col(row.item_id), col(row.rule))
        text, made = type_coerce(col(row.body), Text), col(AnnotationSetRow.created_at)
        columns = (col(DocumentRow.uid), func.coalesce(col(row.since), made), *fields, text)
        query = _of_decisions(*columns, at=None).order_by(col(row.id))
        found: dict[str, list[tuple[StoredDecision, str]]] = defaultdict(list)
        for part in parted(query, uids):
            for uid, since, *stored in self._session.execute(part):
                found[uid].append((tuple(stored), since))
        return found

    def decisions(
        self, uids: Iterable[str] | None = None, *, at: str | None = None
    ) -> list[DecisionRecord]:
        """The decisions behind the gold sets, in the order they were made; now, or as of `at`."""
        return [
            DecisionRecord(*found)
            for part in parted(_decisions(at), uids)
            for found in self._session.execute(part)
        ]

    def disputed(self, *, at: str | None = None) -> set[str]:
        """The Documents whose gold has open positions; now, or as of `at`."""
        query = _of_decisions(col(DocumentRow.uid), at=at).where(DecisionRow.status == "disputed")
        return set(self._session.execute(query.distinct()).scalars())

    def open_decisions(self, uids: Iterable[str] | None = None) -> Iterator[DecisionRecord]:
        """The disputed decisions behind the gold of now, in the order they were made."""
        query = _decisions(None).where(DecisionRow.status == "disputed")
        for part in parted(query, uids):
            for found in self._session.execute(part):
                yield DecisionRecord(*found)

    def layers_of_note(self, rule: str) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
        """(uid, layer) of every open decision behind current gold, and of those by `rule`.

        Also by RULE:NAME.
        """
        is_open = col(DecisionRow.status) == "disputed"
        is_by = or_(col(DecisionRow.rule) == rule, col(DecisionRow.rule).startswith(f"{rule}:"))
        query = _of_decisions(col(DocumentRow.uid), col(DecisionRow.layer), is_open, at=None)
        query = query.where(or_(is_open, is_by)).distinct()
        found = [(uid, layer, bool(still)) for uid, layer, still in self._session.execute(query)]
        still_open = {(uid, layer) for uid, layer, still in found if still}
        return still_open, {(uid, layer) for uid, layer, still in found if not still}

    def gold(self, *, at: str | None = None) -> Iterator[AnnotationSet]:
        """The gold sets by uid; those of now, or those in force at the time `at`."""
        query = set_query(*SET_COLUMNS).where(col(AnnotationSetRow.kind) == "gold", *_in_force(at))
        for found in self._session.execute(query.execution_options(yield_per=CHUNK)):
            yield mapping.row_to_annotations(*found)

    def gold_revisions(self, *, at: str | None = None) -> dict[str, int]:
        """By uid, the revision of the Document that the gold of now, or of `at`, is about."""
        query = (
            select(col(DocumentRow.uid), col(DocumentRow.revision))
            .join(AnnotationSetRow, col(AnnotationSetRow.document_id) == col(DocumentRow.id))
            .where(col(AnnotationSetRow.kind) == "gold", *_in_force(at))
        )
        return {row.uid: row.revision for row in self._session.execute(query)}

    def set_times(
        self, *kinds: str, uids: Iterable[str] | None = None
    ) -> dict[tuple[str, str, str], str]:
        """By uid, annotator and kind, when the current set of the current revision was stored."""
        row = AnnotationSetRow
        query = current_sets(kinds, row.annotator, row.kind, row.created_at)
        return {
            (uid, by, kind): at
            for part in parted(query, uids)
            for uid, by, kind, at in self._session.execute(part)
        }


def gold_record(gold: AnnotationSet, decisions: Iterable[DecisionRecord]) -> GoldRecord:
    """A gold set with its decisions, as they are to be stored."""
    stored = tuple(
        (d.layer, d.status, d.item_id, d.rule, json.dumps(dict(d.body))) for d in decisions
    )
    body = mapping.annotations_body(gold)
    return GoldRecord(gold.uid, gold.annotator, body, dict(gold.provenance), stored)


def _lasting(stored: StoredDecision) -> StoredDecision:
    """What makes it the same decision, though the items before it have other numbers now."""
    layer, status, item, rule, body = stored
    owner = item if layer in ("arguments", "attributes") else None
    return (layer, status, owner, rule, body)


def _decisions(at: str | None) -> Any:
    row = DecisionRow
    fields = (row.layer, row.status, row.item_id, row.rule, row.body)
    since = func.coalesce(col(row.since), col(AnnotationSetRow.created_at))
    query = _of_decisions(col(DocumentRow.uid), *map(col, fields), since, at=at)
    return query.order_by(col(DocumentRow.uid), col(row.id))


def _of_decisions(*columns: Any, at: str | None) -> Any:
    return (
        select(*columns)
        .select_from(DecisionRow)
        .join(AnnotationSetRow, col(DecisionRow.set_id) == col(AnnotationSetRow.id))
        .join(DocumentRow, col(AnnotationSetRow.document_id) == col(DocumentRow.id))
        .where(*_in_force(at))
    )


def _in_force(at: str | None) -> list[Any]:
    """Conditions: the current sets, or those that were the newest of their uid at a time."""
    if at is None:
        return [col(AnnotationSetRow.current), col(DocumentRow.current)]
    made, of = aliased(AnnotationSetRow), aliased(DocumentRow)
    newest = (
        select(func.max(col(made.id)))
        .join(of, col(made.document_id) == col(of.id))
        .where(col(made.kind) == "gold", col(made.created_at) <= at)
        .group_by(col(of.uid))
    )
    return [col(AnnotationSetRow.id).in_(newest)]
