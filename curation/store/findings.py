"""What was decided about findings of an audit: a Repository's part."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlmodel import Session, select

from curation.store.tables import FindingRow

__all__ = ["VERDICTS", "FindingRecord", "FindingRepository"]

VERDICTS = ("error", "fine", "later")
"""What can be decided: it is wrong, it is right, or somebody will look at it another time."""


@dataclass(frozen=True, slots=True)
class FindingRecord:
    """A finding that was shown, in one line, and the verdict on it; None while there is none."""

    fingerprint: str
    uid: str
    kind: str
    summary: str
    verdict: str | None = None
    by: str | None = None
    at: str | None = None
    note: str = ""


class FindingRepository:
    """Findings that were shown, by fingerprint, and the verdicts on them."""

    _session: Session

    def findings(self) -> dict[str, FindingRecord]:
        """All that were shown, decided or not."""
        rows = self._session.exec(select(FindingRow).order_by(FindingRow.fingerprint))
        return {row.fingerprint: _record(row) for row in rows}

    def add_findings(self, findings: Iterable[FindingRecord], *, at: str) -> None:
        """Remember that they were shown; those that are here already stay as they are."""
        known = self.findings()
        fresh = {f.fingerprint: f for f in findings if f.fingerprint not in known}
        self._session.add_all(
            FindingRow(
                fingerprint=f.fingerprint, uid=f.uid, kind=f.kind, summary=f.summary, shown_at=at
            )
            for f in fresh.values()
        )
        self._session.flush()

    def decide_finding(
        self, fingerprint: str, verdict: str, *, by: str, at: str, note: str = ""
    ) -> None:
        """Keep a verdict, in place of an earlier one; KeyError where it was never shown."""
        row = self._session.get(FindingRow, fingerprint)
        if row is None:
            raise KeyError(fingerprint)
        if verdict not in VERDICTS:
            raise ValueError(verdict)
        row.verdict, row.decided_by, row.decided_at, row.note = verdict, by, at, note
        self._session.add(row)
        self._session.flush()


def _record(row: FindingRow) -> FindingRecord:
    return FindingRecord(
        row.fingerprint,
        row.uid,
        row.kind,
        row.summary,
        row.verdict,
        row.decided_by,
        row.decided_at,
        row.note,
    )
