"""Push and pull against what a real Label Studio takes and gives at best, in one run.

A server of its own is started in a temporary folder. Ours and bare calls take turns on it, so that
a busy machine slows both alike. The bare import sends the very payloads of the push in the same
batches through the same client; the bare export is Label Studio's own, of the same project.
"""

from __future__ import annotations

import random
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from typing import Any

AT = "2024-05-01T12:00:00+00:00"
WORDS = 300
ENTITIES, EVENTS, ARGUMENTS = 54, 31, 57
"""What a pre-annotated article of that length holds."""

ROUNDS = 4
CHANGED = 10
SECOND_PULL_S = 2.0
MEMORY_MB = 500.0


def rows(count: int) -> list[dict]:
    """Rows of `scripts/bench labelstudio` for `count` tasks."""
    from curation.labelstudio import server

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        info = server.start(folder / "server", wait=300)
        try:
            return _Bench(folder, info, count).run()
        finally:
            server.stop(folder / "server")


@dataclass
class _Bench:
    folder: Path
    info: Any
    count: int

    def run(self) -> list[dict]:
        from curation.labelstudio.client import LabelStudio
        from curation.ontology import load_ontology
        from curation.settings import Annotator, Settings
        from curation.workflows.workspace import default_ontology_file

        self.client = LabelStudio(self.info.url, self.info.token, timeout=600)
        self.client.me()
        self.store_of(self.folder / "first.db").close()  # Both load what they need.
        self.ontology = load_ontology(default_ontology_file())
        place = self.folder / "workspace"
        place.mkdir()
        person = Annotator(name="anna", email=self.info.email)
        self.settings = Settings(folder=place, id="bench", name="Bench", annotators=(person,))
        found = [self.pushing()]
        self.annotate()
        found += self.pulling()
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        found.append(_row("peak memory in MB, of all this", peak, "limit", MEMORY_MB, self.count))
        return found

    # Push

    def pushing(self) -> dict:
        """Documents in rounds: each is pushed, and its payloads imported by bare calls."""
        from curation.ontology_xml import ontology_to_xml

        store = self.store()
        bare = self.client.create_project("Bare import", ontology_to_xml(self.ontology), "")
        ours = other = 0.0
        made = _documents(self.count, self.ontology)
        sizes = [self.count // ROUNDS + (i < self.count % ROUNDS) for i in range(ROUNDS)]
        for number, size in enumerate(sizes):
            uids = _save(store, islice(made, size))
            if number % 2:
                other += self.bare_import(store, uids, bare)
                ours += _seconds(self.push)
            else:
                ours += _seconds(self.push)
                other += self.bare_import(store, uids, bare)
            _say(f"push {ours:.1f} s, bare import {other:.1f} s")
        assert self.client.project(bare)["task_number"] == self.count
        self.client.delete_project(bare)
        return _row("push", ours, "bare import of the same payloads", other, self.count)

    def push(self) -> None:
        from curation.workflows.push import push

        store = self.store()
        done = push(store, self.client, settings=self.settings, ontology=self.ontology, at=AT)
        assert not done.problems, done.problems
        store.close()

    def bare_import(self, store: Any, uids: list[str], project: int) -> float:
        """Seconds in the calls alone; the payloads are made before, and wait in files as JSON."""
        from curation.workflows.push_tasks import TaskMaker, batches

        with store.transaction() as repo:
            proposals = repo.proposals()
        maker = TaskMaker(store, self.ontology, "anna", proposals, dict.fromkeys(uids, True))
        waiting = []
        for number, batch in enumerate(batches(maker.tasks(uids))):
            waiting.append(self.folder / f"payloads-{number}.jsonl")
            waiting[-1].write_bytes(b"\n".join(p.body for p in batch))
        took = 0.0
        for file in waiting:
            tasks = file.read_bytes().split(b"\n")
            took += _seconds(lambda tasks=tasks: self.client.import_tasks(project, tasks))
        return took

    # Pull

    def annotate(self) -> None:
        """Every prediction submitted as it is, by Label Studio's own bulk action."""
        ids = list(self.client.task_states(self.project_id()))
        for first in range(0, len(ids), 200):
            body = {"selectedItems": {"all": False, "included": ids[first : first + 200]}}
            where = f"/api/dm/actions?id=predictions_to_annotations&project={self.project_id()}"
            with self.http() as http:
                http.post(where, json=body).raise_for_status()
        # People do not submit hundreds within one second, as the bulk action does: a pull looks
        # again at what changed in the seconds before the last change that it has seen.
        time.sleep(6)
        self.change(1)
        _say("annotated")

    def pulling(self) -> list[dict]:
        """Export, pull, pull, export: what slows down over time meets both alike."""
        again = self.folder / "again"
        shutil.copytree(self.settings.folder, again)
        copied = self.settings.model_copy(update={"folder": again})
        other = _seconds(self.export)
        ours = _seconds(lambda: self.pull(self.settings, new=self.count))
        ours += _seconds(lambda: self.pull(copied, new=self.count))
        other += _seconds(self.export)
        found = [_row("pull, twice", ours, "bare export of the same, twice", other, self.count)]
        second = _seconds(lambda: self.pull(self.settings, new=0))
        found.append(_row("second pull, no change", second, "limit", SECOND_PULL_S, self.count))
        self.change(CHANGED)
        changed = _seconds(lambda: self.pull(self.settings, revised=CHANGED))
        label = f"pull after {CHANGED} changes"
        found.append(_row(label, changed, "full pull", ours / 2, self.count))
        return found

    def pull(self, settings: Any, **expected: int) -> None:
        from curation.workflows.pull import pull

        store = self.store(settings)
        done = pull(store, self.client, settings=settings, ontology=self.ontology, at=AT)
        store.close()
        assert not done.problems, done.problems[:3]
        assert {name: getattr(done, name) for name in expected} == expected, done

    def export(self) -> None:
        where = f"/api/projects/{self.project_id()}/export"
        wanted = {"exportType": "JSON", "download_all_tasks": "true"}
        target = self.folder / "export.json"
        with self.http() as http, http.stream("GET", where, params=wanted) as answer:
            answer.raise_for_status()
            with target.open("wb") as file:
                for part in answer.iter_bytes():
                    file.write(part)

    def change(self, count: int) -> None:
        """That many annotations, of the last tasks, lose their relations or else a region."""
        ids = list(self.client.task_states(self.project_id()))[-count:]
        with self.http() as http:
            for page in self.client.annotated_tasks(self.project_id(), ids):
                for task in page:
                    (annotation,) = task["annotations"]
                    found = annotation["result"]
                    kept = [r for r in found if r["type"] != "relation"]
                    result = kept if len(kept) < len(found) else kept[1:]
                    http.patch(
                        f"/api/annotations/{annotation['id']}/", json={"result": result}
                    ).raise_for_status()

    # What both need

    def store(self, settings: Any = None) -> Any:
        return self.store_of((settings or self.settings).folder / "curation.db")

    def store_of(self, file: Path) -> Any:
        from curation.store import open_store
        from curation.workflows import pull, push  # noqa: F401 - loaded before a clock runs

        return open_store(f"sqlite:///{file}")

    def project_id(self) -> int:
        (found,) = self.client.marked_projects("curation:bench:anna")
        return int(found["id"])

    def http(self) -> Any:
        import httpx

        key = {"Authorization": f"Token {self.info.token}"}
        return httpx.Client(base_url=self.info.url, headers=key, timeout=3600, trust_env=False)


def _documents(count: int, ontology: Any) -> Iterator[tuple[Any, Any]]:
    """Documents of 300 words, with as many proposals as the pipelines make; the same each time."""
    from curation.model import Document
    from curation.samples import documents_dir

    texts = [path.read_text("utf-8") for path in sorted(documents_dir().glob("en*.txt"))]
    words = " ".join(texts).split()
    for number in range(count):
        first = 37 * number % len(words)
        text = " ".join([f"No. {number}:", *islice(cycle(words), first, first + WORDS - 2)])
        uid = f"doc-{number:05}"
        yield Document(uid=uid, language="en", text=text), _proposal(uid, text, ontology)


def _proposal(uid: str, text: str, ontology: Any) -> Any:
    from curation.model import AnnotationSet, Argument, Entity, Event, TextSpan

    chance = random.Random(uid)
    spans, start = [], 0
    for word in text.split(" "):
        spans.append((start, start + len(word)))
        start += len(word) + 1
    places = chance.sample(spans, ENTITIES + EVENTS)
    labels, types = sorted(ontology.entity_names), sorted(ontology.event_names)
    entities = tuple(
        Entity(
            id=f"T{i}", start=a, end=b, label=chance.choice(labels),
            score=round(chance.random(), 3), component="ner",
        )
        for i, (a, b) in enumerate(places[:ENTITIES])
    )  # fmt: skip
    allowed = [(r.name, e.id) for r in ontology.roles for e in entities if e.label in r.fillers]
    chosen = [chance.choice(allowed) for _ in range(ARGUMENTS)]
    events = tuple(
        Event(
            id=f"E{i}",
            type=chance.choice(types),
            trigger=TextSpan(start=a, end=b),
            arguments=tuple(Argument(role=r, target=t) for r, t in sorted({*chosen[i::EVENTS]})),
            attributes={a.name: chance.choice(a.values) for a in ontology.attributes},
            score=round(chance.random(), 3),
            component="events",
        )
        for i, (a, b) in enumerate(places[ENTITIES:])
    )
    return AnnotationSet(uid=uid, annotator="m-1", kind="model", entities=entities, events=events)


def _save(store: Any, made: Iterator[tuple[Any, Any]]) -> list[str]:
    uids = []
    with store.transaction() as repo:
        for document, proposal in made:
            repo.add_document(document, offset_map=[], at=AT)
            repo.save_annotations(proposal, at=AT)
            uids.append(document.uid)
    return uids


def _seconds(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def _row(what: str, ours: float, other_name: str, other: float, n: int) -> dict:
    return {
        "what": what,
        "ours_s": round(ours, 3),
        "other": other_name,
        "other_s": round(other, 3),
        "ratio": round(other / ours, 3),
        "n": n,
    }


def _say(what: str) -> None:
    print(f"labelstudio: {what}", file=sys.stderr)
