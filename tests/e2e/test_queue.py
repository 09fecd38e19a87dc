"""The order in which a real Label Studio hands out pre-annotated tasks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from curation.labelstudio import server
from curation.labelstudio.client import LabelStudio
from curation.preannotate.certainty import task_score
from curation.settings import Annotator
from curation.settings_template import settings_text
from curation.workflows.workspace import open_workspace

from ..cli.conftest import Run, run  # noqa: F401 (a fixture)

if TYPE_CHECKING:
    from curation.labelstudio.server import ServerInfo

pytestmark = [pytest.mark.server, pytest.mark.slow, pytest.mark.timeout(600)]

TEXTS = {
    "a-sure": "Minister Anna Berg met Peter Lind in Oslo on Monday.",
    "b-odd": "Vandrel of the Kessok Group and Zamtech backed the Ludo move in Qirr.",
    "c-long": "Police in Madrid arrested Ivan Petrov. The Nordic Council protested in May.",
    "d-plain": "Norway sanctioned Belarus on 3 March 2021.",
    "e-short": "Talks collapsed.",
}


@pytest.fixture
def workspace(
    run: Run,  # noqa: F811
    label_studio_server: ServerInfo,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    """Documents pre-annotated and pushed to one annotator."""
    monkeypatch.setenv("LABEL_STUDIO_URL", label_studio_server.url)
    monkeypatch.setenv("LABEL_STUDIO_API_KEY", label_studio_server.token)
    folder = tmp_path / "queue"
    assert run("init", folder).code == 0
    people = [Annotator(name="anna", email="anna-queue@example.org")]
    text = settings_text(workspace_id="queue", name="Queue", annotators=people)
    (folder / "curation.toml").write_text(text, encoding="utf-8")
    (tmp_path / "texts").mkdir()
    for uid, content in TEXTS.items():
        (tmp_path / "texts" / f"{uid}.txt").write_text(content, encoding="utf-8")
    for command in (("ingest", tmp_path / "texts"), ("preannotate",), ("push",)):
        ran = run(*command, "--workspace", folder)
        assert ran.code == 0, ran.err
    return folder


def handed_out(client: LabelStudio, project: int) -> list[dict[str, Any]]:
    """The tasks in the order in which an annotator gets them, each submitted as it comes."""
    tasks = []
    for _ in TEXTS:
        task = client._send("POST", f"api/dm/actions?id=next_task&project={project}", {})
        client.create_annotation(task["id"], [], lead_time=1.0)
        tasks.append(task)
    return tasks


def test_least_certain_is_handed_out_first(
    workspace: Path, label_studio_server: ServerInfo
) -> None:
    """Each prediction has its task's score, and the stream goes from the least to the most."""
    opened = open_workspace(workspace, {})
    with opened.store.transaction() as repo:
        expected = {s.uid: task_score(s) for s in repo.annotation_sets("model")}
        (project,) = repo.projects()
    token = server.ensure_user(label_studio_server, email="anna-queue@example.org", name="anna")
    client = LabelStudio(label_studio_server.url, token)
    there = {t["id"]: t for t in client.tasks(project.remote_id)}
    scores = {t["data"]["uid"]: t["predictions"][0]["score"] for t in there.values()}
    assert scores == {uid: pytest.approx(score) for uid, score in expected.items()}
    order = [there[t["id"]]["data"]["uid"] for t in handed_out(client, project.remote_id)]
    assert order == sorted(expected, key=lambda uid: (expected[uid], uid))
    assert order != sorted(expected)
    client.close()
