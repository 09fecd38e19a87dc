"""The parts of Documents, which parts are frozen, and what was withdrawn: a Repository's part."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from sqlalchemy import update
from sqlmodel import Session, col, select

from curation.store.pushing import CHUNK
from curation.store.records import SplitRecord, Tombstone
from curation.store.tables import FrozenPartRow, SplitRow, TombstoneRow

__all__ = ["SplitRepository"]


class SplitRepository:
    """Assignments are append-only: what was withdrawn stays, with a tombstone beside it."""

    _session: Session

    def splits(self, *, withdrawn: bool = False) -> list[SplitRecord]:
        """The Documents of all parts, by uid; with `withdrawn` those too that were taken out."""
        rows = self._session.exec(select(SplitRow).order_by(SplitRow.uid))
        gone = set() if withdrawn else {t.uid for t in self.tombstones()}
        return [SplitRecord(r.uid, r.part, r.group_id, r.seed) for r in rows if r.uid not in gone]

    def add_splits(self, splits: Iterable[SplitRecord], *, at: str) -> None:
        """Append assignments; one that is there already raises an integrity error."""
        self._session.add_all(
            SplitRow(uid=s.uid, part=s.part, group_id=s.group, seed=s.seed, assigned_at=at)
            for s in splits
        )
        self._session.flush()

    def frozen_parts(self) -> dict[str, str]:
        """Since when each frozen part takes no Documents."""
        rows = self._session.exec(select(FrozenPartRow).order_by(FrozenPartRow.part))
        return {row.part: row.frozen_at for row in rows}

    def freeze(self, parts: Collection[str], *, at: str) -> None:
        """Parts that take no Documents from now on; those that are frozen stay so."""
        new = sorted(set(parts) - self.frozen_parts().keys())
        self._session.add_all(FrozenPartRow(part=part, frozen_at=at) for part in new)
        self._session.flush()

    def tombstones(self, *, restored: bool = False) -> list[Tombstone]:
        """What was taken out of its part, by uid, then time; with `restored` what came back too."""
        query = select(TombstoneRow).order_by(TombstoneRow.uid, col(TombstoneRow.id))
        if not restored:
            query = query.where(col(TombstoneRow.restored_at).is_(None))
        return [
            Tombstone(r.uid, r.part, r.reason, r.automatic, r.withdrawn_at, r.restored_at)
            for r in self._session.exec(query)
        ]

    def add_tombstones(self, tombstones: Iterable[Tombstone]) -> None:
        """Take Documents out of their parts."""
        self._session.add_all(
            TombstoneRow(
                uid=t.uid,
                part=t.part,
                reason=t.reason,
                automatic=t.automatic,
                withdrawn_at=t.at,
                restored_at=t.restored_at,
            )
            for t in tombstones
        )
        self._session.flush()

    def restore(self, uids: Iterable[str], *, at: str) -> None:
        """Put Documents back into the parts they were in; the tombstones say when."""
        ordered = sorted(uids)
        for first in range(0, len(ordered), CHUNK):
            self._session.execute(
                update(TombstoneRow)
                .where(col(TombstoneRow.uid).in_(ordered[first : first + CHUNK]))
                .where(col(TombstoneRow.restored_at).is_(None))
                .values(restored_at=at)
            )
