"""Do data and what is said about them agree: read back, counted again, compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

__all__ = ["Verified"]


@dataclass(frozen=True)
class Verified:
    """What was checked, by what it was, and everything that does not hold."""

    path: str
    kind: Literal["release", "export"]
    checked: Mapping[str, int] = field(default_factory=dict)
    problems: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether nothing speaks against it."""
        return not self.problems

    def to_json(self) -> dict[str, Any]:
        """The fields by name, and whether it holds."""
        return {**asdict(self), "holds": self.holds}
