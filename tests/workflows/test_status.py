"""What the status says of people's work, wherever it came from."""

from __future__ import annotations

from pushing import AT, TEXT, add, pushed, task_of

from curation.ontology import Ontology
from curation.ontology_xml import ontology_to_xml
from curation.settings import Settings
from curation.store import Store
from curation.testing import FakeLabelStudio, annotation_set
from curation.workflows.adopt import adopt
from curation.workflows.pull import pull
from curation.workflows.status import AnnotatorStatus, read_status


def rows(store: Store, settings: Settings) -> list[tuple[str, int, int, int]]:
    """Name, assigned, done, skipped."""
    people: tuple[AnnotatorStatus, ...] = read_status(store, settings).annotators
    return [(p.name, p.assigned, p.done, p.skipped) for p in people]


def test_adopted_projects_add_no_nameless_row(
    store: Store, client: FakeLabelStudio, settings: Settings, news: Ontology
) -> None:
    """What is in a project that is nobody's counts for those who did it or skipped it."""
    number = client.create_project("by hand", ontology_to_xml(news), "")
    texts = ("Oslo lies in Norway.", "Umeå lies in Sweden.", "Gent lies in Belgium.")
    tasks = client.import_tasks(number, [{"data": {"text": text}} for text in texts])
    client.create_annotation(tasks[0], [], lead_time=1.0)
    client.create_annotation(tasks[1], [], lead_time=1.0, was_cancelled=True)
    adopt(store, client, number, settings=settings, ontology=news, at=AT)
    pull(store, client, settings=settings, ontology=news, at=AT)
    assert rows(store, settings) == [
        ("anna", 0, 0, 0),
        ("ben", 0, 0, 0),
        ("admin@example.org", 2, 1, 1),
    ]


def test_nobody_has_done_more_than_was_theirs(
    store: Store, client: FakeLabelStudio, settings: Settings, news: Ontology
) -> None:
    """Imported work counts as assigned, once where it was pushed too; an unread document not."""
    pushed(store, client, settings, news)
    client.create_annotation(task_of(client, "b")["id"], [], lead_time=1.0, was_cancelled=True)
    pull(store, client, settings=settings, ontology=news, at=AT)
    add(store, ("d", "en"), ("e", "en"))
    with store.transaction() as repo:
        for uid, name in (("a", "anna"), ("d", "anna"), ("d", "cara")):
            repo.save_annotations(annotation_set(TEXT, [], uid=uid, annotator=name), at=AT)
    assert rows(store, settings) == [("anna", 4, 2, 1), ("ben", 2, 0, 0), ("cara", 1, 1, 0)]
