"""Any Document and AnnotationSet through a real Label Studio and back: the identity."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from drawing import drawn

from curation.labelstudio.client import LabelStudio
from curation.labelstudio.convert import document_to_task, result_to_annotations
from curation.model import AnnotationSet, Document
from curation.ontology import Ontology
from curation.ontology_xml import ontology_to_xml

if TYPE_CHECKING:
    from curation.labelstudio.payload import Payload
    from curation.labelstudio.server import ServerInfo

pytestmark = pytest.mark.server

EXAMPLES = 200
BATCH = 50


def annotated_task(document: Document, said: AnnotationSet, ontology: Ontology) -> Payload:
    """A task in which somebody has submitted what `said` says."""
    task = document_to_task(
        document, prediction=said, ontology=ontology, annotator="anna", model_version="m@1"
    )
    task["annotations"] = [{"result": task.pop("predictions")[0]["result"], "lead_time": 1.5}]
    return task


def test_any_annotations_come_back_as_they_went(
    label_studio_server: ServerInfo, news: Ontology
) -> None:
    """Text, entities, events, arguments and answers are the same after Label Studio had them."""
    client = LabelStudio(label_studio_server.url, label_studio_server.token)
    project = client.create_project("A round trip", ontology_to_xml(news), "")
    sent = dict(enumerate(drawn(news, EXAMPLES, start=20240501)))
    assert len(sent) >= EXAMPLES
    assert sum(len(said.entities) + len(said.events) for _, said in sent.values()) > EXAMPLES
    tasks = [annotated_task(*pair, news) for pair in sent.values()]
    for first in range(0, len(tasks), BATCH):
        client.import_tasks(project, tasks[first : first + BATCH])
    found = {t["data"]["uid"]: t for page in client.annotated_tasks(project) for t in page}
    client.delete_project(project)
    assert len(found) == len(sent)
    for document, said in sent.values():
        task = found[document.uid]
        assert task["data"]["text"] == document.text
        (annotation,) = task["annotations"]
        back = result_to_annotations(
            annotation["result"],
            uid=document.uid,
            annotator="anna",
            text=document.text,
            ontology=news,
            provenance={},
        )
        assert (back.problems, back.repairs) == ((), ())
        assert back.annotations is not None
        assert content(back.annotations) == content(said)


def content(said: AnnotationSet) -> str:
    """Everything that an annotator says, in canonical order."""
    return json.dumps(said.sorted().model_dump(mode="json", include={"entities", "events"}))
