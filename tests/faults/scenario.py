"""One seeded run: documents pushed, annotated and pulled while everything goes wrong."""

from __future__ import annotations

import json
import random
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from faults.checks import (
    Key,
    check_kept,
    check_said,
    check_sound,
    check_states,
    check_tasks,
    dump,
    keys,
)
from faults.children import BROKEN, DONE, Job, Nursery
from faults.proxy import Faults, Proxy
from faults.workspace import Said, add_documents, answer, propose, said, settings_of

from curation.labelstudio.convert import annotations_to_result
from curation.model import AnnotationSet, Document
from curation.ontology import load_ontology
from curation.store import open_store
from curation.workflows.workspace import default_ontology_file

__all__ = ["Outcome", "Server", "Stage", "run"]

CLIENT_TIMEOUT = 1.5
_DISTURBED = 5
_ATTEMPTS = 8


@dataclass(frozen=True)
class Server:
    """A real Label Studio, asked without the proxy and without the code under test."""

    port: int
    token: str

    def ask(self, method: str, path: str, body: Any = None, **params: Any) -> Any:
        """One call."""
        url = f"http://127.0.0.1:{self.port}/api/{path}?{urlencode(params)}"
        headers = {"Authorization": f"Token {self.token}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        with urlopen(Request(url, data, headers, method=method), timeout=60) as answer:
            found = answer.read()
        return json.loads(found) if found else None

    def projects(self, workspace: str) -> dict[str, list[int]]:
        """The projects of a workspace by annotator."""
        found: dict[str, list[int]] = {}
        mine = f"curation:{workspace}:"
        page = self.ask("GET", "projects/", page_size=10_000)["results"]
        for project in page:
            for line in (project["description"] or "").splitlines():
                if line.startswith(mine):
                    found.setdefault(line.removeprefix(mine), []).append(project["id"])
        return found

    def tasks(self, workspace: str) -> dict[str, list[dict[str, Any]]]:
        """All tasks of a workspace by annotator."""
        return {
            annotator: list(chain.from_iterable(self._tasks(n) for n in numbers))
            for annotator, numbers in self.projects(workspace).items()
        }

    def _tasks(self, project: int) -> list[dict[str, Any]]:
        answer = self.ask("GET", "tasks/", project=project, page_size=1000, fields="all")
        found: list[dict[str, Any]] = answer["tasks"]
        return found


@dataclass(frozen=True)
class Stage:
    """What runs share: the server, a proxy before it, and the nursery of the children."""

    server: Server
    proxy: Proxy
    nursery: Nursery

    def close(self) -> None:
        """The server stays."""
        self.nursery.close()
        self.proxy.close()


@dataclass
class Outcome:
    """What a run came to; `problems` is empty where all held."""

    seed: int
    problems: list[str] = field(default_factory=list)
    endings: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0


def run(stage: Stage, seed: int, folder: Path, workspace: str) -> Outcome:
    """A run in the empty `folder`, under the workspace id `workspace`."""
    started = time.monotonic()
    drama = _Run(stage, seed, folder, workspace)
    try:
        drama.play()
    except _Stuck as stuck:
        drama.outcome.problems.append(str(stuck))
    finally:
        for number in chain.from_iterable(stage.server.projects(workspace).values()):
            stage.server.ask("DELETE", f"projects/{number}/")
        drama.close()
    drama.outcome.seconds = time.monotonic() - started
    return drama.outcome


class _Stuck(Exception):
    """A child did not come through."""


class _Run:
    def __init__(self, stage: Stage, seed: int, folder: Path, workspace: str) -> None:
        self.outcome = Outcome(seed)
        self._stage = stage
        self._folder = folder
        self._workspace = workspace
        self._rng = random.Random(seed)
        self._names = ("anna", "ben", "cara")[: self._rng.choice((2, 2, 3))]
        self._database = folder / "curation.db"
        self._settings = settings_of(folder, workspace, self._names)
        self._store = open_store(self._settings.database_url)
        self._ontology = load_ontology(default_ontology_file())
        self._documents: dict[str, Document] = {}
        self._said: dict[tuple[str, str], Said] = {}
        self._kept: set[Key] = set()
        self._deleted: set[int] = set()

    def play(self) -> None:
        """Two rounds of work, then what must hold."""
        self._add(self._rng.randrange(20, 36))
        self._bring("push")
        self._check("first push")
        self._annotate()
        self._bring("pull")
        self._check("first pull", pulled=True)
        self._change()
        for verb in self._rng.choice((("push", "pull"), ("pull", "push", "pull"))):
            self._bring(verb)
        self._check("second round", pulled=True)
        self._check_idle()

    def close(self) -> None:
        """The database is closed."""
        self._store.close()

    # What people and models do

    def _add(self, count: int) -> None:
        for document in add_documents(self._store, self._rng, len(self._documents), count):
            self._documents[document.uid] = document

    def _annotate(self) -> None:
        for annotator, task in self._each_task():
            chance = self._rng.random()
            if chance < 0.2:
                self._submit(annotator, task)
            elif chance < 0.27:
                self._ask("POST", f"tasks/{task['id']}/annotations/", result=[], was_cancelled=True)
            elif chance < 0.3:
                self._draft(annotator, task)

    def _change(self) -> None:
        done = [(a, t) for a, t in self._each_task() if t["annotations"]]
        self._rng.shuffle(done)
        if len(done) < 3:
            raise _Stuck("a seed with too few annotations")
        (_, lost), (_, emptied), *rest = done
        self._ask("DELETE", f"tasks/{lost['id']}/")
        self._deleted.update(a["id"] for a in lost["annotations"])
        self._ask("DELETE", f"annotations/{emptied['annotations'][0]['id']}/")
        self._deleted.add(emptied["annotations"][0]["id"])
        for annotator, task in rest[: len(rest) // 3]:
            self._edit(annotator, task)
        opened = [(a, t) for a, t in self._each_task() if not t["annotations"]]
        for annotator, task in self._rng.sample(opened, len(opened) // 8):
            if task["id"] != emptied["id"]:
                self._submit(annotator, task)
        self._add(self._rng.randrange(8))
        for document in self._rng.sample(list(self._documents.values()), 6):
            propose(self._store, self._rng, document, "m-2")

    def _submit(self, annotator: str, task: dict[str, Any]) -> None:
        made, result = self._answer(annotator, task)
        self._ask(
            "POST",
            f"tasks/{task['id']}/annotations/",
            result=result,
            lead_time=round(self._rng.uniform(1, 90), 3),
        )
        self._said[made.uid, annotator] = said(made)

    def _edit(self, annotator: str, task: dict[str, Any]) -> None:
        made, result = self._answer(annotator, task)
        number = task["annotations"][0]["id"]
        self._ask("PATCH", f"annotations/{number}/", result=result, was_cancelled=False)
        self._said[made.uid, annotator] = said(made)

    def _draft(self, annotator: str, task: dict[str, Any]) -> None:
        _, result = self._answer(annotator, task)
        self._ask("POST", f"tasks/{task['id']}/drafts", result=result, lead_time=1.5)

    def _answer(
        self, annotator: str, task: dict[str, Any]
    ) -> tuple[AnnotationSet, list[dict[str, Any]]]:
        document = self._documents[task["data"]["uid"]]
        made = answer(self._rng, document, annotator)
        return made, list(annotations_to_result(made, document.text, self._ontology))

    def _each_task(self) -> Iterator[tuple[str, dict[str, Any]]]:
        for annotator, tasks in sorted(self._server_now().items()):
            for task in sorted(tasks, key=lambda t: str(t["data"]["uid"])):
                yield annotator, task

    def _ask(self, method: str, path: str, **body: Any) -> Any:
        return self._stage.server.ask(method, path, body or None)

    def _server_now(self) -> dict[str, list[dict[str, Any]]]:
        return self._stage.server.tasks(self._workspace)

    # Pushing and pulling

    def _bring(self, verb: str) -> None:
        """Again and again until it is done, disturbed less each time; then once undisturbed."""
        disturbed = False
        for attempt in range(_DISTURBED):
            seed = f"{self.outcome.seed} {verb} {attempt} {self._rng.random()}"
            faults = Faults(seed, 0.15 / (1 + attempt))
            kill_after = self._rng.uniform(0.05, 2.0) if self._rng.random() < 0.35 else None
            status = self._child(verb, faults, kill_after)
            self.outcome.faults += faults.drawn
            disturbed = disturbed or status != DONE or bool(faults.drawn)
            if status == DONE:
                break
        if disturbed:
            self._calmly(verb)

    def _calmly(self, verb: str) -> None:
        """When the server has had what is still on its way from those that were cut off."""
        self._stage.proxy.settle()
        for _ in range(_ATTEMPTS - _DISTURBED):
            if self._child(verb, None, None) == DONE:
                return
        last = self._stage.nursery.log.read_text(encoding="utf-8").splitlines()[-1:]
        raise _Stuck(f"{verb} does not come through: {last}")

    def _child(self, verb: str, faults: Faults | None, kill_after: float | None) -> int:
        stage = self._stage
        stage.proxy.faults, stage.proxy.kill = faults, stage.nursery.kill
        job = Job(
            verb=verb,
            folder=str(self._folder),
            workspace=self._workspace,
            annotators=self._names,
            url=stage.proxy.url,
            token=stage.server.token,
            timeout=CLIENT_TIMEOUT if faults else 60.0,
            kill_after=kill_after,
        )
        status = stage.nursery.run(job)
        self.outcome.endings[f"{verb} {'killed' if status < 0 else status}"] += 1
        if status == BROKEN:
            self.outcome.problems.append(f"{verb} ended with a traceback, see {stage.nursery.log}")
        return status

    # What must hold

    def _check_idle(self) -> None:
        """A push and a pull without changes change nothing, on either side."""
        before, there = dump(self._database), _lasting(self._server_now())
        self._calmly("push")
        self._calmly("pull")
        changed = sorted(set(dump(self._database)) ^ set(before))
        if changed:
            self.outcome.problems.append(f"without need {len(changed)} rows changed: {changed}")
        if _lasting(self._server_now()) != there:
            self.outcome.problems.append("something was changed on the server without need")

    def _check(self, when: str, *, pulled: bool = False) -> None:
        there = self._server_now()
        if pulled:
            self._kept |= keys(there)
        found: list[Callable[[Any], Iterator[str]]] = [lambda repo: check_tasks(repo, there)]
        if pulled:
            found.append(lambda repo: check_said(repo, self._said))
            found.append(lambda repo: check_states(repo, there, self._deleted))
            found.append(lambda _repo: check_kept(self._database, self._kept))
        found.append(lambda _repo: check_sound(self._database))
        with self._store.transaction() as repo:
            problems = [problem for check in found for problem in check(repo)]
        self.outcome.problems += [f"{when}: {problem}" for problem in problems]


def _lasting(server: dict[str, list[dict[str, Any]]]) -> str:
    """Without what tells the time of asking."""
    text = json.dumps(server, sort_keys=True)
    return re.sub(r'"created_ago": "[^"]*"', "", text)
