"""Gold or one annotator's work in any format, with a loss certificate beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from curation.errors import UsageError
from curation.formats.alignment import AlignmentPolicy
from curation.formats.certified import Certified, certify, certify_part, hold_free
from curation.formats.files import placed
from curation.formats.losses import LossCertificate
from curation.formats.registry import exporter
from curation.store import Repository, Store
from curation.workflows.exporting import Selection, Wanted, moment, select

__all__ = ["Exported", "Progress", "export", "export_parts"]

Progress = Callable[[], object]
"""Called for each record that is written."""


def _silent() -> None:
    """Nobody watches."""


@dataclass(frozen=True)
class Exported:
    """How many Documents were written, and what was lost.

    `left_out` for their open disputes, `withdrawn` because somebody took them out of the splits.
    """

    documents: int
    left_out: int
    certified: Certified
    withdrawn: int = 0

    @property
    def certificate(self) -> LossCertificate:
        """What was lost."""
        return self.certified.certificate

    def to_json(self) -> dict[str, Any]:
        """The counts, and the certificate's fields beside them."""
        counted = {
            "documents": self.documents,
            "left_out": self.left_out,
            "withdrawn": self.withdrawn,
        }
        return counted | self.certified.to_json(sets=False)


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
    advance: Progress = _silent,
) -> Exported:
    """Write `destination`, and `destination.losses.json` beside it.

    `as_of`: gold as it was at a day, a time or the making of a release; none is after `now`, in
    UTC. `include_disputed`: Documents with open disputes too, without what is disputed, marked in
    their provenance.
    """
    chosen = exporter(format_name)
    _hold_of_gold(annotator, as_of, include_disputed)
    with store.transaction() as repo:
        wanted = _wanted(repo, annotator, as_of, include_disputed, now)
        found = select(repo, wanted)
        if part is not None:
            found = found.of(_members(repo).get(part, set()))
        found.hold_some(part)
        certified = certify(chosen, found.records(advance), destination, policy)
    return _exported(found, certified)


def export_parts(
    store: Store,
    format_name: str,
    folder: Path,
    *,
    now: str,
    annotator: str | None = None,
    policy: AlignmentPolicy = "expand",
    as_of: str | None = None,
    include_disputed: bool = False,
    advance: Progress = _silent,
) -> dict[str, Exported]:
    """Write every part into `folder`, each with its certificate; all of them or none.

    Parts in which there is nothing to export are left out. The arguments are those of `export`.
    """
    chosen = exporter(format_name)
    _hold_of_gold(annotator, as_of, include_disputed)
    hold_free(folder)
    made: dict[str, Exported] = {}
    with store.transaction() as repo, placed(folder) as building:
        wanted = _wanted(repo, annotator, as_of, include_disputed, now)
        for part, found in _selections(repo, wanted).items():
            records = found.records(advance)
            certified = certify_part(chosen, records, building, part, policy)
            made[part] = _exported(found, certified)
    return made


def _exported(found: Selection, certified: Certified) -> Exported:
    return Exported(len(found.uids), len(found.waiting), certified, len(found.withdrawn))


def _selections(repo: Repository, wanted: Wanted) -> Mapping[str, Selection]:
    """What there is in each part; UsageError where there is nothing at all."""
    found = select(repo, wanted)
    found.hold_some()
    parts = {part: found.of(members) for part, members in _members(repo).items()}
    filled = {part: selection for part, selection in parts.items() if selection.uids}
    if not filled:
        raise UsageError("nothing to export: no document has a part; run: curation split")
    return filled


def _members(repo: Repository) -> dict[str, set[str]]:
    """The uids of each part, by its name."""
    members: dict[str, set[str]] = {}
    for placed_ in sorted(repo.splits(), key=lambda s: s.part):
        members.setdefault(placed_.part, set()).add(placed_.uid)
    return members


def _hold_of_gold(annotator: str | None, as_of: str | None, include_disputed: bool) -> None:
    if annotator is not None and (as_of is not None or include_disputed):
        raise UsageError("an earlier state and disputed documents are of gold, not of an annotator")


def _wanted(
    repo: Repository, annotator: str | None, as_of: str | None, include_disputed: bool, now: str
) -> Wanted:
    at = None if as_of is None else moment(repo, as_of, now)
    return Wanted(annotator, at, include_disputed)
