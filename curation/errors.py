"""Every error that `curation` raises on purpose, in one tree.

    CurationError                      exit code
    ├── InputError                     2   a file, line or record that cannot be used
    │   └── OffsetMismatch             2   offsets that do not point at the surface that came along
    ├── UsageError                     2   wrong options, or a step asked for too early
    ├── WorkspaceError                 2   not a workspace, or its settings are wrong
    ├── OntologyError                  2   an ontology that contradicts itself
    ├── LabelStudioRefused             2   the server answered, and said no (wrong key, wrong data)
    ├── CheckFailed                    1   a check or gate did not hold
    └── Unreachable                    3
        ├── LabelStudioUnreachable     3   no answer from the server
        └── DatabaseUnreachable        3   the database cannot be opened

The message of each is one line a person can act on: what is wrong, where, what to do.
"""

from __future__ import annotations

__all__ = [
    "CheckFailed",
    "CurationError",
    "DatabaseUnreachable",
    "InputError",
    "LabelStudioRefused",
    "LabelStudioUnreachable",
    "OffsetMismatch",
    "OntologyError",
    "Unreachable",
    "UsageError",
    "WorkspaceError",
]


class CurationError(Exception):
    """Base of all; `exit_code` is what a command ends with when it escapes."""

    exit_code = 2


class InputError(CurationError):
    """A record that cannot be used, with its place.

    `where` names the file, and the line or id in it where there is one.
    """

    def __init__(self, message: str, *, where: str = "", hint: str = "") -> None:
        self.message = message
        self.where = where
        self.hint = hint
        parts = (f"{where}: " if where else "") + message + (f" ({hint})" if hint else "")
        super().__init__(parts)


class OffsetMismatch(InputError):
    """`text[start:end]` is not the surface that came along, and no single repair exists."""


class UsageError(CurationError):
    """A command was used in a way that cannot work."""


class WorkspaceError(CurationError):
    """The folder is not a workspace, or its settings cannot be read."""


class OntologyError(CurationError):
    """An ontology contradicts itself or names something it does not define."""


class LabelStudioRefused(CurationError):
    """Label Studio answered and refused; `status` is the HTTP status where there is one."""

    def __init__(self, message: str, *, status: int | None = None) -> None:
        self.status = status
        super().__init__(message)


class CheckFailed(CurationError):
    """A check or a gate did not hold."""

    exit_code = 1


class Unreachable(CurationError):
    """Something this command needs does not answer."""

    exit_code = 3


class LabelStudioUnreachable(Unreachable):
    """Label Studio does not answer; `retry_after` is after how many seconds it asks to be asked."""

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        self.retry_after = retry_after
        super().__init__(message)


class DatabaseUnreachable(Unreachable):
    """The database cannot be opened."""
