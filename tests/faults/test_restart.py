"""The server is stopped and started again while a push, and a pull, are at work."""

from __future__ import annotations

import importlib.util
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from threading import Timer
from typing import TYPE_CHECKING

import pytest
from faults.checks import check_kept, check_said, check_sound, check_states, check_tasks, keys
from faults.scenario import Server
from faults.workspace import AT, add_documents, answer, said, settings_of

from curation.errors import LabelStudioUnreachable
from curation.labelstudio import listing, server
from curation.labelstudio.client import LabelStudio
from curation.labelstudio.convert import annotations_to_result
from curation.labelstudio.payload import Payload
from curation.ontology import Ontology
from curation.store import open_store
from curation.workflows import push_tasks
from curation.workflows.pull import pull
from curation.workflows.push import push

if TYPE_CHECKING:
    from curation.labelstudio.server import ServerInfo

WORKSPACE = "restart"


class Interrupted(LabelStudio):
    """`stop` ends the server with the second batch on its way, and after the first page is read."""

    stop: Callable[[], object]
    batches = 0

    def import_tasks(self, project_id: int, tasks: Sequence[Payload | bytes]) -> list[int]:
        """The second one finds a server that goes down while it works, or just before."""
        self.batches += 1
        if self.batches == 2:
            Timer(0.05, self.stop).start()
        return super().import_tasks(project_id, tasks)

    def annotated_tasks(
        self, project_id: int, ids: Sequence[int] | None = None, *, known: Iterable[int] = ()
    ) -> Iterator[list[Payload]]:
        """Pages, the server gone after the first one."""
        for page in super().annotated_tasks(project_id, ids, known=known):
            yield page
            self.stop()


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[ServerInfo]:
    """A server of this test's own: others would find theirs under another process."""
    if importlib.util.find_spec("label_studio") is None:
        pytest.skip("label-studio is not installed: pip install 'curation[server]'")
    folder = tmp_path / "server"
    yield server.start(folder, wait=240)
    server.stop(folder)


@pytest.mark.server
@pytest.mark.slow
@pytest.mark.timeout(600)
def test_push_and_pull_go_on_after_the_server_was_restarted(
    own_server: ServerInfo,
    news: Ontology,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each ends with advice to run it again; run again, nothing is missing, doubled or lost."""
    monkeypatch.setattr(push_tasks, "_BATCH_TASKS", 5)
    monkeypatch.setattr(listing, "_TASKS_PAGE", 3)
    info, rng = own_server, random.Random(7)
    remote = Server(info.port, info.token)
    settings = settings_of(tmp_path, WORKSPACE, ("anna", "ben"))
    store = open_store(settings.database_url)
    documents = {d.uid: d for d in add_documents(store, rng, 0, 16)}

    def pushed(client: LabelStudio) -> int:
        return push(
            store, client, settings=settings, ontology=news, at=AT, pause=lambda _seconds: None
        ).created

    def pulled(client: LabelStudio) -> None:
        pull(store, client, settings=settings, ontology=news, at=AT)

    stopping, calm = (
        kind(info.url, info.token, pause=lambda _seconds: None)
        for kind in (Interrupted, LabelStudio)
    )
    assert isinstance(stopping, Interrupted)
    stopping.stop = lambda: server.stop(info.folder)
    with pytest.raises(LabelStudioUnreachable, match="run curation push again"):
        pushed(stopping)
    server.start(info.folder, port=info.port)
    assert 0 < pushed(calm) < 24
    there = remote.tasks(WORKSPACE)
    expected = {}
    for annotator, tasks in there.items():
        for task in tasks[:5]:
            made = answer(rng, documents[task["data"]["uid"]], annotator)
            text = documents[made.uid].text
            result = annotations_to_result(made, text, news)
            calm.create_annotation(task["id"], result, lead_time=1.0)
            expected[made.uid, annotator] = said(made)
    with pytest.raises(LabelStudioUnreachable):
        pulled(stopping)
    with store.transaction() as repo:
        assert 0 < len(list(repo.annotation_sets("person"))) < len(expected)
    server.start(info.folder, port=info.port)
    pulled(calm)
    there = remote.tasks(WORKSPACE)
    with store.transaction() as repo:
        problems = [
            *check_tasks(repo, there),
            *check_said(repo, expected),
            *check_states(repo, there, set()),
            *check_kept(tmp_path / "curation.db", keys(there)),
            *check_sound(tmp_path / "curation.db"),
        ]
    assert problems == []
    assert pushed(calm) == 0
