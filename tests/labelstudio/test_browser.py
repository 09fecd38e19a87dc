"""What an annotator sees and does in Label Studio, in a real browser with a real server."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from browser import arrows, chromium_page, draw, highlighted, log_in, open_task, rectangle, submit

from curation.corrections import survival
from curation.labelstudio import server
from curation.labelstudio.client import LabelStudio
from curation.labelstudio.convert import document_to_task, result_to_annotations
from curation.model import AnnotationSet
from curation.ontology import Ontology
from curation.ontology_xml import ontology_to_xml
from curation.testing import annotation_set, document

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from curation.labelstudio.server import ServerInfo

pytestmark = [pytest.mark.server, pytest.mark.browser, pytest.mark.slow]

# Everything that has moved offsets in some tool: emoji, a joined family, combining accents, a line
# break, a tab, two blanks, and a line that runs from right to left.
TEXT = (
    "😀 Anna met  Bob Nova\u0301k in Oslo.\n"
    "👩‍👩‍👧 The\tCafé\u0301 Group  protested against <b>Norway</b>.\n"
    "פגישה עם אנה."
)
ENTITIES = [("Anna", "PER"), ("Bob Nova\u0301k", "PER"), ("Oslo", "LOC"), ("Norway", "LOC")]
EVENTS = [
    ("met", "CONSULT", {"Actor": "Anna", "Recipient": "Bob Nova\u0301k", "Location": "Oslo"}),
    ("protested", "PROTEST", {"Recipient": "Norway"}),
]
DRAWN = "Café\u0301 Group"
EMAIL, PASSWORD = "browser@example.org", "Long-enough-1"


@dataclass
class Desk:
    """An annotator in front of the opened task."""

    page: Page
    client: LabelStudio
    project: int

    def highlighted(self) -> list[tuple[str, str]]:
        """(surface, label) of each drawn region, in text order."""
        return highlighted(self.page)

    def select(self, surface: str) -> None:
        """Clicks the region over `surface`."""
        self.page.locator(".htx-highlight", has_text=surface).first.click()

    def submit(self) -> dict[str, Any]:
        """Submits, and gives the annotation as the server stored it."""
        submit(self.page)
        ((annotation,),) = [task["annotations"] for task in self.client.tasks(self.project)]
        return dict(annotation)


@pytest.fixture
def desk(label_studio_server: ServerInfo, news: Ontology) -> Iterator[Desk]:
    """An annotator who has logged in with a password and opened a pre-annotated task."""
    info = label_studio_server
    token = server.ensure_user(info, email=EMAIL, name="Bo", password=PASSWORD)
    client = LabelStudio(info.url, token)
    project = client.create_project("In a browser", ontology_to_xml(news), "")
    made = annotation_set(TEXT, ENTITIES, EVENTS)
    scored = [e.model_copy(update={"score": 0.5, "component": "ner@1"}) for e in made.entities]
    made = made.model_copy(update={"entities": tuple(scored)})
    task = document_to_task(
        document(TEXT, meta={"title": "A <i>title</i>"}),
        prediction=made,
        ontology=news,
        annotator="bo",
        model_version="rules@1",
    )
    (number,) = client.import_tasks(project, [task])
    with chromium_page() as page:
        log_in(page, info.url, EMAIL, PASSWORD)
        open_task(page, client.task_url(project, number))
        yield Desk(page, client, project)
    client.delete_project(project)


def read(annotation: dict[str, Any], news: Ontology) -> AnnotationSet:
    """The annotation without a repair or a problem."""
    back = result_to_annotations(
        annotation["result"], uid="d1", annotator="bo", text=TEXT, ontology=news, provenance={}
    )
    assert back.repairs == ()
    assert back.annotations is not None, back.problems
    return back.annotations


def test_regions_stand_over_the_right_words(desk: Desk) -> None:
    """Every suggested entity and trigger is drawn over its own surface."""
    expected = ENTITIES + [(trigger, event_type) for trigger, event_type, _ in EVENTS]
    assert sorted(desk.highlighted()) == sorted(expected)


def test_title_and_text_are_text(desk: Desk) -> None:
    """Markup in a title or a text is shown and not obeyed."""
    assert desk.page.get_by_text("A <i>title</i>").count() == 1
    assert "<b>Norway</b>" in desk.page.locator(".lsf-htx-richtext").inner_text()


def test_arrows_are_drawn_and_legible(desk: Desk) -> None:
    """Each argument has its arrow with its role, and lines stand apart to leave room for them."""
    roles = sorted(role for _, _, arguments in EVENTS for role in arguments)
    assert arrows(desk.page, set(roles), at_least=len(roles)) == roles
    height = desk.page.locator(".lsf-htx-richtext").evaluate("e => getComputedStyle(e).lineHeight")
    assert float(height.removesuffix("px")) >= 48


def test_each_line_runs_its_own_way(desk: Desk) -> None:
    """The full stop of a Hebrew line stands left of its last word, that of an English one right."""
    hebrew, stopped = (rectangle(desk.page, s) for s in ("אנה", "אנה."))
    assert stopped["left"] < hebrew["left"]
    assert stopped["right"] == pytest.approx(hebrew["right"], abs=1)
    english, stopped = (rectangle(desk.page, s) for s in ("Oslo", "Oslo."))
    assert stopped["right"] > english["right"]


def test_attributes_show_for_events_only(desk: Desk) -> None:
    """The questions appear when a trigger is selected, and not for an entity."""
    question = desk.page.get_by_text("tense: When, seen from the date of publication?")
    desk.select("Anna")
    assert not question.is_visible()
    desk.select("met")
    question.wait_for(state="visible")
    desk.select("Oslo")
    question.wait_for(state="hidden")


def test_drawn_region_comes_back_exact(desk: Desk, news: Ontology) -> None:
    """A region drawn with hotkey and mouse after emoji and tabs has the right offsets."""
    desk.page.keyboard.press("2")
    draw(desk.page, DRAWN)
    desk.page.locator(".htx-highlight", has_text="Group").wait_for()
    annotation = desk.submit()
    found = read(annotation, news)
    surfaces = {TEXT[e.start : e.end]: e.label for e in found.entities}
    assert surfaces == dict(ENTITIES) | {DRAWN: "ORG"}
    drawn = next(e for e in found.entities if e.label == "ORG")
    assert (drawn.start, drawn.origin) == (TEXT.index(DRAWN), "manual")
    assert {e.origin for e in found.entities} == {"prediction", "manual"}


def test_region_over_a_line_break_comes_back_exact(desk: Desk, news: Ontology) -> None:
    """A region that runs over two lines keeps its offsets and its surface."""
    desk.page.keyboard.press("x")
    draw(desk.page, "in Oslo", "The")
    desk.page.locator('[data-label$=":ASSAULT"]').first.wait_for()
    annotation = desk.submit()
    (event,) = [e for e in read(annotation, news).events if e.type == "ASSAULT"]
    assert TEXT[event.start : event.end] == "in Oslo.\n👩‍👩‍👧 The"


def test_untouched_suggestion_comes_back_whole(desk: Desk, news: Ontology) -> None:
    """Submitting at once keeps every region, arrow and answer, and says where they came from."""
    annotation = desk.submit()
    found = read(annotation, news)
    assert annotation["lead_time"] > 0
    (task,) = desk.client.tasks(desk.project)
    assert annotation["parent_prediction"] == task["predictions"][0]["id"]
    labels = {e.id: TEXT[e.start : e.end] for e in found.entities}
    events = [
        (TEXT[e.start : e.end], e.type, {a.role: labels[a.target] for a in e.arguments})
        for e in found.events
    ]
    assert sorted(events, key=str) == sorted(EVENTS, key=str)
    assert all(dict(e.attributes)["tense"] == "past" for e in found.events)
    assert {(e.score, e.component) for e in found.entities} == {(0.5, "ner@1")}


def test_changed_answer_comes_back(desk: Desk, news: Ontology) -> None:
    """An answer that is clicked is the one that arrives."""
    desk.select("met")
    desk.page.get_by_text("future", exact=False).first.click()
    found = read(desk.submit(), news)
    tenses = {TEXT[e.start : e.end]: e.attributes["tense"] for e in found.events}
    assert tenses == {"met": "future", "protested": "past"}


def test_each_correction_says_what_it_was(desk: Desk, news: Ontology) -> None:
    """Relabelled, deleted, drawn, answered anew and left alone come back as what they were."""
    desk.select("Norway")
    desk.page.keyboard.press("2")
    desk.page.locator('[data-label$=":ORG"]').first.wait_for()
    desk.page.keyboard.press("Escape")
    desk.select("Oslo")
    desk.page.keyboard.press("Backspace")
    desk.page.locator(".htx-highlight", has_text="Oslo").wait_for(state="detached")
    desk.page.keyboard.press("2")
    draw(desk.page, DRAWN)
    desk.page.locator(".htx-highlight", has_text="Group").wait_for()
    desk.page.keyboard.press("Escape")
    desk.select("met")
    desk.page.get_by_text("future", exact=False).first.click()
    annotation = desk.submit()
    found = read(annotation, news)
    assert {TEXT[i.start : i.end]: i.origin for i in found.items} == {
        "Anna": "prediction",
        "Bob Nova\u0301k": "prediction",
        "Norway": "prediction-changed",
        DRAWN: "manual",
        "met": "prediction",
        "protested": "prediction",
    }
    (task,) = desk.client.tasks(desk.project)
    proposal = read(task["predictions"][0], news).sorted()
    rows = {
        (r.layer, r.label): (r.kept, r.changed, r.removed, r.added)
        for r in survival([(proposal, found.sorted())])
    }
    assert rows["entities", None] == (2, 1, 1, 1)
    assert rows["entities", "LOC"] == (0, 1, 1, 0)
    assert rows["entities", "ORG"] == (0, 0, 0, 1)
    assert rows["triggers", None] == (1, 1, 0, 0)
    assert rows["arguments", None] == (3, 0, 1, 0)
    assert annotation["lead_time"] > 0
    assert annotation["parent_prediction"]


def test_keys_do_what_the_guide_for_annotators_says(desk: Desk, news: Ontology) -> None:
    """A key changes the type of an event, Alt+R and the panel draw an arrow with a role, and
    Ctrl+Enter submits.
    """
    page = desk.page
    desk.select("met")
    page.keyboard.press("v")
    page.locator('[data-label$=":SUPPORT"]').first.wait_for()
    page.keyboard.press("Escape")
    desk.select("protested")
    page.keyboard.press("Alt+r")
    desk.select("Oslo")
    page.get_by_text("Relations", exact=True).first.click()
    row = page.locator(".lsf-relations__item").last
    row.hover()
    row.locator("button").first.click()
    page.get_by_text("Select labels").click()
    page.get_by_test_id("select-option-label").filter(has_text="Location").click()
    arrows(page, {"Location"}, at_least=2)
    page.keyboard.press("Escape")
    page.get_by_text("Regions", exact=True).first.click()  # out of the list of roles
    with page.expect_response(lambda r: "/annotations" in r.url and r.status == 201):
        page.keyboard.press("Control+Enter")
    ((annotation,),) = [task["annotations"] for task in desk.client.tasks(desk.project)]
    found = read(annotation, news)
    places = {e.id: TEXT[e.start : e.end] for e in found.entities}
    protest = next(e for e in found.events if e.type == "PROTEST")
    assert {(a.role, places[a.target]) for a in protest.arguments} == {
        ("Recipient", "Norway"),
        ("Location", "Oslo"),
    }
    assert {e.type for e in found.events} == {"SUPPORT", "PROTEST"}
