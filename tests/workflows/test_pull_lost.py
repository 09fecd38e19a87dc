"""Pulling where a project is no longer on the server, or no longer what it was."""

from __future__ import annotations

import pytest
from pushing import AT, pushed, recorded, task_of

from curation.errors import LabelStudioRefused
from curation.ontology import Ontology
from curation.ontology_xml import ontology_to_xml
from curation.settings import Settings
from curation.store import Store
from curation.testing import FakeLabelStudio
from curation.workflows.adopt import adopt
from curation.workflows.pull import Pulled, pull


def pulled(store: Store, client: FakeLabelStudio, settings: Settings, news: Ontology) -> Pulled:
    """One pull."""
    return pull(store, client, settings=settings, ontology=news, at=AT)


def test_deleted_project_is_said_once_and_the_others_are_read(
    store: Store, client: FakeLabelStudio, settings: Settings, news: Ontology
) -> None:
    """Its tasks are gone, what was pulled stays, and a push makes the project again."""
    pushed(store, client, settings, news)
    client.create_annotation(task_of(client, "a")["id"], [], lead_time=1.0)
    pulled(store, client, settings, news)
    client.delete_project(next(iter(client.projects()))["id"])
    client.create_annotation(task_of(client, "a")["id"], [], lead_time=1.0)
    done = pulled(store, client, settings, news)
    assert done.unread == (
        "project 2, of anna, was deleted on the server: 3 tasks are gone there, what was pulled "
        "of them is kept; curation push makes it again",
    )
    assert (done.new, done.deleted) == (1, 1)
    assert done.tasks == {"done": 1, "gone": 3, "open": 1}
    with store.transaction() as repo:
        assert [s.annotator for s in repo.annotation_sets("person")] == ["anna", "ben"]
    assert pulled(store, client, settings, news).unread == ()
    assert pushed(store, client, settings, news).created == 3
    assert {t.state for t in recorded(store).values()} == {"open", "done"}
    assert pulled(store, client, settings, news).tasks == {"done": 1, "open": 4}


def test_adopted_project_that_is_gone_or_shows_no_text_stops_nobody(
    store: Store, client: FakeLabelStudio, settings: Settings, news: Ontology
) -> None:
    """Each of them is said, and what comes after it is read."""
    gone, odd = (client.create_project(t, ontology_to_xml(news), "") for t in ("gone", "odd"))
    client.import_tasks(gone, [{"data": {"text": "Oslo lies in Norway."}}])
    for number in (gone, odd):
        adopt(store, client, number, settings=settings, ontology=news, at=AT)
    pushed(store, client, settings, news)
    pulled(store, client, settings, news)
    client.delete_project(gone)
    client.update_project(odd, label_config="<View></View>")
    client.create_annotation(task_of(client, "a", 1)["id"], [], lead_time=1.0)
    done = pulled(store, client, settings, news)
    assert done.unread[0].startswith(f"project {gone}, made by hand, was deleted on the server: 1 ")
    assert done.unread[1].startswith(f"project {odd} shows no text")
    assert done.new == 1
    assert len(pulled(store, client, settings, news).unread) == 1


def test_other_things_that_are_not_found_are_not_a_deleted_project(
    store: Store, settings: Settings, news: Ontology
) -> None:
    """A 404 for a project that is there ends the pull."""

    class Proxied(FakeLabelStudio):
        def last_change(self, project_id: int) -> str | None:
            raise LabelStudioRefused(f"tasks of {project_id} were refused (404)", status=404)

    client = Proxied()
    pushed(store, client, settings, news)
    with pytest.raises(LabelStudioRefused, match="404"):
        pulled(store, client, settings, news)
    assert {t.state for t in recorded(store).values()} == {"open"}
