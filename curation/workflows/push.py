"""Documents with their proposals before annotators: one blind project each, never a task twice.

A push is a comparison: what is on the server is looked at first, and only what is missing is sent.
A push that was cut off, even after the server had taken a batch, is completed by the next one.
Who gets what is stored before anything is sent.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from curation.assignment import Rules
from curation.garbage import seldom_collected
from curation.labelstudio.port import LabelStudioPort
from curation.ontology import Ontology
from curation.ontology_xml import ontology_to_xml
from curation.settings import Annotator, Settings
from curation.store import Store
from curation.workflows.locking import only_one
from curation.workflows.push_labels import OntologyRefused
from curation.workflows.push_plan import PushPlan, make_plan, push_rules
from curation.workflows.push_projects import WantedProject, ensure_project
from curation.workflows.push_send import ProjectPush
from curation.workflows.push_tasks import (
    Prepared,
    TaskMaker,
    ahead,
    batches,
    least_certain_first,
)

__all__ = ["Pushed", "PushedTo", "push", "save_plan"]


@dataclass(frozen=True)
class PushedTo:
    """One annotator's project: `created` tasks were sent now, `existing` were there.

    `replaced`, `opened`, `doubles`: see `ProjectPush`.
    """

    annotator: str
    url: str
    created: int
    existing: int
    replaced: int = 0
    opened: int = 0
    doubles: int = 0


@dataclass(frozen=True)
class Pushed:
    """What a push did. `problems`: what could not be sent; `notes`: what else should be known."""

    projects: tuple[PushedTo, ...]
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def created(self) -> int:
        """Tasks that were sent now."""
        return sum(p.created for p in self.projects)

    @property
    def existing(self) -> int:
        """Tasks that were on the server already."""
        return sum(p.existing for p in self.projects)

    @property
    def replaced(self) -> int:
        """Tasks that nobody had opened and that have a newer proposal now."""
        return sum(p.replaced for p in self.projects)

    @property
    def opened(self) -> int:
        """Tasks with an older proposal, which somebody has opened."""
        return sum(p.opened for p in self.projects)

    def to_json(self) -> dict[str, Any]:
        """Sums, projects, problems and notes."""
        return {
            "created": self.created,
            "existing": self.existing,
            "replaced": self.replaced,
            "opened": self.opened,
            "projects": [asdict(p) for p in self.projects],
            "problems": list(self.problems),
            "notes": list(self.notes),
        }


def push(
    store: Store,
    client: LabelStudioPort,
    *,
    settings: Settings,
    ontology: Ontology,
    at: str,
    rules: Rules | None = None,
    advance: Callable[[int], None] = lambda _count: None,
    pause: Callable[[float], None] = time.sleep,
) -> Pushed:
    """Send every annotator the tasks that they do not have yet, least certain first.

    `rules` are those of the settings where none are given. Raises UsageError where another push of
    this workspace is running, LabelStudioUnreachable where the server stays away; what was sent
    is kept, and the next push goes on.
    """
    with only_one(settings.folder, "push"), seldom_collected():
        plan = save_plan(store, settings, rules or push_rules(settings), at=at)
        with store.transaction() as repo:
            proposals = repo.proposals()
        problems: dict[str, None] = {}
        notes = plan.notes()
        projects = []
        for annotator in settings.annotators:
            given = plan.by_annotator[annotator.name]
            first, maker = (
                TaskMaker(store, ontology, annotator.name, proposals, given) for _ in range(2)
            )
            wanted = _project_of(annotator, settings, ontology)
            likely = _unknown(store, client.url, wanted.marker, plan, annotator.name)
            with ahead(batches(first.tasks(likely))) as made:
                try:
                    project, count = ensure_project(store, client, wanted, notes, at=at)
                except OntologyRefused as error:
                    problems[str(error)] = None
                    continue
                work = ProjectPush(store, client, project, maker, at, advance, pause)
                work.look(count)
                if _bring_up_to_date(work, plan, annotator.name, proposals, likely, made):
                    problems |= dict.fromkeys(first.problems)
            problems |= dict.fromkeys([*maker.problems, *work.problems])
            projects.append(_pushed_to(work))
        return Pushed(tuple(projects), tuple(problems), tuple(notes))


def save_plan(store: Store, settings: Settings, rules: Rules | None, *, at: str) -> PushPlan:
    """The plan, with what is new of it stored."""
    with store.transaction(alone=True) as repo:
        plan = make_plan(repo, settings, rules)
        repo.add_assignments(plan.unsaved, at=at)
    return plan


def _project_of(annotator: Annotator, settings: Settings, ontology: Ontology) -> WantedProject:
    notice = "Sample annotations: an invented annotator.\n" if annotator.sample else ""
    return WantedProject(
        settings,
        annotator.name,
        annotator.name,
        f"{notice}Only {annotator.name} labels here.",
        ontology,
        ontology_to_xml,
    )


def _unknown(store: Store, url: str, marker: str, plan: PushPlan, annotator: str) -> list[str]:
    """What the annotator does not have as far as the store knows, in the order of sending."""
    with store.transaction() as repo:
        project = repo.project(url, marker)
        tasks = repo.tasks(project.id) if project else []
        known = {(t.uid, t.revision) for t in tasks if t.state != "gone"}
        given = plan.by_annotator[annotator]
        unknown = [uid for uid in given if (uid, plan.sizes[uid].revision) not in known]
        return least_certain_first(repo, unknown)


def _bring_up_to_date(
    work: ProjectPush,
    plan: PushPlan,
    annotator: str,
    proposals: dict[str, str],
    likely: list[str],
    made: Iterator[list[Prepared]],
) -> bool:
    """Send what is missing, and newer proposals.

    `made` are batches of what is `likely` missing; True where it is just that, and they were sent.
    """
    given = plan.by_annotator[annotator]
    keys = {uid: (uid, plan.sizes[uid].revision) for uid in given}
    missing = [uid for uid, key in keys.items() if not work.has(key)]
    work.existing = len(keys) - len(missing)
    as_expected = set(missing) == set(likely)
    if as_expected:
        work.send(made)
    else:
        with work.store.transaction() as repo:
            queue = least_certain_first(repo, missing)
        with ahead(batches(work.maker.tasks(queue))) as others:
            work.send(others)
    sent = set(missing)
    work.replace(
        {
            keys[uid]: proposals[uid]
            for uid, assisted in given.items()
            if assisted and uid in proposals and uid not in sent
        }
    )
    return as_expected


def _pushed_to(work: ProjectPush) -> PushedTo:
    return PushedTo(
        annotator=work.project.annotator,
        url=work.client.project_url(work.project.remote_id),
        created=work.created,
        existing=work.existing,
        replaced=work.replaced,
        opened=work.opened,
        doubles=work.doubles,
    )
