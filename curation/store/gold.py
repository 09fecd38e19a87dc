"""Gold sets with their decisions, and what sets were in force at a time: a part of a Repository.

Gold is append-only. Thousands of Documents have hundreds of thousands of decisions: they are
compared and written many Documents at a time, by statements of their own.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Literal

from sqlalchemy import func, insert, select
from sqlalchemy.orm import aliased
from sqlmodel import SQLModel, col

from curation.model import AnnotationSet
from curation.store import mapping
from curation.store.pushing import CHUNK, PushRepository, chunked
from curation.store.records import DecisionRecord
from curation.store.remote import document_id
from curation.store.tables import AnnotationSetRow, DecisionRow, DocumentRow

__all__ = ["Change", "GoldRepository"]

Change = Literal["new", "unchanged", "revised"]

_DECISION = SQLModel.metadata.tables["decision"]
_ADD_DECISION = insert(_DECISION)
_SINCE = "at"
"""The key in a stored decision's body: when it was made as it is now."""


class GoldRepository(PushRepository):
    """What adjudication writes, and what it made at an earlier time."""

    def save_gold(
        self, made: Sequence[tuple[AnnotationSet, Sequence[DecisionRecord]]], *, at: str
    ) -> list[Change]:
        """Store gold sets with the decisions that made them; what is unchanged is left alone.

        A decision that is as it was keeps its time, where another of its Document changed.
        """
        known = self.decisions([gold.uid for gold, _ in made])
        before: dict[str, list[DecisionRecord]] = defaultdict(list)
        for decision in known:
            before[decision.uid].append(decision)
        return [self._save_one(gold, now, before[gold.uid], at) for gold, now in made]

    def _save_one(
        self,
        gold: AnnotationSet,
        decisions: Sequence[DecisionRecord],
        before: Sequence[DecisionRecord],
        at: str,
    ) -> Change:
        row_id = document_id(self._session, gold.uid, None)
        body = mapping.annotations_body(gold)
        older = self._current_set(row_id, gold.annotator, gold.kind)
        same = older and older.body == body and older.provenance == dict(gold.provenance)
        if same and [_key(d) for d in before] == [_key(d) for d in decisions]:
            return "unchanged"
        set_id = self._append_set(gold, older, document=row_id, body=body, payload_id=None, at=at)
        since: dict[str, list[str]] = defaultdict(list)
        for decision in before:
            since[_lasting(decision)].append(str(decision.body.get(_SINCE) or at))
        rows = []
        for decision in decisions:
            earlier = since and since[_lasting(decision)]
            time = earlier.pop(0) if earlier else at
            rows.append(_columns(decision, set_id, time))
        if rows:
            self._connection.execute(_ADD_DECISION, rows)
        return "revised" if older else "new"

    def decisions(
        self, uids: Iterable[str] | None = None, *, at: str | None = None
    ) -> list[DecisionRecord]:
        """The decisions behind the gold sets, in the order they were made; now, or as of `at`."""
        return [
            DecisionRecord(uid, layer, status, item, rule, body)
            for part in _parts(uids)
            for uid, layer, status, item, rule, body in self._session.execute(_decisions(part, at))
        ]

    def disputed(self, *, at: str | None = None) -> set[str]:
        """The Documents whose gold has open positions; now, or as of `at`."""
        query = _of_decisions(col(DocumentRow.uid), at=at).where(DecisionRow.status == "disputed")
        return set(self._session.execute(query.distinct()).scalars())

    def gold(self, *, at: str | None = None) -> Iterator[AnnotationSet]:
        """The gold sets by uid; those of now, or those in force at the time `at`."""
        row = AnnotationSetRow
        query = (
            select(
                col(DocumentRow.uid),
                col(row.annotator),
                col(row.kind),
                col(row.body),
                col(row.provenance),
            )
            .join(DocumentRow, col(row.document_id) == col(DocumentRow.id))
            .where(col(row.kind) == "gold", *_in_force(at))
            .order_by(col(DocumentRow.uid))
        )
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
        query = (
            select(col(DocumentRow.uid), col(row.annotator), col(row.kind), col(row.created_at))
            .join(DocumentRow, col(row.document_id) == col(DocumentRow.id))
            .where(col(row.current), col(DocumentRow.current), col(row.kind).in_(kinds))
        )
        return {
            (uid, by, kind): at
            for part in _parts(uids)
            for uid, by, kind, at in self._session.execute(_narrowed(query, part))
        }


def _key(decision: DecisionRecord) -> tuple[Any, ...]:
    """All that a decision says but its time."""
    body = {name: value for name, value in decision.body.items() if name != _SINCE}
    return (decision.layer, decision.status, decision.item_id, decision.rule, body)


def _lasting(decision: DecisionRecord) -> str:
    """What makes it the same decision, though the items before it have other numbers now."""
    layer, status, item, rule, body = _key(decision)
    owner = item if layer in ("arguments", "attributes") else None
    return json.dumps([layer, status, owner, rule, body], sort_keys=True)


def _columns(decision: DecisionRecord, set_id: int, time: str) -> dict[str, Any]:
    return {
        "set_id": set_id,
        "layer": decision.layer,
        "status": decision.status,
        "item_id": decision.item_id,
        "rule": decision.rule,
        "body": {**decision.body, _SINCE: time},
    }


def _parts(uids: Iterable[str] | None) -> Iterable[list[str] | None]:
    return [None] if uids is None else chunked(uids)


def _decisions(uids: list[str] | None, at: str | None) -> Any:
    row = DecisionRow
    fields = (row.layer, row.status, row.item_id, row.rule, row.body)
    query = _of_decisions(col(DocumentRow.uid), *map(col, fields), at=at)
    query = query.order_by(col(DocumentRow.uid), col(row.id))
    return _narrowed(query, uids)


def _narrowed(query: Any, uids: list[str] | None) -> Any:
    return query if uids is None else query.where(col(DocumentRow.uid).in_(uids))


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
