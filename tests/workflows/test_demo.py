"""What the demo decides without a server."""

from __future__ import annotations

import pytest

from curation.workflows.demo import _versions


@pytest.mark.parametrize(
    ("released", "newest", "following"),
    [
        ([], "1.0.0", "1.1.0"),
        (["1.0.0"], "1.0.0", "1.1.0"),
        (["1.0.0-rc1"], "1.0.0", "1.1.0"),
        (["1.9.2", "1.10.0", "2.0.0-rc.1"], "1.10.0", "1.11.0"),
        (["1.0.3"], "1.0.3", "1.1.0"),
    ],
)
def test_release_goes_on_from_the_newest_final_version(
    released: list[str], newest: str, following: str
) -> None:
    """A workspace with release candidates, or with two-digit parts, is no obstacle."""
    assert _versions(released) == (newest, following)
