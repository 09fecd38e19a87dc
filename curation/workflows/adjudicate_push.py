"""Disputed Documents before an adjudicator: one project, each Document once, the rest prefilled.

What is submitted there comes back with `curation pull`. A push is a comparison, as one for
annotators is: a task that nobody has opened follows its Document's disputes and goes with them.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from curation.adjudication import adjudicate
from curation.adjudication.disputes import Contested, contest
from curation.errors import InputError, UsageError
from curation.labelstudio.adjudication import AGAIN, adjudication_xml, contested_to_task
from curation.labelstudio.payload import task_url
from curation.labelstudio.port import LabelStudioPort
from curation.messages import few, shown
from curation.model import AnnotationSet, Document, text_sha256
from curation.ontology import Ontology
from curation.settings import Settings
from curation.store import ADJUDICATION, Store
from curation.workflows.evidence import Evidence, Said
from curation.workflows.interpret import task_data
from curation.workflows.locking import only_one
from curation.workflows.push_projects import WantedProject, ensure_project
from curation.workflows.push_send import ProjectPush
from curation.workflows.push_tasks import Prepared, batches

__all__ = ["Case", "DisputesPushed", "open_cases", "push_disputes"]

_AT_ONCE = 100
_Key = tuple[str, int]
Rules = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Case:
    """A Document that an adjudicator is to decide; `again`: it was decided, and is asked again."""

    contested: Contested
    again: bool = False


@dataclass(frozen=True)
class DisputesPushed:
    """What a push to the adjudicator did; `url` is "" where there was never anything to decide.

    Of the `documents` with `disputes`, tasks for some were `created`, and `existing` ones found;
    of these, `replaced` were unopened and tell other disputes now, `opened` ones stay as they are.
    `withdrawn`: unopened tasks of Documents without disputes by now, deleted. `again`: where the
    decisions can be changed that were asked for again.
    """

    url: str
    documents: int
    disputes: int
    created: int
    existing: int
    replaced: int = 0
    opened: int = 0
    withdrawn: int = 0
    again: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The fields by name."""
        return asdict(self)


def open_cases(
    store: Store,
    *,
    rules: Rules,
    min_annotators: int,
    nested: bool,
    again: Collection[str] = (),
) -> dict[str, Case]:
    """By uid: Documents with disputes that nobody has decided, and those of `again`.

    Raises UsageError where one of `again` was not decided by an adjudicator.
    """
    evidence = Evidence(store, min_annotators)
    if unknown := sorted(set(again) - evidence.decided):
        raise UsageError(
            f"--again {few(map(shown, unknown), between=', ')}: no adjudicator has decided it yet; "
            "what is disputed is pushed without --again"
        )
    competence = evidence.competence(rules)
    found = {}
    for said in evidence:
        asked = said.uid in again
        if said.final is not None and not asked:
            continue
        case = Case(Contested(_bare(said.final), ())) if said.final else None
        if said.sets:
            result = adjudicate(said.sets, rules, competence=competence, nested=nested)
            contested = contest(said.sets, result, nested=nested)
            case = _case(said, contested)
        if case is not None and (case.again or case.contested.disputes):
            found[said.uid] = case
    return found


def _case(said: Said, contested: Contested) -> Case:
    if said.final is None:
        return Case(contested)
    return Case(Contested(_bare(said.final), contested.disputes), again=True)


def _bare(decided: AnnotationSet) -> AnnotationSet:
    """What was decided, without where each item of it came from."""
    plain = {"score": None, "component": None, "origin": None}
    events = [
        e.model_copy(
            update=plain | {"arguments": tuple(a.model_copy(update=plain) for a in e.arguments)}
        )
        for e in decided.events
    ]
    entities = [e.model_copy(update=plain) for e in decided.entities]
    made = decided.model_copy(update={"entities": tuple(entities), "events": tuple(events)})
    return made.sorted()


def push_disputes(
    store: Store,
    client: LabelStudioPort,
    *,
    settings: Settings,
    ontology: Ontology,
    rules: Rules,
    at: str,
    again: Collection[str] = (),
    anonymous: bool = False,
    advance: Callable[[int], None] = lambda _count: None,
    pause: Callable[[float], None] = time.sleep,
) -> DisputesPushed:
    """Bring the adjudicator's project to what is disputed now.

    Raises UsageError where another one is running or `again` names what is not decided,
    LabelStudioUnreachable where the server stays away; the next push goes on.
    """
    notes: list[str] = []
    with only_one(settings.folder, "push"):

        def cases(of: Collection[str]) -> dict[str, Case]:
            return open_cases(
                store,
                rules=rules,
                min_annotators=settings.adjudication.min_annotators,
                nested=ontology.nested_entities,
                again=of,
            )

        found = cases(again)
        wanted = _project(settings, ontology)
        if not found and not _known(store, client.url, wanted.marker):
            return DisputesPushed("", 0, 0, 0, 0)
        project, count = ensure_project(store, client, wanted, notes, at=at)
        asked = set() if count == 0 else _asked(client, project.remote_id)
        if asked - found.keys():
            found = cases({*again, *_decided(store, asked)})
        maker = _CaseMaker(store, ontology, found, anonymous=anonymous)
        work = ProjectPush(store, client, project, maker, at, advance, pause)
        work.look(count)
        return _brought(work, maker, found, again, notes)


def _project(settings: Settings, ontology: Ontology) -> WantedProject:
    return WantedProject(
        settings,
        ADJUDICATION,
        "adjudication",
        "What annotators dispute is decided here.",
        ontology,
        adjudication_xml,
    )


def _known(store: Store, server: str, marker: str) -> bool:
    with store.transaction() as repo:
        return repo.project(server, marker) is not None


def _asked(client: LabelStudioPort, project: int) -> set[str]:
    """What was asked again by an earlier push, and nobody has opened since."""
    opened = client.opened_tasks(project)
    heads = (h for h in client.task_heads(project) if int(h["id"]) not in opened)
    return {str(data.get("uid")) for data in map(task_data, heads) if data.get(AGAIN) is True}


def _decided(store: Store, uids: Collection[str]) -> set[str]:
    with store.transaction() as repo:
        return uids & repo.annotated("adjudicator").keys()


def _brought(
    work: ProjectPush,
    maker: _CaseMaker,
    cases: Mapping[str, Case],
    again: Collection[str],
    notes: list[str],
) -> DisputesPushed:
    """Tasks withdrawn, renewed and sent, so that there is one for each case."""
    digests = {p.key: str(p.proposal) for p in maker.tasks(list(cases))}
    opened = work.client.opened_tasks(work.project.remote_id) if work.there else set()
    unopened = {key for key, task in work.there.items() if task.remote_id not in opened}
    spare = [key for key in work.there if key in unopened and key not in digests]
    work.withdraw(spare)
    missing = [key for key in digests if not work.has(key)]
    asked = {key for key in digests if key[0] in again and work.has(key)}
    stale = {k for k in unopened & digests.keys() if work.there[k].proposal != digests[k]}
    _renew(work, maker, sorted(stale | asked))
    work.replace(digests)
    work.send(batches(maker.tasks([uid for uid, _revision in missing])))
    return DisputesPushed(
        url=work.client.project_url(work.project.remote_id),
        documents=len(cases),
        disputes=sum(len(c.contested.disputes) for c in cases.values()),
        created=work.created,
        existing=len(digests) - len(missing),
        replaced=work.replaced,
        opened=work.opened,
        withdrawn=len(spare),
        again=tuple(_addresses(work, again)),
        problems=tuple(dict.fromkeys([*maker.problems, *work.problems])),
        notes=tuple(notes),
    )


def _renew(work: ProjectPush, maker: _CaseMaker, keys: Sequence[_Key]) -> None:
    """The list of disputes, before the prediction: a push that is cut off in between goes on."""
    for prepared in maker.tasks([uid for uid, _revision in keys]):
        data = json.loads(prepared.body)["data"]
        work.client.update_task(work.there[prepared.key].remote_id, data)


def _addresses(work: ProjectPush, uids: Collection[str]) -> Iterator[str]:
    for (uid, _revision), task in sorted(work.there.items()):
        if uid in uids:
            yield task_url(work.client.url, work.project.remote_id, task.remote_id)


class _CaseMaker:
    """Makes the tasks of cases; `problems` names those that Label Studio could not show."""

    def __init__(
        self, store: Store, ontology: Ontology, cases: Mapping[str, Case], *, anonymous: bool
    ) -> None:
        self._store = store
        self._ontology = ontology
        self._cases = cases
        self._anonymous = anonymous
        self.problems: list[str] = []

    def tasks(self, uids: Sequence[str]) -> Iterator[Prepared]:
        """The tasks of `uids`, in their order; a few Documents are in memory at a time."""
        for first in range(0, len(uids), _AT_ONCE):
            chunk = uids[first : first + _AT_ONCE]
            with self._store.transaction() as repo:
                documents = {d.uid: d for d in repo.documents(chunk)}
            for uid in chunk:
                try:
                    yield self._prepared(documents[uid])
                except InputError as error:
                    self.problems.append(f"{uid}: {error.message}")

    def _prepared(self, document: Document) -> Prepared:
        case = self._cases[document.uid]
        task = contested_to_task(
            document,
            case.contested,
            self._ontology,
            anonymous=self._anonymous,
            again=case.again,
        )
        body = json.dumps(task, ensure_ascii=False).encode()
        digest = text_sha256(body.decode())
        return Prepared(document.uid, document.revision, body, assisted=True, proposal=digest)
