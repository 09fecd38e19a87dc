"""Telling one process from another that later got its number."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

__all__ = ["birth", "end"]

_POLL = 0.1


def birth(pid: int) -> str | None:
    """When the process started, as the system tells it; None if no such process is alive."""
    stat = Path(f"/proc/{pid}/stat")
    if not stat.parent.parent.joinpath("self").exists():
        return _birth_by_ps(pid)
    try:
        # The name of the program, in brackets, may itself hold brackets and blanks.
        fields = stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return None
    state, start_ticks = fields[0], fields[19]
    return None if state in "ZX" else start_ticks


def _birth_by_ps(pid: int) -> str | None:
    asked = subprocess.run(
        ["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return asked.stdout.strip() or None


def end(pid: int, born: str, *, patience: float = 10.0) -> bool:
    """Ends the process `pid` that started at `born`; False if that one is gone already.

    After `patience` seconds it is killed. A younger process of the same number is left alone.
    """
    if birth(pid) != born:
        return False
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + patience
    while birth(pid) == born:
        if time.monotonic() > deadline:
            os.kill(pid, signal.SIGKILL)
            deadline = float("inf")
        time.sleep(_POLL)
    return True
