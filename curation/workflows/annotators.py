"""What each annotator's work looks like: pace, suggestions, agreement, gold, competence."""

from __future__ import annotations

import hashlib
import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, TypeAlias

from curation.adjudication import NOTHING
from curation.annotators import (
    AnnotatorFigures,
    AnnotatorsPage,
    Counts,
    Estimator,
    Pace,
    Read,
    pace_of,
)
from curation.annotators.counts import OpenItem
from curation.corrections import was_corrected
from curation.model import AnnotationSet
from curation.settings import Settings
from curation.store import DocumentSize, Repository, Store
from curation.workflows.agreement import PEOPLE
from curation.workflows.status import Work, read_work

__all__ = ["DOCUMENTS", "REFITS", "read_annotators"]

DOCUMENTS = 2000
"""How many Documents are read item by item; intervals are narrow long before that."""
REFITS = 200
"""How often the model of competence is fitted again: percentiles need not be finer."""

_AT_ONCE = 200
_SAID = re.compile(r"(.*) \[(\d+), (\d+)\)")
_How: TypeAlias = tuple[str, str, Mapping[str, Any]]
"""A uid, who annotated it, and the provenance of that."""


def read_annotators(
    store: Store,
    settings: Settings,
    *,
    rules: Mapping[str, Sequence[str]],
    seed: int = 0,
    resamples: int = 2000,
    refits: int = REFITS,
    most: int = DOCUMENTS,
    advance: Callable[[], None] = lambda: None,
) -> AnnotatorsPage:
    """All annotators that are configured or have done something, by name.

    Counts and times are over everything. Of more than `most` Documents those are read item by item
    that `seed` draws: so many of those that two or more have done, and so many of all. `rules` are
    those of adjudication, by layer.
    """
    with store.transaction() as repo:
        work, how = read_work(repo), list(repo.provenances_of(*PEOPLE))
        sizes = {size.uid: size for size in repo.sizes()}
        done = Counter(uid for uid, _annotator, _provenance in how)
        shared = [uid for uid, people in done.items() if people > 1]
        uids = sorted({*_drawn(shared, most, seed), *_drawn(done, most, seed)})
        counts = Counts(rules, least=max(2, settings.adjudication.min_annotators))
        for read in _read(repo, uids):
            counts.add(read)
            advance()
        clusters, sample = repo.clusters(), any(repo.set_states("sample"))
    estimator = Estimator(
        counts,
        clusters=_numbers(clusters.get(uid) or f"document {uid}" for uid in uids),
        seed=seed,
        resamples=resamples,
        refits=refits,
    )
    names = {a.name for a in settings.annotators} | {n for n, _ in work.assigned | work.skipped}
    of: defaultdict[str, list[_How]] = defaultdict(list)
    for row in how:
        of[row[1]].append(row)
    return AnnotatorsPage(
        annotators=tuple(_figures(n, work, of[n], sizes, estimator) for n in sorted(names)),
        read=(len(uids), len(done)),
        seed=seed,
        resamples=resamples,
        refits=refits,
        sample=sample,
    )


def _drawn(uids: Iterable[str], most: int, seed: int) -> list[str]:
    """As many as `most`, always the same ones for a seed."""

    def place(uid: str) -> str:
        return hashlib.sha256(f"{seed}\n{uid}".encode()).hexdigest()

    return sorted(uids, key=place)[:most]


def _numbers(names: Iterable[str]) -> list[int]:
    known: dict[str, int] = {}
    return [known.setdefault(name, len(known)) for name in names]


def _read(repo: Repository, uids: Sequence[str]) -> Iterator[Read]:
    """Those Documents one by one, in their order, with what belongs to them."""
    still_open = _still_open(repo, uids)
    for first in range(0, len(uids), _AT_ONCE):
        some = uids[first : first + _AT_ONCE]
        gold = {g.uid: g for g in repo.annotation_sets("gold", uids=some)}
        suggested = _suggested(repo, some)
        sets = repo.annotation_sets(*PEOPLE, uids=some)
        for uid, group in groupby(sets, key=lambda s: s.uid):
            said = list({one.annotator: one for one in group}.values())
            began = {
                one.annotator: proposal
                for one in filter(was_corrected, said)
                if (proposal := suggested(one)) is not None
            }
            yield Read(said, gold.get(uid), still_open.get(uid, {}), began)


def _suggested(
    repo: Repository, uids: Sequence[str]
) -> Callable[[AnnotationSet], AnnotationSet | None]:
    """What leads from a set to the suggestions in its task, else to those for its Document."""
    sent = {(uid, task): made for uid, task, made in repo.sent_proposals(uids)}
    proposals = {s.uid: s for s in repo.annotation_sets("model", uids=uids)}

    def of(said: AnnotationSet) -> AnnotationSet | None:
        task = int(said.provenance.get("task") or 0)
        return sent.get((said.uid, task)) or proposals.get(said.uid)

    return of


def _still_open(repo: Repository, uids: Collection[str]) -> dict[str, dict[str, set[OpenItem]]]:
    """By uid and layer, what was said at positions that no rule decides."""
    found: dict[str, dict[str, set[OpenItem]]] = {}
    for decision in repo.open_decisions(uids):
        for candidate, names in decision.body["candidates"].items():
            said = _SAID.fullmatch(candidate)
            if said is None or candidate == NOTHING:
                continue
            items = found.setdefault(decision.uid, {}).setdefault(decision.layer, set())
            items |= {(name, said[1], int(said[2]), int(said[3])) for name in names}
    return found


def _figures(
    name: str,
    work: Work,
    how: Sequence[_How],
    sizes: Mapping[str, DocumentSize],
    estimator: Estimator,
) -> AnnotatorFigures:
    done = sorted(uid for who, uid in work.done if who == name and uid in sizes)
    return AnnotatorFigures(
        annotator=name,
        assigned=sum(who == name for who, _uid in work.assigned),
        done=len(done),
        skipped=sum(who == name for who, _uid in work.skipped),
        words=sum(sizes[uid].words for uid in done),
        assisted=sum(bool(provenance.get("assisted")) for _, _, provenance in how),
        languages=dict(sorted(Counter(sizes[uid].language for uid in done).items())),
        pace=_paces(how, sizes),
        suggestions=estimator.suggestions(name),
        others=estimator.others(name),
        gold=estimator.gold(name),
        gold_without=estimator.gold_without(name),
        competence=estimator.competence(name),
    )


def _paces(how: Iterable[_How], sizes: Mapping[str, DocumentSize]) -> dict[str, Pace]:
    tasks: dict[str, list[tuple[float, int]]] = {"assisted": [], "unassisted": []}
    for uid, _annotator, provenance in how:
        seconds = _seconds(provenance.get("lead_time"))
        if seconds is not None and uid in sizes:
            kind = "assisted" if provenance.get("assisted") else "unassisted"
            tasks[kind].append((seconds, sizes[uid].words))
    return {kind: pace_of(timed) for kind, timed in tasks.items()}


def _seconds(lead_time: object) -> float | None:
    if isinstance(lead_time, bool) or not isinstance(lead_time, int | float):
        return None
    return float(lead_time) if 0 < lead_time < math.inf else None
