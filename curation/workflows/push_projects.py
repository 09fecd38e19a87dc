"""The projects of a workspace on the server, each found by its marker, else made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from curation.labelstudio.port import LabelStudioPort
from curation.messages import few
from curation.ontology import Ontology
from curation.settings import Settings
from curation.store import ProjectRecord, Store
from curation.workflows.push_labels import bring_labels
from curation.workflows.task_values import number

__all__ = ["WantedProject", "ensure_project"]

_LONGEST = 50
"""Label Studio takes no longer titles."""
_BETWEEN = " · "


@dataclass(frozen=True)
class WantedProject:
    """A project as it should be.

    `owner` is the annotator whose it is, or ADJUDICATION; `called` is what people call it by.
    `render` makes the labelling configuration of the ontology.
    """

    settings: Settings
    owner: str
    called: str
    notice: str
    ontology: Ontology
    render: Callable[[Ontology], str]

    @property
    def marker(self) -> str:
        """The line of its description by which it is found again."""
        return f"curation:{self.settings.id}:{self.owner}"

    @property
    def title(self) -> str:
        """The workspace's name, cut where both do not fit, and the project's own."""
        space = _LONGEST - 1 - len(_BETWEEN) - len(self.called)
        return f"{self.settings.name[:space]}{_BETWEEN}{self.called}"[:_LONGEST]


def ensure_project(
    store: Store, client: LabelStudioPort, wanted: WantedProject, notes: list[str], *, at: str
) -> tuple[ProjectRecord, int | None]:
    """The project: found by its marker on the server, else made; how many tasks it has.

    None: it is not known. Raises OntologyRefused where it does not take the ontology.
    """
    found = _one_project(client, wanted, notes)
    if found is None:
        description = f"{wanted.notice}\n{wanted.marker}"
        remote_id = client.create_project(wanted.title, wanted.render(wanted.ontology), description)
    else:
        remote_id = int(found["id"])
        notes.extend(bring_labels(client, found, wanted.called, wanted.ontology, wanted.render))
    with store.transaction() as repo:
        project = repo.save_project(
            server=client.url,
            marker=wanted.marker,
            remote_id=remote_id,
            annotator=wanted.owner,
            at=at,
        )
    return project, number(found.get("task_number")) if found else 0


def _one_project(
    client: LabelStudioPort, wanted: WantedProject, notes: list[str]
) -> dict[str, Any] | None:
    """The project with the marker. A killed push may have made one late, beside another's.

    The one that people have opened stays, else the one with tasks, else the oldest; the others are
    deleted where nobody has opened a task of theirs.
    """
    marked = client.marked_projects(wanted.marker)
    if len(marked) < 2:
        return next(iter(marked), None)
    opened = [p for p in marked if client.opened_tasks(int(p["id"]))]
    filled = [p for p in marked if client.project(int(p["id"]))["task_number"]]
    kept = next(iter([*opened, *filled, *marked]))
    for project in marked:
        if project not in opened and project is not kept:
            client.delete_project(int(project["id"]))
    if len(opened) > 1:
        numbers = few((str(p["id"]) for p in opened), between=", ")
        notes.append(
            f"{wanted.called} has worked in projects {numbers} of the same name; only "
            f"{kept['id']} counts, look at what is in the others"
        )
    return kept
