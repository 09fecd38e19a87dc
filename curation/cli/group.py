"""The command group that turns every error into one line on stderr and an exit code."""

from __future__ import annotations

import os
import sys
from typing import Any

import typer
from typer.core import TyperGroup

from curation.cli.common import warn
from curation.errors import CurationError

__all__ = ["CurationGroup"]

_BUG = 70
_INTERRUPTED = 130


class CurationGroup(TyperGroup):
    """Errors of ours, of the parser and of nobody (bugs): one line each, never a traceback."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command; what it raises decides the exit code."""
        try:
            return super().invoke(ctx)
        except CurationError as error:
            warn(f"curation: {_one_line(error)}")
            raise typer.Exit(error.exit_code) from error
        except KeyboardInterrupt:
            warn("curation: interrupted; run the same command again to go on")
            raise typer.Exit(_INTERRUPTED) from None
        except (typer.Exit, typer.Abort, BrokenPipeError):
            raise
        except OSError as error:
            # What the machine refuses: a full disk, a folder that may not be written.
            raise typer.Exit(_refused(error)) from error
        except Exception as error:
            raise typer.Exit(_report(error)) from error


def _report(error: Exception) -> int:
    """Say what went wrong; the exit code for it."""
    # The parser's own errors have a class of their own in every version of Typer: known by shape.
    if hasattr(error, "format_message") and hasattr(error, "exit_code"):
        context = getattr(error, "ctx", None)
        command = context.command_path if context is not None else "curation"
        warn(f"{command}: {_one_line(error.format_message()).rstrip('.')}; see: {command} --help")
        return int(error.exit_code)
    if os.environ.get("CURATION_DEBUG"):
        raise error
    warn(
        f"curation: internal error, please report it: {type(error).__name__}: "
        f"{_one_line(error)} (CURATION_DEBUG=1 shows the traceback)"
    )
    return _BUG


def _refused(error: OSError) -> int:
    if os.environ.get("CURATION_DEBUG"):
        raise error
    place = f"{os.fsdecode(error.filename)}: " if error.filename else ""
    warn(f"curation: {_one_line(place + (error.strerror or str(error)))}")
    _give_up_output()
    return CurationError.exit_code


def _give_up_output() -> None:
    """What waits for a stdout that takes nothing more would fail again at the exit."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _one_line(error: object) -> str:
    return " ".join(str(error).split())
