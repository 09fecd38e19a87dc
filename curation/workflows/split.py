"""Parts for the gold Documents: grouped by near-duplicates, stratified, append-only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from curation.errors import UsageError
from curation.model import AnnotationSet
from curation.splits import Unit, assign
from curation.store import Repository, SplitRecord, Store

__all__ = ["SplitSummary", "by_part", "ready_gold", "split_store"]


@dataclass(frozen=True)
class SplitSummary:
    """How many Documents each part has, how many were added now, and groups that straddle.

    `waiting`: of the Documents of each part, those that wait outside releases and exports until
    their disputes are settled.
    """

    parts: Mapping[str, int]
    groups: Mapping[str, int]
    added: int
    straddling: tuple[str, ...]
    waiting: Mapping[str, int] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """The fields by name."""
        return asdict(self)


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


def split_store(store: Store, *, parts: Mapping[str, float], seed: int, at: str) -> SplitSummary:
    """Give every gold Document without disputes a part; those that have one keep it."""
    with store.transaction(alone=True) as repo:
        gold = ready_gold(repo)
        if not gold:
            raise UsageError(f"nothing to split: {_why_nothing(repo)}")
        clusters = repo.clusters()
        languages = repo.languages()
        existing = {s.uid: s.part for s in repo.splits()}
        units = [_unit(g, languages[g.uid], clusters.get(g.uid, g.uid)) for g in gold]
        settled = [Unit(u, clusters.get(u, u), {}) for u in existing.keys() - {g.uid for g in gold}]
        made = assign([*units, *settled], parts, seed=seed, existing=existing)
        repo.add_splits((SplitRecord(a.uid, a.part, a.group, seed) for a in made), at=at)
        everything, disputed = repo.splits(), repo.disputed()
    where: dict[str, set[str]] = {}
    for s in everything:
        where.setdefault(clusters.get(s.uid, s.uid), set()).add(s.part)
    return SplitSummary(
        parts=by_part(everything),
        groups=dict(sorted(Counter(part for parts_ in where.values() for part in parts_).items())),
        added=len(made),
        straddling=tuple(sorted(group for group, found in where.items() if len(found) > 1)),
        waiting=by_part(s for s in everything if s.uid in disputed),
    )


def by_part(placed: Iterable[SplitRecord]) -> dict[str, int]:
    """How many Documents each part has, by its name."""
    return dict(sorted(Counter(s.part for s in placed).items()))


def _why_nothing(repo: Repository) -> str:
    held = sum(1 for _ in repo.annotation_sets("gold"))
    if not held:
        return "there is no gold; run: curation adjudicate"
    return f"all {held} adjudicated documents have disputes; curation adjudicate says what helps"


def _unit(gold: AnnotationSet, language: str, group: str) -> Unit:
    traits: Counter[str] = Counter({f"language={language}": 1})
    traits.update(f"label={e.label}" for e in gold.entities)
    traits.update(f"type={e.type}" for e in gold.events)
    return Unit(gold.uid, group, traits)
