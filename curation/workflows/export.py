"""Gold or one annotator's work in any format, with a loss certificate beside it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

from curation.errors import UsageError
from curation.formats.alignment import AlignmentPolicy
from curation.formats.files import write_bytes
from curation.formats.losses import LossCertificate
from curation.formats.registry import exporter
from curation.messages import shown
from curation.model import Document, Record
from curation.store import Repository, Store
from curation.workflows.agreement import PEOPLE
from curation.workflows.split import ready_gold

__all__ = ["Exported", "export"]


@dataclass(frozen=True)
class Exported:
    """How many Documents were written, how many not for their open disputes, and what was lost."""

    documents: int
    left_out: int
    certificate: LossCertificate

    def to_json(self) -> dict[str, Any]:
        """The counts, and the certificate's fields beside them."""
        counted = {"documents": self.documents, "left_out": self.left_out}
        return counted | self.certificate.to_json()


def export(
    store: Store,
    format_name: str,
    destination: Path,
    *,
    now: str,
    annotator: str | None = None,
    part: str | None = None,
    policy: AlignmentPolicy = "expand",
    as_of: str | None = None,
    include_disputed: bool = False,
) -> Exported:
    """Write `destination`, and `destination.losses.json` beside it.

    `as_of`: gold as it was at a day, a time or the making of a release; none is after `now`, in
    UTC. `include_disputed`: Documents with open disputes too, without what is disputed, marked in
    their provenance.
    """
    if annotator is not None and (as_of is not None or include_disputed):
        raise UsageError("an earlier state and disputed documents are of gold, not of an annotator")
    chosen = exporter(format_name)
    with store.transaction() as repo:
        at = None if as_of is None else _time(repo, as_of, now)
        waiting: set[str] = set()
        if annotator is None:
            sets = ready_gold(repo, at=at, include_disputed=include_disputed)
            waiting = repo.disputed(at=at) - {s.uid for s in sets}
        else:
            sets = list(repo.annotation_sets(*PEOPLE, "model", annotator=annotator))
        if part is not None:
            members = {s.uid for s in repo.splits() if s.part == part}
            sets, waiting = [s for s in sets if s.uid in members], waiting & members
        documents = _documents(repo, {s.uid for s in sets}, at)
    if not sets:
        what = "gold without disputes" if annotator is None else f"work of {annotator}"
        where = f" in part {part}" if part else ""
        where += f" as of {at}" if at else ""
        where += f", and {len(waiting)} with open disputes left out" if waiting else ""
        raise UsageError(f"nothing to export: no {what}{where}; see: curation status")
    records = [Record(document=documents[s.uid], annotations=s) for s in sets]
    certificate = chosen.export(records, destination, policy)
    beside = destination.with_name(destination.name + ".losses.json")
    text = json.dumps(certificate.to_json(), ensure_ascii=False, indent=1) + "\n"
    write_bytes(beside, text.encode())
    return Exported(len(sets), len(waiting), certificate)


def _documents(repo: Repository, uids: set[str], at: str | None) -> dict[str, Document]:
    """The texts by uid: of now, or those that gold was about then."""
    if at is None:
        return {d.uid: d for d in repo.documents(uids)}
    revisions = repo.gold_revisions(at=at)
    found = (repo.document(uid, revisions[uid]) for uid in sorted(uids))
    return {document.uid: document for document in found if document is not None}


def _time(repo: Repository, given: str, now: str) -> str:
    """A day to its end, a time, or when a release was made; in UTC, as the store has times."""
    released = {r.version: r.created_at for r in repo.releases()}
    if given in released:
        return released[given]
    try:
        begins, ends = _utc(given, time.min), _utc(given, time(23, 59, 59))
    except (ValueError, OverflowError):
        known = ", ".join(released) or "none yet"
        raise UsageError(
            f"as of {shown(given)}: give a day (2024-05-01), a time (2024-05-01T12:00:00Z) or a "
            f"release; releases: {known}"
        ) from None
    if begins > now:
        raise UsageError(f"as of {shown(given)}: is yet to come; now it is {now}")
    return ends


def _utc(given: str, of_day: time) -> str:
    """The time, or of a day the time `of_day`; ValueError or OverflowError where it is neither."""
    try:
        found = datetime.combine(date.fromisoformat(given), of_day)
    except ValueError:
        found = datetime.fromisoformat(given)
    zoned = found if found.tzinfo else found.replace(tzinfo=UTC)
    return zoned.astimezone(UTC).isoformat(timespec="seconds")
