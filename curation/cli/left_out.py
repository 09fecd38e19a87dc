"""How commands say what waits outside releases and exports until its disputes are settled."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from curation.cli.common import counts

__all__ = ["left_out", "waiting"]

_LISTED = "curation status --documents --state disputed lists them"


def left_out(count: int, *, option: str = "") -> str:
    """How many Documents were left out for their disputes, "" for none; `option` takes them."""
    if not count:
        return ""
    takes = f", {option} takes them" if option else ""
    return f"; {count} with open disputes left out ({_LISTED}{takes})"


def waiting(by_part: Mapping[str, int]) -> Iterator[str]:
    """A line where some of the Documents that have a part wait."""
    if count := sum(by_part.values()):
        yield f"{count} of them wait outside releases and exports, with open disputes: " + counts(
            by_part
        )
