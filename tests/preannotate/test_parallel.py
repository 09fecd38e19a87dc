"""Several processes say what one says."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from curation.errors import UsageError
from curation.model import Document
from curation.preannotate.documents import Failure, annotate
from curation.preannotate.ner import MODEL_FOLDER
from curation.preannotate.parallel import Workers
from curation.testing import document

TEXTS = {
    "en": "Anna Berg met Peter Lind in Oslo on Monday.",
    "sk": "Prezident sa v utorok stretol s Petrom Novákom v Bratislave.",
}


def documents(count: int) -> list[Document]:
    """As many documents, in two languages by turns."""
    languages = list(TEXTS)
    chosen = [languages[i % 2] for i in range(count)]
    return [document(f"{i}. {TEXTS[c]}", uid=f"d{i:03}", language=c) for i, c in enumerate(chosen)]


def test_two_workers_say_the_same_in_the_same_order() -> None:
    """More documents than are in hand at a time come back in input order, as one process says."""
    given = documents(300)
    alone = list(annotate(given, default="fast"))
    with Workers(2) as workers:
        assert list(workers.annotate(iter(given), default="fast")) == alone
        assert list(workers.annotate(given[:3], default="fast")) == alone[:3]
    assert not any(isinstance(found, Failure) for found in alone)


@pytest.mark.skipif(not (MODEL_FOLDER / "model.onnx").is_file(), reason="no model here")
def test_a_network_that_shares_the_cores_says_the_same() -> None:
    """A worker's network runs on fewer threads, with the same results."""
    given = documents(8)
    with Workers(2) as workers:
        shared = list(workers.annotate(given, default="accurate"))
    assert shared == list(annotate(given, default="accurate"))


def test_a_missing_pipeline_is_said_by_the_worker_too() -> None:
    """What one process would raise comes through."""
    with Workers(2) as workers, pytest.raises(UsageError, match="no_such_pipeline"):
        list(workers.annotate(documents(2), default="no_such_pipeline"))


def test_a_worker_that_dies_is_said() -> None:
    """A killed process gives an error with what to do, not a wait without end."""
    with Workers(1) as workers:
        list(workers.annotate(documents(1), default="fast"))
        (process,) = workers._pools[0]._processes.values()
        os.kill(process.pid or 0, signal.SIGKILL)
        with pytest.raises(UsageError, match="--workers 1"):
            list(workers.annotate(documents(40), default="fast"))


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="Linux only")
def test_workers_end_with_a_parent_that_is_killed() -> None:
    """Nobody is left to end them, so they do it themselves."""
    code = (
        "import time\n"
        "from curation.preannotate.parallel import Workers\n"
        "from curation.testing import document\n"
        "if __name__ == '__main__':\n"
        "    with Workers(1) as workers:\n"
        "        list(workers.annotate([document('Anna met Bo.')], default='fast'))\n"
        "        print(*workers._pools[0]._processes, flush=True)\n"
        "        time.sleep(600)\n"
    )
    command = [sys.executable, "-c", code]
    quiet = subprocess.DEVNULL  # what watches over a process's semaphores regrets its sudden end
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=quiet) as parent:
        assert parent.stdout is not None
        worker = int(parent.stdout.readline())
        parent.kill()
    until = time.monotonic() + 60
    while _runs(worker) and time.monotonic() < until:
        time.sleep(0.05)
    assert not _runs(worker)


def _runs(process: int) -> bool:
    """Whether there is such a process, other than one that has ended and waits to be noticed."""
    try:
        state = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state[0] != "Z"
