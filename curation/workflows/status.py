"""Where the work stands: of each Document and each of its layers, and of each annotator."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from curation.adjudication import ADJUDICATOR, LAYERS
from curation.labelstudio.payload import task_url
from curation.settings import Settings
from curation.store import Repository, Store
from curation.store.counting import RemoteMark, SetRecord, TaskLink
from curation.workflows.agreement import PEOPLE
from curation.workflows.split import by_part

__all__ = [
    "LAYERS",
    "STATES",
    "AnnotatorStatus",
    "DocumentStatus",
    "Status",
    "Work",
    "document_status",
    "read_documents",
    "read_status",
    "read_work",
]

STATES: Mapping[str, str] = {
    "unseen": "given to nobody",
    "open": "given to somebody, and not begun",
    "in work": "begun, not done: a draft, or handed in and in quarantine",
    "skipped": "skipped by all to whom it was given",
    "single": "done by one annotator",
    "double": "done by two or more, not adjudicated",
    "disputed": "adjudicated, and no rule decides some of it",
    "adjudicated": "decided by an adjudicator, nothing is open",
    "gold": "decided by the rules alone, nothing is open",
}
"""What a Document is, or one of its layers: exactly one of these. The later ones win."""


@dataclass(frozen=True)
class AnnotatorStatus:
    """One annotator's work, in Documents; see `Work`."""

    name: str
    assigned: int
    done: int
    skipped: int


@dataclass(frozen=True)
class Work:
    """Pairs of an annotator and a uid.

    All that is done was somebody's to do: work that was imported, or done in a project that was
    made by hand and is nobody's, counts as `assigned` too.
    """

    assigned: frozenset[tuple[str, str]]
    done: frozenset[tuple[str, str]]
    skipped: frozenset[tuple[str, str]]


@dataclass(frozen=True)
class Status:
    """Counts of everything in the workspace.

    `by_status` counts Documents, `by_layer` the same for each layer. `empty` counts those of them
    that were read and in which there is nothing, `empty_by_layer` those without entities, and
    without events. `revisions` are those of annotations and drafts on the server by state,
    `repairs` what was put right in them, by kind. `splits_waiting`: of the Documents of each part,
    those with open disputes, which wait outside releases and exports. `withdrawn`: by uid, the part
    that each was taken out of, and why. `quarantined`: what could not be read, why, and where.
    """

    documents: int
    by_status: Mapping[str, int]
    by_language: Mapping[str, int]
    predictions: int
    annotators: tuple[AnnotatorStatus, ...]
    quarantine: int
    payloads: int
    revisions: Mapping[str, int]
    repairs: Mapping[str, int]
    splits: Mapping[str, int]
    releases: tuple[Mapping[str, Any], ...]
    by_layer: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    empty: Mapping[str, int] = field(default_factory=dict)
    empty_by_layer: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    splits_waiting: Mapping[str, int] = field(default_factory=dict)
    withdrawn: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    quarantined: tuple[Mapping[str, Any], ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The fields by name."""
        return asdict(self)


@dataclass(frozen=True)
class DocumentStatus:
    """One Document: its state, that of each layer, and who has done it.

    `empty`: the layers, of entities and events, that were read and have nothing in what stands:
    the gold where there is one without disputes, else what all say who have done it. `tasks`:
    annotator, state of their task, and its address on the server.
    """

    uid: str
    language: str
    state: str
    layers: Mapping[str, str]
    empty: tuple[str, ...] = ()
    done_by: tuple[str, ...] = ()
    tasks: tuple[Mapping[str, str], ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether it was read, and nothing is in it."""
        return len(self.empty) == 2

    def to_json(self) -> dict[str, Any]:
        """The fields by name, and whether all of it is empty."""
        return asdict(self) | {"empty": self.is_empty, "empty_layers": list(self.empty)}


def read_status(store: Store, settings: Settings) -> Status:
    """The counts, all from the database."""
    with store.transaction() as repo:
        languages, stand = repo.languages(), _stand(repo)
        splits, disputed = repo.splits(), repo.disputed()
        aside = repo.quarantined()
        documents = _documents(repo, stand, languages)
        return Status(
            documents=len(languages),
            by_status=_counts(d.state for d in documents),
            by_language=dict(sorted(Counter(languages.values()).items())),
            predictions=len(repo.annotated("model")),
            annotators=_annotators(_work(repo, stand), settings),
            quarantine=len(aside),
            quarantined=tuple(map(asdict, aside)),
            payloads=repo.payload_count(),
            revisions=repo.remote_counts(),
            repairs=repo.repair_counts(),
            splits=by_part(splits),
            splits_waiting=by_part(s for s in splits if s.uid in disputed),
            withdrawn={t.uid: {"part": t.part, "why": t.reason} for t in repo.tombstones()},
            releases=tuple(asdict(r) for r in repo.releases()),
            by_layer={k: _counts(d.layers[k] for d in documents) for k in LAYERS},
            empty=_counts(d.state for d in documents if d.is_empty),
            empty_by_layer={
                k: _counts(d.layers[k] for d in documents if k in d.empty)
                for k in ("entities", "events")
            },
        )


def read_documents(
    store: Store, *, states: Sequence[str] = (), layer: str | None = None
) -> list[DocumentStatus]:
    """Each Document by uid, or those in one of `states`; in `layer`, where one is named."""
    with store.transaction() as repo:
        stand = _stand(repo)
        found = _documents(repo, stand, repo.languages())
        kept = [d for d in found if not states or (d.layers[layer] if layer else d.state) in states]
        tasks = _tasks(stand, {d.uid for d in kept})
    return [replace(d, tasks=tuple(tasks[d.uid])) for d in kept]


def document_status(repo: Repository) -> dict[str, str]:
    """One of `STATES` for each Document."""
    return {d.uid: d.state for d in _documents(repo, _stand(repo), repo.languages())}


def read_work(repo: Repository) -> Work:
    """Who was given, has done and has skipped what."""
    return _work(repo, _stand(repo))


@dataclass(frozen=True)
class _Stand:
    """What status is told from: sets, tasks, and the drafts there are."""

    sets: Sequence[SetRecord]
    tasks: Sequence[TaskLink]
    drafts: Sequence[RemoteMark]


def _stand(repo: Repository) -> _Stand:
    return _Stand(
        tuple(repo.set_states(*PEOPLE, "gold", ADJUDICATOR)),
        tuple(repo.task_states()),
        tuple(r for r in repo.remote_states("draft") if r.kind == "draft"),
    )


def _work(repo: Repository, stand: _Stand) -> Work:
    done = frozenset((s.annotator, s.uid) for s in stand.sets if s.kind in PEOPLE)
    tasks = [t for t in stand.tasks if not t.adjudicates]
    given = {(t.annotator, t.uid) for t in tasks if t.annotator}
    skipped = {(t.annotator, t.uid) for t in tasks if t.annotator and t.state == "skipped"}
    # In a project that is nobody's, all who have skipped a task.
    nobodys = {t.number for t in tasks if not t.annotator and t.state == "skipped"}
    marks = repo.remote_states("skipped") if nobodys else ()
    skipped |= {(r.annotator, r.uid) for r in marks if r.number in nobodys}
    return Work(frozenset(given) | done | skipped, done, frozenset(skipped))


@dataclass
class _Seen:
    """What is known of one Document before its state is told."""

    done_by: dict[str, None] = field(default_factory=dict)
    entities: bool = False
    events: bool = False
    gold: SetRecord | None = None
    ruling: SetRecord | None = None
    given: set[str] = field(default_factory=set)

    @property
    def is_ruled_last(self) -> bool:
        """Whether an adjudicator's set came after gold, or there is no gold."""
        if self.ruling is None:
            return False
        return self.gold is None or self.ruling.number > self.gold.number


def _documents(
    repo: Repository, stand: _Stand, languages: Mapping[str, str]
) -> list[DocumentStatus]:
    """All Documents, by uid."""
    seen = _seen(stand)
    begun = {draft.uid for draft in stand.drafts}
    begun |= {q.uid for q in repo.quarantined() if q.uid}
    disputed, ruled = map(_by_uid, repo.layers_of_note(ADJUDICATOR))
    found = []
    for uid in sorted(languages):
        of = seen[uid]
        layers = _layers(of, disputed[uid], ruled[uid], _undecided(of, uid in begun))
        state = max(layers.values(), key=_RANK.__getitem__)
        empty = _empty(of, [k for k, v in layers.items() if v == "disputed"])
        found.append(DocumentStatus(uid, languages[uid], state, layers, empty, tuple(of.done_by)))
    return found


def _by_uid(pairs: Iterable[tuple[str, str]]) -> defaultdict[str, set[str]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for uid, layer in pairs:
        found[uid].add(layer)
    return found


_RANK = {state: rank for rank, state in enumerate(STATES)} | {"disputed": 99, "adjudicated": 98}
"""Of the layers' states the one of the Document: all are equal where it is not adjudicated."""


def _seen(stand: _Stand) -> defaultdict[str, _Seen]:
    seen: defaultdict[str, _Seen] = defaultdict(_Seen)
    for said in stand.sets:
        of = seen[said.uid]
        if said.kind == "gold":
            of.gold = said
        elif said.kind == ADJUDICATOR:
            of.ruling = said if of.ruling is None or of.ruling.number < said.number else of.ruling
        else:
            of.done_by.update({said.annotator: None})
            of.entities |= said.entities
            of.events |= said.events
    for task in stand.tasks:
        if not task.adjudicates:
            seen[task.uid].given.add(task.state)
    return seen


def _layers(
    of: _Seen, disputed: Collection[str], ruled: Collection[str], otherwise: str
) -> dict[str, str]:
    """Layer -> state; they differ only where the Document is adjudicated."""
    if of.gold is None and of.ruling is None:
        return dict.fromkeys(LAYERS, otherwise)
    if of.is_ruled_last:  # what an adjudicator says after gold was made closes its disputes
        return dict.fromkeys(LAYERS, "adjudicated")
    closed = {k: "adjudicated" if of.ruling or k in ruled else "gold" for k in LAYERS}
    return closed | {k: "disputed" for k in LAYERS if k in disputed}


def _undecided(of: _Seen, begun: bool) -> str:
    if of.done_by:
        return "double" if len(of.done_by) > 1 else "single"
    if begun:
        return "in work"
    if not of.given:
        return "unseen"
    return "skipped" if of.given == {"skipped"} else "open"


def _empty(of: _Seen, disputed: Collection[str]) -> tuple[str, ...]:
    """The layers without an item in what stands; none of what nobody has read."""
    stands: SetRecord | _Seen | None = of.ruling if of.is_ruled_last else of.gold
    stands = stands or (of if of.done_by else None)
    if stands is None:
        return ()
    filled = {"entities": stands.entities, "events": stands.events}
    return tuple(k for k, some in filled.items() if not some and k not in disputed)


def _tasks(stand: _Stand, uids: Collection[str]) -> defaultdict[str, list[dict[str, str]]]:
    """By uid, the tasks that there are, by annotator."""
    drafts = {draft.number for draft in stand.drafts}
    found: defaultdict[str, list[dict[str, str]]] = defaultdict(list)
    for task in stand.tasks:
        if task.uid in uids:
            begun = task.state == "open" and task.number in drafts
            found[task.uid].append(
                {
                    "annotator": "adjudication" if task.adjudicates else task.annotator,
                    "state": "in work" if begun else task.state,
                    "url": task_url(task.server, task.project, task.remote_id),
                }
            )
    return found


def _counts(states: Iterable[str]) -> dict[str, int]:
    """How many are in each state, in the order of `STATES`, of those that occur."""
    counted = Counter(states)
    return {state: counted[state] for state in STATES if counted[state]}


def _annotators(work: Work, settings: Settings) -> tuple[AnnotatorStatus, ...]:
    assigned, done, skipped = (
        Counter(name for name, _uid in pairs) for pairs in (work.assigned, work.done, work.skipped)
    )
    named = [a.name for a in settings.annotators]
    others = sorted((assigned | skipped).keys() - set(named))
    return tuple(AnnotatorStatus(n, assigned[n], done[n], skipped[n]) for n in [*named, *others])
