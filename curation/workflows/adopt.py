"""A project that was made by hand in Label Studio becomes one of this workspace."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from curation.errors import InputError, OntologyError, UsageError
from curation.ingest.language import detect, match_language
from curation.labelstudio.payload import task_url
from curation.labelstudio.port import LabelStudioPort
from curation.messages import few, shown
from curation.model import Document, text_sha256
from curation.names import language_problem
from curation.ontology import Ontology
from curation.ontology_xml import text_field, xml_to_ontology
from curation.settings import Settings
from curation.store import ProjectRecord, Repository, Store
from curation.workflows.interpret import named, task_data
from curation.workflows.task_values import encodable, number

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
            f"{few(missing, between=', ')}; add them, or have an ontology made from the project: "
            f"curation pull --project {project_id} --save-ontology "
            f"label_config/project-{project_id}.toml"
        )
    shown_field(found)
    with store.transaction(alone=True) as repo:
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

    `field` is the one of a task's data that holds the text. Tasks that no Document can be made of
    are told in `problems`.
    """

    def __init__(
        self, settings: Settings, project: ProjectRecord, field: str, problems: list[str]
    ) -> None:
        self._languages = settings.languages
        self._project = project
        self._field = field
        self._problems = problems

    def document(self, repo: Repository, task: Mapping[str, Any], at: str) -> str | None:
        """The uid of the task's Document, stored now if it is new.

        None where the task names a Document that is here, has no id, or cannot be one.
        """
        data = task_data(task)
        if named(repo, data) is not None or number(task.get("id")) is None:
            return None
        url = task_url(self._project.server, self._project.remote_id, int(task["id"]))
        try:
            text = self._text(data)
            known = repo.uid_of_text(text_sha256(text))
            return known or self._made(repo, data, text, int(task["id"]), url, at)
        except InputError as error:
            self._problems.append(f"{url}: {error}")
            return None

    def _text(self, data: Mapping[str, Any]) -> str:
        text = data.get(self._field)
        if not isinstance(text, str) or not text.strip():
            names = (shown(name) for name, value in data.items() if isinstance(value, str))
            fields = few(names, between=", ")
            raise InputError(
                f"there is no text in field {shown(self._field)} of the task's data",
                hint=f"fields with text: {fields or 'none'}",
            )
        if not encodable(text):
            raise InputError("its text has half a character", hint="write the text in UTF-8")
        return text

    def _made(
        self,
        repo: Repository,
        data: Mapping[str, Any],
        text: str,
        task_id: int,
        url: str,
        at: str,
    ) -> str:
        uid = f"ls{self._project.remote_id}-{task_id}"
        known = repo.document(uid)
        if known is not None and known.meta.get("label_studio") != url:
            uid = f"{uid}-{text_sha256(url)[:8]}"  # of the same numbers on another server
        language = self._language(data, text)
        made = Document(uid=uid, language=language, text=text, meta={"label_studio": url})
        repo.add_document(made, offset_map=[], at=at)
        return uid

    def _language(self, data: Mapping[str, Any], text: str) -> str:
        said = data.get("language")
        if said is None or said == "":
            return detect(text, self._languages)[0]
        found = match_language(said, self._languages) if isinstance(said, str) else None
        if problem := language_problem(found or said):
            raise InputError(
                problem, hint="the field language of its data; left out, it is detected"
            )
        return str(found or said)
