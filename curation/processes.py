"""What every worker process needs: it ends with its parent, and leaves Ctrl-C to it."""

from __future__ import annotations

import os
import signal
from multiprocessing import parent_process
from threading import Thread

__all__ = ["begin_worker"]


def begin_worker() -> None:
    """The first thing a worker does.

    Ctrl-C reaches the whole group of processes; the first one decides what it means. A parent that
    is killed cannot end its workers, which would wait for it for ever.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
