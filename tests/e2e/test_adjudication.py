"""Disputes of every kind, decided by a person in a browser, and gold that says what was decided."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from browser import chromium_page, draw, log_in, open_task, submit

from curation.labelstudio.client import LabelStudio
from curation.labelstudio.convert import annotations_to_result
from curation.model import AnnotationSet
from curation.ontology import Ontology
from curation.settings import Annotator
from curation.settings_template import settings_text
from curation.testing import annotation_set

from ..cli.conftest import Ran, Run, run  # noqa: F401 (a fixture)

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from curation.labelstudio.server import ServerInfo

pytestmark = [pytest.mark.server, pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(600)]

TEXT = (
    "Anna Berg met Peter Lind in Oslo on Monday. Police arrested two men in Madrid.\n"
    "Norway sanctioned Belarus <b>again</b> for its protests.\n"
)
AGREED = [("Anna Berg", "PER"), ("Peter Lind", "PER"), ("Oslo", "LOC"), ("Madrid", "LOC")]
PLAIN = "Nobody met anybody in Oslo.\n"
PASSWORD = "e2e-Password-of-nobody-1"

ENTITIES = "SELECT label, surface FROM entity WHERE kind = 'gold' ORDER BY start"
EVENTS = "SELECT type, tense FROM event WHERE kind = 'gold' ORDER BY start"
ARGUMENTS = """
    SELECT event.type, role, surface FROM argument
    JOIN event ON event.kind = 'gold' AND event.uid = argument.uid AND event.id = event_id
    JOIN entity ON entity.kind = 'gold' AND entity.uid = argument.uid AND entity.id = entity_id
    WHERE argument.kind = 'gold' ORDER BY event.start, role"""
GOLD = "kind = 'gold' AND annotation_set.current"
SOURCES = f"""
    SELECT provenance FROM annotation_set JOIN document ON document.id = document_id
    WHERE {GOLD} AND uid = 'contested'"""
BY_EVA = f"""
    SELECT rule, count(*) FROM decision JOIN annotation_set ON annotation_set.id = set_id
    WHERE {GOLD} AND rule LIKE 'adjudicator%' GROUP BY rule"""


def said(news: Ontology, name: str) -> AnnotationSet:
    """What anna or ben says of the contested document."""
    if name == "anna":
        entities = [("Monday", "DATE"), ("two men", "PER"), ("Norway", "LOC")]
        events = [
            (
                "met",
                "CONSULT",
                {"Actor": "Anna Berg", "Recipient": "Peter Lind", "Location": "Oslo"},
            ),
            ("arrested", "COERCE", {"Location": "Madrid"}),
            ("sanctioned", "SANCTION", {"Actor": "Norway"}),
            ("protests", "PROTEST", {}),
        ]
    else:
        entities = [("men", "PER"), ("Norway", "ORG")]
        events = [
            ("met", "CONSULT", {"Actor": "Anna Berg", "Recipient": "Peter Lind"}),
            ("arrested", "ASSAULT", {"Location": "Madrid"}),
            ("sanctioned", "SANCTION", {"Actor": "Norway"}),
        ]
    made = annotation_set(TEXT, AGREED + entities, events, uid="contested", annotator=name)
    tense = {"anna": "past", "ben": "present"}[name]
    answers = {a.name: a.default for a in news.attributes}
    events_of = [
        e.model_copy(update={"attributes": answers | ({"tense": tense} if e.id == "E1" else {})})
        for e in made.events
    ]
    return made.model_copy(update={"events": tuple(events_of)})


@dataclass(frozen=True)
class Site:
    """A workspace on a running server, with the adjudicator's client."""

    folder: Path
    run: Run
    server: ServerInfo
    client: LabelStudio

    def __call__(self, *arguments: object) -> Ran:
        """Runs a command on the workspace; it must succeed."""
        ran = self.run(arguments[0], "--workspace", self.folder, *arguments[1:])
        assert ran.code == 0, ran.err
        return ran

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What SQL says about the database."""
        with closing(sqlite3.connect(self.folder / "curation.db")) as connection, connection:
            return connection.execute(query).fetchall()

    def project(self, name: str) -> int:
        """The project of an annotator, or "@adjudication"."""
        (found,) = self.client.marked_projects(f"curation:{self.folder.name}:{name}")
        return int(found["id"])


@pytest.fixture
def site(
    run: Run,  # noqa: F811
    label_studio_server: ServerInfo,
    news: Ontology,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Site:
    """Two annotators have done two documents; they disagree about one, in every way."""
    from curation.labelstudio import server

    monkeypatch.setenv("LABEL_STUDIO_URL", label_studio_server.url)
    monkeypatch.setenv("LABEL_STUDIO_API_KEY", label_studio_server.token)
    folder = tmp_path / "adjudicated"
    folder.mkdir()
    assert run("init", folder / "template").code == 0
    (folder / "template" / "label_config").rename(folder / "label_config")
    people = [Annotator(name=n, email=f"{n}@adjudicated.example.org") for n in ("anna", "ben")]
    text = settings_text(workspace_id="adjudicated", name="End to end", annotators=people)
    commented = '# adjudicator = { name = "eva", email = "eva@example.org" }'
    assert commented in text
    text = text.replace(commented, 'adjudicator = { name = "eva", email = "Eva@example.org" }')
    (folder / "curation.toml").write_text(text, encoding="utf-8")
    (tmp_path / "texts").mkdir()
    for uid, content in (("contested", TEXT), ("plain", PLAIN)):
        (tmp_path / "texts" / f"{uid}.txt").write_text(content, encoding="utf-8")
    token = server.ensure_user(
        label_studio_server, email="eva@example.org", name="eva", password=PASSWORD
    )
    made = Site(folder, run, label_studio_server, LabelStudio(label_studio_server.url, token))
    made("ingest", tmp_path / "texts")
    made("push")
    for person in people:
        token = server.ensure_user(label_studio_server, email=person.email, name=person.name)
        client = LabelStudio(label_studio_server.url, token)
        for task in client.tasks(made.project(person.name)):
            plain = task["data"]["uid"] == "plain"
            result = [] if plain else annotations_to_result(said(news, person.name), TEXT, news)
            client.create_annotation(task["id"], result, lead_time=1.0)
    made("pull")
    return made


def remove(page: Page, label: str, words: str) -> None:
    """Deletes a region as a person does: a click in the list of regions, and Backspace."""
    row = page.locator(f".lsf-outliner-item:has(.lsf-outliner-item__text:text-is('{words}'))")
    row.filter(has_text=label).click()
    page.keyboard.press("Backspace")
    page.wait_for_function(
        "([words, label]) => ![...document.querySelectorAll('.htx-highlight')].some("
        "e => e.innerText === words && e.dataset.label.endsWith(':' + label))",
        arg=[words, label],
    )


def remove_arrow(page: Page, event: str, filler: str) -> None:
    """Deletes the one arrow from an event of that type to an entity of that label."""
    page.locator("#Relations-draggable").click()
    item = page.locator(".lsf-relations__item").filter(has_text=event).filter(has_text=filler)
    item.hover()
    item.locator(".lsf-relations__action").last.click()
    item.wait_for(state="detached")
    page.locator("#Regions-draggable").click()


def test_adjudicator_decides_in_the_browser(site: Site) -> None:
    """What the adjudicator deletes, keeps and chooses in a browser is gold after the pull."""
    pushed = site("adjudicate", "--push", "--json").json["push"]
    assert (pushed["documents"], pushed["disputes"], pushed["created"]) == (1, 7, 1)
    hidden = site("adjudicate", "--push", "--anonymous", "--json").json["push"]
    assert (hidden["created"], hidden["existing"], hidden["replaced"]) == (0, 1, 1)
    (task,) = site.client.tasks(site.project("@adjudication"))
    assert "anna" not in f"{task['data']}{task['predictions']}"
    assert site("adjudicate", "--push", "--json").json["push"]["replaced"] == 1
    (task,) = site.client.tasks(site.project("@adjudication"))
    assert len(task["predictions"]) == 1
    with chromium_page(height=1400) as page:
        log_in(page, site.server.url, "eva@example.org", PASSWORD)
        open_task(page, site.client.task_url(task["project"], task["id"]))
        told = page.locator(".curation-disputes").inner_text()
        assert "7 disputes" in told
        assert "Belarus <b>again</b> for its «protests»" in told
        remove(page, "LOC", "Norway")
        remove(page, "PER", "men")
        remove(page, "DATE", "Monday")
        remove(page, "PROTEST", "protests")
        remove(page, "ASSAULT", "arrested")
        remove_arrow(page, "CONSULT", "LOC")
        page.keyboard.press("3")
        draw(page, "Belarus")
        page.locator(".htx-highlight", has_text="Belarus").wait_for()
        page.get_by_role("button", name="Submit").click()
        page.get_by_text('Checkbox "tense" is required.').wait_for()
        page.get_by_role("button", name="OK").click()
        page.locator(".curation-attributes label").filter(has_text="present").click()
        submit(page)
    pulled = site("pull", "--json").json
    assert (pulled["adjudications"], pulled["gold_changed"], pulled["quarantined"]) == (1, 1, 0)
    assert site.rows(ENTITIES) == [
        ("PER", "Anna Berg"),
        ("PER", "Peter Lind"),
        ("LOC", "Oslo"),
        ("PER", "two men"),
        ("LOC", "Madrid"),
        ("ORG", "Norway"),
        ("LOC", "Belarus"),
    ]
    assert site.rows(EVENTS) == [("CONSULT", "present"), ("COERCE", "past"), ("SANCTION", "past")]
    assert site.rows(ARGUMENTS) == [
        ("CONSULT", "Actor", "Anna Berg"),
        ("CONSULT", "Recipient", "Peter Lind"),
        ("COERCE", "Location", "Madrid"),
        ("SANCTION", "Actor", "Norway"),
    ]
    ((sources,),) = site.rows(SOURCES)
    assert f"projects/{task['project']}/data?task={task['id']}" in sources
    assert site.rows(BY_EVA) == [("adjudicator:eva", 8)]
    status = site("status", "--json").json
    assert status["by_status"] == {"adjudicated": 1, "gold": 1}
    assert [(a["name"], a["assigned"], a["done"]) for a in status["annotators"]] == [
        ("anna", 2, 2),
        ("ben", 2, 2),
    ]
    assert site("adjudicate", "--push", "--json").json["push"]["documents"] == 0
