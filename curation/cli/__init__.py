"""The command line: parses, calls one workflow, renders.

Modules of this package import nothing heavy at the top: `curation --help` must be quick.
"""

from __future__ import annotations

__all__ = ["main"]


def main() -> None:
    """The entry point of the `curation` command."""
    try:
        from curation.cli.app import app

        app(prog_name="curation")
    except KeyboardInterrupt:  # before a command has begun
        raise SystemExit(130) from None
