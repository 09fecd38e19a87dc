"""Options of `push` and `pull` that are refused before anything is asked of a server."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import Run


@pytest.mark.parametrize("seconds", ["0", "inf", "1e300", "nan", "86401"])
def test_interval_is_from_a_second_to_a_day(seconds: str, run: Run, workspace: Path) -> None:
    """What nobody can wait for is wrong use."""
    ran = run("pull", "-w", workspace, "--watch", "--interval", seconds)
    assert ran.code == 2
    assert "--interval" in ran.err


@pytest.mark.parametrize("url", ["http://[::1", "http://127.0.0.1:abc"])
def test_wrong_address_is_wrong_use(
    url: str, run: Run, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An address that cannot be one is told by the settings, not by a failing connection."""
    monkeypatch.setenv("LABEL_STUDIO_URL", url)
    monkeypatch.setenv("LABEL_STUDIO_API_KEY", "f" * 40)
    ran = run("pull", "-w", workspace)
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert "LABEL_STUDIO_URL: url: not an address" in ran.err
