"""Code blocks of the documentation, and running them in the order in which a reader would."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
_FENCE = re.compile(r"^```(\w+)(?: title=\"([^\"]*)\")?\n(.*?)^```$", re.DOTALL | re.MULTILINE)
RUNNABLE = frozenset({"bash", "python"})
SERVER = "needs Label Studio"
NOT_RUN = frozenset(
    {
        "needs a network",
        "needs a project of yours",
        "needs an export of yours",
        "needs predictions of yours",
        "needs a spaCy configuration",
        "needs PostgreSQL",
        "for cron",
    }
)
"""Titles of blocks that no test runs; how many there are is held by a test."""

_STOP = """\
trap 'for f in */.labelstudio; do
    if [ -d "$f" ]; then curation server stop -w "${f%/*}" || true; fi
done' EXIT"""
STAND_INS = ("quickstart", "test")
"""Scripts that set up an environment: tests/e2e/test_demo.py runs what the first one runs."""


@dataclass(frozen=True)
class Block:
    """One fenced block: its language, title and text, its line and the number of its section."""

    language: str
    title: str
    code: str
    line: int
    section: int

    @property
    def runnable(self) -> bool:
        """Whether it is code that some test should run."""
        return self.language in RUNNABLE


def documents() -> list[Path]:
    """Everything a user reads."""
    return sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])


def blocks(document: Path) -> list[Block]:
    """The fenced blocks of a document, in order."""
    text = document.read_text(encoding="utf-8")
    return [
        Block(
            m[1],
            m[2] or "",
            m[3],
            text.count("\n", 0, m.start()) + 1,
            text.count("\n## ", 0, m.start()),
        )
        for m in _FENCE.finditer(text)
    ]


def script(found: list[Block], *, server: bool) -> str:
    """One shell script of the blocks that can be run, with or without a Label Studio."""
    lines = ["set -euo pipefail"]
    if server:
        lines.append(_STOP)
    for _, blocks_of_section in groupby(found, key=lambda block: block.section):
        # A reader begins a section where they began the page, with what it has made since.
        lines.append("(")
        for block in blocks_of_section:
            lines += _lines(block, server=server)
        lines.append(")")
    return "\n".join(lines) + "\n"


def _lines(block: Block, *, server: bool) -> list[str]:
    if not block.runnable or block.title in NOT_RUN or (block.title == SERVER and not server):
        return ["true"]
    said = f"echo '== line {block.line}' >&2"
    if block.language == "bash":
        return [said, block.code]
    file = f"cat > .block.py <<'END-OF-BLOCK'\n{block.code}END-OF-BLOCK"
    return [said, file, "python .block.py"]


@contextmanager
def forking(folder: Path) -> Iterator[Mapping[str, str]]:
    """The environment in which `curation` and `python FILE` are quick; see forking.py."""
    address = folder / "socket"
    program = Path(__file__).with_name("forking.py")
    environment = {
        "HOME": str(folder),
        "OMP_NUM_THREADS": "1",
        "PYTHONPATH": str(ROOT),
        "NO_COLOR": "1",
        "LC_ALL": "C.UTF-8",
    }
    bin_folder = folder / "bin"
    bin_folder.mkdir()
    for name in ("curation", "python"):
        shim = bin_folder / name
        line = shlex.join([sys.executable, "-I", "-S"])
        shim.write_text(
            f'#!/bin/sh\nFORKING={address} exec {line} {bin_folder}/{name}.d/{name} "$@"\n'
        )
        shim.chmod(0o755)
        (bin_folder / f"{name}.d").mkdir()
        (bin_folder / f"{name}.d" / name).symlink_to(program)
    environment["PATH"] = f"{bin_folder}{os.pathsep}{os.environ['PATH']}"
    (bin_folder / "pip").symlink_to("/bin/true")  # what it would install is installed
    server = subprocess.Popen(
        [sys.executable, str(program), str(address)],
        stdout=subprocess.PIPE,
        env=environment,
        text=True,
    )
    assert server.stdout is not None
    try:
        assert server.stdout.readline() == "ready\n"
        yield environment
    finally:
        server.terminate()
        server.wait()
        server.stdout.close()


def run(
    document: Path, folder: Path, environment: Mapping[str, str], *, server: bool
) -> subprocess.CompletedProcess[str]:
    """Runs what a document shows in `folder`, which holds what it speaks of."""
    (folder / "scripts").mkdir(exist_ok=True)
    for name in STAND_INS:
        (folder / "scripts" / name).write_text("#!/bin/sh\n")
        (folder / "scripts" / name).chmod(0o755)
    shutil.copytree(ROOT / "label_config", folder / "label_config", dirs_exist_ok=True)
    return subprocess.run(
        ["bash", "-c", script(blocks(document), server=server)],
        cwd=folder,
        env=dict(environment) | {"HOME": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
