"""Gold or one annotator's work in any format, with a loss certificate beside it."""

from __future__ import annotations

import json
from pathlib import Path

from curation.errors import UsageError
from curation.formats.alignment import AlignmentPolicy
from curation.formats.files import write_bytes
from curation.formats.losses import LossCertificate
from curation.formats.registry import exporter
from curation.model import Record
from curation.store import Store
from curation.workflows.agreement import PEOPLE
from curation.workflows.split import ready_gold

__all__ = ["export"]


def export(
    store: Store,
    format_name: str,
    destination: Path,
    *,
    annotator: str | None = None,
    part: str | None = None,
    policy: AlignmentPolicy = "expand",
) -> LossCertificate:
    """Write `destination`, and `destination.losses.json` beside it."""
    chosen = exporter(format_name)
    with store.transaction() as repo:
        if annotator is None:
            sets = ready_gold(repo)
        else:
            sets = list(repo.annotation_sets(*PEOPLE, "model", annotator=annotator))
        if part is not None:
            members = {s.uid for s in repo.splits() if s.part == part}
            sets = [s for s in sets if s.uid in members]
        documents = {d.uid: d for d in repo.documents({s.uid for s in sets})}
    if not sets:
        what = "gold without disputes" if annotator is None else f"work of {annotator}"
        where = f" in part {part}" if part else ""
        raise UsageError(f"nothing to export: no {what}{where}; see: curation status")
    records = [Record(document=documents[s.uid], annotations=s) for s in sets]
    certificate = chosen.export(records, destination, policy)
    beside = destination.with_name(destination.name + ".losses.json")
    text = json.dumps(certificate.to_json(), ensure_ascii=False, indent=1) + "\n"
    write_bytes(beside, text.encode())
    return certificate
