"""What the report says about corrections, from suggestions that were pushed to answers pulled."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from curation.labelstudio.convert import annotations_to_result
from curation.model import AnnotationSet
from curation.report.facts import ReportFacts
from curation.settings import Annotator
from curation.testing import FakeLabelStudio, annotation_set, document
from curation.workflows.pull import pull
from curation.workflows.push import push
from curation.workflows.report import report_facts
from curation.workflows.workspace import Workspace, init_workspace

AT = "2024-05-01T12:00:00+00:00"
LATER = "2024-05-02T12:00:00+00:00"
TEXT = "Anna Berg met Peter Lind in Oslo."


def proposal(surface: str, *, label: str = "LOC") -> AnnotationSet:
    """What a model says: Anna, Lind or Peter Lind, Oslo, a meeting of the first two."""
    made = annotation_set(
        TEXT,
        [("Anna Berg", "PER"), (surface, "PER"), ("Oslo", label)],
        [("met", "CONSULT", {"Actor": "Anna Berg", "Recipient": surface})],
        annotator="model-1",
    )
    tense = tuple(e.model_copy(update={"attributes": {"tense": "past"}}) for e in made.events)
    return made.model_copy(update={"kind": "model", "events": tense})


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """Two documents with proposals, and two annotators."""
    made, _ = init_workspace(
        tmp_path / "w",
        workspace_id="abcd",
        name="w",
        annotators=[Annotator(name=n, email=f"{n}@example.org") for n in ("anna", "ben")],
        environment={},
    )
    with made.store.transaction() as repo:
        for uid, language in (("d1", "en"), ("d2", "sv")):
            repo.add_document(document(TEXT, uid=uid, language=language), offset_map=[], at=AT)
            repo.save_annotations(proposal("Lind").model_copy(update={"uid": uid}), at=AT)
    return made


def submit(
    client: FakeLabelStudio, workspace: Workspace, uid: str, result: list[Any], **fields: Any
) -> None:
    """Anna's answer to the task of a document."""
    with workspace.store.transaction() as repo:
        task = next(t for t in repo.tasks() if (t.uid, t.annotator) == (uid, "anna"))
    client.create_annotation(task.remote_id, result, **fields)


def corrected(workspace: Workspace) -> list[dict[str, Any]]:
    """As Anna hands it in: Lind moved, Oslo deleted and drawn again as ORG, the tense changed."""
    said = proposal("Lind")
    anna, lind, _ = said.entities
    (event,) = said.events
    moved = lind.model_copy(update={"start": lind.start - 6, "origin": "prediction-changed"})
    drawn = anna.model_copy(update={"id": "x", "start": 28, "end": 32, "label": "ORG"})
    made = said.model_copy(
        update={
            "entities": (
                anna.model_copy(update={"origin": "prediction"}),
                moved,
                drawn.model_copy(update={"origin": "manual"}),
            ),
            "events": (
                event.model_copy(
                    update={"origin": "prediction", "attributes": {"tense": "future"}}
                ),
            ),
        }
    )
    return annotations_to_result(made, TEXT, workspace.ontology)


def facts(workspace: Workspace, client: FakeLabelStudio) -> ReportFacts:
    """The report after a pull."""
    pull(
        workspace.store, client, settings=workspace.settings, ontology=workspace.ontology, at=LATER
    )
    return report_facts(workspace, time=LATER)


def pushed(workspace: Workspace) -> FakeLabelStudio:
    """A server that has the tasks."""
    client = FakeLabelStudio()
    push(workspace.store, client, settings=workspace.settings, ontology=workspace.ontology, at=AT)
    return client


def test_report_counts_corrections(workspace: Workspace) -> None:
    """Origins, deletions and answers by layer and label, edits, and minutes by who and what."""
    client = pushed(workspace)
    submit(client, workspace, "d1", corrected(workspace), lead_time=90.0, parent_prediction=7)
    submit(client, workspace, "d2", [], lead_time=30.0, parent_prediction=8)
    found = facts(workspace, client)
    assert {s.layer: (s.kept, s.changed, s.removed, s.added) for s in found.survival} == {
        "entities": (1, 1, 4, 1),
        "triggers": (0, 1, 1, 0),
        "arguments": (2, 0, 2, 0),
    }
    by_label = {(s.layer, s.label): s for s in found.survival_by_label}
    assert by_label["entities", "PER"].removed == 2
    assert by_label["entities", "ORG"].added == 1
    assert by_label["triggers", "CONSULT"].changed == 1
    assert by_label["arguments", "Actor"].kept == 1
    assert found.edits is not None
    acts = found.edits.model_dump()
    assert acts == {
        "documents": 2, "add": 0, "delete": 4, "relabel": 1, "move_boundary": 1, "relink": 0,
        "from_nothing": 6, "kept_share": 0.25,
    }  # fmt: skip
    times = {tuple(t.slice.items()): (t.n, t.median, t.q1, t.q3) for t in found.work_time}
    assert times == {
        (): (2, 1.0, 0.75, 1.25),
        (("annotator", "anna"),): (2, 1.0, 0.75, 1.25),
        (("language", "en"),): (1, 1.5, 1.5, 1.5),
        (("language", "sv"),): (1, 0.5, 0.5, 0.5),
        (("suggestions", "with"),): (2, 1.0, 0.75, 1.25),
    }


def test_corrections_are_held_against_what_was_sent(workspace: Workspace) -> None:
    """A newer proposal, which the annotator never saw, changes nothing about what they did."""
    client = pushed(workspace)
    submit(client, workspace, "d1", corrected(workspace), lead_time=90.0, parent_prediction=7)
    before = facts(workspace, client)
    with workspace.store.transaction() as repo:
        repo.save_annotations(
            proposal("Peter Lind", label="ORG").model_copy(update={"uid": "d1"}), at=LATER
        )
    after = report_facts(workspace, time=LATER)
    assert before.survival == after.survival
    assert before.edits == after.edits


def test_work_from_nothing_is_no_correction(workspace: Workspace) -> None:
    """Who drew everything by hand did not correct; their time counts all the same."""
    client = pushed(workspace)
    said = proposal("Lind")
    drawn = tuple(e.model_copy(update={"origin": "manual"}) for e in said.entities)
    by_hand = said.model_copy(update={"entities": drawn, "events": ()})
    result = annotations_to_result(by_hand, TEXT, workspace.ontology)
    submit(client, workspace, "d1", result, lead_time=60.0)
    found = facts(workspace, client)
    assert (found.survival, found.edits) == ((), None)
    assert found.work_time[0].median == 1.0


def test_every_figure_has_its_command(workspace: Workspace) -> None:
    """What became of suggestions, the edits and the time name the command that gives them."""
    named = {c.figure for c in report_facts(workspace, time=AT).commands}
    assert {"survival", "edits", "time"} <= named
