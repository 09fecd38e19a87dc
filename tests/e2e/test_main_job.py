"""The whole chain against a real Label Studio, with two users who correct in different ways."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from browser import arrows, chromium_page, draw, highlighted, log_in, open_task, submit

from curation.labelstudio.client import LabelStudio
from curation.settings import Annotator
from curation.settings_template import settings_text

from ..cli.conftest import Ran, Run, run  # noqa: F401 (a fixture)

if TYPE_CHECKING:
    from curation.labelstudio.server import ServerInfo

pytestmark = [pytest.mark.server, pytest.mark.slow, pytest.mark.timeout(600)]

WINDOWS = (
    "MADRID 🙂 – Minister Anna Berg met Peter Lind in Oslo on Monday.\r\n\r\n"
    "Police in Madrid arrested two men.\r\n"
)
COMBINING = (
    "Cafe\u0301 owners in Košice protested on 3 March 2021. 👩‍👩‍👧 Norway sanctioned Belarus.\n"
)
TEXTS = {"windows": WINDOWS, "combining": COMBINING}
ROLES = {"Actor", "Recipient", "Location", "Date"}
PASSWORD = "e2e-Password-of-nobody-1"


@dataclass(frozen=True)
class Site:
    """A workspace that uses a running server, and its two users' clients."""

    folder: Path
    run: Run
    server: ServerInfo
    clients: dict[str, LabelStudio]

    def __call__(self, *arguments: object) -> Ran:
        """Runs a command on the workspace; it must succeed."""
        ran = self.run(arguments[0], "--workspace", self.folder, *arguments[1:])
        assert ran.code == 0, ran.err
        return ran

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What SQL says about the database."""
        with closing(sqlite3.connect(self.folder / "curation.db")) as connection, connection:
            return connection.execute(query).fetchall()

    def tasks(self, name: str) -> dict[str, dict[str, Any]]:
        """The annotator's tasks on the server, by uid."""
        client = LabelStudio(self.server.url, self.server.token)
        (project,) = [p for p in client.projects() if self._marker(name) in p["description"]]
        return {t["data"]["uid"]: t for t in client.tasks(project["id"])}

    def _marker(self, name: str) -> str:
        return f"curation:{self.folder.name}:{name}"


@pytest.fixture
def site(
    run: Run,  # noqa: F811
    label_studio_server: ServerInfo,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> Site:
    """Documents in a workspace, pre-annotated and pushed; two users with accounts."""
    from curation.labelstudio import server

    monkeypatch.setenv("LABEL_STUDIO_URL", label_studio_server.url)
    monkeypatch.setenv("LABEL_STUDIO_API_KEY", label_studio_server.token)
    folder = tmp_path / f"e2e{abs(hash(request.node.name)) % 10**8:08}"
    folder.mkdir()
    assert run("init", folder / "template").code == 0
    (folder / "template" / "label_config").rename(folder / "label_config")
    people = [
        Annotator(name=name, email=f"{name}-{folder.name}@example.org") for name in ("anna", "ben")
    ]
    text = settings_text(workspace_id=folder.name, name="End to end", annotators=people)
    (folder / "curation.toml").write_text(text, encoding="utf-8")
    (tmp_path / "texts").mkdir()
    for uid, content in TEXTS.items():
        (tmp_path / "texts" / f"{uid}.txt").write_bytes(content.encode())
    clients = {
        p.name: LabelStudio(
            label_studio_server.url,
            server.ensure_user(label_studio_server, email=p.email, name=p.name, password=PASSWORD),
        )
        for p in people
    }
    made = Site(folder, run, label_studio_server, clients)
    made("ingest", tmp_path / "texts")
    made("preannotate")
    made("push")
    return made


def region(text: str, surface: str, label: str, name: str) -> dict[str, Any]:
    """An entity region over the only place where `surface` stands."""
    start = text.index(surface)
    value = {"start": start, "end": start + len(surface), "text": surface, "labels": [label]}
    return {
        "id": name,
        "from_name": "entities",
        "to_name": "text",
        "type": "labels",
        "value": value,
        "origin": "manual",
    }


def test_push_again_sends_nothing(site: Site) -> None:
    """A second push creates no task, also where the store has forgotten what it sent."""
    assert site("push", "--json").json["created"] == 0
    with closing(sqlite3.connect(site.folder / "curation.db")) as connection, connection:
        connection.execute("DELETE FROM task")
    again = site("push", "--json").json
    assert (again["created"], again["existing"]) == (0, 4)
    assert site.rows("SELECT count(*) FROM task") == [(4,)]


def test_projects_are_blind(site: Site) -> None:
    """Each annotator has a project of their own, with the same documents and proposals."""
    anna, ben = site.tasks("anna"), site.tasks("ben")
    assert set(anna) == set(ben) == set(TEXTS)
    assert {t["id"] for t in anna.values()}.isdisjoint(t["id"] for t in ben.values())
    assert all(t["predictions"] for t in (*anna.values(), *ben.values()))


def test_corrections_become_gold(site: Site) -> None:
    """Two users correct differently; agreement, gold with provenance, splits and release follow."""
    for name, label in (("anna", "LOC"), ("ben", "ORG")):
        for uid, task in site.tasks(name).items():
            text = task["data"]["text"]
            surface = {"windows": "Madrid", "combining": "Norway"}[uid]
            kept = region(text, {"windows": "Peter Lind", "combining": "Košice"}[uid], "PER", "k")
            result = [region(text, surface, label, "changed"), kept]
            site.clients[name].create_annotation(task["id"], result, lead_time=12.5)
    pulled = site("pull", "--json").json
    assert (pulled["new"], pulled["quarantined"], pulled["tasks"]) == (4, 0, {"done": 4})
    assert site("pull", "--json").json["read"] == 0
    assert site("pull", "--full", "--json").json["unchanged"] == 4
    assert site.rows("SELECT count(*) FROM payload") == [(4,)]
    found = site.rows(
        "SELECT uid, annotator, label, surface FROM entity WHERE kind = 'person' "
        "AND surface IN ('Madrid', 'Norway') ORDER BY uid, annotator"
    )
    assert found == [
        ("combining", "anna", "LOC", "Norway"),
        ("combining", "ben", "ORG", "Norway"),
        ("windows", "anna", "LOC", "Madrid"),
        ("windows", "ben", "ORG", "Madrid"),
    ]
    measures = {
        m["name"]: m for m in site("agreement", "--json").json["measures"] if not m["slice"]
    }
    assert measures["f1(layer=entities,match=exact)"]["value"] == 0.5
    assert measures["f1(layer=entities,match=boundary)"]["value"] == 1.0
    assert site("adjudicate", "--json").json["disputed_documents"] == 2
    assert site.run("split", "--workspace", site.folder).code == 2
    settled = site("adjudicate", "--policy", "prefer:anna", "--json").json
    assert (settled["complete"], settled["by_rule"]) == (2, {"prefer:anna": 2, "unanimous": 2})
    rule = (
        "SELECT d.rule, d.body FROM decision d JOIN annotation_set s ON s.id = d.set_id "
        "WHERE s.current"
    )
    assert any(row[0] == "prefer:anna" and "ben" in row[1] for row in site.rows(rule))
    site("split")
    released = site("release", "0.1.0", "--json").json
    assert released["documents"] == 2
    site("report")
    assert "<html" in (site.folder / "report.html").read_text(encoding="utf-8")
    assert site("status", "--json").json["by_status"] == {"gold": 2}


def test_edited_skipped_and_deleted(site: Site) -> None:
    """A later edit is a revision, a skip is said, and a deleted project loses nothing."""
    tasks = site.tasks("anna")
    client = site.clients["anna"]
    text = tasks["windows"]["data"]["text"]
    client.create_annotation(
        tasks["windows"]["id"], [region(text, "Oslo", "LOC", "a")], lead_time=1.0
    )
    client.create_annotation(tasks["combining"]["id"], [], lead_time=1.0, was_cancelled=True)
    assert site("pull", "--json").json["tasks"] == {"done": 1, "open": 2, "skipped": 1}
    client.create_annotation(
        tasks["windows"]["id"], [region(text, "Oslo", "ORG", "a")], lead_time=1.0
    )
    assert site("pull", "--json").json["revised"] == 1
    history = "SELECT current, body FROM annotation_set WHERE kind = 'person' ORDER BY id"
    assert [(c, "ORG" in body) for c, body in site.rows(history)] == [(0, False), (1, True)]
    admin = LabelStudio(site.server.url, site.server.token)
    number = site.tasks("ben")["windows"]["project"]
    admin.delete_project(number)
    ran = site.run("pull", "--workspace", site.folder)
    assert ran.code == 1
    assert f"project {number}, of ben, was deleted on the server: 2 tasks are gone" in ran.err
    assert site("pull", "--json").json["tasks"] == {"done": 1, "gone": 2, "skipped": 1}
    assert site("push", "--json").json["created"] == 2
    assert site("pull", "--json").json["tasks"] == {"done": 1, "open": 2, "skipped": 1}
    assert site.rows("SELECT count(*) FROM annotation_set WHERE kind = 'person'") == [(2,)]


def test_unreadable_region_goes_to_quarantine(site: Site) -> None:
    """A region whose text is nowhere near is put aside with a link, and nothing is lost."""
    task = site.tasks("anna")["windows"]
    wrong = region(task["data"]["text"], "Oslo", "LOC", "a")
    wrong["value"]["text"] = "Atlantis"
    site.clients["anna"].create_annotation(task["id"], [wrong], lead_time=1.0)
    pulled = site("pull", "--json").json
    assert pulled["quarantined"] == 1
    assert site("status", "--json").json["quarantine"] == 1
    ((link,),) = site.rows("SELECT link FROM quarantine")
    assert str(task["id"]) in link
    assert site.rows("SELECT count(*) FROM payload") == [(1,)]


def test_wrong_key_is_refused_in_one_line(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key that the server does not know is one line and exit code 2, and is not shown."""
    monkeypatch.setenv("LABEL_STUDIO_API_KEY", "f" * 40)
    ran = site.run("push", "--workspace", site.folder)
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert "f" * 40 not in ran.err


@pytest.mark.browser
def test_region_drawn_in_a_browser_is_in_the_database(site: Site) -> None:
    """An annotator logs in, sees proposals in place, draws a region, submits, and it is pulled."""
    task = site.tasks("anna")["windows"]
    text = task["data"]["text"]
    client = site.clients["anna"]
    with chromium_page() as page:
        log_in(page, site.server.url, f"anna-{site.folder.name}@example.org", PASSWORD)
        open_task(page, client.task_url(task["project"], task["id"]))
        proposed = sorted(
            (r["value"]["text"], r["value"]["labels"][0])
            for r in task["predictions"][0]["result"]
            if r["type"] == "labels"
        )
        assert sorted(highlighted(page)) == proposed
        relations = [r for r in task["predictions"][0]["result"] if r["type"] == "relation"]
        roles = sorted(r["labels"][0] for r in relations)
        assert arrows(page, ROLES, at_least=len(roles)) == roles
        page.keyboard.press("2")
        draw(page, "two men")
        page.locator(".htx-highlight", has_text="two men").wait_for()
        submit(page)
    pulled = site("pull", "--json").json
    assert (pulled["new"], pulled["quarantined"]) == (1, 0)
    entities = site.rows(
        "SELECT label, start, surface FROM entity WHERE kind = 'person' AND label = 'ORG'"
    )
    assert ("ORG", text.index("two men"), "two men") in entities
    events = site.rows("SELECT count(*) FROM event WHERE kind = 'person'")
    triggers = [r for r in task["predictions"][0]["result"] if r.get("from_name") == "events"]
    assert events == [(len(triggers),)]


def test_recipes_do_the_round_trip(site: Site) -> None:
    """The recipes for pushing and pulling work on a real server, as they stand in scripts/."""
    scripts = Path(__file__).parents[2] / "scripts"

    def recipe(name: str) -> str:
        command = [sys.executable, str(scripts / name), str(site.folder)]
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stderr
        return ran.stdout

    assert "anna: 0 new, 2 there" in recipe("push_tasks.py")
    task = site.tasks("anna")["windows"]
    drawn = region(task["data"]["text"], "Oslo", "LOC", "a")
    site.clients["anna"].create_annotation(task["id"], [drawn], lead_time=1.0)
    printed = recipe("pull_annotations.py")
    assert "1 new, 0 revised, 0 quarantined" in printed
    assert "anna: 1 of 2 done" in printed
