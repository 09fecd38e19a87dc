"""A project that was made by hand in Label Studio becomes one of this workspace."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from curation.errors import OntologyError, UsageError
from curation.ingest.language import detect
from curation.labelstudio.payload import task_url
from curation.labelstudio.port import LabelStudioPort
from curation.model import Document, text_sha256
from curation.ontology import Ontology
from curation.ontology_xml import text_field, xml_to_ontology
from curation.settings import Settings
from curation.store import ProjectRecord, Repository, Store
from curation.workflows.interpret import named, task_data

__all__ = ["Adopter", "adopt", "ontology_of", "shown_field"]


def adopt(
    store: Store,
    client: LabelStudioPort,
    project_id: int,
    *,
    settings: Settings,
    ontology: Ontology,
    at: str,
) -> ProjectRecord:
    """Remember the project, so that every pull reads it too; nothing is changed on the server.

    Raises UsageError where it is a project that `push` made, or has labels that `ontology` lacks.
    """
    found = client.project(project_id)
    ours = f"curation:{settings.id}:"
    if any(line.startswith(ours) for line in str(found.get("description") or "").splitlines()):
        raise UsageError(f"project {project_id} was made by `curation push`; run: curation pull")
    theirs = ontology_of(found, name=f"project-{project_id}")
    missing = sorted(
        (theirs.entity_names | theirs.event_names) - (ontology.entity_names | ontology.event_names)
    )
    if missing:
        raise UsageError(
            f"project {project_id} has labels that ontology {ontology.name} lacks: "
            f"{', '.join(missing)}; add them, or have an ontology made from the project: curation "
            f"pull --project {project_id} --save-ontology label_config/project-{project_id}.toml"
        )
    shown_field(found)
    with store.transaction() as repo:
        return repo.save_project(
            server=client.url,
            marker=f"adopted:{project_id}",
            remote_id=project_id,
            annotator="",
            at=at,
            adopted=True,
        )


def ontology_of(project: Mapping[str, Any], *, name: str) -> Ontology:
    """The ontology that a project's labelling configuration stands for."""
    try:
        return xml_to_ontology(str(project.get("label_config") or ""), name=name)[0]
    except OntologyError as error:
        raise OntologyError(f"project {project.get('id')}: {error}") from error


def shown_field(project: Mapping[str, Any]) -> str:
    """The field of its tasks' data that a project shows; UsageError where it shows no text."""
    field = text_field(str(project.get("label_config") or ""))
    if field is None:
        raise UsageError(
            f"project {project.get('id')} shows no text: its labelling configuration has no <Text> "
            'with a value such as "$text"'
        )
    return field


class Adopter:
    """Documents from the tasks of an adopted project, their texts as they are, offsets too.

    `field` is the one of a task's data that holds the text.
    """

    def __init__(self, settings: Settings, project: ProjectRecord, field: str) -> None:
        self._languages = settings.languages
        self._project = project
        self._field = field

    def document(self, repo: Repository, task: Mapping[str, Any], at: str) -> str | None:
        """The uid of the task's Document, stored now if it is new.

        None where the task names a Document that is here, or has no text.
        """
        data = task_data(task)
        if named(repo, data) is not None:
            return None
        text = data.get(self._field)
        if not isinstance(text, str) or not text.strip():
            return None
        known = repo.uid_of_text(text_sha256(text))
        if known is not None:
            return known
        made = self._made(data, text, int(task["id"]))
        repo.add_document(made, offset_map=[], at=at)
        return made.uid

    def _made(self, data: Mapping[str, Any], text: str, task_id: int) -> Document:
        language = str(data.get("language") or "") or detect(text, self._languages)[0]
        project = self._project
        return Document(
            uid=f"ls{project.remote_id}-{task_id}",
            language=language,
            text=text,
            meta={"label_studio": task_url(project.server, project.remote_id, task_id)},
        )
