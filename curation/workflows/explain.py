"""Why something is in gold, is not, or is still open: every decision with those who voted."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from curation.adjudication import ADJUDICATOR, NOTHING
from curation.errors import UsageError
from curation.messages import shown
from curation.model import AnnotationSet, Document, Entity, Event
from curation.store import DecisionRecord, Repository, Store
from curation.workflows.agreement import PEOPLE

__all__ = ["Explained", "Explanation", "Voter", "explain"]

_SPAN = re.compile(r"\[(\d+), (\d+)\)\Z")
"""The place at the end of a candidate; labels and roles may look like one."""


@dataclass(frozen=True)
class Voter:
    """Somebody who annotated the Document, and where that can be seen.

    `guideline` is the version by which they did; `adjudicator`: theirs is the last word.
    """

    name: str
    url: str | None
    updated_at: str | None
    guideline: str | None = None
    adjudicator: bool = False


@dataclass(frozen=True)
class Explained:
    """One decision. `outcome` is what won, None while it is open; `words` the text it is about.

    `against` leads from each other candidate to those who said it. `proposed_by` is the model, and
    its component, that had proposed what won, where one of those for it kept a proposal.
    `overruled` is what the rules would decide, where an adjudicator decided otherwise. `since` is
    when it was decided so. `event` is that of an argument.
    """

    layer: str
    item: str | None
    status: str
    rule: str
    probability: float | None
    outcome: str | None
    words: str
    supporters: tuple[str, ...]
    against: Mapping[str, tuple[str, ...]]
    proposed_by: str | None
    overruled: str | None
    since: str | None
    event: str | None = None


@dataclass(frozen=True)
class Explanation:
    """All that was decided about one Document, or one item of its gold.

    `ontology` is the version of the ontology that was in force.
    """

    uid: str
    decided_at: str
    ontology: str | None
    voters: tuple[Voter, ...]
    decisions: tuple[Explained, ...]

    def to_json(self) -> dict[str, Any]:
        """The fields by name."""
        return asdict(self)


def explain(store: Store, target: str) -> Explanation:
    """Every decision about `target`: a uid, or UID:ID with the id of an item of gold.

    An event's id brings its arguments and attributes along. Raises UsageError where there is no
    such Document, no gold of it, or no such item.
    """
    with store.transaction() as repo:
        document, item = _find(repo, target)
        gold = next(iter(repo.annotation_sets("gold", uids=[document.uid])), None)
        if gold is None:
            raise UsageError(_no_gold(document))
        written = repo.set_times("gold", uids=[document.uid])[gold.uid, gold.annotator, gold.kind]
        said = list(repo.annotation_sets(*PEOPLE, ADJUDICATOR, uids=[document.uid]))
        models = list(repo.annotation_sets("model", uids=[document.uid]))
        decisions = repo.decisions([document.uid])
    about = [d for d in decisions if item is None or _concerns(d, item)]
    if item is not None and not about:
        ids = ", ".join(one.id for one in gold.items) or "none"
        raise UsageError(f"gold of document {document.uid} has no item {shown(item)}; items: {ids}")
    return Explanation(
        uid=document.uid,
        decided_at=written,
        ontology=gold.provenance.get("ontology"),
        voters=tuple(map(_voter, said)),
        decisions=tuple(_explained(d, gold, document, [*said, *models]) for d in about),
    )


def _no_gold(document: Document) -> str:
    again = ""
    if document.revision > 1:
        again = f" (what was said of its text before revision {document.revision} does not count)"
    return (
        f"document {document.uid} has no gold yet; run `curation adjudicate` when enough "
        f"annotators have done it{again}"
    )


def _find(repo: Repository, target: str) -> tuple[Document, str | None]:
    """The Document, and the item if one is named; uids may have colons in them."""
    document = repo.document(target)
    if document is not None:
        return document, None
    parts = target.split(":")
    for i in range(len(parts) - 1, 0, -1):
        document = repo.document(":".join(parts[:i]))
        if document is not None:
            return document, ":".join(parts[i:])
    raise UsageError(
        f"there is no document {shown(target)}; give a uid, or UID:ID for one item of it"
    )


def _concerns(decision: DecisionRecord, item: str) -> bool:
    found = decision.item_id or ""
    return item in (found, decision.body.get("event")) or found.startswith(f"{item}:")


def _voter(one: AnnotationSet) -> Voter:
    known = one.provenance
    return Voter(
        one.annotator,
        known.get("url"),
        known.get("updated_at"),
        known.get("guideline"),
        one.kind == ADJUDICATOR,
    )


def _explained(
    decision: DecisionRecord,
    gold: AnnotationSet,
    document: Document,
    said: Sequence[AnnotationSet],
) -> Explained:
    candidates: Mapping[str, Sequence[str]] = decision.body["candidates"]
    outcome = _outcome(decision, gold)
    supporters = tuple(candidates.get(outcome, ())) if outcome else ()
    return Explained(
        layer=decision.layer,
        item=decision.item_id,
        status=decision.status,
        rule=decision.rule,
        probability=decision.body.get("probability"),
        outcome=outcome,
        words=_words(decision, gold, document, outcome or next(iter(sorted(candidates)))),
        supporters=supporters,
        against={c: tuple(names) for c, names in sorted(candidates.items()) if c != outcome},
        proposed_by=_proposed(decision, gold, said, supporters),
        overruled=decision.body.get("overruled"),
        event=_event(decision, gold, document),
        since=decision.since,
    )


def _outcome(decision: DecisionRecord, gold: AnnotationSet) -> str | None:
    """The candidate that won, in the words of the decision."""
    if decision.status != "agreed":
        return NOTHING if decision.status == "rejected" else None
    first, _, rest = str(decision.item_id).partition(":")
    if decision.layer == "attributes":
        return next(e.attributes[rest] for e in gold.events if e.id == first)
    if decision.layer == "arguments":
        role, _, filler = rest.rpartition(":")
        target = _item(gold, filler)
        return f"{role} [{target.start}, {target.end})"
    start, end, label = _item(gold, first).key
    return f"{label} [{start}, {end})"


def _event(decision: DecisionRecord, gold: AnnotationSet, document: Document) -> str | None:
    """The event of an argument, with its words."""
    if decision.layer != "arguments":
        return None
    name = decision.body.get("event") or str(decision.item_id).partition(":")[0]
    found = next((e for e in gold.events if e.id == name), None)
    return f'{name} "{document.text[found.start : found.end]}"' if found else None


def _item(gold: AnnotationSet, name: str) -> Entity | Event:
    return next(item for item in gold.items if item.id == name)


def _words(decision: DecisionRecord, gold: AnnotationSet, document: Document, said: str) -> str:
    if decision.layer == "attributes":
        item = _item(gold, str(decision.item_id).partition(":")[0])
        return document.text[item.start : item.end]
    candidates = [said, *decision.body["candidates"]]
    spans = [(int(m[1]), int(m[2])) for c in candidates for m in _SPAN.finditer(c)]
    return document.text[slice(*spans[0])]


def _proposed(
    decision: DecisionRecord,
    gold: AnnotationSet,
    said: Sequence[AnnotationSet],
    supporters: Sequence[str],
) -> str | None:
    """The model and component behind the item, where one of those for it left it as proposed."""
    if decision.status != "agreed" or decision.layer not in ("entities", "events"):
        return None
    key = _item(gold, str(decision.item_id)).key
    same = [(one, item) for one in said for item in one.items if item.key == key]
    kept = {
        item.component
        for one, item in same
        if one.annotator in supporters and item.origin == "prediction" and item.component
    }
    if not kept:
        return None
    models = sorted({one.annotator for one, item in same if one.kind == "model"})
    return ", ".join([*models, min(kept)])
