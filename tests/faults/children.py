"""Pushes and pulls in processes of their own, which can be killed.

`Nursery` starts one process that has everything imported; each child is a fork of it, so that a
child costs no start. Run as a program, this file is that process.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import traceback
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

__all__ = ["Job", "Nursery"]

DONE, REFUSED, UNREACHABLE, BROKEN = 0, 2, 3, 70
KILLED = -signal.SIGKILL


@dataclass(frozen=True)
class Job:
    """A `push` or `pull` of the workspace in `folder`, to the server at `url`.

    `kill_after` seconds it is killed if it has not ended; `timeout` is the client's.
    """

    verb: str
    folder: str
    workspace: str
    annotators: tuple[str, ...]
    url: str
    token: str
    timeout: float = 60.0
    kill_after: float | None = None


class Nursery:
    """Runs jobs, one at a time; `log` is where children write what they say."""

    def __init__(self, log: Path) -> None:
        self.log = log
        self._pid = 0
        self._process = subprocess.Popen(
            [sys.executable, __file__, str(log)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, job: Job) -> int:
        """The exit status; minus the signal where it was killed."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(asdict(job)) + "\n")
        self._process.stdin.flush()
        self._pid = int(self._process.stdout.readline())
        status = int(self._process.stdout.readline())
        self._pid = 0
        return status

    def kill(self) -> None:
        """Kill the child that is at work, if any."""
        if self._pid:
            os.kill(self._pid, signal.SIGKILL)

    def close(self) -> None:
        """No more jobs."""
        self._process.communicate()


def _work(job: Job) -> None:
    from faults.workspace import settings_of

    from curation.labelstudio.client import LabelStudio
    from curation.ontology import load_ontology
    from curation.store import open_store
    from curation.workflows.pull import pull
    from curation.workflows.push import push
    from curation.workflows.workspace import default_ontology_file, now

    settings = settings_of(Path(job.folder), job.workspace, job.annotators)
    client = LabelStudio(job.url, job.token, timeout=job.timeout)
    ontology = load_ontology(default_ontology_file())
    store = open_store(settings.database_url)
    if job.verb == "push":
        push(
            store,
            client,
            settings=settings,
            ontology=ontology,
            at=now(),
            pause=lambda seconds: time.sleep(seconds / 5),
        )
    else:
        pull(store, client, settings=settings, ontology=ontology, at=now())


def _child(job: Job, log: IO[str]) -> int:
    from curation.errors import CurationError, LabelStudioUnreachable

    try:
        _work(job)
    except LabelStudioUnreachable as error:
        log.write(f"{job.verb}: {error}\n")
        return UNREACHABLE
    except CurationError as error:
        log.write(f"{job.verb}: {error}\n")
        return REFUSED
    except BaseException:  # a child must never return into its parent's loop
        log.write(traceback.format_exc())
        return BROKEN
    return DONE


def _await(pid: int, kill_after: float | None) -> int:
    end = time.monotonic() + kill_after if kill_after is not None else None
    while True:
        found, status = os.waitpid(pid, os.WNOHANG if end is not None else 0)
        if found:
            return os.waitstatus_to_exitcode(status)
        if end is not None and time.monotonic() > end:
            os.kill(pid, signal.SIGKILL)
            end = None
        time.sleep(0.002)


def _load() -> None:
    """What every child needs, imported once."""
    import faults.workspace  # noqa: F401
    import label_studio_sdk.client  # noqa: F401

    from curation.labelstudio import listing
    from curation.labelstudio.client import LabelStudio
    from curation.store import open_store
    from curation.workflows import push_tasks

    # Several batches and pages in a small workspace.
    push_tasks._BATCH_TASKS = listing._TASKS_PAGE = 10
    LabelStudio("http://127.0.0.1:9", "none").close()
    open_store("sqlite://").close()


def _serve(log: Path) -> None:
    _load()
    for line in sys.stdin:
        values = json.loads(line)
        job = Job(**values | {"annotators": tuple(values["annotators"])})
        pid = os.fork()
        if pid == 0:
            with log.open("a", encoding="utf-8") as said:
                status = _child(job, said)
            os._exit(status)
        print(pid, flush=True)
        print(_await(pid, job.kill_after), flush=True)


if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).resolve().parents[i]) for i in (1, 2)]
    _serve(Path(sys.argv[1]))
