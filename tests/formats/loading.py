"""Hugging Face datasets in a process of its own: it reads settings, and opens caches, on import."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def run_offline(program: str, folder: Path, beside: Path) -> subprocess.CompletedProcess[str]:
    """Runs `program` with `folder` and a cache below `beside` as arguments; without a network."""
    offline = {"HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1", "HF_HOME": str(beside / "hf")}
    done = subprocess.run(
        [sys.executable, "-c", program, str(folder), str(beside / "cache")],
        env={**os.environ, **offline},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done
