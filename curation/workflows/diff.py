"""What changed between two releases, by version or folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from curation.changes import VERSION, Changes, compare, next_version
from curation.errors import UsageError
from curation.messages import shown
from curation.workflows.release_folder import ReleaseFolder, read_release

__all__ = ["Difference", "diff"]


@dataclass(frozen=True)
class Difference:
    """What changed from release `old` to `new`, and the version that this calls for."""

    old: str
    new: str
    changes: Changes
    advised: str | None

    def to_json(self) -> dict[str, Any]:
        """The versions, and everything that changed."""
        head = {"old": self.old, "new": self.new, "advised": self.advised}
        return head | self.changes.to_json()


def diff(old: str, new: str, exports: Path | None = None) -> Difference:
    """What changed from `old` to `new`: versions of releases in `exports`, or folders.

    Raises UsageError where there is no such release.
    """
    before, after = (_release(name, exports) for name in (old, new))
    changes = compare(before.snapshot, after.snapshot)
    known = VERSION.fullmatch(before.version)
    advised = next_version(before.version, changes.advice) if known else None
    return Difference(before.version, after.version, changes, advised)


def _release(name: str, exports: Path | None) -> ReleaseFolder:
    """A version in `exports` where it is one, else a folder."""
    inside = exports / name if exports is not None and VERSION.fullmatch(name) else None
    for folder in (inside, Path(name)):
        if folder is not None and folder.is_dir():
            return read_release(folder)
    known = sorted(p.name for p in exports.glob("[0-9]*")) if exports is not None else []
    there = f"releases are {', '.join(known)}" if known else "there are no releases"
    raise UsageError(f"{shown(name)} is neither a folder nor a release; {there}")
