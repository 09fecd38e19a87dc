"""Which names of before a project keeps, and what the labelling configuration says of them."""

from __future__ import annotations

from pushing import pushed, task_of

from curation.ontology import Migrations, Ontology
from curation.ontology_xml import ontology_to_xml
from curation.settings import Settings
from curation.store import Store
from curation.testing import FakeLabelStudio
from curation.workflows.push_labels import with_former_names

MOVED = Migrations(
    entities={"GPE": "LOC", "MISC": ""},
    events={"MEET": "CONSULT"},
    attributes={"modality": {"believed": "other"}},
)


def test_only_names_in_use_are_kept(news: Ontology) -> None:
    """Old names of the same control that are in use stand last, grey, with what they are now."""
    moved = news.model_copy(update={"migrations": MOVED})
    in_use = {
        "entities": {"MISC": 2, "PER": 9, "MEET": 1},
        "events": {"MEET": 1},
        "modality": {"believed": 1},
    }
    made = with_former_names(moved, in_use)
    (misc,) = made.entities[len(news.entities) :]
    assert (misc.name, misc.definition) == ("MISC", "given up; do not use it")
    (meet,) = made.events[len(news.events) :]
    assert (meet.name, meet.colour, meet.hotkey) == ("MEET", "#9e9e9e", None)
    modality = next(a for a in made.attributes if a.name == "modality")
    assert modality.values[-1] == "believed"
    assert modality.definition.endswith("(believed: now called other; use that)")
    assert '<Choice value="believed" />' in ontology_to_xml(made)
    assert with_former_names(moved, {"entities": {"PER": 9}}) == moved


def test_project_gets_back_a_name_that_comes_into_use(
    store: Store, client: FakeLabelStudio, settings: Settings, news: Ontology
) -> None:
    """Also where the labels were brought before somebody submitted an old one: the next push."""
    moved = news.model_copy(update={"migrations": MOVED})
    pushed(store, client, settings, moved)
    region = {"from_name": "entities", "value": {"labels": ["<GPE>"]}}
    client.create_annotation(task_of(client, "a")["id"], [region], lead_time=1.0)
    assert pushed(store, client, settings, moved).notes == ()
    region = {"from_name": "entities", "value": {"labels": ["GPE"]}}
    client.create_annotation(task_of(client, "a")["id"], [region], lead_time=1.0)
    first, second = pushed(store, client, settings, moved).notes
    assert first == "anna: names of before stay, in grey, while they are in use: 'GPE' (1)"
    assert second.startswith("anna: the ontology lacks labels that are in use: '<GPE>' (1)")
    configs = [p["label_config"] for p in client.projects()]
    assert ['<Label value="GPE"' in c for c in configs] == [True, False]
    assert pushed(store, client, settings, moved).notes == ()
