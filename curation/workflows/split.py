"""Parts for the gold Documents: grouped, stratified, append-only; folds; and what parts share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from curation.errors import UsageError
from curation.messages import shown
from curation.model import AnnotationSet, Record
from curation.splits.assignment import Placement, Unit, folds, place
from curation.splits.grouping import EVENT_DAYS, SIMILARITY, Grouping, group
from curation.splits.leakage import LeakageCertificate, certify
from curation.splits.months import place_by_month
from curation.splits.stories import Story, story_of, traits
from curation.store import Repository, SplitRecord, Store, Tombstone

__all__ = [
    "Folds",
    "SplitSummary",
    "by_part",
    "certificate",
    "certificate_of",
    "fold_store",
    "ready_gold",
    "split_store",
    "withdraw",
]


@dataclass(frozen=True)
class SplitSummary:
    """What each part has, what was added now, and what was not.

    `waiting`: of the Documents of each part, those that wait outside releases and exports until
    their disputes are settled. `straddling`: groups whose Documents are in two parts since before.
    `withheld`: why each new Document has no part. `withdrawn`: by uid, the reason of those that
    were taken out of a frozen part now. `restored`: came back to theirs. `missing`: (trait, part).
    `links`: what made groups. `leakage`: the certificate of the parts as they are now. `wanted`:
    the share of each part in the settings. `documents`: the part of each Document that has one.
    `disputed`: how many without a part have open disputes.
    """

    parts: Mapping[str, int]
    groups: Mapping[str, int]
    added: int
    straddling: tuple[str, ...]
    leakage: LeakageCertificate
    waiting: Mapping[str, int] = field(default_factory=dict)
    withheld: Mapping[str, str] = field(default_factory=dict)
    withdrawn: Mapping[str, str] = field(default_factory=dict)
    restored: tuple[str, ...] = ()
    missing: tuple[tuple[str, str], ...] = ()
    links: Mapping[str, int] = field(default_factory=dict)
    frozen: tuple[str, ...] = ()
    assigned: Mapping[str, str] = field(default_factory=dict)
    wanted: Mapping[str, float] = field(default_factory=dict)
    documents: Mapping[str, str] = field(default_factory=dict)
    disputed: int = 0
    dry_run: bool = False

    def to_json(self) -> dict[str, Any]:
        """The fields by name."""
        return asdict(self) | {"leakage": self.leakage.to_json()}


@dataclass(frozen=True)
class Folds:
    """Documents by fold for cross-validation, each with its hash and group, and who is left out."""

    seed: int
    by: tuple[str, ...]
    folds: Mapping[str, tuple[Mapping[str, str], ...]]
    left_out: Mapping[str, str]

    def to_json(self) -> dict[str, Any]:
        """The manifest: the same gold and seed, the same manifest."""
        return {"k": len(self.folds)} | asdict(self)


def ready_gold(
    repo: Repository, *, at: str | None = None, include_disputed: bool = False
) -> list[AnnotationSet]:
    """The gold sets by uid, now or as of `at`, of Documents in which nothing is disputed.

    With `include_disputed` of the others too: without what is disputed, and marked as such in
    their provenance.
    """
    disputed = repo.disputed(at=at)
    return [
        _marked(gold) if gold.uid in disputed else gold
        for gold in repo.gold(at=at)
        if include_disputed or gold.uid not in disputed
    ]


def _marked(gold: AnnotationSet) -> AnnotationSet:
    return gold.model_copy(update={"provenance": {**gold.provenance, "disputed": True}})


@dataclass(frozen=True)
class _Corpus:
    """All that a split goes by, read once: gold by uid, disputed or not, and what was placed."""

    gold: Mapping[str, AnnotationSet]
    disputed: Collection[str]
    placed: Mapping[str, SplitRecord]
    stones: Mapping[str, Tombstone]
    stories: Sequence[Story]
    hashes: Mapping[str, str]

    @property
    def ready(self) -> set[str]:
        """Gold without disputes that was not withdrawn."""
        return self.gold.keys() - set(self.disputed) - self.stones.keys()

    @property
    def parts(self) -> dict[str, str]:
        """By uid, of what was placed and is in force."""
        return {u: s.part for u, s in self.placed.items() if u not in self.stones}

    def units(self, grouping: Grouping) -> list[Unit]:
        """What can be placed, and what was."""
        made = []
        for story in self.stories:
            live = story.uid in self.gold and story.uid not in self.stones
            if not live and story.uid not in self.placed:
                continue
            single, joint = traits(self.gold[story.uid], story) if live else ({}, {})
            made.append(Unit(story.uid, grouping.groups[story.uid], single, joint, live))
        return made

    def certified(
        self, parts: Mapping[str, str], similarity: float, days: int
    ) -> LeakageCertificate:
        """Of ready Documents, those that are released."""
        ready = self.ready
        found = {u: p for u, p in parts.items() if u in ready}
        stories = [s for s in self.stories if s.uid in found]
        counts = {s.uid: traits(self.gold[s.uid], s)[0] for s in stories}
        return certify(stories, found, counts, threshold=similarity, days=days)


def _read(repo: Repository) -> _Corpus:
    gold = {g.uid: g for g in ready_gold(repo, include_disputed=True)}
    disputed = repo.disputed()
    placed = {s.uid: s for s in repo.splits(withdrawn=True)}
    clusters = repo.clusters()
    stories, hashes = [], {}
    for document in repo.documents((gold.keys() - disputed) | placed.keys()):
        stories.append(story_of(document, gold.get(document.uid), clusters.get(document.uid)))
        hashes[document.uid] = document.sha256
    stones = {t.uid: t for t in repo.tombstones()}
    return _Corpus(gold, disputed, placed, stones, stories, hashes)


def split_store(
    store: Store,
    *,
    parts: Mapping[str, float],
    seed: int,
    at: str,
    frozen: Collection[str] = (),
    by: Collection[str] = (),
    similarity: float = SIMILARITY,
    days: int = EVENT_DAYS,
    dry_run: bool = False,
) -> SplitSummary:
    """Give every gold Document without disputes a part; those that have one keep it.

    A part in `frozen` is filled if it has no Documents yet, and takes none from then on; what
    loses its gold is taken out of it and recorded. `by`: source, event, month. With `dry_run`
    nothing is stored.
    """
    with store.transaction(alone=not dry_run) as repo:
        corpus = _read(repo)
        if not corpus.ready:
            raise UsageError(f"nothing to split: {_why_nothing(repo)}")
        held = {s.part for s in corpus.placed.values()}
        wanted = _frozen(repo, frozen, parts, held)
        lost, back = _gone(corpus, wanted, at), _back(corpus)
        stones = {u: t for u, t in corpus.stones.items() if u not in back}
        stones |= {t.uid: t for t in lost}
        corpus = _Corpus(**{**vars(corpus), "stones": stones})
        grouping = group(corpus.stories, by=by, similarity=similarity, days=days)
        placement = _place(corpus, grouping, parts, seed, wanted & held, by)
        made = [SplitRecord(a.uid, a.part, a.group, seed) for a in placement.assigned]
        if not dry_run:
            repo.restore(back, at=at)
            repo.add_tombstones(lost)
            repo.add_splits(made, at=at)
            repo.freeze(wanted & (held | {s.part for s in made}), at=at)
    return _summary(
        corpus, grouping, placement, made, lost, back, wanted, parts, by, similarity, days, dry_run
    )


def _frozen(
    repo: Repository, asked: Collection[str], parts: Mapping[str, float], held: Collection[str]
) -> set[str]:
    unknown = sorted(set(asked) - parts.keys() - set(held))
    if unknown:
        known = ", ".join([*parts, *sorted(set(held) - parts.keys())])
        raise UsageError(f"--frozen {shown(unknown[0])}: no such part; parts are {known}")
    return set(asked) | repo.frozen_parts().keys()


def _gone(corpus: _Corpus, frozen: Collection[str], at: str) -> list[Tombstone]:
    """Tombstones for what is in a frozen part and has no gold any more."""
    return [
        Tombstone(s.uid, s.part, "no longer gold", automatic=True, at=at)
        for s in corpus.placed.values()
        if s.part in frozen and s.uid not in corpus.gold and s.uid not in corpus.stones
    ]


def _back(corpus: _Corpus) -> set[str]:
    """What was taken out for having no gold, and has some again."""
    return {u for u, t in corpus.stones.items() if t.automatic and u in corpus.gold}


def _place(
    corpus: _Corpus,
    grouping: Grouping,
    parts: Mapping[str, float],
    seed: int,
    frozen: Collection[str],
    by: Collection[str],
) -> Placement:
    existing = {s.uid: s.part for s in corpus.placed.values()}
    units = corpus.units(grouping)
    if "month" not in by:
        return place(units, parts, seed=seed, existing=existing, frozen=frozen)
    months = {s.uid: s.month for s in corpus.stories if s.month is not None}
    return place_by_month(units, months, parts, existing=existing, frozen=frozen)


def _summary(
    corpus: _Corpus,
    grouping: Grouping,
    placement: Placement,
    made: Sequence[SplitRecord],
    lost: Sequence[Tombstone],
    back: Collection[str],
    frozen: Collection[str],
    shares: Mapping[str, float],
    by: Collection[str],
    similarity: float,
    days: int,
    dry_run: bool,
) -> SplitSummary:
    parts = corpus.parts | {s.uid: s.part for s in made}
    where: dict[str, set[str]] = {}
    for uid, part in parts.items():
        where.setdefault(grouping.groups[uid], set()).add(part)
    straddling = tuple(sorted(g for g, found in where.items() if len(found) > 1))
    if straddling:
        straddling = _straddling(corpus, parts, by, similarity, days)
    order = [*shares, *sorted(set(parts.values()) - shares.keys())]
    sizes = Counter(parts.values())
    return SplitSummary(
        parts={part: sizes[part] for part in order},
        groups=dict(sorted(Counter(part for found in where.values() for part in found).items())),
        added=len(made),
        straddling=straddling,
        leakage=corpus.certified(parts, similarity, days),
        waiting=dict(sorted(Counter(p for u, p in parts.items() if u in corpus.disputed).items())),
        withheld=placement.withheld,
        withdrawn={t.uid: t.reason for t in lost},
        restored=tuple(sorted(back)),
        missing=placement.missing,
        links=grouping.links,
        frozen=tuple(sorted(frozen)),
        assigned={s.uid: s.part for s in made},
        wanted=dict(shares),
        documents=dict(sorted(parts.items())),
        disputed=len(set(corpus.disputed) - corpus.placed.keys()),
        dry_run=dry_run,
    )


def _straddling(
    corpus: _Corpus, parts: Mapping[str, str], by: Collection[str], similarity: float, days: int
) -> tuple[str, ...]:
    """Groups in two parts, without the Documents in between that have no part."""
    stories = [s for s in corpus.stories if s.uid in parts]
    groups = group(stories, by=by, similarity=similarity, days=days).groups
    where: dict[str, set[str]] = {}
    for uid, part in parts.items():
        where.setdefault(groups[uid], set()).add(part)
    return tuple(sorted(g for g, found in where.items() if len(found) > 1))


def withdraw(store: Store, uids: Sequence[str], *, why: str, at: str) -> list[Tombstone]:
    """Take Documents out of their parts for good; UsageError where one has no part."""
    with store.transaction(alone=True) as repo:
        placed = {s.uid: s for s in repo.splits(withdrawn=True)}
        unknown = [uid for uid in uids if uid not in placed]
        if unknown:
            raise UsageError(f"--withdraw {shown(unknown[0])}: has no part; nothing was withdrawn")
        gone = {t.uid for t in repo.tombstones() if not t.automatic}
        made = [
            Tombstone(uid, placed[uid].part, why, automatic=False, at=at)
            for uid in sorted(set(uids) - gone)
        ]
        repo.restore([t.uid for t in made], at=at)  # a person's word takes the place of the rule's
        repo.add_tombstones(made)
    return made


def certificate(
    store: Store, *, similarity: float = SIMILARITY, days: int = EVENT_DAYS
) -> LeakageCertificate:
    """What the parts have in common, of the Documents that a release has."""
    with store.transaction() as repo:
        corpus = _read(repo)
    if not corpus.ready & corpus.parts.keys():
        raise UsageError("nothing to check: no gold document has a part; run: curation split")
    return corpus.certified(corpus.parts, similarity, days)


def certificate_of(
    parts: Mapping[str, Iterable[Record]],
    *,
    similarity: float = SIMILARITY,
    days: int = EVENT_DAYS,
) -> LeakageCertificate:
    """The same of records by part, with no store: what a release says can be computed again."""
    found, stories, counts = {}, [], {}
    for part, records in parts.items():
        for record in records:
            gold = record.annotations or AnnotationSet(uid=record.document.uid, annotator="gold")
            story = story_of(record.document, gold, None)
            stories.append(story)
            found[story.uid] = part
            counts[story.uid] = traits(gold, story)[0]
    return certify(stories, found, counts, threshold=similarity, days=days)


def fold_store(
    store: Store,
    k: int,
    *,
    seed: int,
    by: Collection[str] = (),
    similarity: float = SIMILARITY,
    days: int = EVENT_DAYS,
) -> Folds:
    """Gold without disputes in `k` folds; parts are left as they are, and frozen ones left out."""
    with store.transaction() as repo:
        corpus, frozen = _read(repo), repo.frozen_parts()
        if not corpus.ready:
            raise UsageError(f"nothing to fold: {_why_nothing(repo)}")
    grouping = group(corpus.stories, by=by, similarity=similarity, days=days)
    kept = {grouping.groups[u]: s.part for u, s in corpus.placed.items() if s.part in frozen}
    ready = corpus.ready
    units = [u for u in corpus.units(grouping) if u.uid in ready]
    open_units = [u for u in units if u.group not in kept]
    groups = len({u.group for u in open_units})
    if not 2 <= k <= groups:
        raise UsageError(f"--kfold {k}: give 2 to {groups}, as many as there are groups")
    found: dict[str, list[dict[str, str]]] = {str(fold): [] for fold in range(1, k + 1)}
    for a in folds(open_units, k, seed=seed):
        found[a.part].append({"uid": a.uid, "sha256": corpus.hashes[a.uid], "group": a.group})
    left_out = {u.uid: f"{kept[u.group]} is frozen" for u in units if u.group in kept}
    return Folds(seed, tuple(sorted(by)), {f: tuple(rows) for f, rows in found.items()}, left_out)


def by_part(placed: Iterable[SplitRecord]) -> dict[str, int]:
    """How many Documents each part has, by its name."""
    return dict(sorted(Counter(s.part for s in placed).items()))


def _why_nothing(repo: Repository) -> str:
    held = sum(1 for _ in repo.annotation_sets("gold"))
    if not held:
        return "there is no gold; run: curation adjudicate"
    return f"all {held} adjudicated documents have disputes; curation adjudicate says what helps"
